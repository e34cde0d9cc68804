import { describe } from "vitest";
import { EPS, expectClose, it, normals, range, runKernel } from "../gpu.ts";
import { momentumStep } from "../oracle/optimizer.ts";
import { stepCases, stepInputs } from "./step.ts";

describe.each(["the first step", "a later step"])("step_momentum, %s", (which) => {
  it.each(stepCases)("R $replicas, P $count, $workgroups workgroups", async (c) => {
    const { updates, stride, inputs, isStepped } = stepInputs(c, 1);
    const size = inputs.params.length;
    const m_params = which === "the first step" ? new Float32Array(size) : normals(3, size);
    const got = await runKernel("step_momentum", { ...inputs, m_params }, [c.workgroups, c.replicas, 1]);
    const want = range(size).map((at) => {
      const old = { p: inputs.params[at]!, m: m_params[at]! };
      if (!isStepped(at)) return { ...old, scale: { p: 0, m: 0 } }; // padding, and a gradient that was not finite: to the bit
      const u = updates[Math.floor(at / stride)]!;
      const d = u.gradient_scale * inputs.d_params[at]!;
      const next = momentumStep(old, d, { ...u, momentum: u.hyper.beta1, nesterov: u.hyper.nesterov === 1 });
      // The two terms of m may cancel; the step along it is at most 1 + momentum times their sum.
      const terms = Math.abs(u.hyper.beta1 * old.m) + Math.abs(d);
      return { ...next, scale: { p: Math.abs(old.p) + 2 * u.rate * terms, m: terms } };
    });
    for (const name of ["p", "m"] as const) {
      expectClose(
        name === "p" ? got.params! : got.m_params!,
        want.map((w) => w[name]),
        { tolerance: 6 * EPS, scale: want.map((w) => w.scale[name]), what: name }, // six roundings
      );
    }
  });
});
