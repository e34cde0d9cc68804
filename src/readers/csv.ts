/** CSV to columns: names, numbers, categories, missing values, row by row and without a copy of the text. */
import Papa from "papaparse";
import { clip, plural, type Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { inWords } from "../options.ts";
import { CellColumn, QUOTED } from "./cells.ts";
import { type FirstLine, readFirstLine } from "./first-line.ts";
import { MISSING, type MissingCells, missingCells } from "./missing.ts";
import { type ColumnAsked, checkTableOptions, columnsAsked, type TableOptions } from "./table-options.ts";
import { refuseDuplicates } from "./typed-table.ts";

/** How to read a delimited text. */
export type CsvOptions = TableOptions;

// The comma is last: in a file of decimal commas it is as regular as the true delimiter.
const DELIMITERS = ["\t", ";", "|", ","];

/** Characters by which the delimiter is found, or as many as {@link HEAD_LINES} take, at most {@link MOST_HEAD}. */
const HEAD = 1 << 16;
const HEAD_LINES = 4;
const MOST_HEAD = 1 << 24;

/** A first line `sep=;` is no part of the head. */
const SEP_LINE = 1 << 4;

/** Characters of one row. Longer ones are binary files, and quotes that nobody closes. */
const MOST_ROW = 1 << 26;

/** Characters of a text that are parsed at once: few, so that their cells are soon forgotten. */
const PIECE = 1 << 16;

/**
 * Parses a delimited text into columns. A column without any numeric cell becomes a category; a column that mixes
 * numbers and texts stays numeric and is refused by `selectColumns`, so it does no harm while nobody asks for it.
 */
export function parseCsv(text: string, options: TableOptions = {}): Table {
  const reader = new CsvReader(options);
  for (let at = 0; at < text.length; at += PIECE) reader.push(text.slice(at, at + PIECE));
  return reader.finish();
}

/** Reads a text that comes in pieces, cut anywhere; {@link parseCsv} says what it makes of it. */
export class CsvReader {
  readonly #options: TableOptions;
  readonly #headLength: number;
  readonly #missing: MissingCells;
  /** What is not yet parsed, with line ends of one character. */
  #rest = "";
  /** Characters that there must be before it is looked at again: twice what was no whole row, so that time stays linear. */
  #wanted = 0;
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

  /** @param head {@link HEAD}, in tests less, so that short texts are cut too */
  constructor(options: TableOptions = {}, head = HEAD) {
    checkTableOptions("parseCsv", options);
    this.#options = options;
    this.#headLength = head;
    this.#missing = missingCells(options.missing, options.missingOnly);
  }

  push(piece: string): void {
    this.#rest += this.#normalised(piece);
    if (this.#rest.length < this.#wanted) return;
    if (this.#delimiter !== undefined || this.#hasHead()) this.#parse(false);
    this.#wanted = 2 * this.#rest.length;
    if (this.#rest.length > MOST_ROW) throw new InputError(tooLong(this.#line));
  }

  /** There is more than a whole head, whatever the first line. */
  #hasHead(): boolean {
    return this.#rest.length > Math.max(this.#headLength, endOfLines(this.#rest, HEAD_LINES + 1)) + SEP_LINE;
  }

  /** @throws {InputError} naming the line, or what the table lacks */
  finish(): Table {
    if (this.#halfEnd) this.#rest += "\n";
    if (this.#rest.trim() !== "" || this.#delimiter !== undefined) this.#parse(true);
    const problem = this.#quote ?? this.#raggedLine();
    if (problem) throw new InputError(problem);
    if (!this.#first) throw new InputError("the table is empty. Give a header line and one line per sample");
    const { names, notes } = this.#first;
    refuseDuplicates(names, ", or say that the first line is data with --no-header");
    if (this.#rows === 0) {
      throw new InputError(
        `the table has a header (${clip(names.join(", "))}) and no rows. Add one line per sample, or say that the first line is data with --no-header`,
      );
    }
    // Once more, for what it refuses.
    columnsAsked(names, this.#options);
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
    // No character, and this reader's own mark.
    if (text.includes(QUOTED)) text = text.replaceAll(QUOTED, "\ufffd");
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
    const head = this.#rest.slice(0, Math.max(this.#headLength, endOfLines(this.#rest, HEAD_LINES)));
    const isCut = head.length < this.#rest.length;
    this.#delimiter = checkDelimiter(this.#options.delimiter ?? said?.[1]) ?? guessDelimiter(head, isCut);
    const { data } = new Papa.Parser({ delimiter: this.#delimiter, newline: "\n" }).parse(
      head,
      0,
      isCut,
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
    const isTail = hasTail && cells.length > width && cells.slice(width).every((cell) => cell.trim() === "");
    const fields = isTail ? width : cells.length;
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
      asked = columnsAsked(first.names, this.#options);
    } catch {
      // Refused at the end, after what is wrong with the lines.
    }
    this.#columns = first.names.map((_, c) => new CellColumn(this.#missing, asked[c]));
    if (!first.isHeader) this.#takeRow(cells, first);
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
  if (
    delimiter !== undefined &&
    (typeof delimiter !== "string" || delimiter.length !== 1 || '"\n\r'.includes(delimiter))
  ) {
    throw new InputError(`delimiter ${inWords(delimiter)} must be one character, such as "," ";" or "\\t"`);
  }
  return delimiter;
}

/** Where so many lines end, or all that is looked at. */
function endOfLines(text: string, count: number): number {
  let end = 0;
  for (let i = 0; i < count; i++) {
    const at = text.indexOf("\n", end);
    if (at < 0 || at >= MOST_HEAD) return MOST_HEAD;
    end = at + 1;
  }
  return end;
}

const tooLong = (line: number): string =>
  `line ${line} has more than ${MOST_ROW / 2 ** 20} million characters. Close the quote that opens in it, or end each line with a line break`;

function guessDelimiter(text: string, isCut: boolean): string {
  const head = text.replace(/(^|[\n,;|\t])"[^"]*(?:""[^"]*)*"/g, "$1");
  const lines = head.split("\n").filter((line) => line.trim() !== "");
  if (isCut && lines.length > 1) lines.pop();
  const counts = (delimiter: string) => lines.slice(0, 10).map((line) => line.split(delimiter).length - 1);
  const isSteady = ([first, ...others]: number[]) => first! > 0 && others.every((count) => count === first);
  const most = DELIMITERS.toSorted((a, b) => Math.max(...counts(b)) - Math.max(...counts(a)))[0]!;
  return DELIMITERS.find((delimiter) => isSteady(counts(delimiter))) ?? most;
}
