/** The columns of a visitor's table, and what the matrix takes of them, with words for all that is left out. */
import type { NamedColumn } from "../../src/index.ts";
import { thinned } from "./drawn.ts";
import { Refusal } from "./text.ts";
import { plural, quoted } from "./words.ts";

export const MOST_COLUMNS = 40;
export const LEAST_ROWS = 20;
/** While so many rows have all values, the others are left out, so that all pairs have the same ones. */
const ENOUGH = 0.8;

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
  if (ready.length < 2) throw new Refusal(["no pair of columns is left.", ...notes].join(" "));
  return {
    columns: ready.map(({ choice: { name, kind }, values }) => ({ name, kind, values })),
    levels: ready.map(({ choice: { levels } }) => levels),
    keys: ready.map(({ choice: { source, version } }) => `${version} ${source}`),
    ...{ rows, of, notes },
  };
}

/** Why no pair is there. */
export function tooFew({ columns, rows }: Sheet): string {
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
