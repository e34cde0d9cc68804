/** The one currency of data: columns, on their way from a file's cells or a caller's arrays to the table on the GPU. */
import { InputError } from "../errors.ts";
import { inWords } from "../options.ts";

/** What a column may hold. */
export const kinds = ["numeric", "category"] as const;

/** One column of a table. */
export interface Column {
  /** Without a name messages call it by its number. */
  name?: string | undefined;
  /** The values of a category are codes, whose order means nothing. */
  kind: (typeof kinds)[number];
  /** One number per row, finite, or NaN where it is missing. */
  values: Float64Array;
  /** What codes from 0 on stand for; messages show it. */
  levels?: readonly string[] | undefined;
}

/** A value as a person knows it: the text of a code, or the number. */
export const shown = ({ levels }: Pick<Column, "levels">, value: number): string =>
  levels?.[value] === undefined ? String(value) : `"${levels[value]}"`;

/** `"versus"` is X′, which is compared with X. */
export type SideName = "x" | "y" | "given" | "versus";

/** The columns of X, of Y or of Z: equally many rows. */
export interface Side {
  name: SideName;
  columns: Column[];
  rows: number;
}

/** What to do with rows in which a value is missing. */
export type Missing = "throw" | "drop";

/** Fewer rows than this are refused. */
export const MIN_ROWS = 20;

/** @throws {InputError} when it is neither */
export function checkMissing(missing: unknown): asserts missing is Missing {
  if (missing === "throw" || missing === "drop") return;
  throw new InputError(`"missing" must be "throw" or "drop", got ${inWords(missing)}`);
}

/** The rows without a missing value in any of the columns, and which columns cost how many rows. */
export interface Complete {
  rows: Uint32Array;
  dropped: number;
  droppedBy: { name: string; count: number }[];
}

/** Finds the rows that have all values. The columns have equally many rows. */
export function completeRows(columns: readonly Column[]): Complete {
  const total = columns[0]?.values.length ?? 0;
  const isIncomplete = new Uint8Array(total);
  const droppedBy: Complete["droppedBy"] = [];
  let dropped = 0;
  for (const [c, { name, values }] of columns.entries()) {
    let count = 0;
    for (let row = 0; row < total; row++) {
      if (!Number.isNaN(values[row]!)) continue;
      count++;
      if (isIncomplete[row] === 0) dropped++;
      isIncomplete[row] = 1;
    }
    if (count > 0) droppedBy.push({ name: name ?? String(c + 1), count });
  }
  const rows = new Uint32Array(total - dropped);
  for (let row = 0, kept = 0; row < total; row++) if (isIncomplete[row] === 0) rows[kept++] = row;
  return { rows, dropped, droppedBy };
}

/** The chosen rows of each column. */
export const chosenRows = (columns: readonly Column[], chosen: Uint32Array): Column[] =>
  columns.map((column) => ({ ...column, values: valuesOf(column.values, chosen) }));

/** The values of the chosen rows. */
export function valuesOf(values: Float64Array, chosen: Uint32Array): Float64Array {
  const kept = new Float64Array(chosen.length);
  for (let i = 0; i < kept.length; i++) kept[i] = values[chosen[i]!]!;
  return kept;
}

/** Values of one column that are read one by one: a typed array, or a column of a row-major table. */
export interface Values {
  readonly length: number;
  at(row: number): number | undefined;
}

/** Width of the middle half of the values. */
export function middleHalf(values: Values): number {
  const sorted = Float64Array.from({ length: values.length }, (_, row) => values.at(row)!).sort();
  return sorted[Math.floor(0.75 * sorted.length)]! - sorted[Math.floor(0.25 * sorted.length)]!;
}

export const isConstant = (values: Values): boolean => {
  const first = values.at(0);
  for (let row = 1; row < values.length; row++) if (values.at(row) !== first) return false;
  return true;
};

export const isEqual = (a: Values, b: Values): boolean => {
  for (let row = 0; row < a.length; row++) if (a.at(row) !== b.at(row)) return false;
  return true;
};
