/**
 * The staircase: 20-D normals whose MI goes from 2 to 10 nats in five levels while one critic trains through (figures 6 and 10,
 * table 1). Every estimator of the paper, from one place.
 */
import type { Critic } from "../../critics/critic.ts";
import { known } from "../../critics/known.ts";
import { mlp } from "../../critics/mlp.ts";
import * as trained from "../../estimators/estimator.ts";
import type { NeighborMethod } from "../../estimators/neighbors.ts";
import { mean } from "../../math/statistics.ts";
import { neighbors } from "../../neighbors/neighbors.ts";
import { correlationFor, gaussian } from "../../sources/gaussian.ts";
import { adam } from "../../training/optimizer.ts";
import type { StepOptions } from "../../training/options.ts";
import { createTrainer } from "../../training/trainer.ts";
import { type Bench, compact } from "./experiment.ts";
import { normals } from "./random.ts";

const DIMS = 20;
export const LEVELS = [2, 4, 6, 8, 10];
/** Points of a curve that are kept for each level. */
const POINTS = 100;

/** One run of one estimator. */
export interface StaircaseRun {
  /** At each level, over the raw values of its steps, nats. */
  bias: number[];
  variance: number[];
  mse: number[];
  /** Means over stretches of steps; of neighbours one value a level. */
  curve: number[];
}

interface Trained {
  estimator: trained.Estimator;
  critic?: Critic;
  /** What is reported under which name. Default the value, under the estimator's own. */
  reports?: Record<string, "value" | "joint">;
}

/** Learned by a network of its own beside the critic, as the published code has it. */
const baseline = [512, 512];

const trainedOnes: Record<string, Trained> = {
  ReMINE: { estimator: trained.remine({ lambda: 1 }), reports: { ReMINE: "value", "ReMINE-J": "joint" } },
  "ReMINE-L1": { estimator: trained.remineL1({ lambda: 1 }) },
  MINE: { estimator: trained.mine({ emaRate: 1 }) },
  NWJ: { estimator: trained.nwj() },
  TUBA: { estimator: trained.tuba({ baseline }) },
  I_α: { estimator: trained.iAlpha({ alpha: 0.01, baseline }) },
  InfoNCE: { estimator: trained.infonce() },
  TNCE: { estimator: trained.infonce(), critic: known() },
  // The published value, which is 1 / e too low even at the best critic.
  JS: { estimator: trained.js({ logBaseline: 1 }) },
  SMILE: { estimator: trained.smile({ tau: 10 }) },
  "SMILE+JS": { estimator: trained.smileJs({ tau: 10 }) },
  CCMI: { estimator: trained.ccmi() },
};

const neighborOnes: Record<string, NeighborMethod> = { KSG: "ksg", "Mixed KSG": "mixed-ksg", KL: "kl" };

/** What is reported of an estimator that trains. */
const reportsOf = (name: string): Record<string, "value" | "joint"> =>
  trainedOnes[name]!.reports ?? { [name]: "value" };

export const neighborNames = Object.keys(neighborOnes);
export const estimatorNames = [
  ...Object.keys(trainedOnes).flatMap((name) => Object.keys(reportsOf(name))),
  ...neighborNames,
];

/** By the name that the paper reports them under. */
export type Runs = Record<string, StaircaseRun[]>;

/** Mean over runs of a figure at each level. */
export const meanOf = (runs: StaircaseRun[], what: "bias" | "variance" | "mse"): number[] =>
  LEVELS.map((_, l) => mean(runs.map((run) => run[what][l]!)));

export interface Scale {
  /** Steps of each level. */
  steps: number;
  runs: number;
  /** Units of each of the two hidden layers. */
  width: number;
  /** Rows that nearest neighbours get. */
  rows: number;
}

export function scaleOf({ settings: { quick, steps, runs, width } }: Bench): Scale {
  return {
    steps: steps ?? (quick ? 30 : 4000),
    runs: runs ?? (quick ? 1 : 10),
    width: width ?? (quick ? 32 : 256),
    rows: quick ? 1000 : 10_000,
  };
}

export const inWords = ({ steps, runs, width }: Scale): string =>
  `20-D normals, 40-${width}-${width}-1, batch 64, all pairs, Adam 5e-4, ${steps} steps a level, ${runs} run${runs > 1 ? "s" : ""}`;

/** The runs of some estimators, by the name that the paper reports them under. */
export async function staircase(bench: Bench, names: readonly string[]): Promise<Runs> {
  const results: Runs = {};
  for (const name of Object.keys(trainedOnes)) {
    const reported = Object.keys(reportsOf(name));
    if (!reported.some((report) => names.includes(report))) continue;
    const all = await trainedRuns(bench, name);
    for (const report of reported) results[report] = all.map((run) => run[report]!);
  }
  for (const [name, method] of Object.entries(neighborOnes)) {
    if (names.includes(name)) results[name] = await neighborRuns(bench, name, method);
  }
  return Object.fromEntries(names.map((name) => [name, results[name]!]));
}

type Reports = Record<string, StaircaseRun>;

/** Runs are replicas of one trainer, as many at once as suit the adapter; each has a random stream of its own. */
async function trainedRuns(bench: Bench, name: string): Promise<Reports[]> {
  const scale = scaleOf(bench);
  const atOnce = Math.min(scale.runs, bench.gpu.profile.estimatesAtOnce);
  const all: Reports[] = [];
  for (let first = 0; first < scale.runs; first += atOnce) {
    const streams = Array.from({ length: Math.min(atOnce, scale.runs - first) }, (_, i) => first + i);
    const { steps, width } = scale;
    const told = {
      steps,
      width,
      streams,
      estimator: trainedOnes[name]!.estimator,
      initialisation: initialisationOf(width),
    };
    const label = `staircase-${name}-run-${[...new Set([first + 1, first + streams.length])].join("-to-")}`;
    const { runs } = await bench.part(label, told, (step) => trainRuns(bench, name, streams, step));
    all.push(...runs);
  }
  return all;
}

/**
 * The released code draws all weights with a standard deviation of .05, which suits 256 units. At 64 that is so little that NWJ,
 * which first has to lift all outputs to 1, stays at .75 of 2 nats (three seeds, 1000 steps); by the width of a layer, 1.4.
 */
const initialisationOf = (width: number) => (width === 256 ? "normal" : "torch");

async function trainRuns(bench: Bench, name: string, streams: number[], step: StepOptions) {
  const { steps, width } = scaleOf(bench);
  const { estimator, critic = mlp([width, width], { initialisation: initialisationOf(width) }) } = trainedOnes[name]!;
  using trainer = await createTrainer(bench.gpu, {
    source: gaussian({ dims: DIMS, mi: LEVELS, levelSteps: steps }),
    pairs: { joint: 64, negatives: "all" },
    ...{ critic, estimator, optimizer: adam({ learningRate: 5e-4 }), seed: bench.settings.seed },
    ...{ replicas: streams.length, streams, trace: true, window: 1, nonFinite: "skip" },
    expectedSteps: steps * LEVELS.length,
  });
  await trainer.step(steps * LEVELS.length, step);
  const runs = trainer.trace.map((trace) =>
    Object.fromEntries(Object.entries(reportsOf(name)).map(([report, of]) => [report, runOf(trace[of], steps)])),
  );
  return { runs };
}

function runOf(values: Float32Array, steps: number): StaircaseRun {
  const levels = LEVELS.map((mi, l) => scored(values.subarray(l * steps, (l + 1) * steps), mi));
  const stretch = Math.max(1, Math.floor(steps / POINTS));
  const curve = Array.from({ length: Math.floor(values.length / stretch) }, (_, i) =>
    mean(values.subarray(i * stretch, (i + 1) * stretch)),
  );
  return { ...columnsOf(levels), curve: compact(curve) };
}

const columnsOf = (levels: { bias: number; variance: number; mse: number }[]) => ({
  bias: compact(levels.map(({ bias }) => bias)),
  variance: compact(levels.map(({ variance }) => variance)),
  mse: compact(levels.map(({ mse }) => mse)),
});

function scored(values: Float32Array, mi: number) {
  const center = mean(values);
  const variance = mean(values.map((v) => (v - center) ** 2));
  const bias = center - mi;
  return { bias, variance, mse: variance + bias * bias };
}

/** Nearest neighbours see one table a level and run. Their variance is that over runs: unknown with one. */
function neighborRuns(bench: Bench, name: string, method: NeighborMethod): Promise<StaircaseRun[]> {
  const { runs, rows } = scaleOf(bench);
  return bench
    .part(`staircase-${name}`, { rows, runs, method }, async ({ signal, onProgress }) => {
      const values: number[][] = [];
      const began = performance.now();
      for (let r = 0; r < runs; r++) {
        const own: number[] = [];
        for (const mi of LEVELS) {
          const { x, y } = normalTable(rows, mi, [bench.settings.seed, r, mi]);
          own.push((await neighbors(x, y, { method, k: 5, gpu: bench.gpu, signal })).raw);
          const done = r * LEVELS.length + own.length;
          const stepsPerSecond = (1000 * done) / (performance.now() - began);
          onProgress?.({ done, total: runs * LEVELS.length, stepsPerSecond });
        }
        values.push(own);
      }
      return { values };
    })
    .then(({ values }) => values.map((own) => neighborRun(own, values)));
}

function neighborRun(own: number[], all: number[][]): StaircaseRun {
  const levels = LEVELS.map((mi, l) => {
    const center = mean(all.map((run) => run[l]!));
    const variance = all.length > 1 ? mean(all.map((run) => (run[l]! - center) ** 2)) : Number.NaN;
    const bias = own[l]! - mi;
    return { bias, variance, mse: bias * bias + (all.length > 1 ? variance : 0) };
  });
  return { ...columnsOf(levels), curve: compact(own) };
}

function normalTable(rows: number, mi: number, seed: number[]) {
  const rho = correlationFor(mi, DIMS);
  const x = Float32Array.from(normals(rows * DIMS, [...seed, 1]));
  const noise = normals(rows * DIMS, [...seed, 2]);
  const y = x.map((value, i) => rho * value + Math.sqrt(1 - rho * rho) * noise[i]!);
  const rowsOf = (data: Float32Array) =>
    Array.from({ length: rows }, (_, i) => data.subarray(i * DIMS, (i + 1) * DIMS));
  return { x: rowsOf(x), y: rowsOf(y) };
}
