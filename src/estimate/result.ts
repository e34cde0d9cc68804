/** What `estimate` answers. */

import type { Budget } from "../crossfit/budget.ts";
import type { Evidence } from "../crossfit/interval.ts";
import type { Opinion } from "../crossfit/second-opinions.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { EstimatorChoice } from "../estimators/choice.ts";
import type { NeighborEstimator, NeighborMethod } from "../estimators/neighbors.ts";
import type { TrainedCritics } from "./critics.ts";
import type { Independence } from "./independence.ts";
import type { Sample } from "./sample.ts";

/** What every estimate says. */
interface Said {
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
  /**
   * With `time`, `group` or `block`: units of rows that were dealt into folds and count in the interval as one, and of rows in time
   * the correlation time in rows.
   */
  units?: { count: number; correlationTime?: number };
  /** With `permutations`: the p-value of independence. */
  independence?: Independence;
  /**
   * With `weights`: how many rows of equal weight they are worth, (Σw)² / Σw² (Kish 1965), and how many rows are not used because
   * their weight is 0.
   */
  weights?: { effective: number; unused: number };
  /** With `versus`: whether x or x′ tells more about y. */
  versus?: Versus;
  /** Where not all rows served for everything: which part, for what, and why. */
  sample?: Sample;
  /** Rows that were left out because a value is missing. */
  dropped: number;
  seconds: number;
  adapter: string;
  diagnostics: Diagnostic[];
  /** With `check`: what must hold of any MI, tried on these rows. */
  checks?: Diagnostic[];
  /** What was done to each column. */
  transforms: { x: string[]; y: string[]; given?: string[] };
  /**
   * Pointwise MI of every row, nats, by critics that never saw it: log p(x,y) / p(x)p(y), with `given`
   * log p(x,y|z) / p(x|z)p(y|z). NaN for the rows that `"demine"` trained on, and for
   * those that were left out or not sampled (`rows`).
   */
  pointwise: Float64Array;
  /** The same as plain values, for `JSON.stringify`: arrays of numbers (null for NaN), without critics. */
  toJSON(): object;
}

/** An estimate by trained critics. */
export interface TrainedResult extends Said {
  kind: "trained";
  /** What the value and the interval were made of; absent with `given`. */
  evidence?: Evidence;
  /** What the rows were scored by, and the mean weight of each over the folds; absent with `given`. */
  members?: { name: string; weight: number }[];
  /** Training steps per second of one critic, times the critics trained side by side. */
  stepsPerSecond: number;
  /** How the critics were trained. */
  budget: Budget;
  /** With `given`: the two whose difference `mi` is, `"I(X;Y,Z)"` and `"I(X;Z)"`, nats. */
  terms?: Record<string, { raw: number; standardError: number; trace: MeanTrace }>;
  /** Means over the critics, per training step, nats; with `given` the difference of the two terms. */
  trace: MeanTrace;
  /** Bound on validation rows at each look, mean over the critics. */
  validation: { step: number[]; bound: number[] };
  /** Scores new rows, and can be saved; absent where the critic is not the log density ratio (`"infonce"`, `"club"` …). */
  critics?: TrainedCritics;
}

/** An estimate by nearest neighbours: nothing was trained. */
export interface NeighborResult extends Said {
  kind: "neighbors";
}

/** What `versus` asks: I(x; y) − I(x′; y), or with `given` I(x; y | z) − I(x′; y | z). Nats. */
export interface Versus {
  /** The value of x less that of x′, below 0 where x′ tells more. */
  difference: number;
  /**
   * Interval of the difference. Both were estimated on the same rows with the same folds, so its sampling error is that of the
   * differences of influences, row by row (over units with `time`, `group` and `block`): small where x and x′ are alike, or hold
   * the same columns. What either one's critics may have failed to learn is in it as in their own intervals.
   */
  interval: [number, number];
  /** Standard error of the difference of the two held-out values. */
  standardError: number;
  /** Which tells more, where the interval does not hold 0. */
  more: "x" | "versus" | "unclear";
  /** The estimate of x′ and y by itself: its `transforms.x`, critics and the rest are of x′. */
  other: EstimateResult;
}

/** What an estimate says; `kind` tells how it was made. */
export type EstimateResult = TrainedResult | NeighborResult;

/** The result of an estimator: named neighbours have no critics. */
export type ResultOf<Choice> = [Choice] extends [NeighborMethod | NeighborEstimator]
  ? NeighborResult
  : [Choice] extends [Exclude<EstimatorChoice, NeighborMethod | NeighborEstimator>]
    ? TrainedResult
    : EstimateResult;

/** A result as plain values. */
export function plainResult(this: EstimateResult): object {
  const { toJSON: _, critics: __, versus, ...rest } = this as TrainedResult;
  const said = { ...rest, ...(versus && { versus: { ...versus, other: versus.other.toJSON() } }) };
  const plain = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  };
  return plain(said) as object;
}

/** One number per training step, mean over the critics, nats. */
export interface MeanTrace {
  joint: Float64Array;
  logPartition: Float64Array;
  value: Float64Array;
}
