/** Cross-fitting: critics of all folds and restarts train as replicas, and score the rows that they never saw. */

import { InterruptedError } from "../errors.ts";
import { identityPairs, type TableSource } from "../sources/table.ts";
import { adam } from "../training/optimizer.ts";
import { cosine } from "../training/schedule.ts";
import { createTrainer, type Trainer } from "../training/trainer.ts";
import type { FoldResult, Split } from "./folds.ts";
import { criticOf, recipeOf } from "./kept.ts";
import type { Critics } from "./networks.ts";
import type { CrossFit, FitOptions, FitRun } from "./options.ts";
import { trainCritics } from "./training.ts";
import { valuationOf } from "./valuations/choose.ts";

/**
 * Trains folds × restarts critics side by side and scores each fold with critics that never saw its rows: training rows
 * fit them, validation rows choose the step and the scale, test rows are only scored.
 */
export async function crossFit(run: FitRun, source: TableSource, options: FitOptions): Promise<CrossFit> {
  const { fits, ...rest } = await crossFits(run, source, options);
  return { ...rest, folds: fits[0]! };
}

/**
 * Several such fits at once, one for each of the source's picks (or `maps` of them). Each has the bits that it would have
 * alone: random numbers depend on the place within the fit, and a fit whose time is up takes no notice of what is trained on.
 *
 * @returns what {@link crossFit} does, with the folds of each fit; `looks` and `trace` are of all of them together
 */
export async function crossFits(
  run: FitRun,
  source: TableSource,
  options: FitOptions,
): Promise<Omit<CrossFit, "folds"> & { fits: FoldResult[][] }> {
  const valuation = valuationOf(options.estimator);
  const critics = await untrained(run, source, options);
  const { trainer, best } = critics;
  const dispose = () => {
    trainer.dispose();
    best.buffer.destroy();
  };
  try {
    const training = await trainCritics(run, critics, valuation, options);
    trainer.endSteps();
    const { members, folds } = await valuation.score(critics, options);
    const perFit = options.splits.length;
    return {
      ...training,
      fits: Array.from({ length: folds.length / perFit }, (_, i) => folds.slice(i * perFit, (i + 1) * perFit)),
      ...{ trace: trainer.trace, steps: trainer.steps, trainer, members, valuation, dispose },
    };
  } catch (error) {
    dispose();
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(`interrupted after ${trainer.steps} steps`, { cause: error.cause });
  }
}

/** The critics of all folds of all fits before their first step. */
async function untrained(run: FitRun, source: TableSource, options: FitOptions): Promise<Critics> {
  const { budget, estimator, maps = 1 } = options;
  const fits = source.picks.length / maps;
  const splits = Array.from({ length: fits }, () => options.splits).flat();
  const trainer = await trainerOf(run, source, options, splits);
  const best = run.gpu.tensor("best_params", trainer.params.bytes / 4);
  return { trainer, best, splits, recipe: recipeOf(budget, estimator), restarts: budget.restarts, maps };
}

/** A trainer of all critics, in the order of {@link Critics}. */
function trainerOf(
  { gpu, seed }: FitRun,
  source: TableSource,
  { budget, estimator, engine, splits: { length: folds }, maps = 1 }: FitOptions,
  splits: readonly Split[],
): Promise<Trainer> {
  const { restarts } = budget;
  const critics = folds * restarts;
  const replicas = splits.length * restarts;
  const perReplica = <T>(pick: (r: number) => T) => Array.from({ length: replicas }, (_, r) => pick(r));
  const pairs = new Map([...new Set(splits)].map((split) => [split, identityPairs(split.train)]));
  const inTurn = (each: number | readonly number[]) => {
    const values = [each].flat();
    return perReplica((r) => values[(r % critics) % values.length]!);
  };
  return createTrainer(gpu, {
    source: {
      ...source,
      picks: perReplica((r) => source.picks[Math.floor(r / critics) * maps + ((r % restarts) % maps)]!),
      pairs: perReplica((r) => pairs.get(splits[Math.floor(r / restarts)]!)!),
    },
    pairs: { joint: budget.batch, negatives: "shuffle", perJoint: budget.perJoint },
    critic: criticOf(recipeOf(budget, estimator)),
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
