/** The module that gives a moment's very number: for visitors to copy. */
import { SIZES, type Size } from "./learner.ts";
import type { Moment } from "./plane-run.ts";
import { ALONG, curves, SAMPLES, type Shape } from "./shapes.ts";

/** The numbers that the samples are made of: SplitMix32, and normals by Box and Muller. */
const RANDOM = `let state = 1;
function uniform() {
  state = (state + 0x9e3779b9) | 0;
  let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
function normals() {
  const radius = Math.sqrt(-2 * Math.log(uniform()));
  const angle = 2 * Math.PI * uniform();
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}`;

function centresCode({ kind, centres }: Shape): string {
  if (kind === "own") return `const centres = ${JSON.stringify(centres)};`;
  const { code } = curves[kind as keyof typeof curves];
  return `const curve = ${code};
const centres = Array.from({ length: ${ALONG} }, (_, k) => curve((k + 0.5) / ${ALONG}));`;
}

/** Fills the arrays x and y as {@link Pair.sample} does. */
export function samplesCode(shape: Shape): string {
  const { kind, width, rho } = shape;
  const arrays = `const x = new Float32Array(${SAMPLES});
const y = new Float32Array(${SAMPLES});`;
  if (kind === "normal") {
    return `${RANDOM}

${arrays}
for (let i = 0; i < ${SAMPLES}; i++) {
  const [a, b] = normals();
  uniform();
  x[i] = a;
  y[i] = ${rho} * a + Math.sqrt(1 - ${rho} * ${rho}) * b;
}`;
  }
  return `${RANDOM}

${centresCode(shape)}
${arrays}
for (let i = 0; i < ${SAMPLES}; i++) {
  const [a, b] = normals();
  const [middleX, middleY] = centres[Math.floor(uniform() * centres.length)];
  x[i] = middleX + ${width} * a;
  y[i] = middleY + ${width} * b;
}`;
}

export function planeCode({ shape, seed, steps, nodes }: Moment): string {
  const { joint, perJoint, hidden, learningRate, window }: Size = nodes === SIZES.cpu.nodes ? SIZES.cpu : SIZES.gpu;
  return `import { adam, createTrainer, critics, open, remine, sources } from "remine";

// The samples: ${shape.kind === "normal" ? "two normals" : "points of a curve, blurred by the brush"}.
${samplesCode(shape)}

// The network, and as many steps as here.
const trainer = await createTrainer(await open(), {
  source: sources.rows({ data: x, columns: 1 }, { data: y, columns: 1 }),
  pairs: { joint: ${joint}, negatives: "shuffle", perJoint: ${perJoint} },
  critic: critics.mlp([${hidden.join(", ")}], { activation: "silu" }),
  estimator: remine(),
  optimizer: adam({ learningRate: ${learningRate}, clipNorm: 1 }),
  window: ${window},
  seed: ${seed},
  trace: false,
});
await trainer.step(${steps});
console.log((await trainer.read()).averages[0].micro);`;
}

/** What to know of the number: it is that of the page unless the page's network has come from another shape. */
export const codeNote = ({ pure, steps, estimate }: Moment): string =>
  pure
    ? `Gives ${estimate === null ? "the number above" : estimate.toPrecision(7)} after ${steps} steps: the same seed, adapter and steps give the same bits.`
    : "This page’s network has come here from another shape; this code learns the shape from the start, so that its number may " +
      "differ. Press Again, and it is the very same.";
