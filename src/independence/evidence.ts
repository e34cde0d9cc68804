/** How much speaks against independence: many statistics, each of which sees another kind of dependence, as one number. */

import { logSurvival } from "../math/special.ts";
import { designEffects } from "./design.ts";
import { type Features, SIZES } from "./features.ts";

/** About standard normal under independence, and large where columns depend. */
export interface Statistic {
  z: number;
  /** How much it counts. */
  weight: number;
}

/**
 * A sum of λ (rows − 1) r² / design effect (design.ts) over features of x and of y: by chance about a multiple of χ² (Satterthwaite
 * 1946), of χ² itself where all λ are 1.
 */
export interface Form {
  square: number;
  /** Σ λ, what the square is by chance. */
  expected: number;
  /** Σ λ², half of how it scatters. */
  scatter: number;
  weight: number;
}

/**
 * The forms of two columns, in the same order for any two. The first looks at all features, at coarse ones most: λ = 1 / (a b)²
 * of the a-th of x with the b-th of y, and sees lines and steps nearly as Pearson's r does. It has half the weight. The others
 * take so many features of x with so many of y alike, and the finest of them see waves.
 *
 * @param products (Fx, Fy), sums over `rows` rows, of one replica
 * @param effects of x with y, where they are known
 */
export function formsOf(
  products: Float32Array,
  x: Features,
  y: Features,
  rows: number,
  effects = designEffects(x, y),
): Form[] {
  const squares = new Float64Array(x.count * y.count);
  for (let a = 0; a < x.count; a++) {
    for (let b = 0; b < y.count; b++) {
      const r = products[4 * a * y.fours + b]! / rows;
      squares[a * y.count + b] = ((rows - 1) * r ** 2) / (effects?.[a * y.count + b] ?? 1);
    }
  }
  const sumOf = (countX: number, countY: number, weight: number, share: (a: number, b: number) => number) => {
    const form = { square: 0, expected: 0, scatter: 0, weight };
    for (let a = 0; a < countX; a++) {
      for (let b = 0; b < countY; b++) {
        const own = share(a, b);
        form.square += own * squares[a * y.count + b]!;
        form.expected += own;
        form.scatter += own * own;
      }
    }
    return form;
  };
  const coarse = sumOf(x.count, y.count, 1, (a, b) => (shareOf(x, a) * shareOf(y, b)) ** 2);
  return [coarse, ...GROUPS.map(({ a, b, weight }) => sumOf(sizeAt(x, a), sizeAt(y, b), weight, () => 1))];
}

/** The features that are taken together, coarse ones with more weight than fine ones, and all groups with a weight of 1. */
const GROUPS = (() => {
  const all = SIZES.flatMap((a) => SIZES.map((b) => ({ a, b, weight: 1 / (a * b) })));
  const whole = all.reduce((sum, { weight }) => sum + weight, 0);
  return all.map((group) => ({ ...group, weight: group.weight / whole }));
})();

/** The levels of a category are all as coarse. */
const shareOf = ({ isCategory }: Features, feature: number): number => (isCategory ? 1 : 1 / (1 + feature));

/** The largest size of a column's features that is not above the one asked for; a category has one. */
const sizeAt = ({ sizes }: Features, most: number): number => sizes.findLast((size) => size <= most) ?? sizes[0]!;

/** Each form as a statistic. */
export const standings = (forms: readonly Form[]): Statistic[] =>
  forms.map(({ square, expected, scatter, weight }) => {
    const freedom = expected ** 2 / scatter;
    return { z: standing((square * freedom) / expected, freedom), weight };
  });

/** Brings χ² of some degrees of freedom to a standard normal (Wilson and Hilferty 1931). */
const standing = (square: number, freedom: number): number =>
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
const NEIGHBORS = 1 / 24;

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
export const reaches = (permuted: number, observed: number): boolean => permuted >= leastReaching(observed);

/** The least evidence that says as much as the data. */
export const leastReaching = (observed: number): number => observed - EQUAL * (1 + Math.abs(observed));
