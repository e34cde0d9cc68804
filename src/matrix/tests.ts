/** What speaks against the independence of pairs, in the data and in permutations. */

import type { Gpu } from "../gpu/device.ts";
import { correlatedAtOnce, correlateFeatures } from "../independence/correlate.ts";
import { evidenceOf, formsOf, type Statistic, standings, withNeighbors } from "../independence/evidence.ts";
import { type Features, featuresOf } from "../independence/features.ts";
import { groupedBy } from "../math/grouped.ts";
import type { Executor, Replica, Task } from "./executors/executor.ts";
import { sortedNeighbors } from "./executors/sorted-neighbors.ts";
import { remembered } from "./permutations.ts";
import { type PlannedPair, plannedPair } from "./plan.ts";

/** The tests of a plan's pairs. */
export class PairTests {
  readonly #task: Task;
  readonly #gpu: Gpu;
  readonly #neighbors: Executor;
  readonly #features: (column: number) => Features;

  constructor(task: Task) {
    const { columns, rows } = task.plan;
    this.#task = task;
    this.#gpu = task.gpu;
    this.#neighbors = sortedNeighbors(task, "ksg");
    this.#features = remembered(8 * rows, (column: number) => {
      const { category, values } = columns[column]!;
      return featuresOf({ kind: category ? "category" : "numeric", values });
    });
  }

  /** Replicas that go together at most, about a tenth of a second. */
  get together(): number {
    return Math.min(this.#neighbors.together, correlatedAtOnce(this.#gpu, this.#task.plan.rows, 2));
  }

  /**
   * The evidence of each replica (independence/evidence.ts): of the features of both columns, and of two columns of numbers
   * also of their MI by KSG, in its standard errors, for what is finer than waves. A value depends on its own replica alone.
   */
  async evidences(replicas: readonly Replica[]): Promise<number[]> {
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
      return [this.#features(pair.x).fours, this.#features(pair.y).fours, this.#isContinuous(pair)].join();
    });
  }

  #isContinuous({ x, y }: PlannedPair): boolean {
    const { columns, settings } = this.#task.plan;
    return plannedPair(columns, x, y, "ksg", settings.k).estimator === "ksg";
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
    return paired.map(({ x, y }, r) =>
      standings(formsOf(products.subarray(r * size, (r + 1) * size), x, y, plan.rows)),
    );
  }

  async #ofNeighbors(replicas: readonly Replica[]): Promise<number[] | undefined> {
    if (!this.#isContinuous(replicas[0]!.pair)) return undefined;
    const { mi, standardError } = await this.#neighbors.estimate(replicas, () => {});
    return replicas.map((_, r) => (standardError[r]! > 0 ? mi[r]! / standardError[r]! : 0));
  }
}
