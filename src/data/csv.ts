/** CSV to columns: names, numbers, categories, missing values, row by row and without a copy of the text. */
import Papa from "papaparse";
import { InputError } from "../errors.ts";
import { CellColumn, type ColumnAsked, QUOTED } from "./cells.ts";
import type { DateOrder } from "./dates.ts";
import { type FirstLine, readFirstLine } from "./first-line.ts";
import { MISSING, type MissingCells, missingCells } from "./missing.ts";
import type { Decimal } from "./notation.ts";
import { clip, findColumns, plural, type Table } from "./table.ts";

/** How to read a delimited text. */
export interface CsvOptions {
  /** Found by itself among comma, semicolon, tab and bar when not set; a first line `sep=;` says it too. */
  delimiter?: string | undefined;
  /** Whether the first line is names. When not set, it is unless all its cells are numbers or dates that look like data. */
  header?: boolean | undefined;
  /** Cells that mean "no value", beside the usual ones. A number matches by value: "-999" also matches "-999.0". */
  missing?: readonly string[] | undefined;
  /** Cells that mean "no value" in place of the usual ones, among labels; none of them with an empty list. */
  missingOnly?: readonly string[] | undefined;
  /** Columns, by name, number, range or pattern, to read as categories whatever their cells. */
  categorical?: readonly string[] | undefined;
  /** Columns whose labels have an order: they become 0, 1, 2, … in it. */
  ordered?: readonly { columns: string; levels: readonly string[] }[] | undefined;
  /** The decimal mark of columns whose cells do not tell, as 1,100 does not. */
  decimal?: Decimal | undefined;
  /** Which comes first in dates that do not tell, as 03/04/2024 does not. */
  dates?: DateOrder | undefined;
}

// The comma is last: in a file of decimal commas it is as regular as the true delimiter.
const DELIMITERS = ["\t", ";", "|", ","];

/** Characters by which the delimiter is found. */
const HEAD = 1 << 16;

/** Characters of a text that are parsed at once: few, so that their cells are soon forgotten. */
const PIECE = 1 << 16;

/**
 * Parses a delimited text into columns. A column without any numeric cell becomes a category; a column that mixes
 * numbers and texts stays numeric and is refused by `selectColumns`, so it does no harm while nobody asks for it.
 */
export function parseCsv(text: string, options: CsvOptions = {}): Table {
  const reader = new CsvReader(options);
  for (let at = 0; at < text.length; at += PIECE) reader.push(text.slice(at, at + PIECE));
  return reader.finish();
}

/** Reads a text that comes in pieces, cut anywhere; {@link parseCsv} says what it makes of it. */
export class CsvReader {
  readonly #options: CsvOptions;
  readonly #missing: MissingCells;
  /** What is not yet parsed, with line ends of one character. */
  #rest = "";
  /** The last piece ended with a carriage return, which may be half of a line end. */
  #halfEnd = false;
  #isFirst = true;
  #delimiter: string | undefined;
  /** Lines at the start of the text, by which the first is judged. */
  #head: string[][] = [];
  #first: FirstLine | undefined;
  /** Cells in quotes that would mean "no value" without them; absent where quotes tell nothing. */
  #quotedMissing: RegExp | undefined;
  #columns: CellColumn[] = [];
  /** Rows of the body. */
  #rows = 0;
  /** Blank lines that are rows of a table of one column, unless nothing comes after them. */
  #blanks = 0;
  /** Number of the line where the next row starts, and of the first row's. */
  #line = 1;
  #firstLine = 0;
  /** How many lines have how many fields, and where the first of them is. */
  #widths = new Map<number, { lines: number; first: number }>();
  /** What is wrong with the lines; a quote that does not end explains the others. */
  #quote: string | undefined;

  constructor(options: CsvOptions = {}) {
    this.#options = options;
    this.#missing = missingCells(options.missing, options.missingOnly);
  }

  push(piece: string): void {
    this.#rest += this.#normalised(piece);
    if (this.#delimiter === undefined && this.#rest.length <= HEAD) return;
    this.#parse(false);
  }

  /** @throws {InputError} naming the line, or what the table lacks */
  finish(): Table {
    if (this.#halfEnd) this.#rest += "\n";
    if (this.#rest.trim() !== "" || this.#delimiter !== undefined) this.#parse(true);
    const problem = this.#quote ?? this.#raggedLine();
    if (problem) throw new InputError(problem);
    if (!this.#first) throw new InputError("the table is empty. Give a header line and one line per sample");
    const { names, notes } = this.#first;
    refuseDuplicates(names);
    if (this.#rows === 0) {
      throw new InputError(
        `the table has a header (${clip(names.join(", "))}) and no rows. Add one line per sample, or say that the first line is data with --no-header`,
      );
    }
    // Once more, for what it refuses.
    this.#asked(names);
    const { decimal, dates } = this.#options;
    const others = new Set(this.#columns.flatMap((column) => column.decimal ?? []));
    const columns = this.#columns.map((column, c) => column.finish(names[c]!, { decimal, others }, dates));
    return { columns, rows: this.#rows, notes };
  }

  #normalised(piece: string): string {
    let text = this.#halfEnd ? `\r${piece}` : piece;
    if (this.#isFirst) text = text.replace(/^\uFEFF/, "");
    this.#isFirst &&= text === "";
    this.#halfEnd = text.endsWith("\r");
    if (this.#halfEnd) text = text.slice(0, -1);
    return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  }

  #parse(isLast: boolean): void {
    if (this.#delimiter === undefined) this.#start();
    const parser = new Papa.Parser({ delimiter: this.#delimiter, newline: "\n" });
    const mayBreak = this.#rest.includes('"');
    const text = mayBreak ? this.#markQuoted(isLast) : this.#rest;
    const { data, errors, meta } = parser.parse(text, 0, !isLast) as Papa.ParseResult<string[]>;
    // A row that is not whole yet is parsed again, and its errors come again.
    const quote = errors.find(({ type, row }) => type === "Quotes" && (row ?? 0) < data.length)?.row;
    for (const [i, cells] of data.entries()) {
      if (i === quote) {
        this.#quote ??= `line ${this.#line}: a quoted cell does not end with a quote. Close it, and write a quote inside a cell twice ("")`;
      }
      this.#take(cells);
      this.#line += mayBreak ? cells.join("").split("\n").length : 1;
    }
    this.#rest = text.slice(meta.cursor);
  }

  /** The delimiter, and the first lines: what stands below the names decides about them. */
  #start(): void {
    const said = /^"?sep=([^\n"])"?\n/.exec(this.#rest);
    if (said) {
      this.#rest = this.#rest.slice(said[0].length);
      this.#line++;
    }
    this.#delimiter = checkDelimiter(this.#options.delimiter ?? said?.[1]) ?? guessDelimiter(this.#rest);
    const head = this.#rest.slice(0, HEAD);
    const { data } = new Papa.Parser({ delimiter: this.#delimiter, newline: "\n" }).parse(
      head,
      0,
      this.#rest.length > HEAD,
    ) as Papa.ParseResult<string[]>;
    this.#head = data.filter((cells) => !isBlank(cells)).map((cells) => cells.map((cell) => cell.trim()));
    this.#quotedMissing = quotedMissing(head, this.#delimiter);
  }

  /** Papaparse does not say which cells were in quotes, so those of which it matters are marked before. */
  #markQuoted(isLast: boolean): string {
    if (!this.#quotedMissing) return this.#rest;
    const marked = (text: string) => text.replace(this.#quotedMissing!, `$1"${QUOTED}$2"`);
    return isLast ? marked(`${this.#rest}\n`).slice(0, -1) : marked(this.#rest);
  }

  #take(cells: string[]): void {
    if (isBlank(cells)) {
      if (this.#first?.width === 1) this.#blanks++;
      return;
    }
    if (!this.#first) this.#begin(cells);
    else this.#takeRow(cells, this.#first);
  }

  #takeRow(cells: string[], { width, hasTail }: FirstLine): void {
    const fields = hasTail && cells.length === width + 1 && cells[width]!.trim() === "" ? width : cells.length;
    const seen = this.#widths.get(fields);
    if (seen) seen.lines++;
    else this.#widths.set(fields, { lines: 1, first: this.#line });
    if (fields !== width) return;
    for (; this.#blanks > 0; this.#blanks--) this.#add([""], 1);
    this.#add(cells, width);
  }

  #add(cells: string[], width: number): void {
    this.#rows++;
    for (let c = 0; c < width; c++) this.#columns[c]!.add(cells[c]!.trim());
  }

  /** The first row: names, or data. */
  #begin(cells: string[]): void {
    const own = cells.map((cell) => cell.trim().replace(QUOTED, ""));
    const first = readFirstLine(this.#line, own, this.#head.slice(1), this.#options.header);
    this.#first = first;
    this.#head = [];
    this.#firstLine = this.#line;
    let asked: (ColumnAsked | undefined)[] = [];
    try {
      asked = this.#asked(first.names);
    } catch {
      // Refused at the end, after what is wrong with the lines.
    }
    this.#columns = first.names.map((_, c) => new CellColumn(this.#missing, asked[c]));
    if (!first.isHeader) this.#takeRow(cells, first);
  }

  /** What was said of each column. */
  #asked(names: readonly string[]): (ColumnAsked | undefined)[] {
    const asked: (ColumnAsked | undefined)[] = names.map(() => undefined);
    const { categorical = [], ordered = [] } = this.#options;
    for (const spec of categorical) {
      for (const c of findColumns(names, spec, "--categorical")) asked[c] = { isCategory: true };
    }
    for (const { columns, levels } of ordered) {
      for (const c of findColumns(names, columns, "--ordered")) {
        if (asked[c]) throw new InputError(`--ordered: column "${names[c]}" is named twice, or in --categorical`);
        asked[c] = { levels };
      }
    }
    return asked;
  }

  /** The line to blame where not all have equally many fields. */
  #raggedLine(): string | undefined {
    if (!this.#first) return undefined;
    const { width } = this.#first;
    const odd = [...this.#widths].filter(([fields]) => fields !== width);
    if (odd.length === 0) return undefined;
    const lines = [...this.#widths.values()].reduce((sum, each) => sum + each.lines, 0);
    const most = odd.find(([, each]) => each.lines > 1 && 2 * each.lines > lines);
    if (most && width > 1) {
      return `line ${this.#firstLine}: ${plural(width, "field")}, where ${most[1].lines} of the ${lines} lines below have ${most[0]}. Give every column a name in it, or delete the lines above the header`;
    }
    const [fields, { first }] = odd.reduce((a, b) => (b[1].first < a[1].first ? b : a));
    const mend =
      width === 1
        ? "Delete the lines above the header"
        : `Quote cells that contain ${JSON.stringify(this.#delimiter)} and write NA for missing cells, so that every line has ${width}`;
    return `line ${first}: expected ${plural(width, "field")} as in line ${this.#firstLine}, found ${fields}. ${mend}`;
  }
}

const isBlank = (cells: readonly string[]): boolean => cells.length === 1 && cells[0]!.trim() === "";

/**
 * Finds a quoted cell that would mean "no value" without its quotes; undefined where every field of the head is in quotes,
 * which then tell nothing.
 */
function quotedMissing(head: string, delimiter: string): RegExp | undefined {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const unquoted = head.replace(/"[^"]*"/g, "").replaceAll(delimiter, "");
  if (unquoted.trim() === "") return undefined;
  const words = MISSING.filter((word) => word !== "").map(escaped);
  return new RegExp(`(^|\\n|${escaped(delimiter)})"(${words.join("|")})"(?=${escaped(delimiter)}|\\n)`, "g");
}

function checkDelimiter(delimiter: string | undefined): string | undefined {
  if (delimiter === "\\t" || delimiter === "tab") return "\t";
  if (delimiter !== undefined && (delimiter.length !== 1 || '"\n\r'.includes(delimiter))) {
    throw new InputError(`delimiter ${JSON.stringify(delimiter)} must be one character, such as "," ";" or "\\t"`);
  }
  return delimiter;
}

function guessDelimiter(text: string): string {
  const head = text.slice(0, HEAD).replace(/(^|[\n,;|\t])"[^"]*(?:""[^"]*)*"/g, "$1");
  const lines = head.split("\n").filter((line) => line.trim() !== "");
  if (text.length > HEAD && lines.length > 1) lines.pop();
  const counts = (delimiter: string) => lines.slice(0, 10).map((line) => line.split(delimiter).length - 1);
  const isSteady = ([first, ...others]: number[]) => first! > 0 && others.every((count) => count === first);
  const most = DELIMITERS.toSorted((a, b) => Math.max(...counts(b)) - Math.max(...counts(a)))[0]!;
  return DELIMITERS.find((delimiter) => isSteady(counts(delimiter))) ?? most;
}

function refuseDuplicates(names: string[]): void {
  const first = new Map([...names.entries()].reverse().map(([j, name]) => [name, j]));
  const j = names.findIndex((name, k) => first.get(name) !== k);
  if (j < 0) return;
  throw new InputError(
    `columns ${first.get(names[j]!)! + 1} and ${j + 1} are both named "${names[j]}". Rename one, or say that the first line is data with --no-header`,
  );
}
