import { bound, influences, mean } from "./bound.ts";
import { type Budget, type CrossFit, crossFit, type FitProgress, partnerOf } from "./crossfit.ts";
import { type ArrayInput, type Columns, checkPair, toColumns } from "./data/check.ts";
import { describeTransform, fitTransform, matrixOf, normalQuantile, type Transform } from "./data/transform.ts";
import { budgetFor } from "./defaults.ts";
import { type Gpu, open } from "./device.ts";
import { type Diagnostic, diagnose } from "./diagnose.ts";
import { InputError } from "./errors.ts";
import { type Estimator, estimatorByName } from "./estimator.ts";
import { createPointwise } from "./pointwise.ts";
import { rows as tableOf } from "./source.ts";

export interface EstimateOptions extends Partial<Budget> {
  /** An open GPU to use; it stays open. Default: one is opened and closed again. */
  gpu?: Gpu;
  /** Part of the name of the adapter to open. */
  adapter?: string | undefined;
  /** Hides what drivers print on stderr while they are looked for. */
  quiet?: boolean;
  /** Estimator by name, default `"remine"`. */
  estimator?: string;
  /** ReMINE's weight of the regulariser, default 0.1. */
  lambda?: number;
  /** Where ReMINE holds log E_q[e^T], default 0 nats. */
  C?: number;
  /** Same seed, same adapter: the same number. Default 0. */
  seed?: number;
  /** Spend about five times the work. */
  thorough?: boolean;
  /** Coverage that the interval aims at, in (0, 1). Default 0.95. */
  confidence?: number;
  /** How columns are mapped before training; MI does not change. Default `"auto"`. */
  transform?: "auto" | "identity" | "standardize" | "normal-scores";
  /** Names of the columns, for messages. */
  names?: { x: readonly string[]; y: readonly string[] };
  /** Which columns are category codes. */
  categories?: { x: readonly boolean[]; y: readonly boolean[] };
  onProgress?: (progress: FitProgress) => void;
  /** Aborts within a fraction of a second; the call rejects with InterruptedError. */
  signal?: AbortSignal;
}

export interface EstimateResult {
  /** Mutual information in nats, never negative. */
  mi: number;
  /**
   * Interval in nats, clipped at 0: the sampling error of the held-out bound on both sides, and above it also what the
   * critics may have failed to learn from finitely many rows.
   */
  interval: [number, number];
  /** The held-out bound itself, nats; noise can take it below 0. */
  raw: number;
  /** Standard error of the held-out bound over rows, nats. */
  standardError: number;
  unit: "nats";
  estimator: string;
  /** Rows used. */
  rows: number;
  seconds: number;
  /** Training steps per second of one critic, times the critics trained side by side. */
  stepsPerSecond: number;
  adapter: string;
  diagnostics: Diagnostic[];
  /** What was done to each column. */
  transforms: { x: string[]; y: string[] };
  budget: Budget;
  /** Means over the critics, per training step, nats. */
  trace: { joint: Float64Array; logPartition: Float64Array; value: Float64Array };
  /** Bound on validation rows at each look, mean over the critics. */
  validation: { step: number[]; bound: number[] };
  /** Pointwise MI of every row, nats, by critics that never saw it: log p(x,y) / p(x)p(y). */
  pointwise: Float64Array;
  /**
   * Pointwise MI of new rows, nats: the mean of all critics. Opens a GPU for the call unless one was given.
   *
   * @param x rows × the same columns as before; `y` likewise
   */
  score(x: ArrayInput, y: ArrayInput): Promise<Float64Array>;
}

/**
 * Estimates the mutual information I(X;Y) of paired samples.
 *
 * The rows are cross-fitted: every row is scored by critics that were neither trained nor stopped on it, and all these
 * scores are pooled into one Donsker-Varadhan bound. Method: ReMINE (see shaders/estimators/remine.wgsl).
 *
 * @param x numbers, rows of numbers, a typed array, or `{ data, columns }`; at least 20 rows
 * @param y likewise, as many rows
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { mi, interval } = await estimate(x, y);
 */
export async function estimate(x: ArrayInput, y: ArrayInput, options: EstimateOptions = {}): Promise<EstimateResult> {
  const began = performance.now();
  const left = columnsOf(x, "x", options);
  const right = columnsOf(y, "y", options);
  checkPair(left, right);
  const { seed = 0, confidence = 0.95 } = options;
  if (!(confidence > 0 && confidence < 1))
    throw new InputError(`"confidence" must lie between 0 and 1, got ${confidence}`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new InputError(`"seed" must be an integer from 0 to 4294967295, got ${seed}`);
  }
  const estimator = chosenEstimator(options);
  const ofX = transformed(left, options);
  const ofY = transformed(right, options);
  const [dx, dy] = [ofX.matrix.columns, ofY.matrix.columns];
  const discrete = [...ofX.transforms, ...ofY.transforms].some((t) => t.kind === "one-hot");
  const budget = budgetFor(left.rows, dx + dy, { ...options, discrete });

  const gpu = options.gpu ?? (await open({ adapter: options.adapter, quiet: options.quiet ?? false }));
  let fit: CrossFit | undefined;
  try {
    const source = tableOf(ofX.matrix, ofY.matrix);
    fit = await crossFit(gpu, source, {
      budget,
      estimator,
      seed,
      onProgress: options.onProgress,
      signal: options.signal,
    });
    const { raw, standardError, pointwise } = pooled(fit);
    const z = normalQuantile((1 + confidence) / 2);
    const margin = z * standardError;
    // A table of categories has a parameter per cell, a smooth dependence at least one per input.
    const shortfall = shortfallOf(fit, raw, (discrete ? dx * dy : dx + dy) + z * z);
    const mi = Math.max(0, raw);
    const score = await createPointwise(fit, [ofX.transforms, ofY.transforms], {
      gpu: options.gpu,
      adapter: options.adapter,
    });
    return {
      mi,
      interval: [Math.max(0, raw - margin), Math.max(0, raw + margin + shortfall)],
      raw,
      standardError,
      unit: "nats",
      estimator: estimator.name,
      rows: left.rows,
      seconds: (performance.now() - began) / 1000,
      stepsPerSecond: fit.stepsPerSecond * budget.folds * budget.restarts,
      adapter: gpu.name,
      diagnostics: diagnose(fit, mi, standardError),
      transforms: { x: ofX.transforms.map(describeTransform), y: ofY.transforms.map(describeTransform) },
      budget,
      trace: meanTrace(fit),
      validation: fit.looks,
      pointwise,
      score,
    };
  } finally {
    fit?.trainer.dispose();
    fit?.best.buffer.destroy();
    if (!options.gpu) gpu.dispose();
  }
}

function columnsOf(input: ArrayInput, side: "x" | "y", options: EstimateOptions): Columns {
  const columns = toColumns(input, side, options.names?.[side]);
  const categories = options.categories?.[side];
  return categories ? { ...columns, categories } : columns;
}

function chosenEstimator({ estimator = "remine", lambda, C }: EstimateOptions): Estimator {
  if (lambda !== undefined && !(lambda >= 0))
    throw new InputError(`"lambda" must be a number of at least 0, got ${lambda}`);
  if (C !== undefined && !Number.isFinite(C)) throw new InputError(`"C" must be a finite number, got ${C}`);
  return estimatorByName(estimator, { ...(lambda !== undefined && { lambda }), ...(C !== undefined && { C }) });
}

/** Every column through its own bijection, as one row-major matrix. */
function transformed({ columns, rows, categories }: Columns, { transform = "auto" }: EstimateOptions) {
  const transforms: Transform[] = columns.map((values, c) =>
    categories?.[c] ? fitTransform(values, { category: true }) : fitTransform(values, { kind: transform }),
  );
  return { transforms, matrix: matrixOf(transforms, columns, rows) };
}

/** One bound over the held-out scores of all folds, its standard error, and the scores by row. */
function pooled({ folds }: CrossFit) {
  const joint = Float64Array.from(folds.flatMap((f) => [...f.ensemble.joint]));
  const marginal = Float64Array.from(folds.flatMap((f) => [...f.ensemble.marginal]));
  const raw = bound(joint, marginal);
  const rowVariance = mean(
    folds.map(({ ensemble, perRow }) => {
      const n = ensemble.joint.length;
      return mean(
        influences(ensemble.joint, ensemble.marginal, perRow, (i, c) => partnerOf(i, c, n, perRow)).map((v) => v * v),
      );
    }),
  );
  const pointwise = new Float64Array(joint.length);
  const logPartition = mean(joint) - raw;
  for (const { split, ensemble } of folds) {
    split.test.forEach((row, i) => {
      pointwise[row] = ensemble.joint[i]! - logPartition;
    });
  }
  return { raw, standardError: Math.sqrt(rowVariance / joint.length), pointwise };
}

/**
 * How far the held-out bound may lie below the MI because the critics had finitely many rows to learn from, nats. On
 * rows they trained on critics look about as much too good as they are too bad on others, so half the difference; and
 * at least what `freedom` free parameters cost on average, freedom / 2n (Wilks 1938).
 */
function shortfallOf({ folds }: CrossFit, raw: number, freedom: number): number {
  const rows = folds.reduce((sum, { split }) => sum + split.test.length, 0);
  return Math.max((mean(folds.map((f) => f.seen)) - raw) / 2, freedom / (2 * rows));
}

function meanTrace({ trace, steps }: CrossFit) {
  const average = (pick: (r: number) => Float32Array) =>
    Float64Array.from({ length: steps }, (_, i) => trace.reduce((sum, _t, r) => sum + pick(r)[i]!, 0) / trace.length);
  return {
    joint: average((r) => trace[r]!.joint),
    logPartition: average((r) => trace[r]!.logPartition),
    value: average((r) => trace[r]!.value),
  };
}
