import { CANARY, EPS, expectClose, range } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import { networksOf, perRow, testProduct } from "./linear.ts";

testProduct("backward_weight", (layer) => {
  const { replicas, sides, parts, rows, inputs, outputs, stride, bias } = layer;
  const input = perRow(1, layer, inputs);
  const d_output = perRow(2, layer, outputs);
  const each = Math.ceil(rows / parts);
  return {
    inputs: { input, d_output, d_params: parts * replicas * stride },
    result: [inputs + Math.min(1, bias), outputs, parts * sides * replicas],
    check({ d_params }) {
      // Whatever lies before and after a layer is another layer's and stays.
      const want = new Float64Array(d_params!.length).fill(CANARY);
      const scale = new Float64Array(d_params!.length);
      for (const m of range(parts)) {
        const [begin, end] = [Math.min(m * each, rows), Math.min((m + 1) * each, rows)];
        for (const { n, biases, weights } of networksOf(layer)) {
          const at = (k: number) => n * rows + begin + k;
          const transposed = (row: number, k: number) => (row < inputs ? input[at(k) * inputs + row]! : 1);
          const above = (k: number, col: number) => d_output[at(k) * outputs + col]!;
          const { value, magnitude } = product(inputs + biases, end - begin, outputs, transposed, above);
          want.set(value, m * replicas * stride + weights);
          scale.set(magnitude, m * replicas * stride + weights);
        }
      }
      expectClose(d_params!, want, { tolerance: (each + 1) * EPS, scale, what: "d_params" });
    },
  };
});
