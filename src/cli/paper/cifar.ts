/** The binary version of CIFAR-10: records of a label and of three planes (red, green, blue), each row by row. */
import { InputError } from "../../errors.ts";
import { checkLabels, lookalike } from "./image-bytes.ts";

/** Pixels of an image along a side, and bytes of a pixel. */
export const CIFAR_SIDE = 32;
export const CIFAR_CHANNELS = 3;

const PLANE = CIFAR_SIDE * CIFAR_SIDE;
const IMAGE = PLANE * CIFAR_CHANNELS;
const RECORD = 1 + IMAGE;

/** Records of each file that the authors offer. */
const USUAL = 10_000;

/** What a file of CIFAR-10 holds. */
export interface CifarImages {
  count: number;
  /** (count, 32, 32, 3), 0 to 255, channels last. */
  pixels: Uint8Array;
  /** (count), 0 to 9. */
  labels: Uint8Array;
}

/**
 * Reads the bytes of a file of the binary version.
 *
 * @param most how many images are kept, from the beginning
 * @throws {InputError} for bytes that are not whole records, for a label above 9, for a file of another format
 */
export function cifarOf(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): CifarImages {
  const records = bytes.length / RECORD;
  try {
    checkRecords(bytes.length);
    checkLabels(Uint8Array.from({ length: records }, (_, i) => bytes[i * RECORD]!));
  } catch (error) {
    const found = lookalike(bytes);
    if (found === undefined) throw error;
    const mend = found.includes("Python") ? ", as in the Python version of CIFAR-10; get the binary version" : "";
    throw new InputError(`the file is ${found}${mend}`, { cause: error });
  }
  const count = Math.min(records, most);
  const pixels = new Uint8Array(count * IMAGE);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const record = bytes.subarray(i * RECORD, (i + 1) * RECORD);
    labels[i] = record[0]!;
    takeChannelsLast(record.subarray(1), pixels.subarray(i * IMAGE));
  }
  return { count, pixels, labels };
}

function checkRecords(length: number): void {
  if (length === 0) throw new InputError("the file is empty");
  if (length % RECORD === 0) return;
  const needs = Math.ceil(length / RECORD) * RECORD;
  throw new InputError(
    `the file is cut off: it has ${length} bytes, and needs ${needs} for its ${needs / RECORD} images of ${RECORD} bytes each; a usual file has ${USUAL * RECORD} for ${USUAL} images`,
  );
}

/** Planes (3, 32, 32) of one image, to pixels (32, 32, 3). */
function takeChannelsLast(planes: Uint8Array, pixels: Uint8Array): void {
  for (let channel = 0; channel < CIFAR_CHANNELS; channel++) {
    for (let p = 0; p < PLANE; p++) pixels[p * CIFAR_CHANNELS + channel] = planes[channel * PLANE + p]!;
  }
}
