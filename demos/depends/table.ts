/** From the text of a table to columns with a reading each, and to what the matrix takes of them, with words for all that is left out. */
import { type CsvOptions, columnProblem, type FileColumn, parseCsv, type Table } from "../../src/files.ts";
import type { NamedColumn } from "../../src/index.ts";
import { thinned } from "./drawn.ts";
import { markCopies } from "./duplicates.ts";
import { Refusal } from "./text.ts";
import { plural, quoted } from "./words.ts";

export const MOST_COLUMNS = 40;
const LEAST_ROWS = 20;
/** A column with more missing values than this share of the rows is there for those who ask for it. */
const MOST_MISSING = 0.3;
/** So is one of numbers with more texts among them; from half of the cells on they are no numbers. */
const MOST_STRAY = 0.1;
/** While so many rows have all values, the others are left out, so that all pairs have the same ones. */
const ENOUGH = 0.8;

/** "No value" anywhere, and beside the library's own words among numbers, where they can be no label. */
const MISSING = ["n/a", "N/a", "#N/A", "#NA", "<NA>"];
const AMONG_NUMBERS = [
  "-",
  "--",
  "–",
  "—",
  "na",
  "none",
  "NONE",
  "nil",
  "missing",
  "unknown",
  "(blank)",
  "*",
  "#NULL!",
];
const ERRORS = ["#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!"];

/** How the cells of a column are read: as found, or as somebody says. */
export type Reading = "found" | "category" | "point" | "comma" | "day-first" | "month-first";

export interface Choice {
  /** Its name in the file. */
  source: string;
  /** And on the page: what has no name is called by its place. */
  name: string;
  reading: Reading;
  /** Those that can be chosen, with words. */
  readings: { reading: Reading; words: string }[];
  /** How often it was read anew: what was computed of it before counts no more. */
  version: number;
  values: Float64Array;
  kind: "numeric" | "category";
  levels?: readonly string[] | undefined;
  /** Why it cannot be used. */
  problem?: string;
  /** It can be used, be it in another reading. */
  canBe: boolean;
  /** What a visitor should know of it. */
  note?: string;
  /** Texts among the numbers, which count as missing. */
  strays?: { rows: number; cell: string };
  /** Share of the rows in which it is missing. */
  missing: number;
  /** The column before it that it is a copy of. */
  copyOf?: string;
  /** It is used when nobody chooses. */
  usual: boolean;
  used: boolean;
}

export interface Sheet {
  name: string;
  rows: number;
  columns: Choice[];
  notes: string[];
}

/** @throws {Refusal} naming cause and mend */
export function readSheet(text: string, name: string): Sheet {
  const table = refusing(name, () => withoutWords(text, parseCsv(text, { missing: MISSING })));
  if (table.columns.length < 2) {
    throw new Refusal(
      `${quoted(name)} has one column. At least two are needed, with a comma, a semicolon or a tab between them in every line`,
    );
  }
  const columns = table.columns.map((_, c) => choiceOf(table, c, "found"));
  let left = MOST_COLUMNS;
  for (const column of columns) {
    column.used = column.usual && left > 0;
    if (column.used) left--;
  }
  markCopies(columns);
  const sheet = { name, rows: table.rows, columns, notes: (table.notes ?? []).map(plain) };
  const possible = columns.filter(({ canBe }) => canBe).length;
  if (table.rows < LEAST_ROWS || possible < 2) throw new Refusal(`${quoted(name)}: ${tooFew(sheet)}`);
  return sheet;
}

/** One column, read in another way. */
export function readColumn(text: string, sheet: Pick<Sheet, "columns" | "name">, at: number, reading: Reading): Choice {
  const { source, version } = sheet.columns[at]!;
  const options: CsvOptions = { missing: MISSING, columns: [source], ...ASKED[reading](source) };
  const table = refusing(sheet.name, () => withoutWords(text, parseCsv(text, options), options));
  const found = parseFound(text, source, reading);
  return { ...choiceOf(table, at, reading, found), version: version + 1 };
}

const ASKED: Record<Reading, (name: string) => CsvOptions> = {
  found: () => ({}),
  category: (name) => ({ categorical: [name] }),
  point: () => ({ decimal: "." }),
  comma: () => ({ decimal: "," }),
  "day-first": () => ({ dates: "day-first" }),
  "month-first": () => ({ dates: "month-first" }),
};

/** The column as it is found by itself, which says what else it can be. */
const parseFound = (text: string, source: string, reading: Reading): FileColumn | undefined =>
  reading === "found" ? undefined : parseCsv(text, { columns: [source] }).columns.find(({ name }) => name === source);

/** Columns of numbers with texts among them are read again, where some of these are words for "no value". */
function withoutWords(text: string, table: Table, options: CsvOptions = {}): Table {
  const isWord = (column: FileColumn) => column.kind === "numeric" && column.firstBad !== undefined;
  const odd = table.columns.filter((column) => !column.isUnread && isWord(column)).map(({ name }) => name);
  if (odd.length === 0) return table;
  const again = parseCsv(text, {
    ...options,
    columns: odd,
    missing: [...MISSING, ...AMONG_NUMBERS, ...ERRORS],
  });
  return { ...table, columns: table.columns.map((column, c) => (isWord(column) ? again.columns[c]! : column)) };
}

/** What only the command line has, this page need not propose. */
function plain(message: string): string {
  return message
    .replace(/, or say that the first line is data with --no-header/, "")
    .replace(/; --[^;]*/g, "")
    .replace(/^column "[^"]*": /, "")
    .replace(/"([^"]*)"/g, (_, name) => quoted(name));
}

function refusing<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "InputError") throw error;
    throw new Refusal(`${quoted(name)}: ${plain(error.message)}`);
  }
}

/** @param found the column as found, where it is read otherwise */
function choiceOf(table: Table, c: number, reading: Reading, found = table.columns[c]!): Choice {
  const column = table.columns[c]!;
  const { values, kind, levels } = column;
  const without = values.filter(Number.isNaN).length;
  const told = (column.missing ?? []).reduce((sum, { rows }) => sum + rows, 0);
  const strays =
    column.firstBad && kind === "numeric" ? { rows: without - told, cell: column.firstBad.cell } : undefined;
  const problem = problemOf(table, c, reading, strays?.rows ?? 0);
  const canBe = problem === undefined || column.problem !== undefined || strays !== undefined;
  const note = column.note && !column.isDate ? plain(column.note) : undefined;
  const missing = without / Math.max(1, table.rows);
  const isOften = missing > MOST_MISSING || (strays?.rows ?? 0) > MOST_STRAY * table.rows;
  // A date says mostly when a row was written down, so it is there for those who ask for it.
  const usual = problem === undefined && !isOften && !(column.isDate && reading === "found");
  return {
    ...{ source: column.name, name: shownName(table, c), reading, readings: readingsOf(found), version: 0 },
    ...{ values, kind, levels, missing, canBe, usual, used: usual },
    ...(problem !== undefined && { problem }),
    ...(note !== undefined && { note }),
    ...(strays && { strays }),
  };
}

/** Directions that would turn the words around a name go. */
const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;

function shownName({ columns }: Table, c: number): string {
  const own = columns[c]!.name.replace(TURNING, "").trim();
  const shown = own === "" || own === String(c + 1) ? `column ${c + 1}` : own;
  return columns.some(({ name }, other) => other !== c && name === shown) ? columns[c]!.name : shown;
}

function readingsOf({ kind, isDate, problem, note, levels }: FileColumn): Choice["readings"] {
  const told = `${problem ?? ""} ${note ?? ""}`;
  const isUnclear = problem !== undefined;
  const dates = /--dates/.test(told);
  const decimals = /--(decimal|thousands)/.test(told);
  const found = isUnclear ? "Which?" : isDate ? "Date" : kind === "numeric" ? "Number" : "Category";
  const asCategory = kind === "numeric" || (levels?.length ?? 0) > 20;
  return [
    { reading: "found", words: kind === "category" && asCategory ? "Text" : found },
    ...(dates ? ([{ reading: "day-first", words: "Date, day first" }] as const) : []),
    ...(dates ? ([{ reading: "month-first", words: "Date, month first" }] as const) : []),
    ...(decimals ? ([{ reading: "point", words: "Decimal point" }] as const) : []),
    ...(decimals ? ([{ reading: "comma", words: "Decimal comma" }] as const) : []),
    ...(asCategory ? ([{ reading: "category", words: "Category" }] as const) : []),
  ];
}

const clip = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

function problemOf(table: Table, c: number, reading: Reading, strays: number): string | undefined {
  const { kind, values, levels, firstBad, problem } = table.columns[c]!;
  const first = values.find((value) => !Number.isNaN(value));
  if (firstBad && kind === "numeric" && 2 * strays > table.rows) {
    return `${plural(strays, "cell")} such as ${quoted(clip(firstBad.cell))} are no numbers`;
  }
  if (first === undefined) return "no value in any row";
  if (values.every((value) => Number.isNaN(value) || value === first)) {
    return "the same in every row, so it tells nothing of any other";
  }
  if (problem) return unclear(problem);
  if (kind === "category" && 2 * (levels?.length ?? 0) > table.rows) {
    return `${levels!.length} different texts in ${table.rows} rows: names or free text, not categories`;
  }
  if (firstBad || reading === "category") return undefined;
  return columnProblem(table, c) && `${levels?.length} different texts: names or free text, not categories`;
}

/** Cells that can be read in two ways, without the options of the command line. */
function unclear(problem: string): string {
  const cell = /"([^"]*)"(?: beside "[^"]*")? can be/.exec(problem)?.[1] ?? "";
  return `${quoted(clip(cell))} can be read in two ways. Choose which`;
}

export interface Ready {
  columns: (NamedColumn & { values: Float64Array })[];
  /** What each column's codes stand for, if it is a category. */
  levels: (readonly string[] | undefined)[];
  /** Names the cells of each column: equal keys and equal rows have equal results. */
  keys: string[];
  /** Which rows of the table these are. */
  rows: Uint32Array;
  /** They are drawn of so many. */
  of: number;
  /** What a visitor should know of the rows. */
  notes: string[];
}

/**
 * The chosen columns over at most `mostRows` rows; NaN where one is missing.
 *
 * @throws {Refusal} when nothing is left to compare
 */
export function prepare(sheet: Sheet, mostRows: number): Ready {
  const used = sheet.columns.filter(({ used }) => used);
  if (used.length < 2) throw new Refusal(tooFew(sheet));
  const { rows, of, notes } = rowsOf(sheet, mostRows);
  const ready = used.flatMap((choice) => {
    const values = Float64Array.from(rows, (row) => choice.values[row]!);
    const reason = whyUseless(choice, values);
    if (reason !== undefined) notes.push(`${quoted(choice.name)} is left out: ${reason}.`);
    return reason === undefined ? [{ choice, values }] : [];
  });
  if (ready.length < 2) throw new Refusal([tooFew(sheet), ...notes].join(". ").replace(/\.$/, ""));
  return {
    columns: ready.map(({ choice: { name, kind }, values }) => ({ name, kind, values })),
    levels: ready.map(({ choice: { levels } }) => levels),
    keys: ready.map(({ choice: { source, version } }) => `${version} ${source}`),
    ...{ rows, of, notes },
  };
}

function tooFew({ columns, rows }: Sheet): string {
  if (rows < LEAST_ROWS)
    return `${plural(rows, "row")} ${rows === 1 ? "is" : "are"} too few; at least ${LEAST_ROWS} are needed. Collect more`;
  const refused = columns.filter(({ problem }) => problem !== undefined);
  const [first] = refused;
  if (first && columns.length - refused.length < 2) {
    return `two columns that vary are needed. Of ${plural(columns.length, "column")} ${refused.length} cannot be used: ${quoted(first.name)}: ${first.problem}`;
  }
  const copy = columns.find(({ copyOf }) => copyOf !== undefined);
  if (copy && columns.length - refused.length === 2) {
    return `${quoted(copy.name)} holds ${copy.copyOf}, and without it there is no pair. Tick it to see them all the same`;
  }
  return "choose at least two columns";
}

/** Why nothing can be told from a column by these rows. */
function whyUseless({ kind }: Choice, values: Float64Array): string | undefined {
  const there = values.filter((value) => !Number.isNaN(value));
  if (there.length < LEAST_ROWS)
    return `${plural(there.length, "value")} in the rows that are used, and at least ${LEAST_ROWS} are needed`;
  const different = new Set(there).size;
  if (different === 1) return "it is the same in all rows that are used";
  if (kind === "category" && 2 * different > there.length) {
    return `${different} different texts in the ${there.length} rows that are used, so hardly any repeats`;
  }
  return undefined;
}

/** Which rows are used, the same whatever columns are ticked, and words for the others. */
function rowsOf({ columns, rows }: Sheet, mostRows: number): Pick<Ready, "rows" | "of" | "notes"> {
  if (rows < LEAST_ROWS) throw new Refusal(tooFew({ name: "", columns, rows, notes: [] }));
  const usual = columns.filter(({ usual }) => usual);
  const complete = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) =>
    usual.every(({ values }) => !Number.isNaN(values[row]!)),
  );
  const notes: string[] = [];
  const lacking = rows - complete.length;
  const areEnough = complete.length >= Math.max(LEAST_ROWS, ENOUGH * rows);
  if (lacking > 0) {
    notes.push(
      areEnough
        ? `${lacking} of ${plural(rows, "row")} ${lacking === 1 ? "lacks" : "lack"} a value and ${lacking === 1 ? "is" : "are"} left out.`
        : `${lacking} of ${plural(rows, "row")} lack a value: each pair is computed of the rows that have both.`,
    );
  }
  const base = areEnough ? complete : Uint32Array.from({ length: rows }, (_, row) => row);
  return { rows: thinned(base, mostRows), of: base.length, notes };
}
