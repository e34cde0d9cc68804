/**
 * What an Arrow file says of itself: its columns, and where their bytes are (Arrow's Message.fbs and Schema.fbs).
 *
 * By hand, for libraries believe the lengths in a file: flechette 2.6 takes 36 s and 1.2 GiB for one of 2776 bytes in which one
 * length became 3 million. And they unpack all columns, where here those that nobody asks for are not even read.
 */
import { FlatTable } from "./flatbuffer.ts";

/** The types of Arrow, by their numbers. */
export const ArrowType = {
  ...{ none: 0, null: 1, int: 2, float: 3, binary: 4, utf8: 5, bool: 6, decimal: 7, date: 8, time: 9, timestamp: 10 },
  ...{ interval: 11, list: 12, struct: 13, union: 14, fixedBinary: 15, fixedList: 16, map: 17, duration: 18 },
  ...{ largeBinary: 19, largeUtf8: 20, largeList: 21, runEnds: 22, binaryView: 23, utf8View: 24, listView: 25 },
  largeListView: 26,
} as const;

/** How many buffers a type has itself, its children's not counted; views have more, by a count of their own. */
const BUFFERS: Readonly<Record<number, number>> = {
  ...{ 1: 0, 2: 2, 3: 2, 4: 3, 5: 3, 6: 2, 7: 2, 8: 2, 9: 2, 10: 2, 11: 2, 12: 2, 13: 1, 14: 1, 15: 2, 16: 1, 17: 2 },
  ...{ 18: 2, 19: 3, 20: 3, 21: 2, 22: 0, 23: 2, 24: 2, 25: 3, 26: 3 },
};

/** What is read of one column's type. */
export interface ArrowField {
  name: string;
  type: number;
  /** Of integers, decimals and times. */
  bits: number;
  isSigned: boolean;
  /** Of floats 0 is half, 1 single and 2 double; of dates and times it is Arrow's unit. */
  unit: number;
  scale: number;
  zone?: string | undefined;
  /** The values are places in the dictionary of this number, of this type. */
  dictionary?: { id: number; of: ArrowField } | undefined;
  children: ArrowField[];
}

export interface ArrowSchema {
  fields: ArrowField[];
  /** Messages before this version have other lists of buffers: 3 is V4 and 4 is V5. */
  version: number;
}

/** One batch of rows, or of the entries of a dictionary. */
export interface ArrowBatch {
  rows: number;
  nodes: { length: number; nulls: number }[];
  buffers: { offset: number; length: number }[];
  /** 0 is LZ4 frames, 1 is ZSTD. */
  codec?: number | undefined;
  /** How many buffers of bytes each column of views has. */
  views: number[];
}

export type ArrowMessage = { bodyLength: number } & (
  | { kind: "schema"; schema: ArrowSchema }
  | { kind: "rows"; batch: ArrowBatch }
  | { kind: "dictionary"; id: number; isDelta: boolean; batch: ArrowBatch }
  | { kind: "other" }
);

/** More than any table has: children may be named twice, and then four times. */
const MOST_FIELDS = 200_000;
const DEEPEST = 32;

export function readMessage(bytes: Uint8Array): ArrowMessage {
  const message = FlatTable.root(bytes);
  const version = message.int16(0);
  const header = message.table(2);
  const bodyLength = message.int64(3);
  const kind = message.uint8(1);
  if (!header || kind < 1 || kind > 3) return { kind: "other", bodyLength };
  if (kind === 1) return { kind: "schema", schema: readSchema(header, version), bodyLength };
  if (kind === 3) return { kind: "rows", batch: readBatch(header), bodyLength };
  const batch = header.table(1);
  if (!batch) throw new RangeError("a dictionary without entries");
  return {
    kind: "dictionary",
    id: header.int64(0),
    isDelta: header.uint8(2) !== 0,
    batch: readBatch(batch),
    bodyLength,
  };
}

/** Where the messages of a file are, by its footer. */
export function readFooter(bytes: Uint8Array): { schema: ArrowSchema; dictionaries: number[]; batches: number[] } {
  const footer = FlatTable.root(bytes);
  const schema = footer.table(1);
  if (!schema) throw new RangeError("no schema");
  const offsets = (field: number) => footer.structs(field, 24, (int64) => int64(0));
  return { schema: readSchema(schema, footer.int16(0)), dictionaries: offsets(2), batches: offsets(3) };
}

function readSchema(schema: FlatTable, version: number): ArrowSchema {
  if (schema.int16(0) !== 0) throw new BigEndian();
  const budget = { fields: MOST_FIELDS };
  return { fields: schema.tables(1).map((field) => readField(field, budget, 0)), version };
}

/** Told apart from what is broken. */
export class BigEndian extends Error {}

function readField(field: FlatTable, budget: { fields: number }, depth: number): ArrowField {
  if (--budget.fields < 0 || depth > DEEPEST) throw new RangeError("more columns in columns than any table has");
  const type = field.uint8(2);
  const children = field.tables(5).map((child) => readField(child, budget, depth + 1));
  const own = { name: field.text(0) ?? "", ...typeOf(type, field.table(3)), children };
  const encoding = field.table(4);
  if (!encoding) return own;
  const { name } = own;
  const index = encoding.table(1);
  const indices = index
    ? typeOf(ArrowType.int, index)
    : { ...typeOf(ArrowType.int, undefined), bits: 32, isSigned: true };
  return { name, ...indices, children: [], dictionary: { id: encoding.int64(0), of: own } };
}

/** The places of a type's facts differ from type to type. */
function typeOf(type: number, facts: FlatTable | undefined): Omit<ArrowField, "name" | "children"> {
  const own = { type, bits: 0, isSigned: false, unit: 0, scale: 0 };
  if (!(type in BUFFERS)) throw new RangeError(`type ${type} is not known`);
  switch (type) {
    case ArrowType.int:
      return { ...own, bits: facts?.int32(0) ?? 0, isSigned: facts?.uint8(1) === 1 };
    case ArrowType.float:
      return { ...own, unit: facts?.int16(0) ?? 0 };
    case ArrowType.decimal:
      return { ...own, scale: facts?.int32(1) ?? 0, bits: facts?.int32(2, 128) ?? 128 };
    case ArrowType.date:
      return { ...own, unit: facts?.int16(0, 1) ?? 1 };
    case ArrowType.time:
      return { ...own, unit: facts?.int16(0, 1) ?? 1, bits: facts?.int32(1, 32) ?? 32 };
    case ArrowType.timestamp:
      return { ...own, unit: facts?.int16(0) ?? 0, zone: facts?.text(1) };
    case ArrowType.duration:
      return { ...own, unit: facts?.int16(0, 1) ?? 1 };
    case ArrowType.union:
      return { ...own, unit: facts?.int16(0) ?? 0 };
    default:
      return own;
  }
}

function readBatch(batch: FlatTable): ArrowBatch {
  const compression = batch.table(3);
  const pairs = (field: number) => batch.structs(field, 16, (int64) => [int64(0), int64(8)] as const);
  return {
    rows: batch.int64(0),
    nodes: pairs(1).map(([length, nulls]) => ({ length, nulls })),
    buffers: pairs(2).map(([offset, length]) => ({ offset, length })),
    codec: compression?.int8(0),
    views: batch.structs(4, 8, (int64) => int64(0)),
  };
}

/** What one column takes of a batch's lists. */
export interface Extent {
  nodes: number;
  buffers: number;
  views: number;
}

/** How many nodes and buffers a column has with all its children. `views` are the counts from its first on. */
export function extentOf(field: ArrowField, views: readonly number[], version: number): Extent {
  const { type, children, dictionary } = field;
  const own: Extent = { nodes: 1, buffers: dictionary ? 2 : BUFFERS[type]!, views: 0 };
  if (dictionary) return own;
  if (type === ArrowType.binaryView || type === ArrowType.utf8View) {
    own.buffers += views[0] ?? 0;
    own.views = 1;
  }
  // A union of two or more lists of places has them beside its types; before V5 all had a mask.
  if (type === ArrowType.union) own.buffers += (field.unit === 1 ? 1 : 0) + (version < 4 ? 1 : 0);
  for (const child of children) {
    const of = extentOf(child, views.slice(own.views), version);
    own.nodes += of.nodes;
    own.buffers += of.buffers;
    own.views += of.views;
  }
  return own;
}
