/** Idx files, as MNIST has them: big-endian numbers of 32 bits (a magic one, then the sizes), and a byte for each value. */
import { InputError } from "../../errors.ts";
import { checkLabels, lookalike } from "./image-bytes.ts";

export type IdxKind = "images" | "labels";

/** What an idx file holds. */
export interface Idx {
  /** As the file says: (count, height, width) of images, in pixels; (count) of labels. */
  sizes: number[];
  /** Of the images or labels that are kept, row by row: pixels from 0 to 255, labels from 0 to 9. */
  values: Uint8Array;
}

/** The last byte of a magic number is how many sizes follow; 8 before it says that values are unsigned bytes. */
const AXES = { images: 3, labels: 1 };
const UNSIGNED_BYTES = 0x800;
const magicOf = (kind: IdxKind) => UNSIGNED_BYTES + AXES[kind];

/** Bytes of a number in the head. */
const NUMBER = 4;

/**
 * Reads the bytes of an idx file.
 *
 * @param most how many images or labels are kept, from the beginning
 * @throws {InputError} for another magic number, for more or fewer bytes than the sizes ask for, for a label above 9
 */
export function idxOf(bytes: Uint8Array, kind: IdxKind, most = Number.POSITIVE_INFINITY): Idx {
  const head = NUMBER * (1 + AXES[kind]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= NUMBER) checkMagic(bytes, view.getUint32(0), kind);
  if (bytes.length < head) {
    throw new InputError(
      bytes.length === 0
        ? "the file is empty"
        : `the file is cut off: it has ${bytes.length} bytes, and the head alone of an idx file of ${kind} has ${head}`,
    );
  }
  const sizes = Array.from({ length: AXES[kind] }, (_, axis) => view.getUint32(NUMBER * (1 + axis)));
  const [count, ...each] = sizes as [number, ...number[]];
  const said = `${count} ${kind}${each.length > 0 ? ` of ${each.join(" x ")}` : ""}`;
  if (sizes.includes(0)) throw new InputError(`the file says that it holds ${said}, which is nothing: it is damaged`);
  const one = each.reduce((product, size) => product * size, 1);
  checkLength(bytes.length, head + count * one, said);
  const all = bytes.subarray(head);
  if (kind === "labels") checkLabels(all);
  return { sizes, values: new Uint8Array(all.subarray(0, Math.min(count, most) * one)) };
}

function checkMagic(bytes: Uint8Array, magic: number, kind: IdxKind): void {
  if (magic === magicOf(kind)) return;
  const other = kind === "images" ? "labels" : "images";
  const found = magic === magicOf(other) ? `${other}, perhaps under an exchanged name` : lookalike(bytes);
  throw new InputError(
    `the file begins with ${inHex(magic)}, where an idx file of ${kind} begins with ${inHex(magicOf(kind))}: ${found ? `it holds ${found}` : "it is something else, or damaged"}`,
  );
}

function checkLength(has: number, needs: number, said: string): void {
  if (has < needs) {
    throw new InputError(`the file is cut off: it has ${has} bytes, and needs ${needs} for its ${said}`);
  }
  if (has > needs) throw new InputError(`the file is damaged: it has ${has} bytes, and its ${said} need only ${needs}`);
}

const inHex = (magic: number) => `0x${magic.toString(16).padStart(8, "0")}`;
