import { activationCode } from "../../src/critics/critic.ts";
import { awkward, EPS, expectClose, normals, split } from "../gpu.ts";
import { convolveBack } from "../oracle/image.ts";
import { inputsOf, outputsOf, slopes, testImages } from "./image.ts";

testImages("backward_conv", (image, setting) => {
  const { replicas, offset, stride } = image;
  const { below, stored, slopeFrom } = slopes[setting % 3]!;
  const d_output = awkward(1, replicas * outputsOf(image));
  const slope = awkward(2, replicas * inputsOf(image));
  const params = normals(3, replicas * stride);
  return {
    inputs: { d_output, params, slope, d_input: replicas * inputsOf(image) },
    result: [image.images * image.height * image.width, image.channels, replicas],
    overrides: { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
    check({ d_input }) {
      const [above, weights] = [split(d_output, replicas), split(params, replicas)];
      split(d_input!, replicas).forEach((got, r) => {
        const sum = convolveBack(image, above[r]!, weights[r]!.subarray(offset));
        const times = (i: number) => slopeFrom(slope[r * inputsOf(image) + i]!);
        expectClose(
          got,
          sum.value.map((v, i) => v * times(i)),
          {
            tolerance: (image.size ** 2 * image.out_channels + 2) * EPS, // n terms and the product with the slope
            scale: sum.magnitude.map((m, i) => m * Math.abs(times(i))),
            what: `d_input of replica ${r}`,
          },
        );
      });
    },
  };
});
