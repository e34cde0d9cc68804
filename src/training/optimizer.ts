/** Optimizers as a trainer takes them. */
import { InputError } from "../errors.ts";
import { type Hyper, kernels } from "../gpu/shaders.gen.ts";
import { checkOptions } from "../options.ts";
import { constant, type Schedule, scheduleHyper } from "./schedule.ts";

interface Common {
  /** Of every replica, or one for each. */
  learningRate: number | readonly number[];
  /** Decoupled weight decay (AdamW): parameters shrink by learningRate × weightDecay each step. */
  weightDecay: number | readonly number[];
  /** Largest gradient norm; 0 never clips. */
  clipNorm: number;
  /** How the learning rate changes from step to step; default `constant()`. */
  schedule: Schedule;
}

/** Adam or AdamW. Made by {@link adam}. */
export interface Adam extends Common {
  kind: "adam";
  /** Decay of the first and of the second moment. */
  betas: readonly [number, number];
  /** Added to the root of the second moment. */
  epsilon: number;
}

/** Gradient ascent, with or without momentum. Made by {@link sgd}. */
export interface Sgd extends Common {
  kind: "sgd";
  /** Part of the velocity that a step keeps; 0 is plain gradient ascent. */
  momentum: number;
  /** Steps from where the momentum leads. */
  nesterov: boolean;
}

/** How parameters follow the gradient. Made by `adam` or `sgd`. */
export type Optimizer = Adam | Sgd;

/** What an optimizer can be asked for; what is left out has its default. */
export type OptimizerOptions<T> = Partial<Omit<T, "kind">>;

/** Options of an optimizer that may change between steps. */
export type OptimizerChanges = OptimizerOptions<Adam> | OptimizerOptions<Sgd>;

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980); AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) with `weightDecay`.
 *
 * @throws {InputError} for an option that is not Adam's
 */
export const adam = (options: OptimizerOptions<Adam> = {}): Adam =>
  merged({ kind: "adam", ...common, learningRate: 5e-4, betas: [0.9, 0.999], epsilon: 1e-8 }, options);

/**
 * Gradient ascent; with `momentum`, PyTorch's: the velocity is momentum × velocity + gradient.
 *
 * @throws {InputError} for an option that is not SGD's
 */
export const sgd = (options: OptimizerOptions<Sgd> = {}): Sgd =>
  merged({ kind: "sgd", ...common, learningRate: 0.1, momentum: 0, nesterov: false }, options);

const common = { weightDecay: 0, clipNorm: 0, schedule: constant() };

function merged<T extends Optimizer>(optimizer: T, options: object): T {
  const { kind, ...known } = optimizer;
  checkOptions(kind, options, Object.keys(known));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...optimizer, ...Object.fromEntries(given) };
}

/** The kernel that steps, with what it keeps of past gradients: `m_params`, or `m_params` and `v_params`. */
const moments = { step_sgd: 0, step_momentum: 1, step_adam: 2 } as const;
export type StepKernel = keyof typeof moments;

const { constants } = kernels.finish_step.variants.remine!;

/** The OPTIMIZER of kernels that end a step themselves. */
export const optimizerCode: Record<StepKernel, number> = {
  step_sgd: constants.OPTIMIZER_SGD!,
  step_momentum: constants.OPTIMIZER_MOMENTUM!,
  step_adam: constants.OPTIMIZER_ADAM!,
};

export function stepKernelOf(optimizer: Optimizer): StepKernel {
  if (optimizer.kind === "adam") return "step_adam";
  return optimizer.momentum === 0 ? "step_sgd" : "step_momentum";
}

export const momentsOf = (optimizer: Optimizer): number => moments[stepKernelOf(optimizer)];

/** @throws {InputError} for an option of another optimizer, and for momentum where there was none, or none where it was */
export function changedOptimizer(optimizer: Optimizer, changes: OptimizerChanges = {}): Optimizer {
  const changed = merged(optimizer, changes);
  if (stepKernelOf(changed) !== stepKernelOf(optimizer)) {
    throw new InputError('"momentum" can change, but not from or to 0; make a trainer that begins with it');
  }
  return changed;
}

type OptimizerHyper = Pick<
  Hyper,
  | ("clip_norm" | "schedule" | "warmup_steps" | "decay_steps" | "decay_factor")
  | ("beta1" | "beta2" | "epsilon" | "nesterov")
>;

/**
 * What every replica's record says of the optimizer.
 *
 * @throws {InputError} for a number outside its range
 */
export function optimizerHyper(optimizer: Optimizer): OptimizerHyper {
  const { clipNorm, schedule } = optimizer;
  const [beta1, beta2, epsilon, nesterov] =
    optimizer.kind === "adam"
      ? ([...optimizer.betas, optimizer.epsilon, false] as const)
      : ([optimizer.momentum, 0, 0, optimizer.nesterov] as const);
  const decays = optimizer.kind === "adam" ? { "betas[0]": beta1, "betas[1]": beta2 } : { momentum: beta1 };
  for (const [name, value] of Object.entries(decays)) {
    // In f32, as the shader has it: closer to 1, the bias correction would divide by 0.
    if (!(value >= 0 && Math.fround(value) < 1)) {
      throw new InputError(`"${name}" must be at least 0 and below 1, got ${value}`);
    }
  }
  if (optimizer.kind === "adam" && !(epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new InputError(`"epsilon" must be a number above 0, got ${epsilon}`);
  }
  if (!(clipNorm >= 0 && clipNorm < Number.POSITIVE_INFINITY)) {
    throw new InputError(`"clipNorm" must be a number of at least 0, got ${clipNorm}`);
  }
  if (nesterov && beta1 === 0) throw new InputError('"nesterov" needs a "momentum" above 0, e.g. 0.9');
  return {
    clip_norm: clipNorm,
    ...scheduleHyper(schedule),
    beta1,
    beta2,
    epsilon,
    nesterov: Number(nesterov),
  };
}
