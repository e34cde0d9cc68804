import { describe } from "vitest";
import { activationCode } from "../../src/critic.ts";
import { kernels } from "../../src/shaders.gen.ts";
import { awkward, EPS, expectClose, it, normals, runKernel } from "../gpu.ts";

const rowsEach = kernels.backward_output.variants.only!.constants.ROWS_EACH!;

describe.each([
  { replicas: 1, rows: 1, inputs: 1, activation: "silu" },
  { replicas: 3, rows: 63, inputs: 65, activation: "relu" },
  { replicas: 1, rows: 64, inputs: 64, activation: "identity" },
  { replicas: 3, rows: 65, inputs: 5, activation: "identity" },
  { replicas: 1, rows: 257, inputs: 130, activation: "silu" },
] as const)("backward_output", ({ replicas, rows, inputs, activation }) => {
  it(`R ${replicas}, rows ${rows}, inputs ${inputs}, above ${activation}`, async () => {
    const offset = 3;
    const stride = offset + inputs + 2;
    const d_scores = awkward(1, replicas * rows);
    const size = replicas * rows * inputs;
    const isScaled = activation !== "identity";
    const slope = awkward(2, isScaled ? size : 1);
    const params = normals(3, replicas * stride);
    const dims = { rows, inputs, outputs: 1, offset, stride, bias: 1 };
    const { d_input } = await runKernel(
      "backward_output",
      { dims, d_scores, params, slope, d_input: size },
      [Math.ceil(inputs / 64), Math.ceil(rows / rowsEach), replicas],
      "only",
      { ACTIVATION: activationCode[activation] },
    );
    const want = Float64Array.from({ length: size }, (_, i) => {
      const row = Math.floor(i / inputs);
      const weight = params[Math.floor(row / rows) * stride + offset + (i % inputs)]!;
      return d_scores[row]! * weight * (isScaled ? slope[i]! : 1);
    });
    // Two products; below the smallest normal number an adapter may flush to 0.
    expectClose(d_input!, want, { tolerance: 3 * EPS, scale: want.map((v) => Math.abs(v) + 1e-30), what: "d_input" });
  });
});
