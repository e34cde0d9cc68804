/** Files in. */
import { constants } from "node:buffer";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { InputError } from "../errors.ts";
import { nearestName } from "../math/nearest.ts";
import { type CsvOptions, parseCsv, type Table } from "./table.ts";

const MAX_BYTES = constants.MAX_STRING_LENGTH;

/**
 * Reads a delimited text file, plain or gzip, or standard input when the path is "-". Every message names the path.
 */
export async function readTable(path: string, options: CsvOptions = {}): Promise<Table> {
  refuseFormat(path);
  const source = path === "-" ? "standard input" : path;
  const text = decode(await expand(path === "-" ? await readStdin() : await readBytes(path), source), source);
  try {
    return parseCsv(text, options);
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

async function readStdin(): Promise<Buffer> {
  if (process.stdin.isTTY) {
    throw new InputError("standard input is a terminal. Pipe a table in, as in: cat table.csv | remine estimate - …");
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(await explain(path, error as NodeJS.ErrnoException), { cause: error });
  }
}

async function explain(path: string, { code, message }: NodeJS.ErrnoException): Promise<string> {
  if (code === "EISDIR") return `${path}: is a folder. Name a file in it`;
  if (code === "EACCES" || code === "EPERM") return `${path}: may not be read. Change its permissions`;
  if (code === "ERR_FS_FILE_TOO_LARGE") return tooLarge(path);
  if (code !== "ENOENT" && code !== "ENOTDIR") return `${path}: cannot be read (${code ?? message}). Copy it elsewhere`;
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return `${path}: no such file, and no folder ${folder}. Check the path`;
  const nearest = nearestName(basename(path), names);
  const close = nearest !== undefined && nearest.distance <= Math.max(2, basename(path).length / 3);
  return `${path}: no such file. ${close ? `Did you mean "${nearest.name}"?` : "Check the path"}`;
}

async function expand(bytes: Buffer, source: string): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new InputError(tooLarge(source), { cause: error });
    throw new InputError(`${source}: a broken gzip file (${message}). Download or compress it again`, { cause: error });
  }
}

function decode(bytes: Buffer, source: string): string {
  if (bytes.length === 0) throw new InputError(`${source}: the file is empty. Give a table with one line per sample`);
  if (bytes.length > MAX_BYTES) throw new InputError(tooLarge(source));
  const mark = bytes.toString("hex", 0, 2);
  if (mark === "fffe" || mark === "feff") throw new InputError(`${source}: the text is UTF-16. Save it as UTF-8`);
  if (bytes.includes(0)) {
    throw new InputError(`${source}: a binary file, not a table of text. Convert it to CSV, one line per sample`);
  }
  return bytes.toString("utf8");
}

function tooLarge(source: string): string {
  return `${source}: more than ${Math.floor(MAX_BYTES / 1e6)} MB of text. Keep fewer rows or only the columns you need`;
}
