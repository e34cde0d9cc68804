/** Values with typed arrays as bytes and back: what `save` and `load` have in common. */
import { InputError } from "./errors.ts";

/** What is saved and in which form. A reader takes its own kind and version alone. */
export interface Format {
  /** What the bytes hold, such as "remine trainer". */
  kind: string;
  version: number;
}

const arrays = { Uint8Array, Uint32Array, Float32Array, Float64Array } as const;
type TypedArray = InstanceType<(typeof arrays)[keyof typeof arrays]>;

const isArray = (value: unknown): value is TypedArray => Object.values(arrays).some((type) => value instanceof type);

/** In JSON a typed array is a note of its type and length; its bytes follow the text, in the order of the notes. */
interface Note {
  $array: keyof typeof arrays;
  length: number;
}

/**
 * A line of text with kind, version and what tells whether the rest is whole; one with everything but typed arrays; then their
 * bytes. Little-endian, as every GPU is.
 */
export function packed({ kind, version }: Format, value: object): Uint8Array<ArrayBuffer> {
  const found: TypedArray[] = [];
  const text = JSON.stringify(value, (_, part) => {
    if (!isArray(part)) return part;
    found.push(part);
    return { $array: part.constructor.name, length: part.length };
  });
  const encoder = new TextEncoder();
  const line = encoder.encode(`${text}\n`);
  const rest = new Uint8Array(found.reduce((sum, { byteLength }) => sum + byteLength, line.length));
  rest.set(line);
  let offset = line.length;
  for (const { buffer, byteOffset, byteLength } of found) {
    rest.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  const head = encoder.encode(`${JSON.stringify({ kind, version, bytes: rest.length, sum: sumOf(rest) })}\n`);
  const all = new Uint8Array(head.length + rest.length);
  all.set(head);
  all.set(rest, head.length);
  return all;
}

/** 32 bits that no change of one byte leaves as they are (FNV-1a): against what disks and networks do, not against people. */
export function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i]!, 0x01000193);
  return sum >>> 0;
}

/**
 * What {@link packed} was given. Nothing is checked but kind, version, length and sum: bytes are to come from where they were
 * saved.
 *
 * @throws {InputError} for other bytes, another kind or version, and for bytes that were cut off or changed
 */
export function unpacked<T>(format: Format, bytes: Uint8Array): T {
  const head = headOf(bytes);
  if (head?.kind !== format.kind) {
    throw new InputError(
      head
        ? `these bytes hold a ${head.kind}, and a ${format.kind} is wanted`
        : `these bytes are no saved ${format.kind}; give what save() returned`,
    );
  }
  if (head.version !== format.version) {
    throw new InputError(
      `this ${format.kind} was saved in version ${head.version}, and this remine reads version ${format.version}; make it anew, or use the remine that saved it`,
    );
  }
  const rest = bytes.subarray(head.end);
  if (rest.length !== head.bytes) {
    throw new InputError(
      `this ${format.kind} has ${bytes.length} bytes and should have ${head.end + head.bytes}; it was cut off, or changed`,
    );
  }
  const changed = `this ${format.kind} is not what save() returned: bytes in it were changed. Save it again, or copy it again`;
  if (sumOf(rest) !== head.sum) throw new InputError(changed);
  try {
    return readValue(rest) as T;
  } catch (cause) {
    throw new InputError(changed, { cause });
  }
}

/** A line of JSON, and the arrays that it notes. */
function readValue(bytes: Uint8Array): unknown {
  let offset = bytes.indexOf(10) + 1;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, offset)), (_, part: unknown) => {
    if (!isNote(part)) return part;
    const type = arrays[part.$array];
    const from = offset;
    offset += part.length * type.BYTES_PER_ELEMENT;
    return new type(bytes.slice(from, offset).buffer);
  });
}

const isNote = (part: unknown): part is Note => typeof part === "object" && part !== null && "$array" in part;

interface Head extends Format {
  /** How many come after the head, and their sum. */
  bytes: number;
  sum: number;
  /** Where the head ends. */
  end: number;
}

/** No head is longer. */
const LONGEST_HEAD = 1 << 10;

/** The first line, in which kind and version stand; nothing where there is no such line. */
function headOf(bytes: Uint8Array): Head | undefined {
  const end = bytes.subarray(0, LONGEST_HEAD).indexOf(10) + 1;
  if (end === 0 || bytes[0] !== 123) return undefined;
  try {
    const { kind, version, bytes: count, sum } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))) as Head;
    return { kind, version, bytes: count, sum, end };
  } catch {
    return undefined;
  }
}
