/** `estimate` by nearest neighbours. */
import { budgetKeys } from "../crossfit/budget.ts";
import { checkPair } from "../data/check.ts";
import type { SideName } from "../data/columns.ts";
import { refusal } from "../data/input.ts";
import { apartFrom, digits } from "../data/levels.ts";
import { brokenTies, describeBrokenTies, needsTiesBroken, repeatsOf } from "../data/ties.ts";
import { applyTransform, describeTransform, type Transform } from "../data/transform.ts";
import type { Units } from "../data/units.ts";
import { InputError } from "../errors.ts";
import { parameterNames } from "../estimators/estimator.ts";
import type { NeighborEstimator, NeighborMethod } from "../estimators/neighbors.ts";
import { hashOf } from "../math/random.ts";
import { comparable, Lane, type SearchTable } from "../neighbors/comparable.ts";
import { judgedNeighbors } from "../neighbors/neighbors.ts";
import { scalesDiagnostic } from "../neighbors/width.ts";
import type { Weighed } from "./information.ts";
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
  units?: Units,
): Promise<{ said: Omit<NeighborResult, "dropped" | "seconds">; held: Weighed }> {
  refuseTraining(method, options);
  if (method !== "mixed-ksg" && isDiscrete(sides.slice(0, 2))) {
    throw new InputError(
      `"${method}" is for continuous columns, and here are categories. Use estimator "mixed-ksg", or "remine"`,
    );
  }
  const { confidence, gpu, adapter, quiet, signal, onProgress, onDeviceLost } = options;
  onProgress?.({ done: 0, total: 1, stepsPerSecond: 0, estimate: undefined });
  const spaces = coordinatesOf(sides, { ...options, method, k });
  const found = await judgedNeighbors(tableOf(spaces), {
    ...{ method, k, metric },
    ...{ gpu, adapter, quiet, signal, onDeviceLost, units },
    ...(confidence !== undefined && { confidence }),
  });
  onProgress?.({ done: 1, total: 1, stepsPerSecond: 0, estimate: found.mi });
  const { mi, interval, raw, standardError, unit, rows, pointwise, influences, degreesOfFreedom } = found;
  const numbers = spaces.flatMap(({ columns }) => columns.flatMap(({ codes, lists }) => (codes ? [] : lists)));
  const diagnostics = [...found.diagnostics, ...(options.transform === "identity" ? scalesDiagnostic(numbers) : [])];
  const said: Omit<NeighborResult, "dropped" | "seconds"> = {
    kind: "neighbors",
    ...{ mi, bound: raw, interval, raw, standardError, unit, rows, diagnostics, pointwise },
    ...{ upperFrom: `sampling error of the ${rows} rows; the bias of neighbours is not in it`, opinions: [] },
    estimator: method,
    adapter: found.adapter,
    transforms: Object.fromEntries(
      spaces.map(({ name, columns }) => [name, columns.map(({ description }) => description)]),
    ) as NeighborResult["transforms"],
    toJSON: plainResult,
  };
  return { said, held: { raw, influences, degreesOfFreedom, excess: 0, shortfall: 0 } };
}

/** What distances are taken between, of the columns of one side. */
interface Space {
  name: SideName;
  columns: Coordinates[];
}

interface Coordinates {
  /** One list, or of a category several. */
  lists: Float32Array[];
  /** Those of a category. */
  codes?: Float64Array;
  /** What was done, in words. */
  description: string;
}

/** The columns as their maps have them; where distances would be those of a grid with ties broken, categories far apart. */
function coordinatesOf(
  sides: readonly Side[],
  { method, k = 3, seed = 0, transform: kind = "auto" }: EstimateOptions & { method: NeighborMethod },
): Space[] {
  const mayBreak = method !== "mixed-ksg" && kind === "auto";
  const numbersOf = (values: Float64Array, transform: Transform, place: number[]): Coordinates => {
    const ties = mayBreak ? repeatsOf(values) : undefined;
    if (!ties || !needsTiesBroken(ties, k)) {
      return { lists: applyTransform(transform, values), description: describeTransform(transform) };
    }
    const lists = [brokenTies(values, hashOf([seed, ...place]))];
    return { lists, description: describeBrokenTies(ties) };
  };
  const numbers = sides.map(({ columns, transforms }, s) =>
    columns.map(({ values }, c) =>
      transforms[c]!.kind === "one-hot" ? undefined : numbersOf(values, transforms[c]!, [s, c]),
    ),
  );
  const apart = apartFrom(numbers.flat().flatMap((found) => found?.lists ?? []));
  return sides.map(({ name, columns, transforms }, s) => ({
    name,
    columns: columns.map(({ values }, c) => numbers[s]![c] ?? levelsOf(values, transforms[c]!, apart)),
  }));
}

function levelsOf(values: Float64Array, transform: Transform, apart: number): Coordinates {
  const { levels } = transform as Extract<Transform, { kind: "one-hot" }>;
  const description = `${levels.length} levels, further apart than numbers`;
  return { codes: values, lists: digits(values, levels, apart), description };
}

/** The coordinates of all sides, checked once more: a map may make two of them equal, or one constant. */
function tableOf([x, y, given]: readonly Space[]): SearchTable {
  const widthOf = ({ columns }: Space) => columns.reduce((sum, { lists }) => sum + lists.length, 0);
  const [xWidth, yWidth, zWidth] = [widthOf(x!), widthOf(y!), given ? widthOf(given) : 0];
  const rows = x!.columns[0]!.lists[0]!.length;
  const width = xWidth + yWidth + 2 * zWidth;
  const data = new Float32Array(rows * width);
  const spread = (space: Space | undefined, from: number) => (space ? spreadSpace(space, data, width, from) : []);
  const spaces = { x: spread(x, 0), given: spread(given, xWidth), y: spread(y, xWidth + zWidth) };
  const checked = (name: "x" | "y") => ({
    ...{ name, rows },
    columns: spaces[name].map((values) => ({ kind: "numeric" as const, values })),
  });
  checkPair(checked("x"), checked("y"));
  const columns = [x!, y!, ...(given ? [given] : [])].flatMap((space) => space.columns);
  const categories = columns.flatMap(({ codes }) => codes ?? []);
  return comparable({ ...spaces, categories, numbers: columns.length - categories.length }, data);
}

/** Writes the coordinates of a side into a table of `width`, from one place on. */
function spreadSpace({ name, columns }: Space, data: Float32Array, width: number, from: number): Lane[] {
  const lanes: Lane[] = [];
  for (const values of columns.flatMap(({ lists }) => lists)) {
    const place = from + lanes.length;
    for (let row = 0; row < values.length; row++) {
      if (!Number.isFinite(values[row]!))
        throw refusal(values[row]!, name, row, lanes.length + 1, "in single precision");
      data[row * width + place] = values[row]!;
    }
    lanes.push(new Lane(data, width, place));
  }
  return lanes;
}
