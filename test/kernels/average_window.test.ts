import { describe, expect } from "vitest";
import { type EstimatorName, estimators, type WindowAverages } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { hyperOf, largest } from "../evaluate.ts";
import { clockWith, EPS, EXP, expectClose, hyperWith, it, normals, range, records, runKernel } from "../gpu.ts";
import { batchOf, logMeanExp, mean, oracles, parameters, termsOf } from "../oracle/estimators.ts";
import { windowAverages } from "../oracle/window.ts";

const [N, K] = [3, 2];

describe.each(Object.keys(estimators) as EstimatorName[])("average_window, %s", (name) => {
  it.each([
    { replicas: 1, steps: [1], window: 1, capacity: 5 },
    { replicas: 3, steps: [63, 64, 65], window: 64, capacity: 64 }, // not full, full, turned over
    { replicas: 1, steps: [65], window: 63, capacity: 70 },
    { replicas: 1, steps: [1000], window: 257, capacity: 300 },
    { replicas: 3, steps: [2, 700, 5], window: 65, capacity: 257 },
  ])("R $replicas, W $window of $capacity after $steps steps", async ({ replicas, steps, window, capacity }) => {
    const oracle = oracles[name];
    // Levels drift from batch to batch, which is what sets the two averages apart.
    const batches = steps.map((count, r) => {
      const scores = normals(10 + r, count * N * (1 + K));
      return range(count).map((step) => {
        const slice = scores.subarray(step * N * (1 + K), (step + 1) * N * (1 + K));
        return batchOf(
          slice.map((t) => 2 * t + step / 200),
          K,
        );
      });
    });
    // Slots that no step of the window wrote hold what would be noticed.
    const unused = {
      joint_mean: 1e6,
      marginal_lme: 1e6,
      joint_term: 1e6,
      marginal_term: 1e6,
      second_term: 1e6,
      value: 1e6,
      objective: 1e6,
    };
    const history = range(replicas * capacity).map(() => unused);
    batches.forEach((list, r) => {
      list.forEach((batch, step) => {
        history[r * capacity + (step % capacity)] = {
          joint_mean: mean(batch.joint),
          marginal_lme: logMeanExp(batch.marginal),
          ...termsOf(oracle, batch, parameters),
          value: oracle.value(batch, parameters),
          objective: 1e6,
        };
      });
    });
    const stats = { ...unused, joint_count: N, marginal_count: N * K, ema_lse: 0 };
    const { averages } = await runKernel(
      "average_window",
      {
        dims: { replicas, capacity, window },
        hyper: records(
          "Hyper",
          steps.map(() => hyperOf(parameters)),
        ),
        clock: records(
          "Clock",
          steps.map((step) => clockWith({ step })),
        ),
        stats: records(
          "ScoreStats",
          steps.map(() => stats),
        ),
        history: records("StepRecord", history),
        averages: replicas * 5,
      },
      [replicas, 1, 1],
      estimators[name].slot,
    );
    unpackArray<WindowAverages>("WindowAverages", averages!.buffer as ArrayBuffer).forEach((got, r) => {
      const want = windowAverages(batches[r]!.slice(-window), oracle, parameters);
      // ceil(W / 64) + 6 folds, of two exp each for the pooled term; scores reach about 20.
      const folds = Math.ceil(window / 64) + 6;
      const size = Math.max(20, ...batches[r]!.map((b) => largest(Object.values(termsOf(oracle, b, parameters)))));
      const sum = size * folds * EPS;
      const pooled = sum + 2 * EXP * folds;
      expect(got.steps).toBe(Math.min(steps[r]!, window));
      const values = largest(batches[r]!.map((b) => oracle.value(b, parameters)));
      expectClose([got.macro_value], [want.macro], { tolerance: sum + values * folds * EPS, what: "macro" });
      expectClose([got.joint_mean], [want.joint], { tolerance: sum, what: "joint" });
      expectClose([got.marginal_lme], [want.logPartition], { tolerance: pooled, what: "log partition" });
      // A value that takes exp of the pooled term magnifies its error by that.
      const steep = Math.max(1, Math.exp(want.logPartition));
      expectClose([got.micro_value], [want.micro], { tolerance: sum + pooled * steep, what: "micro" });
    });
  });
});

describe("average_window", () => {
  it("pools log partitions that a plain mean of exp would overflow", async () => {
    const levels = [-1e4, 0, 1e4, 1e4 - 1];
    const record = (marginal_lme: number) => ({
      ...{
        joint_mean: 0,
        marginal_lme,
        joint_term: 0,
        marginal_term: 0,
        second_term: 0,
        value: -marginal_lme,
        objective: 0,
      },
    });
    const stats = { ...record(0), joint_count: 1, marginal_count: 1, ema_lse: 0 };
    const { averages } = await runKernel(
      "average_window",
      {
        dims: { replicas: 1, capacity: 4, window: 4 },
        hyper: records("Hyper", [hyperWith({})]),
        clock: records("Clock", [clockWith({ step: 4 })]),
        stats: records("ScoreStats", [stats]),
        history: records("StepRecord", levels.map(record)),
        averages: 5,
      },
      [1, 1, 1],
      "donsker_varadhan",
    );
    const [got] = unpackArray<WindowAverages>("WindowAverages", averages!.buffer as ArrayBuffer);
    expectClose([got!.marginal_lme], [logMeanExp(levels)], { tolerance: 1e4 * 4 * EPS, what: "log partition" });
  });
});
