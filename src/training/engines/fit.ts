/** What a kernel that keeps a whole small critic can hold. */

import type { Critic } from "../../critics/critic.ts";
import { type Shape, slotsOf } from "../../critics/shape.ts";
import { type EstimatorName, estimators } from "../../gpu/shaders.gen.ts";

/** What decides whether a critic fits. */
export type Fitted = [
  critic: Pick<Critic, "perceptron" | "kind">,
  estimator: EstimatorName,
  shape: Pick<Shape, "joint" | "marginals" | "xWidth" | "yWidth">,
];

/**
 * Why a kernel that keeps a whole small critic cannot train this one, or nothing where it can.
 *
 * @param most what the kernel holds: units of a hidden layer, inputs, and scores of a step
 * @param takes whether it was built for the estimator's slot; none is for those that look at rows or have a baseline network
 */
export function criticMisfit(
  [{ perceptron, kind }, estimator, shape]: Fitted,
  most: { width: number; inputs: number; scores: number },
  takes: (slot: string) => boolean,
): string | undefined {
  if (!perceptron) return `needs an mlp() critic, not "${kind}"`;
  const { hidden } = perceptron;
  if (hidden.length !== 2 || Math.max(...hidden) > most.width)
    return `needs two hidden layers of at most ${most.width} units, not [${hidden.join(", ")}]`;
  const inputs = shape.xWidth + shape.yWidth;
  if (inputs > most.inputs) return `takes at most ${most.inputs} inputs, not ${inputs}`;
  if (!takes(estimators[estimator].slot))
    return `takes no estimator that looks at rows or has a baseline network, as "${estimator}" does`;
  const scores = slotsOf(shape);
  if (scores > most.scores) return `takes at most ${most.scores} scores a step, not ${scores}`;
}
