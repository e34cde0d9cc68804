/** Where bytes come from by name, in Node: files, pipes, standard input. */
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { InputError } from "../errors.ts";
import { nearestName } from "../math/nearest.ts";
import { type ByteSource, PIECE, StreamSource } from "./source.ts";

/**
 * A file by its path, or standard input for "-".
 *
 * @throws {InputError} naming the path and the mend
 */
export async function openInput(path: string): Promise<ByteSource> {
  if (path === "-") return stdin();
  const found = await stat(path).catch((error) => explain(path, error, `${path}: `));
  if (found.isDirectory()) throw new InputError(`${path}: is a folder. Name a file in it`);
  // A pipe, as of <(…), can be read once, from its start.
  return found.isFile() ? new FileSource(path, found.size) : new StreamSource(readBytes(path), path);
}

class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;

  constructor(path: string, size: number) {
    this.name = path;
    this.size = size;
  }

  pieces(): AsyncGenerator<Uint8Array> {
    return readBytes(this.name);
  }

  async slice(start: number, end: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.size) - start));
    const file = await open(this.name).catch((error) => explain(this.name, error));
    try {
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, start + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    } catch (error) {
      return explain(this.name, error as NodeJS.ErrnoException);
    } finally {
      await file.close();
    }
  }
}

function stdin(): ByteSource {
  if (process.stdin.isTTY) {
    throw new InputError("standard input is a terminal. Pipe a table in, as in: cat table.csv | remine estimate - …");
  }
  return new StreamSource(readStdin(), "standard input");
}

async function* readStdin(): AsyncGenerator<Uint8Array> {
  for await (const chunk of process.stdin) yield Buffer.from(chunk);
}

async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: PIECE });
  } catch (error) {
    await explain(path, error as NodeJS.ErrnoException);
  }
}

/** @throws {InputError} always */
async function explain(path: string, error: NodeJS.ErrnoException, before = ""): Promise<never> {
  throw new InputError(`${before}${await causeOf(path, error)}`, { cause: error });
}

async function causeOf(path: string, { code, message }: NodeJS.ErrnoException): Promise<string> {
  if (code === "EISDIR") return "is a folder. Name a file in it";
  if (code === "EACCES" || code === "EPERM") return "may not be read. Change its permissions";
  if (code !== "ENOENT" && code !== "ENOTDIR") return `cannot be read (${code ?? message}). Copy it elsewhere`;
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return `no such file, and no folder ${folder}. Check the path`;
  const nearest = nearestName(basename(path), names);
  const close = nearest !== undefined && nearest.distance <= Math.max(2, basename(path).length / 3);
  return `no such file. ${close ? `Did you mean "${nearest.name}"?` : "Check the path"}`;
}
