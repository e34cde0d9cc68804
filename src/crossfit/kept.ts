/** Members without a trainer and its GPU: plain values that score new rows, and that `save` writes. */

import { conditional } from "../critics/conditional.ts";
import type { Critic } from "../critics/critic.ts";
import { towers } from "../critics/towers.ts";
import type { Estimator } from "../estimators/estimator.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import type { Budget } from "./budget.ts";
import type { GaussianRatio } from "./gaussian-copula.ts";

export type KeptMembers = KeptNetworks | KeptGaussians;

/** Trained critics of all folds; replica = fold × restarts + restart. */
export interface KeptNetworks {
  kind: "networks";
  recipe: CriticRecipe;
  xWidth: number;
  yWidth: number;
  restarts: number;
  /** How many maps of the columns the restarts take turns with. */
  maps: number;
  /** No T of a fold's critics above it, nats. */
  most: number[];
  /** (R, P) */
  params: Float32Array;
}

/** A closed form for each fold and each map of the columns. */
export interface KeptGaussians {
  kind: "gaussians";
  ratios: GaussianRatio[][];
}

/** What the critics of a fit are. */
export interface CriticRecipe extends Pick<Budget, "hidden" | "embed" | "products"> {
  /** T is a normalised log density of y. */
  density: boolean;
}

export const recipeOf = ({ hidden, embed, products }: Budget, { name }: Estimator): CriticRecipe => ({
  ...{ hidden, embed, products },
  density: estimators[name].critic === "density",
});

export const criticOf = ({ hidden, embed, products, density }: CriticRecipe): Critic =>
  density
    ? conditional({ hidden, activation: "silu" })
    : towers({ tower: hidden, embed, head: [embed], products, activation: "silu" });
