/** Pairs by a trained critic: pairs, permutations, folds and restarts are replicas of one trainer over one table. */

import { type Budget, budgetFor, defaultBudget } from "../../crossfit/budget.ts";
import { crossFits, fitsAtOnce } from "../../crossfit/fit.ts";
import { splitRows } from "../../crossfit/folds.ts";
import type { GaussianFold } from "../../crossfit/gaussian-members.ts";
import type { FitRun } from "../../crossfit/options.ts";
import { foldsFor } from "../../crossfit/unit-folds.ts";
import { type Pooled, standardErrorOf } from "../../crossfit/valuations/valuation.ts";
import { sideBySide } from "../../data/transform.ts";
import type { EstimateOptions } from "../../estimate/options.ts";
import { type Estimator, estimatorByName, parametersOf } from "../../estimators/estimator.ts";
import { estimators } from "../../gpu/shaders.gen.ts";
import { remembered } from "../permutations.ts";
import type { MatrixPlan, PlannedPair } from "../plan.ts";
import type { Executor, Found, Replica, Task } from "./executor.ts";

/** For pairs that have the budget of this one. */
export function trainedTogether(task: Task, pair: PlannedPair): Executor {
  const budget = pairBudget(task.plan, pair, task.training);
  return {
    together: fitsAtOnce(task.gpu, budget, { rows: task.plan.rows, inputs: inputsOf(task.plan, pair) }),
    estimate: (replicas, onProgress) => train(task, budget, replicas, onProgress),
  };
}

/**
 * What a pair's critics are given, if the caller does not say: a hundredth of what `estimate` spends on one pair, for there
 * are many. Two halves of the rows, one critic each, on the ranks: towers of 32-24 that meet in 16 units, 180 steps at a
 * learning rate of .035, for fewer or slower ones find half of a sine of three periods. Three marginal pairs for
 * each joint one cost little where rows pass their tower once. With many rows few looks, for the best of many is chosen by
 * luck; with few rows critics overfit soon. `fast` and `thorough` take the rule of `estimate`.
 */
export function pairBudget({ columns, rows, units }: MatrixPlan, pair: PlannedPair, training: EstimateOptions): Budget {
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
  const budget = budgetFor(rows, width, { ...(training.thorough || training.fast ? {} : lean), ...training }, nature);
  return units ? { ...budget, folds: foldsFor(units, budget.folds, training.folds) } : budget;
}

const estimatorOf = ({ estimator }: PlannedPair, training: EstimateOptions): Estimator =>
  estimatorByName(estimator, parametersOf(training));

/** Inputs of a pair in the table of all replicas, each of which may have permuted columns of its own. */
const inputsOf = ({ columns }: MatrixPlan, { x, y }: PlannedPair): number =>
  [x, y].reduce((sum, c) => sum + columns[c]!.coordinates.length * columns[c]!.inputs.length, 0);

/** Held-out estimates of all replicas, trained side by side. */
async function train(
  task: Task,
  budget: Budget,
  replicas: readonly Replica[],
  onProgress: (share: number) => void,
): Promise<Found> {
  const { gpu, plan, training } = task;
  const { pair } = replicas[0]!;
  const { seed } = plan.settings;
  const { units } = plan;
  const { source, closedForms } = tableOf(task, replicas, budget.restarts);
  const run: FitRun = { gpu, seed, report: ({ done, total }) => onProgress(done / total) };
  const fits = await crossFits(run, source, {
    ...{ splits: splitRows(plan.rows, budget, seed, units), units, budget, estimator: estimatorOf(pair, training) },
    ...{ maps: source.picks.length / replicas.length, engine: "auto", heldOnly: true },
    ...(pair.estimator === "remine" && { closedForms }),
  });
  fits[0]!.dispose();
  const values: Pooled[] = [];
  for (const { folds, valuation } of fits) values.push(await valuation.pool(folds, plan.rows, () => gpu.turn(), units));
  return { mi: values.map(({ raw }) => raw), standardError: values.map((v) => standardErrorOf(v.influences, units)) };
}

/**
 * A table of what the critics of all replicas see, and what closed forms are fitted on where both sides are numbers: the
 * same arrays, without a copy. Every permuted column is a column of the table by its own, so that replicas differ by the
 * columns they pick and by nothing else; those that replicas share stand once.
 */
function tableOf({ plan: { columns, rows }, order }: Task, replicas: readonly Replica[], restarts: number) {
  const list: Float32Array[] = [];
  const seen = remembered(0, (c: number, permutation: number) => {
    const at = order(c, permutation);
    const inputs = columns[c]!.inputs.map((map) => map.map((values) => values.map((_, i) => values[at[i]!]!)));
    const starts = inputs.slice(0, restarts).map((map) => list.push(...map) - map.length);
    return { inputs, starts };
  });
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
