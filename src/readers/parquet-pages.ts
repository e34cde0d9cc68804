/**
 * The pages of one column of one row group of a Parquet file. hyparquet has the parts; what is nested it would assemble is not
 * read here, and the runs of codes are decoded here, because a broken file may announce runs of any length.
 */

import { decompress as decompressZstd } from "fzstd";
import type { ColumnMetaData, DataReader, PageHeader, ParquetType } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import { decompressBrotli } from "hyparquet-compressors/src/brotli.js";
import { gunzip } from "hyparquet-compressors/src/gzip.js";
import { decompressLz4, decompressLz4Raw } from "hyparquet-compressors/src/lz4.js";
import { viewOf } from "./bytes.ts";
import { readRuns } from "./parquet-runs.ts";
import type { ParquetColumn } from "./parquet-types.ts";

/** Bytes of one page. Writers make pages of 1 MiB or less. */
const MOST_PAGE = 1 << 28;

// Snappy is hyparquet's own, in JavaScript: that of the package is WebAssembly, which a page may forbid.
const compressors = {
  GZIP: (input: Uint8Array, length: number) => gunzip(input, new Uint8Array(length)),
  BROTLI: decompressBrotli,
  ZSTD: (input: Uint8Array, length: number) => decompressZstd(input, new Uint8Array(length)),
  LZ4: decompressLz4,
  LZ4_RAW: decompressLz4Raw,
};

/** What stands in a page: the values that are there, and which rows have one, if not all. */
interface Page {
  values: ArrayLike<unknown>;
  isThere?: Uint8Array | undefined;
}

/**
 * The values of the rows in their order, page by page; null where there is none.
 *
 * @param bytes of the column in this row group
 * @param rows of the row group
 * @throws {Error} for bytes that are no pages, or not so many rows
 */
export function* readPages(
  bytes: Uint8Array,
  column: ParquetColumn,
  { type, codec }: ColumnMetaData,
  rows: number,
): Generator<ArrayLike<unknown>> {
  const reader = { view: viewOf(bytes), offset: 0 };
  const isOptional = column.element.repetition_type === "OPTIONAL";
  let dictionary: ArrayLike<unknown> | undefined;
  for (let seen = 0; seen < rows; ) {
    if (reader.offset >= bytes.length) throw new Error(`it holds ${seen} of ${rows} rows of "${column.name}"`);
    const header = parquetHeader(reader);
    const compressed = takeBytes(bytes, reader, header);
    const unpack = (part: Uint8Array, length: number) => decompressPage(part, length, codec, compressors);
    if (header.type === "DICTIONARY_PAGE") {
      const page = unpack(compressed, header.uncompressed_page_size);
      const count = checkCount(header.dictionary_page_header?.num_values, 8 * page.length);
      const plain = readPlain({ view: viewOf(page), offset: 0 }, type, count, column.element.type_length);
      dictionary = mapped(plain, column);
    } else if (header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2") {
      const facts = header.data_page_header ?? header.data_page_header_v2;
      const count = checkCount(facts?.num_values, rows - seen);
      const levelled = header.data_page_header_v2
        ? levelsApart(compressed, header, isOptional, unpack)
        : levelsWithin(unpack(compressed, header.uncompressed_page_size), count, isOptional);
      yield withNulls(valuesOf(levelled, count, facts!.encoding, { type, column, dictionary }));
      seen += count;
    } else if (header.type !== "INDEX_PAGE") throw new Error(`a page of type ${header.type}`);
  }
}

function takeBytes(bytes: Uint8Array, reader: DataReader, header: PageHeader): Uint8Array {
  const { compressed_page_size: size, uncompressed_page_size: whole } = header;
  const start = reader.offset;
  if (!(size >= 0 && start + size <= bytes.length)) throw new Error("a page ends beyond its column");
  if (!(whole >= 0 && whole <= MOST_PAGE)) throw new Error(`a page of ${whole} bytes`);
  reader.offset += size;
  return bytes.subarray(start, start + size);
}

function checkCount(count: number | undefined, most: number): number {
  if (count !== undefined && count >= 0 && count <= most) return count;
  throw new Error(`a page of ${count} values, where ${most} are left`);
}

interface Levelled {
  bytes: Uint8Array;
  isThere?: Uint8Array;
}

/** In pages of the first kind, which rows have a value stands before the values. */
function levelsWithin(bytes: Uint8Array, rows: number, isOptional: boolean): Levelled {
  if (!isOptional) return { bytes };
  const length = viewOf(bytes).getUint32(0, true);
  const isThere = readRuns(bytes.subarray(4, 4 + length), 1, new Uint8Array(rows));
  return { bytes: bytes.subarray(4 + length), isThere };
}

/** In those of the second, it is not compressed with them. */
function levelsApart(
  bytes: Uint8Array,
  { uncompressed_page_size: whole, data_page_header_v2: facts }: PageHeader,
  isOptional: boolean,
  unpack: (part: Uint8Array, length: number) => Uint8Array,
): Levelled {
  const { repetition_levels_byte_length: first, definition_levels_byte_length: second, num_values: rows } = facts!;
  const levels = first + second;
  if (!(first >= 0 && second >= 0 && levels <= bytes.length)) throw new Error("levels end beyond their page");
  const rest = bytes.subarray(levels);
  return {
    bytes: facts!.is_compressed === false ? rest : unpack(rest, whole - levels),
    ...(isOptional && { isThere: readRuns(bytes.subarray(first, levels), 1, new Uint8Array(rows)) }),
  };
}

interface Decoding {
  type: ParquetType;
  column: ParquetColumn;
  dictionary: ArrayLike<unknown> | undefined;
}

function valuesOf({ bytes, isThere }: Levelled, rows: number, encoding: string, decoding: Decoding): Page {
  let count = rows;
  if (isThere) {
    count = 0;
    for (const one of isThere) count += one;
  }
  const { dictionary, column, type } = decoding;
  if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
    if (!dictionary) throw new Error("codes without a dictionary");
    const codes = count === 0 ? [] : readRuns(bytes.subarray(1), bytes[0]!, new Uint32Array(count));
    return { values: named(codes, dictionary), isThere };
  }
  const plain = decode({ view: viewOf(bytes), offset: 0 }, count, encoding, { type, column });
  return { values: mapped(plain, column), isThere };
}

function named(codes: ArrayLike<number>, dictionary: ArrayLike<unknown>): unknown[] {
  const values = new Array<unknown>(codes.length);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i]! >= dictionary.length) throw new Error("a code beyond its dictionary");
    values[i] = dictionary[codes[i]!];
  }
  return values;
}

function decode(
  reader: DataReader,
  count: number,
  encoding: string,
  { type, column: { element } }: Omit<Decoding, "dictionary">,
): ArrayLike<unknown> {
  if (count === 0) return [];
  switch (encoding) {
    case "PLAIN":
      return readPlain(reader, type, count, element.type_length);
    case "RLE": {
      if (type !== "BOOLEAN") break;
      const bits = readRuns(new Uint8Array(reader.view.buffer, reader.view.byteOffset + 4), 1, new Uint8Array(count));
      return Array.from(bits, (bit) => bit === 1);
    }
    case "BYTE_STREAM_SPLIT":
      return byteStreamSplit(reader, count, type, element.type_length);
    case "DELTA_BINARY_PACKED": {
      const output = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, output);
      return output;
    }
    case "DELTA_LENGTH_BYTE_ARRAY":
    case "DELTA_BYTE_ARRAY": {
      const output = new Array<Uint8Array>(count);
      (encoding === "DELTA_BYTE_ARRAY" ? deltaByteArray : deltaLengthByteArray)(reader, count, output);
      return output;
    }
  }
  throw new Error(`values in ${encoding} of type ${type}`);
}

function mapped(values: ArrayLike<unknown>, { map }: ParquetColumn): ArrayLike<unknown> {
  return map ? Array.from(values as ArrayLike<never>, map) : values;
}

function withNulls({ values, isThere }: Page): ArrayLike<unknown> {
  if (!isThere || isThere.length === values.length) return values;
  let next = 0;
  return Array.from(isThere, (one) => (one ? values[next++] : null));
}
