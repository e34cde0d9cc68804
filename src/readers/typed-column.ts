/** Columns of files that say what type each has: what a type becomes is decided here, once for all formats. */
import type { FileColumn } from "../data/table.ts";
import { roundedNote } from "./cells.ts";
import type { ColumnType } from "./column-type.ts";
import { MISSING, type MissingCells, MissingCount } from "./missing.ts";
import type { ColumnAsked } from "./table-options.ts";
import { datesOf, dateText, textNotes, typeOf, unitNotes, unusable } from "./typed-words.ts";

/** Rows that there is room for at first, at most: a file may lie about how many there are. */
const MOST_AT_FIRST = 1 << 24;
const FIRST = 1 << 5;
/** From here on not every whole number is one in double precision. */
const EXACT = 2 ** 53;

/** Takes a column's values in the order of its rows; null and undefined are missing, and so is NaN. */
export class TypedColumn {
  #type: ColumnType;
  /** The type is told by the values alone. */
  readonly #isOpen: boolean;
  /** From here on a number may not be what the file has. */
  readonly #exact: number;
  readonly #missing: MissingCells;
  readonly #asked: ColumnAsked;
  readonly #order: ReadonlyMap<string, number> | undefined;
  readonly #without = new MissingCount();
  #values: Float64Array;
  #rows = 0;
  #firstBad: FileColumn["firstBad"];
  /** Texts in the order in which they came. */
  readonly #codes = new Map<string, number>();
  /** Texts among them that other files write for "no value". */
  #words = 0;
  #rounded: bigint | undefined;
  #mayBeRounded = false;

  /** @param rows how many will come, if that is known */
  constructor(type: ColumnType, missing: MissingCells, asked: ColumnAsked = {}, rows = FIRST) {
    this.#type = type;
    this.#isOpen = type.is === "any";
    this.#exact = type.is === "decimals" ? EXACT / 10 ** Math.max(0, type.scale) : EXACT;
    this.#missing = missing;
    this.#asked = asked;
    this.#order = asked.levels && new Map(asked.levels.map((level, code) => [level, code]));
    const isKept = this.isRead && rows > 0;
    this.#values = new Float64Array(isKept ? Math.min(MOST_AT_FIRST, rows) : 0);
  }

  /** Somebody asks for its values, and there may be some. Of others nothing need be pushed. */
  get isRead(): boolean {
    return !this.#asked.isUnread && this.#type.is !== "other";
  }

  /** Values of the next rows. */
  push(values: ArrayLike<unknown>): void {
    if (!this.isRead) return;
    this.#reserve(values.length);
    const taken = this.#values;
    for (let i = 0; i < values.length; i++) {
      // The row counts while its value is looked at, for messages.
      const row = this.#rows++;
      const value = values[i];
      taken[row] = value === null || value === undefined ? this.#skip("null") : this.#valueOf(value);
    }
  }

  /** So many rows without a value. */
  skip(rows: number): void {
    if (!this.isRead) return;
    this.#reserve(rows);
    this.#values.fill(Number.NaN, this.#rows, this.#rows + rows);
    this.#without.add("null", rows);
    this.#rows += rows;
  }

  #reserve(more: number): void {
    const rows = this.#rows + more;
    if (rows <= this.#values.length) return;
    const values = new Float64Array(Math.max(rows, 2 * this.#values.length));
    values.set(this.#values.subarray(0, this.#rows));
    this.#values = values;
  }

  #valueOf(value: unknown): number {
    if (this.#type.is === "any") this.#type = typeOf(value);
    switch (typeof value) {
      case "number":
      case "bigint":
        return this.#numberOf(value);
      case "boolean":
      case "string":
        return this.#labelOf(value);
      default:
        // One such value is enough.
        this.#type = typeOf(value);
        return Number.NaN;
    }
  }

  #numberOf(value: number | bigint): number {
    if (this.#isText) return this.#codeOf(String(value));
    const number = Number(value);
    if (!Number.isFinite(number)) return this.#notFinite(number);
    if (this.#missing.numbers.has(number)) return this.#skip(String(value));
    if (number >= this.#exact || number <= -this.#exact) this.#takeLarge(value, number);
    const own = this.#inUnits(number);
    return this.#asked.isCategory || this.#order ? this.#codeOf(this.#textOf(value, own)) : own;
  }

  /** In the unit of the column. */
  #inUnits(number: number): number {
    const type = this.#type;
    if (type.is === "dates") return number / type.perDay;
    return type.is === "times" || type.is === "durations" ? number / type.perSecond : number;
  }

  #textOf(value: number | bigint, own: number): string {
    return this.#type.is === "dates" ? dateText(own) : String(this.#type.is === "numbers" ? value : own);
  }

  #notFinite(number: number): number {
    if (Number.isNaN(number)) return this.#skip("NaN");
    const text = number > 0 ? "inf" : "-inf";
    const names = [text, String(number), number > 0 ? "Inf" : "-Inf"];
    return names.some((name) => this.#missing.labels.has(name)) ? this.#skip(text) : this.#bad(text);
  }

  /** What a number in double precision does not hold to its last digit. */
  #takeLarge(value: number | bigint, number: number): void {
    if (typeof value === "number") this.#mayBeRounded ||= this.#isOpen || this.#type.is === "decimals";
    else if (this.#rounded === undefined && BigInt(number) !== value) this.#rounded = value;
  }

  #labelOf(value: boolean | string): number {
    const text = String(value);
    if (this.#missing.labels.has(text)) return this.#skip(text);
    if (!this.#isText) return this.#missing.numeric.has(text) ? this.#skip(text) : this.#mixed(value);
    if (MISSING.includes(text)) this.#words++;
    return this.#codeOf(text);
  }

  get #isText(): boolean {
    return this.#type.is === "texts" || this.#type.is === "booleans";
  }

  /** A label among numbers, as JSON may have it; a number among labels is one more label. */
  #mixed(value: boolean | string): number {
    if (this.#asked.isCategory || this.#order) return this.#codeOf(String(value));
    return this.#bad(
      String(value),
      `is a ${typeof value === "string" ? "text" : typeof value}, unlike the numbers before it`,
    );
  }

  #codeOf(text: string): number {
    const code = (this.#order ?? this.#codes).get(text);
    if (code !== undefined) return code;
    if (this.#order) return this.#bad(text, `is none of the levels ${[...this.#order.keys()].join(", ")}`);
    this.#codes.set(text, this.#codes.size);
    return this.#codes.size - 1;
  }

  #bad(cell: string, why?: string): number {
    this.#firstBad ??= { row: this.#rows, cell, ...(why !== undefined && { why }) };
    return Number.NaN;
  }

  #skip(text: string): number {
    this.#without.add(text);
    return Number.NaN;
  }

  /** The column; what was taken is gone then. */
  finish(name: string): FileColumn {
    if (this.#asked.isUnread) return { name, kind: "numeric", values: new Float64Array(), isUnread: true };
    if (this.#type.is === "other") return unusable(name, this.#type.what);
    const values = this.#values.subarray(0, this.#rows);
    const told = { ...(this.#firstBad && { firstBad: this.#firstBad }) };
    if (this.#order) return { ...this.#ordered(name, values, [...this.#order.keys()]), ...told };
    if (this.#codes.size > 0) return { ...this.#labels(name, values), ...told };
    const notes = this.#notes();
    return {
      ...{ name, kind: "numeric", values, missing: this.#without.list(), ...told },
      ...(this.#type.is === "dates" && { isDate: true }),
      ...(notes.length > 0 && { note: `column "${name}": ${notes.join("; ")}` }),
    };
  }

  #ordered(name: string, values: Float64Array, levels: string[]): FileColumn {
    const note = `column "${name}": ${levels.join(" < ")} are 0 to ${levels.length - 1}`;
    return { name, kind: "numeric", values, missing: this.#without.list(), levels, note };
  }

  /** What is to be said of numbers. */
  #notes(): string[] {
    const type = this.#type;
    const isRounded = this.#rounded !== undefined && type.is === "numbers";
    return [
      ...unitNotes(type),
      ...(isRounded ? [roundedNote(String(this.#rounded), Number(this.#rounded))] : []),
      ...(this.#mayBeRounded ? ["numbers of more than 15 digits are rounded, so different ones may become equal"] : []),
    ];
  }

  #labels(name: string, codes: Float64Array): FileColumn {
    const forced = this.#asked.isCategory === true;
    const texts = [...this.#codes.keys()];
    const missing = this.#without.list();
    const dates = forced ? undefined : datesOf(texts);
    if (dates) {
      for (let row = 0; row < codes.length; row++) codes[row] = dates.days[codes[row]!] ?? Number.NaN;
      const note = `column "${name}": ${unitNotes({ is: "dates", perDay: 1, isUtc: dates.isUtc })}`;
      return { name, kind: "numeric", values: codes, missing, isDate: true, note };
    }
    const levels = texts.toSorted();
    const place = new Float64Array(levels.length);
    for (const [sorted, level] of levels.entries()) place[this.#codes.get(level)!] = sorted;
    for (let row = 0; row < codes.length; row++) codes[row] = place[codes[row]!] ?? Number.NaN;
    const notes = forced ? [] : textNotes(levels, this.#words);
    return {
      ...{ name, kind: "category", values: codes, levels, forced, missing },
      ...(notes.length > 0 && { note: `column "${name}": ${notes.join("; ")}` }),
    };
  }
}
