import { describe, expect } from "vitest";
import { type EstimatorName, estimators, type ScoreStats } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { hyperOf, words } from "../evaluate.ts";
import { awkward, clockWith, EPS, EXP, expectClose, it, normals, range, records, runKernel, split } from "../gpu.ts";
import { batchOf, logMeanExp, mean, nextEma, oracles, parameters, termsOf } from "../oracle/estimators.ts";

interface Case {
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

async function check(name: EstimatorName, { joint, marginals, scores, steps = [0], rates = [1], own = false }: Case) {
  const slots = joint * (1 + marginals);
  const replicas = scores.length / slots;
  const hyper = range(replicas).map((r) => hyperOf(parameters, rates[r % rates.length]!));
  const clock = range(replicas).map((r) => clockWith({ step: steps[r % steps.length]!, ema_lse: OLD_EMA }));
  const { stats } = await runKernel(
    "reduce_scores",
    {
      dims: { joint, marginals },
      hyper: records("Hyper", hyper),
      clock: records("Clock", clock),
      scores,
      rows: new Float32Array(replicas * joint * words("RowStats")),
      stats: replicas * words("ScoreStats"),
    },
    [replicas, 1, 1],
    estimators[name].slot,
  );
  const got = unpackArray<ScoreStats>("ScoreStats", stats!.buffer as ArrayBuffer);
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

describe.each(Object.keys(estimators) as EstimatorName[])("reduce_scores, %s", (name) => {
  it.each([
    { replicas: 1, joint: 1, marginals: 1 },
    { replicas: 3, joint: 63, marginals: 1 },
    { replicas: 1, joint: 64, marginals: 2 },
    { replicas: 3, joint: 13, marginals: 4 }, // 65 slots
    { replicas: 1, joint: 257, marginals: 1 },
    { replicas: 3, joint: 17, marginals: 16 }, // K = N - 1
  ])("R $replicas, N $joint, K $marginals", async ({ replicas, joint, marginals }) => {
    const scores = normals(1, replicas * joint * (1 + marginals)).map((t) => 3 * t);
    await check(name, { joint, marginals, scores, own: true });
  });
});

describe("reduce_scores", () => {
  it("keeps a moving average per replica", async () => {
    const scores = normals(2, 6 * 5 * 4);
    const [steps, rates] = [
      [0, 0, 1, 7, 7, 7],
      [1, 0.01, 0.01, 0.3, 1, 0.999],
    ];
    await check("mine", { joint: 5, marginals: 3, scores, steps, rates });
  });

  const extreme: [string, (i: number) => number][] = [
    ["all equal and small", () => 0.1],
    ["all equal at 1e4", () => 1e4],
    ["all equal at -1e4", () => -1e4],
    ["1e4 beside -1e4", (i) => (i % 3 === 0 ? 1e4 : -1e4)],
    ["one huge among zeros", (i) => (i === 77 ? 1e30 : 0)],
    ["one hugely negative among zeros", (i) => (i === 77 ? -1e30 : 0)],
    ["as large as 65 of them can be summed", (i) => (i % 3 === 0 ? 5e36 : -5e36)],
  ];
  it.each(extreme)("does not overflow: %s", async (_, fill) => {
    const scores = Float32Array.from({ length: 3 * 260 }, (_, i) => fill(i % 260));
    await check("remine", { joint: 65, marginals: 3, scores });
  });

  it("takes outliers, zeros and tiny scores", async () => {
    await check("remine", { joint: 65, marginals: 3, scores: awkward(3, 3 * 260) });
  });
});
