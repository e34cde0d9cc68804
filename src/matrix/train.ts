/** Pairs by a trained critic: pairs, permutations, folds and restarts are replicas of one trainer over one table. */

import { type Budget, budgetFor, defaultBudget } from "../crossfit/budget.ts";
import { crossFits } from "../crossfit/fit.ts";
import { splitRows } from "../crossfit/folds.ts";
import type { GaussianFold } from "../crossfit/gaussian-members.ts";
import { standardErrorOf } from "../crossfit/valuations/valuation.ts";
import { sideBySide } from "../data/transform.ts";
import { InterruptedError } from "../errors.ts";
import { estimate } from "../estimate/estimate.ts";
import type { EstimateOptions } from "../estimate/options.ts";
import type { EstimateName } from "../estimators/choice.ts";
import { type Estimator, estimatorByName, parametersOf } from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import { BYTES_AT_ONCE } from "../gpu/profile.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import type { MatrixPlan, PlannedPair } from "./plan.ts";
import type { Found, Order, Replica } from "./replica.ts";

/** Protocols around a critic, which `estimate` runs for one pair after the other. */
export const isAlone = (estimator: string, training: EstimateOptions): boolean =>
  estimator === "demine" || training.given !== undefined;

/**
 * What a pair's critics are given, if the caller does not say: a hundredth of what `estimate` spends on one pair, for there
 * are many. Two halves of the rows, one critic each, on the ranks: towers of 32-24 that meet in 16 units, 180 steps at a
 * learning rate of .035, for fewer or slower ones find half of a sine of three periods. Three marginal pairs for
 * each joint one cost little where rows pass their tower once. With many rows few looks, for the best of many is chosen by
 * luck; with few rows critics overfit soon. `fast` and `thorough` take the rule of `estimate`.
 */
export function pairBudget({ columns, rows }: MatrixPlan, pair: PlannedPair, training: EstimateOptions): Budget {
  const sides = [columns[pair.x]!, columns[pair.y]!];
  const width = sides.reduce((sum, { discrete, coordinates }) => sum + (discrete ? coordinates.length : 1), 0);
  const estimator = estimatorOf(pair, training);
  const nature = { discrete: sides.some(({ discrete }) => discrete), estimator };
  const usual = defaultBudget(rows, width, nature);
  const batch = Math.max(2, Math.min(64, Math.floor(rows / 7)));
  const lean: Partial<Budget> = {
    ...{ folds: 2, restarts: 1, hidden: [32, 24], embed: 16, products: 0 },
    ...{ batch, steps: Math.min(180, usual.steps), checkEvery: Math.max(20, Math.min(100, Math.round(rows / 20))) },
    ...{ learningRate: 0.035, weightDecay: [0.001], heldOutMarginals: 8, validationMarginals: 16 },
    ...(estimators[estimator.name].pairs !== "rows" && { perJoint: Math.min(3, batch - 1) }),
  };
  return budgetFor(rows, width, { ...(training.thorough || training.fast ? {} : lean), ...training }, nature);
}

const estimatorOf = ({ estimator }: PlannedPair, training: EstimateOptions): Estimator =>
  estimatorByName(estimator, parametersOf(training));

/**
 * How many estimates train together: limited by memory, which the table takes most of where rows are many and permuted,
 * and by how long a killed run may have worked in vain.
 */
export function fitsAtOnce(gpu: Gpu, { columns, rows }: MatrixPlan, { x, y }: PlannedPair, budget: Budget): number {
  const { folds, restarts, batch, perJoint, hidden, embed } = budget;
  const critics = folds * restarts;
  const bytes = 4 * batch * (1 + perJoint) * Math.max(...hidden, embed);
  const most = gpu.device.limits.maxStorageBufferBindingSize;
  const inputs = [x, y].reduce((sum, c) => sum + columns[c]!.coordinates.length * columns[c]!.inputs.length, 0);
  const table = Math.min(2 ** 28, most) / (4 * rows * Math.max(1, inputs));
  const fits = Math.min(gpu.profile.criticsAtOnce, Math.min(BYTES_AT_ONCE, most) / bytes) / critics;
  return Math.max(1, Math.floor(Math.min(fits, table)));
}

/**
 * Held-out estimates of all replicas, trained side by side. Every permuted column is a column of the table by its own, so
 * that replicas differ by the columns they pick and by nothing else.
 *
 * @param replicas of one estimator, equally wide
 */
export async function trainTogether(
  gpu: Gpu,
  plan: MatrixPlan,
  replicas: readonly Replica[],
  order: Order,
  options: {
    training: EstimateOptions;
    signal: AbortSignal | undefined;
    onProgress: (share: number) => void;
  },
): Promise<Found> {
  const { rows, settings } = plan;
  const { training, signal, onProgress } = options;
  const { pair } = replicas[0]!;
  const budget = pairBudget(plan, pair, training);
  const { source, closedForms } = tableOf(plan, replicas, order, budget.restarts);
  const estimator = estimatorOf(pair, training);
  const fit = await crossFits(gpu, source, {
    ...{ splits: splitRows(rows, budget.folds, settings.seed), budget, estimator, seed: settings.seed, signal },
    ...{ maps: source.picks.length / replicas.length, engine: "auto", heldOnly: true },
    ...(pair.estimator === "remine" && { closedForms }),
    onProgress: ({ done, total }) => onProgress(done / total),
  });
  fit.dispose();
  const held = fit.fits.map((folds) => fit.valuation.pool(folds, rows));
  return { mi: held.map(({ raw }) => raw), standardError: held.map((h) => standardErrorOf(h.influences)) };
}

/**
 * A table of what the critics of all replicas see, columns that replicas share stand once, and what closed forms are
 * fitted on where both sides are numbers: the same arrays, without a copy.
 */
function tableOf({ columns, rows }: MatrixPlan, replicas: readonly Replica[], order: Order, restarts: number) {
  const list: Float32Array[] = [];
  const known = new Map<string, { inputs: Float32Array[][]; starts: number[] }>();
  const seen = (c: number, permutation: number) => {
    const key = `${c} ${permutation}`;
    let found = known.get(key);
    if (!found) {
      const at = order(c, permutation);
      const inputs = columns[c]!.inputs.map((map) => map.map((values) => values.map((_, i) => values[at[i]!]!)));
      const starts = inputs.slice(0, restarts).map((map) => list.push(...map) - map.length);
      found = { inputs, starts };
      known.set(key, found);
    }
    return found;
  };
  const sides = replicas.map(({ pair, permutation }) => [pair.x, pair.y].map((c) => seen(c, permutation)));
  const maps = Math.max(...sides.flat().map(({ starts }) => starts.length));
  const widths = sides[0]!.map(({ inputs }) => inputs[0]!.length) as [number, number];
  const picks = sides.flatMap((both) =>
    Array.from({ length: maps }, (_, m) =>
      both.flatMap(({ starts }, s) => Array.from({ length: widths[s]! }, (_, i) => starts[m % starts.length]! + i)),
    ),
  );
  const numbers = replicas.every(({ pair }) => !columns[pair.x]!.discrete && !columns[pair.y]!.discrete);
  const plain = ({ inputs }: { inputs: Float32Array[][] }) => inputs.map(([values]) => ({ data: values!, columns: 1 }));
  return {
    source: {
      ...{ kind: "table" as const, xWidth: widths[0], yWidth: widths[1] },
      ...{ ...sideBySide(list, rows), rows, picks, pairs: [] },
    },
    closedForms: numbers
      ? sides.map(([x, y]): Omit<GaussianFold, "train"> => ({ x: plain(x!), y: plain(y!) }))
      : undefined,
  };
}

/** Replicas by {@link estimate}, one after the other. */
export async function trainAlone(
  gpu: Gpu,
  { columns, settings }: MatrixPlan,
  replicas: readonly Replica[],
  order: Order,
  { training, signal }: { training: EstimateOptions; signal: AbortSignal | undefined },
): Promise<Found> {
  const found = { mi: [] as number[], standardError: [] as number[] };
  for (const { pair, permutation } of replicas) {
    if (signal?.aborted) throw new InterruptedError("the matrix was stopped");
    const side = (c: number) => {
      const at = order(c, permutation);
      return columns[c]!.values.map((_, i) => columns[c]!.values[at[i]!]!);
    };
    const [x, y] = [columns[pair.x]!, columns[pair.y]!];
    const result = await estimate(side(pair.x), side(pair.y), {
      ...training,
      ...{ gpu, estimator: pair.estimator as EstimateName, seed: settings.seed },
      names: { x: [x.name], y: [y.name] },
      categories: { x: [x.category], y: [y.category] },
      ...(signal && { signal }),
    });
    found.mi.push(result.raw);
    found.standardError.push(result.standardError);
  }
  return found;
}
