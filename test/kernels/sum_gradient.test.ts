import { describe, expect } from "vitest";
import { EPS, expectClose, it, range, runKernel, split } from "../gpu.ts";
import { finishCase, finite } from "./finish.ts";

describe("sum_gradient", () => {
  it.each([
    { replicas: 1, count: 1, parts: 1, groups: 4 },
    { replicas: 3, count: 63, parts: 2, groups: 4 },
    { replicas: 3, count: 65, parts: 7, groups: 4 }, // by fours and one by one
    { replicas: 1, count: 1030, parts: 4, groups: 8 },
    { replicas: 3, count: 2500, parts: 16, groups: 4 }, // threads stride
  ])("R $replicas, P $count, M $parts, G $groups", async ({ groups, ...c }) => {
    const { inputs, d_params, gradients, magnitude, stride, expectSum } = finishCase({ kernel: "step_sgd", ...c });
    const got = await runKernel("sum_gradient", { ...inputs, squares: c.replicas * groups }, [groups, c.replicas, 1]);
    if (c.parts > 1) expectSum(got.d_params!);
    else expect(got.d_params!).toEqual(d_params);
    const squares = split(got.squares!, c.replicas);
    for (const r of range(c.replicas)) {
      const sum = squares[r]!.reduce((all, square) => all + square, 0);
      if (!finite(r)) {
        expect(Number.isFinite(Math.fround(sum))).toBe(false);
        continue;
      }
      const want = gradients[r]!.reduce((all, d) => all + d * d, 0);
      const scale = gradients[r]!.reduce((all, d, i) => all + Math.abs(d) * magnitude[r * stride + i]!, 0);
      const tolerance = (2 * c.parts + c.count / 4 / 64 / groups + 20) * EPS;
      expectClose([sum], [want], { tolerance, scale, what: `squares of replica ${r}` });
      // Workgroups share the sum: a group beyond the last parameter adds nothing.
      const busy = Math.ceil(Math.ceil(c.count / 4) / 64);
      expect(squares[r]!.map((square) => Number(square > 0))).toEqual(
        Float32Array.from(range(groups), (g) => Number(g < busy)),
      );
    }
  });
});
