/** The layered engine's own dispatches: what stands in a step between, before and after the two passes of a critic. */

import { type Shape, slotsOf } from "../../critics/shape.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { kernels } from "../../gpu/shaders.gen.ts";
import { elements, strided } from "../../gpu/workgroups.ts";
import type { Batch, Training } from "../buffers.ts";
import type { StepKernel } from "../optimizer.ts";

const scoreDims = ({ joint, marginals }: Shape) => ({ joint, marginals });
const paramDims = ({ layout: { count, stride } }: Shape) => ({ count, stride });

/** scores -> rows, where the estimator compares the pairs of a row. */
export const reduceRows = (s: Shape, estimator: string, { scores }: Batch, t: Training): Dispatch[] => {
  const { hyper, baseline, rows } = t;
  if (!(estimator in kernels.reduce_rows.variants)) return [];
  const bindings = { dims: scoreDims(s), hyper, scores, baseline, rows };
  return [dispatch("reduce_rows", bindings, [s.joint, s.replicas, 1], estimator)];
};

/** scores, rows -> stats */
export const reduceScores = (s: Shape, estimator: string, { scores }: Batch, t: Training): Dispatch => {
  const { hyper, clock, rows, stats } = t;
  const bindings = { dims: scoreDims(s), hyper, clock, scores, rows, stats };
  return dispatch("reduce_scores", bindings, [s.replicas, 1, 1], estimator);
};

/** scores, stats -> d_scores */
export const differentiateScores = (s: Shape, estimator: string, { scores }: Batch, t: Training): Dispatch => {
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

/** d_params -> update: its norm, and what clipping makes of it. */
export const reduceGradient = (s: Shape, { hyper, clock, d_params, update }: Training): Dispatch =>
  dispatch("reduce_gradient", { dims: paramDims(s), hyper, clock, d_params, update }, [s.replicas, 1, 1]);

/** The parameters follow their gradient. */
export function optimizerStep(kernel: StepKernel, s: Shape, t: Training): Dispatch {
  const { hyper, update, d_params, params, m_params, v_params } = t;
  const dims = paramDims(s);
  const workgroups = strided(dims.count, s.replicas);
  switch (kernel) {
    case "step_adam":
      return dispatch(kernel, { dims, hyper, update, d_params, params, m_params, v_params }, workgroups);
    case "step_momentum":
      return dispatch(kernel, { dims, hyper, update, d_params, params, m_params }, workgroups);
    case "step_sgd":
      return dispatch(kernel, { dims, update, d_params, params }, workgroups);
  }
}

/** stats -> history, and the clock moves on. */
export const pushWindow = (
  dims: { replicas: number; capacity: number; window: number },
  estimator: string,
  t: Training,
) => {
  const { hyper, stats, update, clock, history } = t;
  const bindings = { dims, hyper, stats, update, clock, history };
  return dispatch("push_window", bindings, elements(dims.replicas, 1), estimator);
};
