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

/**
 * `estimate` with `time` of each, by an estimator that trains. Those with equally many rows and equally wide sides go together,
 * as many as fit the adapter; they have the folds of the longest correlation time among them. How many go together changes no
 * value but by rounding.
 *
 * @param all X, Y, and Z if there is one, of each; they differ by their values, as columns at several lags do
 * @param most that go together; default: what suits the adapter
 * @returns in the same order
 */
export async function estimateTogether(
  gpu: Gpu,
  all: readonly (readonly Columns[])[],
  asked: Exclude<AnyEstimator, NeighborEstimator>,
  options: EstimateOptions,
  most = gpu.profile.estimatesAtOnce,
): Promise<Trained["said"][]> {
  const sides: Sides[] = [];
  for (const columns of all) sides.push(await sidesOf(columns, options, { inTime: true }));
  const found: Trained["said"][] = [];
  let done = 0;
  for (const places of groupedBy(sides.keys(), (i) => shapeOf(sides[i]!))) {
    const plans = plansOf(
      places.map((i) => sides[i]!),
      asked,
      options,
    );
    const together = Math.min(most, atOnce(gpu, plans[0]!));
    for (let first = 0; first < places.length; first += together) {
      const part = { done, count: Math.min(together, places.length - first), all: all.length };
      const some = plans.slice(first, first + together);
      const trained = await trainedEstimates(some, { ...options, gpu, onProgress: progressOf(options, part) });
      for (const [k, { said }] of trained.entries()) {
        const i = places[first + k]!;
        found[i] = { ...said, diagnostics: [...sides[i]!.diagnostics, ...said.diagnostics] };
      }
      done += some.length;
    }
  }
  return found;
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
