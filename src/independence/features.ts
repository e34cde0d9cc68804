/** What a test of independence sees of a column: a few features of each row. */

import type { Column } from "../data/columns.ts";
import { normalQuantile } from "../math/special.ts";
import { occurrencesOf, ranksOf } from "../math/statistics.ts";

/** Features of every row of one column: of mean 0 and variance 1, and uncorrelated with each other. */
export interface Features {
  /** (B, 4 fours), with zeros after the last feature. */
  values: Float32Array;
  /** Vectors of four that a row takes. */
  fours: number;
  count: number;
  /** Features of a category have no order. */
  isCategory: boolean;
  /** The first so many features are looked at together: the coarsest alone, then finer and finer ones. */
  sizes: number[];
  /** Of rows that depend on each other, how alike they are in each feature (design.ts). */
  likeness?: Float64Array[];
}

/** Features of a column of numbers at most: its waves are then of up to 4 periods. */
const WAVES = 8;

/** How many waves are looked at together. */
export const SIZES = [1, 2, 4, WAVES];

/** Levels of a category that have a feature of their own at most; the rarer ones are taken together. */
const LEVELS = 16;

/** A feature that the others before it make up but for so little variance is none of its own. */
const OWN = 1e-9;

/**
 * The features of a column: of numbers the normal scores of its ranks, then waves along the ranks, cos πjr for j from 2 on, each
 * less what the features before it say; of a category one for each level but one. They depend on ranks alone, so no map of a
 * column changes them.
 */
export function featuresOf({ kind, values }: Pick<Column, "kind" | "values">): Features {
  return kind === "category" ? packed(levels(values), [], true) : packed(waves(values), [], false);
}

/**
 * Candidates as features: each less its mean and what `others` and those before it say.
 *
 * @param others of mean 0, variance 1, and uncorrelated
 */
export function packed(
  candidates: Iterable<Float64Array>,
  others: readonly Float64Array[],
  isCategory: boolean,
): Features {
  const own: Float64Array[] = [];
  let rows = 0;
  for (const candidate of candidates) {
    rows = candidate.length;
    const feature = orthonormal(candidate, [...others, ...own]);
    if (feature) own.push(feature);
  }
  const count = own.length;
  const fours = Math.max(1, Math.ceil(count / 4));
  const values = new Float32Array(4 * fours * rows);
  for (const [j, feature] of own.entries()) for (let i = 0; i < rows; i++) values[4 * fours * i + j] = feature[i]!;
  const sizes = isCategory ? [] : SIZES.filter((size) => size < count);
  return { values, fours, count, isCategory, sizes: [...sizes, count] };
}

/** The features of a column, each by itself. */
export function unpacked({ values, fours, count }: Features): Float64Array[] {
  const rows = values.length / (4 * fours);
  return Array.from({ length: count }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => values[4 * fours * i + j]!),
  );
}

/** Candidates for the features of numbers, functions of their mean ranks. */
function* waves(values: Float64Array): Generator<Float64Array> {
  const ranks = ranksOf(values).map((rank) => rank / values.length);
  yield ranks.map(normalQuantile);
  for (let j = 2; j <= WAVES; j++) yield ranks.map((rank) => Math.cos(Math.PI * j * rank));
}

/** Candidates for the features of a category: whether a row has a level, of all but the commonest. */
function* levels(values: Float64Array): Generator<Float64Array> {
  const common = [...occurrencesOf(values)].sort(([a, n], [b, m]) => m - n || a - b);
  for (const [level] of common.slice(1, LEVELS)) yield values.map((value) => Number(value === level));
}

/** The candidate less its mean and less what the others say, of variance 1; undefined where nothing of its own is left. */
function orthonormal(candidate: Float64Array, others: readonly Float64Array[]): Float64Array | undefined {
  const rows = candidate.length;
  const average = (a: Float64Array, b?: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += b ? a[i]! * b[i]! : a[i]!;
    return sum / rows;
  };
  const center = average(candidate);
  const feature = candidate.map((value) => value - center);
  // Twice, for what rounding leaves of the first time.
  for (const other of [...others, ...others]) {
    const share = average(feature, other);
    for (let i = 0; i < rows; i++) feature[i]! -= share * other[i]!;
  }
  const left = average(feature, feature);
  if (!(left > OWN)) return undefined;
  const scale = 1 / Math.sqrt(left);
  return feature.map((value) => scale * value);
}
