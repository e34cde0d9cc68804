/**
 * Every estimator by its formula in ESTIMATORS.md, in float64. An estimator without an entry here fails
 * estimators.test.ts: a formula needs a second opinion.
 */

/** One batch of scores. */
export interface Batch {
  joint: number[];
  marginal: number[];
}

export interface Parameters {
  lambda: number;
  C: number;
}

export const mean = (list: readonly number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;

export function logMeanExp(list: readonly number[]): number {
  const top = list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return top + Math.log(mean(list.map((v) => Math.exp(v - top))));
}

/** Cuts (N, 1 + K) scores into joint and marginal ones. */
export function batchOf(scores: ArrayLike<number>, marginals: number): Batch {
  const batch: Batch = { joint: [], marginal: [] };
  for (let s = 0; s < scores.length; s++) (s % (1 + marginals) === 0 ? batch.joint : batch.marginal).push(scores[s]!);
  return batch;
}

/** log of MINE's moving average of E_q[exp T], this batch included; the first batch starts it. */
export function nextEma(before: number | undefined, batch: Batch, rate: number): number {
  const now = logMeanExp(batch.marginal);
  if (before === undefined) return now;
  const top = Math.max(before, now);
  return top + Math.log((1 - rate) * Math.exp(before - top) + rate * Math.exp(now - top));
}

export interface EstimatorOracle {
  /** What a step ascends; `ema` is held still. */
  objective(batch: Batch, p: Parameters, ema: number): number;
  /** What is reported. */
  value(batch: Batch, p: Parameters): number;
  /** Derivatives of the objective by one joint and by one marginal score `t`. */
  dJoint(t: number, batch: Batch, p: Parameters, ema: number): number;
  dMarginal(t: number, batch: Batch, p: Parameters, ema: number): number;
}

const dv = (b: Batch) => mean(b.joint) - logMeanExp(b.marginal);
const softmax = (t: number, b: Batch) => Math.exp(t - logMeanExp(b.marginal)) / b.marginal.length;

/** log(1 + e^x) and its derivative. */
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export const oracles: Record<string, EstimatorOracle> = {
  ccmi: {
    objective: (b) => -mean(b.joint.map((t) => softplus(-t))) - mean(b.marginal.map(softplus)),
    value: dv,
    dJoint: (t, b) => sigmoid(-t) / b.joint.length,
    dMarginal: (t, b) => -sigmoid(t) / b.marginal.length,
  },
  "donsker-varadhan": {
    objective: dv,
    value: dv,
    dJoint: (_, b) => 1 / b.joint.length,
    dMarginal: (t, b) => -softmax(t, b),
  },
  mine: {
    objective: (b, _, ema) => mean(b.joint) - mean(b.marginal.map((t) => Math.exp(t - ema))),
    value: dv,
    dJoint: (_, b) => 1 / b.joint.length,
    dMarginal: (t, b, _, ema) => -Math.exp(t - ema) / b.marginal.length,
  },
  remine: {
    objective: (b, { lambda, C }) => dv(b) - lambda * (logMeanExp(b.marginal) - C) ** 2,
    value: dv,
    dJoint: (_, b) => 1 / b.joint.length,
    dMarginal: (t, b, { lambda, C }) => -softmax(t, b) * (1 + 2 * lambda * (logMeanExp(b.marginal) - C)),
  },
};
