/** LZ4 frames, as Arrow files have them: a few blocks that may look back into those before them. */
import { viewOf } from "./bytes.ts";

const MAGIC = 0x184d2204;
const HEADER = 4;
/** Bits of a frame's flags. */
const FLAG = { checksum: 0x04, size: 0x08, blockChecksum: 0x10, dictionary: 0x01 };
/** The bit of a block's length that says its bytes are not packed. */
const PLAIN = 0x80000000;

/**
 * Unpacks one frame of exactly so many bytes. Checksums are not looked at.
 *
 * @throws {Error} where the frame is broken, or holds more or fewer bytes
 */
export function unpackLz4(packed: Uint8Array, size: number): Uint8Array {
  // Two bytes become at most 510: what claims more is not worth the memory.
  if (size > 255 * packed.length) throw new Error("an LZ4 frame claims more bytes than it can hold");
  const view = viewOf(packed);
  if (packed.length < 7 || view.getUint32(0, true) !== MAGIC) throw new Error("no LZ4 frame");
  const flags = view.getUint8(HEADER);
  const optional = (flags & FLAG.size ? 8 : 0) + (flags & FLAG.dictionary ? 4 : 0);
  let at = HEADER + 2 + optional + 1;
  const output = new Uint8Array(size);
  let end = 0;
  for (;;) {
    const length = view.getUint32(at, true);
    at += 4;
    if (length === 0) break;
    const bytes = packed.subarray(at, at + (length & ~PLAIN));
    if (bytes.length < (length & ~PLAIN)) throw new Error("an LZ4 block is cut off");
    end = length & PLAIN ? copied(bytes, output, end) : unpackBlock(bytes, output, end);
    at += bytes.length + (flags & FLAG.blockChecksum ? 4 : 0);
  }
  if (end !== size) throw new Error(`an LZ4 frame holds ${end} bytes and not ${size}`);
  return output;
}

function copied(bytes: Uint8Array, output: Uint8Array, at: number): number {
  if (at + bytes.length > output.length) throw new Error("an LZ4 frame holds more bytes than it says");
  output.set(bytes, at);
  return at + bytes.length;
}

/** @returns where the output ends after it */
function unpackBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let [from, to] = [0, start];
  /** Fifteen goes on in bytes, until one that is less than 255. */
  const lengthOf = (nibble: number) => {
    let length = nibble;
    for (let byte = 255; nibble === 15 && byte === 255; length += byte) byte = block[from++] ?? 0;
    return length;
  };
  while (from < block.length) {
    const token = block[from++]!;
    const literals = lengthOf(token >> 4);
    if (from + literals > block.length) throw new Error("literals of an LZ4 block are cut off");
    to = copied(block.subarray(from, from + literals), output, to);
    from += literals;
    if (from === block.length) return to;
    const back = block[from]! | ((block[from + 1] ?? 0) << 8);
    from += 2;
    const length = lengthOf(token & 15) + 4;
    if (back === 0 || back > to) throw new Error("an LZ4 block looks back too far");
    if (to + length > output.length) throw new Error("an LZ4 frame holds more bytes than it says");
    if (back >= length) output.copyWithin(to, to - back, to - back + length);
    else for (let i = 0; i < length; i++) output[to + i] = output[to + i - back]!;
    to += length;
  }
  return to;
}
