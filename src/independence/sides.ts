/** What a test of independence sees of sides of several columns: the features of each, of what Z leaves of them. */

import type { Column } from "../data/columns.ts";
import { type Features, featuresOf, packed, unpacked } from "./features.ts";

/** The columns of X, of Y, and of Z if there is one, equally long. */
export interface TestedSides {
  x: readonly Column[];
  y: readonly Column[];
  given?: readonly Column[] | undefined;
}

/** Rows for each feature of Z, at least: more features would take away what X and Y have of their own. */
const ROWS_PER_FEATURE = 10;

/**
 * Of rows that depend on each other, independent rows for each feature of Z and of X and Y, at least. Fine features of slow series
 * are known badly, and those of Z are taken away twice: of X ← Z → Y, all with an autocorrelation of .9, 400 rows, worth
 * 40, 8 features of each had p ≤ .05 in 11 % of data sets, 2 of X and Y in 5 %. Where X and Y follow Z along curves, 4 features
 * of Z had 29 %, 8 had 9 %.
 */
const WORTH_PER_FEATURE = { given: 5, own: 20 };

/** The features of the columns of a side; of several categories also those of all of them together, which pairs cannot show. */
export function sideFeatures(columns: readonly Column[]): Features[] {
  const categories = columns.filter(({ kind }) => kind === "category");
  const features = columns.map(featuresOf);
  if (categories.length < 2) return features;
  const together = Float64Array.from(combinationsOf(categories, columns[0]!.values.length));
  return [...features, featuresOf({ kind: "category", values: together })];
}

/** The combination of categories that each row has, as a number from 0 on; of none the same everywhere. */
export function combinationsOf(categories: readonly Column[], rows: number): Uint32Array {
  const codes = new Map<string, number>();
  return Uint32Array.from({ length: rows }, (_, row) => {
    const key = categories.map(({ values }) => values[row]!).join();
    if (!codes.has(key)) codes.set(key, codes.size);
    return codes.get(key)!;
  });
}

/**
 * The features less what those of Z say of them by linear regression, made uncorrelated and of variance 1 again. What is left of
 * two features correlates under X ⊥ Y | Z only as far as Z's features do not reach (Shah and Peters 2020,
 * doi:10.1214/19-AOS1857).
 *
 * @param basis of Z, by {@link basisOf}
 */
export const lessGiven = (features: readonly Features[], basis: readonly Float64Array[]): Features[] =>
  features.map((column) => packed(unpacked(column), basis, column.isCategory));

/** The features with their rows in another order. */
export const reordered = (features: readonly Features[], order: Uint32Array): Features[] =>
  features.map((column) => {
    const wide = 4 * column.fours;
    const values = new Float32Array(column.values.length);
    for (const [row, from] of order.entries())
      values.set(column.values.subarray(wide * from, wide * (from + 1)), wide * row);
    return { ...column, values };
  });

/** As many of a column's features, the coarsest first, as are known from rows that are worth so many independent ones. */
export function coarsest(column: Features, worth: number): Features {
  const most = Math.max(1, Math.floor(worth / WORTH_PER_FEATURE.own));
  return column.count <= most ? column : packed(unpacked(column).slice(0, most), [], column.isCategory);
}

/**
 * Features of all columns of Z, the coarsest of each first, one of each and as many as the rows allow, none made up of others.
 * Those of numbers are there for each level of the categories too, for what a number says may depend on the level.
 *
 * @param worth how many independent rows they are worth, where they depend on each other
 */
export function basisOf(given: readonly Features[], worth?: number): Float64Array[] {
  const columns = given.map(unpacked);
  const rows = columns[0]![0]!.length;
  const most = worth ? worth / WORTH_PER_FEATURE.given : rows / ROWS_PER_FEATURE;
  // Of several categories the last column is of all of them together.
  const levels = columns[given.findLastIndex(({ isCategory }) => isCategory)] ?? [];
  const candidates = columns.flatMap((list, c) =>
    list.flatMap((feature, order) => [
      { feature, order },
      ...(given[c]!.isCategory
        ? []
        : levels.map((level) => ({ feature: product(feature, level), order: order + 0.5 }))),
    ]),
  );
  const coarsestFirst = candidates
    .sort((a, b) => a.order - b.order)
    .slice(0, Math.max(columns.length, Math.floor(most)));
  return unpacked(
    packed(
      coarsestFirst.map(({ feature }) => feature),
      [],
      true,
    ),
  );
}

const product = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, row) => value * b[row]!);
