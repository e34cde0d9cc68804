/** What has to be known of numbers, or done to them, before they are drawn. */
import { extent } from "d3-array";

/** The value below which a share `q` of a sorted array lies. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at % 1);
}

/** The finite values of some arrays, sorted. */
export function sortedFinite(...arrays: ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let count = 0;
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) if (Number.isFinite(array[i])) all[count++] = array[i]!;
  return all.subarray(0, count).sort();
}

/**
 * An axis range that shows the bulk of the data and all of `include`: values further than `fence` interquartile ranges
 * from the quartiles do not stretch it. A share `margin` of it is added at both ends.
 */
export function robustDomain(
  arrays: ArrayLike<number>[],
  include: number[] = [],
  fence = 4,
  margin = 0.06,
): [number, number] {
  const sorted = sortedFinite(...arrays);
  const must = include.filter(Number.isFinite);
  const at = (q: number) => quantile(sorted, q);
  const [least = 0, most = 0] = extent(must);
  const spread = fence * Math.max(at(0.75) - at(0.25), (at(0.95) - at(0.05)) / 4, most - least);
  const [floor, ceiling] = [at(0.25) - spread, at(0.75) + spread];
  const bulk = spread > 0 ? sorted.filter((value) => value >= floor && value <= ceiling) : sorted;
  const trim = bulk.length < 500 ? 0 : 0.002;
  const ends = bulk.length ? [quantile(bulk, trim), quantile(bulk, 1 - trim)] : [];
  const [lo, hi] = extent([...must, ...ends]);
  if (lo === undefined) return [0, 1];
  return [lo - (hi - lo) * margin, hi + (hi - lo) * margin];
}

/**
 * A moving average with two-sided exponential weights, without lag or start-up bias. Values are first limited to
 * `domain` and a quarter more, so that an explosion does not spread; gaps stay gaps.
 */
export function smooth(values: ArrayLike<number>, span: number, domain: readonly [number, number]): Float64Array {
  const keep = 1 - 2 / (Math.max(1, span) + 1);
  const margin = (domain[1] - domain[0]) / 4;
  const count = values.length;
  const [sums, weights] = [new Float64Array(count), new Float64Array(count)];
  // The second sweep leaves out the value itself, which the first has counted.
  const sweep = (first: number, by: number, own: number) => {
    let [sum, weight] = [0, 0];
    for (let i = first; i >= 0 && i < count; i += by) {
      if (!Number.isFinite(values[i])) continue;
      const value = Math.min(domain[1] + margin, Math.max(domain[0] - margin, values[i]!));
      [sum, weight] = [keep * sum, keep * weight];
      sums[i]! += sum + own * value;
      weights[i]! += weight + own;
      [sum, weight] = [sum + value, weight + 1];
    }
  };
  sweep(0, 1, 1);
  sweep(count - 1, -1, 0);
  return sums.map((sum, i) => sum / weights[i]!);
}

/** Logarithms to base ten. There is none of a negative number; here it is that of 0, minus infinity. */
export function decades(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => Math.log10(Math.max(0, value)));
}

/** The corners of stairs: each value holds from its x up to the next. One x more than values ends the last stair. */
export function stairs(xs: ArrayLike<number>, values: ArrayLike<number>): { x: Float64Array; y: Float64Array } {
  const length = 2 * values.length;
  return {
    x: Float64Array.from({ length }, (_, i) => xs[(i + 1) >> 1] ?? xs[i >> 1]!),
    y: Float64Array.from({ length }, (_, i) => values[i >> 1]!),
  };
}
