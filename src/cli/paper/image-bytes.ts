/** What the formats of images have in common: how labels are checked, and what a file of no such format looks like. */
import { InputError } from "../../errors.ts";

/** The largest label of ten classes that count from 0. */
const LAST_LABEL = 9;

/** How files begin that people have in place of the right one, and what they are; a byte is a character. */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ["\x89PNG", "a PNG picture"],
  ["\xff\xd8\xff", "a JPEG picture"],
  ["PK\x03\x04", "a zip archive, which is to be unpacked first"],
  ["\x1f\x8b", "a gzip file"],
  ["\x93NUMPY", "an array of NumPy"],
  ["version https://git-lfs", 'a pointer of Git LFS, in place of which "git lfs pull" puts the file'],
  ...["\x02", "\x03", "\x04", "\x05"].map((protocol) => [`\x80${protocol}`, "a pickle of Python"] as const),
];

/** Bytes that tell what a file is; a tar archive says it in the middle of its first 512. */
const TELLING = 512;
const TAR_MARK = 257;

/** What bytes are that are no images, as in "a PNG picture"; undefined for what is not known. */
export function lookalike(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, TELLING));
  if (/^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text)) return "a web page, in place of the file that it offers";
  if (text.startsWith("ustar", TAR_MARK)) return "a tar archive, which is to be unpacked first";
  return BEGINNINGS.find(([beginning]) => text.startsWith(beginning))?.[1];
}

/**
 * @param labels (count)
 * @throws {InputError} naming the first label that is above 9
 */
export function checkLabels(labels: Uint8Array): void {
  const wrong = labels.findIndex((label) => label > LAST_LABEL);
  if (wrong < 0) return;
  throw new InputError(
    `the label of image ${wrong + 1} is ${labels[wrong]}, where 0 to ${LAST_LABEL} were expected: the file is damaged, or of another data set`,
  );
}
