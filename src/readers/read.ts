/** From what a caller has to a table: the bytes, their format, its reader. */
import { openInput } from "#open";
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { inWords } from "../options.ts";
import { HEAD } from "./format.ts";
import { formats } from "./formats.ts";
import { isGzip, unzipped } from "./gzip.ts";
import { type ByteSource, blobSource, bytesSource, StreamSource } from "./source.ts";
import { checkTableOptions, type TableOptions } from "./table-options.ts";

/** Where a table comes from: in Node also a path, or "-" for standard input. */
export type TableInput = string | Blob | Response | Uint8Array;

/**
 * Reads a table from a file of any format: text with delimiters (CSV, TSV), JSON Lines, Parquet, Arrow and NumPy arrays, each also in
 * gzip. The format is found by the first bytes, whatever the file is called.
 *
 * A Blob, and a path to a file, are read where the format needs them, so that of a Parquet file only the columns in
 * `options.columns` are; memory grows with these, 8 bytes a cell. What comes as a stream (a Response, standard input, gzip) is
 * kept whole for the formats that are read at any place, up to 1 GiB.
 *
 * @param input a path in Node, a Blob or File, a Response whose body nobody has read, or the bytes
 * @throws {InputError} naming the file, what is wrong with it and the mend; in a column that nobody asks for it is in its
 * `problem`, which `columnProblem` tells
 */
export async function readTable(input: TableInput, options: TableOptions = {}): Promise<Table> {
  checkTableOptions("readTable", options);
  return readSource(await sourceOf(input), options);
}

async function sourceOf(input: TableInput): Promise<ByteSource> {
  if (typeof input === "string") return openInput(input);
  if (input instanceof Uint8Array) return bytesSource(input, "the bytes");
  if (input instanceof Blob) return blobSource(input, "name" in input && input.name ? String(input.name) : "the file");
  if (input instanceof Response) return responseSource(input);
  throw new InputError(`readTable takes a path, a Blob, a File, a Response or a Uint8Array, got ${inWords(input)}`);
}

function responseSource(response: Response): ByteSource {
  const { ok, status, statusText, url, body, bodyUsed } = response;
  const name = url || "the response";
  if (!ok) throw new InputError(`${name}: the server answered ${status} ${statusText}`.trimEnd());
  if (bodyUsed) throw new InputError(`${name}: its body was read before. Hand over a response that nobody has read`);
  return new StreamSource(piecesOf(body), name);
}

/** What comes of a body, piece by piece. It is cancelled where nobody wants the rest. */
async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value!;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Reads whatever the source holds. Every message names it. */
export async function readSource(source: ByteSource, options: TableOptions): Promise<Table> {
  try {
    return await readNamed(source, options);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${source.name}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readNamed(source: ByteSource, options: TableOptions): Promise<Table> {
  const head = await source.slice(0, HEAD);
  if (head.length === 0) throw new InputError("the file is empty. Give a table with one line per sample");
  if (isGzip(head)) return readNamed(unzipped(source), options);
  const format = formats.find((each) => each.matches(head, source.name))!;
  return format.read(source, options);
}
