import { describe, expect } from "vitest";
import { type Initialisation, initialScale } from "../../src/critics/critic.ts";
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

describe("fill_weights, by the names of the frameworks", () => {
  const [inputs, outputs] = [64, 129];
  // Variances as PyTorch (kaiming_*_, xavier_*_, nn.Linear) and Keras (LecunNormal) document them.
  const named: [Initialisation, { family: "uniform" | "normal"; variance: number }][] = [
    ["torch", { family: "uniform", variance: 1 / (3 * inputs) }],
    ["glorot", { family: "uniform", variance: 2 / (inputs + outputs) }],
    ["glorot-normal", { family: "normal", variance: 2 / (inputs + outputs) }],
    ["he-uniform", { family: "uniform", variance: 2 / inputs }],
    ["he-normal", { family: "normal", variance: 2 / inputs }],
    ["lecun-normal", { family: "normal", variance: 1 / inputs }],
    ["normal", { family: "normal", variance: 0.05 ** 2 }],
  ];

  it.each(named)("%s", async (name, { family, variance }) => {
    const weights = inputs * outputs;
    const count = weights + outputs;
    const scale = initialScale(name, { inputs, outputs, bias: true });
    const { params } = await runKernel(
      "fill_weights",
      {
        dims: { offset: 0, weights, biases: outputs, stride: count, tensor: 1, ...scale },
        hyper: records("Hyper", [hyperWith({ seed: 5 })]),
        params: count,
      },
      [Math.ceil(count / 64), 1, 1],
    );
    const drawn = Array.from(params!.subarray(0, weights), (w) => w / Math.sqrt(variance));
    const moment = (k: number) => drawn.reduce((sum, z) => sum + z ** k, 0) / weights;
    const [fourth, eighth] = family === "normal" ? [3, 105] : [9 / 5, 9];
    // Four standard errors of each moment; the odd ones are 0.
    const close = (k: number, want: number, spread: number) =>
      expectClose([moment(k)], [want], { tolerance: 4 * Math.sqrt(spread / weights), what: `moment ${k}` });
    close(1, 0, 1);
    close(2, 1, fourth - 1);
    close(3, 0, family === "normal" ? 15 : 27 / 7);
    close(4, fourth, eighth - fourth ** 2);
    const biases = params!.subarray(weights);
    if (name === "torch") {
      expect(new Set(biases).size).toBeGreaterThan(outputs / 2);
      expect(Math.max(...biases.map(Math.abs))).toBeLessThan(1 / Math.sqrt(inputs));
    } else {
      expect([...biases].every((b) => b === 0)).toBe(true);
    }
  });
});
