import { describe } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { imageCases, inputsOf, perElement, slopes } from "./image.ts";

describe.each(slopes)("backward_mean above $below", ({ below, stored, slopeFrom }) => {
  it.each(imageCases)("R $replicas, $images of $height x $width x $channels", async (dims) => {
    const { replicas, channels } = dims;
    const pixels = dims.height * dims.width;
    const d_output = awkward(1, replicas * dims.images * channels);
    const size = replicas * inputsOf(dims);
    const slope = awkward(2, size);
    const { d_input } = await runKernel(
      "backward_mean",
      { dims, d_output, slope, d_input: size },
      perElement(inputsOf(dims), dims),
      "only",
      { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
    );
    const want = Float64Array.from({ length: size }, (_, i) => {
      const above = d_output[Math.floor(i / (pixels * channels)) * channels + (i % channels)]!;
      return (above / pixels) * slopeFrom(slope[i]!);
    });
    // A division of 2.5 ulp and a product; below the smallest normal number an adapter may flush to 0.
    expectClose(d_input!, want, { tolerance: 7 * EPS, scale: want.map((v) => Math.abs(v) + 1e-30), what: "d_input" });
  });
});
