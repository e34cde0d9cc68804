/** From a file that a visitor gives to the columns that the matrix is computed of, with words for everything left out. */
import { columnProblem, type FileColumn, parseCsv, type Table } from "../../src/files.ts";
import { InputError, type NamedColumn } from "../../src/index.ts";

export const MOST_BYTES = 20e6;
export const MOST_COLUMNS = 40;
const LEAST_ROWS = 20;
/** A column with more missing values than this share of the rows would cost the others too many rows. */
const MOST_MISSING = 0.3;

/** @throws {InputError} naming cause and fix */
export async function readFile(file: File): Promise<Table> {
  if (file.size > MOST_BYTES) {
    throw new InputError(
      `${file.name} has ${megabytes(file.size)} MB; this page takes ${megabytes(MOST_BYTES)}. Keep fewer rows or columns, or use the command line: remine matrix ${file.name}`,
    );
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const starts = (...mark: number[]) => mark.every((byte, i) => bytes[i] === byte);
  if (bytes.length === 0) throw new InputError(`${file.name} is empty. Give a table with one line per sample`);
  if (starts(0x50, 0x4b)) {
    throw new InputError(`${file.name} is a workbook or an archive. Save the sheet as CSV, then take that file`);
  }
  if (starts(0x1f, 0x8b)) throw new InputError(`${file.name} is compressed. Unpack it, then take the CSV`);
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) throw new InputError(`${file.name} is UTF-16. Save it as UTF-8`);
  if (bytes.subarray(0, 65536).includes(0)) {
    throw new InputError(`${file.name} is no text. Give a table as CSV, one line per sample`);
  }
  return readText(new TextDecoder().decode(bytes), file.name);
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

/** @throws {InputError} naming cause and fix */
export function readText(text: string, name: string): Table {
  try {
    return parseCsv(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // What only the command line has, this page need not propose.
    const message = error.message.replace(/,? or say that the first line is data with --no-header/, "");
    throw new InputError(`${name}: ${message}`, { cause: error });
  }
}

export interface Choice {
  column: FileColumn;
  /** Why it cannot be used. */
  problem?: string;
  /** Share of the rows in which it is missing. */
  missing: number;
  used: boolean;
}

/** Every column, with which ones are used when nobody chooses. */
export function choicesOf(table: Table): Choice[] {
  let left = MOST_COLUMNS;
  return table.columns.map((column, j) => {
    const missing = column.values.filter(Number.isNaN).length / table.rows;
    const problem = problemOf(table, j);
    // A date says mostly when a row was written down, so it is there for those who ask for it.
    const used = problem === undefined && !column.isDate && missing <= MOST_MISSING && left > 0;
    if (used) left--;
    return { column, missing, used, ...(problem !== undefined && { problem }) };
  });
}

function problemOf(table: Table, j: number): string | undefined {
  const { values, levels, firstBad, problem } = table.columns[j]!;
  const first = values.find((value) => !Number.isNaN(value));
  if (first !== undefined && values.every((value) => Number.isNaN(value) || value === first)) {
    return "the same in every row, so it tells nothing of any other";
  }
  if (columnProblem(table, j) === undefined) return undefined;
  if (firstBad) {
    const cell = firstBad.cell.length > 24 ? `${firstBad.cell.slice(0, 23)}…` : firstBad.cell;
    return `row ${firstBad.row} holds “${cell}” among numbers. Write it as a number, or leave the cell empty`;
  }
  if (first === undefined) return "no value in any row";
  // What comes after names options, which only the command line has.
  if (problem)
    return `${problem.replace(/(, and no other cell tells)?\. Say .*$/s, "")}. Write its cells so that they can be read in one way`;
  return `${levels?.length} different texts in ${table.rows} rows: names or free text, not categories`;
}

export interface Ready {
  columns: NamedColumn[];
  /** What each column's codes stand for, if it is a category. */
  levels: (readonly string[] | undefined)[];
  /** What a visitor should know of the rows. */
  notes: string[];
}

/**
 * The chosen columns over the rows in which none of them is missing, at most `mostRows` of these.
 *
 * @throws {InputError} when nothing is left to compare
 */
export function prepare(table: Table, choices: readonly Choice[], mostRows: number): Ready {
  const used = choices.filter(({ used }) => used).map(({ column }) => column);
  if (used.length < 2) throw new InputError("a matrix needs two columns that vary. Choose at least two");
  if (used.length > MOST_COLUMNS)
    throw new InputError(`${used.length} columns are chosen. Choose at most ${MOST_COLUMNS}`);
  const complete = [...Array(table.rows).keys()].filter((i) => used.every(({ values }) => !Number.isNaN(values[i])));
  const notes = used.flatMap(({ note }) => (note ? [`${note}.`] : []));
  const dropped = table.rows - complete.length;
  if (complete.length < LEAST_ROWS) {
    const worst = used.toSorted((a, b) => missingIn(b) - missingIn(a))[0]!;
    throw new InputError(
      dropped > 0
        ? `${complete.length} rows have a value in every chosen column; at least ${LEAST_ROWS} are needed. “${worst.name}” lacks the most, ${missingIn(worst)}: leave it out`
        : `${complete.length} rows are too few; at least ${LEAST_ROWS} are needed. Collect more`,
    );
  }
  if (dropped > 0) notes.push(`${dropped} of ${table.rows} rows lack a value and are left out.`);
  const rows = thinned(complete, mostRows);
  if (rows.length < complete.length) {
    notes.push(
      `${rows.length} of ${complete.length} rows are used, drawn at random: this GPU takes so many in a short time.`,
    );
  }
  const columns = used.map(({ name, kind, values }) => ({
    name,
    kind,
    values: Float64Array.from(rows, (i) => values[i]!),
  }));
  const constant = columns.find(({ values }) => values.every((value) => value === values[0]));
  if (constant) {
    throw new InputError(`“${constant.name}” is the same in all ${rows.length} rows that are left. Leave it out`);
  }
  return { columns, levels: used.map(({ levels }) => levels), notes };
}

const missingIn = ({ values }: FileColumn) => values.filter(Number.isNaN).length;

/** `most` of the rows, the same ones every time, in their order. */
function thinned(rows: readonly number[], most: number): readonly number[] {
  if (rows.length <= most) return rows;
  const key = (i: number) => Math.imul(i ^ (i >>> 15), 0x9e3779b1) >>> 0;
  return rows
    .toSorted((a, b) => key(a) - key(b))
    .slice(0, most)
    .sort((a, b) => a - b);
}
