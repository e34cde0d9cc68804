/** One column of cells while they are read: numbers as they come, texts only where there is no number. */
import { DECIMAL_COMMA, type FileColumn, toNumber } from "./table.ts";

/** Cells that mean "no value". */
export interface MissingCells {
  texts: ReadonlySet<string>;
  numbers: ReadonlySet<number>;
}

/** Values of a block: small enough to grow by, large enough to be few. */
const BLOCK = 1 << 16;

/** Takes a column's cells, trimmed, in the order of its rows. */
export class CellColumn {
  readonly #missing: MissingCells;
  readonly #forced: boolean;
  readonly #blocks: Float64Array[] = [];
  #rows = 0;
  #firstBad: FileColumn["firstBad"];
  /** Texts in the order in which they came; their places stand in the blocks until a number comes. */
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
    const values = this.#joined();
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
    for (const block of this.#blocks) block.fill(Number.NaN);
    this.#codes = undefined;
  }

  #push(value: number): void {
    const at = this.#rows % BLOCK;
    if (at === 0) this.#blocks.push(new Float64Array(BLOCK));
    this.#blocks.at(-1)![at] = value;
    this.#rows++;
  }

  #joined(): Float64Array {
    const values = new Float64Array(this.#rows);
    for (const [b, block] of this.#blocks.entries()) {
      values.set(block.subarray(0, Math.min(BLOCK, this.#rows - b * BLOCK)), b * BLOCK);
    }
    this.#blocks.length = 0;
    return values;
  }
}
