/**
 * Nearest neighbours of rows that depend on each other. The next row in time, or another of the same group, is near in x and
 * in y for that reason alone, and would be counted as dependence. So the rows are parted such that no two of a part depend
 * on each other, and the value is the mean over all parts.
 */
import { effectiveCount, membersOf, type Units } from "../data/units.ts";
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { shuffled } from "../math/random.ts";
import { identityPairs, type TableSource } from "../sources/table.ts";
import { localValues, type NeighborSettings } from "./local-values.ts";

/** A part of fewer rows has no neighbours to speak of. */
const FEWEST_ROWS = 16;

/** In all parts together a row is drawn so many times in the mean, at most; and there are so many parts, at least. */
const MOST_DRAWS = 4;
const FEWEST_PARTS = 10;

/** Parts of the rows: of those in time every (gap + 1)-th, of groups one row each, in turn. */
export function independentParts(units: Units): Uint32Array[] {
  const rows = units.of.length;
  if (units.inTime) {
    const step = units.gap + 1;
    return Array.from({ length: step }, (_, first) =>
      Uint32Array.from({ length: Math.ceil((rows - first) / step) }, (_, i) => first + i * step),
    );
  }
  const members = membersOf(units).map((list, unit) => shuffled(list.length, unit).map((i) => list[i]!));
  const largest = members.reduce((most, { length }) => Math.max(most, length), 0);
  const drawn = Math.max(FEWEST_PARTS, Math.floor((MOST_DRAWS * rows) / units.count));
  return Array.from({ length: Math.min(largest, drawn) }, (_, part) =>
    Uint32Array.from(members, (list) => list[part % list.length]!),
  );
}

/** What the parts say together, nats. */
export interface OfParts {
  /** The mean over all rows of all parts. */
  raw: number;
  /** By the sums of units. */
  standardError: number;
  degreesOfFreedom: number;
  /** The mean local value of each row; NaN for one that no part has. */
  pointwise: Float64Array;
  /** Rows without a radius, and rows with nobody nearer than their k-th neighbour, in all parts; and how many these have. */
  zeroRadii: number;
  lone: number;
  drawn: number;
}

/** @throws {InputError} where a part has too few rows */
export async function valuesOfParts(
  gpu: Gpu,
  source: TableSource,
  settings: NeighborSettings,
  given: number,
  units: Units,
): Promise<OfParts> {
  const parts = independentParts(units);
  const fewest = Math.min(...parts.map(({ length }) => length));
  if (fewest < FEWEST_ROWS) {
    throw new InputError(
      `nearest neighbours are looked for among rows that do not depend on each other, and here are ${fewest} such rows; at least ${FEWEST_ROWS} are needed. Use estimator "remine", or give more rows`,
    );
  }
  const [sums, draws] = [new Float64Array(source.rows), new Float64Array(source.rows)];
  let [zeroRadii, lone] = [0, 0];
  for (const size of new Set(parts.map(({ length }) => length))) {
    const some = parts.filter(({ length }) => length === size);
    const keep = (part: number, values: Float64Array, zero: number, alone: number) => {
      zeroRadii += zero;
      lone += alone;
      for (const [i, row] of some[part]!.entries()) {
        sums[row]! += values[i]!;
        draws[row]!++;
      }
    };
    await localValues(gpu, { ...source, pairs: some.map(identityPairs) }, settings, keep, given);
  }
  return { ...summed(sums, draws, units), zeroRadii, lone };
}

function summed(sums: Float64Array, draws: Float64Array, units: Units) {
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  const drawn = total(draws);
  const raw = total(sums) / drawn;
  const ofUnits = new Float64Array(units.count);
  for (const [row, unit] of units.of.entries()) ofUnits[unit]! += sums[row]! - draws[row]! * raw;
  const squares = ofUnits.reduce((sum, value) => sum + value * value, 0);
  return {
    ...{ raw, drawn },
    standardError: (Math.sqrt(squares) / drawn) * Math.sqrt(units.count / (units.count - 1)),
    degreesOfFreedom: effectiveCount(units) - 1,
    pointwise: sums.map((sum, row) => sum / draws[row]!),
  };
}
