/** The part of a joint critic that every pair passes: units that two rows make, hidden layers, and a linear output. */

import type { Tensor } from "../gpu/device.ts";
import { type Dispatch, dispatch } from "../gpu/program.ts";
import { elements } from "../gpu/workgroups.ts";
import { type Activation, activationCode, type CriticContext } from "./critic.ts";
import { cellOf, cells, inputGradient, layerDims, linearLayer, pairDims, weightGradient } from "./layers.ts";
import { type Layer, rowsOf, slotsOf } from "./shape.ts";

export interface Head {
  forward: Dispatch[];
  /** From the gradient by the scores to those by the head's parameters, and by what the rows brought. */
  backward(): { dispatches: Dispatch[]; d_part_x: Tensor; d_part_y: Tensor };
}

/**
 * Takes the tensors of a head and lists its dispatches.
 *
 * @param part_x what each row of x brings to its pairs (R, B, H), H the inputs of the first layer; `part_y` alike
 * @param layers the last has one output, and takes no activation
 * @param products how many of the H units are bounded products (forward_join.wgsl); the others are act(part_x + part_y)
 */
export function head(
  { gpu, own, shape: s, tile, params, scores, gradients }: CriticContext,
  {
    part_x,
    part_y,
    layers,
    activation,
    products = 0,
  }: { part_x: Tensor; part_y: Tensor; layers: readonly Layer[]; activation: Activation; products?: number },
): Head {
  const { replicas: R } = s;
  const S = slotsOf(s);
  const B = rowsOf(s);
  const last = layers.length - 1;
  const dims = layers.map((layer) => layerDims(s, layer, S));
  const width = dims[0]!.inputs;
  const wide = (name: string, l: number) => own(gpu.tensor(`${name}${l + 1}`, R * S * dims[l]!.inputs));
  const input = dims.map((_, l) => wide("output", l)); //                        (R, S, In) per layer
  const no_slope = own(gpu.tensor("no_slope", 4)); // bound where no slope is stored
  // ReLU's value tells its slope, and scores alone need none.
  const stored = dims.map((_, l) => gradients !== undefined && (activation !== "relu" || (l === 0 && products > 0)));
  const slope = stored.map((kept, l) => (kept ? wide("slope", l) : no_slope)); // (R, S, In) per layer
  const slopeOf = (l: number) => (stored[l] ? slope[l]! : input[l]!);

  const ofPairs = { dims: pairDims(s, width), part_x, part_y };
  const made = { output: input[0]!, slope: slope[0]! };
  const act = { SLOPE_STORED: Number(stored[0]), ACTIVATION: activationCode[activation] };
  const pairForm = cellOf(tile, width, products);
  const pairCells = cells(pairForm, width, s.joint, R);
  const ofProducts = { ...ofPairs, dims: { ...ofPairs.dims, products } };
  const top = dims[last]!;
  const topForm = cellOf(tile, top.inputs, top.offset);
  const forward = [
    products > 0
      ? dispatch("forward_join", { ...ofProducts, ...made }, pairCells, pairForm, act)
      : dispatch("forward_pairs", { ...ofPairs, ...made }, pairCells, pairForm, act),
    ...dims.slice(0, last).map((d, l) => {
      const bindings = { dims: d, input: input[l]!, params, output: input[l + 1]!, slope: slope[l + 1]! };
      return linearLayer(s, tile, bindings, activation, stored[l + 1]!);
    }),
    dispatch("forward_output", { dims: top, input: input[last]!, params, scores }, elements(S, R), topForm),
  ];

  const backward = () => {
    const { d_scores, d_params } = gradients!;
    const d_input = dims.map((_, l) => wide("d_hidden", l)); //                  (R, S, In) per layer
    const d_part_x = own(gpu.tensor("d_part_x", R * B * width)); //              (R, B, H)
    const d_part_y = own(gpu.tensor("d_part_y", R * B * width)); //              (R, B, H)
    const rowCells = cells(pairForm, width, B, R);
    const toRows = { d_output: d_input[0]!, d_part_x, d_part_y };
    const dispatches = [
      dispatch(
        "backward_output",
        {
          ...{ dims: top, d_scores, params, input: input[last]!, slope: slope[last]! },
          ...{ d_input: d_input[last]!, d_params },
        },
        elements(top.inputs, R),
        topForm,
        { SLOPE_STORED: Number(stored[last]) },
      ),
      ...dims
        .slice(0, last)
        .flatMap((d, l) => {
          const d_output = d_input[l + 1]!;
          const through = { dims: d, d_output, params, slope: slopeOf(l), d_input: d_input[l]! };
          return [
            inputGradient(s, tile, through, stored[l]!),
            weightGradient(s, tile, d, input[l]!, d_output, d_params),
          ];
        })
        .reverse(),
      products > 0
        ? dispatch("backward_join", { ...ofProducts, ...toRows }, rowCells, pairForm)
        : dispatch("backward_pairs", { dims: ofPairs.dims, ...toRows }, rowCells, pairForm),
    ];
    return { dispatches, d_part_x, d_part_y };
  };
  return { forward, backward };
}
