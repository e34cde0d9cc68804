/** What speaks against the independence of pairs given Z, in the data and in permutations that keep what Z says. */

import type { Column } from "../data/columns.ts";
import { asTaken } from "../data/kinds.ts";
import { localOrders } from "../independence/local-orders.ts";
import { evidencesOf } from "../independence/test.ts";
import { hashOf } from "../math/random.ts";
import type { Task } from "./executors/executor.ts";
import { DATA, type Order } from "./permutations.ts";
import type { PlannedPair, ReadyColumn } from "./plan.ts";
import type { Tests } from "./tests.ts";

/**
 * The tests of `estimate` with a condition, for one pair after the other. The first column of a pair is permuted, so that within a
 * permutation all pairs of that column share its order.
 */
export class ConditionalTests implements Tests {
  /** What neighbours say is brought to the scale of all permutations that are looked at. */
  readonly areJoint = true;
  readonly #task: Task;
  readonly #order: Order;

  static async of(task: Task): Promise<ConditionalTests> {
    const { gpu, plan, order } = task;
    // Rows that depend on each other keep that, as they do without a condition.
    if (plan.units) return new ConditionalTests(task, order);
    const orderOf = await localOrders(givenOf(task), () => gpu.turn());
    const { seed } = plan.settings;
    return new ConditionalTests(task, (column, permutation) =>
      permutation === DATA ? order(column, DATA) : orderOf(hashOf([seed, plan.columns[column]!.id, permutation])),
    );
  }

  private constructor(task: Task, order: Order) {
    this.#task = task;
    this.#order = order;
  }

  /** What Z leaves of a column is its own. */
  isPooled(): boolean {
    return false;
  }

  together(): number {
    return 1;
  }

  /** @param permutations the data, then others */
  async evidences(
    pairs: readonly PlannedPair[],
    permutations: readonly number[],
    onWork: (share: number) => void,
  ): Promise<number[][]> {
    const { gpu, plan } = this.#task;
    const evidences: number[][] = [];
    for (const { x, y } of pairs) {
      const sides = { x: [columnOf(plan.columns[x]!)], y: [columnOf(plan.columns[y]!)], given: givenOf(this.#task) };
      evidences.push(
        await evidencesOf(gpu, sides, {
          permutations: permutations.length - 1,
          order: (number) => this.#order(x, permutations[number]!),
          isLocal: plan.units === undefined,
          units: plan.units,
          onProgress: (share) => onWork((evidences.length + share) / pairs.length),
        }),
      );
    }
    return evidences;
  }
}

const columnOf = ({ name, values, category }: ReadyColumn): Column => ({
  ...{ name, values, kind: category ? "category" : "numeric" },
});

const givenOf = ({ plan }: Task): Column[] => asTaken(plan.condition.map(columnOf));
