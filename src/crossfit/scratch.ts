/** Memory for scores that is used again. */

/**
 * One piece of memory, from which arrays are taken in turn and given back. Those of a fold's pairs are so large that, left to
 * the garbage collector, the ones of several folds would be there at the same time.
 */
export class Scratch {
  readonly #buffer: ArrayBuffer;
  #taken = 0;

  /** @param bytes arrays beyond them have memory of their own */
  constructor(bytes: number) {
    this.#buffer = new ArrayBuffer(bytes);
  }

  /** Bytes that are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** All arrays that were taken since `taken` was this may be written over. */
  release(taken: number): void {
    this.#taken = taken;
  }

  /** Numbers that may hold anything. */
  single(length: number): Float32Array {
    const place = this.#take(4 * length);
    return place === undefined ? new Float32Array(length) : new Float32Array(this.#buffer, place, length);
  }

  /** Numbers that may hold anything. */
  double(length: number): Float64Array {
    const place = this.#take(8 * length);
    return place === undefined ? new Float64Array(length) : new Float64Array(this.#buffer, place, length);
  }

  #take(bytes: number): number | undefined {
    const place = this.#taken;
    const end = place + Math.ceil(bytes / 8) * 8;
    if (end > this.#buffer.byteLength) return undefined;
    this.#taken = end;
    return place;
  }
}
