/** CSV to columns: names, numbers, categories, missing values. */
import Papa from "papaparse";
import { InputError } from "../errors.ts";
import { nearestName } from "../math/nearest.ts";

/** One column of a {@link Table}. */
export interface Column {
  name: string;
  kind: "numeric" | "category";
  /** One value per row; the code 0..levels-1 in a category; NaN where the cell is missing. */
  values: Float64Array;
  /** The texts of a category, sorted. */
  levels?: string[];
  /** True when the caller asked for categories by name or number. */
  forced?: boolean;
  /** The first cell of a numeric column that is no finite number: an error only when the column is selected. */
  firstBad?: { row: number; cell: string };
}

/** A parsed table. Rows are counted from 1 in messages, the header not included. */
export interface Table {
  columns: Column[];
  rows: number;
}

/** How to read a delimited text. */
export interface CsvOptions {
  /** Found by itself among comma, semicolon, tab and bar when not set. */
  delimiter?: string | undefined;
  /** When not set, the first row is the header unless all its cells are numbers. */
  header?: boolean | undefined;
  /** Cells that mean "no value", beside the usual ones. A number matches by value: "-999" also matches "-999.0". */
  missing?: readonly string[] | undefined;
  /** Columns, by name, number, range or pattern, to read as categories whatever their cells. */
  categorical?: readonly string[] | undefined;
}

const MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", "."];
// The comma is last: in a file of decimal commas it is as regular as the true delimiter.
const DELIMITERS = ["\t", ";", "|", ","];
const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
const INFINITE = /^[+-]?inf(inity)?$/i;

/**
 * Parses a delimited text into columns. A column without any numeric cell becomes a category; a column that mixes
 * numbers and texts stays numeric and is refused by {@link selectColumns}, so it does no harm while nobody asks for it.
 */
export function parseCsv(text: string, options: CsvOptions = {}): Table {
  const clean = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  if (clean.trim() === "") throw new InputError("the table is empty. Give a header line and one line per sample");
  const cells = splitCells(clean, checkDelimiter(options.delimiter) ?? guessDelimiter(clean));
  const first = cells[0]!;
  const hasHeader =
    options.header ?? !first.every((cell) => MISSING.includes(cell.trim()) || Number.isFinite(toNumber(cell.trim())));
  const names = first.map((cell, j) => (hasHeader && cell.trim() !== "" ? cell.trim() : String(j + 1)));
  refuseDuplicates(names);
  const body = hasHeader ? cells.slice(1) : cells;
  if (body.length === 0) {
    throw new InputError(
      `the table has a header (${clip(names.join(", "))}) and no rows. Add one line per sample, or say that the first line is data with --no-header`,
    );
  }
  const asked = (options.missing ?? []).map((cell) => cell.trim());
  const missing = { texts: new Set([...MISSING, ...asked]), numbers: new Set(asked.map(toNumber)) };
  const forced = new Set((options.categorical ?? []).flatMap((spec) => findColumns(names, spec, "--categorical")));
  const columns = names.map((name, j) => parseColumn(body, j, name, missing, forced.has(j)));
  return { columns, rows: body.length };
}

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

/** The rows without a missing value in the given columns, and which columns cost how many rows. */
export function completeRows(
  table: Table,
  columns: readonly number[],
): { rows: Uint32Array; dropped: number; droppedBy: { name: string; count: number }[] } {
  const complete = new Uint8Array(table.rows).fill(1);
  const droppedBy: { name: string; count: number }[] = [];
  for (const j of new Set(columns)) {
    const { name, values } = table.columns[j]!;
    let count = 0;
    for (const [i, value] of values.entries()) {
      if (!Number.isNaN(value)) continue;
      complete[i] = 0;
      count++;
    }
    if (count > 0) droppedBy.push({ name, count });
  }
  const rows = Uint32Array.from(complete.keys()).filter((i) => complete[i] === 1);
  return { rows, dropped: table.rows - rows.length, droppedBy };
}

function checkDelimiter(delimiter: string | undefined): string | undefined {
  if (delimiter === "\\t" || delimiter === "tab") return "\t";
  if (delimiter !== undefined && (delimiter.length !== 1 || '"\n\r'.includes(delimiter))) {
    throw new InputError(`delimiter ${JSON.stringify(delimiter)} must be one character, such as "," ";" or "\\t"`);
  }
  return delimiter;
}

function guessDelimiter(text: string): string {
  const head = text.slice(0, 1 << 16).replace(/(^|[\n,;|\t])"[^"]*(?:""[^"]*)*"/g, "$1");
  const lines = head.split("\n").filter((line) => line.trim() !== "");
  if (text.length > 1 << 16 && lines.length > 1) lines.pop();
  const counts = (delimiter: string) => lines.slice(0, 10).map((line) => line.split(delimiter).length - 1);
  const isSteady = ([first, ...others]: number[]) => first! > 0 && others.every((count) => count === first);
  const most = DELIMITERS.toSorted((a, b) => Math.max(...counts(b)) - Math.max(...counts(a)))[0]!;
  return DELIMITERS.find((delimiter) => isSteady(counts(delimiter))) ?? most;
}

function splitCells(text: string, delimiter: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter, newline: "\n" });
  const lineOf = (row: number) => data.slice(0, row).reduce((sum, cells) => sum + cells.join("").split("\n").length, 1);
  const quote = errors.find((error) => error.type === "Quotes");
  if (quote !== undefined) {
    throw new InputError(
      `line ${lineOf(quote.row ?? 0)}: a quoted cell does not end with a quote. Close it, and write a quote inside a cell twice ("")`,
    );
  }
  while (isBlank(data.at(-1))) data.pop();
  const start = data.findIndex((cells) => !isBlank(cells));
  const width = data[start]!.length;
  const ragged = data.findIndex((cells, i) => i > start && cells.length !== width && !isBlank(cells));
  if (ragged >= 0) {
    const mend =
      width === 1
        ? "Delete the lines above the header"
        : `Quote cells that contain ${JSON.stringify(delimiter)} and write NA for missing cells, so that every line has ${width}`;
    throw new InputError(
      `line ${lineOf(ragged)}: expected ${plural(width, "field")} as in line ${lineOf(start)}, found ${data[ragged]!.length}. ${mend}`,
    );
  }
  return width === 1 ? data.slice(start) : data.filter((cells) => !isBlank(cells));
}

function isBlank(cells: string[] | undefined): boolean {
  return cells !== undefined && cells.length === 1 && cells[0]!.trim() === "";
}

function refuseDuplicates(names: string[]): void {
  const first = new Map([...names.entries()].reverse().map(([j, name]) => [name, j]));
  const j = names.findIndex((name, k) => first.get(name) !== k);
  if (j < 0) return;
  throw new InputError(
    `columns ${first.get(names[j]!)! + 1} and ${j + 1} are both named "${names[j]}". Rename one, or say that the first line is data with --no-header`,
  );
}

type Missing = { texts: Set<string>; numbers: Set<number> };

function parseColumn(rows: string[][], j: number, name: string, missing: Missing, forced: boolean): Column {
  const cells = rows.map((row) => row[j]!.trim());
  const values = new Float64Array(rows.length).fill(Number.NaN);
  const texts = new Set<string>();
  let numbers = 0;
  let firstBad: Column["firstBad"];
  for (const [i, cell] of cells.entries()) {
    const value = toNumber(cell);
    const finite = Number.isFinite(value);
    if (finite ? missing.numbers.has(value) : missing.texts.has(cell)) {
      cells[i] = "";
      continue;
    }
    if (finite) {
      values[i] = value;
      numbers++;
    } else firstBad ??= { row: i + 1, cell };
    if (forced || !finite) texts.add(cell);
  }
  const isText = (cell: string) => Number.isNaN(toNumber(cell)) && !DECIMAL_COMMA.test(cell);
  if (!forced && (numbers > 0 || ![...texts].some(isText))) {
    return { name, kind: "numeric", values, ...(firstBad && { firstBad }) };
  }
  const levels = [...texts].sort();
  const codes = new Map(levels.map((level, code) => [level, code]));
  const coded = Float64Array.from(cells, (cell) => codes.get(cell) ?? Number.NaN);
  return { name, kind: "category", values: coded, levels, forced };
}

/** NaN for a text, an infinity for "inf" and for what overflows. */
function toNumber(cell: string): number {
  if (cell === "" || (cell.length > 1 && cell[0] === "0" && "xXbBoO".includes(cell[1]!))) return Number.NaN;
  const value = Number(cell);
  return Number.isNaN(value) && INFINITE.test(cell) ? Number.POSITIVE_INFINITY : value;
}

function findColumns(names: readonly string[], spec: string, option: string): number[] {
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

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function flag(option: string, text: string): string {
  const word = /^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  return text.startsWith("-") ? `${option}=${word}` : `${option} ${word}`;
}
