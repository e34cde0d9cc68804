/** How much speaks against independence: many statistics, each of which sees another kind of dependence, as one number. */

import { logSurvival } from "../math/special.ts";
import type { Features } from "./features.ts";

/**
 * Statistics of two columns, each about standard normal under independence and large where they depend. For each size of
 * features of x with each of y: the sum of squared correlations, which is about χ², brought to a normal by its cube root
 * (Wilson and Hilferty 1931). The coarsest alone is what Pearson's r of normal scores sees; the finest see waves.
 *
 * @param products (Fx, Fy), sums over `rows` rows, of one replica
 */
export function standings(products: Float32Array, x: Features, y: Features, rows: number): number[] {
  const width = 4 * y.fours;
  // Σ over the features up to here in x and in y, of (rows − 1) r².
  const sums = new Float64Array((x.sizes.at(-1)! + 1) * (width + 1));
  for (let a = 1; a <= x.sizes.at(-1)!; a++) {
    let along = 0;
    for (let b = 1; b <= y.sizes.at(-1)!; b++) {
      along += (products[(a - 1) * width + b - 1]! / rows) ** 2 * (rows - 1);
      sums[a * (width + 1) + b] = sums[(a - 1) * (width + 1) + b]! + along;
    }
  }
  return x.sizes.flatMap((a) => y.sizes.map((b) => normalOf(sums[a * (width + 1) + b]!, a * b)));
}

/** Brings χ² of some degrees of freedom to a standard normal (Wilson and Hilferty 1931). */
const normalOf = (square: number, freedom: number): number =>
  (Math.cbrt(square / freedom) - 1 + 2 / (9 * freedom)) * Math.sqrt(4.5 * freedom);

/**
 * The logarithm of the mean of 1/p over some statistics, as if each were standard normal: the harmonic mean of p-values
 * (Wilson 2019, doi:10.1073/pnas.1814092116). One that is large speaks for all, and some that are fairly large add up. What
 * it would be by chance is asked of permutations, so neither the statistics' dependence nor their exact shape matters.
 */
export function evidenceOf(statistics: readonly number[]): number {
  const logs = statistics.map((z) => -logSurvival(z));
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}

/** Sums of equal terms in another order differ in their last bits, and so do evidences of tables that are alike. */
const EQUAL = 1e-4;

/** Whether a permutation says as much as the data; what is the same but for rounding does. */
export const reaches = (permuted: number, observed: number): boolean =>
  permuted >= observed - EQUAL * (1 + Math.abs(observed));
