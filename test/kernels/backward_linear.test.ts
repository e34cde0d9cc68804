import { activationCode } from "../../src/critics/critic.ts";
import { EPS, expectClose } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import { slopes } from "./image.ts";
import { networksOf, paramsOf, perRow, testProduct } from "./linear.ts";

testProduct("backward_linear", (layer, setting) => {
  const { replicas, sides, rows, inputs, outputs } = layer;
  const d_output = perRow(1, layer, outputs);
  const slope = perRow(2, layer, inputs);
  const params = paramsOf(3, layer);
  const { below, stored, slopeFrom } = slopes[setting % 3]!;
  const slopeAt = (i: number) => slopeFrom(slope[i]!);
  return {
    inputs: { d_output, params, slope, d_input: slope.length },
    result: [rows, inputs, sides * replicas],
    overrides: { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
    check({ d_input }) {
      for (const { n, name, weights } of networksOf(layer)) {
        const above = (row: number, k: number) => d_output[(n * rows + row) * outputs + k]!;
        const transposed = (k: number, col: number) => params[weights + col * outputs + k]!;
        const sum = product(rows, outputs, inputs, above, transposed);
        const first = n * rows * inputs;
        expectClose(
          d_input!.subarray(first, first + rows * inputs),
          sum.value.map((v, i) => v * slopeAt(first + i)),
          {
            tolerance: (outputs + 2) * EPS, // n terms and the product with the slope
            scale: sum.magnitude.map((m, i) => m * Math.abs(slopeAt(first + i))),
            what: `d_input of ${name}`,
          },
        );
      }
    },
  };
});
