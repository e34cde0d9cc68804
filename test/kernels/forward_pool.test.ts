import { describe, expect } from "vitest";
import { awkward, expectClose, it, runKernel } from "../gpu.ts";
import { pool } from "../oracle/image.ts";
import { imageCases, inputsOf, outputsOf, perElement } from "./image.ts";

describe("forward_pool", () => {
  it.each(imageCases.map((image) => ({ ...image, out_channels: image.channels })))("$name, pooled", async (dims) => {
    const { replicas } = dims;
    // Negative everywhere in places, and equal often: zeros outside the image must not win, and ties go to the first.
    const input = awkward(1, replicas * inputsOf(dims)).map((v) => Math.round(2 * v) / 2 - 1);
    const size = replicas * outputsOf(dims);
    const { output, winner } = await runKernel(
      "forward_pool",
      { dims, input, output: size, winner: size },
      perElement(outputsOf(dims), dims),
    );
    const want = pool({ ...dims, images: replicas * dims.images }, input);
    expectClose(output!, want.value, { tolerance: 0, what: "output" });
    const pixels = want.pixel.map((pixel) => pixel % (dims.height * dims.width));
    expect(new Uint32Array(winner!.buffer, winner!.byteOffset, size)).toEqual(Uint32Array.from(pixels));
  });
});
