import { expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { activationError, CANARY, EPS, expectClose } from "../gpu.ts";
import { type Activation, activate } from "../oracle/critic.ts";
import { product } from "../oracle/linear.ts";
import { paramsOf, perRow, testProduct } from "./linear.ts";

const activations: Activation[] = ["silu", "relu", "identity", "elu", "tanh", "leaky-relu"];

testProduct("forward_linear", (layer, index) => {
  const { replicas, rows, inputs, outputs, offset, stride, bias } = layer;
  const activation = activations[index % activations.length]!;
  const stored = Number(activation !== "relu"); // as critics choose it
  const input = perRow(1, layer, inputs);
  const params = paramsOf(2, layer);
  const size = replicas * rows * outputs;
  return {
    inputs: { input, params, output: size, slope: size },
    result: [rows, outputs],
    overrides: { ACTIVATION: activationCode[activation], SLOPE_STORED: stored },
    check({ output, slope }) {
      for (let r = 0; r < replicas; r++) {
        const weight = (k: number, col: number) => params[r * stride + offset + k * outputs + col]!;
        // A bias is a weight on an input of 1.
        const in1 = (row: number, k: number) => (k < inputs ? input[(r * rows + row) * inputs + k]! : 1);
        const z = product(rows, inputs + bias, outputs, in1, weight);
        // n terms summed in f32 are off by n half ulps of the sum of magnitudes. |act'| <= 1.1, |act''| <= 1 but at
        // a kink.
        const dz = z.magnitude.map((m) => (inputs + 2) * EPS * m);
        const want = Array.from(z.value, (v) => activate(activation, v));
        const own = activationError(activation) + EPS;
        const part = (all: Float32Array) => all.subarray(r * rows * outputs, (r + 1) * rows * outputs);
        expectClose(
          part(output!),
          want.map((w) => w.value),
          {
            tolerance: 1,
            scale: want.map((w, i) => 1.1 * dz[i]! + own * Math.abs(w.value) + 1e-30),
            what: `output of replica ${r}`,
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
            what: `slope of replica ${r}`,
          },
        );
      }
    },
  };
});
