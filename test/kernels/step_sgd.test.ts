import { describe } from "vitest";
import { EPS, expectClose, it, runKernel } from "../gpu.ts";
import { stepCases, stepInputs } from "./step.ts";

describe("step_sgd", () => {
  it.each(stepCases)("R $replicas, P $count, $workgroups workgroups", async (c) => {
    const { updates, stride, inputs, isStepped } = stepInputs(c, 1);
    const { params } = await runKernel("step_sgd", inputs, [c.workgroups, c.replicas, 1]);
    const size = inputs.params.length;
    const want = new Float64Array(size);
    const scale = new Float64Array(size);
    inputs.params.forEach((old, at) => {
      want[at] = old;
      if (!isStepped(at)) return; // padding, and a replica whose gradient was not finite: to the bit
      const u = updates[Math.floor(at / stride)]!;
      const step = u.rate * u.gradient_scale * inputs.d_params[at]!;
      want[at] = old + step - u.decay * old;
      scale[at] = Math.abs(old) + Math.abs(step);
    });
    expectClose(params!, want, { tolerance: 6 * EPS, scale, what: "params" }); // six roundings
  });
});
