/** What the elements of a NumPy array are, and how one is read. */
import { InputError } from "../errors.ts";
import type { ColumnType } from "./column-type.ts";

/** One type of elements. */
export interface NpyType {
  /** Of one element. */
  bytes: number;
  column: ColumnType;
  /** The element at a place; null for none. */
  read(view: DataView, at: number): unknown;
}

/** Letters of a type, and how many bytes its elements may have. */
const SIZES: Readonly<Record<string, readonly number[]>> = { b: [1], i: [1, 2, 4, 8], u: [1, 2, 4, 8], f: [2, 4, 8] };

/** What is refused, with the mend. */
const REFUSED: Readonly<Record<string, string>> = {
  O: "the array holds Python objects, which are stored as a pickle, and to read one can run code. Save it with a plain type: numpy.save(path, array.astype(float))",
  c: "the array holds complex numbers. Save their parts as two columns: numpy.save(path, numpy.stack([array.real, array.imag], axis=-1))",
  f: "the array holds floats that no other program reads (long double or float128). Save them in double precision: numpy.save(path, array.astype(float))",
  V: "the array holds raw bytes without a type. Save it with one: numpy.save(path, array.view(dtype))",
};

/** Longest text of one element, in bytes. */
const MOST_TEXT = 1 << 20;

/**
 * The type of a text such as "<f8"; undefined for one that NumPy does not write.
 *
 * @throws {InputError} for one that has no numbers, texts or dates
 */
export function npyType(text: string): NpyType | undefined {
  const [, order, kind = "", digits, , count, unit] =
    /^([<>|=]?)([a-zA-Z?])(\d{0,9})(\[(\d{0,9})([a-zA-Z]+)\])?$/.exec(text) ?? [];
  const isLittle = order !== ">";
  const size = Number(digits || 0);
  if (kind === "?") return elements("b", 1, isLittle);
  if (kind === "M" || kind === "m") return size === 8 ? times(kind, Number(count || 1), unit, isLittle) : undefined;
  if (kind === "S" || kind === "a") return size <= MOST_TEXT ? { ...bytesText(size) } : undefined;
  if (kind === "U") return 4 * size <= MOST_TEXT ? codesText(size, isLittle) : undefined;
  if (SIZES[kind]?.includes(size)) return elements(kind, size, isLittle);
  if (REFUSED[kind] !== undefined) throw new InputError(REFUSED[kind]);
  return undefined;
}

function elements(kind: string, bytes: number, isLittle: boolean): NpyType {
  if (kind === "b") return { bytes, column: { is: "booleans" }, read: (view, at) => view.getUint8(at) !== 0 };
  const read: Readonly<Record<string, (view: DataView, at: number) => number | bigint>> = {
    i1: (view, at) => view.getInt8(at),
    i2: (view, at) => view.getInt16(at, isLittle),
    i4: (view, at) => view.getInt32(at, isLittle),
    i8: (view, at) => wholeNumber(view, at, isLittle, true),
    u1: (view, at) => view.getUint8(at),
    u2: (view, at) => view.getUint16(at, isLittle),
    u4: (view, at) => view.getUint32(at, isLittle),
    u8: (view, at) => wholeNumber(view, at, isLittle, false),
    f2: (view, at) => half(view.getUint16(at, isLittle)),
    f4: (view, at) => view.getFloat32(at, isLittle),
    f8: (view, at) => view.getFloat64(at, isLittle),
  };
  return { bytes, column: { is: "numbers" }, read: read[`${kind}${bytes}`]! };
}

/** A whole number of eight bytes: a bigint only where a double does not hold it for sure. */
export function wholeNumber(view: DataView, at: number, isLittle: boolean, isSigned: boolean): number | bigint {
  const high = isSigned
    ? view.getInt32(at + (isLittle ? 4 : 0), isLittle)
    : view.getUint32(at + (isLittle ? 4 : 0), isLittle);
  if (high >= -0x200000 && high < 0x200000) return high * 2 ** 32 + view.getUint32(at + (isLittle ? 0 : 4), isLittle);
  return isSigned ? view.getBigInt64(at, isLittle) : view.getBigUint64(at, isLittle);
}

/** A float of half precision: a sign, five bits of exponent, ten of fraction. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** UTF-8, or Latin-1 where it is none; zeros at the end are no part of a text. */
function bytesText(bytes: number): NpyType {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const latin = new TextDecoder("latin1");
  const read = (view: DataView, at: number) => {
    const all = new Uint8Array(view.buffer, view.byteOffset + at, bytes);
    let end = bytes;
    while (end > 0 && all[end - 1] === 0) end--;
    try {
      return utf8.decode(all.subarray(0, end));
    } catch {
      return latin.decode(all.subarray(0, end));
    }
  };
  return { bytes, column: { is: "texts" }, read };
}

/** A text of code points of four bytes each. */
function codesText(length: number, isLittle: boolean): NpyType {
  const read = (view: DataView, at: number) => {
    let text = "";
    for (let i = 0; i < length; i++) {
      const code = view.getUint32(at + 4 * i, isLittle);
      // Zeros that stand before other letters are letters.
      text += code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    }
    return text.replace(/\0+$/, "");
  };
  return { bytes: 4 * length, column: { is: "texts" }, read };
}

/** How many of each unit of time a second has. */
const PER_SECOND: Readonly<Record<string, number>> = {
  ...{ W: 1 / 604800, D: 1 / 86400, h: 1 / 3600, m: 1 / 60, s: 1, ms: 1e3, us: 1e6, ns: 1e9, ps: 1e12, fs: 1e15 },
  as: 1e18,
};

/** The number that is no time. */
const NOT_A_TIME = -(2n ** 63n);

function times(kind: "M" | "m", count: number, unit: string | undefined, isLittle: boolean): NpyType | undefined {
  const whole = (view: DataView, at: number) => {
    const value = wholeNumber(view, at, isLittle, true);
    return value === NOT_A_TIME ? null : value;
  };
  const isDate = kind === "M";
  if (unit === undefined || count === 0) {
    if (isDate) return { bytes: 8, column: { is: "other", what: "dates without a unit" }, read: whole };
    return { bytes: 8, column: { is: "numbers" }, read: whole };
  }
  if (unit === "Y" || unit === "M") {
    const months = (unit === "Y" ? 12 : 1) * count;
    if (!isDate) return { bytes: 8, column: { is: "other", what: "durations in months or years" }, read: whole };
    return { bytes: 8, column: { is: "dates", perDay: 1 }, read: (view, at) => daysOfMonth(whole(view, at), months) };
  }
  const perSecond = PER_SECOND[unit];
  if (perSecond === undefined) return undefined;
  const column: ColumnType = isDate
    ? {
        is: "dates",
        perDay: unit === "D" || unit === "W" ? (unit === "D" ? 1 : 1 / 7) / count : (86400 * perSecond) / count,
      }
    : { is: "durations", perSecond: perSecond / count };
  return { bytes: 8, column, read: whole };
}

/** The day on which a month since 1970 begins. */
function daysOfMonth(value: number | bigint | null, months: number): number | null {
  return value === null ? null : Date.UTC(1970, Number(value) * months, 1) / 864e5;
}
