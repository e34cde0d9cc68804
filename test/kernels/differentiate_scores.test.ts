import { describe, expect } from "vitest";
import { type EstimatorName, estimators } from "../../src/gpu/shaders.gen.ts";
import { differences, evaluate, largest } from "../evaluate.ts";
import { EPS, EXP, expectClose, it, normals, range, split } from "../gpu.ts";
import { batchOf, logMeanExp, mean, nextEma, oracles, parameters } from "../oracle/estimators.ts";

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
    const scores = normals(1, replicas * slots).map((t) => 2 * t);
    const each = range(replicas).map((r) => ({ ...parameters, lambda: 0.1 * 10 ** r, C: 2 - 3 * r }));
    const { d_scores } = await evaluate(name, scores, { joint, marginals, parameters: each, ema: 0.5 });
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
  });

  it("a replica with a batch size of its own is a smaller batch", async () => {
    const [joint, marginals, batch] = [13, 4, [1, 7, 13]];
    const all = normals(2, batch.length * joint * (1 + marginals)).map((t) => 2 * t);
    const baseline = normals(3, batch.length * joint);
    const together = await evaluate(name, all, { joint, marginals, baseline, batch, ema: 0.5 });
    for (const [r, size] of batch.entries()) {
      const slots = size * (1 + marginals);
      const part = split(all, batch.length)[r]!.slice(0, slots);
      const own = split(baseline, batch.length)[r]!.slice(0, size);
      const alone = await evaluate(name, part, { joint: size, marginals, baseline: own, ema: 0.5 });
      const padded = new Float32Array(joint * (1 + marginals));
      padded.set(alone.d_scores);
      expect(split(together.d_scores, batch.length)[r]).toEqual(padded);
      expect(together.steps[r]).toEqual(alone.steps[0]);
      if (!alone.d_baseline) continue;
      const paddedRows = new Float32Array(joint);
      paddedRows.set(alone.d_baseline);
      expect(split(together.d_baseline!, batch.length)[r]).toEqual(paddedRows);
    }
  });
});
