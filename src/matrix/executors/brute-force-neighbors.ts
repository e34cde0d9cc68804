/** Columns of several coordinates, or of rows that depend on each other, by nearest neighbours from one table. */

import { sideBySide } from "../../data/transform.ts";
import type { NeighborMethod } from "../../estimators/neighbors.ts";
import { replicasAtOnce } from "../../neighbors/brute-force.ts";
import { type OfParts, valuesOfParts } from "../../neighbors/independent-parts.ts";
import { atLeast, neighborsBatchGiven } from "../../neighbors/local-values.ts";
import type { TableSource } from "../../sources/table.ts";
import type { MatrixPlan, PlannedPair } from "../plan.ts";
import { type Executor, type Found, MOST_ROWS, madeInTurns, type Replica, type Task, widthOf } from "./executor.ts";

/** For pairs of its estimator, as wide as this one; with a condition given Z, whose columns stand in both spaces. */
export function bruteForceNeighbors(task: Task, pair: PlannedPair): Executor {
  const { gpu, plan } = task;
  const given = plan.condition.reduce((sum, { coordinates }) => sum + coordinates.length, 0);
  const width = widthOf(plan, pair.x) + widthOf(plan, pair.y) + 2 * given;
  const { units } = plan;
  const options = { method: pair.estimator as NeighborMethod, k: plan.settings.k };
  return {
    together: Math.min(replicasAtOnce(gpu, plan.rows, width), Math.ceil(MOST_ROWS / plan.rows)),
    async estimate(replicas, onProgress) {
      const table = tableOf(plan, replicas);
      if (units) return ofUnits(table, (one) => valuesOfParts(gpu, one, options, given, units), onProgress);
      return neighborsBatchGiven(gpu, { ...table, pairs: await pairsOf(task, replicas) }, options, given);
    },
  };
}

/** One replica of rows that depend on each other after the other: neighbours are looked for among rows that do not. */
async function ofUnits(
  table: TableSource,
  valuesOf: (one: TableSource) => Promise<OfParts>,
  onProgress: (share: number) => void,
): Promise<Found> {
  const found = { mi: [] as number[], standardError: [] as number[] };
  for (const [r, picks] of table.picks.entries()) {
    const { raw, standardError } = await valuesOf({ ...table, picks: [picks] });
    found.mi.push(raw);
    found.standardError.push(atLeast(standardError, table.rows));
    onProgress((r + 1) / table.picks.length);
  }
  return found;
}

/** A table of only the columns that the replicas need, without pairs of rows. */
function tableOf({ columns, condition, rows }: MatrixPlan, replicas: readonly Replica[]): TableSource {
  const coordinatesOf = (column: number) => columns[column]!.coordinates;
  const used = [...new Set(replicas.flatMap(({ pair }) => [pair.x, pair.y]))];
  const list: Float32Array[] = [];
  const starts = new Map(used.map((c) => [c, list.push(...coordinatesOf(c)) - coordinatesOf(c).length]));
  const ofZ = condition.flatMap(({ coordinates }) => coordinates.map((values) => list.push(values) - 1));
  const placesOf = (c: number) => coordinatesOf(c).map((_, i) => starts.get(c)! + i);
  const { x, y } = replicas[0]!.pair;
  return {
    kind: "table",
    ...{ xWidth: coordinatesOf(x).length + ofZ.length, yWidth: coordinatesOf(y).length + ofZ.length },
    ...sideBySide(list, rows),
    rows,
    picks: replicas.map(({ pair }) => [...placesOf(pair.x), ...ofZ, ...placesOf(pair.y), ...ofZ]),
    pairs: [],
  };
}

/** Which rows of x and y go together in each replica. */
const pairsOf = ({ gpu, plan: { rows }, order }: Task, replicas: readonly Replica[]): Promise<Uint32Array[]> =>
  madeInTurns(gpu, replicas, 8 * rows, ({ pair, permutation }) => {
    const [left, right] = [order(pair.x, permutation), order(pair.y, permutation)];
    const rowsOfPairs = new Uint32Array(2 * rows);
    for (let i = 0; i < rows; i++) {
      rowsOfPairs[2 * i] = left[i]!;
      rowsOfPairs[2 * i + 1] = right[i]!;
    }
    return rowsOfPairs;
  });
