import { activationCode } from "../../src/critic.ts";
import { EPS, expectClose } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import { paramsOf, perRow, testProduct } from "./linear.ts";

testProduct("backward_linear", (layer, index) => {
  const { replicas, rows, inputs, outputs, offset, stride } = layer;
  const d_output = perRow(1, layer, outputs);
  // Above a layer without an activation there is no slope to multiply by, and none is bound.
  const isScaled = index % 3 !== 2;
  const slope = isScaled ? perRow(2, layer, inputs) : Float32Array.of(Number.NaN);
  const params = paramsOf(3, layer);
  const stored = index % 2; // 0: `slope` holds ReLU's activations
  const slopeAt = (i: number) => (stored ? slope[i]! : Number(slope[i]! > 0));
  return {
    inputs: { d_output, params, slope, d_input: replicas * rows * inputs },
    result: [rows, inputs],
    overrides: { SLOPE_STORED: stored, ACTIVATION: activationCode[isScaled ? "relu" : "identity"] },
    check({ d_input }) {
      for (let r = 0; r < replicas; r++) {
        const above = (row: number, k: number) => d_output[(r * rows + row) * outputs + k]!;
        const transposed = (k: number, col: number) => params[r * stride + offset + col * outputs + k]!;
        const sum = product(rows, outputs, inputs, above, transposed);
        const first = r * rows * inputs;
        const times = (i: number) => (isScaled ? slopeAt(first + i) : 1);
        expectClose(
          d_input!.subarray(first, first + rows * inputs),
          sum.value.map((v, i) => v * times(i)),
          {
            tolerance: (outputs + 2) * EPS, // n terms and the product with the slope
            scale: sum.magnitude.map((m, i) => m * Math.abs(times(i))),
            what: `d_input of replica ${r}`,
          },
        );
      }
    },
  };
});
