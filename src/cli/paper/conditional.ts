/**
 * Conditional MI on the models of the CCMI paper (Mukherjee, Asnani and Kannan 2019, arXiv:1906.01824): X and Y share a noise, and Y
 * follows Z besides. I(X;Y|Z) = I(X; Y, Z) − I(X; Z), each by a critic of its own, on rows that it has not seen; and by neighbours.
 */
import { deviation } from "d3-array";
import { mlp } from "../../critics/mlp.ts";
import { ccmi, type Estimator, mine, remine } from "../../estimators/estimator.ts";
import { shuffled } from "../../math/random.ts";
import { logMeanExp, mean } from "../../math/statistics.ts";
import { neighbors } from "../../neighbors/neighbors.ts";
import { identityPairs, type TableSource } from "../../sources/table.ts";
import { type Adam, adam } from "../../training/optimizer.ts";
import type { StepOptions } from "../../training/options.ts";
import { createTrainer, type Trainer } from "../../training/trainer.ts";
import { type Bench, compact } from "./experiment.ts";
import { normals, uniforms } from "./random.ts";

/** Standard deviation of the noise between X and Y: I(X;Y|Z) = ½ ln(1 + 1 / .01). */
const NOISE = 0.1;
export const TRUTH = 0.5 * Math.log(1 + 1 / NOISE ** 2);
/** Pairings of held-out rows that the log-partition is taken over. */
const SHIFTS = 10;

export type Model = "I" | "II";

/** One data set: a model, its rows, and the width of Z. */
export interface Point {
  model: Model;
  rows: number;
  width: number;
}

interface Recipe {
  estimator: Estimator;
  hidden: number[];
  batch: number;
  optimizer: Adam;
  epochs: number;
}

/** The critics of the CCMI paper's supplement; ReMINE is its MINE with another objective. */
const mineRecipe = {
  hidden: [64],
  batch: 128,
  optimizer: adam({ learningRate: 1e-4, betas: [0.5, 0.999] }),
  epochs: 200,
};
const recipes: Record<string, Recipe> = {
  ReMINE: { estimator: remine({ lambda: 0.1 }), ...mineRecipe },
  MINE: { estimator: mine({ emaRate: 1 }), ...mineRecipe },
  CCMI: {
    ...{ estimator: ccmi(), hidden: [64, 64], batch: 64, epochs: 20 },
    optimizer: adam({ learningRate: 1e-3 }),
  },
};
export const METHODS = [...Object.keys(recipes), "KSG"];

/** `[method][run]`: I(X;Y|Z), nats. */
export type Values = Record<string, number[]>;

/** Those of critics. */
export const runsOf = ({ settings: { runs, quick } }: Bench) => runs ?? (quick ? 2 : 10);

/** Every method at one point; what was measured before is read. */
export async function measure(bench: Bench, point: Point): Promise<Values> {
  const values: Values = {};
  const place = `${point.model}-${point.rows}-${point.width}`;
  for (const [method, recipe] of Object.entries(recipes)) {
    const epochs = bench.settings.quick ? Math.ceil(recipe.epochs / 10) : recipe.epochs;
    const told = { ...point, ...recipe, epochs, runs: runsOf(bench) };
    const part = await bench.part(`cmi-${method}-${place}`, told, (step) =>
      byCritics(bench, point, { ...recipe, epochs }, step),
    );
    values[method] = part.values;
  }
  // Neighbours look at every pair of rows: a few runs tell their scatter.
  const runs = Math.min(3, runsOf(bench));
  const part = await bench.part(`cmi-KSG-${place}`, { ...point, runs }, (step) =>
    byNeighbors(bench, point, runs, step),
  );
  return { ...values, KSG: part.values };
}

/** Columns X, Y, Z and a column of zeros, each standardised, as the published code does before it parts the rows. */
function tableOf({ model, rows, width }: Point, seed: number[]) {
  const columns = 3 + width;
  const data = new Float32Array(rows * columns);
  const x = normals(rows, [...seed, 1]);
  const noise = normals(rows, [...seed, 2]);
  const z =
    model === "I" ? uniforms(rows * width, [...seed, 3]).map((u) => u - 0.5) : normals(rows * width, [...seed, 3]);
  const weights = weightsOf(model, width, seed);
  for (let i = 0; i < rows; i++) {
    let center = 0;
    for (let d = 0; d < width; d++) center += weights[d]! * z[i * width + d]!;
    data[i * columns] = x[i]!;
    data[i * columns + 1] = x[i]! + center + NOISE * noise[i]!;
    for (let d = 0; d < width; d++) data[i * columns + 2 + d] = z[i * width + d]!;
  }
  for (let c = 0; c < columns - 1; c++) standardise(data, columns, c);
  return { data, columns };
}

/** Model I: Y follows the first column of Z. Model II: a mixture of all, of length 1. */
function weightsOf(model: Model, width: number, seed: number[]): number[] {
  if (model === "I") return Array.from({ length: width }, (_, d) => (d === 0 ? 1 : 0));
  const drawn = Array.from(uniforms(width, [...seed, 4]), (u) => 2 * u - 1);
  const length = Math.hypot(...drawn);
  return drawn.map((weight) => weight / length);
}

function standardise(data: Float32Array, columns: number, c: number): void {
  const values: number[] = [];
  for (let i = c; i < data.length; i += columns) values.push(data[i]!);
  const [center, scale] = [mean(values), deviation(values)!];
  for (let i = c; i < data.length; i += columns) data[i] = (data[i]! - center) / scale;
}

/** Runs are replicas, two each: I(X; Y, Z), and I(X; Z), which sees zeros in the place of Y. */
async function byCritics(bench: Bench, point: Point, recipe: Recipe, step: StepOptions): Promise<{ values: number[] }> {
  const runs = runsOf(bench);
  const { rows, width } = point;
  const { data, columns } = tableOf(point, [bench.settings.seed, rows, width]);
  const orders = Array.from({ length: runs }, (_, r) => shuffled(rows, bench.settings.seed + r));
  const training = Math.floor((2 * rows) / 3);
  const z = Array.from({ length: width }, (_, d) => 2 + d);
  const source: TableSource = {
    ...{ kind: "table", xWidth: 1, yWidth: 1 + width, data, rows, columns },
    picks: orders.flatMap(() => [
      [0, 1, ...z],
      [0, columns - 1, ...z],
    ]),
    pairs: orders.flatMap((order) => Array(2).fill(identityPairs(order.subarray(0, training)))),
  };
  const steps = recipe.epochs * Math.floor(training / recipe.batch);
  using trainer = await createTrainer(bench.gpu, {
    ...{ source, pairs: { joint: recipe.batch, negatives: "shuffle" }, critic: mlp(recipe.hidden) },
    ...{ estimator: recipe.estimator, optimizer: recipe.optimizer, seed: bench.settings.seed },
    ...{ replicas: 2 * runs, expectedSteps: steps, trace: false, window: 1, nonFinite: "skip" },
  });
  await trainer.step(steps, step);
  using scores = await heldOutScores(trainer);
  const held = orders.map((order) => order.subarray(training));
  const terms = await scores.terms(held.flatMap((order) => [order, order]));
  return { values: compact(orders.map((_, r) => terms[2 * r]! - terms[2 * r + 1]!)) };
}

/** The Donsker-Varadhan value of each replica on rows that it has not seen, nats. */
async function heldOutScores(trainer: Trainer) {
  const scorer = await trainer.scorer({ batch: 4096 });
  return {
    async terms(rows: Uint32Array[]): Promise<number[]> {
      const joint = await scorer.score(rows.map((list) => identityPairs(list)));
      const partitions = rows.map(() => [] as number[]);
      for (let s = 1; s <= SHIFTS; s++) {
        const shift = s * Math.floor(rows[0]!.length / (SHIFTS + 1));
        const marginal = await scorer.score(rows.map((list) => shifted(list, shift)));
        for (const [r, values] of marginal.entries()) partitions[r]!.push(logMeanExp(values));
      }
      return joint.map((values, r) => mean(values) - logMeanExp(partitions[r]!));
    },
    [Symbol.dispose]: () => scorer.dispose(),
  };
}

/** Each row's x with the y of the row `by` places on. */
const shifted = (rows: Uint32Array, by: number) =>
  Uint32Array.from({ length: 2 * rows.length }, (_, i) =>
    i % 2 === 0 ? rows[i >> 1]! : rows[((i >> 1) + by) % rows.length]!,
  );

/** Frenzel and Pompe's form, k = 5. */
async function byNeighbors(bench: Bench, point: Point, runs: number, { signal, onProgress }: StepOptions) {
  const values: number[] = [];
  const began = performance.now();
  for (let r = 0; r < runs; r++) {
    const { data, columns } = tableOf(point, [bench.settings.seed, point.rows, point.width, r]);
    const side = (from: number, to: number) =>
      Array.from({ length: point.rows }, (_, i) => data.subarray(i * columns + from, i * columns + to));
    const { raw } = await neighbors(side(0, 1), side(1, 2), {
      ...{ given: side(2, columns - 1), method: "ksg", k: 5, gpu: bench.gpu, signal },
    });
    values.push(raw);
    onProgress?.({ done: r + 1, total: runs, stepsPerSecond: (1000 * (r + 1)) / (performance.now() - began) });
  }
  return { values: compact(values) };
}
