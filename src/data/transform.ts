/** Bijections of columns, which leave MI as it is, and the table that critics train on. */

import { InputError } from "../errors.ts";
import { normalQuantile } from "../math/special.ts";
import { isDiscrete } from "./kinds.ts";

/** A map of one column that is one-to-one on its values, so that it leaves mutual information unchanged. */
export type Transform =
  | { kind: "identity" }
  | { kind: "standardize"; mean: number; scale: number }
  /** `knots` are the distinct values, ascending; `scores` their normal scores; `reason` says why it was chosen. */
  | { kind: "normal-scores"; knots: Float64Array; scores: Float64Array; reason: string }
  /** asinh((x − center) / scale): linear near the centre, logarithmic in the tails; `reason` says why it was chosen. */
  | { kind: "asinh"; center: number; scale: number; reason: string }
  | { kind: "one-hot"; levels: Float64Array };

/** What {@link fitTransform} may be asked for. */
export interface TransformOptions {
  kind?: "auto" | Exclude<Transform["kind"], "asinh"> | undefined;
  /** The values are codes of a category. */
  category?: boolean | undefined;
}

const MAX_SKEWNESS = 1;
const MAX_EXCESS_KURTOSIS = 2;
const MAX_Z = 6;

/**
 * Fits the map of one column, all values finite. MI does not change under any injective map of X or of Y alone; the
 * map only decides how easily a critic learns. "auto" chooses:
 * - one-hot for a category, and for numbers of so few values that they are taken for one (kinds.ts);
 * - normal scores by rank when |skewness| > 1, excess kurtosis > 2, or a value is over 6 standard deviations out
 *   (a normal sample of 20 000 rows exceeds none of the three, an exponential, Laplace or t(5) sample the first or second);
 * - else the mean is taken off and the standard deviation divided out.
 */
export function fitTransform(values: Float64Array, options: TransformOptions = {}): Transform {
  refuseNonFinite(values);
  const kind = options.kind ?? "auto";
  if (values.length === 0) throw new InputError("a column without rows cannot be transformed. Give at least one value");
  if (kind === "identity") return { kind };
  const sorted = values.slice().sort();
  if (kind === "one-hot" || (kind === "auto" && (options.category || isDiscrete({ kind: "numeric", values })))) {
    return { kind: "one-hot", levels: distinct(sorted) };
  }
  if (kind === "normal-scores") return { kind, ...normalScores(sorted), reason: "as asked" };
  const { mean, scale, skewness, kurtosis, maxZ } = moments(sorted);
  const reason = kind === "standardize" ? undefined : describeShape(skewness, kurtosis, maxZ);
  if (reason === undefined) return { kind: "standardize", mean, scale };
  return { kind: "normal-scores", ...normalScores(sorted), reason };
}

/** The different ones of sorted values. */
function distinct(sorted: Float64Array): Float64Array {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) count++;
  const levels = new Float64Array(count);
  count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) levels[count++] = sorted[i]!;
  return levels;
}

/**
 * Maps values to one float32 column, or to one 0/1 column per level. Normal scores of values that the fit did not see
 * lie on the line between the two nearest knots; beyond the outermost knots they stay at the outermost scores.
 */
export function applyTransform(transform: Transform, values: Float64Array): Float32Array[] {
  refuseNonFinite(values);
  switch (transform.kind) {
    case "identity":
      return [new Float32Array(values)];
    case "standardize": {
      const { mean, scale } = transform;
      return [mapped(values, (value) => unitsApart(value, mean, scale))];
    }
    case "normal-scores": {
      const { knots, scores } = transform;
      return [mapped(values, (value) => interpolate(knots, scores, value))];
    }
    case "asinh": {
      const { center, scale } = transform;
      return [mapped(values, (value) => Math.asinh(unitsApart(value, center, scale)))];
    }
    case "one-hot":
      return oneHot(transform.levels, values);
  }
}

/** (a − b) / unit, where a − b may be more than there is of numbers. */
export function unitsApart(a: number, b: number, unit: number): number {
  const apart = a - b;
  return Number.isFinite(apart) ? apart / unit : a / unit - b / unit;
}

function mapped(values: Float64Array, map: (value: number) => number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = map(values[i]!);
  return result;
}

/** Share of the different values that must still be different in single precision. */
const LEAST_KEPT = 0.9;

/** Why a map that was asked for cannot be used: it is one-to-one on these numbers, and single precision is not. */
export function lossProblem(transform: Transform, values: Float64Array): string | undefined {
  if (transform.kind !== "identity" && transform.kind !== "standardize") return undefined;
  const before = new Set(values).size;
  const after = new Set(applyTransform(transform, values)[0]!.filter(Number.isFinite)).size;
  if (after >= LEAST_KEPT * before) return undefined;
  return `as transform "${transform.kind}" has it, single precision keeps ${after} of its ${before} different values. Leave the transform out: numbers are then brought to scale, or to ranks`;
}

/** How many columns {@link applyTransform} returns. */
export function transformWidth(transform: Transform): number {
  return transform.kind === "one-hot" ? transform.levels.length : 1;
}

/** A few words for a report, such as "normal scores by rank (heavy tails: excess kurtosis 31)". */
export function describeTransform(transform: Transform): string {
  switch (transform.kind) {
    case "identity":
      return "as given";
    case "standardize":
      return `standardized (mean ${short(transform.mean)}, standard deviation ${short(transform.scale)})`;
    case "normal-scores":
      return `normal scores by rank${transform.reason && ` (${transform.reason})`}`;
    case "asinh":
      return `asinh of robust units (${transform.reason})`;
    case "one-hot":
      return `one-hot (${transform.levels.length} levels)`;
  }
}

function refuseNonFinite(values: Float64Array): void {
  const i = values.findIndex((value) => !Number.isFinite(value));
  if (i >= 0) throw new InputError(`row ${i + 1} is ${values[i]}. Leave rows without a finite value out first`);
}

function moments(sorted: Float64Array) {
  const rows = sorted.length;
  const center = sorted[rows >>> 1]!;
  const largest = Math.max(Math.abs(sorted[0]!), Math.abs(sorted[rows - 1]!));
  // A power of two, so that dividing is exact and no square or sum overflows.
  const unit = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
  const offset = (i: number) => sorted[i]! / unit - center / unit;
  const average = (power: number, from: number) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += (offset(i) - from) ** power;
    return sum / rows;
  };
  const shift = average(1, 0);
  const mean = center + shift * unit;
  const deviation = Math.sqrt(average(2, shift));
  if (deviation === 0) return { mean, scale: 1, skewness: 0, kurtosis: 0, maxZ: 0 };
  return {
    mean,
    // Of the smallest numbers that there are it would be rounded to 0.
    scale: Math.max(deviation * unit, Number.MIN_VALUE),
    skewness: average(3, shift) / deviation ** 3,
    kurtosis: average(4, shift) / deviation ** 4 - 3,
    maxZ: Math.max(shift - offset(0), offset(rows - 1) - shift) / deviation,
  };
}

function describeShape(skewness: number, kurtosis: number, maxZ: number): string | undefined {
  const skewed = Math.abs(skewness) > MAX_SKEWNESS;
  const heavy = kurtosis > MAX_EXCESS_KURTOSIS;
  if (skewed && heavy) return `skewed, heavy tails: skewness ${short(skewness)}, excess kurtosis ${short(kurtosis)}`;
  if (heavy) return `heavy tails: excess kurtosis ${short(kurtosis)}`;
  if (skewed) return `skewed: skewness ${short(skewness)}`;
  return maxZ > MAX_Z ? `an outlier ${short(maxZ)} standard deviations out` : undefined;
}

/** Tied values share the mean of their ranks, so that the map is a function of the value. */
function normalScores(sorted: Float64Array): { knots: Float64Array; scores: Float64Array } {
  const knots = distinct(sorted);
  const scores = new Float64Array(knots.length);
  let start = 0;
  for (let k = 0; k < knots.length; k++) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === knots[k]) end++;
    const rank = (start + 1 + end) / 2;
    scores[k] = normalQuantile((rank - 0.5) / sorted.length);
    start = end;
  }
  return { knots, scores };
}

/** Index of the last knot that is not above the value; -1 when all are. */
function search(knots: Float64Array, value: number): number {
  let low = 0;
  let high = knots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (knots[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function interpolate(knots: Float64Array, scores: Float64Array, value: number): number {
  const k = search(knots, value);
  if (k < 0) return scores[0]!;
  if (k === knots.length - 1 || knots[k] === value) return scores[k]!;
  const fraction = (value - knots[k]!) / (knots[k + 1]! - knots[k]!);
  return scores[k]! + fraction * (scores[k + 1]! - scores[k]!);
}

function oneHot(levels: Float64Array, values: Float64Array): Float32Array[] {
  const columns = Array.from(levels, () => new Float32Array(values.length));
  for (const [i, value] of values.entries()) {
    const level = search(levels, value);
    if (levels[level] !== value) {
      throw new InputError(
        `row ${i + 1}: ${value} is none of the ${levels.length} levels that were fitted. Fit on all levels, or leave the row out`,
      );
    }
    columns[level]![i] = 1;
  }
  return columns;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Columns of `rows` values as a row-major table. */
export function sideBySide(list: readonly Float32Array[], rows: number): { data: Float32Array; columns: number } {
  const data = new Float32Array(rows * list.length);
  list.forEach((values, c) => {
    for (let i = 0; i < rows; i++) data[i * list.length + c] = values[i]!;
  });
  return { data, columns: list.length };
}
