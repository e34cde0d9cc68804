/** One of the two estimators: what it is made of, and its training. It knows nothing of the page. */

import {
  adam,
  catalogue,
  createTrainer,
  critics,
  type Estimator,
  estimatorByName,
  type Gpu,
  NonFiniteError,
  type Optimizer,
  type Source,
  sgd,
  type Trainer,
  type TrainerOptions,
} from "../../src/index.ts";
import { type BatchOutputs, readOutputs } from "../kit/outputs.ts";
import { comparesRows, type Settings } from "./settings.ts";

export type Key = "a" | "b";

/** What an estimator says at a moment. */
export interface Moment {
  /** Milliseconds, from whenever. */
  time: number;
  step: number;
  /** Steps that the averages look back. */
  averaged: number;
  estimate: number;
  joint: number;
  partition: number;
  truth: number;
  outputs: BatchOutputs;
}

/** Steps that the averages look back at most. */
export const windowOf = ({ setup }: Pick<Settings, "setup">): number => (setup === "paper" ? 300 : 100);

export const isHeld = (name: string): boolean =>
  catalogue.some((entry) => entry.name === name && "lambda" in entry.parameters);

const estimatorOf = (name: string, { lambda, C }: Settings): Estimator =>
  estimatorByName(name, isHeld(name) ? { lambda, C } : {});

const optimizerOf = ({ optimizer, learningRate }: Settings): Optimizer =>
  optimizer === "adam" ? adam({ learningRate }) : sgd({ learningRate, momentum: optimizer === "momentum" ? 0.9 : 0 });

/** That of the paper has one hidden layer, and no constant at its output. */
const criticOf = ({ setup }: Settings) =>
  setup === "paper" ? critics.mlp([256], { outputBias: false }) : critics.mlp([64, 64], { activation: "silu" });

/** Shuffled pairs for each joint pair, in the lab's own set-up. */
const PER_JOINT = 4;

/**
 * The paper draws marginal pairs of their own, one for each joint pair. So does the lab where a batch is too small to
 * shuffle, unless the estimator compares the pairs of a row.
 */
export function pairsOf({ batch, setup }: Settings, estimator: string): TrainerOptions["pairs"] {
  if (comparesRows(estimator)) {
    return { joint: batch, negatives: "shuffle", perJoint: Math.min(PER_JOINT, batch - 1) };
  }
  if (setup === "paper") return { joint: batch, negatives: "independent", perJoint: 1 };
  return { joint: batch, negatives: batch > PER_JOINT ? "shuffle" : "independent", perJoint: PER_JOINT };
}

/** What the trainer of a side is asked for. */
export const trainerOptions = (settings: Settings, key: Key, source: Source) =>
  ({
    source,
    pairs: pairsOf(settings, settings[key]),
    critic: criticOf(settings),
    estimator: estimatorOf(settings[key], settings),
    optimizer: optimizerOf(settings),
    seed: settings.seed,
    window: windowOf(settings),
    trace: false,
    engine: "layered", // the outputs are read from its buffer
    tile: "portable", // a software adapter compiles it in half the time, for a third fewer steps a second
  }) satisfies TrainerOptions;

export class Side {
  #gpu: Gpu;
  #key: Key;
  #trainer: Trainer | undefined;
  /** Steps of the trainers before this one, whose network it goes on with. */
  #before = 0;
  /** Whether its numbers have left the range of floats: then it stands still. */
  overflowed = false;

  constructor(gpu: Gpu, key: Key) {
    this.#gpu = gpu;
    this.#key = key;
  }

  /** Gets a new trainer: with new weights if `fresh`, else with those of the one before. */
  async make(settings: Settings, source: Source, fresh: boolean): Promise<void> {
    const old = this.#trainer;
    const trainer = await createTrainer(this.#gpu, trainerOptions(settings, this.#key, source));
    if (fresh || !old || this.overflowed) {
      this.#before = 0;
      this.overflowed = false;
    } else {
      this.#before += old.steps;
      const [from, to] = [old.params, trainer.params];
      this.#gpu.submit((encoder) => encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 0, to.bytes));
    }
    old?.dispose();
    this.#trainer = trainer;
  }

  /** What takes effect without a new trainer. */
  set({ lambda, C, learningRate, rho, ...settings }: Settings): void {
    const { source } = this.#trainer!.options;
    this.#trainer!.set({
      estimator: isHeld(settings[this.#key]) ? { lambda, C } : {},
      optimizer: { learningRate },
      ...(source.kind === "gaussian" ? { rho } : {}),
    });
  }

  get steps(): number {
    return this.#before + (this.#trainer?.steps ?? 0);
  }

  /** Trains. Numbers that leave the range of floats end this side, not the page. */
  async step(count: number): Promise<void> {
    if (this.overflowed) return;
    try {
      await this.#trainer!.step(count);
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      this.overflowed = true;
    }
  }

  /** What it says now, or undefined before its first step and after an overflow. */
  async read(truth: number): Promise<Moment | undefined> {
    const trainer = this.#trainer!;
    if (this.overflowed || trainer.steps === 0) return undefined;
    const { steps: step } = this;
    const [{ averages }, outputs] = await Promise.all([trainer.read(), readOutputs(this.#gpu, trainer)]);
    const { micro: estimate, joint, logPartition: partition, steps: averaged } = averages[0]!;
    return { time: performance.now(), step, averaged, estimate, joint, partition, truth, outputs };
  }
}
