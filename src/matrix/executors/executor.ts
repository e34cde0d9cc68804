/** How pairs of columns, in the data and in permutations of them, become values. */

import type { EstimateOptions } from "../../estimate/options.ts";
import type { Gpu } from "../../gpu/device.ts";
import type { Order } from "../permutations.ts";
import type { MatrixPlan, PlannedPair } from "../plan.ts";

/** A pair in the data, number 0, or in one of its permutations. */
export interface Replica {
  pair: PlannedPair;
  permutation: number;
}

/** Of each replica, nats. */
export interface Found {
  mi: ArrayLike<number>;
  standardError: ArrayLike<number>;
}

/** What all executors of a plan are made with. */
export interface Task {
  gpu: Gpu;
  plan: MatrixPlan;
  order: Order;
  /** Options of `estimate` for a trained estimator. */
  training: EstimateOptions;
}

/** Estimates pairs of one estimator, equally wide in x and in y. A value does not depend on which replicas go together. */
export interface Executor {
  /** Replicas that go together at most: a tenth of a second by neighbours, seconds by critics. */
  readonly together: number;
  /** @param onProgress takes the share of the replicas' work that is done */
  estimate(replicas: readonly Replica[], onProgress: (share: number) => void): Promise<Found>;
}

/** Columns of distances that a column of the table is worth. */
export const widthOf = ({ columns }: MatrixPlan, column: number): number => columns[column]!.coordinates.length;

/** Rows of all replicas that go together by neighbours: the host shuffles them in about a tenth of a second. */
export const MOST_ROWS = 2 ** 22;

/** Words that the host may write before others have a turn: a few milliseconds' work. */
const WORDS_A_TURN = 2 ** 20;

/** Makes something for each replica, `words` of it, with a turn for others in between. */
export async function madeInTurns<T>(
  gpu: Gpu,
  replicas: readonly Replica[],
  words: number,
  make: (replica: Replica) => T,
): Promise<T[]> {
  const made: T[] = [];
  const atOnce = Math.max(1, Math.floor(WORDS_A_TURN / words));
  for (const replica of replicas) {
    if (made.length > 0 && made.length % atOnce === 0) await gpu.turn();
    made.push(make(replica));
  }
  return made;
}
