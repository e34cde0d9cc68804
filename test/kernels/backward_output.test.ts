import { describe } from "vitest";
import { kernels } from "../../src/shaders.gen.ts";
import { awkward, EPS, expectClose, it, normals, runKernel } from "../gpu.ts";

const rowsEach = kernels.backward_output.variants.only!.constants.ROWS_EACH!;

describe.each([
  { replicas: 1, rows: 1, inputs: 1 },
  { replicas: 3, rows: 63, inputs: 65 },
  { replicas: 1, rows: 64, inputs: 64 },
  { replicas: 3, rows: 65, inputs: 5 },
  { replicas: 1, rows: 257, inputs: 130 },
])("backward_output", ({ replicas, rows, inputs }) => {
  it(`R ${replicas}, rows ${rows}, inputs ${inputs}`, async () => {
    const offset = 3;
    const stride = offset + inputs + 2;
    const d_scores = awkward(1, replicas * rows);
    const slope = awkward(2, replicas * rows * inputs);
    const params = normals(3, replicas * stride);
    const dims = { rows, inputs, outputs: 1, offset, stride, bias: 1 };
    const { d_input } = await runKernel("backward_output", { dims, d_scores, params, slope, d_input: slope.length }, [
      Math.ceil(inputs / 64),
      Math.ceil(rows / rowsEach),
      replicas,
    ]);
    const want = Float64Array.from(slope, (s, i) => {
      const row = Math.floor(i / inputs);
      const weight = params[Math.floor(row / rows) * stride + offset + (i % inputs)]!;
      return d_scores[row]! * weight * s;
    });
    // Two products; below the smallest normal number an adapter may flush to 0.
    expectClose(d_input!, want, { tolerance: 3 * EPS, scale: want.map((v) => Math.abs(v) + 1e-30), what: "d_input" });
  });
});
