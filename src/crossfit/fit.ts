/** Cross-fitting: critics of all folds and restarts train as replicas, and score the rows that they never saw. */

import { partsOf } from "../critics/shape.ts";
import { InterruptedError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { BYTES_AT_ONCE } from "../gpu/profile.ts";
import { identityPairs, type TableSource } from "../sources/table.ts";
import { adam } from "../training/optimizer.ts";
import { cosine } from "../training/schedule.ts";
import { createTrainer, type Trainer } from "../training/trainer.ts";
import type { Budget } from "./budget.ts";
import type { Split } from "./folds.ts";
import { criticOf, recipeOf } from "./kept.ts";
import type { Critics } from "./networks.ts";
import type { CrossFit, FitOptions, FitRun } from "./options.ts";
import { drawnByWeight } from "./pair-weights.ts";
import { trainCritics } from "./training.ts";
import { valuationOf } from "./valuations/choose.ts";

/**
 * Trains folds × restarts critics side by side and scores each fold with critics that never saw its rows: training rows
 * fit them, validation rows choose the step and the scale, test rows are only scored.
 *
 * Fits go together, one for each of the source's picks (or `maps` of them). Each has the bits that it would have
 * alone: random numbers depend on the place within the fit, and a fit whose time is up takes no notice of what is trained on.
 *
 * @returns of each fit; they share trainer and members, so that one `dispose` frees all, and several have no trace
 */
export async function crossFits(run: FitRun, source: TableSource, options: FitOptions): Promise<CrossFit[]> {
  const valuation = valuationOf(options.estimator);
  const critics = await untrained(run, source, options);
  const { trainer, best } = critics;
  const dispose = () => {
    trainer.dispose();
    best.buffer.destroy();
  };
  try {
    const { looks, stepsPerSecond } = await trainCritics(run, critics, valuation, options);
    trainer.endSteps();
    const { members, folds } = await valuation.score(critics, options);
    const perFit = options.splits.length;
    return looks.map((curve, i) => ({
      ...{ looks: curve, steps: curve.step.at(-1)!, stepsPerSecond, folds: folds.slice(i * perFit, (i + 1) * perFit) },
      ...{ trace: trainer.trace, trainer, members, valuation, dispose },
    }));
  } catch (error) {
    dispose();
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(`interrupted after ${trainer.steps} steps`, { cause: error.cause });
  }
}

/** The critics of all folds of all fits before their first step. */
async function untrained(run: FitRun, source: TableSource, options: FitOptions): Promise<Critics> {
  const { budget, estimator, weights, maps = 1 } = options;
  const fits = source.picks.length / maps;
  const splits = Array.from({ length: fits }, () => options.splits).flat();
  const trainer = await trainerOf(run, source, options, splits);
  const best = run.gpu.tensor("best_params", trainer.params.bytes / 4);
  return { trainer, best, splits, recipe: recipeOf(budget, estimator), restarts: budget.restarts, maps, weights };
}

/**
 * How many fits train together: limited by memory, which the table takes most of where rows are many, and by how long a
 * killed run may have worked in vain.
 *
 * @param inputs of each fit that the table holds
 */
export function fitsAtOnce(
  { largestBuffer: most, profile }: Gpu,
  { folds, restarts, batch, perJoint, hidden, embed }: Budget,
  { rows, inputs }: { rows: number; inputs: number },
): number {
  const bytes = 4 * batch * (1 + perJoint) * Math.max(...hidden, embed);
  // The gradient, in its parts: of both towers as wide as their inputs, and of the pair's layer.
  const widths = [inputs, ...hidden, embed];
  const params = 2 * widths.slice(1).reduce((sum, width, l) => sum + width * (widths[l]! + 1), 0) + embed * (embed + 2);
  const gradient = 4 * params * partsOf(profile.fullAt, { joint: batch, marginals: perJoint });
  const table = Math.min(2 ** 28, most) / (4 * rows * Math.max(1, inputs));
  const fits =
    Math.min(profile.criticsAtOnce, Math.min(BYTES_AT_ONCE, most) / bytes, most / gradient) / (folds * restarts);
  return Math.max(1, Math.floor(Math.min(fits, table)));
}

/** A trainer of all critics, in the order of {@link Critics}. */
function trainerOf(
  { gpu, seed }: FitRun,
  source: TableSource,
  { budget, estimator, engine, weights, splits: { length: folds }, maps = 1 }: FitOptions,
  splits: readonly Split[],
): Promise<Trainer> {
  const { restarts } = budget;
  const critics = folds * restarts;
  const replicas = splits.length * restarts;
  const perReplica = <T>(pick: (r: number) => T) => Array.from({ length: replicas }, (_, r) => pick(r));
  const drawn = ({ train }: Split) => identityPairs(drawnByWeight(train, weights));
  const pairs = new Map([...new Set(splits)].map((split) => [split, drawn(split)]));
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
