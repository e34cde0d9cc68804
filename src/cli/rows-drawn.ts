/** Rows of columns as pictures show them: so many of them, in their own units. */
import { type Column, shown, valuesOf } from "../data/columns.ts";
import { isDiscrete, kindOf } from "../data/kinds.ts";
import type { FileColumn } from "../data/table.ts";
import { shuffled } from "../math/random.ts";
import type { ScatterSide } from "../report/scatter.ts";

/** Points of a picture, at most. */
export const MOST_POINTS = 2000;

/** At most `most` of the rows, drawn by the seed, in their order. */
export function drawnRows(rows: Uint32Array, seed: number, most = MOST_POINTS): Uint32Array {
  if (rows.length <= most) return rows;
  return shuffled(rows.length, seed)
    .subarray(0, most)
    .map((place) => rows[place]!)
    .sort();
}

/** A column as an axis: what is taken for a category has bands. `all` are the rows that say what it is taken for. */
export function sideOf(column: FileColumn, rows: Uint32Array, all: Uint32Array): ScatterSide {
  const { name, isDate } = column;
  const values = valuesOf(column.values, rows);
  if (!isDiscrete({ kind: column.kind, values: valuesOf(column.values, all) })) return { name, values, isDate };
  const codes = [...new Set(values)].sort((a, b) => a - b);
  const place = new Map(codes.map((code, i) => [code, i]));
  const levels = codes.map((code) => shownBare(column, code));
  return { name, values: values.map((value) => place.get(value)!), levels };
}

const shownBare = (column: Pick<Column, "levels">, code: number): string =>
  column.levels?.[code] ?? shown(column, code);

/** What a column is taken for, in a word. */
export function takenFor(column: FileColumn, rows: Uint32Array): string {
  if (column.isDate) return "date";
  const { kind } = kindOf({ kind: column.kind, values: valuesOf(column.values, rows) });
  if (kind === "category") return "category";
  return column.levels ? "ordered labels" : "number";
}
