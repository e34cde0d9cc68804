/** `lags`: MI of two series at several distances in time, and transfer entropy. */

import { checkRows } from "../data/check.ts";
import { checkMissing, type Side, type SideName } from "../data/columns.ts";
import { type ColumnsInput, toColumns } from "../data/input.ts";
import { type Lagged, type LaggedColumns, laggedColumns, readLags } from "../data/lagged.ts";
import { readSides } from "../data/sides.ts";
import { timeUnits } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { chosenEstimator, isByNeighbors, nameOf } from "../estimators/choice.ts";
import type { Gpu } from "../gpu/device.ts";
import { running } from "../gpu/run.ts";
import { shareReaching } from "../independence/test.ts";
import { checkConfidence, checkSeed, inWords } from "../options.ts";
import { estimate } from "./estimate.ts";
import { checkPermutations, evidences, permutedBy } from "./independence.ts";
import { checkEstimateOptions, type EstimateOptions, estimateKeys } from "./options.ts";
import type { EstimateResult } from "./result.ts";
import { estimateTogether } from "./together.ts";

/** Options of `estimate` that rows in time do not have. */
const NOT_IN_TIME = ["check", "rows", "time", "group", "block", "versus", "weights"] as const;

/** What {@link lags} can be asked for: the options of `estimate` that rows in time have, and the lags in rows. */
export interface LagsOptions extends Omit<EstimateOptions, (typeof NOT_IN_TIME)[number]> {
  /** Rows from x to y: a list, or a range such as `"0-20"`. Below 0 y comes before x. */
  lags: readonly number[] | string;
  /**
   * Transfer entropy: so many values of y before y_t are a condition, so that x counts only for what they do not say. Lags are then
   * at least 1. Default 0: none.
   */
  history?: number | undefined;
  /** Takes each lag's values as they are there, without p-values, which all lags have together. */
  onLag?: ((found: LagEstimate) => void) | undefined;
}

const KEYS = [...estimateKeys.filter((key) => !NOT_IN_TIME.some((name) => name === key)), "lags", "history", "onLag"];

/** What is said of one lag; nats. */
export interface LagEstimate
  extends Pick<EstimateResult, "mi" | "bound" | "interval" | "raw" | "standardError" | "rows" | "diagnostics"> {
  lag: number;
  /** With `permutations`: the p-value of independence at this lag, as if it had been the only one. */
  p?: number;
  /**
   * The share of rotations in which, at any of the lags, as much speaks against independence as at this one in the data (Westfall and
   * Young 1993, max-T): it holds for all lags together, so also for one chosen because it is the largest.
   */
  pFamily?: number;
}

/** What `lags` answers. */
export interface LagsResult {
  /** In rising order. */
  lags: LagEstimate[];
  /** The lag with the largest value. */
  best: LagEstimate;
  unit: "nats";
  estimator: string;
  /** Values of y before y_t that are a condition. */
  history: number;
  /** Rows of every lag: those at which all lags exist, without missing values. */
  rows: number;
  /** Of those at which all lags exist, how many were left out because a value is missing at one of them. */
  dropped: number;
  /** With `permutations`: how many, and what was permuted, in words. */
  permutations: number;
  permuted?: string;
  /** What there is to say against all lags together; each has its own beside it. */
  diagnostics: Diagnostic[];
  seconds: number;
  adapter: string;
}

/**
 * Estimates I(x_t ; y_{t+lag}) for several lags, of rows in order of time at equal distances: `estimate` with `time` for each. All
 * lags have the same rows y_t and the same folds, so that they can be compared; on a GPU their critics train as replicas of one
 * run, on a CPU, which one lag's critics fill, in turn. Columns of `given` are taken at the time of x.
 *
 * With `history` L it is the transfer entropy I(x_{t−lag} ; y_t | y_{t−1}, …, y_{t−L}) in nats a row: what x of `lag` rows before
 * tells of y beyond y's own past (Schreiber 2000, doi:10.1103/PhysRevLett.85.461, of x one value and of y the last L; the lag as
 * in Wibral et al. 2013, doi:10.1371/journal.pone.0055809); with `given` also beyond z_{t−lag}.
 *
 * With `permutations` x is rotated in time against y, with one rotation for all lags: the autocorrelation of both stays.
 *
 * @param x as `estimate` takes it, a row for each time
 * @param y likewise, as many rows
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { best } = await lags(rain, flow, { lags: "0-20", estimator: "ksg", permutations: 199 });
 * const transfer = await lags(rain, flow, { lags: "1-5", history: 2, estimator: "ksg" });
 */
export async function lags(x: ColumnsInput, y: ColumnsInput, options: LagsOptions): Promise<LagsResult> {
  const began = performance.now();
  checkEstimateOptions("lags", options, KEYS);
  const { lags: asked, history = 0, given, names, categories, missing = "throw", ...rest } = options;
  const list = readLags(asked, "lags");
  checkHistory(history, list);
  checkPermutations(rest.permutations ?? 0);
  checkSeed(rest.seed ?? 0);
  checkMissing(missing);
  const read = (input: ColumnsInput, side: SideName) =>
    toColumns(input, side, { names: names?.[side], categories: categories?.[side], missing });
  const sides = [read(x, "x"), read(y, "y"), ...(given === undefined ? [] : [read(given, "given")])];
  for (const side of sides) checkRows(sides[0]!, side);
  const [left, right, condition] = sides as [Side, Side, Side?];
  const columns = { x: left.columns, y: right.columns, given: condition?.columns ?? [] };
  const lagged = laggedColumns(columns, list, history);
  const finished: Finished = { estimates: [], tests: [] };
  return running(rest, async ({ gpu }) => ({
    ...(await allLags(gpu, lagged, rest, finished)),
    ...{ unit: "nats", estimator: nameOf(rest.estimator ?? "remine"), history },
    ...{ rows: lagged.rows, dropped: lagged.dropped, permutations: rest.permutations ?? 0 },
    ...{ seconds: (performance.now() - began) / 1000, adapter: gpu.name },
  }));
}

/** What is asked of each lag. */
type OneLag = Omit<LagsOptions, "lags" | "history" | "given" | "names" | "categories" | "missing">;

/** What is there of the lags, in their order; where a device was lost, some are there already. */
interface Finished {
  /** With gaps while it grows. */
  estimates: LagEstimate[];
  /** What speaks against independence in the data and in each rotation, of the first lags. */
  tests: number[][];
}

/** @param finished of an earlier try; the others are added to it */
async function allLags(gpu: Gpu, lagged: Lagged, options: OneLag, finished: Finished) {
  const { permutations = 0 } = options;
  const { estimates, tests } = finished;
  await estimateLags(gpu, lagged, options, finished);
  for (const columns of permutations > 0 ? lagged.lags.slice(tests.length) : [])
    tests.push(await evidencesOf(gpu, columns, options));
  const found = lagged.lags.map((_, i) => estimates[i]!);
  const each = permutations > 0 ? withP(found, tests) : found;
  return {
    lags: each,
    best: each.reduce((best, next) => (next.raw > best.raw ? next : best)),
    ...(permutations > 0 && { permuted: permutedBy(givenOf(lagged.lags[0]!), inTime(lagged.lags[0]!)) }),
    diagnostics: permutations > 0 ? rotations(lagged) : [],
  };
}

/** The same options, with progress as one part of several. */
const partOf = (options: OneLag, part: number, parts: number): OneLag => ({
  ...options,
  onProgress: (p) => options.onProgress?.({ ...p, done: part * p.total + p.done, total: parts * p.total }),
});

/** Adds the estimates that are missing: critics train together, neighbours are looked for at one lag after the other. */
async function estimateLags(
  gpu: Gpu,
  { lags }: Lagged,
  { permutations: _, onLag, ...options }: OneLag,
  { estimates }: Finished,
): Promise<void> {
  const keep = (i: number, said: Omit<LagEstimate, "lag">) => {
    estimates[i] = lagEstimate(lags[i]!.lag, said);
    onLag?.(estimates[i]);
  };
  const { estimator = "remine", confidence, seed = 0 } = options;
  const asked = chosenEstimator("estimate", estimator, options);
  if (!isByNeighbors(asked)) {
    checkConfidence(confidence ?? 0.95);
    const all = lags.map((columns) => readSides(inputsOf(columns), () => ({})).sides);
    await estimateTogether(gpu, all, asked, {
      ...{ ...options, seed },
      isFinished: (i) => estimates[i] !== undefined,
      onEstimate: keep,
    });
    return;
  }
  for (const [i, columns] of lags.entries()) {
    if (estimates[i]) continue;
    const { x, y, given } = inputsOf(columns);
    keep(i, await estimate(x, y, { ...partOf(options, i, lags.length), gpu, given, time: true }));
  }
}

const inputsOf = ({ x, y, given }: LaggedColumns) => ({ x, y, given: given.length > 0 ? given : undefined });

const lagEstimate = (
  lag: number,
  { mi, bound, interval, raw, standardError, rows, diagnostics }: Omit<LagEstimate, "lag">,
): LagEstimate => ({ lag, mi, bound, interval, raw, standardError, rows, diagnostics });

const givenOf = ({ given }: LaggedColumns) => (given.length > 0 ? columnsOf(given) : undefined);
const columnsOf = (columns: LaggedColumns["x"]) =>
  columns.map(({ kind = "numeric", values }) => ({ kind, values: values as Float64Array }));
const inTime = ({ x, y, given }: LaggedColumns) => timeUnits(columnsOf([...x, ...y, ...given]));

/** What speaks against independence in the data and in each rotation, whose numbers all lags share. */
function evidencesOf(gpu: Gpu, columns: LaggedColumns, options: OneLag): Promise<number[]> {
  const { permutations = 0, seed = 0 } = options;
  const given = givenOf(columns);
  const sides = [columnsOf(columns.x), columnsOf(columns.y), ...(given ? [given] : [])];
  return evidences(
    gpu,
    sides.map((columns) => ({ columns })),
    { units: inTime(columns), permutations, seed },
  );
}

function withP(found: readonly LagEstimate[], tests: readonly number[][]): LagEstimate[] {
  const largest = tests[0]!.slice(1).map((_, b) => Math.max(...tests.map((evidence) => evidence[1 + b]!)));
  return found.map((lag, i) => {
    const [observed, ...permuted] = tests[i]!;
    return { ...lag, p: shareReaching(permuted, observed!), pFamily: shareReaching(largest, observed!) };
  });
}

/** The largest p that a family may be bound to have and still say something. */
const MOST_LEAST = 0.05;

/**
 * A rotation by fewer rows than the lags span has the same pairs at another lag. These rotations are as likely as others under
 * the null, and without them p would be too small; with them p of a dependence however strong is about their share.
 */
function rotations({ lags, rows }: Lagged): Diagnostic[] {
  const span = lags.at(-1)!.lag - lags[0]!.lag + 1;
  const least = span / rows;
  return [
    {
      name: "rotations",
      ok: least <= MOST_LEAST,
      value: least,
      message: `of ${rows} rotations ${span} have the same rows together at another of these lags, so the p-value of all lags cannot fall much below ${least.toFixed(3)}. Take fewer lags, or more rows`,
    },
  ];
}

/** @throws {InputError} for what is no number of past values, and for lags at which x is no past */
function checkHistory(history: number, list: readonly number[]): void {
  if (!Number.isInteger(history) || history < 0) {
    throw new InputError(`"history" must be a whole number of rows, 0 or more, got ${inWords(history)}`);
  }
  if (history === 0 || list[0]! >= 1) return;
  throw new InputError(
    `transfer entropy is what the past of x tells, so lags are at least 1, got ${list[0]}. Take lags from 1 on, or leave "history" out`,
  );
}
