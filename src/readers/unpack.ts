/** Packed buffers of Arrow files, unpacked to exactly the size that they say. */
import { compressors } from "hyparquet-compressors";
import { unpackLz4 } from "./lz4.ts";

/** By Arrow's numbers of them. */
const CODECS: readonly ((packed: Uint8Array, size: number) => Uint8Array)[] = [unpackLz4, unpackZstd];

/** Buffers of more bytes than this are refused where one byte becomes more than so many. */
const BOMB = { bytes: 2 ** 26, ratio: 200 };

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
  if (size < 0 || (size > BOMB.bytes && size > BOMB.ratio * packed.length)) {
    throw new RangeError(`a buffer of ${packed.length} bytes claims to become ${size}`);
  }
  const unpack = CODECS[codec];
  if (!unpack) throw new RangeError(`buffers are packed in a way (${codec}) that is not known`);
  return unpack(packed, size);
}

/** Windows that are larger are refused, as the program zstd does. */
const MOST_WINDOW = 2 ** 27;

function unpackZstd(packed: Uint8Array, size: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (view.getUint32(0, true) !== 0xfd2fb528) throw new Error("no ZSTD frame");
  // What the frame says is what would be reserved for it.
  const flags = view.getUint8(4);
  const isWhole = (flags & 0x20) !== 0;
  const at = 5 + (isWhole ? 0 : 1) + [0, 1, 2, 4][flags & 3]!;
  const said = [
    isWhole ? () => view.getUint8(at) : undefined,
    () => view.getUint16(at, true) + 256,
    () => view.getUint32(at, true),
    () => Number(view.getBigUint64(at, true)),
  ][flags >> 6]?.();
  if (said !== undefined && said !== size) throw new Error(`a ZSTD frame of ${said} bytes stands for ${size}`);
  if (!isWhole && said === undefined && 2 ** (10 + (view.getUint8(5) >> 3)) > MOST_WINDOW)
    throw new Error("a ZSTD window of more than 128 MiB");
  const bytes = compressors.ZSTD!(packed, size);
  if (bytes.length !== size) throw new Error(`a ZSTD frame holds ${bytes.length} bytes and not ${size}`);
  return bytes;
}
