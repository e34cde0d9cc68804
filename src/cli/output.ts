/** Results as files: rows of one kind, as what the name of the file ends in. */
import { extname } from "node:path";
import Papa from "papaparse";
import { InputError } from "../errors.ts";
import { checkFolder, writeWhole } from "./files.ts";

/** What a file may end in. */
export const RESULT_ENDINGS = [".csv", ".json", ".ndjson", ".parquet"] as const;

/** Read one by one; an array will do. Undefined and NaN are no value. */
interface Cells {
  readonly length: number;
  at(row: number): string | number | undefined;
}

/** Values of one kind, one for each row. */
export interface OutputColumn {
  name: string;
  /** Counts are whole and less than 2³¹. */
  kind: "text" | "number" | "count";
  values: Cells;
  /** Digits after the point, in CSV. */
  digits?: number;
}

/** Rows as columns, numbers unless `kinds` says otherwise. */
export function columnsOf(
  rows: readonly Readonly<Record<string, string | number | undefined>>[],
  kinds: Readonly<Record<string, OutputColumn["kind"]>>,
): OutputColumn[] {
  return Object.keys(rows[0] ?? {}).map((name) => ({
    ...{ name, kind: kinds[name] ?? "number", values: rows.map((row) => row[name]) },
  }));
}

/** What is written: the same result as rows and, for JSON, as one object. */
export interface Output {
  columns: readonly OutputColumn[];
  json: () => unknown;
}

/**
 * Refuses a path that would fail after hours of work.
 *
 * @throws {InputError} for another ending, and for a folder that is not there
 */
export async function checkOutput(
  path: string | undefined,
  endings: readonly string[] = RESULT_ENDINGS,
): Promise<void> {
  if (path === undefined) return;
  if (!endings.includes(extname(path).toLowerCase())) {
    throw new InputError(
      `--output ${path}: name a file that ends in ${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}`,
    );
  }
  await checkFolder(path);
}

/** Writes a file whole or not at all. */
export async function writeOutput(path: string, output: Output): Promise<void> {
  await writeWhole(path, await contentOf(extname(path).toLowerCase(), output));
}

async function contentOf(ending: string, { columns, json }: Output): Promise<string | Uint8Array | Iterable<string>> {
  switch (ending) {
    case ".json":
      return `${JSON.stringify(json(), null, 1)}\n`;
    case ".ndjson":
      return rowsOf(columns)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join("");
    case ".parquet":
      return parquetOf(columns);
    default:
      return csvOf(columns);
  }
}

const isNone = (value: string | number | undefined): value is undefined => value === undefined || Number.isNaN(value);

/** Rows that become text at once: of millions the whole is longer than a string can be. */
const AT_ONCE = 4096;

/** Infinite values are "inf". */
export function* csvOf(columns: readonly OutputColumn[]): Generator<string> {
  const cell = (value: string | number | undefined, digits: number | undefined) => {
    if (isNone(value)) return "";
    if (value === Number.POSITIVE_INFINITY) return "inf";
    return typeof value === "number" && digits !== undefined ? value.toFixed(digits) : value;
  };
  const row = (at: number) => columns.map(({ values, digits }) => cell(values.at(at), digits));
  const rows = columns[0]?.values.length ?? 0;
  yield `${Papa.unparse([columns.map(({ name }) => name)])}\n`;
  for (let start = 0; start < rows; start += AT_ONCE) {
    const data = Array.from({ length: Math.min(AT_ONCE, rows - start) }, (_, i) => row(start + i));
    yield `${Papa.unparse(data, { newline: "\n" })}\n`;
  }
}

function rowsOf(columns: readonly OutputColumn[]): Record<string, string | number>[] {
  return Array.from({ length: columns[0]?.values.length ?? 0 }, (_, row) => {
    const cells = columns.map(({ name, values }) => [name, values.at(row)] as const);
    return Object.fromEntries(cells.filter((cell): cell is readonly [string, string | number] => !isNone(cell[1])));
  });
}

const TYPES = { text: "STRING", number: "DOUBLE", count: "INT32" } as const;

/** One file with Snappy pages, as other programs write them. */
async function parquetOf(columns: readonly OutputColumn[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const columnData = columns.map(({ name, kind, values }) => ({
    ...{ name, type: TYPES[kind], nullable: true },
    data: Array.from({ length: values.length }, (_, row) => (isNone(values.at(row)) ? null : values.at(row))),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: "remine" }));
}
