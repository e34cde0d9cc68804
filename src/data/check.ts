/** Arrays in: what callers may give, and what is refused. */
import { InputError } from "../errors.ts";

/** Samples as a caller may hand them in: one number per row, one array per row, or row-major data with its width. */
export type ArrayInput =
  | readonly number[]
  | readonly (readonly number[] | Float32Array | Float64Array)[]
  | Float32Array
  | Float64Array
  | { data: Float32Array | Float64Array; columns: number };

/** One side of a pair: columns of equal length, with what messages should call them. */
export interface Columns {
  columns: Float64Array[];
  rows: number;
  /** Names for messages; without them a column is called by its number. */
  names?: readonly string[];
  /** Which columns are codes of a category; the others are numbers. */
  categories?: readonly boolean[];
}

/** Fewer rows than this are refused. */
export const MIN_ROWS = 20;
const MAX_DISCRETE = 20;

/** Copies an input into float64 columns. Throws when it is empty, ragged, or holds anything but finite numbers. */
export function toColumns(input: ArrayInput, name: "x" | "y" | "given", names?: readonly string[]): Columns {
  const { rows, width, at, where } = open(input, name);
  if (rows === 0 || width === 0) throw new InputError(`${name} is empty. Give at least ${MIN_ROWS} rows of numbers`);
  if (names !== undefined && names.length !== width) {
    throw new InputError(`${name} has ${width} columns and ${names.length} names. Give one name per column`);
  }
  const columns = Array.from({ length: width }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) {
      const value = at(i, j);
      if (typeof value !== "number" || !Number.isFinite(value)) {
        const place = `${name}: row ${i + 1}, column ${names ? `"${names[j]}"` : j + 1} (${where(i, j)})`;
        throw new InputError(
          typeof value === "number"
            ? `${place} is ${value}. Replace it by a finite number, or leave the row out of x and y`
            : `${place} is ${describe(value)}, not a number. Convert it with Number(), or leave the row out of x and y`,
        );
      }
      columns[j]![i] = value;
    }
  }
  return { columns, rows, ...(names && { names }) };
}

/**
 * Throws when MI between the two sides cannot be estimated: different or too few rows, a constant column, or one
 * continuous column on both sides. A discrete one may be on both: its MI with itself is its entropy.
 */
export function checkPair(x: Columns, y: Columns): void {
  if (x.rows !== y.rows) {
    throw new InputError(
      `x has ${x.rows} rows and y has ${y.rows}. Row i of x and row i of y are one sample: give both the same rows`,
    );
  }
  if (x.rows < MIN_ROWS) {
    const wide = [x, y].some((side) => side.columns.length > side.rows);
    throw new InputError(
      `x and y have ${x.rows} rows; at least ${MIN_ROWS} are needed, and hundreds for an interval of use. ${wide ? "If the inner arrays are columns, transpose them: rows come first" : "Collect more rows"}`,
    );
  }
  refuseConstant(x, "x");
  refuseConstant(y, "y");
  for (const [i, a] of x.columns.entries()) {
    const j = y.columns.findIndex((b) => a.every((value, row) => value === b[row]));
    if (j < 0 || isDiscrete(x, i) || isDiscrete(y, j)) continue;
    throw new InputError(
      `${label(x, "x", i)} and ${label(y, "y", j)}: the same column in x and y: MI of continuous data with itself is infinite; drop it from one side`,
    );
  }
}

/** Throws when I(X;Y|Z) cannot be estimated for this Z: different rows, a constant column, or one that is also in x or y. */
export function checkGiven(given: Columns, x: Columns, y: Columns): void {
  if (given.rows !== x.rows) {
    throw new InputError(
      `x has ${x.rows} rows and given has ${given.rows}. Row i of each is one sample: give all of them the same rows`,
    );
  }
  refuseConstant(given, "given");
  for (const [side, name] of [
    [x, "x"],
    [y, "y"],
  ] as const) {
    for (const [i, a] of given.columns.entries()) {
      const j = side.columns.findIndex((b) => a.every((value, row) => value === b[row]));
      if (j < 0) continue;
      throw new InputError(
        `${label(given, "given", i)} and ${label(side, name, j)}: the same column in given and ${name}: once it is given, it tells nothing more; drop it from one of them`,
      );
    }
  }
}

type Cells = {
  rows: number;
  width: number;
  at: (row: number, column: number) => unknown;
  where: (row: number, column: number) => string;
};

function open(input: unknown, name: string): Cells {
  if (isVector(input) && !isVector(input[0])) {
    return { rows: input.length, width: 1, at: (i) => input[i], where: (i) => `${name}[${i}]` };
  }
  if (isVector(input)) return openRows(input, name);
  if (typeof input === "object" && input !== null && "data" in input && "columns" in input) {
    return openFlat(input.data, input.columns, name);
  }
  throw new InputError(
    `${name} must be an array of numbers, an array of rows, a Float32Array, a Float64Array or { data, columns }, got ${describe(input)}`,
  );
}

function openRows(input: ArrayLike<unknown>, name: string): Cells {
  const rows = Array.from(input);
  const width = (rows[0] as ArrayLike<unknown>).length;
  const ragged = rows.findIndex((row) => !isVector(row) || row.length !== width);
  if (ragged >= 0) {
    const row = rows[ragged];
    throw new InputError(
      `${name}: row ${ragged + 1} (${name}[${ragged}]) ${isVector(row) ? `has ${row.length} values` : `is ${describe(row)}`}, row 1 has ${width}. Give every row ${width} values`,
    );
  }
  return {
    rows: rows.length,
    width,
    at: (i, j) => (rows[i] as ArrayLike<unknown>)[j],
    where: (i, j) => `${name}[${i}][${j}]`,
  };
}

function openFlat(data: unknown, columns: unknown, name: string): Cells {
  if (!isVector(data)) {
    throw new InputError(`${name}.data must be a Float32Array or a Float64Array, got ${describe(data)}`);
  }
  if (typeof columns !== "number" || !Number.isInteger(columns) || columns < 1) {
    throw new InputError(`${name}.columns must be a positive whole number, got ${String(columns)}`);
  }
  if (data.length % columns !== 0) {
    throw new InputError(
      `${name}.data has ${data.length} values, which is no multiple of ${name}.columns = ${columns}. Give rows × columns values, row after row`,
    );
  }
  return {
    rows: data.length / columns,
    width: columns,
    at: (i, j) => data[i * columns + j],
    where: (i, j) => `${name}.data[${i * columns + j}]`,
  };
}

function isVector(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function refuseConstant(side: Columns, name: string): void {
  const i = side.columns.findIndex((column) => column.every((value) => value === column[0]));
  if (i < 0) return;
  throw new InputError(
    `${label(side, name, i)} is constant (${side.columns[i]![0]} in every row), so it carries no information. Leave it out`,
  );
}

function isDiscrete(side: Columns, index: number): boolean {
  if (side.categories?.[index]) return true;
  const column = side.columns[index]!;
  return column.every(Number.isInteger) && new Set(column).size <= MAX_DISCRETE;
}

/** What messages call a column. */
export function label(side: Columns, name: string, index: number): string {
  if (side.names !== undefined) return `column "${side.names[index]}" of ${name}`;
  return side.columns.length === 1 ? name : `column ${index + 1} of ${name}`;
}

function describe(value: unknown): string {
  if (typeof value === "string") return `the text "${value.length > 40 ? `${value.slice(0, 39)}…` : value}"`;
  if (Array.isArray(value)) return "an array";
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
