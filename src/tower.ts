/** A tower: a multilayer perceptron over the rows of the batch, before they are paired. Its last layer is linear. */
import { type Activation, activationCode, type CriticContext, type Layer, type LayerSize } from "./critic.ts";
import type { Tensor } from "./device.ts";
import { type Dispatch, dispatch } from "./kernel.ts";
import { layerDims, tileOf, tiles, weightGradient } from "./layers.ts";
import { rowsOf } from "./tensors.ts";

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
  const slope = layers.map(({ outputs }, l) => tensor(`slope${l + 1}`, l < last ? outputs : 4)); // the last stays unused
  const below = (l: number) => (l === 0 ? input : output[l - 1]!);
  const forms = dims.map((d) => tileOf(tile, d));
  const forward = dims.map((d, l) =>
    dispatch(
      "forward_linear",
      { dims: d, input: below(l), params, output: output[l]!, slope: slope[l]! },
      tiles(forms[l]!, rows, d.outputs, s),
      forms[l]!.slot,
      { ...tile.overrides, ACTIVATION: activationCode[l < last ? activation : "identity"] },
    ),
  );
  const backward = (d_top: Tensor) => {
    const { d_params } = gradients!;
    const d_output = layers.map(({ outputs }, l) => (l < last ? tensor(`d_output${l + 1}`, outputs) : d_top));
    return dims
      .flatMap((d, l) => {
        const weight = weightGradient(s, tile, d, below(l), d_output[l]!, d_params);
        if (l === 0) return [weight];
        const through = dispatch(
          "backward_linear",
          { dims: d, d_output: d_output[l]!, params, slope: slope[l - 1]!, d_input: d_output[l - 1]! },
          tiles(forms[l]!, rows, d.inputs, s),
          forms[l]!.slot,
          tile.overrides,
        );
        return [through, weight];
      })
      .reverse();
  };
  return { output: output[last]!, forward, backward };
}
