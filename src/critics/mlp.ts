/** The joint critic: a multilayer perceptron on x and y, with a factored first layer. */

import type { Dispatch } from "../gpu/program.ts";
import { sideBySide } from "../gpu/sides.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { checkOptions, keysOf } from "../options.ts";
import {
  type Activation,
  type Critic,
  type CriticContext,
  checkActivation,
  checkInitialisation,
  checkWidths,
  type Initialisation,
} from "./critic.ts";
import { type Entrance, pairedInputs, pairedParts } from "./entrance.ts";
import { head } from "./head.ts";
import { linearLayer, oneSide, sideLayers, weightGradient } from "./layers.ts";
import { type Layer, rowsOf } from "./shape.ts";

/** What {@link mlp} can be asked for beside its widths. */
export interface PerceptronOptions {
  /** Default `relu`. */
  activation?: Activation;
  /** Default `torch`. */
  initialisation?: Initialisation;
  /** Whether the last layer adds a constant. Default true. */
  outputBias?: boolean;
}

const KEYS = keysOf<PerceptronOptions>()("activation initialisation outputBias");

/**
 * A joint critic T(x, y): a multilayer perceptron on [x; y] with one output.
 *
 * Its first layer is factored, W [x; y] + b = W_x x + (W_y y + b): each row of the batch passes it once, whatever the
 * number of pairs that the row is in. Where no two pairs share a row, it takes [x; y] whole.
 *
 * @param hidden widths of the hidden layers, e.g. `[256, 256]`; at least one. Published critics differ: Poole et al. 2019 and
 *   ReMINE have two hidden layers of 256, the PyTorch port of SMILE three, `[256, 256, 256]`
 * @throws {InputError} when a width is not a positive integer, or a name is not in its list
 */
export function mlp(hidden: readonly number[], options: PerceptronOptions = {}): Critic {
  checkWidths(hidden);
  const { activation = "relu", initialisation = "torch", outputBias = true } = checkOptions("mlp", options, KEYS);
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
      const { shape, layers, gradients } = context;
      const rest = { layers: layers.slice(1), activation };
      const first = shape.independent
        ? { forward: [], entrance: pairedInputs(context, layers[0]!, activation) }
        : factoredLayer(context, layers[0]!, activation);
      const above = head(context, { entrance: first.entrance, ...rest });
      return { forward: [...first.forward, ...above.forward], backward: gradients ? above.backward() : [] };
    },
  };
}

/** The first layer, split into W_x x and W_y y + b, which rows pass before they are paired. */
function factoredLayer(
  context: CriticContext,
  { outputs, offset }: Layer,
  activation: Activation,
): { forward: Dispatch[]; entrance: Entrance } {
  const { gpu, own, shape: s, tile, params, batch_x, batch_y, gradients } = context;
  const both = { rows: rowsOf(s), outputs, stride: s.layout.stride, ...oneSide(s) };
  const ofX = { ...both, inputs: s.xWidth, offset, bias: 0 };
  const ofY = { ...both, inputs: s.yWidth, offset: offset + s.xWidth * outputs, bias: 1 };
  const dims = [ofX, ofY];
  const input = [batch_x, batch_y];
  const output = sideBySide(gpu, own, ["part_x", "part_y"], s.replicas * rowsOf(s) * outputs);
  const [part_x, part_y] = output as [Tensor, Tensor]; //                            (R, B, H)
  const no_slope = own(gpu.tensor("no_slope", 4)); // the identity stores none
  const slope = [no_slope, no_slope];
  const halves = sideLayers(dims, { input, params: [params, params], output, slope });
  const entrance = pairedParts(context, {
    ...{ part_x, part_y, width: outputs, activation },
    backward: (...d_output) =>
      sideLayers(dims, { input, d_output }).map((bound) =>
        weightGradient(s, tile, bound.dims, bound.input, bound.d_output, gradients!.d_params),
      ),
  });
  return { forward: halves.map((bindings) => linearLayer(s, tile, bindings, "identity", false)), entrance };
}
