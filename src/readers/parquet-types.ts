/** What the columns of a Parquet file are: its schema in the words of all typed formats. */
import type { SchemaElement, SchemaTree, TimeUnit } from "hyparquet";
import type { ColumnType } from "./column-type.ts";

/** A column at the top of the schema. */
export interface ParquetColumn {
  name: string;
  type: ColumnType;
  element: SchemaElement;
  /** From a value as it is stored to one that {@link type} announces; absent where that is the same. */
  map?: (value: never) => unknown;
}

type Read = Pick<ParquetColumn, "type" | "map">;

const PER_DAY: Record<TimeUnit, number> = { MILLIS: 864e5, MICROS: 864e8, NANOS: 864e11 };
const PER_SECOND: Record<TimeUnit, number> = { MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 };

/** Days from noon of 4714-11-24 before Christ, where those of INT96 begin, to 1970. */
const JULIAN = 2440588n;
const NANOS_PER_DAY = 86_400_000_000_000n;

const other = (what: string): Read => ({ type: { is: "other", what } });

export function columnOf({ element, children }: SchemaTree): ParquetColumn {
  const own = { name: element.name, element };
  if (children.length > 0 || element.repetition_type === "REPEATED") return { ...own, ...nested(element) };
  return { ...own, ...leafOf(element) };
}

function nested({
  converted_type: converted,
  logical_type: logical,
  repetition_type: repetition,
}: SchemaElement): Read {
  if (logical?.type === "VARIANT") return other("values of several types");
  if (converted === "MAP" || converted === "MAP_KEY_VALUE" || logical?.type === "MAP") return other("maps");
  return other(converted === "LIST" || logical?.type === "LIST" || repetition === "REPEATED" ? "lists" : "structs");
}

function leafOf(element: SchemaElement): Read {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") return decimal(element);
  if (logical?.type === "FLOAT16") return { type: { is: "numbers" }, map: halfOf };
  if (type === "FLOAT" || type === "DOUBLE") return { type: { is: "numbers" } };
  if (type === "BOOLEAN") return { type: { is: "booleans" } };
  if (type === "INT96") return { type: { is: "dates", perDay: PER_DAY.NANOS }, map: nanosOf };
  if (type === "INT32" || type === "INT64") return integer(element);
  return bytes(element);
}

function decimal({ type, scale, logical_type: logical }: SchemaElement): Read {
  const digits = (logical?.type === "DECIMAL" ? logical.scale : scale) ?? 0;
  const factor = 10 ** digits;
  const map =
    type === "INT32" || type === "INT64"
      ? (value: number | bigint) => Number(value) / factor
      : (value: Uint8Array) => Number(signedOf(value)) / factor;
  return { type: { is: "decimals", scale: digits }, map };
}

function integer({ converted_type: converted, logical_type: logical }: SchemaElement): Read {
  if (converted === "DATE" || logical?.type === "DATE") return { type: { is: "dates", perDay: 1 } };
  if (logical?.type === "TIMESTAMP") {
    return { type: { is: "dates", perDay: PER_DAY[logical.unit], isUtc: logical.isAdjustedToUTC } };
  }
  if (converted === "TIMESTAMP_MILLIS") return { type: { is: "dates", perDay: PER_DAY.MILLIS, isUtc: true } };
  if (converted === "TIMESTAMP_MICROS") return { type: { is: "dates", perDay: PER_DAY.MICROS, isUtc: true } };
  if (logical?.type === "TIME") return { type: { is: "times", perSecond: PER_SECOND[logical.unit] } };
  if (converted === "TIME_MILLIS") return { type: { is: "times", perSecond: PER_SECOND.MILLIS } };
  if (converted === "TIME_MICROS") return { type: { is: "times", perSecond: PER_SECOND.MICROS } };
  const isUnsigned = logical?.type === "INTEGER" ? !logical.isSigned : converted?.startsWith("UINT") === true;
  return { type: { is: "numbers" }, ...(isUnsigned && { map: unsignedOf }) };
}

const TEXTS = new Set(["UTF8", "ENUM", "STRING"]);

/** Bytes, which are a text where the file says so. */
function bytes({ type, converted_type: converted, logical_type: logical }: SchemaElement): Read {
  if (logical?.type === "UUID") return { type: { is: "texts" }, map: uuidOf };
  const said = converted ?? logical?.type;
  if (type === "BYTE_ARRAY" && said !== undefined && TEXTS.has(said)) return { type: { is: "texts" }, map: textOf };
  if (said === "JSON" || said === "BSON") return other(`${said} documents`);
  if (said === "INTERVAL") return other("intervals of months and days");
  return other(said === "GEOMETRY" || said === "GEOGRAPHY" ? "shapes" : "bytes");
}

const decoder = new TextDecoder();
const textOf = (value: Uint8Array): string => decoder.decode(value);

function uuidOf(value: Uint8Array): string {
  const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const unsignedOf = (value: number | bigint): number | bigint =>
  typeof value === "bigint" ? BigInt.asUintN(64, value) : value >>> 0;

/** A whole number of any length, the highest byte first. */
function signedOf(value: Uint8Array): bigint {
  const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === "" ? 0n : BigInt.asIntN(8 * value.length, BigInt(`0x${hex}`));
}

/** Nanoseconds since 1970 of days in the upper 32 bits and nanoseconds in the lower 64. */
const nanosOf = (value: bigint): bigint => ((value >> 64n) - JULIAN) * NANOS_PER_DAY + BigInt.asIntN(64, value);

function halfOf(value: Uint8Array): number {
  const bits = value[0]! | (value[1]! << 8);
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
