import { describe } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { imageCases, inputsOf, perElement, slopes } from "./image.ts";

describe.each(slopes)("backward_add above $below", ({ below, stored, slopeFrom }) => {
  it.each(imageCases)("R $replicas, $images of $height x $width x $channels", async (dims) => {
    const size = dims.replicas * inputsOf(dims);
    const d_branch = awkward(1, size);
    const d_skip = awkward(2, size);
    const slope = awkward(3, size);
    const { d_input } = await runKernel(
      "backward_add",
      { dims, d_branch, d_skip, slope, d_input: size },
      perElement(inputsOf(dims), dims),
      "only",
      { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
    );
    const want = Float64Array.from(d_branch, (v, i) => Math.fround(v + d_skip[i]!) * slopeFrom(slope[i]!));
    // One product; below the smallest normal number an adapter may flush to 0.
    expectClose(d_input!, want, { tolerance: EPS, scale: want.map((v) => Math.abs(v) + 1e-30), what: "d_input" });
  });
});
