/** DEMINE: a frozen critic and a certificate from rows that it never saw. */

import { type Split, splitRows } from "../crossfit/folds.ts";
import { InputError } from "../errors.ts";
import { logMeanExp, mean, type RowScores } from "../math/statistics.ts";
import { type Pairing, partnerOf } from "../training/pairing.ts";

const FEWEST_ROWS = 200;

/** DEMINE's division of the rows: half to train on, an eighth of which decides when to stop, and half to certify with. */
export function demineSplits(rows: number, seed: number): Split[] {
  if (rows < FEWEST_ROWS) {
    throw new InputError(
      `"demine" trains on half of the rows and certifies with the other half: ${rows} rows are too few, at least ${FEWEST_ROWS} are needed. Use estimator "remine", which learns from all rows`,
    );
  }
  return splitRows(rows, { folds: 2 }, seed).slice(0, 1);
}

/** Scores of n rows with themselves and of each with partners, as `partnerOf` deals them. */
export interface HeldOut extends RowScores<Float64Array> {
  pairing: Pairing;
}

/**
 * A number L with P(L ≤ I(X;Y)) ≥ `confidence`, nats: what DEMINE (Lin et al. 2019) asks of a critic that was frozen
 * before the held-out rows were looked at. It assumes that rows are independent draws of one distribution, and nothing
 * else: not that the critic is good, not that there are many rows. The paper's own constants are not used.
 *
 * 1. I ≥ E_p[T] − log E_q[e^T] ≥ E_p[T] − E_q[e^T] + 1 for every T, as log u ≤ u − 1; little is lost where E_q[e^T] = 1.
 *    T here is the critic, cut off at both ends and shifted; `tuning` scores choose the ends and the shift.
 * 2. The right side is the mean μ of B = (T_ii + T_jj) / 2 − e^(T_ij) + 1 over pairs (i, j) of rows. Pairs that share no row
 *    are independent.
 * 3. If μ ≤ m, the wealth Π (1 + λ (B − m)) has a mean of at most 1 for every λ fixed beforehand, hence so has its average
 *    over several ways of pairing the rows, and it reaches 1 / (1 − confidence) with probability at most 1 − confidence
 *    (Markov; betting as in Waudby-Smith and Ramdas 2024, arXiv:2010.09686). L is the largest m so refuted.
 *
 * The normal approximation would give a larger L, but it fails where it matters: when few large e^T make up E_q[e^T].
 *
 * @param held scores of rows that chose nothing
 * @param tuning scores by the same critic of other rows, on which it may have been chosen
 */
export function lowerBound(held: HeldOut, tuning: HeldOut, confidence: number): number {
  const need = -Math.log(1 - confidence);
  const { low, high, shift, variance } = chooseCut(tuning, held.joint.length / 2.5, need);
  const bets = blocksByShift(cut(held, low, high, shift)).map((blocks) => {
    const range = high - low + Math.exp(high - shift);
    // The first is best for normal B; the second keeps every factor positive, whatever B and m.
    return { blocks, stake: Math.min(Math.sqrt((2 * need) / (blocks.length * variance)), 0.9 / range) };
  });
  const refuted = (m: number) =>
    logMeanExp(bets.map(({ blocks, stake }) => blocks.reduce((sum, b) => sum + Math.log1p(stake * (b - m)), 0))) >=
    need;
  let [below, above] = [low - shift - Math.exp(high - shift) + 1, high - shift + 1];
  while (above - below > 1e-6 * Math.max(1, Math.abs(above))) {
    const m = (below + above) / 2;
    if (refuted(m)) below = m;
    else above = m;
  }
  return below;
}

/** T cut off at both ends, less a constant. */
function cut({ joint, marginal, pairing }: HeldOut, low: number, high: number, shift: number): HeldOut {
  const map = (t: number) => Math.min(high, Math.max(low, t)) - shift;
  return { joint: joint.map(map), marginal: marginal.map(map), pairing };
}

/** The B of independent pairs, a list for each of the shifts by which rows were paired. */
function blocksByShift({ joint, marginal, pairing }: HeldOut): Float64Array[] {
  const n = joint.length;
  return Array.from({ length: pairing.perRow }, (_, c) => {
    const used = new Uint8Array(n);
    const blocks: number[] = [];
    for (let i = 0; i < n; i++) {
      const j = partnerOf(i, c, n, pairing);
      if (used[i] || used[j]) continue;
      used[i] = used[j] = 1;
      blocks.push((joint[i]! + joint[j]!) / 2 - Math.exp(marginal[i * pairing.perRow + c]!) + 1);
    }
    return Float64Array.from(blocks);
  });
}

/** The cut that promises the highest bound from `pairs` independent pairs (Bernstein), by scores that the bound will not use. */
function chooseCut(tuning: HeldOut, pairs: number, need: number) {
  const sorted = tuning.joint.toSorted();
  const low = sorted[0]!;
  let best = { low, high: low, shift: low, variance: 1, promise: Number.NEGATIVE_INFINITY };
  for (const q of [0.25, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1]) {
    const high = sorted[Math.floor(q * (sorted.length - 1))]!;
    const shift = logMeanExp(cut(tuning, low, high, 0).marginal);
    const all = blocksByShift(cut(tuning, low, high, shift)).flatMap((blocks) => [...blocks]);
    const center = mean(all);
    const variance = Math.max(1e-4, mean(all.map((b) => (b - center) ** 2)));
    const range = high - low + Math.exp(high - shift);
    const promise = center - Math.sqrt((2 * need * variance) / pairs) - (range * need) / (3 * pairs);
    if (promise > best.promise) best = { low, high, shift, variance, promise };
  }
  return best;
}
