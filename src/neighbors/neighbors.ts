/** `neighbors`: MI by nearest neighbours, arrays in. */

import { checkPair } from "../data/check.ts";
import type { Missing, Side, SideName, Values } from "../data/columns.ts";
import type { ColumnsInput } from "../data/input.ts";
import { apartFrom, digits } from "../data/levels.ts";
import { readSides } from "../data/sides.ts";
import { MOST_REPEATED } from "../data/ties.ts";
import type { Units } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import type { NeighborMethod } from "../estimators/neighbors.ts";
import type { Gpu } from "../gpu/device.ts";
import { type RunOptions, running } from "../gpu/run.ts";
import { shuffled } from "../math/random.ts";
import { normalQuantile, studentExcess } from "../math/special.ts";
import { mean } from "../math/statistics.ts";
import { checkConfidence, checkOptions, keysOf } from "../options.ts";
import { identityPairs, type TableSource } from "../sources/table.ts";
import { comparable, type SearchTable } from "./comparable.ts";
import { checkParts, type OfParts, valuesOfParts } from "./independent-parts.ts";
import { atLeast, localValues, type NeighborSettings, standardErrorOf } from "./local-values.ts";
import { levelsDiagnostic, scalesDiagnostic, widthDiagnostic } from "./width.ts";

/** What {@link neighbors} can be asked for. */
export interface NeighborsOptions extends NeighborSettings, Omit<RunOptions, "seed" | "onProgress"> {
  /** Condition: the result is I(X;Y|Z). For methods `"ksg"` and `"mixed-ksg"` and metric `"max"`. */
  given?: ColumnsInput;
  /** Coverage that the interval aims at, in (0, 1). Default 0.95. */
  confidence?: number;
  /** Names of the columns of arrays, for messages. */
  names?: { x: readonly string[]; y: readonly string[]; given?: readonly string[] };
  /** Rows in which a value is NaN: refused, or left out and counted. Default `"throw"`. */
  missing?: Missing;
}

const KEYS = keysOf<NeighborsOptions>()(
  "method k metric form given confidence missing gpu adapter quiet onDeviceLost names signal",
);

/** What {@link neighbors} answers. Information in nats. */
export interface NeighborsResult {
  /** Mutual information in nats, never negative. */
  mi: number;
  /** `raw` ± the normal quantile times `standardError`, clipped at 0, nats. It knows nothing of the estimator's bias. */
  interval: [number, number];
  /** The mean of the local values, nats; noise can take it below 0. */
  raw: number;
  /**
   * Sampling error of `raw`, nats, by the scatter among tenths of the rows over √10, for four ways to part them (Holmes and
   * Nemenman 2019, arXiv:1903.09280). On normals (1000 rows) it came out 0 to 17 % below the scatter over data sets, for
   * KL 10 to 20 %. With too few rows for tenths (under 200, or 40 k) it is the standard deviation of the local values over
   * √rows, which takes neighbours as independent and is 10 to 30 % too small.
   */
  standardError: number;
  unit: "nats";
  estimator: NeighborMethod;
  k: number;
  metric: "max" | "euclidean";
  /** Rows used. */
  rows: number;
  /** Rows that were left out because a value is missing. */
  dropped: number;
  seconds: number;
  adapter: string;
  diagnostics: Diagnostic[];
  /** The local value of every row that was given, nats: a noisy log p(x,y) / p(x)p(y), whose mean is `raw`. NaN where a row was left out. */
  pointwise: Float64Array;
}

/**
 * Share of rows with nobody nearer than the k-th neighbour from which on Mixed KSG finds too much. Of 800 normals rounded to
 * 0.02 up to 0.25, correlation 0, .6 or .9, k = 3, 5 or 10, the estimate was too high by .11 to .27 nats above that share,
 * and by at most .13 below.
 */
const MOST_LONE = 0.2;

/**
 * Mutual information I(X;Y) of paired samples, or I(X;Y|Z), by nearest neighbours: no training, no seed.
 *
 * Columns are used as given, so bring them to comparable scales first; MI does not change when a column is standardised.
 * Per column a middle value is subtracted in float64, then distances are float32. Ties: nothing is added to the data, and
 * points are inside a radius by `<` (KSG 2: `<=`) on equal bits. A row with k exact copies has no radius: there Mixed KSG
 * switches to counting copies, and every other method throws. On a grid of rounded numbers Mixed KSG may find up to 0.3 nats too much, the
 * less the larger k; its diagnostic "ties" fails when over a fifth of the rows have nobody nearer than their k-th neighbour. If over a tenth of the rows of x or of y repeat another row,
 * KL throws, because differential entropy does not exist for discrete data, and KSG reports a failed diagnostic.
 *
 * @param x numbers, rows of numbers, a typed array, `{ data, columns }`, or columns with names as `matrix` takes them; at
 *   least 20 rows. Levels of a category lie further apart than its numbers, and the method is then `"mixed-ksg"`
 * @param y likewise, as many rows
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { mi } = await neighbors(x, y, { method: "ksg", k: 3 });
 */
export async function neighbors(
  x: ColumnsInput,
  y: ColumnsInput,
  options: NeighborsOptions = {},
): Promise<NeighborsResult> {
  const began = performance.now();
  checkOptions("neighbors", options, KEYS);
  const { names, given, missing, confidence = 0.95 } = options;
  const named: Partial<Record<SideName, readonly string[]>> = names ?? {};
  checkConfidence(confidence);
  const { sides, dropped, inGivenRows } = readSides({ x, y, given }, (side) => ({ names: named[side] }), missing);
  const [left, right, condition] = sides as [Side, Side, Side?];
  checkPair(left, right);
  if (condition && condition.rows !== left.rows) {
    throw new InputError(`x has ${left.rows} rows and given has ${condition.rows} rows; give both the same rows`);
  }
  const { method = "ksg" } = options;
  if (method !== "mixed-ksg" && sides.some(({ columns }) => columns.some(({ kind }) => kind === "category"))) {
    throw new InputError(`"${method}" is for continuous columns, and here are categories. Use method "mixed-ksg"`);
  }
  const all = sides.flatMap(({ columns }) => columns);
  const numbers = all.filter(({ kind }) => kind === "numeric");
  const categories = all.filter(({ kind }) => kind === "category");
  const apart = apartFrom(numbers.map(({ values }) => values));
  const lanes = (side: Side) => lanesOf(side, apart);
  const table = comparable({
    ...{ x: lanes(left), y: lanes(right), given: condition && lanes(condition) },
    ...{ numbers: numbers.length, categories: categories.map(({ values }) => values) },
  });
  const { pointwise, degreesOfFreedom: _, influences: __, ...found } = await judgedNeighbors(table, options);
  return {
    ...found,
    diagnostics: [...found.diagnostics, ...scalesDiagnostic(numbers.map(({ values }) => values))],
    ...{ dropped, pointwise: inGivenRows(pointwise), seconds: (performance.now() - began) / 1000 },
  };
}

/** Numbers as they are, the levels of categories further apart. */
const lanesOf = ({ columns }: Side, apart: number): Values[] =>
  columns.flatMap(({ kind, values }): Values[] =>
    kind === "category" ? digits(values, Float64Array.from(new Set(values)).sort(), apart) : [values],
  );

type TableOptions = Omit<NeighborsOptions, "given" | "names" | "missing"> & { units?: Units | undefined };
type OfTable = Omit<NeighborsResult, "dropped" | "seconds"> & Pick<OfParts, "degreesOfFreedom" | "influences">;

/** What {@link neighbors} says of a table of complete rows, with a look further out. */
export const judgedNeighbors = (table: SearchTable, options: TableOptions): Promise<OfTable> =>
  running(options, async ({ gpu }) => {
    const found = await neighborsOf(table, { ...options, gpu });
    const width = await widthDiagnostic(gpu, table, { ...options, k: found.k }, found);
    const levels = levelsDiagnostic(table.categories, found.k);
    return { ...found, diagnostics: [...found.diagnostics, ...levels, ...width] };
  });

/** The same without the look. */
export async function neighborsOf({ source, given, repeated }: SearchTable, options: TableOptions): Promise<OfTable> {
  const { method = "ksg", k = 3, metric = "max", confidence = 0.95 } = options;
  checkConfidence(confidence);
  const { rows } = source;
  if (method === "kl" && repeated > MOST_REPEATED) throw new InputError(tied(repeated));
  return running(options, async ({ gpu }) => {
    const { units, ...settings } = { ...options, k };
    if (units) checkParts(units);
    const found = units
      ? await valuesOfParts(gpu, source, settings, given, units)
      : await valuesOfAll(gpu, source, settings, given);
    const { raw, degreesOfFreedom, influences, pointwise, zeroRadii, lone, drawn } = found;
    if (zeroRadii > 0 && method !== "mixed-ksg") throw new InputError(copied(method, zeroRadii, k));
    const standardError = atLeast(found.standardError, rows);
    const z = normalQuantile((1 + confidence) / 2);
    const margin = (z + studentExcess(z, degreesOfFreedom)) * standardError;
    const mi = Math.max(0, raw);
    return {
      mi,
      interval: [Math.max(0, raw - margin), Math.max(0, raw + margin)],
      raw,
      standardError,
      unit: "nats",
      estimator: method,
      k,
      metric,
      rows,
      adapter: gpu.name,
      diagnostics: diagnose(mi, rows, { repeated, lone: lone / drawn }, method),
      ...{ pointwise, degreesOfFreedom, influences },
    };
  });
}

/** What all rows say together. */
async function valuesOfAll(
  gpu: Gpu,
  source: TableSource,
  options: Omit<NeighborsOptions, "given"> & { k: number },
  given: number,
): Promise<OfParts> {
  let pointwise = new Float64Array();
  let [zeroRadii, lone] = [0, 0];
  const keep = (_: number, values: Float64Array, zero: number, alone: number) => {
    pointwise = values as Float64Array<ArrayBuffer>;
    zeroRadii = zero;
    lone = alone;
  };
  await localValues(gpu, source, options, keep, given);
  const isUndefined = zeroRadii > 0 && options.method !== "mixed-ksg";
  const error = isUndefined
    ? { standardError: Number.NaN, influences: pointwise }
    : await samplingError(gpu, source, options, pointwise, given);
  const raw = mean(pointwise);
  return { raw, ...error, degreesOfFreedom: Infinity, pointwise, zeroRadii, lone, drawn: source.rows };
}

const PARTS = 10;
const PARTITIONS = 4;

/** See {@link NeighborsResult.standardError}. */
async function samplingError(
  gpu: Gpu,
  source: TableSource,
  options: Omit<NeighborsOptions, "given"> & { k: number },
  pointwise: Float64Array,
  given: number,
): Promise<Pick<OfParts, "standardError" | "influences">> {
  const size = Math.floor(source.rows / PARTS);
  if (size < Math.max(20, 4 * options.k)) {
    const standardError = standardErrorOf(pointwise);
    return { standardError, influences: lessMean(pointwise, Math.sqrt(source.rows / (source.rows - 1))) };
  }
  const pairs = Array.from({ length: PARTITIONS }, (_, seed) => {
    const order = shuffled(source.rows, seed);
    return Array.from({ length: PARTS }, (_, part) => identityPairs(order.subarray(part * size, (part + 1) * size)));
  }).flat();
  const values = new Float64Array(pairs.length);
  const keep = (part: number, local: Float64Array) => {
    values[part] = mean(local);
  };
  await localValues(gpu, { ...source, pairs }, options, keep, given);
  const partitions = Array.from({ length: PARTITIONS }, (_, p) => values.subarray(p * PARTS, (p + 1) * PARTS));
  const errors = partitions.map(standardErrorOf);
  // Of every partition PARTS values, as if all of them were parts of one: their error is then that of the mean square.
  const scale = Math.sqrt((PARTS * PARTITIONS) / (PARTS - 1));
  return {
    standardError: Math.sqrt(mean(errors.map((error) => error ** 2))),
    influences: Float64Array.from(partitions.flatMap((list) => [...lessMean(list, scale)])),
  };
}

function lessMean(values: Float64Array, scale: number): Float64Array {
  const center = mean(values);
  return values.map((value) => scale * (value - center));
}

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const tied = (share: number) =>
  `${percent(share)} of the rows of x or y repeat another row, so they are not continuous and have no differential entropy, which kl estimates. Use method "mixed-ksg", which takes discrete and mixed data`;

const copied = (method: NeighborMethod, count: number, k: number) =>
  `${count} rows have ${k} or more exact copies, so ${method} finds no distance to their neighbour number ${k}. Use method "mixed-ksg", which takes discrete and mixed data`;

function diagnose(
  mi: number,
  rows: number,
  { repeated, lone }: { repeated: number; lone: number },
  method: NeighborMethod,
): Diagnostic[] {
  const ofMixed =
    lone <= MOST_LONE
      ? "mixed-ksg allows that"
      : `and ${percent(lone)} have nobody nearer than their k-th neighbour, as on a grid: mixed-ksg then finds 0.1 to 0.3 nats too much. Use a larger k, or values with more digits`;
  return [
    {
      name: "ties",
      ok: method === "mixed-ksg" ? lone <= MOST_LONE : repeated <= MOST_REPEATED,
      message: `${percent(repeated)} of the rows of x or y repeat another row; ${method === "mixed-ksg" ? ofMixed : 'if that is much, "mixed-ksg" is the method for it'}`,
    },
    {
      name: "rows",
      ok: mi < Math.log(rows) - 2,
      message: `${mi.toFixed(3)} nats; nearest neighbours cannot show more than about log(rows) = ${Math.log(rows).toFixed(3)}`,
    },
  ];
}
