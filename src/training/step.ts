/**
 * The walk: what one training step dispatches, in order. Kernels are named after their files in shaders/.
 *
 *   source -> pairs -> critic forward -> score statistics -> estimator's gradient
 *                                                                |
 *   average <- window <- optimizer <- critic backward <----------+
 */
import { type Critic, initialScale } from "../critics/critic.ts";
import { type Layout, rowsOf, type Shape } from "../critics/shape.ts";
import { type Dispatch, dispatch, type TileForm } from "../gpu/program.ts";
import type { KernelBindings } from "../gpu/shaders.gen.ts";
import { elements, spread, WG_SIZE } from "../gpu/workgroups.ts";
import type { Batch, Training } from "./buffers.ts";
import { endOfStep } from "./engines/end-of-step.ts";
import { differentiateBaseline, evaluateScores, reduceRows } from "./engines/layered.ts";
import { finishStep } from "./engines/one-step.ts";
import type { StepKernel } from "./optimizer.ts";

type Passes = ReturnType<Critic["passes"]>;

/** What a step is made of; `choice` names what fills the kernels' slots. */
export interface StepParts {
  shape: Shape;
  choice: { source: string; estimator: string; optimizer: StepKernel; tile: TileForm };
  /** What the source binds besides the batch. */
  sourceBindings: object;
  /** What computes the gradient, and what of it the engine needs. */
  engine:
    | {
        trains: "layered";
        /** Its two passes, batch_x, batch_y -> scores and d_scores -> d_params. See critics/. */
        critic: Passes;
        /** The same of the baseline network, if the estimator has one: -> baseline, and d_baseline -> d_params. */
        baseline?: Passes;
      }
    | { trains: "one step"; gradient: Dispatch }
    | { trains: "many steps"; steps: Dispatch };
  /** Workgroups that fill the adapter; 1: it is a software adapter's plan. */
  fullAt: number;
  window: number;
  capacity: number;
}

/** One training step, or with the engine for many steps as many as it is told. */
export function stepPlan(parts: StepParts, batch: Batch, t: Training): Dispatch[] {
  const { shape: s, choice, engine, capacity } = parts;
  const { estimator } = choice;
  switch (engine.trains) {
    case "layered":
      return [
        gatherBatch(parts, batch, t),
        ...engine.critic.forward,
        ...(engine.baseline?.forward ?? []),
        ...reduceRows(s, estimator, batch, t),
        ...evaluateScores(parts, batch, t),
        ...(engine.baseline ? [differentiateBaseline(s, estimator, t)] : []),
        ...engine.critic.backward,
        ...(engine.baseline?.backward ?? []),
        ...endOfStep(parts, t),
      ];
    case "one step":
      return [gatherBatch(parts, batch, t), engine.gradient, finishStep(s, choice, capacity, t)];
    case "many steps":
      return [engine.steps];
  }
}

/** The rows of a step, from the source: a thread per row, and on a GPU per element. */
function gatherBatch(
  { shape: s, choice, sourceBindings, fullAt }: StepParts,
  { batch_x, batch_y }: Batch,
  t: Training,
): Dispatch {
  const { hyper, clock } = t;
  const dims = { rows: rowsOf(s), joint: s.joint, x_width: s.xWidth, y_width: s.yWidth };
  const bindings = { dims, hyper, clock, batch_x, batch_y, ...sourceBindings } as KernelBindings["gather_batch"];
  if (fullAt === 1) return dispatch("gather_batch", bindings, elements(dims.rows, s.replicas), choice.source);
  const count = dims.rows * (s.xWidth + s.yWidth);
  return dispatch("draw_batch", bindings, spread(count, WG_SIZE, s.replicas), choice.source);
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
  { shape: s, choice, window, capacity }: StepParts,
  { hyper, clock, stats, history, averages }: Training,
): Dispatch[] {
  const dims = { replicas: s.replicas, capacity, window };
  return [
    dispatch("average_window", { dims, hyper, clock, stats, history, averages }, [s.replicas, 1, 1], choice.estimator),
  ];
}
