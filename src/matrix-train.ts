/** Pairs by a trained critic: pairs, permutations, folds and restarts are replicas of one trainer over one table. */
import { type Budget, crossFits, splitRows } from "./crossfit.ts";
import { sideBySide } from "./data/transform.ts";
import { budgetFor, defaultBudget } from "./defaults.ts";
import type { Gpu } from "./device.ts";
import { InterruptedError } from "./errors.ts";
import { type EstimateOptions, estimate } from "./estimate.ts";
import { type EstimatorParameters, estimatorByName } from "./estimator.ts";
import type { MatrixPlan, PlannedPair } from "./matrix-plan.ts";
import type { Found, Order, Replica } from "./matrix-run.ts";
import { type EstimatorName, estimators } from "./shaders.gen.ts";
import { pooled, standardErrorOf } from "./term.ts";

/** Critics that train side by side: they fill a software adapter, and a GPU, and end within seconds. */
const criticsOf = (gpu: Gpu): number => (gpu.isSoftware ? 64 : 1024);
/** Of the largest buffer. */
const BYTES = 2 ** 26;

/** Protocols around a critic, which `estimate` runs for one pair after the other. */
export const isAlone = (estimator: string, training: EstimateOptions): boolean =>
  estimator === "demine" || training.given !== undefined;

/**
 * What a pair's critics are given, if the caller does not say: a fiftieth of what `estimate` spends on one pair, for there
 * are many. Two halves of the rows, a critic of 32-32 each, one marginal pair for each joint one, at most 600 steps, and ten
 * times the learning rate: so few steps of a smaller one leave a sine of two periods at 0.07 nats that has 0.9.
 */
export function pairBudget({ columns, rows }: MatrixPlan, pair: PlannedPair, training: EstimateOptions): Budget {
  const sides = [columns[pair.x]!, columns[pair.y]!];
  const width = sides.reduce((sum, { coordinates }) => sum + coordinates.length, 0);
  const { pairs } = estimators[pair.estimator as EstimatorName];
  const shared = { discrete: sides.some(({ discrete }) => discrete), byRow: pairs === "rows" };
  const usual = defaultBudget(rows, width, shared);
  const lean: Partial<Budget> = {
    ...{ folds: 2, restarts: 1, hidden: [32, 32], learningRate: 0.02, heldOutMarginals: 8 },
    steps: Math.min(600, usual.steps),
    ...(!shared.byRow && { perJoint: 1 }),
  };
  return budgetFor(rows, width, { ...(training.thorough ? {} : lean), ...training, ...shared });
}

/** How many estimates train together: limited by memory, and by how long a killed run may have worked in vain. */
export function fitsAtOnce(gpu: Gpu, { folds, restarts, batch, perJoint, hidden }: Budget): number {
  const critics = folds * restarts;
  const bytes = 4 * batch * (1 + perJoint) * Math.max(...hidden, 1);
  const limit = Math.min(BYTES, gpu.device.limits.maxStorageBufferBindingSize);
  return Math.max(1, Math.floor(Math.min(criticsOf(gpu), limit / bytes) / critics));
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
  const { columns, rows, settings } = plan;
  const { training, signal, onProgress } = options;
  const starts = new Map<string, number>();
  const list: Float32Array[] = [];
  const place = (c: number, permutation: number) => {
    const key = `${c} ${permutation}`;
    const start = starts.get(key) ?? list.length;
    if (start === list.length) {
      starts.set(key, start);
      const at = order(c, permutation);
      for (const values of columns[c]!.coordinates) list.push(values.map((_, i) => values[at[i]!]!));
    }
    return columns[c]!.coordinates.map((_, i) => start + i);
  };
  const picks = replicas.map(({ pair, permutation }) => [...place(pair.x, permutation), ...place(pair.y, permutation)]);
  const { pair } = replicas[0]!;
  const budget = pairBudget(plan, pair, training);
  const { lambda, C, emaRate, tau, alpha, logBaseline, baseline } = training;
  const parameters = { lambda, C, emaRate, tau, alpha, logBaseline, baseline } as EstimatorParameters;
  const estimator = estimatorByName(pair.estimator, parameters);
  const fit = await crossFits(
    gpu,
    {
      kind: "table",
      ...{ xWidth: columns[pair.x]!.coordinates.length, yWidth: columns[pair.y]!.coordinates.length },
      ...{ ...sideBySide(list, rows), rows, picks, pairs: [] },
    },
    {
      ...{ splits: splitRows(rows, budget.folds, settings.seed), budget, estimator, seed: settings.seed, signal },
      engine: "auto",
      heldOnly: true,
      onProgress: ({ done, total }) => onProgress(done / total),
    },
  );
  fit.trainer.dispose();
  fit.best.buffer.destroy();
  const held = fit.fits.map((folds) => pooled(estimator, folds, rows));
  return { mi: held.map(({ raw }) => raw), standardError: held.map((h) => standardErrorOf(h.influences)) };
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
      ...{ gpu, estimator: pair.estimator, seed: settings.seed },
      names: { x: [x.name], y: [y.name] },
      categories: { x: [x.category], y: [y.category] },
      ...(signal && { signal }),
    });
    found.mi.push(result.raw);
    found.standardError.push(result.standardError);
  }
  return found;
}
