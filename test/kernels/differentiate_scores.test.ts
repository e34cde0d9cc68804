import { describe } from "vitest";
import { type EstimatorName, estimators } from "../../src/gpu/shaders.gen.ts";
import { it } from "../gpu.ts";
import { expectGradient, expectSmallerBatches } from "./scores.ts";

describe.each(Object.keys(estimators) as EstimatorName[])("differentiate_scores, %s", (name) => {
  it.each([
    { replicas: 1, joint: 1, marginals: 1 },
    { replicas: 3, joint: 63, marginals: 1 },
    { replicas: 1, joint: 64, marginals: 2 },
    { replicas: 3, joint: 13, marginals: 4 },
    { replicas: 1, joint: 257, marginals: 1 },
    { replicas: 3, joint: 17, marginals: 16 },
  ])("R $replicas, N $joint, K $marginals", async (c) => {
    await expectGradient(name, c);
  });

  it("a replica with a batch size of its own is a smaller batch", async () => {
    await expectSmallerBatches(name);
  });
});
