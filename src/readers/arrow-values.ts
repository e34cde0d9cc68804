/** The values of Arrow's columns, out of their buffers (Arrow Columnar Format 1.5). */
import { type ArrowField, ArrowType } from "./arrow-schema.ts";
import { viewOf } from "./bytes.ts";
import type { ColumnType } from "./column-type.ts";
import { half, wholeNumber } from "./npy-types.ts";

/** One column's part of one batch. */
export interface ArrowPart {
  rows: number;
  nulls: number;
  /** As many as the type has, unpacked. */
  buffers: Uint8Array[];
}

/** What types without single values are called, in the plural. */
const OTHER: Readonly<Record<number, string>> = {
  [ArrowType.null]: "nothing but nulls",
  [ArrowType.interval]: "intervals of months and days",
  [ArrowType.list]: "lists",
  [ArrowType.largeList]: "lists",
  [ArrowType.fixedList]: "lists",
  [ArrowType.listView]: "lists",
  [ArrowType.largeListView]: "lists",
  [ArrowType.struct]: "structs",
  [ArrowType.union]: "unions of types",
  [ArrowType.map]: "maps",
  [ArrowType.runEnds]: "run-end encoded values",
};

const SECONDS = 86400;

/** What a column becomes. */
export function columnTypeOf({ type, unit, scale, bits, zone, dictionary }: ArrowField): ColumnType {
  if (dictionary) return columnTypeOf(dictionary.of);
  const perSecond = 1000 ** unit;
  switch (type) {
    case ArrowType.int:
      return [8, 16, 32, 64].includes(bits) ? { is: "numbers" } : { is: "other", what: `integers of ${bits} bits` };
    case ArrowType.float:
      return { is: "numbers" };
    case ArrowType.bool:
      return { is: "booleans" };
    case ArrowType.utf8:
    case ArrowType.largeUtf8:
    case ArrowType.utf8View:
      return { is: "texts" };
    case ArrowType.decimal:
      return { is: "decimals", scale };
    case ArrowType.date:
      return { is: "dates", perDay: unit === 0 ? 1 : SECONDS * 1000 };
    case ArrowType.timestamp:
      return { is: "dates", perDay: SECONDS * perSecond, ...(zone && { isUtc: true }) };
    case ArrowType.time:
      return { is: "times", perSecond };
    case ArrowType.duration:
      return { is: "durations", perSecond };
    default:
      return { is: "other", what: OTHER[type] ?? "bytes" };
  }
}

/** The value of a row, or the entry of a dictionary; null for none. */
export type Getter = (row: number) => unknown;

/**
 * @param entries of the field's dictionary, if it has one
 * @throws {RangeError} where the buffers hold fewer rows, there or when a value is taken
 */
export function getterOf(field: ArrowField, part: ArrowPart, entries?: readonly unknown[]): Getter {
  const own = plainGetter(field, part);
  const get = entries ? (row: number) => entryOf(entries, Number(own(row))) : own;
  const [mask] = part.buffers;
  if (part.nulls === 0 || !mask || mask.length === 0) return get;
  if (8 * mask.length < part.rows) throw new RangeError("a mask is shorter than its column");
  return (row) => ((mask[row >> 3]! >> (row & 7)) & 1 ? get(row) : null);
}

function entryOf(entries: readonly unknown[], place: number): unknown {
  if (!(place < entries.length)) throw new RangeError(`no entry ${place} in a dictionary of ${entries.length}`);
  return entries[place];
}

function plainGetter(field: ArrowField, { rows, buffers }: ArrowPart): Getter {
  const { type, bits } = field;
  const values = buffers[1] ?? new Uint8Array();
  const view = viewOf(values);
  const wide = (bytes: number, read: Getter): Getter => {
    if (values.length < rows * bytes) throw new RangeError("a column is shorter than its rows");
    return read;
  };
  switch (type) {
    case ArrowType.int:
      return wide(bits / 8, integers(view, bits, field.isSigned));
    case ArrowType.float:
      return wide(2 << field.unit, floats(view, field.unit));
    case ArrowType.bool:
      return wide(1 / 8, (row) => ((values[row >> 3]! >> (row & 7)) & 1) === 1);
    case ArrowType.decimal:
      return wide(bits / 8, decimals(view, bits, field.scale));
    case ArrowType.date:
      return field.unit === 0 ? wide(4, integers(view, 32, true)) : wide(8, integers(view, 64, true));
    case ArrowType.time:
      return wide(bits / 8, integers(view, bits, true));
    case ArrowType.timestamp:
    case ArrowType.duration:
      return wide(8, integers(view, 64, true));
    case ArrowType.utf8:
      return texts(buffers[2]!, offsets(view, rows, 4));
    case ArrowType.largeUtf8:
      return texts(buffers[2]!, offsets(view, rows, 8));
    default:
      return wide(16, views(view, buffers.slice(2)));
  }
}

function integers(view: DataView, bits: number, isSigned: boolean): Getter {
  if (bits === 64) return (row) => wholeNumber(view, 8 * row, true, isSigned);
  if (bits === 32) return isSigned ? (row) => view.getInt32(4 * row, true) : (row) => view.getUint32(4 * row, true);
  if (bits === 16) return isSigned ? (row) => view.getInt16(2 * row, true) : (row) => view.getUint16(2 * row, true);
  if (bits === 8) return isSigned ? (row) => view.getInt8(row) : (row) => view.getUint8(row);
  throw new RangeError(`integers of ${bits} bits`);
}

/** Of half, single or double precision. */
function floats(view: DataView, precision: number): Getter {
  if (precision === 2) return (row) => view.getFloat64(8 * row, true);
  if (precision === 1) return (row) => view.getFloat32(4 * row, true);
  if (precision === 0) return (row) => half(view.getUint16(2 * row, true));
  throw new RangeError(`floats of precision ${precision}`);
}

/** Whole numbers of up to 256 bits, of which so many digits stand after the point. */
function decimals(view: DataView, bits: number, scale: number): Getter {
  if (bits === 32) return (row) => shifted(view.getInt32(4 * row, true), scale);
  const words = bits / 64;
  if (![1, 2, 4].includes(words)) throw new RangeError(`decimals of ${bits} bits`);
  return (row) => {
    let value = view.getBigInt64(8 * (words * row + words - 1), true);
    for (let word = words - 2; word >= 0; word--)
      value = (value << 64n) | view.getBigUint64(8 * (words * row + word), true);
    return shifted(Number(value), scale);
  };
}

/** Divided by a power that is exact, so that 0.1 is the double that is nearest to it. */
const shifted = (value: number, scale: number): number => (scale >= 0 ? value / 10 ** scale : value * 10 ** -scale);

/** Where the text of a row begins, and that of row + 1 where it ends. */
function offsets(view: DataView, rows: number, bytes: 4 | 8): (row: number) => number {
  // A column without rows may leave its one offset out.
  if (rows > 0 && view.byteLength < (rows + 1) * bytes) throw new RangeError("a column is shorter than its rows");
  return bytes === 4 ? (row) => view.getInt32(4 * row, true) : (row) => Number(view.getBigInt64(8 * row, true));
}

const decoder = new TextDecoder();
/** Texts of fewer bytes are put together by themselves, which is faster. */
const SHORT = 24;

function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (!(start >= 0 && start <= end && end <= bytes.length)) throw new RangeError("a text lies outside of its column");
  if (end - start < SHORT) {
    let text = "";
    let at = start;
    for (; at < end && bytes[at]! < 128; at++) text += String.fromCharCode(bytes[at]!);
    if (at === end) return text;
  }
  return decoder.decode(bytes.subarray(start, end));
}

const texts =
  (bytes: Uint8Array, offset: (row: number) => number): Getter =>
  (row) =>
    textOf(bytes, offset(row), offset(row + 1));

/** Sixteen bytes a row: the length, then the text, or of a long one its start, its buffer and its place there. */
function views(view: DataView, data: readonly Uint8Array[]): Getter {
  const all = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return (row) => {
    const length = view.getInt32(16 * row, true);
    if (length <= 12) return textOf(all, 16 * row + 4, 16 * row + 4 + length);
    const bytes = data[view.getInt32(16 * row + 8, true)];
    const start = view.getInt32(16 * row + 12, true);
    return textOf(bytes ?? new Uint8Array(), start, start + length);
  };
}
