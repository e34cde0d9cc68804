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

/** Features of all columns of Z, the coarsest of each first, as many as the rows allow, none made up of others. */
export function basisOf(given: readonly Features[]): Float64Array[] {
  const columns = given.map(unpacked);
  const rows = columns[0]![0]!.length;
  const byOrder = columns
    .flatMap((list) => list.map((feature, j) => ({ feature, j })))
    .sort((a, b) => a.j - b.j)
    .slice(0, Math.max(1, Math.floor(rows / ROWS_PER_FEATURE)));
  return unpacked(
    packed(
      byOrder.map(({ feature }) => feature),
      [],
      true,
    ),
  );
}
