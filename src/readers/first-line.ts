/** What the first lines of a table say: whether there are names, and how many fields a line has. */
import { readDate } from "../data/dates.ts";
import { clip, plural, toNumber } from "../data/table.ts";
import { MISSING } from "./missing.ts";
import { readSpelled } from "./spelling.ts";

export interface FirstLine {
  names: string[];
  /** The first line is names, not data. */
  isHeader: boolean;
  /** Fields of the lines of data, those that are left out at their end not counted. */
  width: number;
  /** Lines of data may end in delimiters that the first one does not have, or that have no name before them. */
  hasTail: boolean;
  /** What was decided and could be otherwise. */
  notes: string[];
}

const isMissing = (cell: string): boolean => MISSING.includes(cell);
const isNumber = (cell: string): boolean =>
  isMissing(cell) || Number.isFinite(toNumber(cell)) || readSpelled(cell) !== undefined;
const isData = (cell: string): boolean => isNumber(cell) || readDate(cell) !== undefined;

/**
 * Reads the first line by itself and by some lines below it.
 *
 * A first line in which a cell is neither a number nor a date is names. Others are data, unless they look like names: all
 * cells are different whole numbers from 0 on, and they count up by one over three columns or more, which the next line does
 * not, or below each there is a number that is not whole. An empty first cell, as pandas writes above its index, counts as a name then.
 *
 * Where more than half of the lines below have one field more than the first line, that is the first line's fault: its name
 * for a first column of row names is missing, as R writes tables, or the others end in a delimiter, or in several. Empty last
 * names above nothing but empty cells are delimiters too.
 *
 * @param line number of the first line
 * @param cells of the first line, trimmed
 * @param below some of the next lines, trimmed
 * @param asked whether the caller says that the first line is names
 */
export function readFirstLine(line: number, cells: string[], below: string[][], asked?: boolean): FirstLine {
  const tail = asked === false ? 0 : emptyFields([cells, ...below]);
  if (tail > 0) {
    const shorter = below.map((row) => row.slice(0, -tail));
    return { ...readFirstLine(line, cells.slice(0, -tail), shorter, asked), hasTail: true };
  }
  const isMost = (rows: readonly string[][], all: readonly string[][]) => 2 * rows.length > all.length;
  const longer = asked === false ? [] : below.filter((row) => row.length > cells.length);
  const ending = longer.filter((row) => row.slice(cells.length).every((cell) => cell === ""));
  const hasTail = isMost(longer, below) && isMost(ending, longer);
  const wider = longer.filter((row) => row.length === cells.length + 1);
  if (isMost(wider, below) && !hasTail && !isTitle(wider)) return withRowNames(line, cells);
  const { isHeader, isOpen } = asked === undefined ? looksLikeNames(cells, below) : { isHeader: asked, isOpen: false };
  const [is, other] = isHeader ? ["names; --no-header makes it data", ""] : ["data", "; --header makes it names"];
  return {
    ...{ names: namesOf(cells, isHeader), isHeader, width: cells.length, hasTail },
    notes: isOpen ? [`line ${line} (${clip(cells.join(", "))}) is read as ${is}${other}`] : [],
  };
}

function withRowNames(line: number, cells: string[]): FirstLine {
  const own = namesOf(cells, true);
  const width = cells.length + 1;
  const note = `line ${line} has ${plural(cells.length, "field")} and the lines below it ${width}: a name for the first column is missing, which is called`;
  const first = unused("row", new Set(own));
  return { names: [first, ...own], isHeader: true, width, hasTail: false, notes: [`${note} "${first}" (row names)`] };
}

function namesOf(cells: readonly string[], isHeader: boolean): string[] {
  if (!isHeader) return cells.map((_, c) => String(c + 1));
  const own = new Set(cells);
  return cells.map((cell, c) => cell || unused(own.has(String(c + 1)) ? "row" : String(c + 1), own));
}

function unused(name: string, names: ReadonlySet<string>): string {
  let free = name;
  while (names.has(free)) free += "_";
  return free;
}

/** How many of the last fields are empty in all lines, which are equally long; a line keeps its first one. */
function emptyFields(rows: readonly string[][]): number {
  const [first = []] = rows;
  if (rows.length < 2 || rows.some((row) => row.length !== first.length)) return 0;
  const own = rows.map((row) => row.length - 1 - row.findLastIndex((cell) => cell !== ""));
  return Math.min(first.length - 1, ...own);
}

/** The line above is a title: the next one has a text where all below have numbers. */
function isTitle([first, ...others]: readonly string[][]): boolean {
  if (first === undefined || others.length === 0) return false;
  return first.some((cell, c) => !isData(cell) && others.every((row) => isNumber(row[c] ?? "")));
}

/** Whether a first line without an answer is names, and whether it could be the other. */
function looksLikeNames(cells: readonly string[], below: readonly string[][]): { isHeader: boolean; isOpen: boolean } {
  if (!cells.every(isData)) return { isHeader: true, isOpen: false };
  const named = cells[0] === "" ? cells.slice(1) : cells;
  const isName = (cell: string) => /^\d+$/.test(cell) || readDate(cell) !== undefined;
  const canBe = named.length > 0 && named.every(isName) && new Set(named).size === named.length;
  if (!canBe) return { isHeader: false, isOpen: false };
  const first = cells.length - named.length;
  const counts = (row: readonly string[]) =>
    row.length >= 3 && row.every((cell, i) => i === 0 || Number(cell) === Number(row[i - 1]) + 1);
  const isCount = counts(named) && !(below.length > 0 && counts(below[0]!.slice(first)));
  const isFraction = (cell = "") => isNumber(cell) && !isMissing(cell) && !/^[+-]?\d+$/.test(cell);
  const isBroken = named.every((_, c) => below.some((row) => isFraction(row[c + first])));
  const isWhole = named.every((cell) => /^\d+$/.test(cell));
  const isHeader = isWhole && (isBroken || isCount);
  return { isHeader, isOpen: true };
}
