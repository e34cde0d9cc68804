/** Cross-fitting: critics of all folds and restarts train as replicas, and score the rows that they never saw. */
import { bound, combine, logMeanExp, mean, type RowScores, stack } from "./bound.ts";
import { baselineOf } from "./critics/baseline.ts";
import { conditional } from "./critics/conditional.ts";
import { mlp } from "./critics/mlp.ts";
import type { Gpu, Tensor } from "./device.ts";
import type { Estimator } from "./estimator.ts";
import { adam } from "./optimizer.ts";
import { ownValues, scoreOwnFolds } from "./own-value.ts";
import type { Engine } from "./resident.ts";
import { cosine } from "./schedule.ts";
import type { Scorer } from "./scorer.ts";
import { estimators } from "./shaders.gen.ts";
import { identityPairs, type TableSource } from "./source.ts";
import { createTrainer, type StepOptions, type Trace, type Trainer } from "./trainer.ts";

/** How the rows are divided and the critics trained. Chosen by `defaultBudget`, or by the user. */
export interface Budget {
  folds: number;
  /** Critics per fold, whose outputs are averaged. */
  restarts: number;
  hidden: readonly number[];
  /** Joint pairs a step. */
  batch: number;
  /** Marginal pairs per joint pair in training. */
  perJoint: number;
  steps: number;
  /** Steps between two looks at the validation rows. */
  checkEvery: number;
  /** Looks without improvement after which training ends. */
  patience: number;
  learningRate: number;
  /** Decoupled weight decay, one for each restart in turn. */
  weightDecay: readonly number[];
  /** Marginal pairs per row when held-out rows are scored. */
  heldOutMarginals: number;
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

/** The marginal partner of row i of `count`: shift c of `perRow`, spread over all rows, never 0. */
export function partnerOf(i: number, c: number, count: number, perRow: number): number {
  return (i + 1 + Math.floor((c * (count - 1)) / perRow)) % count;
}

/** Joint pairs of these rows, then `perRow` marginal pairs for each, with partners of the same block of `size` rows. */
function pairsOf(rows: Uint32Array, perRow: number, size: number): Uint32Array {
  const pairs = new Uint32Array(2 * rows.length * (1 + perRow));
  pairs.set(identityPairs(rows));
  for (let i = 0, at = 2 * rows.length; i < rows.length; i++) {
    const inBlock = i % size;
    for (let c = 0; c < perRow; c++) {
      pairs[at++] = rows[i]!;
      pairs[at++] = rows[i - inBlock + partnerOf(inBlock, c, size, perRow)]!;
    }
  }
  return pairs;
}

/** What a fold's critics say of rows they never saw, in nats. */
export interface FoldResult {
  split: Split;
  /** Marginal pairs per row among the scores of the ensemble, and among those of the validation rows. */
  perRow: number;
  perValidation: number;
  /** Log density ratios: the weighted sum of the restarts' outputs, less `constant`. */
  ensemble: RowScores;
  /** The same for the validation rows, which chose `weights` and `constant`. */
  validation: RowScores;
  /** Of the restarts, chosen on validation rows. */
  weights: number[];
  /** Log-partition of the weighted sum on validation rows. */
  constant: number;
  /** The estimate of the ensemble on its test rows, and on as many of its training rows (NaN if not asked for). */
  held: number;
  seen: number;
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
 * Several such fits at once, one for each of the source's picks. Each has the bits that it would have alone: random
 * numbers depend on the place within the fit, and a fit whose time is up takes no notice of what is trained on.
 *
 * @returns what {@link crossFit} does, with the folds of each fit; `looks` and `trace` are of all of them together
 */
export async function crossFits(
  gpu: Gpu,
  source: TableSource,
  options: FitOptions,
): Promise<Omit<CrossFit, "folds"> & { fits: FoldResult[][] }> {
  const { budget, estimator, seed, engine, onProgress, signal } = options;
  const { restarts } = budget;
  const critics = options.splits.length * restarts;
  const splits = source.picks.flatMap(() => options.splits);
  const replicas = splits.length * restarts;
  const facts = estimators[estimator.name];
  const splitOf = (r: number) => splits[Math.floor(r / restarts)]!;
  const trainer = await createTrainer(gpu, {
    source: {
      ...source,
      picks: Array.from({ length: replicas }, (_, r) => source.picks[Math.floor(r / critics)]!),
      pairs: Array.from({ length: replicas }, (_, r) => identityPairs(splitOf(r).train)),
    },
    pairs: { joint: budget.batch, negatives: "shuffle", perJoint: budget.perJoint },
    critic:
      facts.critic === "density"
        ? conditional({ hidden: budget.hidden, activation: "silu" })
        : mlp(budget.hidden, { activation: "silu" }),
    estimator,
    optimizer: adam({
      learningRate: budget.learningRate,
      weightDecay: Array.from(
        { length: replicas },
        (_, r) => budget.weightDecay[(r % critics) % budget.weightDecay.length]!,
      ),
      clipNorm: 1,
      schedule: cosine({ steps: budget.steps }),
    }),
    replicas,
    seed,
    streams: Array.from({ length: replicas }, (_, r) => r % critics),
    window: Math.min(200, budget.checkEvery),
    trace: source.picks.length === 1,
    ...(engine && { engine }),
    expectedSteps: budget.steps,
  });
  const best = gpu.tensor("best_params", trainer.params.bytes / 4);
  let scorer: Scorer | undefined;
  let baseline: Scorer | undefined;
  try {
    const batch = Math.min(pairsAtOnce(replicas), Math.max(...splits.map((s) => s.validation.length)) * 5);
    scorer = await trainer.scorer({ batch, params: trainer.params });
    baseline = baselineOf(estimator) && (await trainer.scorer({ batch, params: trainer.params, of: "baseline" }));
    const looks = { step: [] as number[], bound: [] as number[] };
    const bestBound = new Float64Array(replicas).fill(-Infinity);
    const bestValue = new Float64Array(replicas);
    const lastBest = new Int32Array(replicas);
    const ended = source.picks.map(() => false);
    const began = performance.now();
    let stepsPerSecond = 0;

    const validation = Array.from({ length: replicas }, (_, r) => splitOf(r).validation);
    const perRow = Math.min(facts.pairs === "rows" ? 32 : 4, ...splits.map((s) => s.validation.length - 1));
    const judge = async () => {
      const scores = await scoreRows(scorer!, validation, perRow);
      if (facts.value === "own")
        return ownValues(gpu, estimator, scores, await baseline?.score(padded(validation.map(identityPairs))));
      const values = scores.map(({ joint, marginal }) => bound(joint, marginal));
      return { targets: values, values };
    };

    const look = async (index: number): Promise<boolean> => {
      const { targets: bounds, values } = await judge();
      const improved = bounds.map((value, r) => !ended[Math.floor(r / critics)] && value > bestBound[r]!);
      gpu.submit((encoder) => {
        const bytes = trainer.params.bytes / replicas;
        improved.forEach((better, r) => {
          if (better) encoder.copyBufferToBuffer(trainer.params.buffer, r * bytes, best.buffer, r * bytes, bytes);
        });
      });
      bounds.forEach((value, r) => {
        if (!improved[r]) return;
        bestBound[r] = value;
        bestValue[r] = values[r]!;
        lastBest[r] = index;
      });
      looks.step.push(trainer.steps);
      looks.bound.push(mean(values));
      ended.forEach((_, fit) => {
        const own = lastBest.subarray(fit * critics, (fit + 1) * critics);
        ended[fit] ||= own.every((last) => index - last >= budget.patience);
      });
      return ended.every(Boolean);
    };

    await look(0);
    for (let index = 1; trainer.steps < budget.steps; index++) {
      const count = Math.min(budget.checkEvery, budget.steps - trainer.steps);
      const start = trainer.steps;
      const report: StepOptions["onProgress"] = ({ done }) => {
        stepsPerSecond = (1000 * (start + done)) / (performance.now() - began);
        const estimate = index > 1 ? mean(bestValue) : undefined;
        onProgress?.({ done: start + done, total: budget.steps, stepsPerSecond, estimate });
      };
      await trainer.step(count, { onProgress: report, signal });
      if (await look(index)) break;
    }
    const score = facts.value === "own" ? scoreOwnFolds : scoreFolds;
    const results = await score(trainer, best, splits, budget, options.heldOnly);
    const { trace } = trainer;
    const fits = source.picks.map((_, i) => results.slice(i * options.splits.length, (i + 1) * options.splits.length));
    return { fits, trace, looks, steps: trainer.steps, stepsPerSecond, trainer, best };
  } catch (error) {
    trainer.dispose();
    best.buffer.destroy();
    throw error;
  } finally {
    scorer?.dispose();
    baseline?.dispose();
  }
}

/**
 * Scores rows and their marginal pairs for every replica.
 *
 * @param size rows of a block, within which marginal pairs stay; default: all rows of a replica
 */
export async function scoreRows(
  scorer: Scorer,
  rows: readonly Uint32Array[],
  perRow: number,
  size?: number,
): Promise<RowScores[]> {
  const scores = await scorer.score(padded(rows.map((list) => pairsOf(list, perRow, size ?? list.length))));
  return scores.map((all, r) => {
    const n = rows[r]!.length;
    return {
      joint: Float64Array.from(all.subarray(0, n)),
      marginal: Float64Array.from(all.subarray(n, n * (1 + perRow))),
    };
  });
}

/** Lists of one length: shorter ones are filled up with zeros. */
function padded(lists: readonly Uint32Array[]): Uint32Array[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return lists.map((list) => {
    const full = new Uint32Array(longest);
    full.set(list);
    return full;
  });
}

async function scoreFolds(
  trainer: Trainer,
  best: Tensor,
  splits: readonly Split[],
  budget: Budget,
  heldOnly = false,
): Promise<FoldResult[]> {
  const { restarts } = budget;
  const perReplica = <T>(pick: (s: Split) => T) =>
    splits.flatMap((s) => Array.from({ length: restarts }, () => pick(s)));
  const smallest = (pick: (s: Split) => Uint32Array) => Math.min(...splits.map((s) => pick(s).length));
  const perRow = Math.min(budget.heldOutMarginals, smallest((s) => s.test) - 1);
  const perValidation = Math.min(10, smallest((s) => s.validation) - 1);
  const scorer = await trainer.scorer({ batch: pairsAtOnce(splits.length * restarts), params: best });
  try {
    const validation = await scoreRows(
      scorer,
      perReplica((s) => s.validation),
      perValidation,
    );
    const test = await scoreRows(
      scorer,
      perReplica((s) => s.test),
      perRow,
    );
    const trained = heldOnly
      ? undefined
      : await scoreRows(
          scorer,
          perReplica((s) => s.train.slice(0, s.test.length)),
          perRow,
        );
    return splits.map((split, f) => {
      const own = (list: RowScores[]) => list.slice(f * restarts, (f + 1) * restarts);
      const weights = stack(own(validation));
      const checked = combine(own(validation), weights);
      const constant = logMeanExp(checked.marginal);
      const held = combine(own(test), weights);
      const fitted = trained && combine(own(trained), weights);
      return {
        split,
        perRow,
        perValidation,
        ensemble: lessConstant(held, constant),
        validation: lessConstant(checked, constant),
        weights,
        constant,
        held: bound(held.joint, held.marginal),
        seen: fitted ? bound(fitted.joint, fitted.marginal) : Number.NaN,
      };
    });
  } finally {
    scorer.dispose();
  }
}

/** Pairs of each critic that are scored at once; how many changes no bit, and all of them fit any adapter. */
export const pairsAtOnce = (replicas: number): number => Math.max(64, Math.min(2048, Math.floor(2 ** 18 / replicas)));

export const lessConstant = ({ joint, marginal }: RowScores, constant: number): RowScores => ({
  joint: joint.map((t) => t - constant),
  marginal: marginal.map((t) => t - constant),
});
