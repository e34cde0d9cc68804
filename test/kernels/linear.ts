/** What the three matrix-product kernels share: shapes that fit no tile, and one run per form of the tile. */
import { describe } from "vitest";
import { overridesOf } from "../../src/critics/layers.ts";
import type { KernelName, TileForm } from "../../src/gpu/program.ts";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { awkward, formOf, it, normals, runKernel, tileForms, type Values } from "../gpu.ts";

export interface Layer {
  replicas: number;
  rows: number;
  inputs: number;
  outputs: number;
  bias: number;
  offset: number;
  stride: number;
}

const shape = (replicas: number, rows: number, inputs: number, outputs: number, bias: number, offset = 7): Layer => {
  return { replicas, rows, inputs, outputs, bias, offset, stride: offset + (inputs + bias) * outputs + 5 };
};
const layers = [
  shape(1, 1, 1, 1, 1),
  shape(3, 1, 3, 257, 0),
  shape(1, 63, 5, 64, 1),
  shape(3, 64, 64, 1, 1),
  shape(1, 65, 33, 63, 0),
  shape(1, 257, 7, 65, 1),
  shape(3, 5, 257, 3, 1),
  shape(1, 70, 130, 32, 1),
  shape(1, 9, 32, 33, 1),
];

/** For the form that reads four elements at a time: widths, offset and stride are multiples of four. */
const fours = (replicas: number, rows: number, inputs: number, outputs: number, bias: number): Layer => {
  const layer = shape(replicas, rows, inputs, outputs, bias, 8);
  return { ...layer, stride: 4 * Math.ceil(layer.stride / 4) };
};
const alignedLayers = [
  fours(1, 1, 4, 4, 1),
  fours(3, 1, 4, 260, 0),
  fours(1, 63, 20, 64, 1),
  fours(3, 74, 64, 4, 1),
  fours(1, 65, 36, 60, 0),
  fours(1, 257, 8, 68, 1),
  fours(3, 5, 256, 12, 1),
  fours(1, 33, 100, 132, 1),
  fours(2, 320, 32, 32, 1),
  fours(1, 9, 36, 36, 1),
];

export interface ProductCase {
  inputs: Record<string, Values>;
  /** Rows and columns of the product that is tiled. */
  result: readonly [number, number];
  overrides?: Record<string, number>;
  check: (written: Record<string, Float32Array>) => void;
}

export function testProduct(kernel: KernelName, describeCase: (layer: Layer, index: number) => ProductCase): void {
  const test = (slot: string, tile: TileForm, cases: Layer[]) =>
    describe(`${kernel}, ${slot} tiles`, () => {
      it.each(cases)("R $replicas, rows $rows, $inputs to $outputs, bias $bias", async (layer) => {
        const { inputs, result, overrides, check } = describeCase(layer, cases.indexOf(layer));
        const dims = { ...layer, sides: 1, apart: 0, parts: 1 };
        const workgroups = [
          Math.ceil(result[0] / tile.rows),
          Math.ceil(result[1] / tile.cols),
          layer.replicas,
        ] as const;
        const compiled = { ...overridesOf(tile, result[1]), ...overrides };
        check(await runKernel(kernel, { dims, ...inputs }, workgroups, slot, compiled));
      });
    });
  for (const form of tileForms) {
    const tile = formOf(form);
    test(tile.slot, tile, layers);
    if (form === "portable") continue;
    test("vectors", tile, alignedLayers);
    const rows = kernels.forward_linear.variants.shallow!.constants.TILE_ROWS!;
    test("shallow", { ...tile, rows }, layers);
  }
}

/** One activation, gradient or slope per row and unit. */
export const perRow = (seed: number, { replicas, rows }: Layer, width: number) =>
  awkward(seed, replicas * rows * width);

export const paramsOf = (seed: number, { replicas, stride }: Layer) => normals(seed, replicas * stride);
