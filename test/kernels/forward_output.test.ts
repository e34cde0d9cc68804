import { describe } from "vitest";
import { awkward, cellForms, EPS, expectClose, it, normals, runKernel } from "../gpu.ts";
import { product } from "../oracle/linear.ts";

describe.each([
  { replicas: 1, rows: 1, inputs: 1, bias: 1 },
  { replicas: 3, rows: 63, inputs: 5, bias: 0 },
  { replicas: 1, rows: 64, inputs: 65, bias: 1 },
  { replicas: 3, rows: 65, inputs: 64, bias: 1 },
  { replicas: 1, rows: 257, inputs: 257, bias: 0 },
  { replicas: 3, rows: 5, inputs: 132, bias: 1 },
])("forward_output", ({ replicas, rows, inputs, bias }) => {
  it.each(cellForms(inputs))(`R ${replicas}, rows ${rows}, inputs ${inputs}, bias ${bias}, %s`, async (form) => {
    const offset = form === "four" ? 8 : 3;
    const stride = form === "four" ? offset + inputs + 4 : offset + inputs + bias + 2;
    const input = awkward(1, replicas * rows * inputs);
    const params = normals(2, replicas * stride);
    const dims = { rows, inputs, outputs: 1, offset, stride, bias, replicas, sides: 1, apart: 0, parts: 1 };
    const { scores } = await runKernel(
      "forward_output",
      { dims, input, params, scores: replicas * rows },
      [Math.ceil(rows / 64), replicas, 1],
      form,
    );
    for (let r = 0; r < replicas; r++) {
      const in1 = (row: number, k: number) => (k < inputs ? input[(r * rows + row) * inputs + k]! : 1);
      const { value, magnitude } = product(rows, inputs + bias, 1, in1, (k) => params[r * stride + offset + k]!);
      const got = scores!.subarray(r * rows, (r + 1) * rows);
      expectClose(got, value, { tolerance: (inputs + 2) * EPS, scale: magnitude, what: `scores of replica ${r}` });
    }
  });
});
