/** What a batch of scores says, and its gradient, whatever kernels compute them. */
import { expect } from "vitest";
import {
  type Clock,
  type EstimatorName,
  estimators,
  type ScoreStats,
  type StepRecord,
} from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { differences, evaluate, hyperOf, largest, words } from "../evaluate.ts";
import { CANARY, clockWith, EPS, EXP, expectClose, normals, range, records, runKernel, split } from "../gpu.ts";
import { batchOf, logMeanExp, mean, nextEma, oracles, parameters, termsOf } from "../oracle/estimators.ts";

export interface StatsCase {
  joint: number;
  marginals: number;
  scores: Float32Array;
  /** Per replica. */
  steps?: number[];
  rates?: number[];
  /** Whether the estimator's own terms are finite at these scores, and checked. */
  own?: boolean;
}

const OLD_EMA = 1.25;
const CAPACITY = 3;

/** What else the kernel of a GPU writes: the record in its place, and the clock as it stands after the step. */
function expectRecorded(
  history: Float32Array,
  ahead: Float32Array,
  before: readonly Clock[],
  stats: readonly ScoreStats[],
) {
  const records = split(history, before.length).map((list) =>
    unpackArray<StepRecord>("StepRecord", list.slice().buffer as ArrayBuffer),
  );
  const after = unpackArray<Clock>("Clock", ahead.buffer as ArrayBuffer);
  before.forEach(({ step }, r) => {
    const { joint_mean, marginal_lme, ema_lse } = stats[r]!;
    const at = step % CAPACITY;
    expect(records[r]![at]).toMatchObject({ joint_mean, marginal_lme });
    expect(records[r]!.map(({ joint_mean }) => joint_mean === CANARY)).toEqual(range(CAPACITY).map((i) => i !== at));
    const want = Number.isFinite(records[r]![at]!.objective)
      ? { ema_lse, bad_step: 0 }
      : { ema_lse: OLD_EMA, bad_step: step + 1 };
    expect(after[r]).toMatchObject({ step: step + 1, ...want });
  });
}

/** What a kernel says of a batch. */
export async function expectStats(
  kernel: "reduce_scores" | "evaluate_scores",
  name: EstimatorName,
  { joint, marginals, scores, steps = [0], rates = [1], own = false }: StatsCase,
): Promise<void> {
  const slots = joint * (1 + marginals);
  const replicas = scores.length / slots;
  const hyper = range(replicas).map((r) => hyperOf(parameters, rates[r % rates.length]!));
  const clock = range(replicas).map((r) => clockWith({ step: steps[r % steps.length]!, ema_lse: OLD_EMA }));
  const { stats, history, ahead } = await runKernel(
    kernel,
    {
      dims: { joint, marginals, capacity: CAPACITY },
      hyper: records("Hyper", hyper),
      clock: records("Clock", clock),
      scores,
      rows: new Float32Array(replicas * joint * words("RowStats")),
      stats: replicas * words("ScoreStats"),
      d_scores: scores.length,
      history: replicas * CAPACITY * words("StepRecord"),
      ahead: replicas * words("Clock"),
    },
    [replicas, 1, 1],
    estimators[name].slot,
    kernel === "evaluate_scores" ? { DIFFERENTIATED: 1 } : {},
  );
  const got = unpackArray<ScoreStats>("ScoreStats", stats!.buffer as ArrayBuffer);
  if (kernel === "evaluate_scores") expectRecorded(history!, ahead!, clock, got);
  split(scores, replicas).forEach((list, r) => {
    const batch = batchOf(list, marginals);
    const magnitude = mean(batch.joint.map(Math.abs));
    const top = Math.max(...batch.marginal.map(Math.abs));
    // Every lane folds its share, then a tree of six: each fold takes two exp. The result rounds like T does.
    const folds = Math.ceil(slots / 64) + 6;
    const lme = { tolerance: 2 * EXP * folds + 8 * EPS * top };
    const rate = Math.fround(hyper[r]!.ema_rate);
    const ema = nextEma(clock[r]!.step > 0 ? OLD_EMA : undefined, batch, rate);
    const { joint_mean, marginal_lme, joint_count, marginal_count, ema_lse } = got[r]!;
    expectClose([joint_mean], [mean(batch.joint)], { tolerance: folds * EPS, scale: magnitude, what: "joint_mean" });
    expectClose([marginal_lme], [logMeanExp(batch.marginal)], { ...lme, what: "marginal_lme" });
    expectClose([ema_lse], [ema], { tolerance: lme.tolerance + 3 * EXP, what: "ema_lse" });
    expect([joint_count, marginal_count]).toEqual([joint, joint * marginals]);
    if (estimators[name].rows || !own) return; // evaluated with their rows in estimators.test.ts
    const terms = termsOf(oracles[name], batch, parameters);
    for (const key of ["joint_term", "marginal_term", "second_term"] as const) {
      const scale = Math.abs(terms[key]) + magnitude;
      expectClose([got[r]![key]], [terms[key]], { tolerance: (folds + 8) * EPS + 4 * EXP, scale, what: key });
    }
  });
}

/** Scores at which a sum of exponentials could overflow. */
export const extreme: [string, (i: number) => number][] = [
  ["all equal and small", () => 0.1],
  ["all equal at 1e4", () => 1e4],
  ["all equal at -1e4", () => -1e4],
  ["1e4 beside -1e4", (i) => (i % 3 === 0 ? 1e4 : -1e4)],
  ["one huge among zeros", (i) => (i === 77 ? 1e30 : 0)],
  ["one hugely negative among zeros", (i) => (i === 77 ? -1e30 : 0)],
  ["as large as 65 of them can be summed", (i) => (i % 3 === 0 ? 5e36 : -5e36)],
];

/** The gradient by every score is that of the objective, by central differences. */
export async function expectGradient(
  name: EstimatorName,
  { replicas, joint, marginals }: { replicas: number; joint: number; marginals: number },
  atOnce = false,
): Promise<void> {
  const slots = joint * (1 + marginals);
  const scores = normals(1, replicas * slots).map((t) => 2 * t);
  const each = range(replicas).map((r) => ({ ...parameters, lambda: 0.1 * 10 ** r, C: 2 - 3 * r }));
  const { d_scores } = await evaluate(name, scores, { joint, marginals, parameters: each, ema: 0.5, atOnce });
  split(scores, replicas).forEach((list, r) => {
    const batch = batchOf(list, marginals);
    const ema = nextEma(0.5, batch, Math.fround(0.3));
    const want = differences((t) => oracles[name].objective(batchOf(t, marginals), each[r]!, ema), list);
    // A few exponents of up to 30, rounded, and exp itself; the penalty adds 2 lambda |g - C| of them. And what a
    // difference of 1e-5 leaves: its rounding, at the size of the objective.
    const pull = 1 + 2 * each[r]!.lambda * (Math.abs(logMeanExp(batch.marginal)) + Math.abs(each[r]!.C));
    const tolerance = (4 * EXP + 4 * EPS * 30) * pull * largest(want) + 1e-9;
    expectClose(split(d_scores, replicas)[r]!, want, { tolerance, what: `d_scores of replica ${r}` });
  });
  expect(mean(Array.from(d_scores, Math.abs))).toBeGreaterThan(0);
}

/** A replica with a batch size of its own is a smaller batch. */
export async function expectSmallerBatches(name: EstimatorName, atOnce = false): Promise<void> {
  const [joint, marginals, batch] = [13, 4, [1, 7, 13]];
  const all = normals(2, batch.length * joint * (1 + marginals)).map((t) => 2 * t);
  const baseline = normals(3, batch.length * joint);
  const together = await evaluate(name, all, { joint, marginals, baseline, batch, ema: 0.5, atOnce });
  for (const [r, size] of batch.entries()) {
    const slots = size * (1 + marginals);
    const part = split(all, batch.length)[r]!.slice(0, slots);
    const own = split(baseline, batch.length)[r]!.slice(0, size);
    const alone = await evaluate(name, part, { joint: size, marginals, baseline: own, ema: 0.5, atOnce });
    const padded = new Float32Array(joint * (1 + marginals));
    padded.set(alone.d_scores);
    expect(split(together.d_scores, batch.length)[r]).toEqual(padded);
    expect(together.steps[r]).toEqual(alone.steps[0]);
    if (!alone.d_baseline) continue;
    const paddedRows = new Float32Array(joint);
    paddedRows.set(alone.d_baseline);
    expect(split(together.d_baseline!, batch.length)[r]).toEqual(paddedRows);
  }
}
