/**
 * The resident engine's form for lavapipe, both passes of a small critic in one dispatch (shaders/differentiate_batch.wgsl),
 * and the rule that chooses an engine.
 */
import { activationCode, type Critic } from "./critic.ts";
import type { Gpu } from "./device.ts";
import { InputError } from "./errors.ts";
import type { Estimator } from "./estimator.ts";
import { type Dispatch, dispatch } from "./kernel.ts";
import { grid } from "./layers.ts";
import { criticMisfit, loopMisfit, loopPays } from "./resident-loop.ts";
import { type EstimatorName, estimators, kernels } from "./shaders.gen.ts";
import { type Batch, rowsOf, type Shape, slotsOf, type Training } from "./tensors.ts";

const { variants } = kernels.differentiate_batch;
const { BATCH_LANES, BATCH_WIDTH, BATCH_INPUTS } = variants.remine!.constants as Record<string, number>;
/** Scores a step: one workgroup takes them all one by one, and a dispatch of a second would freeze a page. */
const MOST_SCORES = 4096;

/**
 * Scores that a trainer must compute in all before it takes the resident engine unasked. Its kernel is compiled for the widths,
 * the activation and the estimator, about 4 s of lavapipe with an empty shader cache, where the layered kernels serve every
 * critic; a score costs it 1 µs on two cores where it costs the layered engine 2 to 3.
 */
const LEAST_SCORES = 4e6;
/** Steps of a trainer that is not told how many it will take. */
const USUAL_STEPS = 1000;

export type Engine = "auto" | "layered" | "resident";

/**
 * The resident engine's form for this adapter: `batch` is for software adapters with subgroups of 8 lanes, where a
 * dispatch is cheap and a barrier is not; `loop` is for everything else (resident-loop.ts).
 */
export const residentForm = (gpu: Pick<Gpu, "isSoftware" | "subgroupSize">, tile?: string): "batch" | "loop" =>
  gpu.isSoftware && gpu.subgroupSize === BATCH_LANES && tile !== "portable" ? "batch" : "loop";

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

/** Whether so many steps are worth the resident kernel's compilation. */
export const paysResident = (shape: Pick<Shape, "joint" | "marginals" | "replicas">, steps = USUAL_STEPS): boolean =>
  shape.replicas * slotsOf(shape) * steps >= LEAST_SCORES;

/**
 * The one place where an engine is chosen: `auto` takes the resident one where it fits; so does a caller who says nothing,
 * on a software adapter, if the steps to come pay for its compilation. On GPUs it has to be asked for: how fast its form
 * for them is has not been measured.
 *
 * @throws {InputError} when "resident" is asked for and does not fit
 */
export function chooseEngine(
  gpu: Gpu,
  { engine, expectedSteps, tile }: { engine?: Engine; expectedSteps?: number; tile?: string },
  critic: Critic,
  { name }: Estimator,
  shape: Shape,
): "layered" | "resident" {
  const wanted = engine ?? (gpu.isSoftware && paysResident(shape, expectedSteps) ? "auto" : "layered");
  if (!["auto", "layered", "resident"].includes(wanted)) {
    throw new InputError(`"engine" must be "auto", "layered" or "resident", got "${wanted}"`);
  }
  if (wanted === "layered") return wanted;
  const form = residentForm(gpu, tile);
  const misfit = (form === "batch" ? residentMisfit : loopMisfit)(gpu, critic, name, shape);
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
