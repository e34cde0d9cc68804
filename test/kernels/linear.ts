/** What the three matrix-product kernels share: shapes that fit no tile, and one run per form of the tile. */
import { describe } from "vitest";
import type { KernelName } from "../../src/kernel.ts";
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

const shape = (replicas: number, rows: number, inputs: number, outputs: number, bias: number): Layer => {
  const offset = 7;
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
];

export interface ProductCase {
  inputs: Record<string, Values>;
  /** Rows and columns of the product that is tiled. */
  result: readonly [number, number];
  overrides?: Record<string, number>;
  check: (written: Record<string, Float32Array>) => void;
}

export function testProduct(kernel: KernelName, describeCase: (layer: Layer, index: number) => ProductCase): void {
  describe.each(tileForms)(`${kernel}, %s tiles`, (form) => {
    it.each(layers)("R $replicas, rows $rows, $inputs to $outputs, bias $bias", async (layer) => {
      const tile = formOf(form);
      const { inputs, result, overrides, check } = describeCase(layer, layers.indexOf(layer));
      const dims = { ...layer, replicas: undefined };
      const workgroups = [Math.ceil(result[0] / tile.rows), Math.ceil(result[1] / tile.cols), layer.replicas] as const;
      check(await runKernel(kernel, { dims, ...inputs }, workgroups, tile.slot, { ...tile.overrides, ...overrides }));
    });
  });
}

/** One activation, gradient or slope per row and unit. */
export const perRow = (seed: number, { replicas, rows }: Layer, width: number) =>
  awkward(seed, replicas * rows * width);

export const paramsOf = (seed: number, { replicas, stride }: Layer) => normals(seed, replicas * stride);
