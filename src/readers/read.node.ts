/** Files in. */
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { nearestName } from "../math/nearest.ts";
import { type CsvOptions, CsvReader } from "./csv.ts";

/** Bytes that are read at once: few, so that their cells are soon forgotten. */
const PIECE = 1 << 16;

/**
 * Reads a delimited text file, plain or gzip, or standard input when the path is "-", piece by piece. Every message names
 * the path.
 */
export async function readTable(path: string, options: CsvOptions = {}): Promise<Table> {
  refuseFormat(path);
  const source = path === "-" ? "standard input" : path;
  const reader = new CsvReader(options);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let isEmpty = true;
  for await (const bytes of expand(path === "-" ? readStdin() : readBytes(path), source)) {
    checkText(bytes, isEmpty, source);
    isEmpty = false;
    named(source, () => reader.push(decoder.decode(bytes, { stream: true })));
  }
  if (isEmpty) throw new InputError(`${source}: the file is empty. Give a table with one line per sample`);
  return named(source, () => {
    reader.push(decoder.decode());
    return reader.finish();
  });
}

/** What is wrong with a text, and of which. */
function named<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
}

function refuseFormat(path: string): void {
  const to = `${basename(path).replace(/\.\w+$/, "")}.csv`;
  const convert = {
    parquet: `python -c "import pandas; pandas.read_parquet('${path}').to_csv('${to}', index=False)"`,
    npy: `python -c "import numpy; numpy.savetxt('${to}', numpy.load('${path}'), delimiter=',')"`,
  };
  const extension = /\.(parquet|npy)$/i.exec(path)?.[1]?.toLowerCase() as keyof typeof convert | undefined;
  if (extension === undefined) return;
  throw new InputError(`${path}: .${extension} files are not supported yet; convert to CSV: ${convert[extension]}`);
}

async function* readStdin(): AsyncGenerator<Buffer> {
  if (process.stdin.isTTY) {
    throw new InputError("standard input is a terminal. Pipe a table in, as in: cat table.csv | remine estimate - …");
  }
  for await (const chunk of process.stdin) yield Buffer.from(chunk);
}

async function* readBytes(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: PIECE });
  } catch (error) {
    throw new InputError(await explain(path, error as NodeJS.ErrnoException), { cause: error });
  }
}

async function explain(path: string, { code, message }: NodeJS.ErrnoException): Promise<string> {
  if (code === "EISDIR") return `${path}: is a folder. Name a file in it`;
  if (code === "EACCES" || code === "EPERM") return `${path}: may not be read. Change its permissions`;
  if (code !== "ENOENT" && code !== "ENOTDIR") return `${path}: cannot be read (${code ?? message}). Copy it elsewhere`;
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return `${path}: no such file, and no folder ${folder}. Check the path`;
  const nearest = nearestName(basename(path), names);
  const close = nearest !== undefined && nearest.distance <= Math.max(2, basename(path).length / 3);
  return `${path}: no such file. ${close ? `Did you mean "${nearest.name}"?` : "Check the path"}`;
}

/** The same bytes, or what gzip made them of. */
async function* expand(pieces: AsyncGenerator<Buffer>, source: string): AsyncGenerator<Buffer> {
  const { value: first } = await pieces.next();
  if (!first) return;
  const all = async function* () {
    yield first;
    yield* pieces;
  };
  if (first[0] !== 0x1f || first[1] !== 0x8b) return yield* all();
  const unzipped = pipeline(Readable.from(all()), createGunzip({ chunkSize: PIECE }), () => {});
  try {
    yield* unzipped;
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message } = error as Error;
    throw new InputError(`${source}: a broken gzip file (${message}). Download or compress it again`, { cause: error });
  }
}

function checkText(bytes: Buffer, isFirst: boolean, source: string): void {
  const mark = isFirst && bytes.toString("hex", 0, 2);
  if (mark === "fffe" || mark === "feff") throw new InputError(`${source}: the text is UTF-16. Save it as UTF-8`);
  if (bytes.includes(0)) {
    throw new InputError(`${source}: a binary file, not a table of text. Convert it to CSV, one line per sample`);
  }
}
