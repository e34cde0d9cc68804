import { describe } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { awkward, CANARY, cellForms, EPS, expectClose, it, normals, runKernel } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import { slopes } from "./image.ts";

describe.each([
  { replicas: 1, rows: 1, inputs: 1, bias: 1 },
  { replicas: 3, rows: 63, inputs: 65, bias: 1 },
  { replicas: 1, rows: 64, inputs: 64, bias: 0 },
  { replicas: 3, rows: 65, inputs: 5, bias: 0 },
  { replicas: 1, rows: 257, inputs: 130, bias: 1 },
  { replicas: 3, rows: 5, inputs: 132, bias: 1 },
])("backward_output", ({ replicas, rows, inputs, bias }) => {
  const cases = slopes.flatMap((one) => cellForms(inputs).map((form) => ({ ...one, form })));
  it.each(cases)(`R ${replicas}, rows ${rows}, inputs ${inputs}, bias ${bias}, above $below, $form`, async (one) => {
    const { below, stored, slopeFrom, form } = one;
    const offset = form === "four" ? 8 : 3;
    const stride = form === "four" ? offset + inputs + 4 : offset + inputs + bias + 2;
    const d_scores = awkward(1, replicas * rows);
    const input = awkward(4, replicas * rows * inputs);
    const slope = awkward(2, replicas * rows * inputs);
    const params = normals(3, replicas * stride);
    const dims = { rows, inputs, outputs: 1, offset, stride, bias, replicas, sides: 1, apart: 0, parts: 1 };
    const { d_input, d_params } = await runKernel(
      "backward_output",
      { dims, d_scores, params, input, slope, d_input: slope.length, d_params: replicas * stride },
      [Math.ceil(inputs / 64), replicas, 1],
      form,
      { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
    );
    const want = Float64Array.from(slope, (s, i) => {
      const row = Math.floor(i / inputs);
      const weight = params[Math.floor(row / rows) * stride + offset + (i % inputs)]!;
      return d_scores[row]! * weight * slopeFrom(stored ? s : input[i]!);
    });
    // Two products; below the smallest normal number an adapter may flush to 0.
    expectClose(d_input!, want, { tolerance: 3 * EPS, scale: want.map((v) => Math.abs(v) + 1e-30), what: "d_input" });

    for (let r = 0; r < replicas; r++) {
      // A bias is a weight on an input of 1.
      const transposed = (unit: number, k: number) => (unit < inputs ? input[(r * rows + k) * inputs + unit]! : 1);
      const sum = product(inputs + bias, rows, 1, transposed, (k) => d_scores[r * rows + k]!);
      // Whatever lies before and after the layer is another layer's and stays.
      const gradient = new Float64Array(stride).fill(CANARY);
      const scale = new Float64Array(stride);
      gradient.set(sum.value, offset);
      scale.set(sum.magnitude, offset);
      const got = d_params!.subarray(r * stride, (r + 1) * stride);
      expectClose(got, gradient, { tolerance: (rows + 1) * EPS, scale, what: `d_params of replica ${r}` });
    }
  });
});
