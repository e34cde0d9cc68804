/** Bytes as readers meet them: a view on them, several as one, packed ones that claim too much, and their checksum. */

/** The same bytes, to be read as numbers of any size. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** All of them, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Past so many bytes, packed ones are refused where one becomes more than so many: only bombs and constants are like that. */
export const BOMB = { bytes: 2 ** 26, ratio: 200 };

export const isBomb = (packed: number, size: number): boolean => size > BOMB.bytes && size > BOMB.ratio * packed;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** The checksum of zip and gzip, of what came before and these bytes. */
export function crc32(bytes: Uint8Array, before: number): number {
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) rest = CRC[(rest ^ bytes[i]!) & 255]! ^ (rest >>> 8);
  return ~rest >>> 0;
}
