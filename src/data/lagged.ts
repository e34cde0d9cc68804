/** Columns of rows in time, at a distance from each other. */

import { InputError } from "../errors.ts";
import { inWords } from "../options.ts";
import { type Column, chosenRows, completeRows, MIN_ROWS } from "./columns.ts";
import type { NamedColumn } from "./input.ts";

/** More lags than this are a mistake. */
const MOST_LAGS = 1000;

/**
 * Lags in rows, rising and each once: a list, or in words `"0-20"`, `"-5-5"`, `"0,1,2,7-9"`.
 *
 * @param name what messages call them
 * @throws {InputError} for what is no list of whole numbers
 */
export function readLags(lags: readonly number[] | string, name: string): number[] {
  const isList = Array.isArray(lags) || ArrayBuffer.isView(lags);
  const list = typeof lags === "string" ? lags.split(",").flatMap(rangeOf) : isList ? Array.from(lags) : [];
  if (list.length === 0 || !list.every(Number.isInteger)) {
    throw new InputError(
      `"${name}" must be whole numbers of rows, a list or a range such as "0-20", got ${inWords(lags)}`,
    );
  }
  const each = [...new Set(list.map((lag) => lag + 0))].sort((a, b) => a - b);
  if (each.length > MOST_LAGS) throw new InputError(`"${name}" names ${each.length} lags. Give at most ${MOST_LAGS}`);
  return each;
}

/** "3" or "0-20"; NaN for what is neither, and no more than shows that a range is too long. */
function rangeOf(text: string): number[] {
  const [, first, last = first] = /^\s*(-?\d{1,9})(?:\s*-\s*(-?\d{1,9}))?\s*$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from <= to)) return [Number.NaN];
  return Array.from({ length: Math.min(to - from, MOST_LAGS) + 1 }, (_, i) => from + i);
}

/** What stands at its time, in rows of one table. */
export interface TimeColumns {
  x: readonly Column[];
  y: readonly Column[];
  given: readonly Column[];
}

/** The columns of one lag. */
export interface LaggedColumns {
  lag: number;
  x: NamedColumn[];
  y: NamedColumn[];
  given: NamedColumn[];
}

/** For each lag columns of equally many rows, which hold y of the same times. */
export interface Lagged {
  lags: LaggedColumns[];
  rows: number;
  /** Rows at which every lag exists and a value of one is missing. */
  dropped: number;
}

/**
 * For each lag y_t beside x and given of `lag` rows before, and the `history` values of y before t after those of given. The times
 * t are those at which all of this exists for every lag and no value of it is missing, so that lags can be compared.
 *
 * @throws {InputError} where fewer than 20 such times are left
 */
export function laggedColumns({ x, y, given }: TimeColumns, lags: readonly number[], history: number): Lagged {
  const total = y[0]!.values.length;
  const first = Math.max(0, history, ...lags);
  const end = total + Math.min(0, ...lags);
  const before = (columns: readonly Column[], lag: number): Column[] =>
    columns.map((column) => ({ ...column, values: column.values.subarray(first - lag, Math.max(first, end) - lag) }));
  const past = Array.from({ length: history }, (_, i) => pastOf(before(y, i + 1), i + 1)).flat();
  const now = before(y, 0);
  const sides = lags.map((lag) => ({ x: before(x, lag), given: before(given, lag) }));
  const all = [...now, ...past, ...sides.flatMap((side) => [...side.x, ...side.given])];
  const { rows, dropped } = completeRows(all);
  refuseFew(rows.length, { total, first, end });
  const chosen = (columns: readonly Column[], side: string) => named(chosenRows(columns, rows), side);
  const ofAll = { y: chosen(now, "y"), past: chosen(past, "y") };
  return {
    lags: sides.map((side, i) => ({
      lag: lags[i]!,
      x: chosen(side.x, "x"),
      y: ofAll.y,
      given: [...chosen(side.given, "given"), ...ofAll.past],
    })),
    rows: rows.length,
    dropped,
  };
}

const pastOf = (columns: readonly Column[], rows: number): Column[] =>
  columns.map((column, c) => ({ ...column, name: `${column.name ?? `y ${c + 1}`}, ${rows} before` }));

const named = (columns: readonly Column[], side: string): NamedColumn[] =>
  columns.map((column, c) => ({ ...column, name: column.name ?? `${side} ${c + 1}` }));

/** @throws {InputError} that says whether the lags or missing values leave too few rows */
function refuseFew(rows: number, { total, first, end }: { total: number; first: number; end: number }): void {
  if (rows >= MIN_ROWS) return;
  const inside = Math.max(0, end - first);
  const missing = inside > rows ? `, and ${rows} of them have no missing value at any lag` : "";
  throw new InputError(
    `of ${total} rows ${inside} have all lags${missing}; at least ${MIN_ROWS} are needed. Take smaller lags${missing && " or fewer"}, or more rows`,
  );
}
