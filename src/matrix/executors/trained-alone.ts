/** Pairs by `estimate`, one after the other: for protocols around a critic, and given Z. */

import { estimate } from "../../estimate/estimate.ts";
import type { EstimateName } from "../../estimators/choice.ts";
import type { MatrixPlan } from "../plan.ts";
import type { Executor, Replica, Task } from "./executor.ts";

/** Whether `estimate` has to run for one pair after the other. */
export const isAlone = (estimator: string, { condition }: MatrixPlan): boolean =>
  estimator === "demine" || condition.length > 0;

/** For pairs of any kind; each has the whole GPU for itself. */
export const trainedAlone = (task: Task): Executor => ({
  together: 1,
  async estimate(replicas) {
    const found = { mi: [] as number[], standardError: [] as number[] };
    for (const replica of replicas) {
      const { raw, standardError } = await estimateReplica(task, replica);
      found.mi.push(raw);
      found.standardError.push(standardError);
    }
    return found;
  },
});

async function estimateReplica({ gpu, plan, order, training }: Task, { pair, permutation }: Replica) {
  const valuesOf = (c: number) => {
    const at = order(c, permutation);
    const { values } = plan.columns[c]!;
    return values.map((_, i) => values[at[i]!]!);
  };
  const { condition } = plan;
  const given = condition.map(({ name, values, category }) => ({
    ...{ name, values, kind: category ? ("category" as const) : ("numeric" as const) },
  }));
  const [x, y] = [plan.columns[pair.x]!, plan.columns[pair.y]!];
  return estimate(valuesOf(pair.x), valuesOf(pair.y), {
    ...training,
    ...(plan.units && (plan.units.inTime ? { time: true } : { group: plan.units.of })),
    ...{ gpu, estimator: pair.estimator as EstimateName, seed: plan.settings.seed },
    ...(given.length > 0 && { given }),
    names: { x: [x.name], y: [y.name] },
    categories: { x: [x.category], y: [y.category] },
  });
}
