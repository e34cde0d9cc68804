import { describe } from "vitest";
import { activationCode } from "../../src/critic.ts";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { pool } from "../oracle/image.ts";
import { imageCases, inputsOf, outputsOf, perElement } from "./image.ts";

describe.each(["relu", "identity"] as const)("backward_pool above %s", (activation) => {
  it.each(imageCases.map((image) => ({ ...image, out_channels: image.channels })))("$name, pooled", async (dims) => {
    const { replicas, channels } = dims;
    const isScaled = activation !== "identity";
    const { pixel } = pool({ ...dims, images: replicas * dims.images }, awkward(1, replicas * inputsOf(dims)));
    const d_output = awkward(2, replicas * outputsOf(dims));
    const slope = awkward(3, isScaled ? replicas * inputsOf(dims) : 1);
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
      { ACTIVATION: activationCode[activation] },
    );
    const want = new Float64Array(replicas * inputsOf(dims));
    const scale = new Float64Array(want.length);
    pixel.forEach((at, i) => {
      want[at * channels + (i % channels)]! += d_output[i]!;
      scale[at * channels + (i % channels)]! += Math.abs(d_output[i]!);
    });
    const times = (v: number, i: number) => (isScaled ? v * slope[i]! : v);
    const tolerance = (dims.size ** 2 + 1) * EPS; // at most one term per window that covers a pixel
    expectClose(d_input!, want.map(times), { tolerance, scale: scale.map(times).map(Math.abs), what: "d_input" });
  });
});
