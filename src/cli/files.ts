/** Files in and out: the columns that a call is about, notes on missing values, files that are whole or not there. */

import { rename, rm, writeFile } from "node:fs/promises";
import { type Complete, completeRows } from "../data/columns.ts";
import { type FileColumn, selectColumns, type Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import type { FileOptions } from "./options.ts";

/** The columns of a table that a call is about, and the rows that have all of them. */
export interface Selection extends Complete {
  x: FileColumn[];
  y: FileColumn[];
  given?: FileColumn[];
}

export function select(table: Table, options: FileOptions): Selection {
  const chosen = (spec: string, option: string) => selectColumns(table, spec, option).map((c) => table.columns[c]!);
  const sides = {
    x: chosen(options.x, "--x"),
    y: chosen(options.y, "--y"),
    ...(options.given !== undefined && { given: chosen(options.given, "--given") }),
  };
  return { ...sides, ...completeRows([...new Set(Object.values(sides).flat())]) };
}

/** "410 of 1461 rows dropped …", or nothing. */
export const droppedNote = ({ dropped, droppedBy, rows }: Complete): string | undefined =>
  missingNote(dropped, rows.length, droppedBy);

export function missingNote(
  dropped: number,
  rows: number,
  droppedBy: readonly { name: string; count: number }[],
): string | undefined {
  if (dropped === 0) return undefined;
  const by = droppedBy.map(({ name, count }) => `${name} ${count}`).join(", ");
  return `${dropped} of ${dropped + rows} rows were left out: a value is missing (${by}).`;
}

/** Writes a file whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}.part`;
  try {
    await writeFile(partial, text);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new InputError(`cannot write "${path}": its folder does not exist. Create it, or name another path.`);
    }
    if (code === "EACCES" || code === "EROFS" || code === "EISDIR")
      throw new InputError(`cannot write "${path}": ${message}`);
    throw error;
  }
}
