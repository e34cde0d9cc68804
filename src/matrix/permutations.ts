/** Permutations of a table: their numbers, the orders of the rows in each, and the largest evidence found in each. */

import { permutedRows } from "../data/units.ts";
import { hashOf } from "../math/random.ts";
import { everyRow } from "../sources/table.ts";
import type { MatrixPlan } from "./plan.ts";

/** The data themselves, which a permutation's number 1 … `count` never is. */
export const DATA = 0;

/** The numbers of a table's permutations, from one on. */
export const numbersOf = (count: number, first = 1): number[] => Array.from({ length: count }, (_, i) => first + i);

/** The order of a column's rows in a permutation of the table. */
export type Order = (column: number, permutation: number) => Uint32Array;

/**
 * The orders of a plan. Every column has its own, so that a permuted table is a draw of one whose columns are all
 * independent, as far as its rows are ({@link permutedRows}). With a target only its rows are permuted, so that the others stay as dependent among themselves as they are.
 */
export function ordersOf({ columns, rows, target, settings, units }: MatrixPlan): Order {
  const identity = everyRow(rows);
  const shuffle = remembered(rows, (column, permutation) =>
    permutedRows(rows, units, hashOf([settings.seed, columns[column]!.id, permutation])),
  );
  return (column, permutation) =>
    permutation === DATA || (target !== undefined && column !== target) ? identity : shuffle(column, permutation);
}

/** Words that are kept of what is made once. */
const KEPT = 2 ** 25;

/** Remembers what `make` made of some numbers, `words` long each, until there is too much of it; with 0 words for good. */
export function remembered<N extends number[], T>(words: number, make: (...numbers: N) => T): (...numbers: N) => T {
  const known = new Map<string, T>();
  return (...numbers) => {
    const key = numbers.join(" ");
    let value = known.get(key);
    if (value === undefined) {
      if ((known.size + 1) * words > KEPT) known.clear();
      value = make(...numbers);
      known.set(key, value);
    }
    return value;
  };
}

/** The largest evidence of each permutation: of number p at place p − 1. -Infinity where none is known. */
export type Largest = number[];

/** Nothing known of `count` permutations. */
export const noneKnown = (count: number): Largest => new Array<number>(count).fill(Number.NEGATIVE_INFINITY);

/** Takes one more value of a permutation of the table. */
export function raise(largest: Largest, permutation: number, value: number): void {
  largest[permutation - 1] = Math.max(largest[permutation - 1]!, value);
}

/** The largest of several parts of the same matrix. */
export const largestOf = (parts: readonly { largest: Largest }[], count: number): Largest =>
  noneKnown(count).map((none, at) => parts.reduce((most, { largest }) => Math.max(most, largest[at]!), none));

/** The permutations of which some part knows the largest evidence. */
export const knownIn = (parts: readonly { largest: Largest }[]): Set<number> =>
  new Set(
    parts.flatMap(({ largest }) => numbersOf(largest.length).filter((p) => largest[p - 1]! > Number.NEGATIVE_INFINITY)),
  );
