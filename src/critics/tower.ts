/** A tower: a multilayer perceptron over the rows of the batch, before they are paired. Its last layer is linear. */

import type { Dispatch } from "../gpu/program.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Activation, CriticContext } from "./critic.ts";
import { inputGradient, layerDims, linearLayer, weightGradient } from "./layers.ts";
import type { Layer, LayerSize } from "./shape.ts";
import { rowsOf } from "./shape.ts";

/** The layers of a tower, every one with a bias. */
export const towerLayers = (inputs: number, hidden: readonly number[], outputs: number): LayerSize[] =>
  [...hidden, outputs].map((width, i) => ({ inputs: i === 0 ? inputs : hidden[i - 1]!, outputs: width, bias: true }));

export interface Tower {
  /** (R, B, width of the last layer) */
  output: Tensor;
  forward: Dispatch[];
  /** From the gradient by `output` to those by the tower's parameters. */
  backward(d_output: Tensor): Dispatch[];
}

/**
 * Takes the tensors of a tower and lists its dispatches.
 *
 * @param name what the tower's output is called; its tensors are labelled after it
 * @param input (R, B, inputs of the first layer)
 */
export function tower(
  { gpu, own, shape: s, tile, params, gradients }: CriticContext,
  {
    name,
    input,
    layers,
    activation,
  }: { name: string; input: Tensor; layers: readonly Layer[]; activation: Activation },
): Tower {
  const rows = rowsOf(s);
  const last = layers.length - 1;
  const tensor = (label: string, width: number) => own(gpu.tensor(`${name}/${label}`, s.replicas * rows * width));
  const dims = layers.map((layer) => layerDims(s, layer, rows));
  const output = layers.map(({ outputs }, l) => tensor(`output${l + 1}`, outputs)); //            (R, B, Out) per layer
  // ReLU's value tells its slope, and a pass forward alone needs none.
  const stored = gradients !== undefined && activation !== "relu";
  const no_slope = own(gpu.tensor(`${name}/no_slope`, 4)); // bound where no slope is stored
  const slope = layers.map(({ outputs }, l) => (stored && l < last ? tensor(`slope${l + 1}`, outputs) : no_slope));
  const below = (l: number) => (l === 0 ? input : output[l - 1]!);
  const forward = dims.map((d, l) => {
    const bindings = { dims: d, input: below(l), params, output: output[l]!, slope: slope[l]! };
    return l < last
      ? linearLayer(s, tile, bindings, activation, stored)
      : linearLayer(s, tile, bindings, "identity", false);
  });
  const backward = (d_top: Tensor) => {
    const { d_params } = gradients!;
    const d_output = layers.map(({ outputs }, l) => (l < last ? tensor(`d_output${l + 1}`, outputs) : d_top));
    return dims
      .flatMap((d, l) => {
        const weight = weightGradient(s, tile, d, below(l), d_output[l]!, d_params);
        if (l === 0) return [weight];
        const kept = stored ? slope[l - 1]! : output[l - 1]!;
        const bindings = { dims: d, d_output: d_output[l]!, params, slope: kept, d_input: d_output[l - 1]! };
        return [inputGradient(s, tile, bindings, stored), weight];
      })
      .reverse();
  };
  return { output: output[last]!, forward, backward };
}
