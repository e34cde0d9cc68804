import { describe, expect } from "vitest";
import type { Update } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { words } from "../evaluate.ts";
import { it, range, runKernel } from "../gpu.ts";
import { type FinishCase, finishCase, finite } from "./finish.ts";

const cases: (FinishCase & { groups: number })[] = [
  { kernel: "step_adam", replicas: 1, count: 1, groups: 4 },
  { kernel: "step_adam", replicas: 3, count: 65, groups: 300 }, // more squares than lanes
  { kernel: "step_momentum", replicas: 3, count: 63, groups: 4 },
  { kernel: "step_sgd", replicas: 3, count: 257, groups: 8 },
  { kernel: "step_adam", replicas: 2, count: 2500, groups: 4 }, // threads stride
];

describe("take_step", () => {
  it.each(cases)("$kernel, R $replicas, P $count, G $groups", async ({ groups, ...c }) => {
    const { inputs, overrides, gradients, expectStep } = finishCase(c);
    // However the squares are spread over the workgroups, it is their sum that counts.
    const squares = new Float32Array(c.replicas * groups);
    gradients.forEach((gradient, r) => {
      gradient.forEach((d, i) => {
        squares[r * groups + ((7 * i) % groups)]! += d * d;
      });
    });
    const update = c.replicas * words("Update");
    const workgroups = [groups, c.replicas, 1] as const;
    const got = await runKernel("take_step", { ...inputs, squares, update }, workgroups, "only", overrides);
    expectStep(got);
    const updates = unpackArray<Update>("Update", got.update!.buffer as ArrayBuffer);
    expect(updates.map(({ is_finite }) => is_finite)).toEqual(range(c.replicas).map((r) => Number(finite(r))));
  });
});
