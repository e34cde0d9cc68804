/** Files in and out: the columns that a call is about, notes on missing values, files that are whole or not there. */

import { rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Complete, completeRows } from "../data/columns.ts";
import { columnProblem, type FileColumn, findColumns, pickColumns, placeNotes, type Table } from "../data/table.ts";
import { InputError, InterruptedError, RemineError } from "../errors.ts";
import { interruptible } from "./interrupt.ts";
import type { FileOptions } from "./options.ts";

/** In how many rows a text stands in place of a value. Rows may be left out for several at once. */
export interface LeftOut {
  column: string;
  text: string;
  rows: number;
}

/** The columns of a table that a call is about, and the rows that have all of them. */
export interface Selection extends Complete {
  x: FileColumn[];
  y: FileColumn[];
  given?: FileColumn[];
  /** X′, which is compared with X. */
  versus?: FileColumn[];
  /** Says which rows belong together. */
  group?: FileColumn;
  /** How much each row counts. */
  weights?: FileColumn;
  /** Why rows were left out. */
  leftOut: LeftOut[];
  /** How the table was read, where it could be read otherwise. */
  notes: string[];
}

export function select(table: Table, options: FileOptions): Selection {
  const sides = {
    x: pickColumns(table, options.x, "--x"),
    y: pickColumns(table, options.y, "--y"),
    ...(options.given !== undefined && { given: pickColumns(table, options.given, "--given") }),
    ...(options.versus !== undefined && { versus: pickColumns(table, options.versus, "--versus") }),
  };
  const group = options.group === undefined ? undefined : groupOf(table, options.group);
  const weights = options.weights === undefined ? undefined : weightsOf(table, options.weights);
  const rows = { ...(group && { group }), ...(weights && { weights }) };
  const columns = [...new Set([...Object.values(sides).flat(), ...Object.values(rows)])];
  const specs = {
    ...{ "--x": options.x, "--y": options.y, "--given": options.given },
    ...{ "--versus": options.versus, "--group": options.group, "--weights": options.weights },
  };
  const notes = notesOf(table, columns, specs);
  return { ...sides, ...rows, ...completeRows(columns), leftOut: leftOutOf(columns), notes };
}

/** The one column of `--weights`, of numbers. */
function weightsOf(table: Table, spec: string): FileColumn {
  const [column, ...more] = pickColumns(table, spec, "--weights");
  if (more.length > 0) throw new InputError(`--weights ${spec} names ${more.length + 1} columns. Name one`);
  if (column!.kind !== "category" || !column!.levels) return column!;
  throw new InputError(`--weights: column "${column!.name}" holds texts, and weights are numbers. Name another`);
}

/** The one column of `--group`, which may well hold as many texts as there are subjects. */
export function groupOf(table: Table, spec: string): FileColumn {
  const [index, ...more] = findColumns(
    table.columns.map(({ name }) => name),
    spec,
    "--group",
  );
  if (more.length > 0) throw new InputError(`--group ${spec} names ${more.length + 1} columns. Name one`);
  const column = table.columns[index!]!;
  const problem = column.kind === "category" ? undefined : columnProblem(table, index!);
  if (problem !== undefined) throw new InputError(problem);
  return column;
}

/** What is to be said of how a table and some of its columns were read. */
export function notesOf(
  { notes = [], columns: all }: Table,
  columns: readonly FileColumn[],
  specs: Readonly<Record<string, string | undefined>>,
): string[] {
  const names = all.map(({ name }) => name);
  const places = Object.entries(specs).flatMap(([option, spec = ""]) => placeNotes(names, spec, option));
  return [...new Set([...notes, ...places, ...columns.flatMap(({ note }) => note ?? [])])];
}

/** Which texts stand in place of values, and in how many rows; a column that another is made of counts once. */
export function leftOutOf(columns: readonly FileColumn[]): LeftOut[] {
  return columns.flatMap(({ name, missing = [] }) => missing.map(({ text, rows }) => ({ column: name, text, rows })));
}

/** "100 of 400 rows were left out: "NA" in country (100).", or nothing. */
export function missingNote(dropped: number, rows: number, leftOut: readonly LeftOut[]): string | undefined {
  return dropped === 0 ? undefined : `${dropped} of ${dropped + rows} rows were left out: ${missingTexts(leftOut)}.`;
}

/** Which texts stand in place of values: '"NA" in country (100)'. */
export function missingTexts(leftOut: readonly LeftOut[]): string {
  const by = leftOut.map(
    ({ column, text, rows }) => `${text === "" ? "an empty cell" : `"${text}"`} in ${column} (${rows})`,
  );
  const more = by.length > MOST_CAUSES ? `, and ${by.length - MOST_CAUSES} more` : "";
  return `${by.slice(0, MOST_CAUSES).join(", ")}${more}`;
}

const MOST_CAUSES = 10;

/**
 * Refuses a path that would fail after all the work.
 *
 * @throws {InputError} where its folder is not there
 */
export async function checkFolder(path: string): Promise<void> {
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (folder?.isDirectory()) return;
  throw new InputError(`cannot write "${path}": its folder does not exist. Create it, or name another path`);
}

/** @throws {InputError} for a report that would be no page by its name, and for a folder that is not there */
export async function checkPage(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  if (/\.html?$/i.test(path)) return checkFolder(path);
  throw new InputError(`--report ${path}: a report is a page. Name a file that ends in .html`);
}

/** Writes a file whole or not at all: what was there stays until all of it is on the disk. */
export async function writeWhole(path: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
  const partial = `${path}.${process.pid}.part`;
  try {
    await interruptible((signal) => writeFile(partial, content, { signal }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw unwritten(path, error);
  }
}

/**
 * Why a file could not be written, for a user.
 *
 * @param state what is kept, and how to go on, where the disk is full
 */
export function unwritten(path: string, error: unknown, state = "Nothing was written there"): unknown {
  const { code, message, name, cause } = error as NodeJS.ErrnoException;
  if (name === "AbortError") return new InterruptedError(`interrupted. "${path}" is not written`, { cause });
  const cannot = `cannot write "${path}": `;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return new RemineError(`${cannot}the disk is full. Free some space. ${state}`, { cause: error });
    case "ENOENT":
    case "ENOTDIR":
      return new InputError(`${cannot}its folder does not exist. Create it, or name another path`, { cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "EISDIR":
      return new InputError(`${cannot}${message}`, { cause: error });
    default:
      return new RemineError(`${cannot}${message}`, { cause: error });
  }
}
