/** Parquet: the columns that somebody asks for, row group by row group, column by column, page by page. */
import type { ColumnMetaData, FileMetaData, RowGroup } from "hyparquet";
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { type Format, reading, refuseTextOptions, startsWith } from "./format.ts";
import type { ParquetColumn } from "./parquet-types.ts";
import { type ByteSource, sizeOf } from "./source.ts";
import type { TableOptions } from "./table-options.ts";
import { TypedTable } from "./typed-table.ts";

const MAGIC = "PAR1";

export const parquet: Format = {
  name: "Parquet",
  matches: (head) => startsWith(head, MAGIC),
  read: readParquet,
};

/** Bytes of one column in one row group. Writers make row groups of some 100 MiB with all their columns. */
const MOST_CHUNK = 2 ** 30;

async function readParquet(source: ByteSource, options: TableOptions): Promise<Table> {
  refuseTextOptions("Parquet", options);
  const size = await sizeOf(source);
  await refuseCut(source, size);
  const file = {
    byteLength: size,
    slice: async (start: number, end = size) => bufferOf(await source.slice(start, end)),
  };
  // What reads the bytes is large, and few read them.
  const [{ parquetMetadataAsync, parquetSchema }, { columnOf }] = await Promise.all([
    import("hyparquet"),
    import("./parquet-types.ts"),
  ]);
  return reading("Parquet", async () => {
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const columns = parquetSchema(metadata)
      .children.map(columnOf)
      .map((column) => withoutSecrets(column, metadata));
    const rows = metadata.row_groups.map((group) => rowsOf(group));
    const total = rows.reduce((sum, each) => sum + each, 0);
    const table = new TypedTable(columns, options, total);
    for (const [g, group] of metadata.row_groups.entries()) {
      for (const [c, column] of columns.entries()) {
        if (table.columns[c]!.isRead) await readChunk(source, size, column, group, rows[g]!, table.columns[c]!);
      }
    }
    return table.finish(total);
  });
}

async function refuseCut(source: ByteSource, size: number): Promise<void> {
  const end = await source.slice(Math.max(0, size - MAGIC.length), size);
  if (startsWith(end, "PARE")) throw new InputError("the footer of this Parquet file is encrypted. Write it without");
  if (size >= 12 && startsWith(end, MAGIC)) return;
  throw new InputError(
    `this Parquet file does not end with its footer: it is cut off after ${size} bytes, or its writer did not close it. Download or write it again`,
  );
}

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): ArrayBuffer =>
  (byteOffset === 0 && length === buffer.byteLength
    ? buffer
    : buffer.slice(byteOffset, byteOffset + length)) as ArrayBuffer;

function rowsOf({ num_rows: rows }: RowGroup): number {
  if (rows >= 0n && rows < 2n ** 31n) return Number(rows);
  throw new Error(`a row group of ${rows} rows`);
}

const chunkOf = ({ columns }: RowGroup, name: string) =>
  columns.find(({ meta_data: facts }) => facts?.path_in_schema[0] === name);

/** A column whose values are encrypted, or elsewhere, is known by its name alone. */
function withoutSecrets(column: ParquetColumn, { row_groups: groups }: FileMetaData): ParquetColumn {
  if (column.type.is === "other") return column;
  const chunks = groups.map((group) => chunkOf(group, column.name));
  if (chunks.some((chunk) => chunk?.file_path))
    return { ...column, type: { is: "other", what: "values in another file" } };
  const isSecret = chunks.some((chunk) => !chunk || chunk.crypto_metadata || chunk.encrypted_column_metadata);
  return isSecret ? { ...column, type: { is: "other", what: "encrypted values" } } : column;
}

async function readChunk(
  source: ByteSource,
  size: number,
  column: ParquetColumn,
  group: RowGroup,
  rows: number,
  into: { push: (values: ArrayLike<unknown>) => void },
): Promise<void> {
  const { readPages } = await import("./parquet-pages.ts");
  const facts = chunkOf(group, column.name)!.meta_data!;
  const { start, end } = placeOf(facts);
  if (!(start >= 0 && end >= start && end <= size)) throw new Error(`column "${column.name}" lies beyond the file`);
  if (end - start > MOST_CHUNK) throw new Error(`${end - start} bytes of "${column.name}" in one row group`);
  const bytes = await source.slice(start, end);
  for (const values of readPages(bytes, column, facts, rows)) into.push(values);
}

/** Some writers say of the dictionary, which comes first, that it is at 0. */
function placeOf(facts: ColumnMetaData): { start: number; end: number } {
  const { data_page_offset: data, dictionary_page_offset: dictionary, total_compressed_size: bytes } = facts;
  const start = Number(dictionary && dictionary < data ? dictionary : data);
  return { start, end: start + Number(bytes) };
}
