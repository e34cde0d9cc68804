/** The file in which `matrix` keeps finished pairs: a header line, then a line for each chunk. */
import { appendFile, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import type { Diagnostic } from "../../diagnostic.ts";
import { InputError, RemineError } from "../../errors.ts";
import { largestOf } from "../../matrix/permutations.ts";
import { poolsOf } from "../../matrix/pool.ts";
import { joinedRecords, type MatrixChunk, type PairRecord, pairKey } from "../../matrix/records.ts";
import { sumOf } from "../../saved.ts";
import { type LeftOut, unwritten } from "../files.ts";

const FORMAT = "remine matrix 4";

/** What a file of finished pairs belongs to. Two files with equal headers hold pairs of the same matrix. */
export interface Header {
  /** Hash of the columns as they are used: names, kinds, values. */
  data: string;
  columns: string[];
  transforms: string[];
  rows: number;
  dropped: number;
  /** The texts that stand in place of values, and in how many rows. */
  droppedBy: LeftOut[];
  leftOut: { column: string; reason: string }[];
  /** Pairs of columns that can be used, but not together. */
  leftOutPairs: { x: string; y: string; reason: string }[];
  /** Only rows that have all columns. */
  completeRows: boolean;
  target: string | null;
  /** Columns of Z. */
  given: string[];
  estimator: string;
  k: number;
  permutations: number;
  seed: number;
  /** Rows that depend on each other, as the caller says: the correlation time of those in time, or a hash of the groups. */
  units: { correlationTime: number } | { groups: string; count: number } | null;
  /** What there is to say against the rows as independent samples. */
  diagnostics: Diagnostic[];
  /** What was set of the critics' options. */
  training: object;
  /** Of how many pairs a first look chose which; null without one. */
  screened: number | null;
  chosen: readonly (readonly [number, number])[] | null;
  shard: string;
  version: string;
  adapter: string;
}

export interface Part {
  header: Header;
  chunks: MatrixChunk[];
  /** Bytes up to the end of the last whole line. */
  bytes: number;
}

/** A line of JSON, whose last key is the sum of what stands before it. */
function signed(value: object): string {
  const text = JSON.stringify(value).slice(0, -1);
  return `${text}${SUM}"${sumOf(new TextEncoder().encode(text))}"}\n`;
}

const SUM = ',"sum":';

/** @throws {Error} for a line that {@link signed} did not write */
function checked(line: string): object {
  const { sum, ...value } = JSON.parse(line) as { sum?: unknown };
  const text = line.slice(0, line.lastIndexOf(SUM));
  if (sum !== String(sumOf(new TextEncoder().encode(text)))) throw new Error("the sum is another");
  return value;
}

/** JSON has no infinities: an MI that is null is infinite, another null is not a number. */
const encode = ({ pairs, largest, pool }: MatrixChunk): string => signed({ pairs, largest, pool });

function decode(line: string): MatrixChunk {
  const { pairs, largest, pool } = checked(line) as MatrixChunk;
  return {
    ...(pool && { pool }),
    // Of a part without pairs.
    largest: largest.map((value) => value ?? Number.NEGATIVE_INFINITY),
    pairs: pairs.map(
      (pair): PairRecord => ({
        ...pair,
        raw: pair.raw ?? Number.POSITIVE_INFINITY,
        standardError: pair.standardError ?? Number.NaN,
        pearson: pair.pearson ?? Number.NaN,
        evidence: pair.evidence ?? Number.POSITIVE_INFINITY,
      }),
    ),
  };
}

/** Pairs in a line of a finished part. One line of all would be longer than a string can be, from two million on. */
const PAIRS_IN_LINE = 4096;

/** The lines of a finished part: its pairs in order, and the pools of all, however they came to be. */
export function* partLines(header: Header, chunks: readonly MatrixChunk[]): Generator<string> {
  yield headerLine(header);
  const pairs = joinedRecords(chunks).sort((a, b) => a.x - b.x || a.y - b.y);
  const largest = largestOf(chunks, header.permutations);
  // A chunk has the pool of one number of rows.
  const pools = [...poolsOf(chunks).values()].map((pool) => pool.toRecord());
  const lines = Math.max(1, pools.length, Math.ceil(pairs.length / PAIRS_IN_LINE));
  for (let line = 0; line < lines; line++) {
    const some = pairs.slice(line * PAIRS_IN_LINE, (line + 1) * PAIRS_IN_LINE);
    yield encode({ pairs: some, largest, ...(pools[line] && { pool: pools[line] }) });
  }
}

/**
 * The pairs of a part that an earlier run finished, if `path` is that of the same matrix and shard: a queue may send a
 * task again whose end it did not see. The adapter may be another.
 *
 * @param pairs how many there are
 */
export async function finishedPart(path: string, header: Header, pairs: number): Promise<MatrixChunk[] | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const part = await readPart(path).catch((error: unknown) => {
    // Another file of that name is written over, as without a shard.
    if (error instanceof InputError) return undefined;
    throw error;
  });
  if (!part || differences(part.header, header, ["adapter"]).length > 0) return undefined;
  return joinedRecords(part.chunks).length === pairs ? part.chunks : undefined;
}

const headerLine = (header: Header) => signed({ format: FORMAT, ...header });

/** Reads finished pairs. A last line that was cut off is ignored. Undefined where not even the header is whole. */
export const readPart = async (path: string): Promise<Part | undefined> => partOf(await readFile(path), path);

/** The same of the bytes of a file. */
export function partOf(bytes: Buffer, path: string): Part | undefined {
  const end = bytes.lastIndexOf(10) + 1;
  const begin = `{"format":"${FORMAT}"`;
  if (!begin.startsWith(bytes.toString("utf8", 0, begin.length))) {
    throw new InputError(`"${path}" holds no pairs of remine matrix. Name another file`);
  }
  if (end === 0) return undefined;
  const [first, ...ends] = lineEnds(bytes.subarray(0, end));
  const lineAt = (i: number) => bytes.toString("utf8", i === 0 ? first! + 1 : ends[i - 1]! + 1, ends[i]!);
  try {
    const { format: _, ...header } = checked(bytes.toString("utf8", 0, first)) as Header & { format: string };
    return { header, chunks: ends.map((_, i) => decode(lineAt(i))), bytes: end };
  } catch (cause) {
    throw new InputError(`"${path}" is damaged: a line in it was changed. Delete it and start again`, { cause });
  }
}

/** Where the lines of a file end. A whole file may be longer than a string can be. */
function lineEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) ends.push(at);
  return ends;
}

/** The fields in which two headers differ, in words. */
export function differences(a: Header, b: Header, except: readonly (keyof Header)[] = []): string[] {
  const show = (value: unknown) =>
    typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  return (Object.keys(a) as (keyof Header)[])
    .filter((name) => !except.includes(name) && JSON.stringify(a[name]) !== JSON.stringify(b[name]))
    .map((name) =>
      name === "data" || Array.isArray(a[name]) ? name : `${name} ${show(a[name])}, now ${show(b[name])}`,
    );
}

/** A file to which finished pairs are added as they come, so that a killed run goes on where it was. */
export class Checkpoint {
  readonly path: string;
  /** What an earlier run left. */
  readonly done: MatrixChunk[];
  #bytes: number;
  readonly #pairs: Set<string>;

  private constructor(path: string, done: MatrixChunk[], bytes: number) {
    this.path = path;
    this.done = done;
    this.#bytes = bytes;
    this.#pairs = new Set(done.flatMap(({ pairs }) => pairs.map(pairKey)));
  }

  /** How many pairs it holds. */
  get pairs(): number {
    return this.#pairs.size;
  }

  /** Goes on with a file that is there, or begins one. */
  static async open(path: string, header: Header): Promise<Checkpoint> {
    const found = await stat(path).catch(() => undefined);
    if (found && !found.isFile()) throw new InputError(`"${path}" is no plain file. Name another checkpoint`);
    const part = found && found.size > 0 ? await readPart(path) : undefined;
    if (part) {
      const other = differences(part.header, header);
      if (other.length > 0) {
        throw new InputError(
          `the checkpoint "${path}" is of another run: ${other.join("; ")}. Give what it was made with, name another --checkpoint, or delete it`,
        );
      }
      await truncate(path, part.bytes);
      return new Checkpoint(path, part.chunks, part.bytes);
    }
    const first = headerLine(header);
    await write(path, 0, () => writeFile(path, first), "No pair is finished");
    return new Checkpoint(path, [], Buffer.byteLength(first));
  }

  async append(chunk: MatrixChunk): Promise<void> {
    const line = encode(chunk);
    await this.#refuseOthers();
    const state = `It holds ${this.pairs} finished pairs: run the same command to go on with them`;
    await write(this.path, this.#bytes, () => appendFile(this.path, line), state);
    this.#bytes += Buffer.byteLength(line);
    for (const pair of chunk.pairs) this.#pairs.add(pairKey(pair));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** A queue that lost sight of a task sends it again: of two that add to one file, the one that sees it grow ends. */
  async #refuseOthers(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    if (found?.size === this.#bytes) return;
    const what = found ? "is written to by another process too" : "is gone, as if another process had finished it";
    throw new RemineError(
      `the checkpoint "${this.path}" ${what}. This one ends; if there is no other, run the same command again`,
    );
  }
}

/** Writes, or leaves the file as long as it was; one that did not exist does not then. */
async function write(path: string, bytes: number, action: () => Promise<void>, state: string): Promise<void> {
  try {
    await action();
  } catch (error) {
    await (bytes > 0 ? truncate(path, bytes) : rm(path, { force: true })).catch(() => {});
    throw unwritten(path, error, state);
  }
}
