/** Runs of small numbers in a Parquet file: repeated ones, and such as are packed bit by bit, in turns. */

/**
 * Fills `output`, and no more, whatever length the runs announce.
 *
 * @param width bits of a number, up to 32
 * @throws {Error} where the bytes end before
 */
export function readRuns<T extends Uint8Array | Uint32Array>(bytes: Uint8Array, width: number, output: T): T {
  if (width > 32) throw new Error(`codes of ${width} bits`);
  const size = (width + 7) >> 3;
  let at = 0;
  for (let seen = 0; seen < output.length; ) {
    let [header, shift, byte] = [0, 0, 0x80];
    while (byte & 0x80) {
      if (at >= bytes.length || shift > 28) throw new Error("codes end too early");
      byte = bytes[at++]!;
      header |= (byte & 0x7f) << shift;
      shift += 7;
    }
    const length = header >>> 1;
    if (header & 1) {
      const count = Math.min(8 * length, output.length - seen);
      if (at + Math.ceil((count * width) / 8) > bytes.length) throw new Error("codes end too early");
      unpack(bytes, at, width, output, seen, count);
      at += length * width;
      seen += count;
    } else {
      if (at + size > bytes.length) throw new Error("codes end too early");
      let value = 0;
      for (let i = 0; i < size; i++) value += bytes[at++]! * 2 ** (8 * i);
      const end = Math.min(output.length, seen + length);
      output.fill(value, seen, end);
      seen = end;
    }
    if (length === 0 && at >= bytes.length) throw new Error("codes end too early");
  }
  return output;
}

/** The lowest bits come first. */
function unpack(
  bytes: Uint8Array,
  start: number,
  width: number,
  output: Uint8Array | Uint32Array,
  from: number,
  count: number,
): void {
  // Arithmetic rather than shifts, for a number and what is left of the byte before it may have 39 bits.
  const [full, end] = [2 ** width, from + count];
  let [at, held, bits] = [start, 0, 0];
  for (let i = from; i < end; i++) {
    while (bits < width) {
      held += bytes[at++]! * 2 ** bits;
      bits += 8;
    }
    const next = Math.floor(held / full);
    output[i] = held - next * full;
    held = next;
    bits -= width;
  }
}
