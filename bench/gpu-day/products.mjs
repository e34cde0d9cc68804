// Matrix products by name, forward and backward, each alone by the adapter's clock: which form is nearest to the card's peak at
// which shape, and how many workgroups it takes to fill the card.
//
//   node bench/gpu-day/products.mjs FILE.json      adds "products" and "peaks" to the file
//
// A product of (rows, inputs) by (inputs, outputs) is the second layer of a perceptron; its dispatches are those of a trainer's
// plan, so they are what is trained with.
import { writeFileSync } from "node:fs";
import * as m from "../dist/library.js";
import { alive, figuresOf, kept, left, why } from "./figures.mjs";

const FORMS = ["portable", "tiled", "subgroup"];
const LAYERS = [
  [20, 64],
  [64, 64],
  [64, 256],
  [256, 256],
];
const KERNELS = ["forward_linear", "backward_linear", "backward_weight"];
/** Numbers that the largest tensor may have. */
const MOST = 2 ** 27;
const LONGEST = 5;
const SHORT = { runs: 3, milliseconds: 4 };

/** From the fewest operations on, so that what is too slow is known before it is tried. */
const shapes = [1, 16, 256, 4096]
  .flatMap((replicas) => [128, 1024, 4096].map((rows) => ({ replicas, rows })))
  .flatMap((shape) => LAYERS.map(([inputs, outputs]) => ({ ...shape, inputs, outputs })))
  .map((shape) => ({ ...shape, operations: 2 * shape.replicas * shape.rows * shape.inputs * shape.outputs }))
  .filter(({ replicas, rows, inputs, outputs }) => replicas * rows * Math.max(inputs, outputs) <= MOST)
  .sort((a, b) => a.operations - b.operations);

async function measure(gpu, stopwatch, { replicas, rows, inputs, outputs, operations }, tile) {
  const trainer = await m.createTrainer(gpu, {
    ...{ source: m.sources.gaussian({ dims: 3, rho: 0.5 }), critic: m.critics.mlp([inputs, outputs]), replicas },
    ...{ pairs: { joint: rows / 2, negatives: "shuffle" }, engine: "layered", trace: false },
    ...(tile && { tile }),
  });
  const found = {};
  try {
    await trainer.step(1);
    for (const line of trainer.plan().filter(({ kernel }) => KERNELS.includes(kernel))) {
      const { dims } = line.bindings;
      if (dims.inputs !== inputs || dims.outputs !== outputs || dims.rows !== rows) continue;
      const program = await m.Program.compile(gpu, [line]);
      try {
        const seconds = await stopwatch.time((pass) => program.encode(pass));
        const workgroups = line.workgroups.reduce((a, b) => a * b);
        found[line.kernel] = { gflops: operations / seconds / 1e9, microseconds: 1e6 * seconds, workgroups };
      } finally {
        program.dispose();
      }
    }
    return found;
  } finally {
    trainer.dispose();
  }
}

async function main(file) {
  let gpu = await m.open({ quiet: true });
  let stopwatch = new m.Stopwatch(gpu, SHORT);
  const peaks = figuresOf(file).peaks ?? { ...(await m.peaks(gpu, stopwatch)), method: stopwatch.method };
  writeFileSync(file, `${JSON.stringify({ ...figuresOf(file), peaks }, null, 1)}\n`);
  const { list, add } = kept(file, "products");
  const refused = new Set();
  for (const { operations, ...shape } of shapes) {
    for (const tile of FORMS.filter((name) => !refused.has(name))) {
      if (left() < 1) return gpu.dispose();
      const rates = list
        .filter((p) => p.tile === tile)
        .flatMap((p) => Object.values(p.kernels).map((k) => 1e9 * k.gflops));
      // Three products, each about ten times.
      if (rates.length > 0 && (30 * operations) / Math.max(...rates) > Math.min(LONGEST, left() / 4)) continue;
      try {
        const kernels = await measure(gpu, stopwatch, { ...shape, operations }, tile);
        add({ ...shape, tile, kernels });
        const said = Object.entries(kernels).map(
          ([name, k]) =>
            `${name} ${m.figure(k.gflops)} (${(100e9 * (k.gflops / peaks.flops)).toFixed(0)} %, ${k.workgroups} workgroups)`,
        );
        console.log(`${Object.values(shape).join(" x ")}, ${tile}, GFLOP/s: ${said.join(", ")}`);
      } catch (error) {
        if (list.every((p) => p.tile !== tile)) refused.add(tile);
        gpu = await alive(gpu, m.open);
        stopwatch = new m.Stopwatch(gpu, SHORT);
        console.log(`${Object.values(shape).join(" x ")}, ${tile}: ${why(error)}`);
      }
    }
  }
  gpu.dispose();
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2]);
