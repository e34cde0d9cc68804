/** The header of an NPY file: what its array is made of, and where each column's values are. */
import { InputError } from "../errors.ts";
import type { ByteQueue } from "./byte-queue.ts";
import { type NpyType, npyType } from "./npy-types.ts";
import { type Literal, readLiteral } from "./python-literal.ts";

/** The values of one column, at a place in each record. */
export interface NpyField {
  /** Which column of the table they are. */
  column: number;
  offset: number;
  type: NpyType;
}

/** Records of so many bytes that follow each other, one for each row. */
export interface NpyRun {
  bytes: number;
  fields: NpyField[];
}

export interface NpyArray {
  rows: number;
  /** By number, from "1", or by the names of the fields. */
  names: string[];
  /** Of each column. */
  types: NpyType[];
  /** In C order one, of whole rows; in Fortran order one for each column. */
  runs: NpyRun[];
  /** Of all values. */
  bytes: number;
  /** One value a row, and no name for it. */
  isFlat: boolean;
}

/** Longer headers are no headers; NumPy's own limit is 10 000 characters. */
const MOST_HEADER = 1 << 20;
/** More columns than any table has. */
const MOST_COLUMNS = 1 << 20;
/** Bytes of one row, which is read whole. */
const MOST_ROW = 1 << 28;

/** @throws {InputError} for what is no array of values in rows */
export async function readHeader(bytes: ByteQueue): Promise<NpyArray> {
  const start = await bytes.take(8);
  if (start.length < 8) throw cutOff("its header", 8, start.length);
  const [major, minor] = [start[6]!, start[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new InputError(
      `NPY version ${major}.${minor} is not known; 1.0, 2.0 and 3.0 are. Save it again with numpy.save`,
    );
  }
  const size = await bytes.take(major === 1 ? 2 : 4);
  const length = size.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
  if (length > MOST_HEADER) throw broken(`its header claims ${length} bytes`);
  const header = await bytes.take(length);
  if (header.length < length) throw cutOff("its header", 8 + size.length + length, 8 + size.length + header.length);
  return arrayOf(readLiteral(new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(header).trim()));
}

export const broken = (why: string): InputError =>
  new InputError(`a broken NPY file (${why}). Write it again with numpy.save, or download it again`);

/** A file that ends too early. */
export const cutOff = (what: string, bytes: number, there: number): InputError =>
  new InputError(
    `the file is cut off: ${what} takes ${bytes} bytes, and there are ${there}. Copy or download it again`,
  );

function arrayOf(header: Literal | undefined): NpyArray {
  if (!(header instanceof Map)) throw broken("its header is no dictionary");
  const [descr, isFortran, shape] = ["descr", "fortran_order", "shape"].map((key) => header.get(key));
  const isSize = (size: Literal) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (typeof isFortran !== "boolean") throw broken("its header does not say the order of its values");
  if (!Array.isArray(shape) || !shape.every(isSize)) throw broken("its shape is no list of sizes");
  if (Array.isArray(descr)) return recordsOf(descr, shape as number[]);
  const type = typeof descr === "string" ? npyType(descr) : undefined;
  if (!type) throw broken(`the type ${shownType(descr)} is not known`);
  return numbersOf(type, shape as number[], isFortran);
}

const shownType = (descr: Literal | undefined): string =>
  typeof descr === "string" ? `"${descr.slice(0, 20)}"` : "that its header says";

function numbersOf(type: NpyType, shape: readonly number[], isFortran: boolean): NpyArray {
  checkShape(shape, 2);
  const [rows = 0, columns = 1] = shape;
  const names = Array.from({ length: columns }, (_, c) => String(c + 1));
  const types = names.map(() => type);
  const field = (column: number, offset: number) => ({ column, offset, type });
  const runs = isFortran
    ? names.map((_, c) => ({ bytes: type.bytes, fields: [field(c, 0)] }))
    : [{ bytes: columns * type.bytes, fields: names.map((_, c) => field(c, c * type.bytes)) }];
  return sized({ rows, names, types, runs, isFlat: shape.length === 1 });
}

function checkShape(shape: readonly number[], most: number): void {
  const shown = shape.join(" × ");
  if (shape.length === 0) {
    throw new InputError(
      "the array is a single number, without an axis of rows. Give an array with one value or row per sample",
    );
  }
  if (shape.includes(0))
    throw new InputError(`the array is empty (${shown}). Give one with one value or row per sample`);
  if (shape.length > most) {
    const mend = most === 1 ? "array.reshape(-1)" : "array.reshape(len(array), -1)";
    throw new InputError(
      `the array has ${shape.length} axes (${shown}), and a table has rows and columns. Save ${mend}`,
    );
  }
  if (shape.length === 2 && shape[1]! > MOST_COLUMNS) {
    throw new InputError(
      `the array has ${shape[1]} columns; at most ${MOST_COLUMNS} are read. If its rows are columns, save array.T`,
    );
  }
}

function sized(array: Omit<NpyArray, "bytes">): NpyArray {
  const bytes = array.rows * array.runs.reduce((sum, run) => sum + run.bytes, 0);
  if (!Number.isSafeInteger(bytes)) throw broken("its shape is larger than any file");
  if (array.runs.some((run) => run.bytes === 0)) throw broken("its elements have no bytes");
  if (array.runs.some((run) => run.bytes > MOST_ROW)) throw broken("one of its rows is larger than 256 MiB");
  return { ...array, bytes };
}

/** A structured type: a list of names with their types, and of how many of them there are where it is not one. */
function recordsOf(descr: readonly Literal[], shape: readonly number[]): NpyArray {
  checkShape(shape, 1);
  const fields: NpyField[] = [];
  const names: string[] = [];
  let offset = 0;
  for (const entry of descr) {
    const [title, text, sizes = []] = Array.isArray(entry) ? entry : [];
    const name = Array.isArray(title) ? title.at(-1) : title;
    if (typeof name !== "string" || !Array.isArray(sizes)) throw broken("a field of its type has no name");
    const { type, count, bytes } = fieldOf(name, text, sizes);
    if (type) {
      if (fields.length + count > MOST_COLUMNS) throw broken("it has more columns than any table");
      for (let i = 0; i < count; i++) {
        fields.push({ column: names.length, offset: offset + i * type.bytes, type });
        names.push(count === 1 && sizes.length === 0 ? name : `${name}[${i + 1}]`);
      }
    }
    offset += bytes;
  }
  if (fields.length === 0) throw broken("its type has no fields");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw broken(`two fields are named "${twice}"`);
  const types = fields.map(({ type }) => type);
  return sized({ rows: shape[0]!, names, types, runs: [{ bytes: offset, fields }], isFlat: false });
}

/** The type of a field's elements; none for bytes that only stand between fields, which have no name. */
function fieldOf(name: string, text: Literal | undefined, sizes: readonly Literal[]) {
  if (Array.isArray(text)) {
    throw new InputError(
      `field "${name}" has fields itself. Save its fields beside the others, or as arrays of an .npz file`,
    );
  }
  const counts = sizes.map(Number);
  const count = counts.reduce((product, size) => product * size, 1);
  if (!counts.every((size) => Number.isSafeInteger(size) && size > 0)) throw broken(`field "${name}" has no size`);
  const padding = /^\|?V(\d{1,9})$/.exec(String(text));
  if (padding && name === "") return { type: undefined, count: 0, bytes: Number(padding[1]) * count };
  const type = typeof text === "string" ? npyType(text) : undefined;
  if (!type) throw broken(`the type ${shownType(text)} of field "${name}" is not known`);
  return { type, count, bytes: type.bytes * count };
}
