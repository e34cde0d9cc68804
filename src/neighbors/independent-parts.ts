/**
 * Nearest neighbours of rows that depend on each other. The next row in time, or another of the same group, is near in x and
 * in y for that reason alone, and would be counted as dependence. So the rows are parted such that no two of a part depend
 * on each other, and the value is the mean over all parts.
 */
import { membersOf, type Units } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { shuffled } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
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
  /** By the jackknife over tenths of the units. */
  standardError: number;
  degreesOfFreedom: number;
  /** The root of the mean of their squares, over the root of their number, is the standard error. */
  influences: Float64Array;
  /** The mean local value of each row; NaN for one that no part has. */
  pointwise: Float64Array;
  /** Rows without a radius, and rows with nobody nearer than their k-th neighbour, in all parts; and how many these have. */
  zeroRadii: number;
  lone: number;
  drawn: number;
}

/** So many times the value is taken again, without a part of the units each: sections of time, or groups. */
const JACKKNIFE = 10;

export async function valuesOfParts(
  gpu: Gpu,
  source: TableSource,
  settings: NeighborSettings,
  given: number,
  units: Units,
): Promise<OfParts> {
  const parts = independentParts(units);
  const times = Math.min(JACKKNIFE, units.count);
  const without = (section: number) =>
    parts.map((rows) => rows.filter((row) => sectionOf(units, units.of[row]!, times) !== section));
  const lists = [parts, ...Array.from({ length: times }, (_, section) => without(section))];
  const sums = lists.map(() => ({ sum: 0, drawn: 0 }));
  const [ofRows, draws] = [new Float64Array(source.rows), new Float64Array(source.rows)];
  let [zeroRadii, lone] = [0, 0];
  await eachPart(
    lists,
    (some, each) => {
      const all = { ...source, pairs: some.map(identityPairs) };
      return localValues(gpu, all, settings, each, given);
    },
    (list, rows, values, zero, alone) => {
      sums[list]!.sum += values.reduce((sum, value) => sum + value, 0);
      sums[list]!.drawn += values.length;
      if (list > 0) return;
      zeroRadii += zero;
      lone += alone;
      for (const [i, row] of rows.entries()) {
        ofRows[row]! += values[i]!;
        draws[row]!++;
      }
    },
  );
  const [raw, ...left] = sums.map(({ sum, drawn }) => sum / drawn) as [number, ...number[]];
  const center = mean(left);
  const squares = left.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return {
    ...{ raw, zeroRadii, lone, drawn: sums[0]!.drawn },
    standardError: Math.sqrt(((times - 1) / times) * squares),
    degreesOfFreedom: times - 1,
    influences: Float64Array.from(left, (value) => Math.sqrt(times * (times - 1)) * (center - value)),
    pointwise: ofRows.map((sum, row) => sum / draws[row]!),
  };
}

/** Of units in time those that follow each other are in one section, of groups every tenth. */
const sectionOf = ({ inTime, count }: Units, unit: number, sections: number): number =>
  inTime ? Math.floor((unit * sections) / count) : unit % sections;

/** Rows of the smallest part. */
const fewestOf = ({ of, count, inTime, gap }: Units): number => (inTime ? Math.floor(of.length / (gap + 1)) : count);

/** @throws {InputError} where a part has too few rows for one value */
export function checkParts(units: Units): void {
  const fewest = fewestOf(units);
  if (fewest >= FEWEST_ROWS) return;
  throw new InputError(
    `${lookedFor(fewest)}; at least ${FEWEST_ROWS} are needed. Use estimator "remine", or give more rows`,
  );
}

/** What there is to say of the values of a table whose parts have too few rows. */
export function fewParts(units: Units): Diagnostic[] {
  const fewest = fewestOf(units);
  if (fewest >= FEWEST_ROWS) return [];
  const message = `${lookedFor(fewest)}: their MI is rough, and told best by estimator "remine" or more rows; p-values do not suffer from it`;
  return [{ name: "rows", value: fewest, ok: false, message }];
}

const lookedFor = (fewest: number) =>
  `nearest neighbours are looked for among rows that do not depend on each other, and here are ${fewest} such rows`;

/** Goes through the parts of all lists, those with equally many rows together. */
async function eachPart(
  lists: readonly (readonly Uint32Array[])[],
  run: (
    rows: Uint32Array[],
    each: (part: number, values: Float64Array, zero: number, alone: number) => void,
  ) => Promise<void>,
  take: (list: number, rows: Uint32Array, values: Float64Array, zero: number, alone: number) => void,
): Promise<void> {
  const all = lists.flatMap((parts, list) => parts.map((rows) => ({ list, rows })));
  for (const size of new Set(all.map(({ rows }) => rows.length))) {
    const some = all.filter(({ rows }) => rows.length === size);
    await run(
      some.map(({ rows }) => rows),
      (part, values, zero, alone) => take(some[part]!.list, some[part]!.rows, values, zero, alone),
    );
  }
}
