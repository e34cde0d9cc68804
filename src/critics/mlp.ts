/** The joint critic: a multilayer perceptron on x and y, with a factored first layer. */
import {
  type Activation,
  activationCode,
  type Critic,
  checkActivation,
  checkInitialisation,
  checkWidths,
  type Initialisation,
} from "../critic.ts";
import type { Tensor } from "../device.ts";
import { dispatch } from "../kernel.ts";
import {
  cellOf,
  cells,
  elements,
  type LayerDims,
  layerDims,
  pairDims,
  tileOf,
  tiles,
  weightGradient,
} from "../layers.ts";
import { rowsOf, type Shape, slotsOf } from "../tensors.ts";

/**
 * A joint critic T(x, y): a multilayer perceptron on [x; y] with one output.
 *
 * Its first layer is factored, W [x; y] + b = W_x x + (W_y y + b): each row of the batch passes it once, whatever the
 * number of pairs that the row is in.
 *
 * @param hidden widths of the hidden layers, e.g. `[256, 256]`; at least one. Published critics differ: Poole et al. 2019 and
 *   ReMINE have two hidden layers of 256, the PyTorch port of SMILE three, `[256, 256, 256]`
 * @throws {InputError} when a width is not a positive integer, or a name is not in its list
 */
export function mlp(
  hidden: readonly number[],
  options: { activation?: Activation; initialisation?: Initialisation; outputBias?: boolean } = {},
): Critic {
  checkWidths(hidden);
  const { activation = "relu", initialisation = "torch", outputBias = true } = options;
  checkActivation(activation);
  checkInitialisation(initialisation);
  const last = hidden.length - 1;
  return {
    kind: "mlp",
    initialisation,
    perceptron: { hidden, activation, outputBias },
    layers: (xWidth, yWidth) =>
      [...hidden, 1].map((outputs, i) => ({
        inputs: i === 0 ? xWidth + yWidth : hidden[i - 1]!,
        outputs,
        bias: i <= last || outputBias,
      })),
    passes({ gpu, own, shape: s, layers, tile, params, batch_x, batch_y, scores, gradients }) {
      const { replicas: R } = s;
      const S = slotsOf(s);
      const B = rowsOf(s);
      const first = hidden[0]!;
      const [part_x, part_y] = ["part_x", "part_y"].map((name) => own(gpu.tensor(name, R * B * first))) as [
        Tensor,
        Tensor,
      ]; //                                                                              (R, B, H)
      const perLayer = (name: string) => hidden.map((H, l) => own(gpu.tensor(`${name}${l + 1}`, R * S * H)));
      const output = perLayer("output"); //                                              (R, S, H) per layer
      const no_slope = own(gpu.tensor("no_slope", 4)); // bound where no slope is stored
      const slopeStored = activation !== "relu";
      const slope = slopeStored ? perLayer("slope") : hidden.map(() => no_slope); //     (R, S, H) per layer

      const kept = { SLOPE_STORED: Number(slopeStored) };
      const act = (name: Activation | "identity") => ({ ...tile.overrides, ...kept, ACTIVATION: activationCode[name] });
      const dimsOf = (l: number) => layerDims(s, layers[l]!, S);
      const [ofX, ofY] = firstLayers(s, layers[0]!);
      const top = dimsOf(last + 1);
      const pairForm = cellOf(tile, first);
      const lastForm = cellOf(tile, top.inputs, top.offset);
      const linear = (name: Activation | "identity", dims: LayerDims, input: Tensor, output: Tensor, slope: Tensor) => {
        const form = tileOf(tile, dims);
        return dispatch(
          "forward_linear",
          { dims, input, params, output, slope },
          tiles(form, dims.rows, dims.outputs, s),
          form.slot,
          act(name),
        );
      };
      const forward = [
        linear("identity", ofX, batch_x, part_x, no_slope),
        linear("identity", ofY, batch_y, part_y, no_slope),
        dispatch(
          "forward_pairs",
          { dims: pairDims(s, first), part_x, part_y, output: output[0]!, slope: slope[0]! },
          cells(pairForm, first, s.joint, R),
          pairForm,
          act(activation),
        ),
        ...hidden.slice(1).map((_, i) => linear(activation, dimsOf(i + 1), output[i]!, output[i + 1]!, slope[i + 1]!)),
        dispatch("forward_output", { dims: top, input: output[last]!, params, scores }, elements(S, R), lastForm),
      ];
      if (!gradients) return { forward, backward: [] };

      const { d_scores, d_params } = gradients;
      const d_hidden = perLayer("d_hidden"); //                                          (R, S, H) per layer
      const d_part_x = own(gpu.tensor("d_part_x", R * B * first)); //                    (R, B, H)
      const d_part_y = own(gpu.tensor("d_part_y", R * B * first)); //                    (R, B, H)
      const weight = (dims: LayerDims, input: Tensor, d_output: Tensor) =>
        weightGradient(s, tile, dims, input, d_output, d_params);
      const backward = [
        dispatch(
          "backward_output",
          {
            ...{ dims: top, d_scores, params, input: output[last]!, slope: slope[last]! },
            ...{ d_input: d_hidden[last]!, d_params },
          },
          elements(top.inputs, R),
          lastForm,
          kept,
        ),
        ...hidden.slice(1).flatMap((_, i) => {
          const l = last - i;
          const dims = dimsOf(l);
          const form = tileOf(tile, dims);
          return [
            weight(dims, output[l - 1]!, d_hidden[l]!),
            dispatch(
              "backward_linear",
              {
                ...{ dims, d_output: d_hidden[l]!, params, d_input: d_hidden[l - 1]! },
                slope: slopeStored ? slope[l - 1]! : output[l - 1]!,
              },
              tiles(form, dims.rows, dims.inputs, s),
              form.slot,
              { ...tile.overrides, ...kept },
            ),
          ];
        }),
        dispatch(
          "backward_pairs",
          { dims: pairDims(s, first), d_output: d_hidden[0]!, d_part_x, d_part_y },
          cells(pairForm, first, B, R),
          pairForm,
        ),
        weight(ofX, batch_x, d_part_x),
        weight(ofY, batch_y, d_part_y),
      ];
      return { forward, backward };
    },
  };
}

/** The first layer, split into W_x x and W_y y + b. */
function firstLayers(s: Shape, { outputs, offset }: { outputs: number; offset: number }): [LayerDims, LayerDims] {
  const both = { rows: rowsOf(s), outputs, stride: s.layout.stride };
  return [
    { ...both, inputs: s.xWidth, offset, bias: 0 },
    { ...both, inputs: s.yWidth, offset: offset + s.xWidth * outputs, bias: 1 },
  ];
}
