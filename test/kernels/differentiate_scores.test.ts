import { describe, expect } from "vitest";
import { type EstimatorName, estimators } from "../../src/shaders.gen.ts";
import { EPS, EXP, expectClose, hyperWith, it, normals, range, records, runKernel, split } from "../gpu.ts";
import { batchOf, logMeanExp, mean, nextEma, oracles } from "../oracle/estimators.ts";

describe.each(Object.keys(estimators) as EstimatorName[])("differentiate_scores, %s", (name) => {
  it.each([
    { replicas: 1, joint: 1, marginals: 1 },
    { replicas: 3, joint: 63, marginals: 1 },
    { replicas: 1, joint: 64, marginals: 2 },
    { replicas: 3, joint: 13, marginals: 4 },
    { replicas: 1, joint: 257, marginals: 1 },
    { replicas: 3, joint: 17, marginals: 16 },
  ])("R $replicas, N $joint, K $marginals", async ({ replicas, joint, marginals }) => {
    const slots = joint * (1 + marginals);
    const scores = normals(1, replicas * slots).map((t) => 4 * t);
    const parameters = range(replicas).map((r) => ({ lambda: 0.1 * 10 ** r, C: 2 - 3 * r }));
    const batches = split(scores, replicas).map((list) => batchOf(list, marginals));
    const emas = batches.map((batch, r) => nextEma(r === 0 ? undefined : r - 0.5, batch, 0.3));
    const stats = batches.map((batch, r) => ({
      joint_mean: mean(batch.joint),
      marginal_lme: logMeanExp(batch.marginal),
      joint_term: 0,
      marginal_term: 0,
      joint_count: joint,
      marginal_count: joint * marginals,
      ema_lse: emas[r]!,
    }));
    const hyper = parameters.map(({ lambda, C }) => hyperWith({ lambda, target_constant: C }));
    const { d_scores } = await runKernel(
      "differentiate_scores",
      {
        dims: { joint, marginals },
        hyper: records("Hyper", hyper),
        scores,
        stats: records("ScoreStats", stats),
        d_scores: replicas * slots,
      },
      [Math.ceil(slots / 64), replicas, 1],
      estimators[name].slot,
    );
    const oracle = oracles[name]!;
    const want = Array.from(scores, (t, at) => {
      const r = Math.floor(at / slots);
      const d = (at % slots) % (1 + marginals) === 0 ? oracle.dJoint : oracle.dMarginal;
      return d(t, batches[r]!, parameters[r]!, emas[r]!);
    });
    // An exponent of |T| + |g| < 40, rounded twice, and exp itself, relative; ReMINE's factor adds 2 lambda |g - C| < 600
    // roundings at the size of d_scores without it.
    const tolerance = EXP + 4 * EPS * 40;
    const factor = parameters.map(
      ({ lambda, C }, r) => 1 + 2 * lambda * (Math.abs(stats[r]!.marginal_lme) + Math.abs(C)),
    );
    const scale = want.map((v, at) => Math.abs(v) + (4 * EPS * factor[Math.floor(at / slots)]!) / (joint * marginals));
    expectClose(d_scores!, want, { tolerance, scale, what: "d_scores" });
    expect(Math.max(...d_scores!.map(Math.abs))).toBeGreaterThan(0);
  });
});
