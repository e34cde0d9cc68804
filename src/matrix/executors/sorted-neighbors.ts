/** Two columns of one coordinate each by nearest neighbours, which are found in the order of x. */

import type { NeighborMethod } from "../../estimators/neighbors.ts";
import { sortedBatch } from "../../neighbors/local-values.ts";
import { type SortedReplica, sortedAtOnce } from "../../neighbors/sorted.ts";
import { remembered } from "../permutations.ts";
import { type Executor, MOST_ROWS, madeInTurns, type Replica, type Task } from "./executor.ts";

/**
 * For pairs of one coordinate a side.
 *
 * @param coordinates of a column; default those of the plan
 */
export function sortedNeighbors(
  task: Task,
  method: NeighborMethod,
  coordinates = (column: number) => task.plan.columns[column]!.coordinates[0]!,
): Executor {
  const { gpu, plan } = task;
  const { k } = plan.settings;
  const sorted = sortedReplicas(task, coordinates);
  return {
    together: Math.min(sortedAtOnce(gpu, plan.rows, k), Math.ceil(MOST_ROWS / plan.rows)),
    estimate: async (replicas) => {
      const made = await madeInTurns(gpu, replicas, 8 * plan.rows, sorted);
      return sortedBatch(gpu, made, method, k);
    },
  };
}

/** Makes replicas for {@link sortedBatch}; what a column brings is made once for all of its pairs. */
function sortedReplicas(
  { plan: { rows }, order }: Task,
  coordinatesOf: (column: number) => Float32Array,
): (replica: Replica) => SortedReplica {
  const inOrder = remembered(rows, (column: number) => {
    const values = coordinatesOf(column);
    const places = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
    return { sorted: Float32Array.from(places, (row) => values[row]!), places };
  });
  // By row of the permuted table: its values, and at which row each place of the sorted column is.
  const permuted = remembered(2 * rows, (column: number, permutation: number) => {
    const at = order(column, permutation);
    const { places } = inOrder(column);
    const coordinates = coordinatesOf(column);
    const back = new Uint32Array(rows);
    const made = { values: new Float32Array(rows), rows: new Uint32Array(rows) };
    for (let i = 0; i < rows; i++) {
      back[at[i]!] = i;
      made.values[i] = coordinates[at[i]!]!;
    }
    for (let i = 0; i < rows; i++) made.rows[i] = back[places[i]!]!;
    return made;
  });
  return ({ pair, permutation }) => {
    const { rows: xs } = permuted(pair.x, permutation);
    const { values } = permuted(pair.y, permutation);
    const beside = new Float32Array(rows);
    for (let i = 0; i < rows; i++) beside[i] = values[xs[i]!]!;
    return { x: inOrder(pair.x).sorted, y: inOrder(pair.y).sorted, beside };
  };
}
