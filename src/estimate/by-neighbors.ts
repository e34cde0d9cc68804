/** `estimate` by nearest neighbours. */
import { describeTransform, matrixOf } from "../data/transform.ts";
import { InputError } from "../errors.ts";
import { parameterNames } from "../estimators/estimator.ts";
import { type NeighborEstimator, neighborMethods } from "../estimators/neighbors.ts";
import { neighbors } from "../neighbors/neighbors.ts";
import type { EstimateOptions } from "./options.ts";
import type { EstimateResult } from "./result.ts";
import { isDiscrete, type Side } from "./sides.ts";

/** Options of `estimate` that only a trained critic has. */
export const TRAINED = [
  ...(["folds", "restarts", "hidden", "batch", "perJoint", "steps", "learningRate", "weightDecay"] as const),
  ...(["checkEvery", "patience", "heldOutMarginals", "thorough"] as const),
  ...parameterNames,
];

/** `estimate` by nearest neighbours: the same columns and transforms, nothing trained. */
export async function neighborEstimate(
  [x, y, given]: readonly Side[],
  { name: method, k, metric }: NeighborEstimator,
  options: EstimateOptions,
  began: number,
): Promise<EstimateResult> {
  const stray = TRAINED.find((name) => options[name] !== undefined);
  if (stray !== undefined) {
    throw new InputError(
      `"${method}" trains nothing and has no "${stray}"; it takes k and metric. Leave "${stray}" out`,
    );
  }
  if (method !== "mixed-ksg" && isDiscrete([x!, y!])) {
    throw new InputError(
      `"${method}" is for continuous columns, and here are categories. Use estimator "mixed-ksg", or "remine"`,
    );
  }
  const flat = (side: Side) => matrixOf(side.transforms, side.columns, side.rows);
  const { confidence, gpu, adapter, quiet, signal, onProgress } = options;
  onProgress?.({ done: 0, total: 1, stepsPerSecond: 0, estimate: undefined });
  const found = await neighbors(flat(x!), flat(y!), {
    ...{ method, k, metric },
    ...(given && { given: flat(given) }),
    ...(confidence !== undefined && { confidence }),
    ...(gpu && { gpu }),
    ...(quiet !== undefined && { quiet }),
    ...(signal && { signal }),
    adapter,
  });
  onProgress?.({ done: 1, total: 1, stepsPerSecond: 0, estimate: found.mi });
  const { mi, interval, raw, standardError, unit, rows, diagnostics, pointwise } = found;
  const sides = given ? [x!, y!, given] : [x!, y!];
  return {
    ...{ mi, bound: raw, interval, raw, standardError, unit, rows, diagnostics, pointwise },
    ...{ upperFrom: `sampling error of the ${rows} rows; the bias of neighbours is not in it`, opinions: [] },
    estimator: method,
    seconds: (performance.now() - began) / 1000,
    stepsPerSecond: 0,
    adapter: found.adapter,
    transforms: Object.fromEntries(
      sides.map((side) => [side.name, side.transforms.map(describeTransform)]),
    ) as EstimateResult["transforms"],
    trace: { joint: new Float64Array(), logPartition: new Float64Array(), value: new Float64Array() },
    validation: { step: [], bound: [] },
    score: async () => {
      throw new InputError(
        `"${method}" has no critic to score new rows with: a neighbour's value belongs to its own row. Use one of the trained estimators, such as "remine" (${neighborMethods.join(", ")} have none)`,
      );
    },
  };
}
