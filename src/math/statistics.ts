/** The Donsker-Varadhan formula on the host, in float64, for scores that no training step saw. All values in nats. */

/** Scores of one set of rows: T of each row with itself, and of each row with its marginal partners, row after row. */
export interface RowScores<T extends Scores = Scores> {
  joint: T;
  marginal: T;
}

/** As critics on the GPU give them, or as they are computed here. */
export type Scores = Float32Array | Float64Array;

/** log mean exp, of values that count by their weights where they have some. */
export function logMeanExp(values: ArrayLike<number>, scale = 1, weights?: ArrayLike<number>): number {
  let top = -Infinity;
  for (let i = 0; i < values.length; i++) top = Math.max(top, scale * values[i]!);
  let [sum, all] = [0, weights ? 0 : values.length];
  if (!weights) for (let i = 0; i < values.length; i++) sum += Math.exp(scale * values[i]! - top);
  else {
    for (let i = 0; i < values.length; i++) {
      sum += weights[i]! * Math.exp(scale * values[i]! - top);
      all += weights[i]!;
    }
  }
  return top + Math.log(sum / all);
}

export function mean(values: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let [sum, all] = [0, weights ? 0 : values.length];
  for (let i = 0; i < values.length; i++) {
    sum += weights ? weights[i]! * values[i]! : values[i]!;
    if (weights) all += weights[i]!;
  }
  return sum / all;
}

/** E_p[T] of joint scores, by what they count where they do not all count alike. */
export const meanJoint = ({ joint }: RowScores, counts?: RowScores): number => mean(joint, counts?.joint);

/**
 * How many equal weights are worth as much: (Σw)² / Σw² (Kish 1965), the rows of a simple random sample whose mean varies as
 * much as the weighted one if weights and values have nothing to do with each other.
 */
export function effectiveWeights(weights: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    squares += weights[i]! ** 2;
  }
  return sum ** 2 / squares;
}

/** E_p[T] − log E_q[e^T] */
export const bound = (joint: ArrayLike<number>, marginal: ArrayLike<number>, scale = 1): number =>
  scale * mean(joint) - logMeanExp(marginal, scale);

/** Scores that are summed at once. */
const SUMMED = 2 ** 12;

/**
 * Σ w_m T_m
 *
 * @param into where the sum is written, which may be one of the critics' own
 */
export function combine(
  critics: readonly RowScores[],
  weights: readonly number[],
  into?: RowScores<Float64Array>,
): RowScores<Float64Array> {
  const block = new Float64Array(SUMMED);
  const sum = (pick: (c: RowScores) => Scores, total: Float64Array) => {
    for (let first = 0; first < total.length; first += SUMMED) {
      const sums = block.subarray(0, Math.min(SUMMED, total.length - first)).fill(0);
      for (const [m, critic] of critics.entries()) {
        const [weight, scores] = [weights[m]!, pick(critic)];
        // A member that is left out may hold anything.
        if (weight !== 0) for (let i = 0; i < sums.length; i++) sums[i]! += weight * scores[first + i]!;
      }
      total.set(sums, first);
    }
    return total;
  };
  const [{ joint, marginal }] = critics as [RowScores];
  return {
    joint: sum((c) => c.joint, into?.joint ?? new Float64Array(joint.length)),
    marginal: sum((c) => c.marginal, into?.marginal ?? new Float64Array(marginal.length)),
  };
}

/** Takes a constant off the scores, in place. */
export function lessConstant(scores: RowScores<Float64Array>, constant: number): RowScores<Float64Array> {
  for (const values of [scores.joint, scores.marginal]) for (let i = 0; i < values.length; i++) values[i]! -= constant;
  return scores;
}

/** Equal weights that e^T must be worth before a sample of marginal pairs tells its mean. */
const LEAST_SIZE = 30;

/**
 * log E_q[e^T] of members that are normalised by themselves, as the copula is and ReMINE's critics are held to be. Where
 * dependence is so strong that no marginal pair lies near a joint one, the sample says −80 where the truth is 0, and a bound
 * would rise without end; then it is taken to be no less than 0.
 */
export function logPartition(marginal: ArrayLike<number>, pinned: boolean, counts?: ArrayLike<number>): number {
  const sampled = logMeanExp(marginal, 1, counts);
  return pinned && sampled < 0 && effectiveSize(marginal, counts) < LEAST_SIZE ? 0 : sampled;
}

/**
 * What moves the bound, row by row: each row moves E_p[T] through its joint score and log E_q[e^T] through every marginal pair
 * it is part of, as x or as y (the influence function of a two-sample U-statistic). Some rows are in more pairs than others, where
 * blocks overlap or a row stands in for another, so a row also moves how many there are. The root of the mean of their squares,
 * over √rows, is the standard error.
 *
 * @param scores T of row i with itself, and of row i with row partner(i, c) at i * perRow + c
 * @param counts what each pair counts where rows have weights: the weight of its row, or the product of its two
 */
export function influences(
  { joint, marginal }: RowScores,
  perRow: number,
  partner: (i: number, c: number) => number,
  counts?: RowScores,
): Float64Array {
  const center = mean(joint, counts?.joint);
  const logPartition = logMeanExp(marginal, 1, counts?.marginal);
  const all = counts ? sumOf(counts.joint) / sumOf(counts.marginal) : 1 / perRow;
  const moved = new Float64Array(joint.length);
  for (let i = 0; i < joint.length; i++) {
    for (let c = 0; c < perRow; c++) {
      const j = i * perRow + c;
      const share = all * (counts ? counts.marginal[j]! : 1) * (Math.exp(marginal[j]! - logPartition) - 1);
      moved[i]! += share;
      moved[partner(i, c)]! += share;
    }
  }
  return moved.map((sum, i) => (counts ? counts.joint[i]! : 1) * (joint[i]! - center) - sum);
}

const sumOf = (values: Scores): number => mean(values) * values.length;

/** How many equal weights would vary as much as e^T over these scores: (Σw)² / Σw². */
export function effectiveSize(scores: ArrayLike<number>, counts?: ArrayLike<number>): number {
  if (!counts) return scores.length * Math.exp(2 * logMeanExp(scores) - logMeanExp(scores, 2));
  const log = logMeanExp(scores, 1, counts);
  return effectiveWeights(Float64Array.from(counts, (count, i) => count * Math.exp(scores[i]! - log)));
}

/** The middle value, or the mean of the two. */
export function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const half = sorted.length >>> 1;
  if (sorted.length % 2 === 1) return sorted[half]!;
  const sum = sorted[half - 1]! + sorted[half]!;
  // The sum of the largest numbers that there are is none.
  return Number.isFinite(sum) ? sum / 2 : sorted[half - 1]! / 2 + sorted[half]! / 2;
}

/** The places of the values from the smallest to the largest; of equal ones the first comes first. */
export function ascending(values: Float64Array | Float32Array): Uint32Array {
  const places = new Uint32Array(values.length);
  for (let i = 0; i < places.length; i++) places[i] = i;
  return places.sort((a, b) => values[a]! - values[b]!);
}

/** The rank of each value, from 0.5 on; equal values share the mean of theirs. */
export function ranksOf(values: Float64Array): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + end) / 2;
    start = end;
  }
  return ranks;
}

/** How often each different value is there, in the order in which they come. */
export function occurrencesOf(values: {
  readonly length: number;
  at(i: number): number | undefined;
}): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    const value = values.at(i)!;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** 1 where the value is the commonest one, 0 elsewhere. */
export function isCommonest(values: Float64Array): Float64Array {
  const [commonest] = [...occurrencesOf(values)].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  return values.map((value) => Number(value === commonest));
}

/** Pearson's correlation of columns from their {@link standardScores}. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, sum / a.length));
}

/** Values less their mean, in standard deviations; in a way that overflows for no finite values. */
export function standardScores(values: Float64Array): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scaled = values.map((value) => value / largest);
  const center = scaled.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(scaled.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
  return scaled.map((value) => (value - center) / spread);
}
