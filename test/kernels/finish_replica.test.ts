/** The end of a step in one dispatch, on a GPU. What the optimizers do differently is in take_step.test.ts: both share it. */
import { describe, expect } from "vitest";
import { it, runKernel } from "../gpu.ts";
import { type FinishCase, finishCase } from "./finish.ts";

const cases: FinishCase[] = [
  { kernel: "step_adam", replicas: 1, count: 1 },
  { kernel: "step_adam", replicas: 3, count: 65, parts: 2 },
  { kernel: "step_adam", replicas: 3, count: 257, parts: 16 },
  { kernel: "step_adam", replicas: 2, count: 2500, parts: 8 }, // lanes take several vectors
];

describe("finish_replica", () => {
  it.each(cases)("$kernel, R $replicas, P $count, M $parts", async (c) => {
    const { inputs, overrides, d_params, expectStep, expectClock, expectSum } = finishCase(c);
    const got = await runKernel("finish_replica", inputs, [c.replicas, 1, 1], "only", overrides);
    expectStep(got);
    expectClock(got);
    if (c.parts) expectSum(got.d_params!);
    else expect(got.d_params!).toEqual(d_params);
  });
});
