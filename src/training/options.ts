/** What a trainer is asked for, and what of it cannot be. */
import type { Critic } from "../critics/critic.ts";
import { InputError } from "../errors.ts";
import {
  type Estimator,
  type EstimatorName,
  type EstimatorParameters,
  estimatorByName,
} from "../estimators/estimator.ts";
import type { TileName } from "../gpu/program.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { checkCounts, checkOptions, keysOf } from "../options.ts";
import type { SourceChanges } from "../sources/bound.ts";
import type { Source } from "../sources/source.ts";
import type { Engine } from "./engines/choose.ts";
import type { Optimizer, OptimizerChanges } from "./optimizer.ts";

/** What {@link createTrainer} trains: data, pairs, critic, estimator, optimizer, and how many side by side. */
export interface TrainerOptions {
  source: Source;
  pairs: {
    /** N: joint pairs a step. */
    joint: number;
    /** Where marginal pairs come from: every other pairing of the batch, a shift of it, or draws of their own. */
    negatives: "all" | "shuffle" | "independent";
    /** K: marginal pairs per joint pair, for `shuffle` and `independent`. Default 1. */
    perJoint?: number;
    /**
     * Batch size of each replica, at most `joint`: it uses the first so many joint pairs and their marginal pairs. For sweeps
     * over batch sizes; not with negatives `all` or the resident engine. Default `joint` for all.
     */
    batch?: readonly number[];
  };
  /** Default `mlp([256, 256])`. */
  critic?: Critic;
  /** By name, or as a value, whose parameters may have one number for each replica. Default `remine()`. */
  estimator?: EstimatorName | Estimator;
  /** Default `adam()`. */
  optimizer?: Optimizer;
  /** R: estimators trained side by side. Default 1. */
  replicas?: number;
  /** Key of all random numbers. Same seed, same adapter: the same bits. Default 0. */
  seed?: number;
  /** Random stream of each replica; default 0 … R−1. A replica's numbers depend on (seed, stream) and nothing else. */
  streams?: readonly number[];
  /** Steps that the averages look back. Default 1000. */
  window?: number;
  /** Keep every step's record on the host. Default true up to 64 replicas. */
  trace?: boolean;
  /** What a score or gradient that is not finite does: end the run (default), or skip that step's update. */
  nonFinite?: "throw" | "skip";
  /**
   * Form of the matrix product and of the resident engine; default: what suits the adapter. `tiled` is for GPUs: tiles pass
   * through workgroup memory. `subgroup` is for CPUs and needs subgroups of one size. `portable` needs nothing; it and `tiled`
   * run on all.
   */
  tile?: TileName;
  /**
   * `layered` takes a few dispatches a layer and fits everything. `resident` is for small critics with two hidden layers. On
   * lavapipe it is one dispatch for both passes (`oneStepMisfit` says what fits), which steps 2 to 3 times as fast; on other
   * adapters one for many whole steps (`manyStepsMisfit`). `auto` is `resident` where it fits and is expected to pay: on a GPU
   * from 128 replicas on, or up to 512 scores a step (an estimate). Default: `auto` on lavapipe if replicas × scores a step ×
   * `expectedSteps` reach 4 million, which pays for its compilation, else `layered`. Both draw the same numbers and agree up to
   * rounding, not to the bit.
   */
  engine?: Engine;
  /** Steps that will be taken, as far as known, for the choice of an engine. Default 1000. */
  expectedSteps?: number;
}

export const KEYS = keysOf<TrainerOptions>()(
  "source pairs critic estimator optimizer replicas seed streams window trace nonFinite tile engine expectedSteps",
);
const PAIR_KEYS = keysOf<TrainerOptions["pairs"]>()("joint negatives perJoint batch");

/** What {@link Trainer.set} can change. */
export interface TrainerChanges extends SourceChanges {
  estimator?: Omit<EstimatorParameters, "baseline">;
  optimizer?: OptimizerChanges;
}

export const CHANGE_KEYS = keysOf<TrainerChanges>()("estimator optimizer rho table");

/** What {@link Trainer.step} can be asked for. */
export interface StepOptions {
  /** Told after each submit how many steps are done, and how many a second. */
  onProgress?: (progress: { done: number; total: number; stepsPerSecond: number }) => void;
  signal?: AbortSignal | undefined;
}

/** What {@link Trainer.scorer} is asked for. */
export interface ScorerOptions {
  /** Pairs that pass through the critic at once, or rows of a block. */
  batch: number;
  /** Marginal pairs of each row of a block, for `scoreBlocks`; default 0, for named pairs. */
  marginals?: number;
  /** Default: those of the trainer, (R, P). */
  params?: Tensor;
  /** Default: the source's, rows × columns. */
  table?: Tensor;
  /** The critic (default), or the estimator's baseline network, whose score of a pair is that of its row. */
  of?: "critic" | "baseline";
  /** Some replicas in a row; default all. */
  part?: { first: number; count: number } | undefined;
}

export const SCORER_KEYS = keysOf<ScorerOptions>()("batch marginals params table of part");
export const STEP_KEYS = keysOf<StepOptions>()("onProgress signal");

/** K: marginal pairs per joint pair. @throws {InputError} for sizes that cannot be */
export function marginalsOf({ replicas = 1, window = 1000, expectedSteps = 1, pairs }: TrainerOptions): number {
  const { joint, perJoint = 1, negatives } = checkOptions('"pairs" of createTrainer', pairs, PAIR_KEYS);
  checkCounts({ replicas, window, expectedSteps, "pairs.joint": joint, "pairs.perJoint": perJoint });
  if (!["all", "shuffle", "independent"].includes(negatives)) {
    throw new InputError(`"pairs.negatives" must be "all", "shuffle" or "independent", got "${negatives}"`);
  }
  const marginals = negatives === "all" ? joint - 1 : perJoint;
  if (negatives !== "independent" && (marginals < 1 || marginals > joint - 1)) {
    throw new InputError(
      `${joint} joint pairs leave at most ${joint - 1} other pairings, but "perJoint" is ${marginals}. ` +
        'Raise "joint", lower "perJoint", or use negatives: "independent".',
    );
  }
  checkBatches(replicas, pairs);
  return marginals;
}

function checkBatches(replicas: number, { joint, negatives, batch }: TrainerOptions["pairs"]): void {
  if (!batch) return;
  if (negatives === "all") {
    throw new InputError(
      '"pairs.batch" takes a part of the joint pairs, which with negatives: "all" are partners of all others. ' +
        'Use "shuffle" or "independent", or a trainer for each batch size.',
    );
  }
  if (batch.length !== replicas) {
    throw new InputError(`"pairs.batch" has ${batch.length} batch sizes for ${replicas} replicas`);
  }
  const wrong = batch.find((size) => !(Number.isInteger(size) && size >= 1 && size <= joint));
  if (wrong !== undefined) {
    throw new InputError(`"pairs.batch" must hold integers from 1 to the ${joint} of "pairs.joint", got ${wrong}`);
  }
}

/** The estimator of this name, or with these parameters, which may have been written by hand. */
export function checkedEstimator(asked: EstimatorName | Estimator): Estimator {
  if (typeof asked === "string") return estimatorByName(asked);
  const { name, ...parameters } = asked;
  return estimatorByName(name, parameters);
}

/** @throws {InputError} when the estimator cannot work with this critic or these pairs */
export function checkFit(estimator: Estimator, critic: Critic, negatives: string): void {
  const facts = estimators[estimator.name];
  if (facts.critic === "density" && !critic.density) {
    throw new InputError(
      `the estimator "${estimator.name}" needs a critic that is a density log q(y | x), and "${critic.kind}" is none. ` +
        "Use conditional(), or another estimator, such as remine.",
    );
  }
  if (facts.rows && negatives === "independent") {
    throw new InputError(
      `the estimator "${estimator.name}" compares the pairs of a row, which share x; with negatives: "independent" every ` +
        'pair has an x of its own. Use negatives: "all" or "shuffle", or another estimator, such as remine.',
    );
  }
}
