/** How much speaks against independence: many statistics, each of which sees another kind of dependence, as one number. */

import { logSurvival } from "../math/special.ts";
import type { Features } from "./features.ts";

/** About standard normal under independence, and large where columns depend. */
export interface Statistic {
  z: number;
  /** How much it counts. */
  weight: number;
}

/**
 * Statistics of two columns: for each size of features of x with each of y how large the sum of squared correlations is. The
 * coarsest alone is what Pearson's r of normal scores sees; the finest see waves.
 *
 * @param products (Fx, Fy), sums over `rows` rows, of one replica
 */
export function standings(products: Float32Array, x: Features, y: Features, rows: number): Statistic[] {
  const square = squaresOf(products, x, y, rows);
  return x.sizes.flatMap((a) => y.sizes.map((b) => ({ z: standing(square(a, b), a * b), weight: weightOf(a, b) })));
}

/** Coarse features count more than fine ones, for most dependence is coarse: r = .2 in 400 rows is then seen as often as by Pearson. */
export const weightOf = (a: number, b: number): number => 1 / Math.sqrt(a * b);

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
 * The logarithm of the weighted mean of 1/p over some statistics, as if each were standard normal: the harmonic mean of p-values
 * (Wilson 2019, doi:10.1073/pnas.1814092116). One that is large speaks for all, and some that are fairly large add up. What
 * it would be by chance is asked of permutations, so neither the statistics' dependence nor their exact shape matters.
 */
export const evidenceOf = (statistics: readonly Statistic[]): number =>
  logMean(
    statistics.map(({ z }) => -logSurvival(z)),
    statistics.map(({ weight }) => weight),
  );

/** How much neighbours count beside all features. */
const NEIGHBORS = 1 / 12;

/** Adds what nearest neighbours say, in standard errors: they see what is finer than waves, or in several columns only. */
export const withNeighbors = (evidence: number, z: number): number =>
  logMean([evidence, -logSurvival(z)], [1 - NEIGHBORS, NEIGHBORS]);

/** The logarithm of the weighted mean of some numbers, from their logarithms. */
export function logMean(logs: readonly number[], weights: readonly number[] = logs.map(() => 1)): number {
  const top = Math.max(...logs);
  let [sum, whole] = [0, 0];
  for (const [i, log] of logs.entries()) {
    sum += weights[i]! * Math.exp(log - top);
    whole += weights[i]!;
  }
  return top + Math.log(sum / whole);
}

/** Sums of equal terms in another order differ in their last bits, and so do evidences of tables that are alike. */
const EQUAL = 1e-4;

/** Whether a permutation says as much as the data; what is the same but for rounding does. */
export const reaches = (permuted: number, observed: number): boolean =>
  permuted >= observed - EQUAL * (1 + Math.abs(observed));
