import { describe, expect } from "vitest";
import { hyperOf, words } from "../evaluate.ts";
import { awkward, CANARY, clockWith, it, normals, records, runKernel } from "../gpu.ts";
import { parameters } from "../oracle/estimators.ts";
import { expectGradient, expectSmallerBatches, expectStats, extreme } from "./scores.ts";

/** No terms of its own; a moving average; two terms; rows; a baseline. The others differ in nothing that is new here. */
describe.each(["remine", "mine", "js", "infonce", "tuba"] as const)("evaluate_scores, %s", (name) => {
  it("R 3, N 13, K 4: the statistics, the record and the gradient", async () => {
    await expectStats("evaluate_scores", name, {
      joint: 13,
      marginals: 4,
      scores: normals(1, 3 * 65).map((t) => 3 * t),
      own: true,
    });
    await expectGradient(name, { replicas: 3, joint: 13, marginals: 4 }, true);
  });

  it("a replica with a batch size of its own is a smaller batch", async () => {
    await expectSmallerBatches(name, true);
  });
});

describe("evaluate_scores", () => {
  it.each([
    { replicas: 1, joint: 1, marginals: 1 },
    { replicas: 1, joint: 257, marginals: 1 }, // lanes take two scores, or three
    { replicas: 3, joint: 33, marginals: 32 }, // K = N - 1
  ])("R $replicas, N $joint, K $marginals", async (c) => {
    const { replicas, joint, marginals } = c;
    const scores = normals(1, replicas * joint * (1 + marginals)).map((t) => 3 * t);
    await expectStats("evaluate_scores", "remine", { joint, marginals, scores, own: true });
    await expectGradient("remine", c, true);
  });

  it.each(extreme)("does not overflow: %s", async (_, fill) => {
    const scores = Float32Array.from({ length: 3 * 260 }, (_, i) => fill(i % 260));
    await expectStats("evaluate_scores", "remine", { joint: 65, marginals: 3, scores });
  });

  it("keeps a moving average per replica, and takes outliers, zeros and tiny scores", async () => {
    const scores = awkward(3, 3 * 260);
    const [steps, rates] = [
      [0, 1, 7],
      [0.01, 0.3, 0.999],
    ];
    await expectStats("evaluate_scores", "remine", { joint: 65, marginals: 3, scores, steps, rates });
  });

  it("leaves the gradient to another dispatch when told to", async () => {
    const { d_scores, stats } = await runKernel(
      "evaluate_scores",
      {
        dims: { joint: 5, marginals: 1, capacity: 1 },
        hyper: records("Hyper", [hyperOf(parameters)]),
        clock: records("Clock", [clockWith({})]),
        scores: normals(1, 10),
        rows: new Float32Array(5 * words("RowStats")),
        stats: words("ScoreStats"),
        d_scores: 10,
        history: words("StepRecord"),
        ahead: words("Clock"),
      },
      [1, 1, 1],
      "remine",
      { DIFFERENTIATED: 0 },
    );
    expect([...d_scores!]).toEqual(Array(10).fill(CANARY));
    expect([...stats!]).not.toContain(CANARY);
  });
});
