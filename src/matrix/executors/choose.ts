/** Which executor a pair of columns has. */

import type { NeighborMethod } from "../../estimators/neighbors.ts";
import { isPlane } from "../../neighbors/local-values.ts";
import { isTrained, type PlannedPair } from "../plan.ts";
import { bruteForceNeighbors } from "./brute-force-neighbors.ts";
import { type Executor, type Task, widthOf } from "./executor.ts";
import { sortedNeighbors } from "./sorted-neighbors.ts";
import { isAlone, trainedAlone } from "./trained-alone.ts";
import { trainedTogether } from "./trained-together.ts";

/** The executor of a pair, and of all pairs that are as wide and have its estimator. */
export function executorOf(task: Task, pair: PlannedPair): Executor {
  const { plan } = task;
  if (isTrained(pair.estimator)) {
    return isAlone(pair.estimator, plan) ? trainedAlone(task) : trainedTogether(task, pair);
  }
  const widths = [widthOf(plan, pair.x), widthOf(plan, pair.y)] as const;
  const inPlane =
    plan.condition.length === 0 && plan.units === undefined && isPlane(pair.estimator as NeighborMethod, "max", widths);
  return inPlane ? sortedNeighbors(task, pair.estimator as NeighborMethod) : bruteForceNeighbors(task, pair);
}
