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

/** One line of text with everything but typed arrays, then their bytes. Little-endian, as every GPU is. */
export function packed({ kind, version }: Format, value: object): Uint8Array<ArrayBuffer> {
  const found: TypedArray[] = [];
  const text = JSON.stringify({ kind, version, value }, (_, part) => {
    if (!isArray(part)) return part;
    found.push(part);
    return { $array: part.constructor.name, length: part.length };
  });
  const head = new TextEncoder().encode(`${text}\n`);
  const all = new Uint8Array(found.reduce((sum, { byteLength }) => sum + byteLength, head.length));
  all.set(head);
  let offset = head.length;
  for (const { buffer, byteOffset, byteLength } of found) {
    all.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return all;
}

/**
 * What {@link packed} was given. Nothing is checked but kind, version and length: bytes are to come from where they were
 * saved.
 *
 * @throws {InputError} for other bytes, another kind or version, and for bytes that were cut off
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
  let offset = head.end;
  const value = JSON.parse(head.text, (_, part: unknown) => {
    if (!isNote(part)) return part;
    const type = arrays[part.$array];
    const size = part.length * type.BYTES_PER_ELEMENT;
    offset += size;
    return offset > bytes.length ? part : new type(bytes.slice(offset - size, offset).buffer);
  }).value as T;
  if (offset !== bytes.length) {
    throw new InputError(
      `this ${format.kind} has ${bytes.length} bytes and should have ${offset}; it was cut off, or changed`,
    );
  }
  return value;
}

const isNote = (part: unknown): part is Note => typeof part === "object" && part !== null && "$array" in part;

/** Kind and version of bytes that are text up to the first new line; nothing where they are not. */
function headOf(bytes: Uint8Array): (Format & { text: string; end: number }) | undefined {
  const end = bytes.indexOf(10);
  if (end < 0 || bytes[0] !== 123) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(0, end));
  try {
    const { kind, version } = JSON.parse(text) as Format;
    return { kind, version, text, end: end + 1 };
  } catch {
    return undefined;
  }
}
