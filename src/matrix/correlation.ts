/** Pearson's correlation of the columns of a plan. */

import { correlation, standardScores } from "../math/statistics.ts";
import { remembered } from "./permutations.ts";
import type { MatrixPlan } from "./plan.ts";

/** Correlates columns by number; NaN where one of the two is a category. */
export function correlationsOf({ columns, rows }: MatrixPlan): (x: number, y: number) => number {
  const scoresOf = remembered(2 * rows, (column: number) => standardScores(columns[column]!.values));
  return (x, y) => (columns[x]!.category || columns[y]!.category ? Number.NaN : correlation(scoresOf(x), scoresOf(y)));
}
