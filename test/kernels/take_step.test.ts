import { describe } from "vitest";
import { it, runKernel } from "../gpu.ts";
import { type FinishCase, finishCase } from "./finish.ts";

const cases: (FinishCase & { groups: number })[] = [
  { kernel: "step_adam", replicas: 1, count: 1, groups: 4 },
  { kernel: "step_adam", replicas: 3, count: 65, groups: 300 }, // more squares than lanes
  { kernel: "step_momentum", replicas: 3, count: 63, groups: 4 },
  { kernel: "step_sgd", replicas: 3, count: 257, groups: 8 },
  { kernel: "step_adam", replicas: 2, count: 2500, groups: 4 }, // threads stride
];

describe("take_step", () => {
  it.each(cases)("$kernel, R $replicas, P $count, G $groups", async ({ groups, ...c }) => {
    const { inputs, overrides, gradients, expectStep, expectClock } = finishCase(c);
    // However the squares are spread over the workgroups, it is their sum that counts.
    const squares = new Float32Array(c.replicas * groups);
    gradients.forEach((gradient, r) => {
      gradient.forEach((d, i) => {
        squares[r * groups + ((7 * i) % groups)]! += d * d;
      });
    });
    const got = await runKernel("take_step", { ...inputs, squares }, [groups, c.replicas, 1], "only", overrides);
    expectStep(got);
    expectClock(got);
  });
});
