/** Pearson's correlation of the columns of a plan. */

import { remembered } from "./permutations.ts";
import type { MatrixPlan } from "./plan.ts";

/** Correlates columns by number; NaN where one of the two is a category. */
export function correlationsOf({ columns, rows }: MatrixPlan): (x: number, y: number) => number {
  const scoresOf = remembered(2 * rows, (column: number) => scores(columns[column]!.values));
  return (x, y) => (columns[x]!.category || columns[y]!.category ? Number.NaN : pearson(scoresOf(x), scoresOf(y)));
}

function pearson(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, sum / a.length));
}

/** Standardised, in a way that overflows for no finite values. */
function scores(values: Float64Array): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scaled = values.map((value) => value / largest);
  const center = scaled.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(scaled.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
  return scaled.map((value) => (value - center) / spread);
}
