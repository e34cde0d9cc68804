/** One column of cells while they are read: numbers as they come, texts only where there is no number. */
import { DECIMAL_COMMA, type FileColumn, toNumber } from "./table.ts";

/** Cells that mean "no value". */
export interface MissingCells {
  texts: ReadonlySet<string>;
  numbers: ReadonlySet<number>;
}

/** Values that there is room for at first; twice as many whenever it is full. */
const FIRST = 1 << 12;

/** Takes a column's cells, trimmed, in the order of its rows. */
export class CellColumn {
  readonly #missing: MissingCells;
  readonly #forced: boolean;
  #values = new Float64Array(FIRST);
  #rows = 0;
  #firstBad: FileColumn["firstBad"];
  /** Texts in the order in which they came; their places stand among the values until a number comes. */
  #codes: Map<string, number> | undefined = new Map();

  /** @param forced a category, whatever its cells are */
  constructor(missing: MissingCells, forced: boolean) {
    this.#missing = missing;
    this.#forced = forced;
  }

  add(cell: string): void {
    this.#push(this.#valueOf(cell));
  }

  #valueOf(cell: string): number {
    const value = toNumber(cell);
    const finite = Number.isFinite(value);
    if (finite ? this.#missing.numbers.has(value) : this.#missing.texts.has(cell)) return Number.NaN;
    if (!finite) this.#firstBad ??= { row: this.#rows + 1, cell };
    if (this.#forced) return this.#codeOf(cell);
    if (!finite) return this.#codes ? this.#codeOf(cell) : Number.NaN;
    if (this.#codes) this.#dropTexts();
    return value;
  }

  /** The column; what was taken is gone then. */
  finish(name: string): FileColumn {
    const codes = this.#codes;
    const isText = (cell: string) => Number.isNaN(toNumber(cell)) && !DECIMAL_COMMA.test(cell);
    const isCategory = this.#forced || (codes !== undefined && [...codes.keys()].some(isText));
    if (!isCategory && codes && codes.size > 0) this.#dropTexts();
    // Memory beyond the last row was never written, so it costs nothing.
    const values = this.#values.subarray(0, this.#rows);
    const firstBad = this.#firstBad;
    if (!isCategory) return { name, kind: "numeric", values, ...(firstBad && { firstBad }) };
    const levels = [...codes!.keys()].sort();
    const place = new Float64Array(levels.length);
    for (const [sorted, level] of levels.entries()) place[codes!.get(level)!] = sorted;
    for (let row = 0; row < values.length; row++) values[row] = place[values[row]!] ?? Number.NaN;
    return { name, kind: "category", values, levels, forced: this.#forced };
  }

  #codeOf(cell: string): number {
    const codes = this.#codes!;
    const code = codes.get(cell);
    if (code !== undefined) return code;
    codes.set(cell, codes.size);
    return codes.size - 1;
  }

  /** A column with a number is no category: its texts are no values. */
  #dropTexts(): void {
    this.#values.fill(Number.NaN, 0, this.#rows);
    this.#codes = undefined;
  }

  #push(value: number): void {
    if (this.#rows === this.#values.length) {
      const values = new Float64Array(2 * this.#rows);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.#rows++] = value;
  }
}
