import { awkward, CANARY, EPS, expectClose, split } from "../gpu.ts";
import { convolveWeights } from "../oracle/image.ts";
import { inputsOf, outputsOf, testImages } from "./image.ts";

testImages("backward_conv_weight", (image) => {
  const { replicas, offset, stride, bias } = image;
  const input = awkward(1, replicas * inputsOf(image));
  const d_output = awkward(2, replicas * outputsOf(image));
  return {
    inputs: { input, d_output, d_params: replicas * stride },
    result: [image.size ** 2 * image.channels + bias, image.out_channels, replicas],
    check({ d_params }) {
      const [below, above] = [split(input, replicas), split(d_output, replicas)];
      split(d_params!, replicas).forEach((got, r) => {
        const { value, magnitude } = convolveWeights(image, below[r]!, above[r]!, bias === 1);
        // Whatever lies before and after the layer is another layer's and stays.
        const want = new Float64Array(stride).fill(CANARY);
        const scale = new Float64Array(stride);
        want.set(value, offset);
        scale.set(magnitude, offset);
        const terms = image.images * image.out_height * image.out_width;
        expectClose(got, want, { tolerance: (terms + 1) * EPS, scale, what: `d_params of replica ${r}` });
      });
    },
  };
});
