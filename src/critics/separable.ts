/** The separable critic, f(x) · g(y). */

import { dispatch } from "../gpu/program.ts";
import { sideBySide } from "../gpu/sides.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { elements } from "../gpu/workgroups.ts";
import { checkCounts, checkOptions, keysOf } from "../options.ts";
import {
  type Activation,
  type Critic,
  checkActivation,
  checkInitialisation,
  checkWidths,
  type Initialisation,
} from "./critic.ts";
import { pairDims } from "./layers.ts";
import { rowsOf, slotsOf } from "./shape.ts";
import { towerLayers, towersOf } from "./tower.ts";

/** What {@link separable} can be asked for; its own text has the defaults. */
export interface SeparableOptions {
  hidden?: readonly number[];
  embed?: number;
  activation?: Activation;
  initialisation?: Initialisation;
}

const KEYS = keysOf<SeparableOptions>()("hidden embed activation initialisation");

/**
 * A separable critic T(x, y) = f(x) · g(y), nats: two multilayer perceptrons that embed x and y apart (Oord et al. 2018,
 * arXiv:1807.03748; Poole et al. 2019, arXiv:1905.06922). Each row of the batch passes a network once and a pair costs
 * one inner product, so all N² pairs cost hardly more than N. It expresses less than a joint critic of the same widths.
 *
 * @param options.hidden widths of the hidden layers of each network, at least one; default `[256, 256]`
 * @param options.embed E: width of the embeddings f(x) and g(y); default 32
 * @throws {InputError} when a width is not a positive integer, or there is no such activation
 */
export function separable(options: SeparableOptions = {}): Critic {
  checkOptions("separable", options, KEYS);
  const { hidden = [256, 256], embed = 32, activation = "relu", initialisation = "torch" } = options;
  checkWidths(hidden, "separable({ hidden: [256, 256] })");
  checkActivation(activation);
  checkInitialisation(initialisation);
  checkCounts({ embed });
  return {
    kind: "separable",
    initialisation,
    layers: (xWidth, yWidth) => [...towerLayers(xWidth, hidden, embed), ...towerLayers(yWidth, hidden, embed)],
    passes(context) {
      const { gpu, own, shape: s, layers, batch_x, batch_y, scores, gradients } = context;
      const half = layers.length / 2;
      const sides = [
        { name: "f", input: batch_x, layers: layers.slice(0, half) },
        { name: "g", input: batch_y, layers: layers.slice(half) },
      ];
      const towers = towersOf(context, sides, activation);
      const [f, g] = towers.outputs as [Tensor, Tensor]; //         (R, B, E)
      const dims = pairDims(s, embed);
      const forward = [
        ...towers.forward,
        dispatch("forward_separable", { dims, f, g, scores }, elements(slotsOf(s), s.replicas)),
      ];
      if (!gradients) return { forward, backward: [] };

      const { d_scores } = gradients;
      const width = rowsOf(s) * embed;
      const [d_f, d_g] = sideBySide(gpu, own, ["d_f", "d_g"], s.replicas * width) as [Tensor, Tensor]; // (R, B, E)
      const backward = [
        dispatch("backward_separable", { dims, f, g, d_scores, d_f, d_g }, elements(width, s.replicas)),
        ...towers.backward([d_f, d_g]),
      ];
      return { forward, backward };
    },
  };
}
