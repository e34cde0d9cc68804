/** What each dispatch of a step has to do, counted on paper: operations, bytes, and how long one thread's way through memory is. */
import { type Dispatch, sourceOf } from "../../gpu/program.ts";
import { type ImageDims, kernels, type Variant } from "../../gpu/shaders.gen.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { operationsOf, type StepWorkload } from "./workloads.ts";

/** What bounds a kernel's arithmetic: how its numbers reach the units that compute. */
export type Kind = "product" | "convolution" | "resident" | "other";

const kinds: Partial<Record<string, Kind>> = {
  forward_linear: "product",
  backward_linear: "product",
  backward_weight: "product",
  forward_conv: "convolution",
  backward_conv: "convolution",
  backward_conv_weight: "convolution",
  differentiate_batch: "resident",
  train_replica: "resident",
};

export const kindOf = ({ kernel }: Pick<Dispatch, "kernel">): Kind => kinds[kernel] ?? "other";

/** Of an output layer: one product with a vector, and two on the way back. */
const outputs: Partial<Record<string, number>> = {
  ...{ forward_output: 1, backward_output: 2, forward_scores: 1, backward_scores: 2 },
};

/**
 * Operations for each word that a kernel moves where it is no product, roughly: exponentials of scores, the generator and the
 * normals of a draw, Adam's root. All others add or compare what they move, once.
 */
const perWord: Partial<Record<string, number>> = {
  ...{ gather_batch: 40, draw_batch: 40, reduce_rows: 20 },
  ...{ reduce_scores: 20, differentiate_scores: 20, evaluate_scores: 20 },
  ...{ forward_density: 10, backward_density: 10, step_adam: 3, finish_step: 3, take_step: 3, finish_replica: 3 },
};

interface LayerDims {
  rows: number;
  inputs: number;
  outputs: number;
  /** A bit for each side that has one. */
  bias?: number;
  /** Layers of this size, side by side. */
  sides?: number;
  /** Parts that a sum over rows is cut into. */
  parts?: number;
}

/** Shape of the layer that a kernel works on, where it works on one. A row of a convolution is a pixel of its output. */
function dimsOf({ dims }: Dispatch["bindings"]): LayerDims | undefined {
  if (!dims) return undefined;
  if (!("out_channels" in dims)) return "inputs" in dims ? (dims as LayerDims) : undefined;
  const { images, out_height, out_width, size, channels, out_channels, bias } = dims as ImageDims;
  return { rows: images * out_height * out_width, inputs: size ** 2 * channels, outputs: out_channels, bias };
}

/**
 * Operations of one dispatch; a multiply-add is two. Of a resident kernel those of the same step by dense products, each once:
 * what it computes twice does not count.
 */
export function operations(line: Pick<Dispatch, "kernel" | "bindings">, w: Pick<StepWorkload, "replicas">): number {
  const { kernel, bindings } = line;
  const kind = kindOf(line);
  if (kind === "resident") return w.replicas * operationsOf(w as StepWorkload);
  const products = kind === "other" ? outputs[kernel] : 1;
  const dims = dimsOf(bindings);
  if (products && dims) {
    return 2 * products * w.replicas * (dims.sides ?? 1) * dims.rows * dims.inputs * dims.outputs;
  }
  return ((perWord[kernel] ?? 1) * bytes(line, w)) / 4;
}

const isTensor = (value: Tensor | object): value is Tensor => "buffer" in value;

/**
 * Bytes that a dispatch must move at least: every tensor it binds, once, and twice what it reads and writes. Of parameters only
 * the layer's own, of a history one record per replica, of a table what is drawn of it.
 */
export function bytes(line: Pick<Dispatch, "kernel" | "bindings">, w: Pick<StepWorkload, "replicas">): number {
  return bytesByBinding(line, w).reduce((sum, [, moved]) => sum + moved, 0);
}

function bytesByBinding(
  { kernel, bindings }: Pick<Dispatch, "kernel" | "bindings">,
  { replicas }: Pick<StepWorkload, "replicas">,
): [name: string, bytes: number][] {
  const dims = dimsOf(bindings);
  const ofLayer = dims && 4 * replicas * rowsOfWeights(dims) * dims.outputs;
  const draws = /^(gather_batch|draw_batch|train_replica)$/.test(kernel);
  const seen = new Set<Tensor>();
  return Object.entries(bindings).map(([name, tensor]) => {
    if (!isTensor(tensor) || seen.has(tensor)) return [name, 0];
    seen.add(tensor); // ReLU's activations stand for its slopes
    if (name === "history") return [name, 4 * 16 * replicas];
    if (name === "d_params" && ofLayer) return [name, ofLayer * (dims.parts ?? 1)];
    if (name === "params" && ofLayer) return [name, ofLayer];
    if (draws && name === "table") return [name, drawn(bindings)];
    if (draws && (name === "pairs" || name === "columns")) return [name, 0];
    if (name === "d_params" && /^take_/.test(kernel)) return [name, (bindings.params as Tensor).bytes];
    const updated = /^(step_|take_|finish_|train_)/.test(kernel) && /^([mv]_)?params$/.test(name);
    return [name, updated ? 2 * tensor.bytes : tensor.bytes];
  });
}

/** Rows of W of all sides, and of their biases. */
const rowsOfWeights = ({ sides = 1, inputs, bias = 0 }: LayerDims): number => sides * inputs + (bias & 1) + (bias >> 1);

/** Bytes of the rows that a batch has. */
const drawn = ({ batch_x, batch_y }: Dispatch["bindings"]): number =>
  [batch_x, batch_y].reduce((sum, batch) => sum + (batch && isTensor(batch) ? batch.bytes : 0), 0);

/** Elements of A, and of B, that a thread loads at once where tiles pass through workgroup memory (matmul/staging.wgsl). */
const STAGED = 16;

/** Steps along the inner axis of a product, each of which waits for memory; undefined for other kernels. */
export function roundsOf({ kernel, slot, bindings, overrides }: Dispatch): number | undefined {
  const dims = dimsOf(bindings);
  if (!dims || !/product|convolution/.test(kindOf({ kernel }))) return undefined;
  const { TILE_SIDE, TILE_LANES } = variantOf({ kernel, slot }).constants;
  const depth = TILE_SIDE ? (STAGED * TILE_LANES!) / (TILE_SIDE * (overrides.TILE_BLOCKS ?? 2)) : 1;
  const { rows, inputs, outputs, parts = 1 } = dims;
  const { channels = inputs } = bindings.dims as Partial<ImageDims>;
  const inner = kernel.endsWith("weight") ? rows / parts : kernel.startsWith("forward") ? inputs : outputs;
  const windows = kernel === "backward_conv" ? inputs / channels : 1;
  return Math.ceil((inner * windows) / depth);
}

/** Accesses to memory, of 16 bytes or of an element where that is smaller, that a thread makes if all make as many. */
export function accessesOf(line: Dispatch, w: Pick<StepWorkload, "replicas">): number {
  const variant = variantOf(line);
  const strides = new Map(variant.bindings.map(({ name, stride }) => [name, Math.min(16, stride ?? 16)]));
  const all = bytesByBinding(line, w).reduce((sum, [name, moved]) => sum + moved / (strides.get(name) ?? 16), 0);
  return all / (groupsOf(line) * threadsOf(line));
}

export const groupsOf = ({ workgroups: [x, y, z] }: Pick<Dispatch, "workgroups">): number => x * y * z;

const variantOf = ({ kernel, slot }: Pick<Dispatch, "kernel" | "slot">): Variant => {
  const variant = kernels[kernel].variants[slot];
  if (!variant) throw new Error(`"${kernel}" has no form for "${slot}"`);
  return variant;
};

/** Threads of a workgroup, as the shader says. */
export function threadsOf(line: Pick<Dispatch, "kernel" | "slot" | "overrides">): number {
  const variant = variantOf(line);
  const [, sizes = "64"] = /@workgroup_size\(([^)]*)\)/.exec(sourceOf(variant)) ?? [];
  const values: Record<string, number> = { ...variant.constants, ...line.overrides };
  return sizes.split(",").reduce((all, size) => all * (values[size.trim()] ?? (Number.parseInt(size, 10) || 1)), 1);
}
