/** The last layer of a critic that scores pair by pair: one output, so no matrix product. It has a form of its own on GPUs. */

import type { Gpu } from "../gpu/device.ts";
import { type Dispatch, dispatch, type TileForm } from "../gpu/program.ts";
import { type KernelBindings, kernels } from "../gpu/shaders.gen.ts";
import { elements, grid, spread } from "../gpu/workgroups.ts";
import { cellOf, widestCell } from "./layers.ts";
import type { Shape } from "./shape.ts";

const { SCORE_UNITS } = kernels.backward_scores.variants.four!.constants as Record<string, number>;
const { SCORE_ROWS } = kernels.forward_scores.variants.four!.constants as Record<string, number>;

/** Where the layer runs, and what it is told besides its bindings. */
export interface OutputContext {
  gpu: Pick<Gpu, "profile">;
  shape: Pick<Shape, "replicas">;
  tile: TileForm;
}

/** activations -> scores */
export function outputLayer(
  { gpu, shape: { replicas }, tile }: OutputContext,
  bindings: KernelBindings["forward_output"],
): Dispatch {
  const { rows, inputs, offset } = bindings.dims;
  if (gpu.profile.fullAt === 1)
    return dispatch("forward_output", bindings, elements(rows, replicas), cellOf(tile, inputs, offset));
  return dispatch("forward_scores", bindings, spread(rows, SCORE_ROWS!, replicas), widestCell(inputs, offset));
}

/**
 * d_scores -> the gradient by the activations, and by the layer's own weights.
 *
 * @param overrides what the activation below is compiled for
 */
export function outputGradient(
  { gpu, shape: { replicas }, tile }: OutputContext,
  bindings: KernelBindings["backward_output"],
  overrides: Record<string, number>,
): Dispatch {
  const { inputs, offset, parts } = bindings.dims;
  if (gpu.profile.fullAt === 1)
    return dispatch("backward_output", bindings, elements(inputs, replicas), cellOf(tile, inputs, offset), overrides);
  const workgroups = grid(Math.ceil(inputs / SCORE_UNITS!), parts, replicas);
  return dispatch("backward_scores", bindings, workgroups, widestCell(inputs, offset), overrides);
}
