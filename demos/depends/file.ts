/** Tables in files that are no delimited text. What reads them is large, and comes with the first of them. */
import type { readTable } from "../../src/files.ts";
import { loadScript } from "./script.ts";
import { askedOf, choiceAgain, refusalOf, sheetOf } from "./sheet.ts";
import type { Choice, Reading, Sheet } from "./table.ts";

declare global {
  /** What files.worker.js leaves where it is loaded. */
  var tableFiles: { readTable: typeof readTable } | undefined;
}

/** How files begin that may be more than text: Parquet, Arrow, its stream, NumPy, gzip. */
const STARTS = ["PAR1", "PARE", "ARROW1", "FEA1", "\xff\xff\xff\xff", "\x93NUMPY", "\x1f\x8b"];

/** Whether a file is not delimited text, or may be JSON. */
export async function isForFiles(file: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(0, 256).arrayBuffer());
  const head = String.fromCharCode(...bytes);
  // NPZ is an archive whose first file is an array.
  const isNpz = head.startsWith("PK\x03\x04") && head.includes(".npy");
  return isNpz || STARTS.some((start) => head.startsWith(start)) || /^(\u00ef\u00bb\u00bf)?\s*[[{]/.test(head);
}

/** A table, and how one of its columns is read again in another way. */
interface Taken {
  sheet: Sheet;
  again: (old: Choice, at: number, reading: Reading) => Promise<Choice>;
}

/** @throws {Refusal} naming cause and mend */
export async function readFile(file: Blob, name: string): Promise<Taken> {
  if (!globalThis.tableFiles) await loadScript("files.worker.js");
  const named = new File([file], name);
  const read: typeof readTable = (input, options) =>
    globalThis.tableFiles!.readTable(input, options).catch((error) => {
      throw refusalOf(name, error);
    });
  const sheet = sheetOf(await read(named), name);
  return {
    sheet,
    again: async (old, at, reading) => {
      const table = await read(named, askedOf(reading, old.source));
      const found = reading === "found" ? table : await read(named, { columns: [old.source] });
      return choiceAgain(old, at, reading, table, found.columns[at]);
    },
  };
}
