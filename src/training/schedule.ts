/** Learning rates over time. */
import { InputError } from "../errors.ts";
import { type Hyper, kernels } from "../gpu/shaders.gen.ts";
import { checkOptions, keysOf } from "../options.ts";

/** How the learning rate changes from step to step. Made by `constant`, `cosine`, `linear`, `exponential` or `staircase`. */
export interface Schedule {
  kind: "constant" | "cosine" | "linear" | "exponential" | "staircase";
  /** Steps over which the rate first rises linearly to its full value. */
  warmup: number;
  /** Steps after the warm-up until the rate is 0, or until it is `factor` times as large. */
  decay: number;
  factor: number;
}

export interface Warmup {
  /** Steps over which the rate first rises linearly: step t = 0, 1, … has (t + 1) / warmup of it. Default 0. */
  warmup?: number;
}

/** To 0 within `steps`. */
export type Falling = { steps: number } & Warmup;

/** By `factor` within `steps`. */
export type Shrinking = Falling & { factor: number };

const WARMUP = keysOf<Warmup>()("warmup");
const FALLING = keysOf<Falling>()("steps warmup");
const SHRINKING = keysOf<Shrinking>()("steps factor warmup");

/** The full rate throughout. */
export function constant(options: Warmup = {}): Schedule {
  const { warmup = 0 } = checkOptions("constant", options, WARMUP);
  return checked({ kind: "constant", warmup, decay: 1, factor: 1 });
}

/**
 * Half a cosine from the full rate to 0 (Loshchilov and Hutter 2017, arXiv:1608.03983).
 *
 * `steps`: the step that has rate 0, counted from the first, warm-up included; so have those after it
 * @throws {InputError} unless `steps` is an integer larger than `warmup`
 */
export const cosine = (options: Falling): Schedule => falling("cosine", options);

/**
 * A straight line from the full rate to 0.
 *
 * `steps`: the step that has rate 0, counted from the first, warm-up included; so have those after it
 * @throws {InputError} unless `steps` is an integer larger than `warmup`
 */
export const linear = (options: Falling): Schedule => falling("linear", options);

/**
 * After the warm-up, step t has factor^(t / steps) of the rate. With `steps: 1`, PyTorch's ExponentialLR.
 *
 * @throws {InputError} unless `steps` is a positive integer and 0 < `factor` ≤ 1
 */
export const exponential = (options: Shrinking): Schedule => shrinking("exponential", options);

/**
 * After the warm-up, the rate is multiplied by `factor` every `steps` steps: PyTorch's StepLR.
 *
 * @throws {InputError} unless `steps` is a positive integer and 0 < `factor` ≤ 1
 */
export const staircase = (options: Shrinking): Schedule => shrinking("staircase", options);

function falling(kind: "cosine" | "linear", options: Falling): Schedule {
  const { steps, warmup = 0 } = checkOptions(kind, options, FALLING);
  return checked({ kind, warmup, decay: steps - warmup, factor: 1 });
}

function shrinking(kind: "exponential" | "staircase", options: Shrinking): Schedule {
  const { steps, factor, warmup = 0 } = checkOptions(kind, options, SHRINKING);
  return checked({ kind, warmup, decay: steps, factor });
}

function checked(schedule: Schedule): Schedule {
  const { kind, warmup, decay, factor } = schedule;
  if (!Number.isInteger(warmup) || warmup < 0) {
    throw new InputError(`"warmup" must be an integer of at least 0, got ${warmup}`);
  }
  if (!Number.isInteger(decay) || decay < 1) {
    const toZero = kind === "cosine" || kind === "linear";
    throw new InputError(
      toZero
        ? `"steps" of ${kind} must be an integer larger than its "warmup" of ${warmup}, got ${decay + warmup}`
        : `"steps" of ${kind} must be a positive integer, got ${decay}`,
    );
  }
  if (!(factor > 0 && factor <= 1)) {
    throw new InputError(`"factor" of ${kind} must be above 0 and at most 1, got ${factor}`);
  }
  return schedule;
}

/** What a replica's record says of a schedule. */
export function scheduleHyper({
  kind,
  warmup,
  decay,
  factor,
}: Schedule): Pick<Hyper, "schedule" | "warmup_steps" | "decay_steps" | "decay_factor"> {
  const code = kernels.reduce_gradient.variants.only!.constants[`SCHEDULE_${kind.toUpperCase()}`]!;
  return { schedule: code, warmup_steps: warmup, decay_steps: decay, decay_factor: factor };
}
