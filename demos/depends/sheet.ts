/** From the text of a table to columns with a reading each. */
import { type CsvOptions, columnProblem, type FileColumn, parseCsv, type Table } from "../../src/files.ts";
import { markCopies } from "./duplicates.ts";
import { type Choice, LEAST_ROWS, MOST_COLUMNS, type Reading, type Sheet, tooFew } from "./table.ts";
import { Refusal } from "./text.ts";
import { plural, quoted } from "./words.ts";

/** A column with more missing values than this share of the rows is there for those who ask for it. */
const MOST_MISSING = 0.3;
/** So is one of numbers with more texts among them; from half of the cells on they are no numbers. */
const MOST_STRAY = 0.1;

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

/** @throws {Refusal} naming cause and mend */
export function readSheet(text: string, name: string): Sheet {
  return sheetOf(
    refusing(name, () => withoutWords(text, parseCsv(text, { missing: MISSING }))),
    name,
  );
}

/**
 * What the page makes of a table.
 *
 * @throws {Refusal} where no two of its columns can be compared
 */
export function sheetOf(table: Table, name: string): Sheet {
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
  const { source } = sheet.columns[at]!;
  const options: CsvOptions = { missing: MISSING, ...askedOf(reading, source) };
  const table = refusing(sheet.name, () => withoutWords(text, parseCsv(text, options), options));
  return choiceAgain(sheet.columns[at]!, at, reading, table, parseFound(text, source, reading));
}

/** A column that was read again, in `table`, which has its values alone; `found` is the column as found. */
export const choiceAgain = (
  { version }: Choice,
  at: number,
  reading: Reading,
  table: Table,
  found: FileColumn | undefined,
): Choice => ({ ...choiceOf(table, at, reading, found), version: version + 1 });

/** How one column is read in another way. */
export const askedOf = (reading: Reading, name: string): CsvOptions => ({ columns: [name], ...ASKED[reading](name) });

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
    throw refusalOf(name, error);
  }
}

/** What the library refuses of the file of this name, in the page's words. */
export function refusalOf(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "InputError") return error;
  const own = error.message.startsWith(`${name}: `) ? error.message.slice(name.length + 2) : error.message;
  return new Refusal(`${quoted(name)}: ${plain(own)}`);
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
  const canBe = problem === undefined || column.asks !== undefined || strays !== undefined;
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

function readingsOf({ kind, isDate, problem, asks, levels }: FileColumn): Choice["readings"] {
  const isUnclear = problem !== undefined;
  if (isUnclear && !asks) return [{ reading: "found", words: "No kind" }];
  const [dates, decimals] = [asks === "dates", asks === "decimal"];
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
  const { kind, values, levels, firstBad, problem, asks } = table.columns[c]!;
  const first = values.find((value) => !Number.isNaN(value));
  if (problem && !asks) return plain(problem.replace(/^column ".*?" (.*?)\. .*$/s, "$1"));
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
