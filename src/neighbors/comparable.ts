/** Sides as neighbours are looked for among them: one row-major float32 table of distances that can be compared. */

import type { Values } from "../data/columns.ts";
import type { TableSource } from "../sources/table.ts";

/** The columns of X, of Y, and of Z if there is one. */
export interface Spaces {
  x: readonly Values[];
  y: readonly Values[];
  given?: readonly Values[] | undefined;
  /** How many of them are numbers, and not digits of levels; default all. */
  numbers?: number;
  /** Codes of the categories whose digits stand among them; default none. */
  categories?: readonly Float64Array[];
}

/** A table of the columns of x, then those of y; the last `given` of each are those of Z. */
export interface SearchTable {
  source: TableSource;
  given: number;
  /** Columns of numbers, and not digits of levels, among all. */
  numbers: number;
  /** Codes of the columns that are categories. */
  categories: readonly Float64Array[];
  /** The larger share of the rows of x, and of y, that equal another row. */
  repeated: number;
}

/**
 * Row-major float32 with a value of each column taken off, which keeps whole numbers whole, and all columns divided by one
 * power of two, which changes no order of distances and keeps their squares in range.
 *
 * @param data where the table is written; the spaces may be its own columns, in the same places
 */
export function comparable(spaces: Spaces, data?: Float32Array): SearchTable {
  const { x, y, given = [] } = spaces;
  const columns = [...x, ...given, ...y];
  const { numbers = columns.length, categories = [] } = spaces;
  const rows = columns[0]!.length;
  const [xWidth, yWidth] = [x.length + given.length, y.length + given.length];
  const width = xWidth + yWidth;
  const table = data ?? new Float32Array(rows * width);
  const middles = columns.map((values) => middleOf(values) / 2);
  let largest = 0;
  for (const [c, values] of columns.entries()) {
    for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(values.at(i)! / 2 - middles[c]!));
  }
  const unit = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
  for (const [c, values] of columns.entries()) {
    for (let i = 0; i < rows; i++) table[i * width + c] = (values.at(i)! / 2 - middles[c]!) / unit;
  }
  for (let c = columns.length; c < width; c++) {
    for (let i = 0; i < rows; i++) table[i * width + c] = table[i * width + c - yWidth]!;
  }
  const picks = [Array.from({ length: width }, (_, c) => c)];
  const pairs = new Uint32Array(2 * rows);
  for (let i = 0; i < pairs.length; i++) pairs[i] = i >> 1;
  return {
    source: { kind: "table", xWidth, yWidth, data: table, rows, columns: width, picks, pairs: [pairs] },
    given: given.length,
    ...{ numbers, categories },
    repeated: Math.max(repeatedShare(table, width, 0, x.length), repeatedShare(table, width, xWidth, y.length)),
  };
}

function middleOf(values: Values): number {
  const sorted = new Float64Array(values.length);
  for (let i = 0; i < sorted.length; i++) sorted[i] = values.at(i)!;
  return sorted.sort()[sorted.length >>> 1]!;
}

/** Share of the rows that equal another row in the `count` columns from `first` on. */
export function repeatedShare(data: Float32Array, width: number, first: number, count: number): number {
  const rows = data.length / width;
  const bits = Math.ceil(Math.log2(2 * rows));
  // Of each slot the row that came first, plus 1; how often it came is kept by row.
  const slots = new Int32Array(2 ** bits);
  const counts = new Uint32Array(rows);
  const equal = (a: number, b: number) => {
    for (let c = first; c < first + count; c++) if (data[a * width + c] !== data[b * width + c]) return false;
    return true;
  };
  for (let i = 0; i < rows; i++) {
    let slot = hashOfRow(data, i * width + first, count) >>> (32 - bits);
    while (slots[slot] !== 0 && !equal(slots[slot]! - 1, i)) slot = (slot + 1) % slots.length;
    if (slots[slot] === 0) slots[slot] = i + 1;
    counts[slots[slot]! - 1]!++;
  }
  let repeated = 0;
  for (const count of counts) if (count > 1) repeated += count;
  return repeated / rows;
}

const word = new Float32Array(1);
const bitsOfWord = new Uint32Array(word.buffer);

/** 32 bits of some values, whose first bits tell them apart (MurmurHash3); 0 and −0 are one. */
function hashOfRow(data: Float32Array, from: number, count: number): number {
  let hash = 0;
  for (let at = from; at < from + count; at++) {
    word[0] = data[at]! + 0;
    hash = Math.imul((hash ^ bitsOfWord[0]!) + 0x9e3779b9, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash;
}

/** A column of a row-major table, read in place. */
export class Lane implements Values {
  readonly length: number;
  readonly #data: Float32Array;
  readonly #width: number;
  readonly #column: number;

  constructor(data: Float32Array, width: number, column: number) {
    this.length = data.length / width;
    this.#data = data;
    this.#width = width;
    this.#column = column;
  }

  at(row: number): number {
    return this.#data[row * this.#width + this.#column]!;
  }
}
