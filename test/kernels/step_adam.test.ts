import { describe } from "vitest";
import { EPS, expectClose, it, normals, range, runKernel } from "../gpu.ts";
import { adamStep } from "../oracle/optimizer.ts";
import { stepCases, stepInputs } from "./step.ts";

describe.each([1, 50])("step_adam, t = %d", (t) => {
  it.each(stepCases)("R $replicas, P $count, $workgroups workgroups", async (c) => {
    const { updates, stride, inputs, isStepped } = stepInputs(c, t);
    const size = inputs.params.length;
    const m_params = t === 1 ? new Float32Array(size) : normals(3, size);
    const v_params = t === 1 ? new Float32Array(size) : normals(4, size).map((v) => v * v);
    const got = await runKernel("step_adam", { ...inputs, m_params, v_params }, [c.workgroups, c.replicas, 1]);
    const want = range(size).map((at) => {
      const old = { p: inputs.params[at]!, m: m_params[at]!, v: v_params[at]! };
      if (!isStepped(at)) return { ...old, scale: { p: 0, m: 0, v: 0 } };
      const u = updates[Math.floor(at / stride)]!;
      const d = u.gradient_scale * inputs.d_params[at]!;
      const next = adamStep(old, d, t, { ...u, epsilon: u.hyper.epsilon });
      // m may cancel: its rounding is relative to its two terms, and so is the step's.
      const m = Math.abs(old.m) + Math.abs(d);
      const step = m === 0 ? 0 : (Math.abs(next.p - old.p) * m) / Math.max(Math.abs(next.m), 1e-30);
      return { ...next, scale: { p: Math.abs(old.p) + step, m, v: next.v } };
    });
    for (const name of ["p", "m", "v"] as const) {
      const written = { p: got.params!, m: got.m_params!, v: got.v_params! }[name];
      // A dozen roundings; below 1e-30 numbers may be flushed.
      const scale = want.map((w) => w.scale[name] + (w.scale[name] === 0 ? 0 : 1e-30));
      expectClose(
        written,
        want.map((w) => w[name]),
        { tolerance: 12 * EPS, scale, what: name },
      );
    }
  });
});
