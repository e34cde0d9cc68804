/**
 * The resident engine for one step: both passes of a small critic in one dispatch, and what follows the gradient in another
 * (shaders/resident/software/). For software adapters with subgroups of 8 lanes.
 */
import { activationCode, type Critic } from "../../critics/critic.ts";
import { rowsOf, type Shape } from "../../critics/shape.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { type EstimatorName, estimators, kernels } from "../../gpu/shaders.gen.ts";
import { grid } from "../../gpu/workgroups.ts";
import type { Batch, Training } from "../buffers.ts";
import { optimizerCode, type StepKernel } from "../optimizer.ts";
import { criticMisfit, type Fitted } from "./fit.ts";

const { variants } = kernels.differentiate_batch;
const { BATCH_WIDTH, BATCH_INPUTS } = variants.remine!.constants as Record<string, number>;

/** Scores a step: one workgroup takes them all one by one, and a dispatch of a second would freeze a page. */
const MOST_SCORES = 4096;

/**
 * Why this form cannot train that, or nothing where it can. It takes a perceptron with two hidden layers of at most 64 units
 * and at most 8 inputs, an estimator that neither looks at rows nor has a baseline network, and at most 4096 scores a step.
 */
export const oneStepMisfit = (...fitted: Fitted): string | undefined =>
  criticMisfit(fitted, { width: BATCH_WIDTH!, inputs: BATCH_INPUTS!, scores: MOST_SCORES }, (slot) => slot in variants);

/** The kernel's ONE_SWEEP. */
export const oneSweep = (estimator: EstimatorName): number => Number(estimators[estimator].marginal === "exp");

/** batch_x, batch_y -> stats, d_params. */
export function differentiateBatch(
  critic: Critic,
  estimator: EstimatorName,
  s: Shape,
  { batch_x, batch_y }: Batch,
  { hyper, clock, params, stats, d_params }: Training,
): Dispatch {
  const { hidden, activation, outputBias } = critic.perceptron!;
  const { joint, marginals, layout } = s;
  const dims = { joint, marginals, rows: rowsOf(s), independent: Number(s.independent), stride: layout.stride };
  return dispatch(
    "differentiate_batch",
    { dims, hyper, clock, batch_x, batch_y, params, stats, d_params },
    grid(s.replicas, 1, 1),
    estimators[estimator].slot,
    {
      X_WIDTH: s.xWidth,
      Y_WIDTH: s.yWidth,
      HIDDEN_1: hidden[0]!,
      HIDDEN_2: hidden[1]!,
      OUTPUT_BIAS: Number(outputBias),
      ONE_SWEEP: oneSweep(estimator),
      ACTIVATION: activationCode[activation],
    },
  );
}

/** d_params -> params and the step's record: what is three dispatches where a replica's parameters take many workgroups. */
export function finishStep(
  { replicas, layout: { count, stride } }: Shape,
  choice: { estimator: string; optimizer: StepKernel },
  capacity: number,
  { hyper, stats, d_params, clock, params, m_params, v_params, history }: Training,
): Dispatch {
  return dispatch(
    "finish_step",
    { dims: { count, stride, capacity }, hyper, stats, d_params, clock, params, m_params, v_params, history },
    grid(replicas, 1, 1),
    choice.estimator,
    { OPTIMIZER: optimizerCode[choice.optimizer] },
  );
}
