/** Cross-fitting: critics of all folds and restarts train as replicas, and score the rows that they never saw. */

import { conditional } from "../critics/conditional.ts";
import { towers } from "../critics/towers.ts";
import { type Estimator, isPinned } from "../estimators/estimator.ts";
import type { Gpu, Tensor } from "../gpu/device.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import type { RowScores } from "../math/statistics.ts";
import { identityPairs, type TableSource } from "../sources/source.ts";
import type { Engine } from "../training/engines/choose.ts";
import { adam } from "../training/optimizer.ts";
import { cosine } from "../training/schedule.ts";
import { createTrainer, type Trace, type Trainer } from "../training/trainer.ts";
import { type GaussianFold, gaussianMembers } from "./gaussian-members.ts";
import { scoreFolds } from "./held-out.ts";
import { scoreOwnFolds } from "./jackknife.ts";
import type { Members } from "./member.ts";
import { networks } from "./networks.ts";
import type { Pairing } from "./pairing.ts";
import { train } from "./training.ts";

/** How the rows are divided and the critics trained. Chosen by `defaultBudget`, or by the user. */
export interface Budget {
  folds: number;
  /** Critics per fold, whose outputs are averaged. */
  restarts: number;
  /** Widths of the hidden layers of each side's tower. */
  hidden: readonly number[];
  /** Units in which the towers of x and y meet, and of the layer after. */
  embed: number;
  /** Of `embed`, how many are bounded products of both sides. */
  products: number;
  /** Joint pairs a step. */
  batch: number;
  /** Marginal pairs per joint pair in training. */
  perJoint: number;
  /** Once more where some critics found what others did not (crossfit/training.ts). */
  steps: number;
  /** Steps between two looks at the validation rows. */
  checkEvery: number;
  /** Looks that must bring nothing more, from half of `steps` on, for training to end. */
  patience: number;
  /** AdamW's, one for each restart in turn. */
  learningRate: number | readonly number[];
  /** Decoupled weight decay, one for each restart in turn. */
  weightDecay: number | readonly number[];
  /** Marginal pairs per row when held-out rows are scored. */
  heldOutMarginals: number;
  /** The same of validation rows, on which members are weighed. */
  validationMarginals: number;
}

/** Row numbers of one fold. No row is in two of the three. */
export interface Split {
  train: Uint32Array;
  /** Decides when to stop and how far to trust the critic. */
  validation: Uint32Array;
  /** Scored once, at the end. */
  test: Uint32Array;
}

/** Deals shuffled rows into folds; a validation part is set aside from each fold's other rows. */
export function splitRows(rows: number, folds: number, seed: number): Split[] {
  const order = shuffled(rows, seed);
  const cut = (f: number) => Math.floor((f * rows) / folds);
  return Array.from({ length: folds }, (_, f) => {
    // The next fold's rows come first, so the front of the training rows is the next fold's test rows.
    const rest = new Uint32Array([...order.subarray(cut(f + 1)), ...order.subarray(0, cut(f))]);
    const validationSize = Math.max(Math.ceil(rest.length / 8), Math.min(64, Math.floor(rest.length / 3)));
    return {
      test: order.slice(cut(f), cut(f + 1)),
      validation: rest.slice(rest.length - validationSize),
      train: rest.slice(0, rest.length - validationSize),
    };
  });
}

/** 0 … count−1 in an order that depends on `seed` alone (Fisher-Yates, mulberry32). */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let state = (seed ^ 0x9e3779b9) >>> 0;
  for (let i = count - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    const j = Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}

/** What a fold's members say of rows they never saw, in nats. */
export interface FoldResult {
  split: Split;
  /** How test rows were paired, and validation rows. */
  pairing: Pairing;
  validationPairing: Pairing;
  /** Log density ratios: the weighted sum of the members' scores, less `constant`. */
  ensemble: RowScores;
  /** The same for the validation rows, which chose `weights` and `constant`. */
  validation: RowScores;
  /** Names of the members, and their weights, chosen on validation rows. */
  members: string[];
  weights: number[];
  /** Log-partition of the weighted sum on validation rows. */
  constant: number;
  /** The estimate of the ensemble on its test rows, and on as many of its training rows (NaN if not asked for). */
  held: number;
  seen: number;
  /** How much of what is missing is variance between the networks. */
  disagreement: number;
  /** For an estimator with a value of its own: `held` without each block of test rows in turn; empty for one block. */
  without?: number[];
}

export interface CrossFit {
  folds: FoldResult[];
  trace: Trace[];
  /** Mean validation bound of all critics at each look. */
  looks: { step: number[]; bound: number[] };
  steps: number;
  stepsPerSecond: number;
  /** Trained critics, (R, P) with replica = fold × restarts + restart. */
  trainer: Trainer;
  best: Tensor;
  /** What the rows were scored by. */
  members: Members[];
}

export interface FitProgress {
  done: number;
  total: number;
  stepsPerSecond: number;
  /** Mean validation bound so far, nats. */
  estimate: number | undefined;
}

export interface FitOptions {
  /** One for each fold, from {@link splitRows}. */
  splits: readonly Split[];
  budget: Budget;
  estimator: Estimator;
  seed: number;
  /** As of a trainer. Several fits name one: unasked, it would depend on how many there are. */
  engine?: Engine | undefined;
  /** Maps of the columns that the restarts take turns with: `source.picks` has an entry for each, fit after fit. Default 1. */
  maps?: number;
  /** Inputs by each map for closed forms, of each fit; none without. */
  closedForms?: readonly Omit<GaussianFold, "train">[] | undefined;
  /** Leave `seen` out, which is NaN then: half of the scoring. */
  heldOnly?: boolean;
  onProgress?: ((p: FitProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Trains folds × restarts critics side by side and scores each fold with critics that never saw its rows: training rows
 * fit them, validation rows choose the step and the scale, test rows are only scored.
 */
export async function crossFit(gpu: Gpu, source: TableSource, options: FitOptions): Promise<CrossFit> {
  const { fits, ...rest } = await crossFits(gpu, source, options);
  return { ...rest, folds: fits[0]! };
}

/**
 * Several such fits at once, one for each of the source's picks (or `maps` of them). Each has the bits that it would have
 * alone: random numbers depend on the place within the fit, and a fit whose time is up takes no notice of what is trained on.
 *
 * @returns what {@link crossFit} does, with the folds of each fit; `looks` and `trace` are of all of them together
 */
export async function crossFits(
  gpu: Gpu,
  source: TableSource,
  options: FitOptions,
): Promise<Omit<CrossFit, "folds"> & { fits: FoldResult[][] }> {
  const { budget, estimator, maps = 1 } = options;
  const fits = source.picks.length / maps;
  const perFit = options.splits.length;
  const splits = Array.from({ length: fits }, () => options.splits).flat();
  const facts = estimators[estimator.name];
  const trainer = await trainerOf(gpu, source, options, splits);
  const best = gpu.tensor("best_params", trainer.params.bytes / 4);
  try {
    const progress = await train(trainer, best, splits, options);
    const most = splits.map((s) => Math.log(s.train.length));
    const members = [networks(trainer, best, { restarts: budget.restarts, most, maps })];
    const { closedForms } = options;
    if (closedForms && facts.value !== "own") {
      const folds = splits.map(({ train }, f) => ({ ...closedForms[Math.floor(f / perFit)]!, train }));
      members.push(gaussianMembers(folds));
    }
    const results =
      facts.value === "own"
        ? await scoreOwnFolds(trainer, best, splits, budget, options.heldOnly)
        : await scoreFolds(members, splits, budget, { heldOnly: options.heldOnly, pinned: isPinned(estimator) });
    return {
      ...progress,
      fits: Array.from({ length: fits }, (_, i) => results.slice(i * perFit, (i + 1) * perFit)),
      trace: trainer.trace,
      steps: trainer.steps,
      ...{ trainer, best, members },
    };
  } catch (error) {
    trainer.dispose();
    best.buffer.destroy();
    throw error;
  }
}

/** A trainer of all critics: replica = (fit × folds + fold) × restarts + restart. */
function trainerOf(
  gpu: Gpu,
  source: TableSource,
  { budget, estimator, seed, engine, splits: { length: folds }, maps = 1 }: FitOptions,
  splits: readonly Split[],
): Promise<Trainer> {
  const { restarts, hidden, embed, products } = budget;
  const critics = folds * restarts;
  const replicas = splits.length * restarts;
  const perReplica = <T>(pick: (r: number) => T) => Array.from({ length: replicas }, (_, r) => pick(r));
  const inTurn = (each: number | readonly number[]) => {
    const values = [each].flat();
    return perReplica((r) => values[(r % critics) % values.length]!);
  };
  return createTrainer(gpu, {
    source: {
      ...source,
      picks: perReplica((r) => source.picks[Math.floor(r / critics) * maps + ((r % restarts) % maps)]!),
      pairs: perReplica((r) => identityPairs(splits[Math.floor(r / restarts)]!.train)),
    },
    pairs: { joint: budget.batch, negatives: "shuffle", perJoint: budget.perJoint },
    critic:
      estimators[estimator.name].critic === "density"
        ? conditional({ hidden, activation: "silu" })
        : towers({ tower: hidden, embed, head: [embed], products, activation: "silu" }),
    estimator,
    optimizer: adam({
      learningRate: inTurn(budget.learningRate),
      weightDecay: inTurn(budget.weightDecay),
      clipNorm: 1,
      schedule: cosine({ steps: budget.steps }),
    }),
    replicas,
    seed,
    streams: perReplica((r) => r % critics),
    window: Math.min(200, budget.checkEvery),
    trace: source.picks.length === maps,
    ...(engine && { engine }),
    expectedSteps: budget.steps,
  });
}
