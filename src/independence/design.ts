/** How much more a correlation scatters where rows depend on each other. */

import { seriesAutocorrelation } from "../data/autocorrelation.ts";
import { countsOf } from "../data/copies.ts";
import type { Units } from "../data/units.ts";
import { type Features, unpacked } from "./features.ts";

/**
 * The design effect of each feature of x with each of y, (x.count, y.count): how many times the variance that independent rows have
 * that of the mean product of the two is, if the columns are independent. For groups 1 + (m − 1) ICC ICC′, m = Σ size² / rows (Kish
 * 1965); for rows in time 1 + 2 Σ ρ(l) ρ′(l) (Bartlett 1935). Fine features of groups or slow series are less alike than
 * coarse ones, so each two have their own. Undefined for independent rows.
 */
export function designEffects(x: Features, y: Features): Float64Array | undefined {
  const other = y.likeness;
  if (!x.likeness || !other) return undefined;
  return Float64Array.from(x.likeness.flatMap((own) => other.map((of) => designEffect(own, of))));
}

function designEffect(likeness: Float64Array, other: Float64Array): number {
  let effect = 1;
  for (let i = 0; i < likeness.length; i++) effect += likeness[i]! * other[i]!;
  return Math.max(LEAST, effect);
}

/** Where one series goes up and down and another is slow, less than 0 may come of short series. */
const LEAST = 0.1;

/** From so many rows on only every so many-th part of a lag more is looked at, for all that lie between. */
const LAGS = 16;

/**
 * The features with how alike rows that belong together are in each: numbers whose products with those of another feature sum to
 * the design effect less 1.
 */
export const withLikeness = (features: Features, units: Units | undefined): Features =>
  units ? { ...features, likeness: unpacked(features).map(units.inTime ? inTime(units) : inGroups(units)) } : features;

const inTime = ({ of }: Units) => {
  const rows = of.length;
  const lags: { lag: number; width: number }[] = [];
  for (let lag = 1, width = 1; 2 * lag < rows; lag += width) {
    width = Math.max(1, Math.floor(lag / LAGS));
    lags.push({ lag, width });
  }
  return (feature: Float64Array): Float64Array => {
    const at = seriesAutocorrelation(feature);
    return Float64Array.from(lags, ({ lag, width }) => Math.sqrt(2 * width) * at(lag));
  };
};

/** The mean product of two rows of a group is the intraclass correlation. */
const inGroups = ({ of, count }: Units) => {
  const pairs = countsOf(of).reduce((sum, size) => sum + size * (size - 1), 0);
  return (feature: Float64Array): Float64Array => {
    const sums = new Float64Array(count);
    let squares = 0;
    for (const [row, value] of feature.entries()) {
      sums[of[row]!]! += value;
      squares += value * value;
    }
    const products = sums.reduce((sum, value) => sum + value * value, 0) - squares;
    return Float64Array.of(pairs > 0 ? Math.sqrt(pairs / of.length) * (products / pairs) : 0);
  };
};
