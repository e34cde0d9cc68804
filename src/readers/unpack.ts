/** Packed buffers of Arrow files, unpacked to exactly the size that they say. */
import { decompress } from "fzstd";
import { isBomb, viewOf } from "./bytes.ts";
import { unpackLz4 } from "./lz4.ts";

/** By Arrow's numbers of them. */
const CODECS: readonly ((packed: Uint8Array, size: number) => Uint8Array)[] = [unpackLz4, unpackZstd];

/**
 * A buffer whose first eight bytes are its size, or −1 where it is not packed.
 *
 * @throws {Error} where it is broken, or holds more or fewer bytes
 */
export function unpacked(buffer: Uint8Array, codec: number): Uint8Array {
  if (buffer.length === 0) return buffer;
  const size = Number(new DataView(buffer.buffer, buffer.byteOffset, 8).getBigInt64(0, true));
  const packed = buffer.subarray(8);
  if (size === -1) return packed;
  if (size < 0 || isBomb(packed.length, size)) {
    throw new RangeError(`a buffer of ${packed.length} bytes claims to become ${size}`);
  }
  const unpack = CODECS[codec];
  if (!unpack) throw new RangeError(`buffers are packed in a way (${codec}) that is not known`);
  return unpack(packed, size);
}

/** What the frame says of its size has to agree; what it unpacks to then has its place. */
function unpackZstd(packed: Uint8Array, size: number): Uint8Array {
  const said = contentSize(viewOf(packed));
  if (said !== undefined && said !== size) throw new Error(`a ZSTD frame of ${said} bytes stands for ${size}`);
  return decompress(packed, new Uint8Array(size));
}

/** Bytes that a frame says it becomes (RFC 8878, section 3.1.1.1), which it need not. */
function contentSize(frame: DataView): number | undefined {
  if (frame.getUint32(0, true) !== 0xfd2fb528) throw new Error("no ZSTD frame");
  const flags = frame.getUint8(4);
  const isWhole = (flags & 0x20) !== 0;
  const at = 5 + (isWhole ? 0 : 1) + [0, 1, 2, 4][flags & 3]!;
  if (flags >> 6 === 3) return Number(frame.getBigUint64(at, true));
  if (flags >> 6 === 2) return frame.getUint32(at, true);
  if (flags >> 6 === 1) return frame.getUint16(at, true) + 256;
  return isWhole ? frame.getUint8(at) : undefined;
}
