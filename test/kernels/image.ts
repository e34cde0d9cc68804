/** Images that fit no tile and no workgroup, for the kernels that move a window over them. */
import { describe } from "vitest";
import { windowOver } from "../../src/critics/images.ts";
import { gridOf } from "../../src/critics/layers.ts";
import type { KernelName } from "../../src/gpu/program.ts";
import { it, runKernel } from "../gpu.ts";
import type { Image } from "../oracle/image.ts";
import { type ProductCase, productForms } from "./linear.ts";

export interface ImageCase extends Image {
  name: string;
  replicas: number;
  bias: number;
  offset: number;
  stride: number;
}

function imageCase(
  replicas: number,
  images: number,
  [height, width, channels]: [number, number, number],
  out_channels: number,
  [size, pixel_stride, padding]: [number, number, "same" | "valid"],
  bias: number,
  offset = 7,
): ImageCase {
  const window = windowOver({ height, width, channels }, { size, stride: pixel_stride, padding });
  const stride = offset + (size * size * channels + bias) * out_channels + 5;
  const name =
    `R ${replicas}, ${images} of ${height}x${width}x${channels} to ${window.out_height}x${window.out_width}` +
    `x${out_channels}, window ${size}/${pixel_stride} ${padding}, bias ${bias}`;
  return { name, replicas, images, ...window, out_channels, bias, offset, stride };
}

export const imageCases = [
  imageCase(1, 1, [1, 1, 1], 1, [1, 1, "same"], 1),
  imageCase(1, 1, [3, 3, 2], 5, [3, 1, "valid"], 1), // one pixel is left
  imageCase(3, 2, [5, 7, 3], 5, [3, 1, "same"], 1),
  imageCase(3, 3, [5, 7, 3], 65, [3, 2, "same"], 0),
  imageCase(1, 5, [8, 8, 3], 33, [3, 2, "same"], 1), // TensorFlow's lopsided padding: nothing above, a row below
  imageCase(1, 7, [8, 8, 2], 3, [5, 1, "valid"], 0),
  imageCase(3, 2, [8, 8, 9], 4, [5, 2, "same"], 1),
  imageCase(1, 3, [7, 5, 1], 63, [2, 3, "valid"], 1), // a column that no window covers
  imageCase(3, 3, [8, 5, 5], 6, [1, 2, "same"], 0), // the projection of a residual block
  imageCase(1, 2, [5, 3, 2], 3, [7, 2, "same"], 1), // a window wider than the image
  imageCase(1, 257, [2, 3, 64], 1, [3, 1, "same"], 1),
];

/** For the form that reads four elements at a time: channels, offset and stride are multiples of four. */
const fours = (...[replicas, images, size, out_channels, window, bias]: Parameters<typeof imageCase>): ImageCase => {
  const image = imageCase(replicas, images, size, out_channels, window, bias, 8);
  return { ...image, stride: 4 * Math.ceil(image.stride / 4) };
};
const alignedCases = [
  fours(1, 1, [1, 1, 4], 4, [1, 1, "same"], 1),
  fours(3, 2, [5, 7, 4], 8, [3, 2, "same"], 1),
  fours(1, 5, [8, 8, 8], 36, [3, 2, "same"], 1),
  fours(3, 3, [8, 5, 12], 20, [1, 2, "same"], 0),
  fours(1, 2, [5, 3, 16], 12, [7, 2, "same"], 1),
  fours(2, 3, [7, 5, 68], 68, [2, 3, "valid"], 0),
  fours(2, 45, [2, 3, 32], 32, [3, 1, "same"], 1), // rows of several workgroups, a depth of several panels
];

/**
 * The three matrix products, in every form that they have; of those that are long to compile, one size each. A window
 * changes what is loaded, and nothing of how.
 */
export function testImages(kernel: KernelName, describeCase: (image: ImageCase, setting: number) => ProductCase): void {
  for (const { name, tile, aligned, settings } of productForms()) {
    if (tile.overrides.TILE_BLOCKS === (aligned ? 1 : 2)) continue;
    const cases = aligned ? alignedCases : imageCases;
    describe(`${kernel}, ${name}`, () => {
      it.each(cases)("$name", async (image) => {
        const { inputs, result, overrides, check } = describeCase(image, cases.indexOf(image) % settings);
        const [rows, cols, networks] = result;
        const grid = gridOf(tile, { rows, cols, networks });
        const compiled = { ...grid.overrides, ...overrides };
        check(await runKernel(kernel, { dims: image, ...inputs }, grid.workgroups, grid.slot, compiled));
      });
    });
  }
}

/** What a backward kernel multiplies by: a stored slope, ReLU's by its activations, or the identity's. */
export const slopes = [
  { below: "silu", stored: 1, slopeFrom: (kept: number) => kept },
  { below: "relu", stored: 0, slopeFrom: (kept: number) => Number(kept > 0) },
  { below: "identity", stored: 0, slopeFrom: () => 1 },
] as const;

export const inputsOf = (s: Image) => s.images * s.height * s.width * s.channels;
export const outputsOf = (s: Image) => s.images * s.out_height * s.out_width * s.out_channels;

/** Workgroups of a kernel with one thread per element of an image. */
export const perElement = (elements: number, s: ImageCase) =>
  [Math.ceil(elements / s.images / 64), s.images, s.replicas] as const;
