/** The layered engine's own dispatches between the two passes of a critic: what the estimator makes of the scores. */

import { type Shape, slotsOf } from "../../critics/shape.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { kernels } from "../../gpu/shaders.gen.ts";
import { elements, grid } from "../../gpu/workgroups.ts";
import type { Batch, Training } from "../buffers.ts";
import type { StepKernel } from "../optimizer.ts";

/** What the layered engine's own dispatches are made for. */
export interface LayeredStep {
  shape: Shape;
  choice: { estimator: string; optimizer: StepKernel };
  /** Workgroups that fill the adapter; 1 on a software adapter. */
  fullAt: number;
  /** Steps that `history` holds, and those of them that are averaged. */
  capacity: number;
  window: number;
}

const scoreDims = ({ joint, marginals }: Shape) => ({ joint, marginals });

/** scores -> rows, where the estimator compares the pairs of a row. */
export const reduceRows = (s: Shape, estimator: string, { scores }: Batch, t: Training): Dispatch[] => {
  const { hyper, baseline, rows } = t;
  if (!(estimator in kernels.reduce_rows.variants)) return [];
  const bindings = { dims: scoreDims(s), hyper, scores, baseline, rows };
  return [dispatch("reduce_rows", bindings, [s.joint, s.replicas, 1], estimator)];
};

/**
 * Scores of a replica that a GPU evaluates and differentiates in one dispatch: 32 a thread of its one workgroup. With more,
 * threads of many workgroups differentiate them sooner.
 */
const MOST_SCORES_AT_ONCE = 8192;

/**
 * scores, rows -> stats, d_scores: on a GPU in one dispatch where one workgroup can see to all scores of a replica. That also
 * writes the step's record, so that nothing is left to the end of a step but the parameters and the clock.
 */
export function evaluateScores(
  { shape: s, choice: { estimator }, fullAt, capacity }: LayeredStep,
  batch: Batch,
  t: Training,
): Dispatch[] {
  const differentiated = differentiateScores(s, estimator, batch, t);
  if (fullAt === 1) return [reduceScores(s, estimator, batch, t), differentiated];
  const { hyper, clock, rows, stats, d_scores, history, ahead } = t;
  const dims = { ...scoreDims(s), capacity };
  const bindings = { dims, hyper, clock, scores: batch.scores, rows, stats, d_scores, history, ahead };
  const atOnce = slotsOf(s) <= MOST_SCORES_AT_ONCE;
  const overrides = { DIFFERENTIATED: Number(atOnce) };
  const evaluated = dispatch("evaluate_scores", bindings, grid(s.replicas, 1, 1), estimator, overrides);
  return atOnce ? [evaluated] : [evaluated, differentiated];
}

/** scores, rows -> stats */
const reduceScores = (s: Shape, estimator: string, { scores }: Batch, t: Training): Dispatch => {
  const { hyper, clock, rows, stats } = t;
  const bindings = { dims: scoreDims(s), hyper, clock, scores, rows, stats };
  return dispatch("reduce_scores", bindings, [s.replicas, 1, 1], estimator);
};

/** scores, stats -> d_scores */
const differentiateScores = (s: Shape, estimator: string, { scores }: Batch, t: Training): Dispatch => {
  const { hyper, rows, stats, d_scores } = t;
  const bindings = { dims: scoreDims(s), hyper, scores, rows, stats, d_scores };
  return dispatch("differentiate_scores", bindings, elements(slotsOf(s), s.replicas), estimator);
};

/** rows, stats -> d_baseline */
export const differentiateBaseline = (s: Shape, estimator: string, t: Training): Dispatch => {
  const { hyper, rows, stats, d_baseline } = t;
  const bindings = { dims: scoreDims(s), hyper, rows, stats, d_baseline };
  return dispatch("differentiate_baseline", bindings, elements(s.joint, s.replicas), estimator);
};
