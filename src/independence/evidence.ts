/** How much speaks against independence: many statistics, each of which sees another kind of dependence, as one number. */

import { logSurvival } from "../math/special.ts";
import type { Features } from "./features.ts";

/**
 * Statistics of two columns, each about standard normal under independence and large where they depend: for each size of
 * features of x with each of y how large the sum of squared correlations is. The coarsest alone is what Pearson's r of normal
 * scores sees; the finest see waves.
 *
 * @param products (Fx, Fy), sums over `rows` rows, of one replica
 */
export function standings(products: Float32Array, x: Features, y: Features, rows: number): number[] {
  const square = squaresOf(products, x, y, rows);
  return x.sizes.flatMap((a) => y.sizes.map((b) => standing(square(a, b), a * b)));
}

/** Σ (rows − 1) r² over the first `a` features of x and the first `b` of y: about χ² of a b degrees of freedom by chance. */
export function squaresOf(
  products: Float32Array,
  x: Features,
  y: Features,
  rows: number,
): (a: number, b: number) => number {
  const [stride, width] = [4 * y.fours, 1 + y.count];
  const sums = new Float64Array((1 + x.count) * width);
  for (let a = 1; a <= x.count; a++) {
    let along = 0;
    for (let b = 1; b <= y.count; b++) {
      along += (products[(a - 1) * stride + b - 1]! / rows) ** 2 * (rows - 1);
      sums[a * width + b] = sums[(a - 1) * width + b]! + along;
    }
  }
  return (a, b) => sums[a * width + b]!;
}

/** Brings χ² of some degrees of freedom to a standard normal (Wilson and Hilferty 1931). */
export const standing = (square: number, freedom: number): number =>
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
