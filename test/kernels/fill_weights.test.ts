import { describe } from "vitest";
import { CANARY, EPS, expectClose, hyperWith, it, records, runKernel, TRIG } from "../gpu.ts";
import { normalPair, PURPOSE, philox, uniformOpen } from "../oracle/random.ts";

describe("fill_weights", () => {
  it.each([
    { replicas: 1, weights: 1, biases: 0, normal: 0, scale: 0.5, bias_scale: 0 },
    { replicas: 3, weights: 58, biases: 5, normal: 0, scale: 0.25, bias_scale: 1 },
    { replicas: 1, weights: 63, biases: 1, normal: 1, scale: 0.05, bias_scale: 0 },
    { replicas: 3, weights: 60, biases: 5, normal: 1, scale: 2, bias_scale: 1 },
    { replicas: 1, weights: 255, biases: 2, normal: 0, scale: 3, bias_scale: 0 },
  ])("R $replicas, $weights + $biases, normal $normal, biases times $bias_scale", async (c) => {
    const { replicas, weights, biases, normal, scale, bias_scale } = c;
    const [offset, tensor] = [9, 4];
    const stride = offset + weights + biases + 3;
    const keys = Array.from({ length: replicas }, (_, r) => [0x80000000 + r, 77 * r] as const);
    const { params } = await runKernel(
      "fill_weights",
      {
        dims: { offset, weights, biases, stride, tensor, normal, scale, bias_scale },
        hyper: records(
          "Hyper",
          keys.map(([seed, stream]) => hyperWith({ seed, stream })),
        ),
        params: replicas * stride,
      },
      [Math.ceil((weights + biases) / 64), replicas, 1],
    );
    const want = keys.flatMap((key) =>
      Array.from({ length: stride }, (_, i) => {
        const element = i - offset;
        if (element < 0 || element >= weights + biases) return CANARY; // another layer's
        const [a, b] = philox([element, tensor, 0, PURPOSE.weights], key);
        const value = normal ? normalPair(a, b)[0] : 2 * uniformOpen(a) - 1;
        return scale * value * (element < weights ? 1 : bias_scale);
      }),
    );
    // Uniform: three roundings of numbers up to 2. Normal: radius <= 6 through cos.
    const tolerance = scale * (normal ? 6 * TRIG : 4 * EPS);
    expectClose(params!, want, { tolerance, what: "params" });
  });
});
