/**
 * Training on one-hot data, as the paper's figures 1 to 5 and 8 do: x is one of 16 categories and y is x, so I(X;Y) = ln 16.
 * A critic then has 256 outputs, 16 of joint pairs and 240 of others, and all are recorded while it trains.
 */
import { mlp } from "../../critics/mlp.ts";
import { type Estimator, mine } from "../../estimators/estimator.ts";
import { logMeanExp, mean } from "../../math/statistics.ts";
import type { LinesPanel } from "../../report/lines.ts";
import type { Ink } from "../../report/svg.ts";
import { oneHot } from "../../sources/one-hot.ts";
import { type Optimizer, sgd } from "../../training/optimizer.ts";
import type { StepOptions } from "../../training/options.ts";
import { createTrainer, type Trainer } from "../../training/trainer.ts";
import { type Bench, compact } from "./experiment.ts";
import { outputsOf } from "./outputs.ts";

export const CATEGORIES = 16;
/** ln 16 = 2.7726 nats. */
export const TRUTH = Math.log(CATEGORIES);
const SHARES = [0, 0.05, 0.5, 0.95, 1] as const;

/** One replica's run. */
export interface OneHotRun {
  /** Each step's terms on its batch, nats. */
  joint: number[];
  logPartition: number[];
  /** Steps after which all outputs were recorded. */
  at: number[];
  /** The 16 outputs of joint pairs at these steps, each as one curve. */
  jointOutputs: number[][];
  /** 16 of the 240 others, each as one curve. */
  otherOutputs: number[][];
  /** Least, 5 %, median, 95 % and largest of all 240, each as one curve. */
  otherQuantiles: number[][];
  /** log E[e^T] over all 256 outputs: exactly, not on a batch. */
  exactLogPartition: number[];
}

export interface OneHotOptions {
  name: string;
  estimator: Estimator;
  optimizer: Optimizer;
  /** Batch size of each replica. */
  batch: readonly number[];
  steps: number;
  /** Records of all outputs, evenly over the steps. Default 300. */
  records?: number;
  /** Random stream of each replica; default 0, 1, … */
  streams?: readonly number[];
}

/** 32-256-1 as the text has it, 32-64-1 as the released notebooks; the output has no bias. */
export const widthOf = ({ settings }: Bench) => settings.width ?? (settings.released ? 64 : 256);

export const networkOf = (bench: Bench): string => `32-${widthOf(bench)}-1`;

/** A trainer of R critics on one-hot data side by side, with marginal pairs drawn anew. */
export function oneHotTrainer(
  bench: Bench,
  { batch, ...options }: Pick<OneHotOptions, "batch" | "estimator" | "optimizer" | "streams">,
): Promise<Trainer> {
  return createTrainer(bench.gpu, {
    source: oneHot(CATEGORIES),
    pairs: { joint: Math.max(...batch), negatives: "independent", ...(new Set(batch).size > 1 && { batch }) },
    critic: mlp([widthOf(bench)], { outputBias: false }),
    ...{ ...options, seed: bench.settings.seed, replicas: batch.length },
    ...{ trace: true, window: 1, nonFinite: "skip" },
  });
}

/** Trains them, and records all outputs on the way. */
export function trainOneHot(bench: Bench, { name, records = 300, ...told }: OneHotOptions): Promise<OneHotRun[]> {
  return bench.part(name, { ...told, records, width: widthOf(bench) }, async (step) => {
    const { steps, ...options } = told;
    const every = Math.ceil(steps / records);
    using trainer = await oneHotTrainer(bench, options);
    using outputs = await outputsOf(trainer, ...everyPair());
    const [at, recorded] = [[] as number[], [] as Float32Array[][]];
    for (;;) {
      at.push(trainer.steps);
      recorded.push(await outputs.score());
      if (trainer.steps >= steps) break;
      await stepOn(trainer, Math.min(every, steps - trainer.steps), steps, step);
    }
    return trainer.trace.map(({ joint, logPartition }, r) => ({
      ...{ joint: compact(joint), logPartition: compact(logPartition), at },
      ...curvesOf(recorded.map((outputs) => outputs[r]!)),
    }));
  });
}

/** Mean over categories of the joint outputs, and the median of the others, as curves. */
export const levels = ({ jointOutputs, otherQuantiles }: OneHotRun) => ({
  joint: meanCurve(jointOutputs),
  other: otherQuantiles[2]!,
});

/** Largest output in size. */
export const reach = ({ jointOutputs, otherQuantiles }: OneHotRun): number =>
  Math.max(...[...jointOutputs, ...otherQuantiles].map((curve) => Math.max(...curve.map(Math.abs))));

/** MINE by gradient ascent at batch 100 and at batch 10, side by side. */
export async function mineRuns(bench: Bench): Promise<{ steps: number; runs: [OneHotRun, OneHotRun] }> {
  const { steps = bench.settings.quick ? 1000 : 3000 } = bench.settings;
  const runs = await trainOneHot(bench, {
    ...{ name: "one-hot-mine", estimator: mine({ emaRate: 1 }), optimizer: sgd({ learningRate: 0.1 }) },
    ...{ batch: [100, 10], steps },
  });
  return { steps, runs: runs as [OneHotRun, OneHotRun] };
}

/** Steps that are a part of more: progress counts all. */
async function stepOn(trainer: Trainer, count: number, total: number, { signal, onProgress }: StepOptions) {
  const before = trainer.steps;
  await trainer.step(count, {
    signal,
    onProgress: ({ done, stepsPerSecond }) => onProgress?.({ done: before + done, total, stepsPerSecond }),
  });
}

/** What was recorded of a replica's 256 outputs, as curves. */
function curvesOf(records: readonly Float32Array[]): Omit<OneHotRun, "joint" | "logPartition" | "at"> {
  const curve = (value: (outputs: Float32Array) => number) => compact(records.map((outputs) => value(outputs)));
  const outputAt = (x: number, y: number) => curve((outputs) => outputs[x * CATEGORIES + y]!);
  const others = records.map((outputs) => outputs.filter((_, i) => !isJoint(i)).sort());
  const categories = Array.from({ length: CATEGORIES }, (_, c) => c);
  return {
    jointOutputs: categories.map((c) => outputAt(c, c)),
    otherOutputs: categories.map((c) => outputAt(c, (c + 5) % CATEGORIES)),
    otherQuantiles: SHARES.map((q) => compact(others.map((sorted) => sorted[Math.round(q * (sorted.length - 1))]!))),
    exactLogPartition: curve(logMeanExp),
  };
}

/** All 256 pairs of categories, x and then y. */
function everyPair() {
  const side = (category: (i: number) => number) => {
    const data = new Float32Array(CATEGORIES ** 3);
    for (let i = 0; i < CATEGORIES ** 2; i++) data[i * CATEGORIES + category(i)] = 1;
    return { data, columns: CATEGORIES };
  };
  return [side((i) => Math.floor(i / CATEGORIES)), side((i) => i % CATEGORIES)] as const;
}

const isJoint = (i: number) => i % (CATEGORIES + 1) === 0;

/** Each batch's own estimate. */
export const estimatesOf = ({ joint, logPartition }: Pick<OneHotRun, "joint" | "logPartition">): number[] =>
  joint.map((j, i) => j - logPartition[i]!);

/** The pooled estimate over the last `window` batches, after every step: a sliding window over their outputs. */
export function slidingMicro({ joint, logPartition }: Pick<OneHotRun, "joint" | "logPartition">, window: number) {
  return joint.map((_, i) => {
    const first = Math.max(0, i + 1 - window);
    return mean(joint.slice(first, i + 1)) - logMeanExp(logPartition.slice(first, i + 1));
  });
}

/** Mean of the batches' own estimates over the last `window` steps. */
export const macroOf = ({ joint, logPartition }: OneHotRun, window: number): number =>
  mean(joint.slice(-window)) - mean(logPartition.slice(-window));

/** Least-squares slope a step over the second half of a curve. */
export function slope(values: readonly number[]): number {
  const tail = values.slice(Math.floor(values.length / 2));
  const middle = (tail.length - 1) / 2;
  const center = mean(tail);
  let [sum, squares] = [0, 0];
  tail.forEach((value, i) => {
    sum += (i - middle) * (value - center);
    squares += (i - middle) ** 2;
  });
  return sum / squares;
}

/** Both terms and their difference over the steps. */
export const termsPanel = (title: string, run: OneHotRun, domain?: readonly [number, number]): LinesPanel => ({
  title,
  x: { label: "step", values: run.joint.map((_, i) => i + 1) },
  y: { label: "nats", ...(domain && { domain }) },
  series: [
    { name: "joint term E[T]", values: run.joint, smooth: 19 },
    { name: "log-partition log E[e^T]", values: run.logPartition, smooth: 19 },
    { name: "estimate, their difference", values: estimatesOf(run), smooth: 19 },
  ],
  references: [{ label: "ln 16", y: TRUTH }],
});

/** The outputs of joint pairs and of others, one by one, over the steps. */
export const outputsPanel = (title: string, run: OneHotRun, domain?: readonly [number, number]): LinesPanel => ({
  title,
  x: { label: "step", values: run.at },
  y: { label: "output T", ...(domain && { domain }) },
  series: outputCurves(run),
});

/** The curves of a panel over `run.at`: the outputs, or something of each. */
export const outputCurves = ({ jointOutputs, otherOutputs }: OneHotRun, of = (output: number) => output) => [
  ...thinCurves("joint pairs (16)", "blue", jointOutputs, of),
  ...thinCurves("other pairs (16 of 240)", "vermillion", otherOutputs, of),
];

const thinCurves = (name: string, ink: Ink, all: number[][], of: (output: number) => number) =>
  all.map((curve, i) => ({
    ...{ name, ink, values: curve.map(of), width: 1, opacity: 0.6 },
    ...(i > 0 && { inLegend: false as const }),
  }));

/** The mean of curves, place by place. */
export const meanCurve = (curves: number[][]): number[] =>
  curves[0]!.map((_, i) => mean(curves.map((curve) => curve[i]!)));
