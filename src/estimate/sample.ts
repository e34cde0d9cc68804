/** Which rows of a large table an estimate uses, and for what. */
import { MOST_LEARNING, type Split } from "../crossfit/folds.ts";
import { checkRows } from "../data/check.ts";
import { chosenRows, MIN_ROWS, valuesOf } from "../data/columns.ts";
import type { CompleteSides } from "../data/sides.ts";
import { InputError } from "../errors.ts";
import { shuffled } from "../math/random.ts";
import { inWords } from "../options.ts";

/** A random part of the rows, where not all serve for everything. */
export interface Sample {
  /** Rows of the part. */
  rows: number;
  /** Rows it was taken from. */
  of: number;
  /** What it is for and why, in words. */
  reason: string;
}

/** How many rows are used; see `rows` of `EstimateOptions`. */
export type RowsAsked = number | "all" | undefined;

const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, " ");

/** @throws {InputError} for what is neither "all" nor a number of rows that can be estimated from */
export function checkRowsAsked(rows: unknown): asserts rows is RowsAsked {
  if (rows === undefined || rows === "all" || (Number.isInteger(rows) && (rows as number) >= MIN_ROWS)) return;
  throw new InputError(`"rows" must be "all" or a whole number from ${MIN_ROWS} on, got ${inWords(rows)}`);
}

/** As many of the rows as are asked for, at random and in their order; pointwise values of the others are NaN. */
export function sampled(
  all: Omit<CompleteSides, "group">,
  asked: RowsAsked,
  seed: number,
): Omit<CompleteSides, "group"> & { sample?: Sample } {
  const of = all.sides[0]!.rows;
  if (typeof asked !== "number" || asked >= of) return all;
  for (const side of all.sides) checkRows(all.sides[0]!, side);
  const chosen = shuffled(of, seed).slice(0, asked).sort();
  const sides = all.sides.map((side) => ({ ...side, rows: asked, columns: chosenRows(side.columns, chosen) }));
  return {
    ...{ sides, dropped: all.dropped, unused: all.unused, weights: all.weights && valuesOf(all.weights, chosen) },
    inGivenRows(values) {
      const spread = new Float64Array(of).fill(Number.NaN);
      for (const [i, row] of chosen.entries()) spread[row] = values[i]!;
      return all.inGivenRows(spread);
    },
    sample: {
      ...{ rows: asked, of },
      reason: `a random ${grouped(asked)} of ${grouped(of)} rows, as asked; all of them would make the sampling error ${Math.sqrt(of / asked).toFixed(1)} times less (--rows all)`,
    },
  };
}

/** What there is to say where critics learn from a part of the rows that they are tried on. */
export function learningSample(splits: readonly Split[]): Sample | undefined {
  const { train, test } = splits[0]!;
  const rows = splits.reduce((sum, split) => sum + split.test.length, 0);
  if (train.length < MOST_LEARNING.train || rows - test.length <= train.length * 1.2) return undefined;
  return {
    ...{ rows: train.length, of: rows },
    reason: `the critics of each fold learn from a random ${grouped(train.length)} of ${grouped(rows)} rows, more than their steps draw; all ${grouped(rows)} are held out once and scored (--rows all: learn from all)`,
  };
}
