import { describe, expect } from "vitest";
import { type EstimatorName, estimators, kernels } from "../../src/gpu/shaders.gen.ts";
import { differences, evaluate, largest } from "../evaluate.ts";
import { EXP, expectClose, it, normals, range, split } from "../gpu.ts";
import { batchOf, oracles, parameters } from "../oracle/estimators.ts";

const names = (Object.keys(estimators) as EstimatorName[]).filter(
  (name) => estimators[name].slot in kernels.differentiate_baseline.variants,
);

describe.each(names)("differentiate_baseline, %s", (name) => {
  it.each([
    { replicas: 1, joint: 1, marginals: 1 },
    { replicas: 3, joint: 63, marginals: 2 },
    { replicas: 1, joint: 65, marginals: 3 },
    { replicas: 3, joint: 17, marginals: 16 },
    { replicas: 1, joint: 257, marginals: 1 },
  ])("R $replicas, N $joint, K $marginals", async ({ replicas, joint, marginals }) => {
    const scores = normals(1, replicas * joint * (1 + marginals)).map((t) => 2 * t);
    const baseline = normals(2, replicas * joint);
    const each = range(replicas).map((r) => ({ ...parameters, alpha: [0.01, 0.5, 0.99][r]! }));
    const { d_baseline } = await evaluate(name, scores, { joint, marginals, baseline, parameters: each });
    split(scores, replicas).forEach((list, r) => {
      const own = split(baseline, replicas)[r]!;
      const want = differences((b) => oracles[name].objective(batchOf(list, marginals, b), each[r]!, 0), own);
      // Sums of up to K exponentials, a few exp each.
      expectClose(split(d_baseline!, replicas)[r]!, want, { tolerance: 6 * EXP * largest(want), what: "d_baseline" });
      expect(largest(want)).toBeGreaterThan(1e-4);
    });
  });
});
