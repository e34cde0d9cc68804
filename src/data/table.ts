/** Tables of columns with names, and how a command line names columns. */
import { InputError } from "../errors.ts";
import { nearestName } from "../math/nearest.ts";
import type { Column } from "./columns.ts";
import { type Circle, circles, onCircle } from "./dates.ts";

/** One column of a {@link Table}; the values of a category are codes 0..levels-1. */
export interface FileColumn extends Column {
  name: string;
  /** The texts of a category, sorted, or of ordered levels, in their order: what the values stand for. */
  levels?: string[];
  /** True when the caller asked for categories by name or number. */
  forced?: boolean;
  /** Its cells were not kept, for `CsvOptions.columns` does not name it: it has no values. */
  isUnread?: boolean;
  /** The values are days since 1970-01-01. */
  isDate?: boolean;
  /** The texts that stand in place of a value, the most frequent first. */
  missing?: { text: string; rows: number }[];
  /** The first cell of a numeric column that is no finite number: an error only when the column is selected. */
  firstBad?: { row: number; cell: string; why?: string };
  /** What has to be said before the column can be used: an error only when it is selected. */
  problem?: string;
  /** How the cells were read, where that is not plain to see. */
  note?: string;
  /** The option of reading that decides where the cells leave it open: what `problem` asks, or `note` says was decided. */
  asks?: "dates" | "decimal";
}

/** A parsed table. Rows are counted from 1 in messages, the header not included. */
export interface Table {
  columns: FileColumn[];
  rows: number;
  /** How the lines were read, where they could be read otherwise. */
  notes?: string[];
}

const ZERO = 48;
const OTHER_BASE = /^0[xXbBoO]/;
const INFINITE = /^[+-]?inf(inity)?$/i;

/**
 * Column indices for a comma list of names, 1-based numbers, ranges ("1-20") and patterns ("gene_*", "t?"). An exact
 * name wins, then the name of an array, "x" for x[1], x[2], …; a name with commas is given whole or in double quotes. Throws when a column is unknown or cannot be used.
 */
export function selectColumns(table: Table, spec: string, option: string): number[] {
  const names = table.columns.map((column) => column.name);
  return usable(table, findColumns(names, spec, option));
}

/** @throws {InputError} for a column that cannot be used */
function usable(table: Table, places: number[]): number[] {
  for (const place of places) refuseProblem(table, place);
  return places;
}

function refuseProblem(table: Table, index: number): void {
  const problem = columnProblem(table, index);
  if (problem !== undefined) throw new InputError(problem);
}

/**
 * The columns that {@link selectColumns} finds, and those made of a date: "date:hour" (or weekday, day_of_year, month) is two
 * columns, cosine and sine of where it stands on that circle.
 */
export function pickColumns(table: Table, spec: string, option: string): FileColumn[] {
  const names = table.columns.map((column) => column.name);
  const isWhole = names.includes(spec.trim());
  const items = isWhole ? [{ text: spec.trim(), quoted: true }] : splitList(spec);
  const picked = items.flatMap((item) => {
    const derived = names.includes(item.text) ? undefined : circleColumns(table, names, item.text);
    return derived ?? usable(table, findColumns(names, listItem(item), option)).map((j) => table.columns[j]!);
  });
  const first = new Map(picked.map((column) => [column.name, column]));
  return [...first.values()];
}

/**
 * Places of all columns that comma lists name, those included that "date:hour" is made of.
 *
 * @throws {InputError} as {@link findColumns} does
 */
export function placesOf(names: readonly string[], specs: readonly string[]): Set<number> {
  const known = new Set(names);
  const places = specs.flatMap((spec) => {
    if (known.has(spec.trim())) return findColumns(names, spec, "--columns");
    const items = splitList(spec).map((item) => {
      const name = known.has(item.text) ? undefined : circleOf(item.text)?.name;
      return listItem(name !== undefined && known.has(name) ? { text: name, quoted: true } : item);
    });
    return findColumns(names, items.join(","), "--columns");
  });
  return new Set(places);
}

/** "date:hour" in its parts. */
function circleOf(item: string): { name: string; circle: Circle } | undefined {
  const [, name, asked] = /^(.+):(\w+)$/s.exec(item) ?? [];
  const circle = circles.find((each) => each === asked);
  return name === undefined || circle === undefined ? undefined : { name, circle };
}

function circleColumns(table: Table, names: readonly string[], item: string): FileColumn[] | undefined {
  const found = circleOf(item);
  const index = found ? names.indexOf(found.name) : -1;
  if (!found || index < 0) return undefined;
  const { name, circle } = found;
  const column = table.columns[index]!;
  refuseProblem(table, index);
  if (!column.isDate) {
    throw new InputError(`${item}: column "${name}" holds no dates. Write them as 2024-12-31 or 2024-12-31 23:59`);
  }
  return onCircle(column.values, circle).map((values, i) => ({
    ...{ name: `${item} (${i === 0 ? "cos" : "sin"})`, kind: "numeric", values },
    ...(column.missing && { missing: column.missing }),
    ...(column.note && { note: column.note }),
  }));
}

/** Why a column cannot be used, with the mend, or undefined when it can. */
export function columnProblem(table: Table, index: number): string | undefined {
  const column = table.columns[index]!;
  const { name, kind, values, levels, forced } = column;
  if (column.isUnread) return `column "${name}" was not read. Name it among the columns that are to be read`;
  if (column.firstBad !== undefined) return badCell(column, column.firstBad);
  if (column.problem !== undefined) return column.problem;
  if (values.every(Number.isNaN)) return `column "${name}" has no value in any row. Leave it out`;
  const count = levels?.length ?? 0;
  if (kind === "category" && !forced && count > 20 && count > table.rows / 2) {
    return `column "${name}" holds ${count} different texts in ${table.rows} rows: names or free text, not categories. Leave it out, turn it into numbers, or keep it with ${flag("--categorical", name)}`;
  }
  return undefined;
}

function badCell({ name, levels }: FileColumn, { row, cell, why }: NonNullable<FileColumn["firstBad"]>): string {
  const place = `row ${row}, column "${name}": "${clip(cell)}"`;
  const list = `list it with ${flag("--missing", quotedItem(cell))}`;
  if (levels) return `${place} ${why}. Add it to --ordered, or ${list}`;
  const category = `treat the column as categories with ${flag("--categorical", quotedItem(name))}`;
  if (why === "is not a date")
    return `${place} ${why}, unlike those before it. Write it as a date, ${list}, or ${category}`;
  if (why) return `${place} ${why}. Write all cells of the column alike, ${list}, or ${category}`;
  if (!Number.isNaN(toNumber(cell))) return `${place} is not finite. Replace it by a number, or ${list}`;
  return `${place} is not a number. Write it as a number, ${list}, or ${category}`;
}

/** NaN for a text, an infinity for "inf" and for what overflows. */
export function toNumber(cell: string): number {
  if (cell === "" || (cell.charCodeAt(0) === ZERO && OTHER_BASE.test(cell))) return Number.NaN;
  const value = Number(cell);
  return Number.isNaN(value) && INFINITE.test(cell) ? Number.POSITIVE_INFINITY : value;
}

/** One entry of a comma list. */
export interface ListItem {
  text: string;
  /** In double quotes, in which commas are letters and a quote is written twice. */
  quoted: boolean;
}

/** The entries of a comma list. */
export const splitList = (list: string): ListItem[] =>
  [...`${list},`.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*|([^,]*)),/g)].map(([, quoted, plain]) => ({
    text: quoted?.replaceAll('""', '"') ?? plain!.trim(),
    quoted: quoted !== undefined,
  }));

export const listItem = ({ text, quoted }: ListItem): string => (quoted ? `"${text.replaceAll('"', '""')}"` : text);

/** A text as an entry of a comma list. */
const quotedItem = (text: string): string => listItem({ text, quoted: /[",]/.test(text) });

/** Places of the columns that a comma list names; a whole list that is a name is that name. */
export function findColumns(names: readonly string[], spec: string, option: string): number[] {
  const whole = names.indexOf(spec.trim());
  if (whole >= 0) return [whole];
  const found = splitList(spec).flatMap(({ text, quoted }) => findColumn(names, text, quoted, option));
  return [...new Set(found)];
}

function findColumn(names: readonly string[], item: string, quoted: boolean, option: string): number[] {
  const count = plural(names.length, "column");
  if (item === "")
    throw new InputError(`${option}: an empty column name. Give names, numbers or patterns: age,3,'t_*'`);
  const exact = names.indexOf(item);
  if (exact >= 0) return [exact];
  const parts = partsOf(names, item);
  if (parts.length > 0) return parts;
  const range = quoted ? null : /^(\d+)(?:-(\d+))?$/.exec(item);
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (from >= 1 && from <= to && to <= names.length) return [...names.keys()].slice(from - 1, to);
    throw new InputError(
      `${option}: ${item} is no column. The table has ${count}; give a number from 1 to ${names.length}, or a range such as 1-${names.length}`,
    );
  }
  const withComma = quoted ? undefined : names.find((name) => name.includes(",") && name.includes(item));
  const nearest = () =>
    withComma === undefined
      ? `Nearest name: "${nearestName(item, names)!.name}"`
      : `A name with a comma is given in double quotes: ${flag(option, quotedItem(withComma))}`;
  if (!quoted && /[*?]/.test(item)) {
    const pattern = Array.from(item);
    const matches = names.flatMap((name, j) => (matchesPattern(name, pattern) ? [j] : []));
    if (matches.length > 0) return matches;
    throw new InputError(`${option}: no column matches "${item}" among ${count}. ${nearest()}`);
  }
  throw new InputError(`${option}: no column "${item}" among ${count}. ${nearest()}`);
}

/** Columns of an array with two axes: of "x" those named x[1], x[2], … */
const partsOf = (names: readonly string[], array: string): number[] =>
  names.flatMap((name, j) => (name.startsWith(`${array}[`) && /^\d+\]$/.test(name.slice(array.length + 1)) ? [j] : []));

/**
 * Whether a name is of a pattern, in which "*" is any text and "?" any character. A later star makes the choices of those before
 * it final, so time is at most the product of both lengths, where a regular expression may go through all choices.
 */
function matchesPattern(name: string, pattern: readonly string[]): boolean {
  const letters = Array.from(name);
  let [at, place, star, tried] = [0, 0, -1, 0];
  while (at < letters.length) {
    if (pattern[place] === "*") {
      star = place++;
      tried = at;
    } else if (place < pattern.length && (pattern[place] === "?" || pattern[place] === letters[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++tried;
    } else return false;
  }
  return pattern.slice(place).every((letter) => letter === "*");
}

/** What is to be said where a number in a comma list is the name of one column and the place of another. */
export function placeNotes(names: readonly string[], spec: string, option: string): string[] {
  return splitList(spec).flatMap(({ text, quoted }) => {
    const named = quoted || !/^\d+$/.test(text) ? -1 : names.indexOf(text);
    const placed = names[Number(text) - 1];
    if (named < 0 || named === Number(text) - 1 || placed === undefined) return [];
    return [`${option} ${text}: the column named "${text}", number ${named + 1}; column number ${text} is "${placed}"`];
  });
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function flag(option: string, text: string): string {
  const word = /^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  return text.startsWith("-") ? `${option}=${word}` : `${option} ${word}`;
}
