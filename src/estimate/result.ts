/** What `estimate` answers. */

import type { Budget } from "../crossfit/budget.ts";
import type { Evidence } from "../crossfit/interval.ts";
import type { Opinion } from "../crossfit/second-opinions.ts";
import type { ColumnsInput } from "../data/input.ts";
import type { Diagnostic } from "../diagnostic.ts";

export interface EstimateResult {
  /**
   * The best point value of I(X;Y), or of I(X;Y|Z) with `given`, in nats, never negative: `bound`, and what rows seen in
   * training and nearest neighbours say that it misses. It is no bound.
   */
  mi: number;
  /** What the held-out rows certify up to sampling error, nats: a lower bound of I(X;Y); of I(X;Y|Z) a difference of two. */
  bound: number;
  /**
   * Interval in nats, clipped at 0: the sampling error of the held-out bound on both sides, and above it also what the
   * critics may have failed to learn from finitely many rows. With `given` the sampling error is that of the difference,
   * and what the critics of I(X;Z) may have failed to learn extends it below. With `"demine"` the lower end is a
   * certificate (see demine.ts) and the upper end is as ever: no method can certify an upper one.
   */
  interval: [number, number];
  /** Where the distance between `bound` and the upper end comes from, in words. */
  upperFrom: string;
  /** What the value and the interval were made of; absent with `given`. */
  evidence?: Evidence;
  /** What the rows were scored by, and the mean weight of each over the folds; absent with `given`. */
  members?: { name: string; weight: number }[];
  /** What other methods see in the same rows. */
  opinions: Opinion[];
  /** The same as `bound`, nats; noise can take it below 0. */
  raw: number;
  /** Standard error of the held-out bound over rows, nats. */
  standardError: number;
  unit: "nats";
  estimator: string;
  /** Rows used, without copies. */
  rows: number;
  /** Rows that were left out because a value is missing. */
  dropped: number;
  seconds: number;
  /** Training steps per second of one critic, times the critics trained side by side. */
  stepsPerSecond: number;
  adapter: string;
  diagnostics: Diagnostic[];
  /** With `check`: what must hold of any MI, tried on these rows. */
  checks?: Diagnostic[];
  /** What was done to each column. */
  transforms: { x: string[]; y: string[]; given?: string[] };
  /** How the critics were trained; absent where none was. */
  budget?: Budget;
  /** With `given`: the two whose difference `mi` is, `"I(X;Y,Z)"` and `"I(X;Z)"`, nats. */
  terms?: Record<string, { raw: number; standardError: number; trace: MeanTrace }>;
  /** Means over the critics, per training step, nats; with `given` the difference of the two terms. */
  trace: MeanTrace;
  /** Bound on validation rows at each look, mean over the critics. */
  validation: { step: number[]; bound: number[] };
  /**
   * Pointwise MI of every row, nats, by critics that never saw it: log p(x,y) / p(x)p(y), with `given`
   * log p(x,y|z) / p(x|z)p(y|z). NaN for the rows that `"demine"` trained on, and for
   * those that were left out.
   */
  pointwise: Float64Array;
  /**
   * Pointwise MI of new rows, nats: the mean of all critics. Opens a GPU for the call unless one was given.
   *
   * @param x the same columns as before, by name if both have names; `y` likewise, and `given` if there was one
   */
  score(x: ColumnsInput, y: ColumnsInput, given?: ColumnsInput): Promise<Float64Array>;
}

/** One number per training step, mean over the critics, nats. */
export interface MeanTrace {
  joint: Float64Array;
  logPartition: Float64Array;
  value: Float64Array;
}
