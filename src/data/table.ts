/** Tables of columns with names, and how a command line names columns. */
import { InputError } from "../errors.ts";
import { nearestName } from "../math/nearest.ts";
import type { Column } from "./columns.ts";

/** One column of a {@link Table}; the values of a category are codes 0..levels-1. */
export interface FileColumn extends Column {
  name: string;
  /** The texts of a category, sorted. */
  levels?: string[];
  /** True when the caller asked for categories by name or number. */
  forced?: boolean;
  /** The first cell of a numeric column that is no finite number: an error only when the column is selected. */
  firstBad?: { row: number; cell: string };
}

/** A parsed table. Rows are counted from 1 in messages, the header not included. */
export interface Table {
  columns: FileColumn[];
  rows: number;
}

/** A number as much of Europe writes it. */
export const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
const INFINITE = /^[+-]?inf(inity)?$/i;

/**
 * Column indices for a comma list of names, 1-based numbers, ranges ("1-20") and patterns ("gene_*", "t?"). An exact
 * name wins; a name with commas is given in double quotes. Throws when a column is unknown or cannot be used.
 */
export function selectColumns(table: Table, spec: string, option: string): number[] {
  const names = table.columns.map((column) => column.name);
  const picked = findColumns(names, spec, option);
  for (const j of picked) {
    const problem = columnProblem(table, j);
    if (problem !== undefined) throw new InputError(problem);
  }
  return picked;
}

/** Why a column cannot be used, with the mend, or undefined when it can. */
export function columnProblem(table: Table, index: number): string | undefined {
  const { name, kind, values, levels, forced, firstBad } = table.columns[index]!;
  if (firstBad !== undefined) {
    const { row, cell } = firstBad;
    const place = `row ${row}, column "${name}": "${clip(cell)}"`;
    const list = `list it with ${flag("--missing", cell)}`;
    if (!Number.isNaN(toNumber(cell))) return `${place} is not finite. Replace it by a number, or ${list}`;
    const write = DECIMAL_COMMA.test(cell) ? `with a decimal point, ${cell.replace(",", ".")}` : "as a number";
    return `${place} is not a number. Write it ${write}, ${list}, or treat the column as categories with ${flag("--categorical", name)}`;
  }
  if (values.every(Number.isNaN)) return `column "${name}" has no value in any row. Leave it out`;
  const count = levels?.length ?? 0;
  if (kind === "category" && !forced && count > 20 && count > table.rows / 2) {
    return `column "${name}" holds ${count} different texts in ${table.rows} rows: names or dates, not categories. Leave it out, turn it into numbers, or keep it with ${flag("--categorical", name)}`;
  }
  return undefined;
}

/** NaN for a text, an infinity for "inf" and for what overflows. */
export function toNumber(cell: string): number {
  if (cell === "" || (cell.length > 1 && cell[0] === "0" && "xXbBoO".includes(cell[1]!))) return Number.NaN;
  const value = Number(cell);
  return Number.isNaN(value) && INFINITE.test(cell) ? Number.POSITIVE_INFINITY : value;
}

/** Places of the columns that a comma list names. */
export function findColumns(names: readonly string[], spec: string, option: string): number[] {
  const items = [...`${spec},`.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*|([^,]*)),/g)];
  const found = items.flatMap(([, quoted, plain]) =>
    findColumn(names, quoted?.replaceAll('""', '"') ?? plain!.trim(), quoted !== undefined, option),
  );
  return [...new Set(found)];
}

function findColumn(names: readonly string[], item: string, quoted: boolean, option: string): number[] {
  const count = plural(names.length, "column");
  if (item === "")
    throw new InputError(`${option}: an empty column name. Give names, numbers or patterns: age,3,'t_*'`);
  const exact = names.indexOf(item);
  if (exact >= 0) return [exact];
  const range = quoted ? null : /^(\d+)(?:-(\d+))?$/.exec(item);
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (from >= 1 && from <= to && to <= names.length) return [...names.keys()].slice(from - 1, to);
    throw new InputError(
      `${option}: ${item} is no column. The table has ${count}; give a number from 1 to ${names.length}, or a range such as 1-${names.length}`,
    );
  }
  const nearest = `Nearest name: "${nearestName(item, names)!.name}"`;
  if (!quoted && /[*?]/.test(item)) {
    const literal = item.replace(/[.+^${}()|[\]\\/]/g, "\\$&");
    const pattern = new RegExp(`^${literal.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "su");
    const matches = names.flatMap((name, j) => (pattern.test(name) ? [j] : []));
    if (matches.length > 0) return matches;
    throw new InputError(`${option}: no column matches "${item}" among ${count}. ${nearest}`);
  }
  throw new InputError(`${option}: no column "${item}" among ${count}. ${nearest}`);
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
