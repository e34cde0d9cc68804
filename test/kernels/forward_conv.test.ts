import { describe, expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { windowOver } from "../../src/critics/images.ts";
import { alignedForm, gridOf } from "../../src/critics/layers.ts";
import { awkward, CANARY, EPS, EXP, expectClose, formOf, it, normals, quickForms, runKernel, split } from "../gpu.ts";
import { type Activation, activate } from "../oracle/critic.ts";
import { convolve } from "../oracle/image.ts";
import { inputsOf, outputsOf, testImages } from "./image.ts";

const activations: Activation[] = ["relu", "silu", "identity"];

testImages("forward_conv", (image, setting) => {
  const { replicas, offset, stride, bias } = image;
  const activation = activations[setting % 3]!;
  const stored = Number(activation !== "relu" || setting > 5); // critics do not store ReLU's
  const input = awkward(1, replicas * inputsOf(image));
  const params = normals(2, replicas * stride);
  const size = replicas * outputsOf(image);
  return {
    inputs: { input, params, output: size, slope: size },
    result: [image.images * image.out_height * image.out_width, image.out_channels, replicas],
    overrides: { ACTIVATION: activationCode[activation], SLOPE_STORED: stored },
    check({ output, slope }) {
      const [images, weights] = [split(input, replicas), split(params, replicas)];
      const [values, slopes] = [split(output!, replicas), split(slope!, replicas)];
      for (let r = 0; r < replicas; r++) {
        const z = convolve(image, images[r]!, weights[r]!.subarray(offset), bias === 1);
        // As forward_linear: n terms summed in f32. |act'| <= 1.1, |act''| <= 0.5; exp adds EXP relative to the sigmoid.
        const terms = image.size ** 2 * image.channels + 2;
        const dz = z.magnitude.map((m) => terms * EPS * m);
        const want = Array.from(z.value, (v) => activate(activation, v));
        const exp = activation === "silu" ? 2 * EXP : EPS;
        expectClose(
          values[r]!,
          want.map((w) => w.value),
          {
            tolerance: 1,
            scale: want.map((w, i) => 1.1 * dz[i]! + exp * Math.abs(w.value) + 1e-30),
            what: `output of replica ${r}`,
          },
        );
        if (activation === "identity" || !stored) {
          expect(slopes[r]!.every((v) => v === CANARY)).toBe(true);
          continue;
        }
        // Where z is 0 up to rounding, either side of ReLU's kink will do.
        const atKink = (i: number) => activation === "relu" && z.value[i] !== 0 && Math.abs(z.value[i]!) <= dz[i]!;
        expectClose(
          slopes[r]!,
          want.map((w) => w.slope),
          {
            tolerance: 1,
            scale: want.map((_, i) => (atKink(i) ? 1 : 0.5 * dz[i]! + 2 * exp)),
            what: `slope of replica ${r}`,
          },
        );
      }
    },
  };
});

describe.each(quickForms)("forward_conv, %s tiles", (form) => {
  it("finds its pixel among many: division by reciprocal is exact", async () => {
    // A 1 x 1 window of weight 1 copies; a row, pixel or image off by one would copy something else.
    const window = windowOver({ height: 7, width: 9, channels: 1 }, { size: 1, stride: 1, padding: "same" });
    const dims = { images: 12_001, ...window, out_channels: 1, offset: 0, stride: 1, bias: 0 };
    const input = Float32Array.from({ length: inputsOf(dims) }, (_, i) => i);
    const grid = gridOf(alignedForm(formOf(form), 1), { rows: input.length, cols: 1, networks: 1 });
    const { output } = await runKernel(
      "forward_conv",
      { dims, input, params: Float32Array.of(1), output: input.length, slope: 1 },
      grid.workgroups,
      grid.slot,
      { ...grid.overrides, ACTIVATION: activationCode.identity },
    );
    expectClose(output!, input, { tolerance: 0, what: "output" });
  });
});
