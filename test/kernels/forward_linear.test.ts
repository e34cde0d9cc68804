import { expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { activationError, CANARY, EPS, expectClose } from "../gpu.ts";
import { type Activation, activate } from "../oracle/critic.ts";
import { product } from "../oracle/linear.ts";
import { networksOf, paramsOf, perRow, testProduct } from "./linear.ts";

const activations: Activation[] = ["relu", "silu", "identity", "elu", "tanh", "leaky-relu"];

testProduct("forward_linear", (layer, setting) => {
  const { replicas, sides, rows, inputs, outputs } = layer;
  const activation = activations[setting % activations.length]!;
  const stored = Number(activation !== "relu"); // as critics choose it
  const input = perRow(1, layer, inputs);
  const params = paramsOf(2, layer);
  const size = sides * replicas * rows * outputs;
  return {
    inputs: { input, params, output: size, slope: size },
    result: [rows, outputs, sides * replicas],
    overrides: { ACTIVATION: activationCode[activation], SLOPE_STORED: stored },
    check({ output, slope }) {
      for (const { n, name, biases, weights } of networksOf(layer)) {
        const weight = (k: number, col: number) => params[weights + k * outputs + col]!;
        // A bias is a weight on an input of 1.
        const in1 = (row: number, k: number) => (k < inputs ? input[(n * rows + row) * inputs + k]! : 1);
        const z = product(rows, inputs + biases, outputs, in1, weight);
        // n terms summed in f32 are off by n half ulps of the sum of magnitudes. |act'| <= 1.1, |act''| <= 1 but at
        // a kink.
        const dz = z.magnitude.map((m) => (inputs + 2) * EPS * m);
        const want = Array.from(z.value, (v) => activate(activation, v));
        const own = activationError(activation) + EPS;
        const part = (all: Float32Array) => all.subarray(n * rows * outputs, (n + 1) * rows * outputs);
        expectClose(
          part(output!),
          want.map((w) => w.value),
          {
            tolerance: 1,
            scale: want.map((w, i) => 1.1 * dz[i]! + own * Math.abs(w.value) + 1e-30),
            what: `output of ${name}`,
          },
        );
        if (activation === "identity" || !stored) {
          expect(part(slope!).every((v) => v === CANARY)).toBe(true);
          continue;
        }
        // Where z is 0 up to rounding, either side of the kink will do.
        const atKink = (i: number) =>
          activation.endsWith("relu") && z.value[i] !== 0 && Math.abs(z.value[i]!) <= dz[i]!;
        expectClose(
          part(slope!),
          want.map((w) => w.slope),
          {
            tolerance: 1,
            scale: want.map((_, i) => (atKink(i) ? 1 : dz[i]! + 2 * own)),
            what: `slope of ${name}`,
          },
        );
      }
    },
  };
});
