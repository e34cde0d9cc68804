/** The network beside the critic that some bounds learn too. */

import type { Critic } from "../critics/critic.ts";
import { mlp } from "../critics/mlp.ts";
import type { Shape } from "../critics/shape.ts";
import { type Estimator, parameterOf } from "../estimators/estimator.ts";
import { estimators } from "../gpu/shaders.gen.ts";

/**
 * The network that learns an estimator's baseline, or undefined where it has none: an mlp whose "scores" are one number
 * per row of the batch. It sees x alone, or x and y of the joint pair, as the estimator states.
 */
export function baselineOf(estimator: Estimator): Critic | undefined {
  const sees = estimators[estimator.name].baseline;
  const baseline = parameterOf(estimator, "baseline") ?? [];
  if (sees === "none" || baseline.length === 0) return undefined;
  const network = mlp(baseline);
  const widthOfY = (y: number) => (sees === "x" ? 0 : y);
  const narrow = (s: Shape): Shape => ({ ...s, marginals: 0, yWidth: widthOfY(s.yWidth) });
  return {
    ...network,
    kind: "baseline",
    layers: (x, y) => network.layers(x, widthOfY(y)),
    passes: (context) => network.passes({ ...context, shape: narrow(context.shape) }),
  };
}
