/** What else is said of two columns of a plan: Pearson's correlation, and the entropy of categories. */

import { entropyOf } from "../math/scale.ts";
import { correlation, standardScores } from "../math/statistics.ts";
import { remembered } from "./permutations.ts";
import type { MatrixPlan } from "./plan.ts";

/** Correlates columns by number; NaN where one of the two is a category. */
export function correlationsOf({ columns, rows }: MatrixPlan): (x: number, y: number) => number {
  const scoresOf = remembered(2 * rows, (column: number) => standardScores(columns[column]!.values));
  return (x, y) => (columns[x]!.category || columns[y]!.category ? Number.NaN : correlation(scoresOf(x), scoresOf(y)));
}

/** The smaller entropy of two categories by number, nats; undefined where one of the two holds numbers, and given Z. */
export function entropiesOf({ columns, condition }: MatrixPlan): (x: number, y: number) => number | undefined {
  const of = remembered(1, (column: number) => entropyOf(columns[column]!.values));
  if (condition.length > 0) return () => undefined;
  return (x, y) => (columns[x]!.discrete && columns[y]!.discrete ? Math.min(of(x), of(y)) : undefined);
}
