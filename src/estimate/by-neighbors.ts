/** `estimate` by nearest neighbours. */
import { budgetKeys } from "../crossfit/budget.ts";
import { checkPair } from "../data/check.ts";
import { refusal } from "../data/input.ts";
import { applyTransform, describeTransform, transformWidth } from "../data/transform.ts";
import { InputError } from "../errors.ts";
import { parameterNames } from "../estimators/estimator.ts";
import type { NeighborEstimator } from "../estimators/neighbors.ts";
import { comparable, Lane, type SearchTable } from "../neighbors/comparable.ts";
import { neighborsOf } from "../neighbors/neighbors.ts";
import type { EstimateOptions } from "./options.ts";
import { type NeighborResult, plainResult } from "./result.ts";
import { isDiscrete, type Side } from "./sides.ts";

/** Options of `estimate` that only a trained critic has. */
export const TRAINED = [...budgetKeys, "fast", "thorough", ...parameterNames] as (keyof EstimateOptions)[];

/** @throws {InputError} for options of critics beside a method that has none */
export function refuseTraining(method: string, options: EstimateOptions): void {
  const stray = TRAINED.find((name) => options[name] !== undefined && options[name] !== false);
  if (stray === undefined) return;
  throw new InputError(`"${method}" trains nothing and has no "${stray}"; it takes k and metric. Leave "${stray}" out`);
}

/** `estimate` by nearest neighbours: the same columns and transforms, nothing trained. */
export async function neighborEstimate(
  sides: readonly Side[],
  { name: method, k, metric }: NeighborEstimator,
  options: EstimateOptions,
): Promise<Omit<NeighborResult, "dropped" | "seconds">> {
  refuseTraining(method, options);
  if (method !== "mixed-ksg" && isDiscrete(sides.slice(0, 2))) {
    throw new InputError(
      `"${method}" is for continuous columns, and here are categories. Use estimator "mixed-ksg", or "remine"`,
    );
  }
  const { confidence, gpu, adapter, quiet, signal, onProgress } = options;
  onProgress?.({ done: 0, total: 1, stepsPerSecond: 0, estimate: undefined });
  const found = await neighborsOf(tableOf(sides), {
    ...{ method, k, metric },
    ...{ gpu, adapter, quiet, signal },
    ...(confidence !== undefined && { confidence }),
  });
  onProgress?.({ done: 1, total: 1, stepsPerSecond: 0, estimate: found.mi });
  const { mi, interval, raw, standardError, unit, rows, diagnostics, pointwise } = found;
  return {
    kind: "neighbors",
    ...{ mi, bound: raw, interval, raw, standardError, unit, rows, diagnostics, pointwise },
    ...{ upperFrom: `sampling error of the ${rows} rows; the bias of neighbours is not in it`, opinions: [] },
    estimator: method,
    adapter: found.adapter,
    transforms: Object.fromEntries(
      sides.map((side) => [side.name, side.transforms.map(describeTransform)]),
    ) as NeighborResult["transforms"],
    toJSON: plainResult,
  };
}

/** The transformed columns of all sides, checked once more: a map may make two of them equal, or one constant. */
function tableOf([x, y, given]: readonly Side[]): SearchTable {
  const widthOf = ({ transforms }: Side) => transforms.reduce((sum, transform) => sum + transformWidth(transform), 0);
  const [xWidth, yWidth, zWidth] = [widthOf(x!), widthOf(y!), given ? widthOf(given) : 0];
  const width = xWidth + yWidth + 2 * zWidth;
  const data = new Float32Array(x!.rows * width);
  const spread = (side: Side | undefined, from: number) => (side ? spreadSide(side, data, width, from) : []);
  const spaces = { x: spread(x, 0), given: spread(given, xWidth), y: spread(y, xWidth + zWidth) };
  const checked = (name: "x" | "y") => ({
    name,
    rows: x!.rows,
    columns: spaces[name].map((values) => ({ kind: "numeric" as const, values })),
  });
  checkPair(checked("x"), checked("y"));
  return comparable(spaces, data);
}

/** Writes a side's transformed columns into a table of `width`, from one place on. */
function spreadSide({ name, columns, transforms }: Side, data: Float32Array, width: number, from: number): Lane[] {
  const lanes: Lane[] = [];
  for (const [c, transform] of transforms.entries()) {
    for (const values of applyTransform(transform, columns[c]!.values)) {
      const place = from + lanes.length;
      for (let row = 0; row < values.length; row++) {
        if (!Number.isFinite(values[row]!))
          throw refusal(values[row]!, name, row, lanes.length + 1, "in single precision");
        data[row * width + place] = values[row]!;
      }
      lanes.push(new Lane(data, width, place));
    }
  }
  return lanes;
}
