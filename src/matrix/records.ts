/** What is kept of finished pairs: enough to go on later, and to join what several machines found. */

import type { Largest } from "./permutations.ts";
import type { PoolRecord } from "./pool.ts";

/** What is known of one finished pair. Values in nats. */
export interface PairRecord {
  /** Index of the column, as in the plan. */
  x: number;
  y: number;
  /** Rows that it was found in. */
  rows: number;
  estimator: string;
  /** The estimate itself; noise can take it below 0. Infinity for two equal continuous columns. */
  raw: number;
  standardError: number;
  /** Pearson's correlation of the values; NaN where one of them is a category. */
  pearson: number;
  /** The smaller entropy of two categories, nats; absent where one of them holds numbers. */
  leastEntropy?: number;
  /** What speaks against independence (independence/evidence.ts); Infinity for two equal continuous columns. */
  evidence: number;
  /** Permutations in which as much speaks against it, of how many. */
  exceed: number;
  permutations: number;
  /** Whether its evidence under independence is distributed as that of the pool of its rows (matrix/pool.ts). */
  pooled?: true;
}

/**
 * Finished pairs, and for each permutation the largest evidence among them: all that p-values over any set of pairs need. After
 * a first look the largest come by themselves, in chunks without pairs. A pair that was tested by more permutations later
 * comes again.
 */
export interface MatrixChunk {
  pairs: PairRecord[];
  largest: Largest;
  /** The evidences of its pooled pairs in all permutations that every pair has; absent where it has none. */
  pool?: PoolRecord;
}

/** Names a pair among those of its plan. */
export const pairKey = ({ x, y }: { x: number; y: number }): string => `${x} ${y}`;

/** Each pair once, as it was found by the most permutations. */
export function joinedRecords(chunks: readonly MatrixChunk[]): PairRecord[] {
  const records = new Map<string, PairRecord>();
  for (const { pairs } of chunks) {
    for (const record of pairs) {
      const known = records.get(pairKey(record));
      if (!known || known.permutations <= record.permutations) records.set(pairKey(record), record);
    }
  }
  return [...records.values()];
}
