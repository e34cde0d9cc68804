/** Critics: the networks T(x, y) that a trainer trains. Those of images are in `remine/conv`. */
export { type ConditionalOptions, conditional } from "./conditional.ts";
export { known } from "./known.ts";
export { mlp, type PerceptronOptions } from "./mlp.ts";
export { type SeparableOptions, separable } from "./separable.ts";
export { type TowersOptions, towers } from "./towers.ts";
