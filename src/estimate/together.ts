/** Several estimates of rows in time, whose critics train as replicas of one run. */
import { fitsAtOnce } from "../crossfit/fit.ts";
import type { Side as Columns } from "../data/columns.ts";
import { transformWidth } from "../data/transform.ts";
import type { AnyEstimator } from "../estimators/choice.ts";
import type { NeighborEstimator } from "../estimators/neighbors.ts";
import type { Gpu } from "../gpu/device.ts";
import { groupedBy } from "../math/grouped.ts";
import { type Plan, planOf, type Trained, trainedEstimates } from "./estimate.ts";
import type { EstimateOptions } from "./options.ts";
import { type Side, type Sides, sidesOf } from "./sides.ts";

/** Bytes of the held-out scores of all estimates of a run at most. */
const SCORE_BYTES = 2 ** 28;

export interface TogetherOptions extends EstimateOptions {
  /** How many go together at most; default: what suits the adapter. */
  most?: number;
  /** Those that are there already. */
  isFinished?: (i: number) => boolean;
  onEstimate: (i: number, said: Trained["said"]) => void;
}

/**
 * `estimate` with `time` of each, by an estimator that trains. Those with equally many rows and equally wide sides go together,
 * as many as fit the adapter; they have the folds of the longest correlation time among them. How many go together changes no
 * value but by rounding.
 *
 * @param all X, Y, and Z if there is one, of each; they differ by their values, as columns at several lags do
 */
export async function estimateTogether(
  gpu: Gpu,
  all: readonly (readonly Columns[])[],
  asked: Exclude<AnyEstimator, NeighborEstimator>,
  { most = gpu.profile.estimatesAtOnce, isFinished = () => false, onEstimate, ...options }: TogetherOptions,
): Promise<void> {
  const sides: Sides[] = [];
  for (const columns of all) sides.push(await sidesOf(columns, options, { inTime: true }));
  let done = 0;
  for (const alike of groupedBy(sides.keys(), (i) => shapeOf(sides[i]!))) {
    const plans = plansOf(
      alike.map((i) => sides[i]!),
      asked,
      options,
    );
    const together = Math.min(most, atOnce(gpu, plans[0]!));
    for (let first = 0; first < alike.length; first += together) {
      const places = alike.slice(first, first + together);
      const part = { done, count: places.length, all: all.length };
      done += places.length;
      if (places.every(isFinished)) continue;
      const some = plans.slice(first, first + together);
      const trained = await trainedEstimates(some, { ...options, gpu, onProgress: progressOf(options, part) });
      for (const [k, { said }] of trained.entries()) {
        const i = places[k]!;
        onEstimate(i, { ...said, diagnostics: [...sides[i]!.diagnostics, ...said.diagnostics] });
      }
    }
  }
}

/** What estimates that train together must have in common. */
const shapeOf = ({ sides }: Sides): string =>
  sides.map((side) => [side.rows, side.maps.length, widthOf(side)].join()).join(" ");

const widthOf = ({ transforms }: Side): number => transforms.reduce((sum, each) => sum + transformWidth(each), 0);

function plansOf(
  alike: readonly Sides[],
  asked: Exclude<AnyEstimator, NeighborEstimator>,
  options: EstimateOptions,
): Plan[] {
  const { units } = alike.reduce((longest, each) => (each.units!.gap > longest.units!.gap ? each : longest));
  return alike.map(({ sides }) => planOf(sides, asked, options, { units, weights: undefined }));
}

/** How many such plans have memory. */
function atOnce(gpu: Gpu, { sides, budget }: Plan): number {
  const { rows } = sides[0]!;
  const inputs = sides.reduce((sum, side) => sum + (side ? side.maps.length * (widthOf(side) + 1) : 0), 0);
  const scores = 8 * rows * (1 + budget.heldOutMarginals);
  return Math.min(fitsAtOnce(gpu, budget, { rows, inputs }), Math.max(1, Math.floor(SCORE_BYTES / scores)));
}

/** Progress of some estimates after those that are done. */
const progressOf = (
  { onProgress }: EstimateOptions,
  { done, count, all }: { done: number; count: number; all: number },
): EstimateOptions["onProgress"] =>
  onProgress && ((p) => onProgress({ ...p, done: done * p.total + count * p.done, total: all * p.total }));
