/** From what callers hand in to columns: arrays, or columns with names. */
import { InputError } from "../errors.ts";
import { inWords } from "../options.ts";
import { type Column, kinds, MIN_ROWS, type Missing, type Side, type SideName } from "./columns.ts";

/** Samples as arrays: one number per row, one array per row, or row-major data with its width. */
export type ArrayInput =
  | readonly number[]
  | readonly (readonly number[] | Float32Array | Float64Array)[]
  | Float32Array
  | Float64Array
  | { data: Float32Array | Float64Array; columns: number };

/** A column with its name. */
export interface NamedColumn {
  name: string;
  /** One number per row, NaN where it is missing. A Float64Array is not copied: leave it as it is while a call runs. */
  values: ArrayLike<number>;
  /** `"category"`: the values are codes, whose order means nothing. Default `"numeric"`. */
  kind?: Column["kind"] | undefined;
  /** What codes from 0 on stand for; messages show it. */
  levels?: readonly string[] | undefined;
}

/** Columns by name, or a list of them. */
export type NamedColumns = readonly NamedColumn[] | Readonly<Record<string, ArrayLike<number>>>;

/** Samples as every call takes them. */
export type ColumnsInput = ArrayInput | NamedColumns;

/** What else is said of the columns of arrays, and of missing values. */
export interface Told {
  names?: readonly string[] | undefined;
  /** Which columns are codes of a category; the others are numbers. */
  categories?: readonly boolean[] | undefined;
  missing?: Missing | undefined;
}

/**
 * One side as columns; arrays are copied. Throws when it is empty, ragged, or holds anything but finite numbers: NaN means
 * missing where such rows are dropped.
 */
export function toColumns(input: ColumnsInput, name: SideName, told: Told = {}): Side {
  const { missing = "throw", names, categories } = told;
  const list = namedColumns(input);
  if (!list) return columnsOfArray(input, name, told);
  if (names || categories) {
    throw new InputError(`"names" and "categories" are for arrays, and ${name} has columns with names. Leave them out`);
  }
  const columns = readNamed(list, missing, name);
  return { name, columns, rows: columns[0]!.values.length };
}

/** A whole table as columns with names; those of arrays are called by their numbers. */
export function tableColumns(input: ColumnsInput, missing: Missing): (Column & { name: string })[] {
  const list = namedColumns(input);
  if (list) return readNamed(list, missing);
  if (typeof input === "object" && input !== null && Object.keys(input).length === 0) return [];
  const { columns } = columnsOfArray(input, "x", { missing });
  return columns.map((column, c) => ({ ...column, name: String(c + 1) }));
}

/** The list of columns with names; undefined for arrays. */
function namedColumns(input: unknown): NamedColumn[] | undefined {
  if (isVector(input)) {
    const first = input[0];
    return isObject(first) && "values" in first ? Array.from(input as ArrayLike<NamedColumn>) : undefined;
  }
  if (!isObject(input) || ("data" in input && "columns" in input && !isVector(input.columns))) return undefined;
  const list = Object.entries(input).map(([name, values]) => ({ name, values: values as ArrayLike<number> }));
  return list.some(({ values }) => isVector(values)) ? list : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !isVector(value);

/** Checks columns with names; `side` is what messages add. */
function readNamed(list: readonly NamedColumn[], missing: Missing, side?: SideName): (Column & { name: string })[] {
  const names = new Set<string>();
  return list.map((column) => {
    const { name, values, kind = "numeric", levels } = column ?? {};
    if (typeof name !== "string") throw new InputError(`the name of a column must be a text, got ${inWords(name)}`);
    const place = `column "${name}"${side ? ` of ${side}` : ""}`;
    if (names.has(name)) throw new InputError(`two columns are named "${name}". Rename one`);
    names.add(name);
    if (!isVector(values)) {
      throw new InputError(`${place} is ${describe(values)}, not an array of numbers. Give one number per row`);
    }
    if (!kinds.includes(kind)) {
      const all = kinds.map((each) => `"${each}"`).join(" or ");
      throw new InputError(`${place}: "kind" must be ${all}, got ${inWords(kind)}`);
    }
    if (values.length !== list[0]!.values.length) {
      throw new InputError(
        `column "${name}" has ${values.length} rows and "${list[0]!.name}" has ${list[0]!.values.length}. Give all columns the same rows`,
      );
    }
    if (side && values.length === 0) throw empty(side);
    for (let i = 0; i < values.length; i++) {
      if (isNumber(values[i], missing)) continue;
      const mend =
        missing === "drop"
          ? ", and NaN where a value is missing"
          : ', or leave rows without a value out: missing "drop"';
      const value: unknown = values[i];
      const got = typeof value === "string" ? value : inWords(value);
      throw new InputError(`row ${i + 1} of ${place} is ${got}. Give finite numbers${mend}`);
    }
    const own = values instanceof Float64Array ? values : Float64Array.from(values);
    return { name, kind, values: own, ...(levels && { levels }) };
  });
}

const isNumber = (value: unknown, missing: Missing): boolean =>
  typeof value === "number" && (Number.isFinite(value) || (missing === "drop" && Number.isNaN(value)));

const empty = (name: string) => new InputError(`${name} is empty. Give at least ${MIN_ROWS} rows of numbers`);

function columnsOfArray(input: unknown, name: SideName, { names, categories, missing = "throw" }: Told): Side {
  const { rows, width, at, where } = open(input, name);
  if (rows === 0 || width === 0) throw empty(name);
  if (names !== undefined && names.length !== width) {
    throw new InputError(`${name} has ${width} columns and ${names.length} names. Give one name per column`);
  }
  const columns = Array.from({ length: width }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) {
      const value = at(i, j);
      if (!isNumber(value, missing)) throw refusal(value, name, i, names ? `"${names[j]}"` : j + 1, where(i, j));
      columns[j]![i] = value as number;
    }
  }
  return {
    name,
    rows,
    columns: columns.map((values, c) => ({
      ...(names && { name: names[c] }),
      kind: categories?.[c] ? "category" : "numeric",
      values,
    })),
  };
}

/** What is wrong with a value that is no finite number. */
export function refusal(value: unknown, name: string, row: number, column: string | number, where: string): InputError {
  const place = `${name}: row ${row + 1}, column ${column} (${where})`;
  return new InputError(
    typeof value === "number"
      ? `${place} is ${value}. Replace it by a finite number, or leave the row out of x and y`
      : `${place} is ${describe(value)}, not a number. Convert it with Number(), or leave the row out of x and y`,
  );
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
    throw new InputError(`${name}.columns must be a positive whole number, got ${inWords(columns)}`);
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

function describe(value: unknown): string {
  if (typeof value === "string") return `the text "${value.length > 40 ? `${value.slice(0, 39)}…` : value}"`;
  if (Array.isArray(value)) return "an array";
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
