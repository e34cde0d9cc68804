/** What follows the backward pass in a step of the layered engine: d_params -> params, the step's record, the clock. */

import type { Shape } from "../../critics/shape.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { elements, grid, strided, type Workgroups } from "../../gpu/workgroups.ts";
import type { Training } from "../buffers.ts";
import { optimizerCode, type StepKernel } from "../optimizer.ts";
import { gradientGroups } from "./groups.ts";
import type { LayeredStep } from "./layered.ts";

/**
 * The end of a step. On a software adapter one kernel after another, each for its purpose; on a GPU as few as can be: one where
 * a workgroup per replica is enough, else two whose workgroups share the parameters. The record is written by then.
 */
export function endOfStep(end: LayeredStep, t: Training): Dispatch[] {
  const { shape, choice, fullAt } = end;
  if (fullAt === 1) return [reduceGradient(shape, t), optimizerStep(choice.optimizer, shape, t), pushWindow(end, t)];
  const groups = gradientGroups(fullAt, shape);
  if (groups === 0) return [finishReplica(end, t)];
  const workgroups = grid(groups, shape.replicas, 1);
  return [sumGradient(shape, workgroups, t), takeStep(end, workgroups, t)];
}

const paramDims = ({ layout: { count, stride } }: Shape) => ({ count, stride });
const partDims = (s: Shape) => ({ ...paramDims(s), replicas: s.replicas, parts: s.parts });

/** d_params -> update: its norm, and what clipping makes of it. */
const reduceGradient = (s: Shape, { hyper, clock, d_params, update }: Training): Dispatch =>
  dispatch("reduce_gradient", { dims: paramDims(s), hyper, clock, d_params, update }, [s.replicas, 1, 1]);

/** The parameters follow their gradient. */
function optimizerStep(kernel: StepKernel, s: Shape, t: Training): Dispatch {
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
function pushWindow({ shape: { replicas }, choice, capacity, window }: LayeredStep, t: Training): Dispatch {
  const { hyper, stats, update, clock, history } = t;
  const bindings = { dims: { replicas, capacity, window }, hyper, stats, update, clock, history };
  return dispatch("push_window", bindings, elements(replicas, 1), choice.estimator);
}

/** The M parts of d_params -> their sum, and its squares. */
const sumGradient = (s: Shape, workgroups: Workgroups, { d_params, squares }: Training): Dispatch =>
  dispatch("sum_gradient", { dims: partDims(s), d_params, squares }, workgroups);

/** The parameters follow the sum. */
function takeStep({ shape, choice }: LayeredStep, workgroups: Workgroups, t: Training): Dispatch {
  const { hyper, ahead, squares, d_params, params, m_params, v_params, clock } = t;
  const bindings = { dims: paramDims(shape), hyper, ahead, squares, d_params, params, m_params, v_params, clock };
  return dispatch("take_step", bindings, workgroups, "only", { OPTIMIZER: optimizerCode[choice.optimizer] });
}

/** All of it at once. */
function finishReplica({ shape, choice }: LayeredStep, t: Training): Dispatch {
  const { hyper, ahead, d_params, clock, params, m_params, v_params } = t;
  const bindings = { dims: partDims(shape), hyper, ahead, d_params, clock, params, m_params, v_params };
  const overrides = { OPTIMIZER: optimizerCode[choice.optimizer] };
  return dispatch("finish_replica", bindings, grid(shape.replicas, 1, 1), "only", overrides);
}
