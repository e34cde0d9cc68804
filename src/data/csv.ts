/** CSV to columns: names, numbers, categories, missing values, row by row and without a copy of the text. */
import Papa from "papaparse";
import { InputError } from "../errors.ts";
import { CellColumn, type MissingCells } from "./cells.ts";
import { clip, findColumns, plural, type Table, toNumber } from "./table.ts";

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
  #names: string[] | undefined;
  #columns: CellColumn[] = [];
  /** Rows of the body. */
  #rows = 0;
  /** Blank lines that are rows of a table of one column, unless nothing comes after them. */
  #blanks = 0;
  /** Number of the line where the next row starts, and of the first row's. */
  #line = 1;
  #firstLine = 0;
  #width = 0;
  /** What is wrong with the lines; a quote that does not end explains the others. */
  #quote: string | undefined;
  #ragged: string | undefined;

  constructor(options: CsvOptions = {}) {
    this.#options = options;
    const asked = (options.missing ?? []).map((cell) => cell.trim());
    this.#missing = { texts: new Set([...MISSING, ...asked]), numbers: new Set(asked.map(toNumber)) };
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
    const problem = this.#quote ?? this.#ragged;
    if (problem) throw new InputError(problem);
    const names = this.#names;
    if (!names) throw new InputError("the table is empty. Give a header line and one line per sample");
    refuseDuplicates(names);
    if (this.#rows === 0) {
      throw new InputError(
        `the table has a header (${clip(names.join(", "))}) and no rows. Add one line per sample, or say that the first line is data with --no-header`,
      );
    }
    // Once more, for what it refuses.
    this.#forced(names);
    return { columns: this.#columns.map((column, c) => column.finish(names[c]!)), rows: this.#rows };
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
    this.#delimiter ??= checkDelimiter(this.#options.delimiter) ?? guessDelimiter(this.#rest);
    const parser = new Papa.Parser({ delimiter: this.#delimiter, newline: "\n" });
    const { data, errors, meta } = parser.parse(this.#rest, 0, !isLast) as Papa.ParseResult<string[]>;
    // A row that is not whole yet is parsed again, and its errors come again.
    const quote = errors.find(({ type, row }) => type === "Quotes" && (row ?? 0) < data.length)?.row;
    const mayBreak = this.#rest.includes('"');
    for (const [i, cells] of data.entries()) {
      if (i === quote) {
        this.#quote ??= `line ${this.#line}: a quoted cell does not end with a quote. Close it, and write a quote inside a cell twice ("")`;
      }
      this.#take(cells);
      this.#line += mayBreak ? cells.join("").split("\n").length : 1;
    }
    this.#rest = this.#rest.slice(meta.cursor);
  }

  #take(cells: string[]): void {
    const isBlank = cells.length === 1 && cells[0]!.trim() === "";
    if (isBlank) {
      if (this.#names && this.#width === 1) this.#blanks++;
      return;
    }
    if (!this.#names) this.#begin(cells);
    else if (cells.length !== this.#width) {
      this.#ragged ??= this.#raggedLine(cells.length);
    } else {
      for (; this.#blanks > 0; this.#blanks--) this.#add([""]);
      this.#add(cells);
    }
  }

  #add(cells: string[]): void {
    this.#rows++;
    for (let c = 0; c < cells.length; c++) this.#columns[c]!.add(cells[c]!.trim());
  }

  /** The first row: names, or data. */
  #begin(cells: string[]): void {
    const isNumber = (cell: string) => MISSING.includes(cell) || Number.isFinite(toNumber(cell));
    const hasHeader = this.#options.header ?? !cells.every((cell) => isNumber(cell.trim()));
    const names = cells.map((cell, c) => (hasHeader && cell.trim() !== "" ? cell.trim() : String(c + 1)));
    this.#names = names;
    this.#width = cells.length;
    this.#firstLine = this.#line;
    let forced = new Set<number>();
    try {
      forced = this.#forced(names);
    } catch {
      // Refused at the end, after what is wrong with the lines.
    }
    this.#columns = names.map((_, c) => new CellColumn(this.#missing, forced.has(c)));
    if (!hasHeader) this.#add(cells);
  }

  #forced(names: readonly string[]): Set<number> {
    return new Set((this.#options.categorical ?? []).flatMap((spec) => findColumns(names, spec, "--categorical")));
  }

  #raggedLine(fields: number): string {
    const width = this.#width;
    const mend =
      width === 1
        ? "Delete the lines above the header"
        : `Quote cells that contain ${JSON.stringify(this.#delimiter)} and write NA for missing cells, so that every line has ${width}`;
    return `line ${this.#line}: expected ${plural(width, "field")} as in line ${this.#firstLine}, found ${fields}. ${mend}`;
  }
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
