import { describe } from "vitest";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { imageCases, inputsOf, perElement } from "./image.ts";

describe("forward_mean", () => {
  it.each(imageCases)("R $replicas, $images of $height x $width x $channels", async (dims) => {
    const { replicas, channels } = dims;
    const pixels = dims.height * dims.width;
    const input = awkward(1, replicas * inputsOf(dims));
    const size = replicas * dims.images * channels;
    const { output } = await runKernel(
      "forward_mean",
      { dims, input, output: size },
      perElement(dims.images * channels, dims),
    );
    const want = new Float64Array(size);
    const scale = new Float64Array(size);
    input.forEach((v, i) => {
      const out = Math.floor(i / (pixels * channels)) * channels + (i % channels);
      want[out]! += v / pixels;
      scale[out]! += Math.abs(v) / pixels;
    });
    expectClose(output!, want, { tolerance: (pixels + 3) * EPS, scale, what: "output" }); // a division is 2.5 ulp
  });
});
