/** What the executors of a matrix are given and give back. */
import type { PlannedPair } from "./plan.ts";

export interface Replica {
  pair: PlannedPair;
  permutation: number;
}
export type Found = { mi: ArrayLike<number>; standardError: ArrayLike<number> };
export type Order = (column: number, permutation: number) => Uint32Array;
