/** Each side from a file of its own: `remine estimate --x a.npy --y b.npy`. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { type FileColumn, listItem, plural, splitList, type Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { readTable } from "../readers/read.ts";
import type { TableOptions } from "../readers/table-options.ts";
import { csvOptions, type FileOptions } from "./options.ts";

/** Options that name columns of one table, or files where there is no such table. */
const SIDES = ["x", "y", "given", "versus", "group", "weights"] as const;
type SideOption = (typeof SIDES)[number];

/** What names of files end in. */
const ENDING = /\.(csv|tsv|txt|json|jsonl|ndjson|parquet|arrow|arrows|feather|npy|npz)(\.gz)?$/i;

/** A table, and the options that name its columns. */
interface Sides {
  table: Table;
  options: FileOptions;
}

/** The table of a file, or of one file for each side where no other is named. */
export async function readSides(file: string | undefined, options: FileOptions, columns: string[]): Promise<Sides> {
  if (file === undefined) return joinSides(options);
  const table = await readTable(file, { ...csvOptions(options), columns });
  refuseFiles(file, table, options);
  return { table, options };
}

/** @throws {InputError} where a side is the name of a file and no column's */
function refuseFiles(file: string, table: Table, options: FileOptions): void {
  for (const side of SIDES) {
    const asked = options[side];
    if (asked === undefined || !ENDING.test(asked) || table.columns.some(({ name }) => name === asked)) continue;
    throw new InputError(
      `--${side} ${asked} names a file, and so does ${file}. Leave ${file} out to give each side a file of its own, or name columns of ${file}`,
    );
  }
}

async function joinSides(options: FileOptions): Promise<Sides> {
  const named = SIDES.flatMap((side) => (options[side] === undefined ? [] : [{ side, path: options[side] }]));
  for (const { side, path } of named) await refuseColumn(side, path);
  refuseUnknown(named, options);
  const reading = csvOptions(options);
  const all: FileColumn[] = [];
  const notes: string[] = [];
  const specs: Partial<Record<SideOption, string>> = {};
  let first: { path: string; rows: number } | undefined;
  for (const { side, path } of named) {
    const table = await readTable(path, { ...reading, ...labelled(reading, side, path) });
    first ??= { path, rows: table.rows };
    if (table.rows !== first.rows) {
      throw new InputError(
        `${first.path} has ${plural(first.rows, "row")}, and ${path} has ${table.rows}. Row i of each is sample i, so they need equally many`,
      );
    }
    const isTaken = named.some((other) => other.side !== side && stem(other.path) === stem(path));
    const columns = renamed(table, isTaken ? side : stem(path));
    notes.push(...(table.notes ?? []).map((note) => `${path}: ${note}`));
    specs[side] = columns.map(({ name }) => listItem({ text: name, quoted: true })).join(",");
    all.push(...columns);
  }
  return { table: { columns: all, rows: first!.rows, notes }, options: { ...options, ...specs } };
}

const stem = (path: string): string => basename(path).replace(ENDING, "");

/** "a" for the one column of a.npy, "a[1]" for the first of several, "a.age" for one that has a name. */
function renamed({ columns }: Table, to: string): FileColumn[] {
  return columns.map((column) => {
    const isNumber = /^\d+$/.test(column.name);
    const name = !isNumber ? `${to}.${column.name}` : columns.length === 1 ? to : `${to}[${column.name}]`;
    const own = (text: string) => text.replace(`column "${column.name}"`, `column "${name}"`);
    return {
      ...{ ...column, name },
      ...(column.note && { note: own(column.note) }),
      ...(column.problem && { problem: own(column.problem) }),
    };
  });
}

/** @throws {InputError} where a side is no file: without a table, columns have no names */
async function refuseColumn(side: SideOption, path: string): Promise<void> {
  if (path === "-")
    throw new InputError(`--${side} -: a side is read from a file. Name it, or pipe one table in with all sides`);
  if (ENDING.test(path) || (await stat(path).catch(() => undefined))) return;
  throw new InputError(
    `--${side} ${path}: no such file. Without a table before the options each side is a file; to name columns, name their table: remine estimate table.csv --${side} ${path}`,
  );
}

/** The columns of a side that are labels: all of them, where the side or its file is named. */
function labelled(
  options: TableOptions,
  side: SideOption,
  path: string,
): Pick<TableOptions, "categorical" | "ordered"> {
  const isMeant = (text: string) => splitList(text).some((item) => isNamed(item.text, side, path));
  const { categorical = [], ordered = [] } = options;
  const levels = ordered.find(({ columns }) => isMeant(columns))?.levels;
  return {
    categorical: categorical.some(isMeant) ? ["*"] : undefined,
    ordered: levels && [{ columns: "*", levels }],
  };
}

const isNamed = (text: string, side: SideOption, path: string): boolean => [side, path, stem(path)].includes(text);

function refuseUnknown(named: readonly { side: SideOption; path: string }[], options: FileOptions): void {
  const asked = [
    ...(options.categorical ?? []).map((text) => ({ option: "--categorical", text })),
    ...(options.ordered ?? []).map(({ columns }) => ({ option: "--ordered", text: columns })),
  ];
  for (const { option, text } of asked) {
    for (const item of splitList(text)) {
      if (named.some(({ side, path }) => isNamed(item.text, side, path))) continue;
      const sides = named.map(({ side }) => side).join(", ");
      throw new InputError(
        `${option} ${item.text}: each side is a file here. Name a side (${sides}), whose columns are all meant`,
      );
    }
  }
}
