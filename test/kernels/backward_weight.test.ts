import { CANARY, EPS, expectClose } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import { perRow, testProduct } from "./linear.ts";

testProduct("backward_weight", (layer) => {
  const { replicas, rows, inputs, outputs, offset, stride, bias } = layer;
  const input = perRow(1, layer, inputs);
  const d_output = perRow(2, layer, outputs);
  return {
    inputs: { input, d_output, d_params: replicas * stride },
    result: [inputs + bias, outputs],
    check({ d_params }) {
      for (let r = 0; r < replicas; r++) {
        const transposed = (row: number, k: number) => (row < inputs ? input[(r * rows + k) * inputs + row]! : 1);
        const above = (k: number, col: number) => d_output[(r * rows + k) * outputs + col]!;
        const { value, magnitude } = product(inputs + bias, rows, outputs, transposed, above);
        // Whatever lies before and after the layer is another layer's and stays.
        const want = new Float64Array(stride).fill(CANARY);
        const scale = new Float64Array(stride);
        want.set(value, offset);
        scale.set(magnitude, offset);
        const got = d_params!.subarray(r * stride, (r + 1) * stride);
        expectClose(got, want, { tolerance: (rows + 1) * EPS, scale, what: `d_params of replica ${r}` });
      }
    },
  };
});
