/** Bytes on their way in: from a file, a Blob, or a body that comes in pieces and only once. */
import { InputError } from "../errors.ts";

/** Bytes that can be read from the start, or at any place. What they throw does not say their name: `readTable` adds it. */
export interface ByteSource {
  /** What messages call it. */
  name: string;
  /** In bytes; absent while a stream has not ended. */
  readonly size?: number | undefined;
  /** All bytes in their order, in pieces of any size. To be called once, and no more `slice` after it. */
  pieces(): AsyncIterable<Uint8Array>;
  /** The bytes from `start` up to `end`, or up to the end of the source where that is nearer. */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** Bytes of a stream that are kept for those who ask for them at any place, at most. */
export const MOST_KEPT = 2 ** 30;

/** Bytes that are read at once: few, so that what is made of them is soon forgotten. */
export const PIECE = 1 << 16;

/** A Blob or File, which is never read whole unless somebody asks for all of it. */
export const blobSource = (blob: Blob, name: string): ByteSource => ({
  name,
  size: blob.size,
  slice: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  async *pieces() {
    const step = 16 * PIECE;
    for (let at = 0; at < blob.size; at += step) yield await this.slice(at, at + step);
  },
});

/** Bytes that are there already. */
export const bytesSource = (bytes: Uint8Array, name: string): ByteSource => ({
  name,
  size: bytes.length,
  slice: async (start, end) => bytes.subarray(start, end),
  async *pieces() {
    for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  },
});

/** A stream, of which `slice` keeps what came up to its end, at most {@link MOST_KEPT}, and `pieces` keeps nothing. */
export class StreamSource implements ByteSource {
  readonly name: string;
  readonly #rest: AsyncIterator<Uint8Array>;
  #kept = new Uint8Array(PIECE);
  #length = 0;
  #isOver = false;

  readonly #most: number;

  /** @param most bytes that are kept */
  constructor(pieces: AsyncIterable<Uint8Array>, name: string, most = MOST_KEPT) {
    this.#most = most;
    this.name = name;
    this.#rest = pieces[Symbol.asyncIterator]();
  }

  get size(): number | undefined {
    return this.#isOver ? this.#length : undefined;
  }

  /** @throws {InputError} where more would have to be kept */
  async slice(start: number, end: number): Promise<Uint8Array> {
    while (!this.#isOver && this.#length < end) {
      const piece = await this.#next();
      if (piece) this.#keep(piece);
    }
    return this.#kept.slice(start, Math.min(end, this.#length));
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    if (this.#length > 0) yield this.#kept.subarray(0, this.#length);
    this.#kept = new Uint8Array();
    for (let piece = await this.#next(); piece; piece = await this.#next()) yield piece;
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    const { value, done } = await this.#rest.next();
    this.#isOver = done === true;
    return done ? undefined : value;
  }

  #keep(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#most) {
      throw new InputError(
        `more than ${this.#most / 2 ** 30} GiB came through a stream or gzip, and this format is read at any place, so all of it would have to be kept. Save it as a file that is not compressed, and name that`,
      );
    }
    if (length > this.#kept.length) {
      const kept = new Uint8Array(Math.min(this.#most, Math.max(length, 2 * this.#kept.length)));
      kept.set(this.#kept.subarray(0, this.#length));
      this.#kept = kept;
    }
    this.#kept.set(piece, this.#length);
    this.#length = length;
  }
}

/** Bytes of the source; a stream is read to its end for it, and kept. */
export async function sizeOf(source: ByteSource): Promise<number> {
  if (source.size === undefined) await source.slice(MOST_KEPT + 1, MOST_KEPT + 1);
  return source.size!;
}

/** All bytes in one piece. */
export const wholeOf = async (source: ByteSource): Promise<Uint8Array> => source.slice(0, await sizeOf(source));
