/** Columns that say the same: their MI has no finite value, and needs no networks. */

export interface Column {
  name: string;
  /** What codes stand for, in a category. */
  levels?: readonly string[] | undefined;
  values?: ArrayLike<number> | undefined;
}

export type Sameness = "equal" | "monotone";

/** Share of the rows that a column may repeat and still be a continuous one. */
const MOST_REPEATED = 0.5;

export class Copies {
  readonly #columns: readonly Column[];
  readonly #orders = new Map<number, Uint32Array | undefined>();

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  /** Whether two columns of numbers are equal in the rows that have both, or put these in one order or its reverse. */
  of(x: number, y: number): Sameness | undefined {
    const [order, other] = [this.#order(x), this.#order(y)];
    if (!order || !other) return undefined;
    const [a, b] = [this.#columns[x]!.values!, this.#columns[y]!.values!];
    const rows = order.filter((row) => !Number.isNaN(b[row]!));
    if (rows.length < 2) return undefined;
    if (rows.every((row) => a[row] === b[row])) return "equal";
    return isRising(rows, a, b, 1) || isRising(rows, a, b, -1) ? "monotone" : undefined;
  }

  /** The rows by their values, without those that have none; undefined for what is no continuous column. */
  #order(column: number): Uint32Array | undefined {
    if (!this.#orders.has(column)) this.#orders.set(column, orderOf(this.#columns[column]!));
    return this.#orders.get(column);
  }
}

function orderOf({ levels, values }: Column): Uint32Array | undefined {
  if (levels || !values) return undefined;
  const rows = Uint32Array.from({ length: values.length }, (_, i) => i).filter((i) => !Number.isNaN(values[i]!));
  const different = new Set(Array.from(rows, (row) => values[row]!)).size;
  if (different < MOST_REPEATED * rows.length) return undefined;
  return rows.sort((i, j) => values[i]! - values[j]!);
}

/** Whether b goes one way wherever a does, and stays where a stays. */
function isRising(rows: Uint32Array, a: ArrayLike<number>, b: ArrayLike<number>, sign: number): boolean {
  for (let k = 1; k < rows.length; k++) {
    const [i, j] = [rows[k - 1]!, rows[k]!];
    if (Math.sign(b[j]! - b[i]!) !== sign * Math.sign(a[j]! - a[i]!)) return false;
  }
  return true;
}

/** Why there is no number, in words. */
export const SAME: Record<Sameness, string> = {
  equal: "The same column twice: each gives the other away to the last digit, and MI has no finite value.",
  monotone: "One column is the other one on another scale: each gives the other away, and MI has no finite value.",
};
export const SAME_BRIEFLY: Record<Sameness, string> = {
  equal: "same column twice",
  monotone: "same on another scale",
};
