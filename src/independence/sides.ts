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
  const all = categories.length > 1 ? [...columns, together(categories)] : columns;
  return all.map(featuresOf);
}

/** A category whose levels are the combinations of those of others. */
function together(columns: readonly Column[]): Column {
  const codes = new Map<string, number>();
  const values = columns[0]!.values.map((_, row) => {
    const key = columns.map((column) => column.values[row]!).join();
    if (!codes.has(key)) codes.set(key, codes.size);
    return codes.get(key)!;
  });
  return { kind: "category", values };
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
