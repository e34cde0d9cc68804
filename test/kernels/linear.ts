/** What the three matrix-product kernels share: shapes that fit no tile, and one run per form of the tile. */
import { describe } from "vitest";
import { gridOf } from "../../src/critics/layers.ts";
import { type KernelName, type TileForm, tiledAt } from "../../src/gpu/program.ts";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { awkward, formOf, it, normals, range, runKernel, tileForms, type Values } from "../gpu.ts";

export interface Layer {
  replicas: number;
  rows: number;
  inputs: number;
  outputs: number;
  bias: number;
  offset: number;
  stride: number;
  sides: number;
  apart: number;
  parts: number;
}

const shape = (replicas: number, rows: number, inputs: number, outputs: number, bias: number, offset = 7): Layer => {
  const stride = offset + (inputs + bias) * outputs + 5;
  return { replicas, rows, inputs, outputs, bias, offset, stride, sides: 1, apart: 0, parts: 1 };
};

/** The same layer twice, side by side, `between` from the other's end, with biases on these sides; sums over rows in parts. */
const twice = (layer: Layer, between: number, parts: number, bias: 2 | 3): Layer => {
  const apart = (layer.inputs + (bias & 1)) * layer.outputs + between;
  return { ...layer, bias, sides: 2, apart, parts, stride: layer.stride + apart };
};

/** For all forms. The last two have parts of 33 rows and of 31, and an empty part, which no software adapter gets. */
const someLayers = [
  shape(1, 1, 1, 1, 1),
  shape(3, 5, 257, 3, 1),
  shape(1, 65, 33, 63, 0),
  shape(1, 257, 7, 65, 1),
  twice(shape(2, 130, 64, 63, 1), 3, 4, 3),
  twice(shape(2, 5, 21, 37, 1), 0, 4, 2),
];
const layers = [
  ...someLayers,
  shape(3, 1, 3, 257, 0),
  shape(1, 63, 5, 64, 1),
  shape(3, 64, 64, 1, 1),
  shape(1, 70, 130, 32, 1),
  shape(1, 9, 32, 33, 1),
];

/** For the forms that read four elements at a time: widths, offset and stride are multiples of four. */
const fours = (replicas: number, rows: number, inputs: number, outputs: number, bias: number): Layer => {
  const layer = shape(replicas, rows, inputs, outputs, bias, 8);
  return { ...layer, stride: 4 * Math.ceil(layer.stride / 4) };
};
const someAlignedLayers = [
  fours(1, 1, 4, 4, 1),
  fours(3, 5, 256, 12, 1),
  fours(1, 65, 36, 60, 0),
  fours(1, 257, 8, 68, 1),
  twice(fours(2, 130, 64, 64, 1), 4, 4, 3),
  twice(fours(2, 5, 20, 36, 1), 0, 4, 2),
];
const alignedLayers = [
  ...someAlignedLayers,
  fours(3, 1, 4, 260, 0),
  fours(1, 63, 20, 64, 1),
  fours(3, 74, 64, 4, 1),
  fours(1, 33, 100, 132, 1),
  fours(2, 320, 32, 32, 1),
  fours(1, 9, 36, 36, 1),
];

export interface ProductCase {
  inputs: Record<string, Values>;
  /** Rows and columns of the product that is tiled, and how many of it there are. */
  result: readonly [number, number, number];
  overrides?: Record<string, number>;
  check: (written: Record<string, Float32Array>) => void;
}

/** A form of the product, and what it is asked: cases of four elements at a time, and how many settings of a kernel's own. */
export interface ProductForm {
  name: string;
  tile: TileForm;
  aligned: boolean;
  settings: number;
}

/**
 * Every form of the product that this adapter runs. What a kernel does besides, such as an activation, stands in the kernel:
 * the forms that compile soonest are asked for all of it, the others for a part.
 */
export function productForms(): ProductForm[] {
  return tileForms.flatMap((name): ProductForm[] => {
    const tile = formOf(name);
    const of = (slot: string) => ({ name: `${slot} tiles`, tile: { ...tile, slot } });
    if (name === "portable") return [{ ...of("register"), aligned: false, settings: 2 }];
    if (name === "subgroup")
      return ["subgroup", "vectors"].map((slot) => ({ ...of(slot), aligned: slot === "vectors", settings: 12 }));
    return ([1, 2] as const).flatMap((blocks) =>
      ["tiled", "ragged"].map((slot) => ({
        name: `${slot} tiles of ${tiledAt(blocks).rows}`,
        tile: { ...tile, slot, ...tiledAt(blocks) },
        ...{ aligned: slot === "tiled", settings: 1 },
      })),
    );
  });
}

/** @param describeCase `setting` counts what a kernel is compiled for besides */
export function testProduct(kernel: KernelName, describeCase: (layer: Layer, setting: number) => ProductCase): void {
  const test = ({ name, tile, settings }: Omit<ProductForm, "aligned">, cases: Layer[]) =>
    describe(`${kernel}, ${name}`, () => {
      it.each(cases)("R $replicas, Z $sides, rows $rows, $inputs to $outputs, bias $bias", async (layer) => {
        const { inputs, result, overrides, check } = describeCase(layer, cases.indexOf(layer) % settings);
        const [rows, cols, networks] = result;
        const grid = gridOf(tile, { rows, cols, networks });
        const compiled = { ...grid.overrides, ...overrides };
        check(await runKernel(kernel, { dims: layer, ...inputs }, grid.workgroups, grid.slot, compiled));
      });
    });
  for (const form of productForms()) {
    const { tile, aligned } = form;
    const [some, all] = aligned ? [someAlignedLayers, alignedLayers] : [someLayers, layers];
    const cases = form.settings === 1 ? some : all;
    test(form, "TILE_LANES" in tile.overrides ? cases.filter(({ rows, parts }) => rows >= parts ** 2) : cases);
    if (tile.slot !== "subgroup") continue;
    const rows = kernels.forward_linear.variants.shallow!.constants.TILE_ROWS!;
    test({ name: "shallow tiles", tile: { ...tile, slot: "shallow", rows }, settings: 12 }, layers);
  }
}

/** Where the weights of every network begin, whether it has biases, and the network's rows: first those of the first side, for all replicas. */
export const networksOf = ({ replicas, sides, apart, bias, offset, stride }: Layer) =>
  range(sides * replicas).map((n) => ({
    ...{ n, name: `replica ${n % replicas}, side ${Math.floor(n / replicas)}` },
    biases: (bias >> Math.floor(n / replicas)) & 1,
    weights: (n % replicas) * stride + Math.floor(n / replicas) * apart + offset,
  }));

/** One activation, gradient or slope per row and unit. */
export const perRow = (seed: number, { replicas, sides, rows }: Layer, width: number) =>
  awkward(seed, sides * replicas * rows * width);

export const paramsOf = (seed: number, { replicas, stride }: Layer) => normals(seed, replicas * stride);
