/** How pairs enter the part of a joint critic that every pair passes. */

import { type Dispatch, dispatch } from "../gpu/program.ts";
import { sideBySide } from "../gpu/sides.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { grid, MOST_WORKGROUPS, WG_SIZE } from "../gpu/workgroups.ts";
import { type Activation, activationCode, type CriticContext } from "./critic.ts";
import { cellOf, cells, layerDims, linearLayer, pairDims, weightGradient } from "./layers.ts";
import { type Layer, rowsOf, slotsOf } from "./shape.ts";

/** Pairs of a row that one thread of a GPU makes: an estimate, between waits for memory and reading x again. */
const COLUMNS_EACH = 4;

/** What makes the H units of every pair that a head begins with, and what becomes of their gradient. */
export interface Entrance {
  /** Slopes have to be kept for the way back; else the units themselves tell them, as ReLU's do. */
  keepsSlope: boolean;
  /** -> units and their slopes (R, S, H) */
  forward(made: { output: Tensor; slope: Tensor }, slopeStored: boolean): Dispatch[];
  /** From the gradient by what the units were before their activation (R, S, H). */
  backward(d_output: Tensor): Dispatch[];
}

/**
 * Pairs of rows that came a part of the way alone: each row was projected once, whatever the number of pairs that it is in.
 *
 * @param part_x what each row of x brings to its pairs (R, B, H); `part_y` alike
 * @param products how many of the H units are bounded products (forward_join.wgsl); the others are act(part_x + part_y)
 * @param backward from the gradients by part_x and part_y
 */
export function pairedParts(
  { gpu, own, shape: s, tile }: CriticContext,
  {
    part_x,
    part_y,
    width,
    activation,
    products = 0,
    backward,
  }: {
    part_x: Tensor;
    part_y: Tensor;
    width: number;
    activation: Activation;
    products?: number;
    backward: (d_part_x: Tensor, d_part_y: Tensor) => Dispatch[];
  },
): Entrance {
  const { replicas: R } = s;
  const B = rowsOf(s);
  const form = cellOf(tile, width, products);
  const dims = pairDims(s, width);
  const joined = { ...dims, products };
  return {
    keepsSlope: activation !== "relu" || products > 0,
    forward(made, slopeStored) {
      const columns = 1 + s.marginals;
      const shares = gpu.profile.fullAt > 1 && R * columns <= MOST_WORKGROUPS;
      const each = shares ? COLUMNS_EACH : columns;
      const workgroups = cells(form, width, s.joint, R * Math.ceil(columns / each));
      const shared = each < columns && { COLUMNS_EACH };
      const overrides = { SLOPE_STORED: Number(slopeStored), ACTIVATION: activationCode[activation], ...shared };
      const bindings = { part_x, part_y, ...made };
      return [
        products > 0
          ? dispatch("forward_join", { dims: joined, ...bindings }, workgroups, form, overrides)
          : dispatch("forward_pairs", { dims, ...bindings }, workgroups, form, overrides),
      ];
    },
    backward(d_output) {
      const parts = sideBySide(gpu, own, ["d_part_x", "d_part_y"], R * B * width); //   (R, B, H)
      const [d_part_x, d_part_y] = parts as [Tensor, Tensor];
      const workgroups = cells(form, width, B, R);
      return [
        products > 0
          ? dispatch("backward_join", { dims: joined, part_x, part_y, d_output, d_part_x, d_part_y }, workgroups, form)
          : dispatch("backward_pairs", { dims, d_output, d_part_x, d_part_y }, workgroups, form),
        ...backward(d_part_x, d_part_y),
      ];
    },
  };
}

/** One layer on [x; y] of every pair, for pairs that share no rows: it stores and loads a third of what the two halves do. */
export function pairedInputs(
  { gpu, own, shape: s, tile, params, batch_x, batch_y, gradients }: CriticContext,
  layer: Layer,
  activation: Activation,
): Entrance {
  const { replicas: R, joint, marginals, xWidth, yWidth } = s;
  const input = own(gpu.tensor("pairs", R * slotsOf(s) * layer.inputs)); //        (R, S, Dx + Dy)
  const { width: _, ...pairs } = pairDims(s, 0);
  const gathered = { ...pairs, x_width: xWidth, y_width: yWidth };
  const dims = layerDims(s, layer, slotsOf(s));
  return {
    keepsSlope: activation !== "relu",
    forward: (made, slopeStored) => [
      dispatch(
        "gather_pairs",
        { dims: gathered, batch_x, batch_y, input },
        grid(Math.ceil(joint / WG_SIZE), 1 + marginals, R),
      ),
      linearLayer(s, tile, { dims, input, params, ...made }, activation, slopeStored),
    ],
    backward: (d_output) => [weightGradient(s, tile, dims, input, d_output, gradients!.d_params)],
  };
}
