/** What speaks against the independence of pairs, in the data and in permutations. */

import { brokenTies, isTied, repeatsOf } from "../data/ties.ts";
import type { Gpu } from "../gpu/device.ts";
import { correlatedAtOnce, correlateFeatures } from "../independence/correlate.ts";
import { designEffects, withLikeness } from "../independence/design.ts";
import { evidenceOf, formsOf, type Statistic, standings, withNeighbors } from "../independence/evidence.ts";
import { type Features, featuresOf } from "../independence/features.ts";
import { groupedBy } from "../math/grouped.ts";
import { hashOf } from "../math/random.ts";
import type { Executor, Replica, Task } from "./executors/executor.ts";
import { sortedNeighbors } from "./executors/sorted-neighbors.ts";
import { remembered } from "./permutations.ts";
import { type PlannedPair, plannedPair, type ReadyColumn } from "./plan.ts";

/** Tests of a plan's pairs by permutations of the table. */
export interface Tests {
  /** Whether the evidence of a pair in a permutation depends on which others are looked at with it. */
  readonly areJoint: boolean;
  /** Whether the evidence of a pair under independence has one distribution with that of all such pairs of as many rows. */
  isPooled(pair: PlannedPair): boolean;
  /** Pairs that go together in so many permutations each, at most: about a tenth of a second. */
  together(permutations: number): number;
  /**
   * The evidence of each pair in each of some permutations (independence/evidence.ts).
   *
   * @param onWork takes the share that is done
   */
  evidences(
    pairs: readonly PlannedPair[],
    permutations: readonly number[],
    onWork: (share: number) => void,
  ): Promise<number[][]>;
}

/**
 * The tests of pairs without a condition. Columns of numbers of which few repeat are seen by their ranks alone, ties broken at
 * random: under independence the evidence of two of them depends on nothing but the number of rows.
 */
export class PairTests implements Tests {
  readonly areJoint = false;
  readonly #task: Task;
  readonly #gpu: Gpu;
  readonly #neighbors: Executor;
  readonly #features: (column: number) => Features;
  /** Of rows that depend on each other, of a pair of columns. */
  readonly #effects: (x: number, y: number) => Float64Array | undefined;
  /** Of a column of which few values repeat its normal scores; of another nothing. */
  readonly #scores: (column: number) => Float32Array | undefined;

  constructor(task: Task) {
    const { columns, rows, settings, units } = task.plan;
    this.#task = task;
    this.#gpu = task.gpu;
    const scores = remembered(rows, (column: number) => scoresOf(columns[column]!, settings.seed));
    this.#scores = scores;
    this.#neighbors = sortedNeighbors(task, "ksg", (column) => scores(column) ?? columns[column]!.coordinates[0]!);
    this.#features = remembered(8 * rows, (column: number) => {
      const { category, values } = columns[column]!;
      const ranks = scores(column);
      const seen = ranks ? Float64Array.from(ranks) : values;
      return withLikeness(featuresOf({ kind: category ? "category" : "numeric", values: seen }), units);
    });
    this.#effects = remembered(64, (x: number, y: number) => designEffects(this.#features(x), this.#features(y)));
  }

  isPooled({ x, y }: PlannedPair): boolean {
    return this.#task.plan.units === undefined && this.#haveScores(x, y);
  }

  #haveScores(x: number, y: number): boolean {
    return this.#scores(x) !== undefined && this.#scores(y) !== undefined;
  }

  together(permutations: number): number {
    return Math.max(1, Math.floor(this.#atOnce / Math.max(1, permutations)));
  }

  get #atOnce(): number {
    return Math.min(this.#neighbors.together, correlatedAtOnce(this.#gpu, this.#task.plan.rows, 2));
  }

  async evidences(
    pairs: readonly PlannedPair[],
    permutations: readonly number[],
    onWork: (share: number) => void,
  ): Promise<number[][]> {
    const evidences: number[][] = [];
    const replicas = (pair: PlannedPair) => permutations.map((permutation) => ({ pair, permutation }));
    for (const some of inSteps(pairs, this.together(permutations.length))) {
      const found: number[] = [];
      for (const part of inSteps(some.flatMap(replicas), this.#atOnce)) {
        found.push(...(await this.#evidences(part)));
        onWork((evidences.length + found.length / permutations.length) / pairs.length);
      }
      for (const [i] of some.entries()) {
        evidences.push(found.slice(i * permutations.length, (i + 1) * permutations.length));
      }
    }
    return evidences;
  }

  /**
   * The evidence of each replica: of the features of both columns, and of two columns of numbers
   * also of their MI by KSG, in its standard errors, for what is finer than waves. Where rows depend on each other neighbours are
   * not asked: they see that alone, in every permutation. A value depends on its own replica alone.
   */
  async #evidences(replicas: readonly Replica[]): Promise<number[]> {
    const found = new Array<number>(replicas.length);
    for (const group of this.#groups(replicas)) {
      const ofFeatures = await this.#ofFeatures(group.map((i) => replicas[i]!));
      const ofNeighbors = await this.#ofNeighbors(group.map((i) => replicas[i]!));
      for (const [g, i] of group.entries()) {
        const evidence = evidenceOf(ofFeatures[g]!);
        found[i] = ofNeighbors ? withNeighbors(evidence, ofNeighbors[g]!) : evidence;
      }
    }
    return found;
  }

  /** Places of the replicas that are as wide in x and in y, and are looked at by neighbours or not. */
  #groups(replicas: readonly Replica[]): number[][] {
    return groupedBy(replicas.keys(), (i) => {
      const { pair } = replicas[i]!;
      return [this.#features(pair.x).fours, this.#features(pair.y).fours, this.#isForNeighbors(pair)].join();
    });
  }

  #isForNeighbors({ x, y }: PlannedPair): boolean {
    const { plan } = this.#task;
    if (plan.units) return false;
    return this.#haveScores(x, y) || plannedPair(plan, x, y, "ksg", plan.settings.k).estimator === "ksg";
  }

  async #ofFeatures(replicas: readonly Replica[]): Promise<Statistic[][]> {
    const { order, plan } = this.#task;
    const paired = replicas.map(({ pair, permutation }) => ({
      x: this.#features(pair.x),
      y: this.#features(pair.y),
      orderX: order(pair.x, permutation),
      orderY: order(pair.y, permutation),
    }));
    const products = await correlateFeatures(this.#gpu, paired);
    const size = products.length / replicas.length;
    return paired.map(({ x, y }, r) => {
      const { pair } = replicas[r]!;
      const own = products.subarray(r * size, (r + 1) * size);
      return standings(formsOf(own, x, y, plan.rows, this.#effects(pair.x, pair.y)));
    });
  }

  async #ofNeighbors(replicas: readonly Replica[]): Promise<number[] | undefined> {
    if (!this.#isForNeighbors(replicas[0]!.pair)) return undefined;
    const { mi, standardError } = await this.#neighbors.estimate(replicas, () => {});
    return replicas.map((_, r) => (standardError[r]! > 0 ? mi[r]! / standardError[r]! : 0));
  }
}

const scoresOf = ({ category, discrete, values, id }: ReadyColumn, seed: number): Float32Array | undefined =>
  category || discrete || isTied(repeatsOf(values)) ? undefined : brokenTies(values, hashOf([seed, id]));

export function* inSteps<T>(list: readonly T[], step: number): Generator<T[]> {
  for (let start = 0; start < list.length; start += step) yield list.slice(start, start + step);
}
