// Every engine and every form of the matrix product by name, over numbers of replicas: what decides between them.
//
//   node bench/gpu-day/forms.mjs FILE.json      adds "forms" to the file
//
// Steps of all replicas are counted. After three steps the value of the last replica has to be the same for all forms: at R =
// 4096 no test looks. A form that would take too long for one step, by what it took at fewer replicas, is left out.
import * as m from "../dist/library.js";
import { alive, kept, left, why } from "./figures.mjs";

const gaussian = (dims) => m.sources.gaussian({ dims, rho: 0.5 });
const shuffled = (joint, perJoint = 1) => ({ joint, negatives: "shuffle", perJoint });

/** Critics by name; `towers` is that of a default estimate of two columns. */
export const critics = {
  small: { source: gaussian(1), critic: m.critics.mlp([64, 64]), pairs: shuffled(128) },
  "small, 2048 scores": { source: gaussian(1), critic: m.critics.mlp([64, 64]), pairs: shuffled(128, 15), most: 256 },
  towers: {
    source: gaussian(1),
    critic: m.critics.towers({ tower: [64, 64], embed: 32, head: [32], products: 16, activation: "silu" }),
    pairs: shuffled(64, 4),
  },
  wide: { source: gaussian(20), critic: m.critics.mlp([256, 256]), pairs: shuffled(64), most: 256 },
};

/** By hundreds first: if the time ends early, each decade has a figure. */
const REPLICAS = [1, 256, 16, 4096, 64, 1024, 4, 16384];
const FORMS = [
  ...["portable", "tiled", "subgroup"].map((tile) => ({ engine: "layered", tile })),
  { engine: "resident" },
];
/** Seconds that a step may take. */
const LONGEST = 2;
const SECONDS = 0.15;

const optionsOf = ({ source, critic, pairs }, replicas, form) => ({
  ...{ source, critic, pairs, replicas, trace: false, ...form },
  estimator: m.remine({ lambda: 0.1 }),
  optimizer: m.adam({ learningRate: 1e-4 }),
});

/** The value of the last replica's batch. */
async function lastValue(gpu, trainer) {
  const stats = m.unpackArray("ScoreStats", await gpu.read(trainer.tensors.training.stats)).at(-1);
  return stats.joint_mean - stats.marginal_lme;
}

async function measure(gpu, critic, replicas, form) {
  const began = performance.now();
  const trainer = await m.createTrainer(gpu, optionsOf(critic, replicas, form));
  try {
    await trainer.step(1);
    const readyMs = performance.now() - began;
    const second = performance.now();
    await trainer.step(2);
    const once = (performance.now() - second) / 2000;
    const value = await lastValue(gpu, trainer);
    if (once > SECONDS) return { rate: replicas / once, readyMs, value };
    const rates = [];
    for (let run = 0; run < 3; run++) rates.push((await m.rate(trainer, SECONDS)).wall);
    return { rate: m.median(rates), readyMs, value };
  } finally {
    trainer.dispose();
  }
}

/** Everything that is tried, in its order. */
const tries = REPLICAS.flatMap((replicas) =>
  Object.keys(critics)
    .filter((critic) => replicas <= (critics[critic].most ?? Number.POSITIVE_INFINITY))
    .flatMap((critic) => FORMS.map((form) => ({ critic, replicas, ...form }))),
);

/** Why a form is not tried with so many replicas, by what it did with others. */
function reason(before, replicas) {
  // What it refuses with one replica it refuses with more.
  if (before.some(({ refused }) => refused)) return "refused";
  // With more replicas its rate does not fall by much.
  const seconds = replicas / Math.max(0, ...before.map(({ rate = 0 }) => rate));
  if (seconds < Number.POSITIVE_INFINITY && seconds > Math.min(LONGEST, left() / 8))
    return `a step would take ${seconds.toFixed(1)} s`;
}

async function main(file) {
  let gpu = await m.open({ quiet: true });
  const { list, add } = kept(file, "forms");
  for (const entry of tries) {
    if (left() < 2) break;
    const { critic, replicas, ...form } = entry;
    const skipped = reason(
      list.filter((f) => f.critic === critic && f.engine === form.engine && f.tile === form.tile),
      replicas,
    );
    if (skipped === "refused") continue;
    try {
      Object.assign(entry, skipped ? { skipped } : await measure(gpu, critics[critic], replicas, form));
    } catch (error) {
      entry[replicas === 1 ? "refused" : "skipped"] = why(error);
      gpu = await alive(gpu, m.open);
    }
    add(entry);
    const said = entry.rate ? `${m.figure(entry.rate)} estimator-steps/s` : (entry.refused ?? entry.skipped);
    console.log(`${critic}, R ${replicas}, ${form.engine}${form.tile ? `, ${form.tile}` : ""}: ${said}`);
  }
  gpu.dispose();
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2]);
