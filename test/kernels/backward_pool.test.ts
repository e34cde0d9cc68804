import { describe } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { pool } from "../oracle/image.ts";
import { imageCases, inputsOf, outputsOf, perElement, slopes } from "./image.ts";

describe.each(slopes)("backward_pool above $below", ({ below, stored, slopeFrom }) => {
  it.each(imageCases.map((image) => ({ ...image, out_channels: image.channels })))("$name, pooled", async (dims) => {
    const { replicas, channels } = dims;
    const { pixel } = pool({ ...dims, images: replicas * dims.images }, awkward(1, replicas * inputsOf(dims)));
    const d_output = awkward(2, replicas * outputsOf(dims));
    const slope = awkward(3, replicas * inputsOf(dims));
    const { d_input } = await runKernel(
      "backward_pool",
      {
        dims,
        d_output,
        winner: Uint32Array.from(pixel, (at) => at % (dims.height * dims.width)),
        slope,
        d_input: replicas * inputsOf(dims),
      },
      perElement(inputsOf(dims), dims),
      "only",
      { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
    );
    const want = new Float64Array(replicas * inputsOf(dims));
    const scale = new Float64Array(want.length);
    pixel.forEach((at, i) => {
      want[at * channels + (i % channels)]! += d_output[i]!;
      scale[at * channels + (i % channels)]! += Math.abs(d_output[i]!);
    });
    const times = (v: number, i: number) => v * slopeFrom(slope[i]!);
    const tolerance = (dims.size ** 2 + 1) * EPS; // at most one term per window that covers a pixel
    expectClose(d_input!, want.map(times), { tolerance, scale: scale.map(times).map(Math.abs), what: "d_input" });
  });
});
