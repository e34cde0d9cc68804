/** From the bytes of a file to text, or to one sentence that says what it is instead and what to do. */

import { quoted } from "./words.ts";

/** What a visitor gave cannot be used. The message names cause and mend. */
export class Refusal extends Error {
  override name = "Refusal";
}

export const MOST_BYTES = 20e6;

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0);

/** @throws {Refusal} */
export function refuseSize(bytes: number, name: string): void {
  if (bytes === 0) throw new Refusal(`${quoted(name)} is empty. Give a table with one line per row`);
  if (bytes <= MOST_BYTES) return;
  throw new Refusal(
    `${quoted(name)} has ${megabytes(bytes)} MB, and this page takes ${megabytes(MOST_BYTES)}. Keep fewer rows or columns`,
  );
}

/** How files begin that are no text, what they are, and the way to a table. */
const OTHERS: [start: readonly number[], what: string, mend: string][] = [
  [[0x50, 0x4b], "a workbook or an archive", "Open it, and save the sheet as CSV"],
  [[0xd0, 0xcf, 0x11, 0xe0], "an old workbook or document", "Open it, and save the sheet as CSV"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF", "Copy its table into a spreadsheet, and save that as CSV"],
  [[0x1f, 0x8b], "compressed", "Unpack it first"],
  [[0x89, 0x50, 0x4e, 0x47], "an image", "Give the numbers as CSV"],
  [[0xff, 0xd8, 0xff], "an image", "Give the numbers as CSV"],
  [[0x47, 0x49, 0x46, 0x38], "an image", "Give the numbers as CSV"],
  [[0x50, 0x41, 0x52, 0x31], "a Parquet file", "Save it as CSV"],
];

export interface Text {
  text: string;
  /** How the bytes were read, where that is not UTF-8. */
  note?: string;
}

/**
 * Reads UTF-8, UTF-16, or else what Windows writes in western Europe.
 *
 * @throws {Refusal}
 */
export function decode(bytes: Uint8Array, name: string): Text {
  refuseSize(bytes.length, name);
  const starts = (mark: readonly number[]) => mark.every((byte, i) => bytes[i] === byte);
  const wide = utf16Of(bytes);
  if (wide) return { text: new TextDecoder(wide).decode(bytes) };
  const other = OTHERS.find(([start]) => starts(start));
  if (other) throw new Refusal(`${quoted(name)} is ${other[1]}, not a table in text. ${other[2]}`);
  if (bytes.subarray(0, 65536).includes(0)) {
    throw new Refusal(`${quoted(name)} is no text. Give a table as CSV, one line per row`);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    const note = "The file is not UTF-8, so it is read as Windows-1252 (Latin-1).";
    return { text: new TextDecoder("windows-1252").decode(bytes), note };
  }
}

/** By its mark, or by every second byte being 0. */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const zeros = [0, 0];
  const some = bytes.subarray(0, 4096);
  for (const [i, byte] of some.entries()) if (byte === 0) zeros[i % 2]!++;
  const [even, odd] = zeros as [number, number];
  if (odd > 0.3 * some.length && even < odd / 20) return "utf-16le";
  return even > 0.3 * some.length && odd < even / 20 ? "utf-16be" : undefined;
}
