/** Values of held-out scores through the estimators' kernels: against float64, and how honest the jackknife is. */
import { describe } from "vitest";
import { evaluateBlocks, valueOfBlocks } from "../src/crossfit/score-blocks.ts";
import { estimatorByName } from "../src/estimators/estimator.ts";
import { type EstimatorName, estimators } from "../src/gpu/shaders.gen.ts";
import { expectClose, gpu, it, normals, range, split } from "./gpu.ts";
import { batchOf, mean, oracles, type Parameters } from "./oracle/estimators.ts";

const [joint, marginals, count] = [13, 5, 6];

describe.each(Object.keys(estimators) as EstimatorName[])("%s", (name) => {
  const estimator = estimatorByName(name);
  const own = estimator as unknown as Parameters;

  it("values blocks as its formula does, alone and pooled", async () => {
    const scores = normals(1, count * joint * (1 + marginals));
    const base = estimators[name].baseline === "none" ? undefined : normals(2, count * joint).map((b) => 0.3 * b);
    const blocks = range(count).map((b) => ({
      scores: split(scores, count)[b]!,
      baseline: base && split(base, count)[b]!,
    }));
    const size = { joint, marginals };
    const batches = blocks.map((block) => batchOf(block.scores, marginals, block.baseline));
    const { records } = await evaluateBlocks(gpu, estimator, size, blocks);
    const want = batches.map((batch) => oracles[name].value(batch, own));
    expectClose(
      records.map((record) => record.value),
      want,
      { tolerance: 5e-5, what: "block" },
    );

    const pooledOf = (list: typeof batches) =>
      oracles[name].value(
        {
          joint: list.flatMap((b) => b.joint),
          marginal: list.flatMap((b) => b.marginal),
          baseline: list.flatMap((b) => b.baseline),
        },
        own,
      );
    const { value, standardError } = await valueOfBlocks(gpu, estimator, size, blocks);
    expectClose([value], [pooledOf(batches)], { tolerance: 5e-5, what: "pooled" });
    const without = batches.map((batch) => pooledOf(batches.filter((other) => other !== batch)));
    const spread = without.reduce((sum, v) => sum + (v - mean(without)) ** 2, 0);
    expectClose([standardError], [Math.sqrt(((count - 1) / count) * spread)], { tolerance: 2e-4, what: "jackknife" });
  });
});
