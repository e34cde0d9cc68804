/** The pairs of a plan and their permutations, as many at once as fit. */

import type { EstimateOptions } from "../estimate/options.ts";
import type { Gpu } from "../gpu/device.ts";
import { correlationsOf } from "./correlation.ts";
import { executorOf } from "./executors/choose.ts";
import { type Executor, type Task, widthOf } from "./executors/executor.ts";
import { DATA, knownIn, noneKnown, numbersOf, ordersOf, raise } from "./permutations.ts";
import { type MatrixPlan, type PlannedPair, plannedPair, sharded } from "./plan.ts";
import { type MatrixChunk, type PairRecord, pairKey, reaches } from "./records.ts";
import { Screen } from "./screen.ts";

/** What the work itself is asked for. */
export interface WorkOptions {
  /**
   * Options of `estimate` for a trained estimator, and the parameters of one that is named, such as `steps` or `hidden`. What
   * is left out follows a leaner rule than there: 2 folds of one critic with towers of 32-24, 3 marginal pairs for each joint one, at most 180 steps; `fast` and
   * `thorough` take that of `estimate`.
   */
  training?: EstimateOptions | undefined;
  /** Chunks of an earlier call with the same table and settings; their pairs are not computed again. */
  done?: readonly MatrixChunk[] | undefined;
  /** Called whenever pairs are finished, and awaited: what it was given need not be computed again. */
  onChunk?: ((chunk: MatrixChunk) => void | Promise<void>) | undefined;
  onProgress?: ((progress: { done: number; total: number; pairsPerSecond: number }) => void) | undefined;
}

/**
 * Computes what `options.done` does not have, and returns both. Pairs and their permutations are replicas of one dispatch,
 * and as many go together as take about a tenth of a second, whatever the size of the table.
 */
export async function runPlan(gpu: Gpu, plan: MatrixPlan, options: WorkOptions): Promise<MatrixChunk[]> {
  const { done = [], training = {}, onChunk } = options;
  const chunks = [...done];
  const known = new Set(done.flatMap(({ pairs }) => pairs.map(pairKey)));
  const left = plan.pairs.filter((pair) => !known.has(pairKey(pair)));
  const permuted = knownIn(done);
  const task: Task = { gpu, plan, order: ordersOf(plan), training };
  const progress = new Progress(plan, left.length, permuted.size, options.onProgress);
  const keep = async (chunk: MatrixChunk, weight: number) => {
    chunks.push(chunk);
    progress.finish(weight * (chunk.pairs.length || (plan.screen?.keep ?? 0)));
    await onChunk?.(chunk);
  };
  await runPairs(task, left, {
    onWork: (pairs) => progress.report(progress.perPair * pairs),
    onChunk: (chunk) => keep(chunk, progress.perPair),
  });
  if (plan.screen) {
    await runPermutations(task, permuted, {
      onWork: (pairs) => progress.report(progress.perPermutedPair * pairs),
      onChunk: (chunk) => keep(chunk, progress.perPermutedPair),
    });
  }
  return chunks;
}

/** How much of a plan is done, counted in pairs. */
class Progress {
  /** What a pair with its permutations counts, and what it counts in one permutation more. */
  readonly perPair: number;
  readonly perPermutedPair: number;
  readonly #before: number;
  readonly #total: number;
  readonly #began = performance.now();
  readonly #tell: WorkOptions["onProgress"];
  #done = 0;

  /** With a first look the permutations are gone through once more, for pFamily: in all as much work as the pairs. */
  constructor(
    { pairs, screen, settings }: MatrixPlan,
    left: number,
    permuted: number,
    tell: WorkOptions["onProgress"],
  ) {
    const { permutations } = settings;
    this.perPair = screen ? (1 + permutations) / (1 + 2 * permutations) : 1;
    this.perPermutedPair = this.perPair / (1 + permutations);
    this.#total = pairs.length;
    this.#before = this.perPair * (pairs.length - left) + (screen ? this.perPermutedPair * screen.keep * permuted : 0);
    this.#tell = tell;
  }

  /** Work on pairs that are not finished yet. */
  report(part: number): void {
    const pairsPerSecond = (1000 * (this.#done + part)) / (performance.now() - this.#began);
    this.#tell?.({ done: Math.min(this.#total, this.#before + this.#done + part), total: this.#total, pairsPerSecond });
  }

  finish(part: number): void {
    this.#done += part;
  }
}

interface Reports {
  /** Takes the share of some pairs that is done, between chunks. */
  onWork: (pairs: number) => void;
  onChunk: (chunk: MatrixChunk) => Promise<void>;
}

/** Estimates pairs in the data and in all permutations. */
async function runPairs(task: Task, pairs: readonly PlannedPair[], { onWork, onChunk }: Reports): Promise<void> {
  const { plan } = task;
  const correlation = correlationsOf(plan);
  const numbers = [DATA, ...numbersOf(plan.settings.permutations)];
  await estimatePairs(task, pairs, numbers, {
    onWork,
    onValues: (some, values) => onChunk(finished(plan, some, values, correlation)),
  });
}

/**
 * What max-T needs of a plan with a first look: in each permutation of the table the largest MI among the pairs that the
 * first look chooses there. One chunk for each permutation of the plan's shard, without pairs.
 *
 * @param known permutations that need no more work
 */
async function runPermutations(task: Task, known: ReadonlySet<number>, { onWork, onChunk }: Reports): Promise<void> {
  const { gpu, plan, order } = task;
  const { columns, settings, screen, shard } = plan;
  const look = new Screen(gpu, plan);
  for (const p of sharded(numbersOf(settings.permutations), shard).filter((p) => !known.has(p))) {
    const found = await look.strongest(screen!.keep, (column) => order(column, p));
    const pairs = found.map(({ x, y }) => plannedPair(columns, x, y, settings.estimator, settings.k));
    const largest = noneKnown(settings.permutations);
    await estimatePairs(task, pairs, [p], {
      onWork,
      onValues: async (_, values) => {
        for (const { mi } of values) raise(largest, p, mi[0]!);
      },
    });
    await onChunk({ pairs: [], largest });
  }
}

/** What a pair has in each of the permutations that were asked for, nats, and its standard error in the data. */
interface PairValues {
  mi: number[];
  standardError: number;
}

/** The values of pairs in some permutations, by as many pairs as go together. */
async function estimatePairs(
  task: Task,
  pairs: readonly PlannedPair[],
  numbers: readonly number[],
  reports: Pick<Reports, "onWork"> & { onValues: (pairs: PlannedPair[], values: PairValues[]) => Promise<void> },
): Promise<void> {
  for (const group of groupsOf(task.plan, pairs)) {
    const executor = executorOf(task, group[0]!);
    const step = Math.max(1, Math.floor(executor.together / numbers.length));
    for (let start = 0; start < group.length; start += step) {
      const some = group.slice(start, start + step);
      await reports.onValues(some, await valuesOf(executor, some, numbers, reports.onWork));
    }
  }
}

/** The values of pairs that go together. */
async function valuesOf(
  executor: Executor,
  pairs: readonly PlannedPair[],
  numbers: readonly number[],
  onWork: Reports["onWork"],
): Promise<PairValues[]> {
  const values = pairs.map((): PairValues => ({ mi: [], standardError: 0 }));
  const { together } = executor;
  // More permutations than go together: one pair in several dispatches.
  for (let start = 0; start < numbers.length; start += together) {
    const range = numbers.slice(start, start + together);
    const work = (share: number) => onWork((pairs.length * (start + share * range.length)) / numbers.length);
    const replicas = pairs.flatMap((pair, i) => range.map((permutation) => ({ pair, i, permutation })));
    const found = await executor.estimate(replicas, work);
    for (const [r, { i, permutation }] of replicas.entries()) {
      values[i]!.mi.push(found.mi[r]!);
      if (permutation === DATA) values[i]!.standardError = found.standardError[r]!;
    }
    work(1);
  }
  return values;
}

/** @param values of the data, then of each permutation */
function finished(
  { settings, screen }: MatrixPlan,
  pairs: readonly PlannedPair[],
  values: readonly PairValues[],
  correlation: (x: number, y: number) => number,
): MatrixChunk {
  const largest = noneKnown(settings.permutations);
  const records = pairs.map(({ x, y, estimator, infinite }, i): PairRecord => {
    const [observed, ...permuted] = values[i]!.mi as [number, ...number[]];
    const raw = infinite ? Number.POSITIVE_INFINITY : observed;
    // After a first look other pairs stand for each permutation: see runPermutations.
    if (!screen) for (const p of numbersOf(permuted.length)) raise(largest, p, values[i]!.mi[p]!);
    return {
      ...{ x, y, estimator, raw },
      standardError: infinite ? Number.NaN : values[i]!.standardError,
      pearson: correlation(x, y),
      exceed: permuted.filter((value) => reaches(value, raw)).length,
    };
  });
  return { pairs: records, largest };
}

/** Pairs that one dispatch can hold: of one estimator, equally wide in x and in y, and trained alike. */
function groupsOf(plan: MatrixPlan, pairs: readonly PlannedPair[]): PlannedPair[][] {
  const groups = new Map<string, PlannedPair[]>();
  for (const pair of pairs) {
    const discrete = [pair.x, pair.y].map((c) => plan.columns[c]!.discrete);
    const key = `${pair.estimator} ${widthOf(plan, pair.x)} ${widthOf(plan, pair.y)} ${discrete}`;
    const group = groups.get(key);
    if (group) group.push(pair);
    else groups.set(key, [pair]);
  }
  return [...groups.values()];
}
