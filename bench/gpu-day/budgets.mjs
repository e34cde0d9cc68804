// What the numbers of the profile (src/gpu/profile.ts) do here: each is changed and the same work is timed.
//
//   node bench/gpu-day/budgets.mjs FILE.json      adds "budgets" to the file
import * as m from "../dist/library.js";
import { kept, left, why, withProfile } from "./figures.mjs";

const RUN = 0.2;

/** Steps of all replicas per second of a workload under a changed profile: of three runs the median, the least, the most. */
async function stepRates(gpu, name, changes, options = {}) {
  const trainer = await m.createTrainer(withProfile(gpu, changes), { ...m.optionsOf(m, m.steps[name]), ...options });
  try {
    await trainer.step(1);
    await m.rate(trainer, RUN / 2);
    const rates = [];
    for (let run = 0; run < 3; run++) rates.push((await m.rate(trainer, RUN)).wall);
    const { median, least, most } = m.spread(rates);
    return { rate: median, least, most };
  } finally {
    trainer.dispose();
  }
}

/** A handle of the GPU that notes how long each piece of work takes from its submit to its answer, milliseconds. */
function noting(gpu) {
  const handle = withProfile(gpu, {});
  const { submit, done, read } = handle;
  const pieces = [];
  let began;
  const ended = async (answer) => {
    const value = await answer;
    if (began !== undefined) pieces.push(performance.now() - began);
    began = undefined;
    return value;
  };
  Object.assign(handle, {
    submit(encode) {
      began ??= performance.now();
      submit.call(handle, encode);
    },
    done: () => ended(done.call(handle)),
    read: (...what) => ended(read.apply(handle, what)),
  });
  return { handle, pieces };
}

/** The longest pieces of work that were limited alike: their number, and their median in milliseconds. */
function longest(pieces) {
  const top = Math.max(...pieces);
  const full = pieces.filter((ms) => ms > top / 2);
  return { pieces: full.length, milliseconds: m.median(full) };
}

const POINTS = 2048;
const PICKS = [0, 1, 2, 3, 4, 5];

/** A search by brute force, of so many replicas that its work takes two submits. */
async function search(gpu) {
  const { searchWork } = gpu.profile;
  const { handle, pieces } = noting(gpu);
  const table = { data: m.numbers(POINTS * PICKS.length, 3), columns: PICKS.length };
  const run = (replicas) => {
    const picks = Array.from({ length: replicas }, () => PICKS);
    const source = m.sources.rows(table, { data: new Float32Array(0), columns: 0 }, { picks });
    return m.neighborsBatch(handle, { ...source, xWidth: 3, yWidth: 3 });
  };
  await run(1); // compiles
  pieces.length = 0;
  await run(Math.ceil((2 * searchWork) / (POINTS ** 2 * PICKS.length)));
  return { value: searchWork, ...longest(pieces) };
}

/** The first look at all pairs of many columns. */
async function screen(gpu) {
  const { handle, pieces } = noting(gpu);
  const columns = (count) =>
    Array.from({ length: count }, (_, c) => ({ name: `c${c}`, values: Float64Array.from(m.numbers(4096, 7 + c)) }));
  const run = (count) => m.matrix(columns(count), { gpu: handle, screen: 4, copies: "keep" });
  await run(32);
  pieces.length = 0;
  await run(gpu.isSoftware ? 128 : 768);
  return { value: gpu.profile.screenWork, ...longest(pieces) };
}

const sweeps = {
  async fullAt(gpu, add) {
    const engine = "layered";
    for (const what of ["W1", "W2"])
      for (const value of [1, 64, 128, 256, 512, 1024])
        add({ key: "fullAt", value, what, ...(await stepRates(gpu, what, { fullAt: value }, { engine })) });
  },
  async trainingMilliseconds(gpu, add) {
    const key = "trainingMilliseconds";
    for (const what of ["W1", "W3x16"])
      for (const value of [5, 10, 20, 40, 80, 160])
        add({ key, value, what, ...(await stepRates(gpu, what, { [key]: value })) });
  },
  async searchWork(gpu, add) {
    add({ key: "searchWork", what: `${POINTS} points of 3 + 3 columns`, ...(await search(gpu)) });
  },
  async screenWork(gpu, add) {
    add({ key: "screenWork", what: "a first look at all pairs", ...(await screen(gpu)) });
  },
};

async function main(file) {
  const gpu = await m.open({ quiet: true });
  const { list, add } = kept(file, "budgets");
  for (const [key, sweep] of Object.entries(sweeps)) {
    if (left() < 1) break;
    try {
      await sweep(gpu, (entry) => {
        if (left() < 1) throw new Error("no time left");
        add(entry);
        console.log(JSON.stringify(entry));
      });
    } catch (error) {
      console.log(`${key}: ${why(error)}`);
    }
  }
  console.log(`${list.length} figures of budgets`);
  gpu.dispose();
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2]);
