/** One MI term of an estimate: columns transformed, critics cross-fitted, one value over held-out rows. */
import { bound, influences, mean } from "./bound.ts";
import {
  type Budget,
  type CrossFit,
  crossFit,
  type FitProgress,
  type FoldResult,
  partnerOf,
  type Split,
} from "./crossfit.ts";
import type { Columns } from "./data/check.ts";
import { matrixOf, type Transform } from "./data/transform.ts";
import type { Gpu } from "./device.ts";
import { type Diagnostic, diagnose } from "./diagnose.ts";
import { InputError } from "./errors.ts";
import type { Estimator } from "./estimator.ts";
import { pooledOwn } from "./own-value.ts";
import { criticScores, type SideName } from "./pointwise.ts";
import { estimators } from "./shaders.gen.ts";
import { rows as tableOf } from "./source.ts";

/** The columns of X, of Y or of Z, and what was done to each. */
export interface Side extends Columns {
  name: SideName;
  transforms: Transform[];
}

/** One number per training step, mean over the critics, nats. */
export interface MeanTrace {
  joint: Float64Array;
  logPartition: Float64Array;
  value: Float64Array;
}

/** A mutual information, or a difference of two, as held-out rows tell it. Everything is in nats. */
export interface Term {
  raw: number;
  /** How much each row (or block of rows) moves `raw`, times their number; NaN for a row that was not held out. */
  influences: Float64Array;
  /** Log density ratio of each row by critics that never saw it; NaN for a row that was not held out. */
  pointwise: Float64Array;
  /** How far `raw` may lie above and below the truth because critics had finitely many rows to learn from. */
  excess: number;
  shortfall: number;
  diagnostics: Diagnostic[];
  trace: MeanTrace;
  validation: { step: number[]; bound: number[] };
  stepsPerSecond: number;
  /** Pointwise values of new rows. */
  score(columns: Record<SideName, Float64Array[]>, rows: number, gpu: Gpu): Promise<Float64Array>;
}

export interface TermOptions {
  splits: readonly Split[];
  budget: Budget;
  estimator: Estimator;
  seed: number;
  /** Standard errors on either side of the estimate. */
  z: number;
  onProgress?: ((progress: FitProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * I(left; right) by cross-fitting. The trained critics leave the GPU with the call.
 *
 * @param right one side or more, whose columns are put side by side
 */
export async function fitTerm(
  gpu: Gpu,
  left: Side,
  right: readonly Side[],
  options: TermOptions,
): Promise<Term & { folds: FoldResult[] }> {
  const { splits, budget, estimator, seed, z, onProgress, signal } = options;
  const matrix = (sides: readonly Side[]) =>
    matrixOf(
      sides.flatMap((s) => s.transforms),
      sides.flatMap((s) => s.columns),
      left.rows,
    );
  const [ofX, ofY] = [matrix([left]), matrix(right)];
  const fit = await crossFit(gpu, tableOf(ofX, ofY), { splits, budget, estimator, seed, onProgress, signal });
  try {
    const facts = estimators[estimator.name];
    const own = facts.value === "own";
    const held = pooled(estimator, fit.folds, left.rows);
    const discrete = isDiscrete([left, ...right]);
    // A table of categories has a parameter per cell, a smooth dependence at least one per input.
    const freedom = (discrete ? ofX.columns * ofY.columns : ofX.columns + ofY.columns) + z * z;
    const shortfall = shortfallOf(fit, held.raw, freedom);
    // Few blocks know their spread badly: Student's t in place of the normal quantile.
    const student = own ? studentExcess(z, held.influences.length - 1) * standardErrorOf(held.influences) : 0;
    return {
      ...held,
      excess: student + (facts.bound === "lower" ? 0 : shortfall),
      shortfall: student + shortfall,
      diagnostics: diagnose(fit, Math.max(0, held.raw), standardErrorOf(held.influences)),
      trace: meanTrace(fit),
      validation: fit.looks,
      stepsPerSecond: fit.stepsPerSecond * splits.length * budget.restarts,
      score:
        facts.rows || facts.output === "other" ? noScore(estimator.name) : await criticScores(fit, [left, ...right]),
      folds: fit.folds,
    };
  } finally {
    fit.trainer.dispose();
    fit.best.buffer.destroy();
  }
}

/** How much further out than z the quantile of Student's t lies (Cornish and Fisher 1938). */
const studentExcess = (z: number, freedom: number): number =>
  (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);

const noScore = (name: string) => async (): Promise<never> => {
  throw new InputError(
    `the critic of "${name}" is not the log density ratio, or only up to a function of x, so it cannot score new rows. ` +
      'Use estimator "remine"',
  );
};

export const isDiscrete = (sides: readonly Side[]): boolean =>
  sides.some(({ transforms }) => transforms.some((t) => t.kind === "one-hot"));

/** Standard error of a mean over the rows that were held out. */
export function standardErrorOf(influences: Float64Array): number {
  const held = influences.filter((v) => !Number.isNaN(v));
  return Math.sqrt(mean(held.map((v) => v * v)) / held.length);
}

/** One value over the held-out scores of all folds; influences and log ratios by row. */
export function pooled(estimator: Estimator, folds: readonly FoldResult[], rows: number) {
  if (estimators[estimator.name].value === "own") return pooledOwn(estimator, folds, rows);
  const joint = Float64Array.from(folds.flatMap((f) => [...f.ensemble.joint]));
  const marginal = Float64Array.from(folds.flatMap((f) => [...f.ensemble.marginal]));
  const raw = bound(joint, marginal);
  const logPartition = mean(joint) - raw;
  const [pointwise, influence] = [new Float64Array(rows).fill(Number.NaN), new Float64Array(rows).fill(Number.NaN)];
  for (const { split, ensemble, perRow } of folds) {
    const n = split.test.length;
    const own = influences(ensemble.joint, ensemble.marginal, perRow, (i, c) => partnerOf(i, c, n, perRow));
    split.test.forEach((row, i) => {
      pointwise[row] = ensemble.joint[i]! - logPartition;
      influence[row] = own[i]!;
    });
  }
  return { raw, pointwise, influences: influence };
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

function meanTrace({ trace, steps }: CrossFit): MeanTrace {
  const average = (pick: (r: number) => Float32Array) =>
    Float64Array.from({ length: steps }, (_, i) => trace.reduce((sum, _t, r) => sum + pick(r)[i]!, 0) / trace.length);
  return {
    joint: average((r) => trace[r]!.joint),
    logPartition: average((r) => trace[r]!.logPartition),
    value: average((r) => trace[r]!.value),
  };
}
