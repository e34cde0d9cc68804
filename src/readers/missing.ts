/** Which cells mean "no value". */
import { toNumber } from "../data/table.ts";

/** The usual words. Among labels as among numbers they are no value. */
export const MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", "."];

/** Cells that mean "no value". */
export interface MissingCells {
  /** Texts that are no value among labels. */
  labels: ReadonlySet<string>;
  /** Texts that are no value among numbers and dates. */
  numeric: ReadonlySet<string>;
  /** Numbers that are no value anywhere. */
  numbers: ReadonlySet<number>;
}

/**
 * The usual words and `missing`, or `only` in place of both.
 *
 * The lists are about labels and about numbers such as -999. In columns of numbers and of dates the usual words are no value
 * whatever the lists say, for they can be no number; there, and only there, so is Python's "None", which among labels may be
 * a level like any other. An empty cell is a label where `only` does not have it.
 */
export function missingCells(missing: readonly string[] = [], only?: readonly string[]): MissingCells {
  const asked = [...missing, ...(only ?? [])].map((cell) => cell.trim());
  return {
    labels: new Set([...(only ? [] : MISSING), ...asked]),
    numeric: new Set([...MISSING, "None", ...asked]),
    numbers: new Set(asked.map(toNumber).filter(Number.isFinite)),
  };
}

/** How many rows of one column have which text in place of a value. */
export class MissingCount {
  readonly #rows = new Map<string, number>();

  add(text: string, rows = 1): void {
    this.#rows.set(text, (this.#rows.get(text) ?? 0) + rows);
  }

  /** The most frequent first. */
  list(): { text: string; rows: number }[] {
    return [...this.#rows].map(([text, rows]) => ({ text, rows })).sort((a, b) => b.rows - a.rows);
  }
}
