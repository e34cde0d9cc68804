/**
 * Towers: multilayer perceptrons over the rows of the batch, before they are paired. Their last layer is linear. Where two
 * stand side by side, one of x and one of y, a layer of both is one dispatch.
 */

import type { Dispatch } from "../gpu/program.ts";
import { sideBySide } from "../gpu/sides.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Activation, CriticContext } from "./critic.ts";
import { inputGradient, layerDims, linearLayer, sideLayers, weightGradient } from "./layers.ts";
import type { Layer, LayerSize } from "./shape.ts";
import { rowsOf } from "./shape.ts";

/** The layers of a tower, every one with a bias. */
export const towerLayers = (inputs: number, hidden: readonly number[], outputs: number): LayerSize[] =>
  [...hidden, outputs].map((width, i) => ({ inputs: i === 0 ? inputs : hidden[i - 1]!, outputs: width, bias: true }));

/** One tower of those that stand side by side. */
export interface Side {
  /** What its output is called; its tensors are labelled after it. */
  name: string;
  /** (R, B, inputs of its first layer) */
  input: Tensor;
  layers: readonly Layer[];
}

export interface Towers {
  /** (R, B, width of the last layer), of each side. */
  outputs: Tensor[];
  forward: Dispatch[];
  /** From the gradients by `outputs` to those by the towers' parameters. */
  backward(d_outputs: readonly Tensor[]): Dispatch[];
}

/**
 * Takes the tensors of one tower or two and lists their dispatches.
 *
 * @param sides as wide as each other in every layer; only their inputs may differ
 */
export function towersOf(
  { gpu, own, shape: s, tile, params, gradients }: CriticContext,
  sides: readonly Side[],
  activation: Activation,
): Towers {
  const rows = rowsOf(s);
  const { layers } = sides[0]!;
  const last = layers.length - 1;
  const tensors = (label: string, width: number) =>
    sideBySide(
      gpu,
      own,
      sides.map(({ name }) => `${name}/${label}`),
      s.replicas * rows * width,
    );
  const each = (tensor: Tensor) => sides.map(() => tensor);
  const dims = layers.map((_, l) => sides.map((side) => layerDims(s, side.layers[l]!, rows)));
  const output = layers.map(({ outputs }, l) => tensors(`output${l + 1}`, outputs)); //           (R, B, Out) per layer
  // ReLU's value tells its slope, and a pass forward alone needs none.
  const stored = gradients !== undefined && activation !== "relu";
  const no_slope = each(own(gpu.tensor(`${sides[0]!.name}/no_slope`, 4))); // bound where no slope is stored
  const slope = layers.map(({ outputs }, l) => (stored && l < last ? tensors(`slope${l + 1}`, outputs) : no_slope));
  const inputs = sides.map(({ input }) => input);
  const below = (l: number) => (l === 0 ? inputs : output[l - 1]!);
  const forward = dims.flatMap((d, l) =>
    sideLayers(d, { input: below(l), params: each(params), output: output[l]!, slope: slope[l]! }).map((bindings) =>
      l < last ? linearLayer(s, tile, bindings, activation, stored) : linearLayer(s, tile, bindings, "identity", false),
    ),
  );
  const backward = (d_top: readonly Tensor[]) => {
    const { d_params } = gradients!;
    const d_output = layers.map(({ outputs }, l) => (l < last ? tensors(`d_output${l + 1}`, outputs) : d_top));
    return dims
      .map((d, l) => {
        const weights = sideLayers(d, { input: below(l), d_output: d_output[l]! }).map((bound) =>
          weightGradient(s, tile, bound.dims, bound.input, bound.d_output, d_params),
        );
        if (l === 0) return weights;
        const kept = stored ? slope[l - 1]! : output[l - 1]!;
        const through = { d_output: d_output[l]!, params: each(params), slope: kept, d_input: d_output[l - 1]! };
        return [...weights, ...sideLayers(d, through).map((bindings) => inputGradient(s, tile, bindings, stored))];
      })
      .reverse()
      .flat();
  };
  return { outputs: output[last]!, forward, backward };
}
