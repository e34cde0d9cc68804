/** When a column of numbers is taken for an unordered category: the one rule of it. */
import type { Column, Values } from "./columns.ts";

/** Numbers of more different values than this keep their order. */
const MOST_LEVELS = 20;

/** Rows for each cell of a table of the column with another of as many values, from which on no order is needed. */
const ROWS_A_CELL = 5;

/** What a column is taken for, and why in words. */
export interface Decision {
  kind: Column["kind"];
  reason: string;
}

/**
 * What a column is taken for. A category stays one. Numbers become an unordered category by how many different values
 * they have, L, and not by their unit or by whether they are whole: if L is 2, or if L is at most 20 and there are at least
 * 5 L² rows, 5 for each cell of a table with another such column. Then the table alone tells all. Otherwise order is
 * information that so few rows cannot do without, and the column stays numeric. NaN counts as missing.
 */
export function kindOf({ kind, values }: { kind: Column["kind"]; values: Values }): Decision {
  if (kind === "category") return { kind, reason: "said or read to be a category" };
  const different = new Set<number>();
  let rows = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values.at(row)!;
    if (Number.isNaN(value)) continue;
    rows++;
    if (different.add(value).size > MOST_LEVELS) {
      return { kind, reason: `numbers of more than ${MOST_LEVELS} values` };
    }
  }
  const levels = different.size;
  if (levels < 2) return { kind, reason: levels === 0 ? "no value at all" : "one value in all rows: constant" };
  if (levels === 2) return { kind: "category", reason: "two values: order would add nothing" };
  const facts = `${levels} values in ${rows} rows`;
  return rows >= ROWS_A_CELL * levels ** 2
    ? { kind: "category", reason: `${facts}: at least ${ROWS_A_CELL} rows a cell of a table` }
    : { kind, reason: `${facts}: fewer than ${ROWS_A_CELL} rows a cell of a table, so their order is kept` };
}

/** Whether {@link kindOf} takes a column for a category. */
export const isDiscrete = (column: Parameters<typeof kindOf>[0]): boolean => kindOf(column).kind === "category";

/** The columns with the kind that {@link kindOf} takes each for. */
export const asTaken = (columns: readonly Column[]): Column[] =>
  columns.map((column) => ({ ...column, kind: kindOf(column).kind }));

/** Why nothing can be told from a category: its levels hardly repeat. Undefined where they do. */
export function levelsProblem({ kind, values }: { kind: Column["kind"]; values: Values }): string | undefined {
  if (kind !== "category") return undefined;
  const different = new Set<number>();
  for (let row = 0; row < values.length; row++) different.add(values.at(row)!);
  if (2 * different.size <= values.length) return undefined;
  return `a category of ${different.size} levels in ${values.length} rows, fewer than two rows each, so nothing of it repeats that could be told. Merge levels (the first digits of a code, a region for a place), or leave it out`;
}
