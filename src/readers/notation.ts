/** How the numbers of one column are written, found out by all of its cells together. */
import { type Mark, plainMark, type Spelled } from "./spelling.ts";

/** A decimal mark. */
export type Decimal = "." | ",";

/** What else tells how a column's numbers are written. */
export interface Hints {
  /** What the caller said. */
  decimal?: Decimal | undefined;
  /** Decimal marks that other columns of the table have beyond doubt. */
  others: ReadonlySet<Decimal>;
}

export interface Verdict {
  /** Why the column cannot be used before somebody says what is meant. */
  problem?: string;
  /** What was found out, to be said. */
  note?: string;
}

const OPEN_POINT = 1;
const OPEN_COMMA = 2;
const FIRST = 1 << 12;

interface Cell {
  row: number;
  cell: string;
}

/**
 * Takes the cells of one column. A separator before three digits, as in 1,100, is open until another cell tells what it is:
 * values are kept with the point as the decimal mark, and open cells are marked, so that either reading can be had at the end.
 */
export class Notation {
  #decimal: (Cell & { mark: Decimal }) | undefined;
  #affix: (Cell & { affix: string }) | undefined;
  /** So many rows, from the first on, all are plain and have an open point. */
  #allOpen = 0;
  /** Of each row after these whether its separator is open; absent while none is. */
  #marks: Uint8Array | undefined;
  #open: { point?: Cell; comma?: Cell } = {};
  /** The first cell without a separator, and the largest of such. */
  #bare: Cell | undefined;
  #largest = 0;
  /** Another cell without a separator tells no more than its size. */
  #isUsual = false;
  /** An open cell has one digit before its separator. */
  #hasShort = false;
  #grouped: Cell | undefined;

  readonly #isUnread: boolean;

  /** @param isUnread only the decimal mark is asked for */
  constructor(isUnread = false) {
    this.#isUnread = isUnread;
  }

  /** Plain numbers with a decimal point have nothing more to tell. */
  isPlain = false;

  /** The decimal mark that the cells have beyond doubt. */
  get decimal(): Decimal | undefined {
    return this.#decimal?.mark;
  }

  /** What {@link take} does, of a cell that `Number` reads; most cells of a file come here, so the usual ones end early. */
  takePlain(row: number, cell: string, value: number): string | undefined {
    const mark = cell.length === digitsOf(value) ? "none" : plainMark(cell);
    if (mark === "none" && this.#isUsual) {
      const size = value < 0 ? -value : value;
      if (size > this.#largest) this.#largest = size;
      return undefined;
    }
    if (mark === "open point" && this.#allOpen === row - 1 && row > 1) {
      this.#allOpen = row;
      if (!this.#hasShort) this.#hasShort = Math.abs(value) < 10;
      return undefined;
    }
    const complaint = this.take(row, cell, { value, affix: "", mark, isGrouped: false });
    this.#isUsual = this.#bare !== undefined && this.#affix!.affix === "";
    return complaint;
  }

  /** @returns why the cell does not fit those before it */
  take(row: number, cell: string, { value, affix, mark, isGrouped }: Spelled): string | undefined {
    this.#affix ??= { row, cell, affix };
    if (affix !== this.#affix.affix) return `is not written like "${this.#affix.cell}" in row ${this.#affix.row}`;
    if (mark.startsWith("open")) this.#hasShort ||= Math.abs(value) < (mark === "open point" ? 10 : 10_000);
    const conflict = this.#takeMark(row, cell, mark);
    if (conflict) return conflict;
    if (isGrouped) this.#grouped ??= { row, cell };
    else if (mark === "none") {
      this.#bare ??= { row, cell };
      this.#largest = Math.max(this.#largest, Math.abs(value));
    }
    return undefined;
  }

  #takeMark(row: number, cell: string, mark: Mark): string | undefined {
    if (mark === "none") return undefined;
    if (mark === "point" || mark === "comma") {
      const decimal = mark === "point" ? "." : ",";
      this.#decimal ??= { row, cell, mark: decimal };
      const { mark: first, ...other } = this.#decimal;
      if (first !== decimal) return `has another decimal mark than "${other.cell}" in row ${other.row}`;
      // Values are kept as a decimal point has them.
      if (decimal === ".") {
        this.#marks = undefined;
        this.isPlain = this.#affix!.affix === "";
      }
      return undefined;
    }
    const isPoint = mark === "open point";
    this.#open[isPoint ? "point" : "comma"] ??= { row, cell };
    if (row === 1 && isPoint && this.#affix!.affix === "") this.#allOpen = 1;
    else if (this.#decimal?.mark !== ".") this.#setMark(row - 1, isPoint ? OPEN_POINT : OPEN_COMMA);
    return undefined;
  }

  /** Numbers of so many digits stand without a separator that separators cannot part thousands. Four digits often do. */
  get #isUnparted(): boolean {
    return this.#largest >= (this.#hasShort ? 1000 : 10_000);
  }

  #setMark(at: number, mark: number): void {
    if (this.#isUnread) return;
    const old = this.#marks ?? new Uint8Array(FIRST);
    if (at >= old.length) {
      const more = new Uint8Array(Math.max(2 * old.length, at + 1));
      more.set(old);
      this.#marks = more;
    } else this.#marks = old;
    this.#marks![at] = mark;
  }

  /** Decides, and where a comma is the decimal mark brings the open values to it. */
  finish(name: string, values: Float64Array, hints: Hints): Verdict {
    const { decimal, problem, doubt } = this.#decide(name, hints);
    if (problem) return { problem };
    if (decimal === ",") {
      for (let row = 0; row < values.length; row++) {
        const mark = row < this.#allOpen ? OPEN_POINT : this.#marks?.[row];
        // Three digits that became none or came back, so the nearest integer is exact.
        if (mark === OPEN_POINT) values[row] = Math.round(1000 * values[row]!);
        else if (mark === OPEN_COMMA) values[row] = values[row]! / 1000;
      }
    }
    this.#marks = undefined;
    const words = [doubt ?? this.#words(decimal), this.#affixWords()].filter((word) => word !== undefined);
    return words.length === 0 ? {} : { note: `column "${name}": ${words.join("; ")}` };
  }

  #decide(name: string, { decimal: asked, others }: Hints): { decimal: Decimal; problem?: string; doubt?: string } {
    const { point, comma } = this.#open;
    if (this.#decimal) return { decimal: this.#decimal.mark };
    if (!(point || comma)) return { decimal: "." };
    if (asked) return { decimal: asked };
    // Both in one column: one of the two parts thousands, the other is decimal.
    const [only] = others.size === 1 ? others : [];
    if (point && !comma) {
      if (!this.#bare || this.#isUnparted) return { decimal: only ?? "." };
      if (only) return { decimal: only, doubt: doubtOf(point, only) };
      return { decimal: ".", problem: ambiguous(name, point, this.#bare, ["thousands", "decimal"]) };
    }
    if (!this.#bare && !point) return { decimal: only ?? ".", doubt: doubtOf(comma!, only ?? ".") };
    const isDecimal = only === "," || this.#isUnparted;
    return {
      decimal: ".",
      problem: ambiguous(
        name,
        comma!,
        this.#bare ?? point,
        isDecimal ? ["decimal", "thousands"] : ["thousands", "decimal"],
      ),
    };
  }

  #words(decimal: Decimal): string | undefined {
    const isComma = decimal === ",";
    const { point, comma } = this.#open;
    const mark = isComma ? (this.#decimal ?? comma) : undefined;
    const grouped = this.#grouped ?? (isComma ? point : comma);
    const words = [
      ...(mark ? [`a comma is the decimal mark, as in "${mark.cell}"`] : []),
      ...(grouped ? [`separators part thousands, as in "${grouped.cell}"`] : []),
    ];
    return words.length > 0 ? words.join(", and ") : undefined;
  }

  #affixWords(): string | undefined {
    if (!this.#affix?.affix) return undefined;
    return `${this.#affix.affix} is taken off all numbers`;
  }
}

/** Digits before the point; a cell that is no longer has no point, which is sooner known than looked for. */
function digitsOf(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3;
  return value < 1e4 ? 4 : value < 1e5 ? 5 : value < 1e6 ? 6 : 0;
}

const readings = (cell: string) => {
  const digits = cell.replace(/[^\d.,]/g, "");
  return { thousands: digits.replace(/[.,]/, ""), decimal: String(Number(digits.replace(",", "."))) };
};

function doubtOf({ cell }: Cell, decimal: Decimal): string {
  const { thousands, decimal: fraction } = readings(cell);
  const separator = cell.includes(",") ? "," : ".";
  const [is, other] = separator === decimal ? [fraction, thousands] : [thousands, fraction];
  return `"${cell}" is read as ${is}, not as ${other}; --decimal ${decimal === "," ? "." : ","} reads it as ${other}`;
}

function ambiguous(
  name: string,
  { row, cell }: Cell,
  beside: Cell | undefined,
  order: readonly ("thousands" | "decimal")[],
): string {
  const separator = cell.includes(",") ? "," : ".";
  const values = readings(cell);
  const [first, second] = order.map((kind) => `${values[kind]} with --${kind} '${separator}'`);
  return `row ${row}, column "${name}": "${cell}"${beside ? ` beside "${beside.cell}"` : ""} can be two numbers. Say which is meant, the likelier first: ${first}, or ${second}`;
}
