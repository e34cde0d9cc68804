/** What nearest neighbours may miss, in many columns and in rare levels, told from the rows themselves. */
import type { Diagnostic } from "../diagnostic.ts";
import type { Gpu } from "../gpu/device.ts";
import { mean, occurrencesOf } from "../math/statistics.ts";
import { MAX_NEIGHBORS } from "./brute-force.ts";
import type { SearchTable } from "./comparable.ts";
import { localValues, type NeighborSettings, standardErrorOf } from "./local-values.ts";

/** How many times as many neighbours the second look takes. */
const FURTHER = 4;

/** What may be missing without a word, nats, and as a share of the value. */
const MOST_MISSING = 0.25;

/** Standard errors of the loss that are taken for missing: so much a few rows cannot exclude. */
const DOUBT = 2;

/** Share of the rows whose level may have too few others to find k neighbours in it. */
const MOST_LONE_LEVELS = 0.1;

/** Whether levels have rows enough: a row whose level has fewer than k others adds nothing to the value. */
export function levelsDiagnostic(categories: readonly Float64Array[], k: number): Diagnostic[] {
  if (categories.length === 0) return [];
  const { length } = categories[0]!;
  const few = new Uint8Array(length);
  for (const values of categories) {
    const counts = occurrencesOf(values);
    for (let row = 0; row < length; row++) if (counts.get(values[row]!)! <= k) few[row] = 1;
  }
  const lone = few.reduce((sum, one) => sum + one, 0);
  return [
    {
      name: "levels",
      value: lone / length,
      ok: lone / length <= MOST_LONE_LEVELS,
      message: `${lone} of ${length} rows are of a level that no more than ${k} rows have, too few for ${k} neighbours in it, so they add nothing to the value: merge rare levels, or take more rows`,
    },
  ];
}

/**
 * Neighbours take the density as even out to the k-th of them. What it curves there is lost, and grows with the square of
 * the distance, k^(2/d) in d columns of numbers: so what the value loses from k to 4 k neighbours tells what it has lost at
 * k already. Of normals, 2 to 20 columns, 300 to 4000 rows, up to 1.2 nats a pair of columns, this came out between what was
 * missing and twice as much; the more columns, the less a loss within its error excludes.
 *
 * @param numbers columns of numbers; undefined where there are none, and nothing is to be missed
 * @param pointwise local values at k
 */
export async function widthDiagnostic(
  gpu: Gpu,
  { source, given, numbers }: SearchTable,
  options: NeighborSettings & { k: number },
  pointwise: Float64Array,
): Promise<Diagnostic[]> {
  const { k } = options;
  const far = Math.min(FURTHER * k, MAX_NEIGHBORS, Math.floor(source.rows / 2));
  if (numbers === 0 || far <= k) return [];
  let further: Float64Array = pointwise;
  await localValues(gpu, source, { ...options, k: far }, (_, values) => (further = values), given);
  const losses = pointwise.map((value, i) => value - further[i]!);
  const [near, most] = [k ** (2 / numbers), far ** (2 / numbers)];
  const value = (near / (most - near)) * (mean(losses) + DOUBT * standardErrorOf(losses));
  const said = mean(pointwise);
  return [
    {
      name: "width",
      value,
      ok: !(value > Math.max(MOST_MISSING, MOST_MISSING * said)),
      message: `from ${k} to ${far} neighbours the value falls by ${mean(losses).toFixed(3)} ± ${standardErrorOf(losses).toFixed(3)} nats; among ${numbers} columns of numbers and ${source.rows} rows up to about ${value.toFixed(1)} nats may be missing from it. Take fewer columns or more rows, or estimator "remine"`,
    },
  ];
}
