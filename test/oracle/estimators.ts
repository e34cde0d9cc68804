/**
 * Every estimator by the formula of its paper (named in its WGSL), in float64, straight from the raw scores. An estimator
 * without an entry here does not compile: a formula needs a second opinion.
 */
import type { EstimatorParameters } from "../../src/estimators/estimator.ts";
import type { EstimatorName } from "../../src/gpu/shaders.gen.ts";

/** One batch of scores. Row i is joint pair i and K marginal pairs, which lie one row after the other in `marginal`. */
export interface Batch {
  joint: number[];
  marginal: number[];
  /** What a baseline network says of each row; zeros without one. */
  baseline: number[];
}

/** Those of all estimators together, without MINE's moving average, which depends on the batches before. */
export type Parameters = Record<Exclude<keyof EstimatorParameters, "baseline" | "emaRate">, number>;

/** Where formulas and kernels are compared: none is neutral. */
export const parameters: Parameters = { lambda: 0.7, C: -1.5, tau: 1.25, alpha: 0.3, logBaseline: 0.4 };

export const mean = (list: readonly number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;

export function logMeanExp(list: readonly number[]): number {
  const top = list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return top + Math.log(mean(list.map((v) => Math.exp(v - top))));
}

/** Cuts (N, 1 + K) scores into joint and marginal ones. */
export function batchOf(scores: ArrayLike<number>, marginals: number, baseline?: ArrayLike<number>): Batch {
  const [joint, marginal]: number[][] = [[], []];
  for (let s = 0; s < scores.length; s++) (s % (1 + marginals) === 0 ? joint : marginal)!.push(scores[s]!);
  return { joint: joint!, marginal: marginal!, baseline: baseline ? Array.from(baseline) : joint!.map(() => 0) };
}

/** log of MINE's moving average of E_q[exp T], this batch included; the first batch starts it. */
export function nextEma(before: number | undefined, batch: Batch, rate: number): number {
  const now = logMeanExp(batch.marginal);
  if (before === undefined) return now;
  const top = Math.max(before, now);
  return top + Math.log((1 - rate) * Math.exp(before - top) + rate * Math.exp(now - top));
}

/** What the shaders average besides J and g; 0 where an estimator needs nothing. */
export interface Terms {
  joint_term: number;
  marginal_term: number;
  second_term: number;
}

export interface EstimatorOracle {
  /** What a step ascends; `ema` is held still. */
  objective(batch: Batch, p: Parameters, ema: number): number;
  /** What is reported. */
  value(batch: Batch, p: Parameters): number;
  terms?(batch: Batch, p: Parameters): Partial<Terms>;
  /** T of a critic that cannot tell pairs apart, at which the estimate must be 0; undefined: any constant. */
  constant?(p: Parameters): number;
  band: Band;
}

/** What training comes to on 20-D normals with 2 nats (band.test.ts). */
export interface Band {
  /** Mean of the value less 2 nats. */
  bias: number;
  set?: EstimatorParameters;
  /** Who says so; ours where nobody published a figure for this setting. */
  from: "published" | "ours" | "exact";
}

export const termsOf = (oracle: EstimatorOracle, batch: Batch, p: Parameters): Terms => ({
  ...{ joint_term: 0, marginal_term: 0, second_term: 0 },
  ...oracle.terms?.(batch, p),
});

const J = (b: Batch) => mean(b.joint);
const g = (b: Batch) => logMeanExp(b.marginal);
const dv = (b: Batch) => J(b) - g(b);
const penalty = (at: number, { lambda, C }: Parameters) => lambda * (at - C) ** 2;
const softplus = (t: number) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
const clip = (t: number, { tau }: Parameters) => Math.min(tau, Math.max(-tau, t));

/** The rows of a batch: T of the joint pair, T of its marginal pairs, the baseline. */
function rows(b: Batch): { joint: number; others: number[]; base: number }[] {
  const K = b.marginal.length / b.joint.length;
  return b.joint.map((joint, i) => ({ joint, others: b.marginal.slice(i * K, (i + 1) * K), base: b.baseline[i]! }));
}

const classifier = (b: Batch) => -mean(b.joint.map((t) => softplus(-t))) - mean(b.marginal.map(softplus));
const clippedPartition = (b: Batch, p: Parameters) => mean(b.marginal.map((t) => Math.exp(clip(t, p))));

const overBaseline = (b: Batch, p: Parameters) => {
  const all = rows(b);
  return {
    joint_term: mean(all.map((r) => r.joint - r.base - p.logBaseline)),
    marginal_term: mean(all.flatMap((r) => r.others.map((t) => Math.exp(t - r.base - p.logBaseline)))),
  };
};
const tuba = (b: Batch, p: Parameters) => {
  const { joint_term, marginal_term } = overBaseline(b, p);
  return 1 + joint_term - marginal_term;
};

const contrast = (b: Batch) =>
  mean(rows(b).map(({ joint, others }) => joint - logMeanExp([joint, ...others]) - Math.log(1 + others.length)));
const infonce = (b: Batch) => Math.log(1 + rows(b)[0]!.others.length) + contrast(b);
const rowPartition = (b: Batch) => mean(rows(b).map(({ joint, others }) => logMeanExp([joint, ...others])));

/** Without the leading 1. */
const interpolated = (b: Batch, { alpha }: Parameters) =>
  mean(
    rows(b).flatMap(({ joint, others, base }) => {
      const mixture = (list: number[]) => Math.log(alpha * Math.exp(logMeanExp(list)) + (1 - alpha) * Math.exp(base));
      return others.map((t, j) => {
        const rest = [joint, ...others.filter((_, other) => other !== j)];
        return joint - mixture(rest) - Math.exp(t - mixture(others));
      });
    }),
  );

const flo = (b: Batch) =>
  mean(rows(b).map(({ joint, others, base }) => 1 - base - Math.exp(logMeanExp(others) - joint - base)));

const logSoftplus = (b: Batch) => mean(b.joint.map((t) => Math.log(softplus(t))));

export const oracles: Record<EstimatorName, EstimatorOracle> = {
  "donsker-varadhan": {
    band: { bias: -0.15, from: "published" },
    objective: dv,
    value: dv,
  },
  mine: {
    band: { bias: -0.15, from: "published" },
    objective: (b, _, ema) => J(b) - mean(b.marginal.map((t) => Math.exp(t - ema))),
    value: dv,
  },
  remine: {
    band: { bias: -0.15, set: { lambda: 1 }, from: "published" },
    objective: (b, p) => dv(b) - penalty(g(b), p),
    value: dv,
  },
  "remine-l1": {
    band: { bias: -0.18, from: "ours" },
    objective: (b, { lambda, C }) => dv(b) - lambda * Math.abs(g(b) - C),
    value: dv,
  },
  "remine-j": {
    band: { bias: -0.16, set: { lambda: 1 }, from: "published" },

    objective: (b, p) => dv(b) - penalty(g(b), p),
    value: (b, { C }) => J(b) - C,
    constant: ({ C }) => C,
  },
  nwj: {
    band: { bias: -0.2, from: "published" },

    objective: (b, p) => J(b) - mean(b.marginal.map((t) => Math.exp(t - 1))) - penalty(g(b), p),
    value: (b) => J(b) - mean(b.marginal.map((t) => Math.exp(t - 1))),
    constant: () => 1,
  },
  tuba: {
    band: { bias: -0.17, from: "published" },

    objective: (b, p) => tuba(b, p) - penalty(g(b), p),
    value: tuba,
    terms: overBaseline,
    constant: ({ logBaseline }) => logBaseline,
  },
  infonce: {
    band: { bias: -0.3, from: "published" },

    objective: (b, p) => infonce(b) - penalty(rowPartition(b), p),
    value: infonce,
    terms: (b) => ({ joint_term: contrast(b) }),
  },
  "i-alpha": {
    band: { bias: -0.16, from: "published" },

    objective: (b, p) => 1 + interpolated(b, p),
    value: (b, p) => 1 + interpolated(b, p),
    terms: (b, p) => ({ marginal_term: interpolated(b, p) }),
    constant: () => 0,
  },
  js: {
    band: { bias: -0.57, set: { logBaseline: 1 }, from: "published" },

    objective: (b, p) => classifier(b) - penalty(g(b), p),
    value: (b, { logBaseline }) => 1 + J(b) - logBaseline - Math.exp(g(b) - logBaseline),
    terms: (b) => ({
      joint_term: -mean(b.joint.map((t) => softplus(-t))),
      marginal_term: mean(b.marginal.map(softplus)),
    }),
    constant: ({ logBaseline }) => logBaseline,
  },
  smile: {
    band: { bias: -0.16, from: "published" },

    objective: (b, p) => J(b) - Math.log(clippedPartition(b, p)) - penalty(g(b), p),
    value: (b, p) => J(b) - Math.log(clippedPartition(b, p)),
    terms: (b, p) => ({ marginal_term: clippedPartition(b, p) }),
  },
  "smile-js": {
    band: { bias: -0.18, from: "ours" },

    objective: (b, p) => classifier(b) - penalty(g(b), p),
    value: (b, p) => J(b) - Math.log(clippedPartition(b, p)),
    terms: (b, p) => ({
      joint_term: -mean(b.joint.map((t) => softplus(-t))),
      marginal_term: mean(b.marginal.map(softplus)),
      second_term: clippedPartition(b, p),
    }),
  },
  flo: {
    band: { bias: -0.7, from: "ours" },
    objective: flo,
    value: flo,
    terms: (b) => ({ joint_term: flo(b) }),
  },
  "dime-kl": {
    band: { bias: -0.77, from: "ours" },

    objective: (b) => logSoftplus(b) - mean(b.marginal.map(softplus)) + 1,
    value: logSoftplus,
    terms: (b) => ({ joint_term: logSoftplus(b), marginal_term: mean(b.marginal.map(softplus)) }),
    constant: () => Math.log(Math.E - 1), // softplus is 1 there
  },
  "dime-gan": {
    band: { bias: -0.23, from: "ours" },

    objective: classifier,
    value: J,
    terms: (b) => ({
      joint_term: -mean(b.joint.map((t) => softplus(-t))),
      marginal_term: mean(b.marginal.map(softplus)),
    }),
    constant: () => 0,
  },
  "dime-hd": {
    band: { bias: -0.2, from: "ours" },

    objective: (b) => 2 - mean(b.joint.map((t) => Math.exp(-t / 2))) - mean(b.marginal.map((t) => Math.exp(t / 2))),
    value: J,
    terms: (b) => ({
      joint_term: mean(b.joint.map((t) => Math.exp(-t / 2))),
      marginal_term: mean(b.marginal.map((t) => Math.exp(t / 2))),
    }),
    constant: () => 0,
  },
  club: {
    // E_p - E_q of log p(y|x) is d rho^2 / (1 - rho^2) = 4.43 nats.
    band: { bias: 2.43, from: "exact" },

    objective: J,
    value: (b) => J(b) - mean(b.marginal),
    terms: (b) => ({ marginal_term: mean(b.marginal) }),
  },
  ccmi: {
    band: { bias: -0.2, from: "ours" },

    objective: classifier,
    value: dv,
    terms: (b) => ({
      joint_term: -mean(b.joint.map((t) => softplus(-t))),
      marginal_term: mean(b.marginal.map(softplus)),
    }),
  },
};

/** The objective's slope by each score, by central differences in float64. */
export function scoreGradient(name: EstimatorName, t: readonly number[], marginals: number): number[] {
  const oracle = oracles[name];
  const objective = (list: readonly number[]) => {
    const batch = batchOf(list, marginals);
    return oracle.objective(batch, parameters, logMeanExp(batchOf(t, marginals).marginal));
  };
  return t.map((_, s) => {
    const moved = (by: number) => objective(t.map((v, i) => (i === s ? v + by : v)));
    return (moved(1e-4) - moved(-1e-4)) / 2e-4;
  });
}
