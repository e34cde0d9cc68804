/**
 * The walk: what one training step dispatches, in order. Kernels are named after their files in shaders/.
 *
 *   source -> pairs -> critic forward -> score statistics -> estimator's gradient
 *                                                                |
 *   average <- window <- optimizer <- critic backward <----------+
 */
import { type Critic, initialScale } from "../critics/critic.ts";
import { type Layout, rowsOf, type Shape, slotsOf } from "../critics/shape.ts";
import { type Dispatch, dispatch, type TileForm } from "../gpu/program.ts";
import { type KernelBindings, kernels } from "../gpu/shaders.gen.ts";
import { elements, grid, strided } from "../gpu/workgroups.ts";
import type { Batch, Training } from "./buffers.ts";
import { optimizerCode, type StepKernel } from "./optimizer.ts";

type Passes = ReturnType<Critic["passes"]>;

/** What a step is made of; `choice` names what fills the kernels' slots. */
export interface Walk {
  shape: Shape;
  choice: { source: string; estimator: string; optimizer: StepKernel; tile: TileForm };
  /** What the source binds besides the batch. */
  sourceBindings: object;
  /** The critic's two passes: batch_x, batch_y -> scores, and d_scores -> d_params. See critics/. */
  critic: Passes;
  /** The resident engine's one dispatch from the batch to d_params, instead of the critic's passes; another ends the step. */
  resident?: Dispatch;
  /** The resident engine's form that takes many whole steps in one dispatch, instead of everything. */
  loop?: Dispatch;
  /** The same of the baseline network, if the estimator has one: -> baseline, and d_baseline -> d_params. */
  baseline?: Passes;
  window: number;
  capacity: number;
}

/** One training step, or with a `loop` as many as it is told. */
export function stepPlan(walk: Walk, batch: Batch, t: Training): Dispatch[] {
  const { shape: s, resident, loop, choice, sourceBindings, window, capacity } = walk;
  if (loop) return [loop];
  const { batch_x, batch_y } = batch;
  const R = s.replicas;
  const paramDims = { count: s.layout.count, stride: s.layout.stride };
  const windowDims = { replicas: R, capacity, window };
  const batchDims = { rows: rowsOf(s), joint: s.joint, x_width: s.xWidth, y_width: s.yWidth };
  const { hyper, clock, stats, update, history, d_params } = t;
  return [
    dispatch(
      "gather_batch",
      { dims: batchDims, hyper, clock, batch_x, batch_y, ...sourceBindings } as KernelBindings["gather_batch"],
      elements(batchDims.rows, R),
      choice.source,
    ),
    ...(resident
      ? [resident, finishStep(walk, t)]
      : [
          ...layeredGradient(walk, batch, t),
          dispatch("reduce_gradient", { dims: paramDims, hyper, clock, d_params, update }, [R, 1, 1]),
          optimizerStep(choice.optimizer, paramDims, R, t),
          dispatch(
            "push_window",
            { dims: windowDims, hyper, stats, update, clock, history },
            elements(R, 1),
            choice.estimator,
          ),
        ]),
  ];
}

/** From d_params to the next step in one dispatch: what is three where a replica's parameters take many workgroups. */
function finishStep({ shape: s, choice, capacity }: Walk, t: Training): Dispatch {
  const { hyper, stats, d_params, clock, params, m_params, v_params, history } = t;
  return dispatch(
    "finish_step",
    {
      dims: { count: s.layout.count, stride: s.layout.stride, capacity },
      ...{ hyper, stats, d_params, clock, params, m_params, v_params, history },
    },
    grid(s.replicas, 1, 1),
    choice.estimator,
    { OPTIMIZER: optimizerCode[choice.optimizer] },
  );
}

/** From the batch to d_params, layer by layer. */
function layeredGradient(
  { shape: s, critic, baseline: network, choice }: Walk,
  { scores }: Batch,
  t: Training,
): Dispatch[] {
  const { replicas: R, joint, marginals } = s;
  const scoreDims = { joint, marginals };
  const { hyper, clock, stats, d_scores, rows, baseline, d_baseline } = t;
  const looksAtRows = choice.estimator in kernels.reduce_rows.variants;
  return [
    ...critic.forward,
    ...(network?.forward ?? []),
    ...(looksAtRows
      ? [dispatch("reduce_rows", { dims: scoreDims, hyper, scores, baseline, rows }, [joint, R, 1], choice.estimator)]
      : []),
    dispatch("reduce_scores", { dims: scoreDims, hyper, clock, scores, rows, stats }, [R, 1, 1], choice.estimator),
    dispatch(
      "differentiate_scores",
      { dims: scoreDims, hyper, scores, rows, stats, d_scores },
      elements(slotsOf(s), R),
      choice.estimator,
    ),
    ...(network
      ? [
          dispatch(
            "differentiate_baseline",
            { dims: scoreDims, hyper, rows, stats, d_baseline },
            elements(joint, R),
            choice.estimator,
          ),
        ]
      : []),
    ...critic.backward,
    ...(network?.backward ?? []),
  ];
}

/** The parameters follow their gradient. */
function optimizerStep(kernel: StepKernel, dims: KernelBindings[StepKernel]["dims"], R: number, t: Training): Dispatch {
  const { hyper, update, d_params, params, m_params, v_params } = t;
  const workgroups = strided(dims.count, R);
  switch (kernel) {
    case "step_adam":
      return dispatch(kernel, { dims, hyper, update, d_params, params, m_params, v_params }, workgroups);
    case "step_momentum":
      return dispatch(kernel, { dims, hyper, update, d_params, params, m_params }, workgroups);
    case "step_sgd":
      return dispatch(kernel, { dims, update, d_params, params }, workgroups);
  }
}

/** Draws the first weights: one dispatch a layer. */
export function initialPlan(
  { layout, replicas }: { layout: Layout; replicas: number },
  critic: Critic,
  { hyper, params }: Training,
): Dispatch[] {
  return layout.layers.map((layer, tensor) => {
    const weights = layer.inputs * layer.outputs;
    const biases = layer.bias ? layer.outputs : 0;
    const dims = {
      offset: layer.offset,
      weights,
      biases,
      stride: layout.stride,
      tensor,
      ...initialScale(critic.initialisation, layer),
    };
    return dispatch("fill_weights", { dims, hyper, params }, elements(weights + biases, replicas));
  });
}

/** The two averages over the window. */
export function averagePlan(
  { shape: s, choice, window, capacity }: Walk,
  { hyper, clock, stats, history, averages }: Training,
): Dispatch[] {
  const dims = { replicas: s.replicas, capacity, window };
  return [
    dispatch("average_window", { dims, hyper, clock, stats, history, averages }, [s.replicas, 1, 1], choice.estimator),
  ];
}
