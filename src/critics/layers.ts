/** What the layers of every critic are dispatched with: sizes of grids, and dims of a layer. */

import { type Dispatch, dispatch, type TileForm } from "../gpu/program.ts";
import { type KernelBindings, kernels } from "../gpu/shaders.gen.ts";
import { type Tensor, wholeOf } from "../gpu/tensor.ts";
import { grid, WG_SIZE, type Workgroups } from "../gpu/workgroups.ts";
import { type Activation, activationCode } from "./critic.ts";
import { type Layer, rowsOf, type Shape } from "./shape.ts";

const { constants: vectors } = kernels.forward_linear.variants.vectors!;
const { constants: shallow } = kernels.forward_linear.variants.shallow!;
export type LayerDims = KernelBindings["forward_linear"]["dims"];

/** A workgroup per tile of a (rows, cols) matrix. */
export const tiles = (tile: TileForm, rows: number, cols: number, s: Pick<Shape, "replicas">): Workgroups =>
  grid(Math.ceil(rows / tile.rows), Math.ceil(cols / tile.cols), s.replicas);

/**
 * The form for one layer, where the subgroup form serves. Aligned widths are read four at a time; few inputs take a form that
 * compiles sooner, and is as fast for the fewest.
 */
export function tileOf(tile: TileForm, { inputs, outputs, offset, apart }: LayerDims): TileForm {
  if (tile.slot !== "subgroup") return tile;
  const aligned = cellOf(tile, inputs, outputs, offset, apart) === "four";
  if (inputs <= (aligned ? 8 : 24)) return { ...tile, slot: "shallow", rows: shallow.TILE_ROWS! };
  return aligned ? { ...tile, slot: "vectors" } : tile;
}

/** What the form of a product is compiled for: half a panel's columns serve a result that has no more. */
export const overridesOf = ({ overrides, cols }: TileForm, columns: number): Record<string, number> =>
  "TILE_LANES" in overrides ? { ...overrides, PANEL_HALVES: columns <= cols / 2 ? 1 : 2 } : overrides;

/** The form of a pass over rows of `counts` elements, from offsets that are among them too. */
export const cellOf = ({ slot }: TileForm, ...counts: number[]): "four" | "one" =>
  slot === "subgroup" && counts.every((count) => count % vectors.CELL_SIZE! === 0) ? "four" : "one";

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
const networks = ({ replicas }: Shape, { sides }: LayerDims) => ({ replicas: sides * replicas });

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
  const form = tileOf(tile, dims);
  const overrides = { SLOPE_STORED: Number(slopeStored), ACTIVATION: activationCode[activation] };
  return dispatch("forward_linear", bindings, tiles(form, dims.rows, dims.outputs, networks(s, dims)), form.slot, {
    ...overridesOf(form, dims.outputs),
    ...overrides,
  });
};

/**
 * The gradient through one layer.
 *
 * @param slopeStored `slope` of the layer below was written; else it holds ReLU's activations
 */
export const inputGradient = (
  s: Shape,
  tile: TileForm,
  bindings: KernelBindings["backward_linear"],
  slopeStored: boolean,
): Dispatch => {
  const { dims } = bindings;
  const form = tileOf(tile, dims);
  const overrides = { ...overridesOf(form, dims.inputs), SLOPE_STORED: Number(slopeStored) };
  const workgroups = tiles(form, dims.rows, dims.inputs, networks(s, dims));
  return dispatch("backward_linear", bindings, workgroups, form.slot, overrides);
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
  const form = tileOf(tile, dims);
  const summed = { replicas: dims.parts * networks(s, dims).replicas };
  const workgroups = tiles(form, dims.inputs + Math.min(1, dims.bias), dims.outputs, summed);
  const overrides = overridesOf(form, dims.outputs);
  return dispatch("backward_weight", { dims, input, d_output, d_params }, workgroups, form.slot, overrides);
};

/**
 * The layers of one place on every side, as dispatches take them: one dispatch for both sides where their layers have one size
 * and all their tensors lie side by side, else one each.
 */
export function sideLayers<K extends string>(
  dims: readonly LayerDims[],
  tensors: Record<K, readonly Tensor[]>,
): ({ dims: LayerDims } & Record<K, Tensor>)[] {
  const entries = Object.entries<readonly Tensor[]>(tensors);
  const [x, y = x] = dims as [LayerDims, LayerDims?];
  const wholes = entries.map(([name, sides]) => [name, wholeOf(sides)] as const);
  const single = (side: number) => Object.fromEntries(entries.map(([name, sides]) => [name, sides[side]!]));
  if (x.inputs !== y.inputs || x.outputs !== y.outputs || wholes.some(([, whole]) => !whole)) {
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
