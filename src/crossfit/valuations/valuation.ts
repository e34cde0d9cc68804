/** How the critics of a cross-fit come to one value. */

import type { Units } from "../../data/units.ts";
import type { Diagnostic } from "../../diagnostic.ts";
import type { Turn } from "../../gpu/run.ts";
import { mean } from "../../math/statistics.ts";
import type { Budget } from "../budget.ts";
import type { FoldResult } from "../folds.ts";
import type { GaussianFold } from "../gaussian-members.ts";
import type { Verdict } from "../interval.ts";
import type { Members } from "../member.ts";
import type { Critics } from "../networks.ts";

/** The value of an estimator whose critics were cross-fitted: while they train, fold by fold, and of all folds. */
export interface Valuation {
  /** Makes what looks at validation rows while critics train. */
  validate(critics: Critics): Promise<Validator>;
  /** Scores every fold's test rows once, and as many of its training rows, by critics at their best look. */
  score(critics: Critics, options: ScoreOptions): Promise<{ members: Members[]; folds: FoldResult[] }>;
  /**
   * One value of all folds of a fit.
   *
   * @param rows of the whole table
   * @param units of these rows; default: each is one
   */
  pool(folds: readonly FoldResult[], rows: number, turn: Turn, units?: Units): Promise<Pooled>;
  /** How far the point value lies above the pooled one, nats. */
  lift(verdict: Verdict): number;
  /** Diagnostics that say nothing of this value. */
  readonly unfit: readonly Diagnostic["name"][];
}

/** Looks at validation rows. */
export interface Validator {
  /** What each critic's validation rows say now, nats: `targets` decide when to stop, `values` are shown. */
  look(): Promise<{ targets: number[]; values: number[] }>;
  dispose(): void;
}

export interface ScoreOptions {
  budget: Budget;
  /** Inputs by each map for closed forms, of each fit; none without. */
  closedForms?: readonly Omit<GaussianFold, "train">[] | undefined;
  /** Leave `seen` out, which is NaN then: half of the scoring. */
  heldOnly?: boolean | undefined;
  /** Rows that depend on each other; default: each row is independent of all others. */
  units?: Units | undefined;
  /** Of the rows of the table, in the mean 1; for the Donsker-Varadhan bound alone. Default: all count alike. */
  weights?: Float64Array | undefined;
}

/** One value over the held-out rows of all folds. Everything is in nats. */
export interface Pooled {
  /** The value as it is; noise can take it below 0. */
  raw: number;
  /** How much each row (or block of rows) moves `raw`, times their number; NaN for a row that was not held out. */
  influences: Float64Array;
  /** Degrees of freedom of the standard error: units less one; Infinity where rows, which are many, tell it. */
  degreesOfFreedom: number;
  /** Log density ratio of each row by critics that never saw it; NaN for a row that was not held out. */
  pointwise: Float64Array;
}

/**
 * Standard error of a mean over the rows that were held out.
 *
 * @param units whose rows' influences are summed before they are squared (Liang and Zeger 1986), with G / (G − 1) for G of
 *   them. Influences of blocks of rows, which are fewer than rows, are of whole units already
 */
export function standardErrorOf(influences: Float64Array, units?: Units): number {
  if (units && influences.length === units.of.length) return clusteredError(influences, units);
  const held = influences.filter((v) => !Number.isNaN(v));
  return Math.sqrt(mean(held.map((v) => v * v)) / held.length);
}

function clusteredError(influences: Float64Array, { of, count }: Units): number {
  const sums = new Float64Array(count);
  const isHeld = new Uint8Array(count);
  let rows = 0;
  for (const [row, value] of influences.entries()) {
    if (Number.isNaN(value)) continue;
    sums[of[row]!]! += value;
    isHeld[of[row]!] = 1;
    rows++;
  }
  const held = isHeld.reduce((sum, one) => sum + one, 0);
  const squares = sums.reduce((sum, v) => sum + v * v, 0);
  return (Math.sqrt(squares) / rows) * Math.sqrt(held / (held - 1));
}
