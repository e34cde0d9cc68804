/** What a shared library of Linux says of itself: its name, and which others it needs. */
import { closeSync, openSync, readSync } from "node:fs";

/** The dynamic section of a library, as far as loading it asks for. */
export interface Library {
  /** DT_SONAME: the name by which others ask for it. Empty for one that is opened by its path alone. */
  name: string;
  /** DT_NEEDED: the names of those that are loaded with it. */
  needed: string[];
}

const LOAD = 1;
const DYNAMIC = 2;
const [DT_NEEDED, DT_STRTAB, DT_SONAME] = [1, 5, 14];

/** Reads a 64-bit little-endian ELF file. Undefined for any other file, and one without a dynamic section. */
export function readLibrary(path: string): Library | undefined {
  const file = openSync(path, "r");
  const read = (position: number, length: number) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, position));
  };
  try {
    const head = read(0, 64);
    if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head.readUInt16BE(4) !== 0x0201) return undefined;
    const segments = readSegments(read, head);
    const dynamic = segments.find(({ type }) => type === DYNAMIC);
    if (!dynamic) return undefined;
    const entries = readEntries(read(dynamic.offset, dynamic.size));
    const table = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
    const home = segments.find(
      ({ type, address, size }) => type === LOAD && table >= address && table < address + size,
    );
    if (!home) return undefined;
    const strings = home.offset + table - home.address;
    const text = (at: number) =>
      read(strings + at, 256)
        .toString("latin1")
        .replace(/\0.*$/s, "");
    const all = (wanted: number) => entries.filter(({ tag }) => tag === wanted).map(({ value }) => text(value));
    return { name: all(DT_SONAME)[0] ?? "", needed: all(DT_NEEDED) };
  } finally {
    closeSync(file);
  }
}

type Read = (position: number, length: number) => Buffer;

function readSegments(read: Read, head: Buffer) {
  const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  const bytes = read(start, size * count);
  // A file that is cut off has fewer.
  return Array.from({ length: size < 56 ? 0 : Math.floor(bytes.length / size) }, (_, i) => {
    const number = (offset: number) => Number(bytes.readBigUInt64LE(i * size + offset));
    return { type: bytes.readUInt32LE(i * size), offset: number(8), address: number(16), size: number(32) };
  });
}

function readEntries(bytes: Buffer) {
  return Array.from({ length: Math.floor(bytes.length / 16) }, (_, i) => ({
    tag: Number(bytes.readBigInt64LE(i * 16)),
    value: Number(bytes.readBigUInt64LE(i * 16 + 8)),
  }));
}
