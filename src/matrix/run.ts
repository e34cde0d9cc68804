/** The pairs of a plan and their permutations, as many at once as fit. */

import type { EstimateOptions } from "../estimate/options.ts";
import type { Gpu } from "../gpu/device.ts";
import { reaches } from "../independence/evidence.ts";
import { groupedBy } from "../math/grouped.ts";
import { ConditionalTests } from "./conditional-tests.ts";
import { correlationsOf, entropiesOf } from "./correlation.ts";
import { executorOf } from "./executors/choose.ts";
import { type Found, type Task, widthOf } from "./executors/executor.ts";
import { leadersOf, leaderWork } from "./leaders.ts";
import { DATA, knownIn, noneKnown, numbersOf, ordersOf, raise } from "./permutations.ts";
import { isTrained, type MatrixPlan, type PlannedPair, plannedPair, sharded } from "./plan.ts";
import { Pool, poolsOf } from "./pool.ts";
import { joinedRecords, type MatrixChunk, type PairRecord, pairKey } from "./records.ts";
import type { Place } from "./row-sets.ts";
import { Screen } from "./screen.ts";
import type { SharedRows, TablePlan } from "./table-plan.ts";
import { inSteps, PairTests, type Tests } from "./tests.ts";

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
  /** Told how many pairs and permutations are done, of how many, and how many a second. */
  onProgress?: ((progress: { done: number; total: number; pairsPerSecond: number }) => void) | undefined;
}

/**
 * Computes what `options.done` does not have, and returns both. Pairs and their permutations are replicas of one dispatch,
 * and as many go together as take about a tenth of a second, whatever the size of the table. Sets of rows come one after the
 * other.
 */
export async function runTable(gpu: Gpu, table: TablePlan, options: WorkOptions): Promise<MatrixChunk[]> {
  const { done = [], training = {}, onChunk } = options;
  const chunks = [...done];
  const known = new Set(done.flatMap(({ pairs }) => pairs.map(pairKey)));
  const isLeft = ([x, y]: Place) => !known.has(pairKey({ x, y }));
  const left = table.sets.flatMap(({ pairs }) => pairs.filter(isLeft)).length;
  const permuted = knownIn(done);
  const progress = new Progress(table, left, permuted.size, options.onProgress);
  const keep: Keep = async (chunk, weight) => {
    chunks.push(chunk);
    progress.finish(weight * (chunk.pairs.length || (table.screen?.keep ?? 0)));
    await onChunk?.(chunk);
  };
  for (const set of table.sets) {
    if (!set.pairs.some(isLeft) && !table.screen) continue;
    const work = await workOf({ gpu, training }, set);
    await runPairs(work, known, {
      onWork: (pairs) => progress.report(progress.perPair * pairs),
      onChunk: (chunk) => keep(chunk, progress.perPair),
    });
    if (!table.screen) continue;
    await runPermutations(work, permuted, {
      onWork: (pairs) => progress.report(progress.perPermutedPair * pairs),
      onChunk: (chunk) => keep(chunk, progress.perPermutedPair),
    });
  }
  const workOn = (set: SharedRows) => workOf({ gpu, training }, set);
  await runLeaders(table, workOn, chunks, (chunk, permutations) =>
    keep(chunk, permutations * progress.perPermutedPair),
  );
  progress.end();
  return chunks;
}

/** What finds the numbers of a set of rows. */
interface Work {
  task: Task;
  tests: Tests;
  /** The place in the whole table of each column of the plan. */
  places: readonly number[];
}

async function workOf(shared: Pick<Task, "gpu" | "training">, { plan: make, places }: SharedRows): Promise<Work> {
  const plan = make();
  const task: Task = { ...shared, plan, order: ordersOf(plan) };
  const isTested = plan.settings.permutations > 0;
  const tests = plan.condition.length > 0 && isTested ? await ConditionalTests.of(task) : new PairTests(task);
  return { task, tests, places };
}

/** Keeps a chunk, each pair of which counts so much of a pair. */
type Keep = (chunk: MatrixChunk, weight: number) => Promise<void>;

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

  /** With a first look the permutations are gone through once more, for pFamily. */
  constructor({ sets, screen, settings }: TablePlan, left: number, permuted: number, tell: WorkOptions["onProgress"]) {
    const { permutations } = settings;
    this.perPermutedPair = 1 / (1 + permutations * (1 + Number(screen !== undefined)) + leaderWork(permutations));
    this.perPair = (1 + permutations) * this.perPermutedPair;
    this.#total = sets.reduce((sum, { pairs }) => sum + pairs.length, 0);
    this.#before = this.perPair * (this.#total - left) + (screen ? this.perPermutedPair * screen.keep * permuted : 0);
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

  /** Leaders may be fewer than were reckoned with. */
  end(): void {
    this.report(this.#total);
  }
}

interface Reports {
  /** Takes the share of some pairs that is done, between chunks. */
  onWork: (pairs: number) => void;
  onChunk: (chunk: MatrixChunk) => Promise<void>;
}

/** A pair of a plan by the places that its columns have in the whole table. */
const inTable = <T extends { x: number; y: number }>(places: readonly number[], pair: T): T => ({
  ...pair,
  x: places[pair.x]!,
  y: places[pair.y]!,
});

/** Estimates pairs in the data that are not known, and tests them by the permutations that all pairs have. */
async function runPairs(work: Work, known: ReadonlySet<string>, { onWork, onChunk }: Reports): Promise<void> {
  const { task, tests, places } = work;
  const { plan } = task;
  const pairs = plan.pairs.filter((pair) => !known.has(pairKey(inTable(places, pair))));
  const correlation = correlationsOf(plan);
  const entropy = entropiesOf(plan);
  const numbers = plan.settings.permutations > 0 ? [DATA, ...numbersOf(plan.settings.permutations)] : [];
  for (const group of groupsOf(plan, pairs)) {
    const executor = executorOf(task, group[0]!);
    const step = isTrained(group[0]!.estimator) ? executor.together : tests.together(numbers.length);
    for (const some of inSteps(group, Math.max(1, Math.min(executor.together, step)))) {
      const share = numbers.length > 0 ? 0.5 : 1;
      const found = await executor.estimate(
        some.map((pair) => ({ pair, permutation: DATA })),
        (done) => onWork(share * done * some.length),
      );
      const evidences = await tests.evidences(some, numbers, (done) => onWork((share + done / 2) * some.length));
      const { pairs: records, ...rest } = finished(work, some, found, evidences, { correlation, entropy });
      await onChunk({ pairs: records.map((record) => inTable(places, record)), ...rest });
    }
  }
}

/**
 * What max-T needs of a plan with a first look: in each permutation of the table the largest evidence among the pairs that the
 * first look chooses there. One chunk for each permutation of the plan's shard, without pairs.
 *
 * @param known permutations that need no more work
 */
async function runPermutations(work: Work, known: ReadonlySet<number>, { onWork, onChunk }: Reports): Promise<void> {
  const { gpu, plan, order } = work.task;
  const { settings, screen, shard } = plan;
  const look = new Screen(gpu, plan);
  for (const p of sharded(numbersOf(settings.permutations), shard).filter((p) => !known.has(p))) {
    const found = await look.strongest(screen!.keep, (column) => order(column, p));
    const pairs = found.map(({ x, y }) => plannedPair(plan, x, y, settings.estimator, settings.k));
    const largest = noneKnown(settings.permutations);
    const evidences = await work.tests.evidences(pairs, [p], (done) => onWork(done * pairs.length));
    for (const [evidence] of evidences) raise(largest, p, evidence!);
    await onChunk({ pairs: [], largest });
  }
}

/** Tests by more permutations the pairs of which those of all say too little, whatever rows they have. */
async function runLeaders(
  { screen, settings, sets, shard }: TablePlan,
  workOn: (set: SharedRows) => Promise<Work>,
  chunks: readonly MatrixChunk[],
  keep: Keep,
): Promise<void> {
  const pairs = sets.reduce((sum, set) => sum + set.pairs.length, 0);
  // Of a shard, the share that it has.
  const of = screen ? screen.of / shard.count : pairs;
  const most = leaderWork(settings.permutations) * pairs;
  for (;;) {
    const { leaders, permutations } = leadersOf(joinedRecords(chunks), of, most, poolsOf(chunks));
    if (leaders.length === 0) return;
    const byKey = new Map(leaders.map((record) => [pairKey(record), record]));
    for (const set of sets) {
      const own = set.pairs.flatMap(([x, y]) => byKey.get(pairKey({ x, y })) ?? []);
      if (own.length > 0) await testMore(await workOn(set), own, permutations, keep);
    }
  }
}

/** Tests leaders that have the same rows up to so many permutations. */
async function testMore(
  { task, tests, places }: Work,
  leaders: readonly PairRecord[],
  permutations: number,
  keep: Keep,
): Promise<void> {
  const none = noneKnown(task.plan.settings.permutations);
  const placeOf = new Map(places.map((place, column) => [place, column]));
  for (const record of leaders) {
    const known = tests.areJoint ? { exceed: 0, permutations: 0 } : record;
    const numbers = [DATA, ...numbersOf(permutations - known.permutations, 1 + known.permutations)];
    const pair = { ...record, x: placeOf.get(record.x)!, y: placeOf.get(record.y)!, infinite: false };
    const [[observed, ...permuted]] = (await tests.evidences([pair], numbers, () => {})) as [[number, ...number[]]];
    const exceed = known.exceed + permuted.filter((evidence) => reaches(evidence, observed)).length;
    await keep({ pairs: [{ ...record, exceed, permutations }], largest: none }, permuted.length);
  }
}

/** @param evidences of each pair that of the data, then of each permutation; none without permutations */
function finished(
  { task, tests }: Work,
  pairs: readonly PlannedPair[],
  found: Found,
  evidences: readonly number[][],
  of: { correlation: (x: number, y: number) => number; entropy: (x: number, y: number) => number | undefined },
): MatrixChunk {
  const { settings, screen, rows } = task.plan;
  const { permutations } = settings;
  const largest = noneKnown(permutations);
  const pool = new Pool(rows);
  const records = pairs.map((pair, i): PairRecord => {
    const { x, y, estimator, infinite } = pair;
    const [observed = 0, ...permuted] = evidences[i]!;
    const evidence = infinite ? Number.POSITIVE_INFINITY : observed;
    // After a first look other pairs stand for each permutation: see runPermutations.
    if (!screen) for (const p of numbersOf(permuted.length)) raise(largest, p, permuted[p - 1]!);
    const isPooled = permutations > 0 && tests.isPooled(pair);
    if (isPooled) for (const value of permuted) pool.add(value);
    const leastEntropy = of.entropy(x, y);
    return {
      ...{ x, y, rows, estimator, evidence, permutations },
      raw: infinite ? Number.POSITIVE_INFINITY : found.mi[i]!,
      standardError: infinite ? Number.NaN : found.standardError[i]!,
      pearson: of.correlation(x, y),
      ...(leastEntropy !== undefined && { leastEntropy }),
      exceed: permuted.filter((value) => reaches(value, evidence)).length,
      ...(isPooled && { pooled: true as const }),
    };
  });
  return { pairs: records, largest, ...(pool.size > 0 && { pool: pool.toRecord() }) };
}

/** Pairs that one dispatch can hold: of one estimator, equally wide in x and in y, and trained alike. */
function groupsOf(plan: MatrixPlan, pairs: readonly PlannedPair[]): PlannedPair[][] {
  return groupedBy(pairs, (pair) => {
    const discrete = [pair.x, pair.y].map((c) => plan.columns[c]!.discrete);
    return `${pair.estimator} ${widthOf(plan, pair.x)} ${widthOf(plan, pair.y)} ${discrete}`;
  });
}
