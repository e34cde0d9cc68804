/** What is kept of finished pairs: enough to go on later, and to join what several machines found. */

import type { Largest } from "./permutations.ts";

/** What is known of one finished pair. Values in nats. */
export interface PairRecord {
  /** Index of the column, as in the plan. */
  x: number;
  y: number;
  estimator: string;
  /** The estimate itself; noise can take it below 0. Infinity for two equal continuous columns. */
  raw: number;
  standardError: number;
  /** Pearson's correlation of the values; NaN where one of them is a category. */
  pearson: number;
  /** Permutations whose MI is at least that of the data. */
  exceed: number;
}

/**
 * Finished pairs, and for each permutation the largest MI among them: all that p-values over any set of pairs need. After a
 * first look the largest MI come by themselves, in chunks without pairs.
 */
export interface MatrixChunk {
  pairs: PairRecord[];
  largest: Largest;
}

/** Names a pair among those of its plan. */
export const pairKey = ({ x, y }: { x: number; y: number }): string => `${x} ${y}`;

/** Float64 sums of equal terms in another order differ in the last bits; they count as equal. */
const EQUAL = 1e-9;

/** Whether a permutation's MI is at least that of the data. */
export const reaches = (permuted: number, observed: number): boolean =>
  observed < Number.POSITIVE_INFINITY && permuted >= observed - EQUAL * (1 + Math.abs(observed));
