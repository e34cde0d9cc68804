/**
 * The resident engine's form for lavapipe, both passes of a small critic in one dispatch (shaders/resident/software/differentiate_batch.wgsl),
 * and the rule that chooses an engine and its form.
 */
import { activationCode, type Critic } from "../../critics/critic.ts";
import { rowsOf, type Shape, slotsOf } from "../../critics/shape.ts";
import { InputError } from "../../errors.ts";
import type { Estimator } from "../../estimators/estimator.ts";
import type { Gpu } from "../../gpu/device.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { type EstimatorName, estimators, kernels } from "../../gpu/shaders.gen.ts";
import { grid } from "../../gpu/workgroups.ts";
import type { Batch, Training } from "../buffers.ts";
import { criticMisfit, loopMisfit, loopPays } from "./loop.ts";

const { variants } = kernels.differentiate_batch;
const { BATCH_LANES, BATCH_WIDTH, BATCH_INPUTS } = variants.remine!.constants as Record<string, number>;

/** Scores a step: one workgroup takes them all one by one, and a dispatch of a second would freeze a page. */
const MOST_SCORES = 4096;

/**
 * Scores that a trainer must compute in all before it takes the resident engine unasked. Its kernels are compiled for the
 * widths, the activation and the estimator, where the layered kernels serve every critic: on lavapipe with an empty shader
 * cache about 3 s for `batch`, whose score costs 0.5 µs on two cores where the layered engine's costs 1 to 1.5. `loop` is
 * never taken unasked.
 */
const LEAST_SCORES = { batch: 4e6, loop: Number.POSITIVE_INFINITY };

/** Steps of a trainer that is not told how many it will take. */
const USUAL_STEPS = 1000;

export type Engine = "auto" | "layered" | "resident";

export type ResidentForm = keyof typeof LEAST_SCORES;

/**
 * The resident engine's form for this adapter: `batch` on software adapters with subgroups of 8 lanes, where a dispatch is
 * cheap and a barrier is not, `loop` (loop.ts) everywhere else.
 */
export function residentForm(gpu: Pick<Gpu, "isSoftware" | "subgroupSize">, tile?: string): ResidentForm {
  return gpu.isSoftware && gpu.subgroupSize === BATCH_LANES && tile !== "portable" ? "batch" : "loop";
}

/**
 * Why the `batch` form of the resident engine cannot train this, or nothing where it can.
 *
 * It takes a software adapter with subgroups of 8 lanes (lavapipe as it comes), a perceptron with two hidden layers of at
 * most 64 units and at most 8 inputs, an estimator that neither looks at rows nor has a baseline network, and at most
 * 4096 scores a step.
 */
export function residentMisfit(
  gpu: Pick<Gpu, "isSoftware" | "subgroupSize">,
  critic: Pick<Critic, "perceptron" | "kind">,
  estimator: EstimatorName,
  shape: Pick<Shape, "joint" | "marginals" | "xWidth" | "yWidth">,
): string | undefined {
  if (!gpu.isSoftware || gpu.subgroupSize !== BATCH_LANES)
    return `needs a software adapter with subgroups of ${BATCH_LANES} lanes`;
  const most = { width: BATCH_WIDTH!, inputs: BATCH_INPUTS!, scores: MOST_SCORES };
  return criticMisfit(critic, estimator, shape, most, (slot) => slot in variants);
}

/** Whether so many steps are worth the compilation of the resident kernel of this form. */
export const paysResident = (
  form: ResidentForm,
  shape: Pick<Shape, "joint" | "marginals" | "replicas">,
  steps = USUAL_STEPS,
): boolean => shape.replicas * slotsOf(shape) * steps >= LEAST_SCORES[form];

/**
 * The one place where an engine is chosen: `auto` takes the resident one where it fits; so does a caller who says nothing,
 * on a software adapter, if the steps to come pay for its compilation. On GPUs it has to be asked for: its form for
 * them has been measured on one card only.
 *
 * @throws {InputError} when "resident" is asked for and does not fit
 */
export function chooseEngine(
  gpu: Gpu,
  asked: { engine?: Engine; expectedSteps?: number; tile?: string },
  critic: Critic,
  { name }: Estimator,
  shape: Shape,
): "layered" | "resident" {
  const form = residentForm(gpu, asked.tile);
  const wanted = asked.engine ?? (paysResident(form, shape, asked.expectedSteps) ? "auto" : "layered");
  if (!["auto", "layered", "resident"].includes(wanted)) {
    throw new InputError(`"engine" must be "auto", "layered" or "resident", got "${wanted}"`);
  }
  if (wanted === "layered") return wanted;
  const misfit = {
    batch: () => residentMisfit(gpu, critic, name, shape),
    loop: () => loopMisfit(gpu, critic, name, shape),
  }[form]();
  if (wanted === "resident" && misfit) {
    throw new InputError(`the resident engine ${misfit}. Use engine: "auto" or "layered".`);
  }
  return misfit || (wanted === "auto" && form === "loop" && !loopPays(gpu, shape)) ? "layered" : "resident";
}

/** The kernel's ONE_SWEEP. */
export const oneSweep = (estimator: EstimatorName): number => Number(estimators[estimator].marginal === "exp");

/** batch_x, batch_y -> stats, d_params. */
export function residentDispatch(
  critic: Critic,
  estimator: EstimatorName,
  s: Shape,
  { batch_x, batch_y }: Batch,
  { hyper, clock, params, stats, d_params }: Training,
): Dispatch {
  const { hidden, activation, outputBias } = critic.perceptron!;
  return dispatch(
    "differentiate_batch",
    {
      dims: {
        joint: s.joint,
        marginals: s.marginals,
        rows: rowsOf(s),
        independent: Number(s.independent),
        stride: s.layout.stride,
      },
      ...{ hyper, clock, batch_x, batch_y, params, stats, d_params },
    },
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
