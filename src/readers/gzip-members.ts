/**
 * A file of gzip (RFC 1952): one member, or several one after the other, as bgzip and `cat a.gz b.gz` write them.
 * DecompressionStream reads only the first of several in browsers and Deno, and passes over a broken second one in Node.
 */
import { Gunzip } from "fflate/browser";
import { InputError } from "../errors.ts";
import { crc32, joined, viewOf } from "./bytes.ts";

/** Bytes that are unpacked at once: few, for each may become 1032. */
const AT_ONCE = 1 << 14;

/** After a member: its checksum and its size. */
const TRAILER = 8;

/** Bytes that unpack to none at most: a header with long names, of which there are none. */
const MOST_SILENT = 1 << 20;

/**
 * What the members hold, one after the other.
 *
 * @throws {InputError} for a file that is cut off, broken, or goes on with something else
 */
export async function* unpackMembers(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const members = new Members();
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += AT_ONCE) yield* members.push(piece.subarray(at, at + AT_ONCE));
  }
  yield* members.finish();
}

const broken = (why: string, cause?: unknown): InputError =>
  new InputError(`a broken gzip file (${why}). Download or compress it again`, { cause });

/** fflate unpacks; whether it came to what each member says of itself is found here. */
class Members {
  readonly #gunzip = new Gunzip((bytes) => this.#take(bytes));
  #ready: Uint8Array[] = [];
  /** Of the open member. */
  #checksum = 0;
  #size = 0;
  /** Packed bytes, from the piece on of which the last unpacked ones came: a trailer is among them. And where they end. */
  #packed: Uint8Array = new Uint8Array();
  #end = 0;
  /** The last member has ended, and zeros follow, as some tools pad with. */
  #isPadding = false;

  constructor() {
    this.#gunzip.onmember = (start) => this.#next(start);
  }

  push(piece: Uint8Array): Uint8Array[] {
    this.#end += piece.length;
    if (this.#isPadding) {
      if (piece.some((byte) => byte !== 0)) throw broken("after its end stands what is no gzip");
      return [];
    }
    this.#packed = joined([this.#packed, piece]);
    if (this.#packed.length > MOST_SILENT) throw broken("a header has no end");
    this.#unpack(piece, false);
    if (this.#ready.length > 0) this.#packed = piece;
    return this.#ready.splice(0);
  }

  finish(): Uint8Array[] {
    if (this.#isPadding) return [];
    this.#unpack(new Uint8Array(), true);
    if (!this.#hasEnded()) throw broken("it is cut off, or its checksum is wrong");
    return this.#ready.splice(0);
  }

  #unpack(piece: Uint8Array, isLast: boolean): void {
    try {
      this.#gunzip.push(piece, isLast);
    } catch (error) {
      if (error instanceof InputError) throw error; // that of a member before, by #next
      this.#isPadding = this.#hasEnded();
      if (!this.#isPadding) throw broken((error as Error).message, error);
    }
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#checksum = crc32(bytes, this.#checksum);
    this.#size += bytes.length;
    this.#ready.push(bytes);
  }

  /** Another member starts at that byte of the file. */
  #next(start: number): void {
    const at = start - this.#end + this.#packed.length;
    if (!this.#isTrailer(at - TRAILER)) throw broken("a checksum is wrong");
    this.#packed = this.#packed.subarray(at);
    [this.#checksum, this.#size] = [0, 0];
  }

  #isTrailer(at: number): boolean {
    const trailer = viewOf(this.#packed.subarray(at, at + TRAILER));
    if (at < 0 || trailer.byteLength < TRAILER) return false;
    return trailer.getUint32(0, true) === this.#checksum && trailer.getUint32(4, true) === this.#size >>> 0;
  }

  /** Whether the open member's trailer is there, and nothing but zeros after it. */
  #hasEnded(): boolean {
    for (let at = this.#packed.length - TRAILER; at >= 0; at--) {
      if (this.#isTrailer(at)) return true;
      if (this.#packed[at + TRAILER - 1] !== 0) return false;
    }
    return false;
  }
}
