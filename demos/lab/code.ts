/** The code that gives a side's estimate outside of this page: same seed, same adapter, same steps, same bits. */
import type { Settings } from "./settings.ts";
import { isHeld, type Key, pairsOf, windowOf } from "./side.ts";

const value = (thing: unknown): string =>
  thing !== null && typeof thing === "object"
    ? `{ ${Object.entries(thing)
        .map(([name, part]) => `${name}: ${value(part)}`)
        .join(", ")} }`
    : JSON.stringify(thing);

const estimator = (name: string, { lambda, C }: Settings) => (isHeld(name) ? { name, lambda, C } : name);

const optimizer = ({ optimizer, learningRate }: Settings) =>
  optimizer === "adam"
    ? `adam(${value({ learningRate })})`
    : `sgd(${value({ learningRate, momentum: optimizer === "momentum" ? 0.9 : 0 })})`;

const critic = ({ setup }: Settings) =>
  setup === "paper" ? "critics.mlp([256], { outputBias: false })" : 'critics.mlp([64, 64], { activation: "silu" })';

/** The points around a curve, as data.ts draws them. */
const points = ({ noise, seed }: Settings, curve: string) => `// 32768 points around a curve, with normal noise
let state = ${seed};
const next = () => {
  state = (state + 0x9e3779b9) | 0;
  let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
};
const curve = ${curve};
const [x, y] = [new Float32Array(32768), new Float32Array(32768)];
for (let i = 0; i < 32768; i++) {
  const [a, b] = curve(next());
  const radius = Math.sqrt(-2 * Math.log(next()));
  const angle = 2 * Math.PI * next();
  x[i] = a + ${noise} * (radius * Math.cos(angle));
  y[i] = b + ${noise} * (radius * Math.sin(angle));
}
`;

const curves = {
  ring: "(t) => [Math.cos(2 * Math.PI * t), Math.sin(2 * Math.PI * t)]",
  spiral: `(t) => {
  const angle = 4.5 * Math.PI * Math.sqrt(t);
  return [(angle / (4.5 * Math.PI)) * Math.cos(angle), (angle / (4.5 * Math.PI)) * Math.sin(angle)];
}`,
  sine: "(t) => [2 * t - 1, Math.sin(2 * Math.PI * t)]",
};

/** The data's own code, and the source. */
export function dataCode(settings: Settings): [before: string, source: string] {
  const { data, n, dims, rho } = settings;
  if (data === "one-hot") return ["", `sources.oneHot(${n})`];
  if (data === "gaussian") return ["", `sources.gaussian(${value({ dims, rho })})`];
  return [points(settings, curves[data]), "sources.rows({ data: x, columns: 1 }, { data: y, columns: 1 })"];
}

/** @param sides those that can be trained so far: an estimate that left the range of numbers is none */
export function codeOf(settings: Settings, steps: number, sides: readonly Key[]): string {
  const [before, source] = dataCode(settings);
  const list = sides.map((key) => {
    const pairs = pairsOf(settings, settings[key]);
    return `  ${value({ estimator: estimator(settings[key], settings), pairs })},\n`;
  });
  const maker = settings.optimizer === "adam" ? "adam" : "sgd";
  const names = [maker, "createTrainer", "critics", "open", "sources"].sort();
  return `import { ${names.join(", ")} } from "remine";

${before}const gpu = await open();
const source = ${source};
for (const side of [
${list.join("")}]) {
  const trainer = await createTrainer(gpu, {
    ...side,
    source,
    critic: ${critic(settings)},
    optimizer: ${optimizer(settings)},
    seed: ${settings.seed},
    window: ${windowOf(settings)},
    engine: "layered",
    tile: "portable",
  });
  await trainer.step(${steps});
  console.log((await trainer.read()).averages[0].micro);
}`;
}
