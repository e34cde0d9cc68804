/** One column of cells while they are read: numbers as they come, texts only where there is no number. */
import { type DateOrder, Dates } from "../data/dates.ts";
import { clip, type FileColumn, toNumber } from "../data/table.ts";
import { type MissingCells, MissingCount } from "./missing.ts";
import { type Hints, Notation } from "./notation.ts";
import { readSpelled } from "./spelling.ts";
import type { ColumnAsked } from "./table-options.ts";

/** Values that there is room for at first, few, for a table may have 100 000 columns; twice as many whenever it is full. */
const FIRST = 1 << 5;

/** From here on not every whole number is one in double precision. */
const EXACT = 2 ** 53;

/** Stands before a cell that was in quotes and would mean "no value" without them. */
export const QUOTED = "\uffff";
const QUOTED_CODE = QUOTED.charCodeAt(0);

/** Takes a column's cells, trimmed, in the order of its rows. */
export class CellColumn {
  readonly #missing: MissingCells;
  readonly #forced: boolean;
  readonly #isUnread: boolean;
  readonly #order: ReadonlyMap<string, number> | undefined;
  readonly #without = new MissingCount();
  #values = new Float64Array(FIRST);
  #rows = 0;
  #firstBad: FileColumn["firstBad"];
  /** Texts in the order in which they came; their places stand among the values until a number or a date comes. */
  #codes: Map<string, number> | undefined = new Map();
  #numbers: Notation | undefined;
  #dates: Dates | undefined;
  /** The first whole number that is not kept to its last digit. */
  #rounded: string | undefined;
  /** Rows whose text would mean "no value" without its quotes. */
  #quoted = 0;

  constructor(missing: MissingCells, { isCategory = false, levels, isUnread = false }: ColumnAsked = {}) {
    this.#missing = missing;
    this.#forced = isCategory;
    this.#isUnread = isUnread;
    this.#order = levels && new Map(levels.map((level, code) => [level, code]));
  }

  add(cell: string): void {
    // All that is to be known is known.
    if (this.#isUnread && (this.#forced || this.#order || this.decimal)) return;
    const value = toNumber(cell);
    if (value >= EXACT || value <= -EXACT) this.#takeLarge(cell, value);
    this.#push(Number.isFinite(value) ? this.#numberOf(cell, value) : this.#otherOf(cell, value));
  }

  /** The decimal mark that the cells have beyond doubt. */
  get decimal(): Notation["decimal"] {
    return this.#numbers?.decimal;
  }

  #numberOf(cell: string, value: number): number {
    const { numbers } = this.#missing;
    if (numbers.size > 0 && numbers.has(value)) return this.#skip(String(value));
    if (!this.#numbers) {
      if (this.#order) return this.#placeOf(cell);
      if (this.#forced) return this.#codeOf(cell);
      if (this.#dates) return this.#bad(cell, "is not a date");
      this.#begin();
      this.#numbers = new Notation(this.#isUnread);
    }
    if (this.#numbers.isPlain) return value;
    const complaint = this.#numbers.takePlain(this.#rows + 1, cell, value);
    return complaint ? this.#bad(cell, complaint) : value;
  }

  /** A text, a number in another spelling, a date, or no value. */
  #otherOf(raw: string, value: number): number {
    const isQuoted = raw.charCodeAt(0) === QUOTED_CODE;
    const cell = isQuoted ? raw.slice(1) : raw;
    if (this.#order)
      return this.#order.has(cell) || !this.#isLabelMissing(cell) ? this.#placeOf(cell) : this.#skip(cell);
    if (!(this.#codes || this.#forced) && this.#missing.numeric.has(cell)) return this.#skip(cell);
    if (!isQuoted && this.#isLabelMissing(cell)) return this.#skip(cell);
    if (isQuoted) this.#quoted++;
    const known = this.#codes?.get(cell);
    if (known !== undefined) return known;
    if (this.#forced || this.#missing.numeric.has(cell)) return this.#codeOf(cell);
    return this.#newText(cell, value);
  }

  #isLabelMissing(cell: string): boolean {
    return this.#missing.labels.has(cell);
  }

  /** A text that this column has not had. */
  #newText(cell: string, value: number): number {
    if (this.#dates) {
      const days = this.#dates.take(this.#rows + 1, cell) ?? "is not a date";
      return typeof days === "string" ? this.#bad(cell, days) : days;
    }
    const spelled = Number.isNaN(value) ? readSpelled(cell) : undefined;
    if (spelled) {
      if (this.#missing.numbers.has(spelled.value)) return this.#skip(cell);
      if (!this.#numbers) this.#begin();
      this.#numbers ??= new Notation(this.#isUnread);
      const complaint = this.#numbers.take(this.#rows + 1, cell, spelled);
      return complaint ? this.#bad(cell, complaint) : spelled.value;
    }
    if (!this.#numbers) {
      const dates = new Dates();
      const days = dates.take(this.#rows + 1, cell);
      if (typeof days === "number") {
        this.#begin();
        this.#dates = dates;
        return days;
      }
    }
    this.#firstBad ??= { row: this.#rows + 1, cell };
    return this.#codes ? this.#codeOf(cell) : Number.NaN;
  }

  /** Whole numbers from here on are not all there: different ones may become one. */
  #takeLarge(cell: string, value: number): void {
    if (this.#rounded !== undefined || !Number.isFinite(value) || !/^[+-]?\d+$/.test(cell)) return;
    if (BigInt(cell.replace("+", "")) !== BigInt(value)) this.#rounded = cell;
  }

  #bad(cell: string, why: string): number {
    this.#firstBad ??= { row: this.#rows + 1, cell, why };
    return Number.NaN;
  }

  #skip(text: string): number {
    this.#without.add(text);
    return Number.NaN;
  }

  /** The column; what was taken is gone then. */
  finish(name: string, hints: Hints, dates?: DateOrder): FileColumn {
    if (this.#isUnread) return { name, kind: "numeric", values: new Float64Array(), isUnread: true };
    // Memory beyond the last row was never written, so it costs nothing.
    const all = () => this.#values.subarray(0, this.#rows);
    const isText = (cell: string) => Number.isNaN(toNumber(cell)) && cell !== "";
    const codes = this.#codes;
    if (this.#forced || (codes && [...codes.keys()].some(isText))) return this.#category(name, all());
    if (codes && codes.size > 0) this.#begin();
    const values = all();
    const told = this.#dates?.finish(name, values, dates) ?? this.#numbers?.finish(name, values, hints) ?? {};
    const levels = this.#order && [...this.#order.keys()];
    return {
      ...{ name, kind: "numeric", values, missing: this.#without.list(), ...told },
      ...(this.#rounded !== undefined && { note: this.#withRounded(name, told) }),
      ...(this.#dates && { isDate: true }),
      ...(levels && { levels, note: `column "${name}": ${levels.join(" < ")} are 0 to ${levels.length - 1}` }),
      ...(this.#firstBad && { firstBad: this.#firstBad }),
    };
  }

  #withRounded(name: string, { note }: { note?: string }): string {
    const own = roundedNote(this.#rounded!, Number(this.#rounded));
    return note === undefined ? `column "${name}": ${own}` : `${note}; ${own}`;
  }

  #category(name: string, values: Float64Array): FileColumn {
    const codes = this.#codes!;
    const levels = [...codes.keys()].sort();
    const place = new Float64Array(levels.length);
    for (const [sorted, level] of levels.entries()) place[codes.get(level)!] = sorted;
    for (let row = 0; row < values.length; row++) values[row] = place[values[row]!] ?? Number.NaN;
    const note = `column "${name}": cells in quotes that would mean "no value" without them are texts (${this.#quoted})`;
    return {
      ...{ name, kind: "category", values, levels, forced: this.#forced, missing: this.#without.list() },
      ...(this.#quoted > 0 && { note }),
    };
  }

  #placeOf(cell: string): number {
    const code = this.#order!.get(cell);
    return code ?? this.#bad(cell, `is none of the levels ${[...this.#order!.keys()].join(", ")}`);
  }

  #codeOf(cell: string): number {
    const codes = this.#codes!;
    const code = codes.get(cell);
    if (code !== undefined) return code;
    if (this.#isUnread) return 0;
    codes.set(ownText(cell), codes.size);
    return codes.size - 1;
  }

  /** A column with a number or a date is no category: its texts are no values. */
  #begin(): void {
    const codes = [...this.#codes!.keys()];
    if (codes.length > 0) {
      for (let row = 0; row < this.#rows; row++) {
        const text = codes[this.#values[row]!];
        if (text !== undefined && this.#missing.numeric.has(text)) this.#without.add(text);
      }
    }
    if (!this.#isUnread) this.#values.fill(Number.NaN, 0, this.#rows);
    this.#codes = undefined;
  }

  #push(value: number): void {
    if (this.#isUnread) {
      this.#rows++;
      return;
    }
    if (this.#rows === this.#values.length) {
      const values = new Float64Array(2 * this.#rows);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.#rows++] = value;
  }
}

/** What is to be said of a column in which a whole number is not kept to its last digit. */
export const roundedNote = (text: string, value: number): string =>
  `numbers of more than 15 digits are rounded, "${clip(text)}" to ${value}, so different ones may become equal; --categorical keeps their texts`;

/** A text by itself: a part of a longer one keeps all of that in memory. */
const ownText = (text: string): string => text.split("").join("");
