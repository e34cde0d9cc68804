/** The joint critic: a multilayer perceptron on x and y, with a factored first layer. */

import type { Tensor } from "../gpu/device.ts";
import {
  type Activation,
  type Critic,
  checkActivation,
  checkInitialisation,
  checkWidths,
  type Initialisation,
} from "./critic.ts";
import { head } from "./head.ts";
import { type LayerDims, linearLayer, weightGradient } from "./layers.ts";
import { rowsOf, type Shape } from "./shape.ts";

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
    passes(context) {
      const { gpu, own, shape: s, layers, tile, params, batch_x, batch_y, gradients } = context;
      const width = s.replicas * rowsOf(s) * hidden[0]!;
      const part_x = own(gpu.tensor("part_x", width)); //                                (R, B, H)
      const part_y = own(gpu.tensor("part_y", width)); //                                (R, B, H)
      const no_slope = own(gpu.tensor("no_slope", 4)); // the identity stores none
      const [ofX, ofY] = firstLayers(s, layers[0]!);
      const first = (dims: LayerDims, input: Tensor, output: Tensor) =>
        linearLayer(s, tile, { dims, input, params, output, slope: no_slope }, "identity", false);
      const above = head(context, { part_x, part_y, layers: layers.slice(1), activation });
      const forward = [first(ofX, batch_x, part_x), first(ofY, batch_y, part_y), ...above.forward];
      if (!gradients) return { forward, backward: [] };

      const { d_params } = gradients;
      const { dispatches, d_part_x, d_part_y } = above.backward();
      const backward = [
        ...dispatches,
        weightGradient(s, tile, ofX, batch_x, d_part_x, d_params),
        weightGradient(s, tile, ofY, batch_y, d_part_y, d_params),
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
