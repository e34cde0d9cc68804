// How the cost grows: steps per second over R, N, H and, for matrices, columns. One axis at a time, the others at rest.
//
//   node bench/scaling.mjs [--adapter NAME] [--axes R,N,H,columns] [--most-seconds 4] [--seconds 0.3] [--output docs/scaling.svg]
//
// It draws an SVG and writes the figures beside it as JSON. A point that would take a step longer than --most-seconds, or
// more memory than the adapter binds, ends its axis and is named.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import * as m from "./dist/library.js";
import { chosen, figure, machineOf, operationsOf, optionsOf, rate, spread, steps } from "./dist/library.js";
import { tableOf } from "./workloads.mjs";

const { values: options } = parseArgs({
  options: {
    adapter: { type: "string" },
    axes: { type: "string" },
    seconds: { type: "string", default: "0.3" },
    "most-seconds": { type: "string", default: "4" },
    output: { type: "string" },
  },
});
const seconds = Number(options.seconds);
const most = Number(options["most-seconds"]);
const powers = (first, last, factor = 2) => {
  const list = [];
  for (let v = first; v <= last; v *= factor) list.push(v);
  return list;
};

/** What varies, from where to where, and the workload at a point. */
const trained = {
  R: {
    title: "over R estimators",
    detail: "2-64-64-1, 128 + 128",
    values: powers(1, 4096, 4),
    at: (R) => ({ ...steps.W3x1, replicas: R }),
  },
  N: {
    title: "over N joint pairs",
    detail: "40-256-256-1, shuffled",
    values: powers(32, 4096),
    at: (N) => ({ ...steps.W1, joint: N }),
  },
  H: {
    title: "over H hidden units",
    detail: "40-H-H-1, 64 + 64",
    values: powers(16, 1024),
    at: (H) => ({ ...steps.W1, hidden: [H, H] }),
  },
};
const wanted = chosen(options.axes, [...Object.keys(trained), "columns"], [...Object.keys(trained), "columns"]);

const gpu = await m.open({ adapter: options.adapter, quiet: true });
const result = { machine: machineOf(gpu), settings: { seconds }, axes: {} };

/** Rates of one trained point: three runs, fewer where a step takes long. */
async function point(w) {
  const trainer = await m.createTrainer(gpu, { ...optionsOf(m, w), engine: "auto" });
  try {
    await trainer.step(1);
    const began = performance.now();
    await trainer.step(1);
    const each = (performance.now() - began) / 1000;
    if (each > most) throw new Error(`a step takes ${figure(each)} s`);
    if (each < seconds) await rate(trainer, seconds / 2);
    const rates = [];
    for (let run = 0; run < (each < seconds ? 3 : 1); run++) rates.push((await rate(trainer, seconds)).wall);
    const { median, least, most: largest } = spread(rates);
    return { engine: trainer.engine, rate: median, least, most: largest, gflops: (median * operationsOf(w)) / 1e9 };
  } finally {
    trainer.dispose();
  }
}

/** Pairs per second of a matrix, and seconds before the first: from a call with few pairs and one that takes a while more. */
async function columnsPoint(columns) {
  const table = tableOf({ columns, rows: 2000 });
  const all = table.flatMap((a, i) => table.slice(i + 1).map((b) => [a.name, b.name]));
  const timed = async (count) => {
    const began = performance.now();
    await m.matrix(table, { gpu, pairs: all.slice(0, count) });
    return (performance.now() - began) / 1000;
  };
  const few = 2;
  await timed(few);
  const short = await timed(few);
  let [count, long] = [few, short];
  while (long - short < 4 * seconds && count < all.length) {
    count = Math.min(4 * count, all.length);
    long = await timed(count);
  }
  const each = Math.max(long - short, 1e-9) / (count - few);
  return { rate: 1 / each, before: Math.max(0, short - few * each), pairs: count, of: all.length };
}

try {
  for (const axis of wanted) {
    const points = [];
    result.axes[axis] = { points };
    for (const value of axis === "columns" ? powers(8, 256) : trained[axis].values) {
      try {
        const made = axis === "columns" ? await columnsPoint(value) : await point(trained[axis].at(value));
        points.push({ value, ...made });
        console.log(
          `${axis} = ${String(value).padEnd(5)} ${figure(made.rate).padStart(8)} ${axis === "columns" ? "pairs/s" : `steps/s, ${figure(made.gflops)} GFLOP/s, ${made.engine}`}`,
        );
      } catch (error) {
        result.axes[axis].end = { value, why: error.message };
        console.log(`${axis} = ${value}: ${error.message}; no larger one is tried`);
        break;
      }
    }
  }
} finally {
  gpu.dispose();
}

/** One panel: both axes as powers, because both span decades. */
function panel(axis) {
  const { points } = result.axes[axis];
  const isMatrix = axis === "columns";
  const { title, detail } = isMatrix ? { title: "over columns", detail: "KSG matrix, 2000 rows" } : trained[axis];
  const log10 = (field) => points.map((p) => Math.log10(p[field]));
  return {
    title,
    subtitle: detail,
    x: { label: `log₂ ${axis}`, values: points.map((p) => Math.log2(p.value)) },
    y: { label: "log₁₀ per second" },
    series: [
      { name: isMatrix ? "pairs" : "steps of all replicas", values: log10("rate") },
      ...(isMatrix ? [] : [{ name: "GFLOP", values: log10("gflops"), dashed: true }]),
    ],
  };
}

const svg = options.output ?? "docs/scaling.svg";
mkdirSync(dirname(svg), { recursive: true });
const { adapter, commit, cores, cpu } = result.machine;
const drawn = m.panelsFigure({
  title: "How the cost of a step grows",
  subtitle: `${adapter}, ${cores} × ${cpu}, commit ${commit}`,
  panels: wanted.filter((axis) => result.axes[axis].points.length > 0).map(panel),
  columns: 2,
});
writeFileSync(svg, `${drawn}\n`);
writeFileSync(svg.replace(/(\.svg)?$/, ".json"), `${JSON.stringify(result, null, 1)}\n`);
console.log(`${svg} and the figures beside it`);
