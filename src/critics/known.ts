/** The critic that is known and needs no training. */

import { InputError } from "../errors.ts";
import { dispatch } from "../gpu/program.ts";
import type { KernelBindings } from "../gpu/shaders.gen.ts";
import { elements } from "../gpu/workgroups.ts";
import type { Critic } from "./critic.ts";
import { pairDims } from "./layers.ts";
import { slotsOf } from "./shape.ts";

/**
 * The critic that needs no training: T(x, y) = log p(x | y) of the source itself, nats. InfoNCE over it is TNCE. Only
 * the Gaussian source's density is known, N(x; ρ y, (1 − ρ²) I), with each replica's ρ of the step. It has no parameters.
 *
 * A trainer throws {@link InputError} for it on any other source.
 */
export const known = (): Critic => ({
  kind: "known",
  initialisation: "torch",
  density: true,
  layers: () => [],
  passes({ shape: s, source, sourceBindings, clock, batch_x, batch_y, scores }) {
    if (source.kind !== "gaussian" || !clock) {
      throw new InputError(
        `known() is the density log p(x | y) of the source, and that of a "${source.kind}" source is not known. ` +
          "Train a critic instead, e.g. mlp([256, 256]): the estimator infonce needs no density.",
      );
    }
    const bindings = { dims: pairDims(s, s.yWidth), clock, batch_x, batch_y, scores, ...sourceBindings };
    const line = dispatch(
      "forward_known",
      bindings as KernelBindings["forward_known"],
      elements(slotsOf(s), s.replicas),
    );
    return { forward: [line], backward: [] };
  },
});
