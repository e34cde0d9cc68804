/** What the layers of every critic are dispatched with: sizes of grids, and dims of a layer. */

import { type Dispatch, dispatch, type TileForm, tiledAt } from "../gpu/program.ts";
import { type KernelBindings, kernels } from "../gpu/shaders.gen.ts";
import { wholeOf } from "../gpu/sides.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { grid, MOST_WORKGROUPS, WG_SIZE, type Workgroups } from "../gpu/workgroups.ts";
import { type Activation, activationCode } from "./critic.ts";
import { type Layer, rowsOf, type Shape } from "./shape.ts";

const { constants: vectors } = kernels.forward_linear.variants.vectors!;
const { constants: shallow } = kernels.forward_linear.variants.shallow!;
export type LayerDims = KernelBindings["forward_linear"]["dims"];

/** How often a product is made, and of what size its result is. */
export interface ProductSize {
  rows: number;
  cols: number;
  /** Products of this size in one dispatch: replicas × sides × parts. */
  networks: number;
}

/** What a dispatch of a product takes beside its bindings. */
export interface ProductGrid {
  workgroups: Workgroups;
  slot: string;
  overrides: Record<string, number>;
}

/** A product in the form that was chosen for its layer. */
export const productGrid = (tile: TileForm, size: ProductSize): ProductGrid => gridOf(sizedFor(tile, size), size);

/** A workgroup per tile of the result. */
export function gridOf(form: TileForm, size: ProductSize): ProductGrid {
  const { slot, overrides, cols } = form;
  const [down, across] = tilesOf(form, size);
  // Half a panel's columns serve a result that has no more.
  const halves = "TILE_LANES" in overrides ? { PANEL_HALVES: size.cols <= cols / 2 ? 1 : 2 } : {};
  return { workgroups: grid(down, across, size.networks), slot, overrides: { ...overrides, ...halves } };
}

/** Tiles along both axes of the result. */
const tilesOf = (
  form: Omit<TileForm, "slot" | "overrides" | "fullAt">,
  { rows, cols }: Omit<ProductSize, "networks">,
) => [Math.ceil((rows - sparedOf(form, rows)) / form.rows), Math.ceil(cols / form.cols)] as const;

/** Of so many rows, those that the last tile takes besides: where one is left over from tiles of either size (matmul/staging.wgsl). */
function sparedOf({ spareRows }: Pick<TileForm, "spareRows">, rows: number): number {
  const side = tiledAt(1).rows;
  return spareRows > 0 && (rows === side + spareRows || rows % (2 * side) === spareRows) && rows > spareRows
    ? spareRows
    : 0;
}

/** A form that comes in two sizes is large unless that leaves units of the adapter, or half of its threads, without work. */
function sizedFor(tile: TileForm, size: ProductSize): TileForm {
  if (!("TILE_BLOCKS" in tile.overrides)) return tile;
  const [large, small] = [tiledAt(2), tiledAt(1)];
  const [down, across] = tilesOf({ ...tile, ...large }, size);
  const fits = Math.min(size.rows - sparedOf(tile, size.rows), size.cols) > small.rows;
  return { ...tile, ...(fits && down * across * size.networks >= tile.fullAt ? large : small) };
}

/** The form of products whose widths and offsets are `counts`: where all are multiples of four, elements go by fours. */
export function alignedForm(tile: TileForm, ...counts: number[]): TileForm {
  const slots = { subgroup: { four: "vectors", one: "subgroup" }, tiled: { four: "tiled", one: "ragged" } };
  const slot = slots[tile.slot as keyof typeof slots]?.[cellOf(tile, ...counts)];
  return slot ? { ...tile, slot } : tile;
}

/**
 * The form for one layer. Where the subgroup form serves, few inputs take one that compiles sooner, and is as fast for the
 * fewest.
 */
export function tileOf(tile: TileForm, { inputs, outputs, offset, apart }: LayerDims): TileForm {
  const form = alignedForm(tile, inputs, outputs, offset, apart);
  const isShallow = tile.slot === "subgroup" && inputs <= (form.slot === "vectors" ? 8 : 24);
  return isShallow ? { ...tile, slot: "shallow", rows: shallow.TILE_ROWS! } : form;
}

/** How rows of `counts` elements can be read, from offsets that are among them too. */
export const widestCell = (...counts: number[]): "four" | "one" =>
  counts.every((count) => count % vectors.CELL_SIZE! === 0) ? "four" : "one";

/** The form of a pass over such rows. */
export const cellOf = ({ slot }: TileForm, ...counts: number[]): "four" | "one" =>
  slot === "register" ? "one" : widestCell(...counts);

/** A thread per cell of a (rows, width) matrix, in the form that `cellOf` chose. */
export const cells = (form: "four" | "one", width: number, rows: number, replicas: number): Workgroups =>
  grid(
    Math.ceil(width / WG_SIZE),
    Math.ceil(rows / kernels.forward_pairs.variants[form]!.constants.CELL_ROWS!),
    replicas,
  );

/** A layer as `rows` rows pass through it. */
export const layerDims = (s: Shape, { inputs, outputs, offset, bias }: Layer, rows: number): LayerDims => ({
  rows,
  inputs,
  outputs,
  offset,
  stride: s.layout.stride,
  bias: Number(bias),
  ...oneSide(s),
});

/** Networks that one dispatch takes: those of all replicas, on each side. */
const networks = ({ replicas }: Shape, { sides }: LayerDims): number => sides * replicas;

/** What a layer is told that stands alone. */
export const oneSide = ({ replicas, parts }: Pick<Shape, "replicas" | "parts">) => ({
  replicas,
  sides: 1,
  apart: 0,
  parts,
});

/**
 * One layer: act(input W + b), and its slope.
 *
 * @param slopeStored `slope` is written; else it can be any tensor
 */
export const linearLayer = (
  s: Shape,
  tile: TileForm,
  bindings: KernelBindings["forward_linear"],
  activation: Activation | "identity",
  slopeStored: boolean,
): Dispatch => {
  const { dims } = bindings;
  const size = { rows: dims.rows, cols: dims.outputs, networks: networks(s, dims) };
  const { workgroups, slot, overrides } = productGrid(tileOf(tile, dims), size);
  const activated = { SLOPE_STORED: Number(slopeStored), ACTIVATION: activationCode[activation] };
  return dispatch("forward_linear", bindings, workgroups, slot, { ...overrides, ...activated });
};

/**
 * The gradient through one layer.
 *
 * @param slopeStored `slope` of the layer below was written; else it holds ReLU's activations, or anything below an identity
 * @param below activation of the layer below
 */
export const inputGradient = (
  s: Shape,
  tile: TileForm,
  bindings: KernelBindings["backward_linear"],
  slopeStored: boolean,
  below: Activation | "identity" = "relu",
): Dispatch => {
  const { dims } = bindings;
  const size = { rows: dims.rows, cols: dims.inputs, networks: networks(s, dims) };
  const { workgroups, slot, overrides } = productGrid(tileOf(tile, dims), size);
  const activated = { SLOPE_STORED: Number(slopeStored), ACTIVATION: activationCode[below] };
  return dispatch("backward_linear", bindings, workgroups, slot, { ...overrides, ...activated });
};

/** d_W and d_b of one layer. */
export const weightGradient = (
  s: Shape,
  tile: TileForm,
  dims: LayerDims,
  input: Tensor,
  d_output: Tensor,
  d_params: Tensor,
): Dispatch => {
  const size = {
    rows: dims.inputs + Math.min(1, dims.bias),
    cols: dims.outputs,
    networks: dims.parts * networks(s, dims),
  };
  const { workgroups, slot, overrides } = productGrid(tileOf(tile, dims), size);
  return dispatch("backward_weight", { dims, input, d_output, d_params }, workgroups, slot, overrides);
};

/**
 * The layers of one place on every side, as dispatches take them: one dispatch for both sides where their layers have one size
 * and all their tensors lie side by side, and a grid holds both, else one each.
 */
export function sideLayers<K extends string>(
  dims: readonly LayerDims[],
  tensors: Record<K, readonly Tensor[]>,
): ({ dims: LayerDims } & Record<K, Tensor>)[] {
  const entries = Object.entries<readonly Tensor[]>(tensors);
  const [x, y = x] = dims as [LayerDims, LayerDims?];
  const wholes = entries.map(([name, sides]) => [name, wholeOf(sides)] as const);
  const single = (side: number) => Object.fromEntries(entries.map(([name, sides]) => [name, sides[side]!]));
  const alike = x.inputs === y.inputs && x.outputs === y.outputs && wholes.every(([, whole]) => whole);
  if (!alike || 2 * x.replicas * x.parts > MOST_WORKGROUPS) {
    return dims.map((d, side) => ({ dims: d, ...single(side) }) as { dims: LayerDims } & Record<K, Tensor>);
  }
  const both = x === y ? x : { ...x, sides: 2, apart: y.offset - x.offset, bias: x.bias | (y.bias << 1) };
  return [{ dims: both, ...Object.fromEntries(wholes) } as { dims: LayerDims } & Record<K, Tensor>];
}

/** What a kernel that pairs rows is told; `width` is of what each row brings. */
export const pairDims = (s: Shape, width: number): KernelBindings["forward_pairs"]["dims"] => ({
  joint: s.joint,
  marginals: s.marginals,
  rows: rowsOf(s),
  independent: Number(s.independent),
  width,
});
