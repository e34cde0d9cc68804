/** Bytes that come in pieces of any size, taken in parts of the size that somebody needs. */
import { joined } from "./bytes.ts";

export class ByteQueue {
  readonly #rest: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();
  #at = 0;
  /** Bytes that were taken. */
  taken = 0;
  /** Fewer bytes came than were asked for. */
  isOver = false;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#rest = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes: so many, or fewer where no more come. Memory is for what came, whatever is asked for. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0 && (this.#at < this.#piece.length || (await this.#next()))) {
      const part = this.#piece.subarray(this.#at, this.#at + missing);
      this.#at += part.length;
      missing -= part.length;
      parts.push(part);
    }
    this.taken += count - missing;
    this.isOver = missing > 0;
    return parts.length === 1 ? parts[0]! : joined(parts);
  }

  /** Ends what the bytes come from. */
  async close(): Promise<void> {
    await this.#rest.return?.();
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#rest.next();
    if (done) return false;
    this.#piece = value;
    this.#at = 0;
    return true;
  }
}
