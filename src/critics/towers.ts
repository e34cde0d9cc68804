/** The two-tower joint critic: a perceptron a side, joined pair by pair. */

import { InputError } from "../errors.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { checkCounts, checkOptions, keysOf } from "../options.ts";
import {
  type Activation,
  type Critic,
  checkActivation,
  checkInitialisation,
  checkWidths,
  type Initialisation,
} from "./critic.ts";
import { pairedParts } from "./entrance.ts";
import { head as headOf } from "./head.ts";
import { towerLayers, towersOf } from "./tower.ts";

/** What {@link towers} can be asked for; its own text has the defaults. */
export interface TowersOptions {
  tower?: readonly number[];
  embed?: number;
  head?: readonly number[];
  products?: number;
  activation?: Activation;
  initialisation?: Initialisation;
}

const KEYS = keysOf<TowersOptions>()("tower embed head products activation initialisation");

/**
 * A joint critic T(x, y) whose sides pass a network each before they meet: t_x and t_y are perceptrons on x and y, a pair's
 * first units are act(t_x + t_y), and a perceptron on those puts out T. It is `mlp` with networks in the place of its first
 * layer: each row of the batch passes its network once, whatever the number of pairs that the row is in, so that depth
 * before the pairs costs little.
 *
 * @param options.tower widths of the hidden layers of each side's network; default `[64, 64]`
 * @param options.embed E: width of t_x and t_y; default 32
 * @param options.head widths of the hidden layers that every pair passes; default `[32]`
 * @param options.products how many of the E units are p(t_x t_y) with p(u) = u / √(1 + u²) instead; default 0. A multiple
 *   of four runs fastest
 * @param options.activation default `silu`
 * @throws {InputError} when a width is not a positive integer, a name is not in its list, or more units are products than
 *   there are
 */
export function towers(options: TowersOptions = {}): Critic {
  checkOptions("towers", options, KEYS);
  const { tower = [64, 64], embed = 32, head = [32], products = 0 } = options;
  const { activation = "silu", initialisation = "torch" } = options;
  checkCounts({ embed });
  checkWidths([...tower, embed, ...head]);
  if (!Number.isInteger(products) || products < 0 || products > embed) {
    throw new InputError(`"products" must be an integer from 0 to "embed", ${embed}, got ${products}`);
  }
  checkActivation(activation);
  checkInitialisation(initialisation);
  return {
    kind: "towers",
    initialisation,
    layers: (xWidth, yWidth) => [
      ...towerLayers(xWidth, tower, embed),
      ...towerLayers(yWidth, tower, embed),
      ...towerLayers(embed, head, 1),
    ],
    passes(context) {
      const { layers, batch_x, batch_y, gradients } = context;
      const each = tower.length + 1;
      const sides = [
        { name: "t_x", input: batch_x, layers: layers.slice(0, each) },
        { name: "t_y", input: batch_y, layers: layers.slice(each, 2 * each) },
      ];
      const both = towersOf(context, sides, activation);
      const [part_x, part_y] = both.outputs as [Tensor, Tensor]; //                       (R, B, E)
      const entrance = pairedParts(context, {
        ...{ part_x, part_y, width: embed, activation, products },
        backward: (d_part_x, d_part_y) => both.backward([d_part_x, d_part_y]),
      });
      const above = headOf(context, { entrance, layers: layers.slice(2 * each), activation });
      const forward = [...both.forward, ...above.forward];
      return { forward, backward: gradients ? above.backward() : [] };
    },
  };
}
