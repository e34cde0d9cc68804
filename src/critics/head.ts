/** The part of a joint critic that every pair passes: hidden layers behind an entrance, and a linear output. */

import type { Dispatch } from "../gpu/program.ts";
import type { Activation, CriticContext } from "./critic.ts";
import type { Entrance } from "./entrance.ts";
import { inputGradient, layerDims, linearLayer, weightGradient } from "./layers.ts";
import { outputGradient, outputLayer } from "./output.ts";
import { type Layer, slotsOf } from "./shape.ts";

export interface Head {
  /** What the entrance was given -> scores. */
  forward: Dispatch[];
  /** From the gradient by the scores to those by the head's parameters, and through the entrance. */
  backward(): Dispatch[];
}

/**
 * Takes the tensors of a head and lists its dispatches.
 *
 * @param entrance makes the inputs of the first layer
 * @param layers the last has one output, and takes no activation
 */
export function head(
  context: CriticContext,
  { entrance, layers, activation }: { entrance: Entrance; layers: readonly Layer[]; activation: Activation },
): Head {
  const { gpu, own, shape: s, tile, params, scores, gradients } = context;
  const { replicas: R } = s;
  const S = slotsOf(s);
  const last = layers.length - 1;
  const dims = layers.map((layer) => layerDims(s, layer, S));
  const wide = (name: string, l: number) => own(gpu.tensor(`${name}${l + 1}`, R * S * dims[l]!.inputs));
  const input = dims.map((_, l) => wide("output", l)); //                        (R, S, In) per layer
  const no_slope = own(gpu.tensor("no_slope", 4)); // bound where no slope is stored
  // ReLU's value tells its slope, and scores alone need none.
  const stored = dims.map((_, l) => gradients !== undefined && (l === 0 ? entrance.keepsSlope : activation !== "relu"));
  const slope = stored.map((kept, l) => (kept ? wide("slope", l) : no_slope)); // (R, S, In) per layer
  const slopeOf = (l: number) => (stored[l] ? slope[l]! : input[l]!);
  const top = dims[last]!;
  const forward = [
    ...entrance.forward({ output: input[0]!, slope: slope[0]! }, stored[0]!),
    ...dims.slice(0, last).map((d, l) => {
      const bindings = { dims: d, input: input[l]!, params, output: input[l + 1]!, slope: slope[l + 1]! };
      return linearLayer(s, tile, bindings, activation, stored[l + 1]!);
    }),
    outputLayer(context, { dims: top, input: input[last]!, params, scores }),
  ];

  const backward = () => {
    const { d_scores, d_params } = gradients!;
    const d_input = dims.map((_, l) => wide("d_hidden", l)); //                  (R, S, In) per layer
    const throughOutput = {
      ...{ dims: top, d_scores, params, input: input[last]!, slope: slope[last]! },
      ...{ d_input: d_input[last]!, d_params },
    };
    return [
      outputGradient(context, throughOutput, { SLOPE_STORED: Number(stored[last]) }),
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
      ...entrance.backward(d_input[0]!),
    ];
  };
  return { forward, backward };
}
