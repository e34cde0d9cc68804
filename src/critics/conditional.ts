/** The critic that is a conditional density. */

import { dispatch } from "../gpu/program.ts";
import { elements } from "../gpu/workgroups.ts";
import { checkOptions, keysOf } from "../options.ts";
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

export interface ConditionalOptions {
  hidden?: readonly number[];
  activation?: Activation;
  initialisation?: Initialisation;
}

const KEYS = keysOf<ConditionalOptions>()("hidden activation initialisation");

/**
 * A conditional Gaussian density as the critic: T(x, y) = log N(y; μ(x), diag e^v(x)) in nats, −(Dy/2) ln 2π included.
 * One multilayer perceptron on x puts out μ and v. It is what CLUB (Cheng et al. 2020, arXiv:2006.12013) and the
 * difference of entropies (McAllester and Stratos 2020, arXiv:1811.04251) train by maximum likelihood; at the optimum
 * −E[T] over joint pairs is the entropy h(Y|X), if Y given X is normal with independent columns.
 *
 * v = 10 tanh(s / 10) of the network's output s, so a column's standard deviation stays within e^±5. (CLUB's own tanh(s)
 * keeps v within ±1: beyond about half a nat per column it cannot follow.)
 *
 * @param options.hidden widths of the hidden layers, at least one; default `[256, 256]`
 * @throws {InputError} when a width is not a positive integer, or there is no such activation
 */
export function conditional(options: ConditionalOptions = {}): Critic {
  checkOptions("conditional", options, KEYS);
  const { hidden = [256, 256], activation = "relu", initialisation = "torch" } = options;
  checkWidths(hidden, "conditional({ hidden: [256, 256] })");
  checkActivation(activation);
  checkInitialisation(initialisation);
  return {
    kind: "conditional",
    initialisation,
    density: true,
    layers: (xWidth, yWidth) => towerLayers(xWidth, hidden, 2 * yWidth),
    passes(context) {
      const { gpu, own, shape: s, layers, batch_x, batch_y, scores, gradients } = context;
      const ofX = towersOf(context, [{ name: "density", input: batch_x, layers }], activation);
      const density = ofX.outputs[0]!; //                                         (R, B, 2 Dy)
      const dims = pairDims(s, s.yWidth);
      const forward = [
        ...ofX.forward,
        dispatch("forward_density", { dims, density, batch_y, scores }, elements(slotsOf(s), s.replicas)),
      ];
      if (!gradients) return { forward, backward: [] };

      const { d_scores } = gradients;
      const width = rowsOf(s) * s.yWidth;
      const d_density = own(gpu.tensor("d_density", s.replicas * 2 * width)); //  (R, B, 2 Dy)
      const backward = [
        dispatch("backward_density", { dims, density, batch_y, d_scores, d_density }, elements(width, s.replicas)),
        ...ofX.backward([d_density]),
      ];
      return { forward, backward };
    },
  };
}
