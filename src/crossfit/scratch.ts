/** Memory for scores that is used again. */

/**
 * Arrays that are taken, and all given back at once. Those of a fold's pairs are so large that, left to the garbage
 * collector, the ones of several folds would be there at the same time.
 */
export class Scratch {
  readonly #buffers: ArrayBuffer[] = [];
  #taken = 0;

  /** All that was taken may be written over. */
  clear(): void {
    this.#taken = 0;
  }

  /** Numbers that may hold anything. */
  single(length: number): Float32Array {
    return new Float32Array(this.#take(4 * length), 0, length);
  }

  /** Numbers that may hold anything. */
  double(length: number): Float64Array {
    return new Float64Array(this.#take(8 * length), 0, length);
  }

  #take(bytes: number): ArrayBuffer {
    const place = this.#taken++;
    let buffer = this.#buffers[place];
    if (!buffer || buffer.byteLength < bytes) {
      buffer = new ArrayBuffer(bytes);
      this.#buffers[place] = buffer;
    }
    return buffer;
  }
}
