/** Histograms. */

export interface Histogram {
  /** Where bins begin, and where the last one ends: one more than bins. */
  edges: number[];
  /** Share of all weight that lies in each bin. */
  shares: number[];
}

/** @param weights default 1 each; values outside of the domain count, and lie in no bin */
export function histogram(
  values: readonly number[],
  [least, largest]: readonly [number, number],
  bins: number,
  weights?: readonly number[],
): Histogram {
  const width = (largest - least) / bins;
  const shares = new Array<number>(bins).fill(0);
  let total = 0;
  values.forEach((value, i) => {
    const weight = weights?.[i] ?? 1;
    total += weight;
    const bin = Math.floor((value - least) / width);
    if (bin >= 0 && bin < bins) shares[bin]! += weight;
  });
  return {
    edges: Array.from({ length: bins + 1 }, (_, i) => least + i * width),
    shares: shares.map((share) => share / total),
  };
}
