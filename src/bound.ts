/** The Donsker-Varadhan formula on the host, in float64, for scores that no training step saw. All values in nats. */

/** log mean exp */
export function logMeanExp(values: ArrayLike<number>, scale = 1): number {
  let top = -Infinity;
  for (let i = 0; i < values.length; i++) top = Math.max(top, scale * values[i]!);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(scale * values[i]! - top);
  return top + Math.log(sum / values.length);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** E_p[T] − log E_q[e^T] */
export const bound = (joint: ArrayLike<number>, marginal: ArrayLike<number>, scale = 1): number =>
  scale * mean(joint) - logMeanExp(marginal, scale);

/**
 * The factor s in [0, most] for which s T bounds MI best on these scores. A critic that learned noise gets a small one,
 * 0 if nothing it learned holds up. The bound is concave in s, so golden-section search finds it.
 */
export function calibrate(joint: ArrayLike<number>, marginal: ArrayLike<number>, most = 1.5): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [lo, hi] = [0, most];
  for (let i = 0; i < 24; i++) {
    const left = hi - ratio * (hi - lo);
    const right = lo + ratio * (hi - lo);
    if (bound(joint, marginal, left) < bound(joint, marginal, right)) lo = left;
    else hi = right;
  }
  const s = (lo + hi) / 2;
  return bound(joint, marginal, s) > 0 ? s : 0;
}

/**
 * Standard error of the bound over rows: each row moves E_p[T] through its joint score and log E_q[e^T] through every
 * marginal pair it is part of, as x or as y (the influence function of a two-sample U-statistic).
 *
 * @param joint T of row i with itself
 * @param marginal T of row i with row partner(i, c), at i * perRow + c
 */
export function influences(
  joint: ArrayLike<number>,
  marginal: ArrayLike<number>,
  perRow: number,
  partner: (i: number, c: number) => number,
): Float64Array {
  const n = joint.length;
  const center = mean(joint);
  const logPartition = logMeanExp(marginal);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < perRow; c++) {
      const w = Math.exp(marginal[i * perRow + c]! - logPartition) / perRow;
      weights[i]! += w;
      weights[partner(i, c)]! += w;
    }
  }
  return Float64Array.from(weights, (w, i) => joint[i]! - center - (w - 2));
}

/** How many equal weights would vary as much as e^T over these scores: (Σw)² / Σw². */
export const effectiveSize = (scores: ArrayLike<number>): number =>
  scores.length * Math.exp(2 * logMeanExp(scores) - logMeanExp(scores, 2));
