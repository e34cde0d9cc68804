import { describe } from "vitest";
import { type EstimatorName, estimators } from "../../src/gpu/shaders.gen.ts";
import { awkward, it, normals } from "../gpu.ts";
import { expectStats, extreme } from "./scores.ts";

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
    await expectStats("reduce_scores", name, { joint, marginals, scores, own: true });
  });
});

describe("reduce_scores", () => {
  it("keeps a moving average per replica", async () => {
    const scores = normals(2, 6 * 5 * 4);
    const [steps, rates] = [
      [0, 0, 1, 7, 7, 7],
      [1, 0.01, 0.01, 0.3, 1, 0.999],
    ];
    await expectStats("reduce_scores", "mine", { joint: 5, marginals: 3, scores, steps, rates });
  });

  it.each(extreme)("does not overflow: %s", async (_, fill) => {
    const scores = Float32Array.from({ length: 3 * 260 }, (_, i) => fill(i % 260));
    await expectStats("reduce_scores", "remine", { joint: 65, marginals: 3, scores });
  });

  it("takes outliers, zeros and tiny scores", async () => {
    await expectStats("reduce_scores", "remine", { joint: 65, marginals: 3, scores: awkward(3, 3 * 260) });
  });
});
