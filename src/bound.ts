/** The Donsker-Varadhan formula on the host, in float64, for scores that no training step saw. All values in nats. */

/** Scores of one set of rows: T of each row with itself, and of each row with its marginal partners, row after row. */
export interface RowScores {
  joint: Float64Array;
  marginal: Float64Array;
}

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
 * Weights w ≥ 0 for which Σ w_m T_m bounds MI best on these scores. A critic that learned noise gets a small weight, 0 if
 * nothing it learned holds up. The bound is concave in w, so a search along one critic after the other finds the best.
 *
 * @param critics scores of the same pairs by each critic
 */
export function stack(critics: readonly RowScores[], most = 5): number[] {
  const weights = critics.map(() => 1 / critics.length);
  let best = 0;
  for (let sweep = 0; sweep < 8; sweep++) {
    const before = best;
    critics.forEach((critic, m) => {
      weights[m] = 0;
      const rest = combine(critics, weights);
      const at = (w: number) =>
        bound(
          rest.joint.map((t, i) => t + w * critic.joint[i]!),
          rest.marginal.map((t, i) => t + w * critic.marginal[i]!),
        );
      const found = highest(at, most);
      const value = at(found);
      weights[m] = value > at(0) ? found : 0;
      best = Math.max(value, at(0));
    });
    if (best - before < 1e-4 || critics.length === 1) break;
  }
  return best > 0 ? weights : weights.map(() => 0);
}

/** Σ w_m T_m */
export function combine(critics: readonly RowScores[], weights: readonly number[]): RowScores {
  const sum = (pick: (c: RowScores) => Float64Array) =>
    pick(critics[0]!).map((_, i) => critics.reduce((total, c, m) => total + weights[m]! * pick(c)[i]!, 0));
  return { joint: sum((c) => c.joint), marginal: sum((c) => c.marginal) };
}

/** Where a concave function on [0, most] is highest, by golden sections. */
function highest(f: (x: number) => number, most: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [lo, hi] = [0, most];
  let [left, right] = [hi - ratio * (hi - lo), lo + ratio * (hi - lo)];
  let [atLeft, atRight] = [f(left), f(right)];
  while (hi - lo > 2e-3) {
    if (atLeft < atRight) {
      [lo, left, atLeft] = [left, right, atRight];
      right = lo + ratio * (hi - lo);
      atRight = f(right);
    } else {
      [hi, right, atRight] = [right, left, atLeft];
      left = hi - ratio * (hi - lo);
      atLeft = f(left);
    }
  }
  return (lo + hi) / 2;
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
