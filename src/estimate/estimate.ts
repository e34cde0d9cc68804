/** `estimate`: arrays in, MI with an interval out. */

import { budgetFor } from "../crossfit/budget.ts";
import type { Diagnostic } from "../crossfit/diagnostics.ts";
import { type Budget, type FitProgress, type FoldResult, splitRows } from "../crossfit/fit.ts";
import { describeInputs } from "../crossfit/inputs.ts";
import type { Evidence } from "../crossfit/interval.ts";
import { type Opinion, remarked } from "../crossfit/second-opinions.ts";
import type { ArrayInput } from "../data/check.ts";
import { normalQuantile, transformWidth } from "../data/transform.ts";
import { InputError } from "../errors.ts";
import {
  type Estimator,
  type EstimatorParameters,
  estimatorByName,
  estimatorNames,
  parametersOf,
} from "../estimators/estimator.ts";
import { type Gpu, open } from "../gpu/device.ts";
import { neighborMethods } from "../neighbors/local-values.ts";
import { neighborEstimate } from "./by-neighbors.ts";
import { CHECK_RUNS, type CheckedSide, checkEstimate, inputOf, type Progress, type Run, settingsOf } from "./check.ts";
import { difference } from "./conditional.ts";
import { demineSplits, lowerBound } from "./demine.ts";
import { fitTerm, isDiscrete, type MeanTrace, type Side, standardErrorOf } from "./information.ts";
import { scoreOfRows } from "./pointwise.ts";
import { sidesOf } from "./sides.ts";

/** What `estimate` can be asked for: a trainer's estimators, DEMINE, which is a protocol around one, and neighbours. */
export const estimateNames: readonly string[] = [...estimatorNames, "demine", ...neighborMethods];

export interface EstimateOptions extends Partial<Budget>, EstimatorParameters {
  /** An open GPU to use; it stays open. Default: one is opened and closed again. */
  gpu?: Gpu;
  /** Part of the name of the adapter to open. */
  adapter?: string | undefined;
  /** Hides what drivers print on stderr while they are looked for. */
  quiet?: boolean;
  /** Columns of Z, as many rows as x: estimate I(X;Y|Z). */
  given?: ArrayInput | undefined;
  /**
   * Estimator by name, default `"remine"`. `"demine"` trains on half of the rows and certifies with the other half: the
   * lower end of its interval holds with probability `confidence` for any critic and any number of rows. `"ksg"` and its
   * like train nothing. `estimatorNames` has the trained ones.
   */
  estimator?: string;
  /** Neighbours that `"ksg"`, `"ksg2"`, `"mixed-ksg"` and `"kl"` look at. Default 3. */
  k?: number;
  /** Distance that they measure by. Default `"max"`. */
  metric?: "max" | "euclidean";
  /** Same seed, same adapter: the same number. Default 0. */
  seed?: number;
  /** Train at most five times as much, or a quarter as much. */
  thorough?: boolean;
  fast?: boolean;
  /**
   * Also estimate what must follow from the answer: shuffled rows, both halves, columns bent by bijections, less of one side
   * (crossfit/check.ts). Takes about six times as long; the result has `checks`.
   */
  check?: boolean;
  /** Coverage that the interval aims at, in (0, 1). Default 0.95. */
  confidence?: number;
  /**
   * Rows that are copies of others (to five digits), in columns of numbers that do not repeat by chance (data/copies.ts): one of each
   * is used, or all. Default `"drop"`.
   */
  copies?: "drop" | "keep";
  /** How columns are mapped before training; MI does not change. Default `"auto"`. */
  transform?: "auto" | "identity" | "standardize" | "normal-scores";
  /** Names of the columns, for messages. */
  names?: { x: readonly string[]; y: readonly string[]; given?: readonly string[] | undefined };
  /** Which columns are category codes. */
  categories?: { x: readonly boolean[]; y: readonly boolean[]; given?: readonly boolean[] | undefined };
  onProgress?: (progress: FitProgress) => void;
  /** Aborts within a fraction of a second; the call rejects with InterruptedError. */
  signal?: AbortSignal;
}

export interface EstimateResult {
  /**
   * The best point value of I(X;Y), or of I(X;Y|Z) with `given`, in nats, never negative: `bound`, and what rows seen in
   * training and nearest neighbours say that it misses. It is no bound.
   */
  mi: number;
  /** What the held-out rows certify up to sampling error, nats: a lower bound of I(X;Y); of I(X;Y|Z) a difference of two. */
  bound: number;
  /**
   * Interval in nats, clipped at 0: the sampling error of the held-out bound on both sides, and above it also what the
   * critics may have failed to learn from finitely many rows. With `given` the sampling error is that of the difference,
   * and what the critics of I(X;Z) may have failed to learn extends it below. With `"demine"` the lower end is a
   * certificate (see demine.ts) and the upper end is as ever: no method can certify an upper one.
   */
  interval: [number, number];
  /** Where the distance between `bound` and the upper end comes from, in words. */
  upperFrom: string;
  /** What the value and the interval were made of; absent with `given`. */
  evidence?: Evidence;
  /** What the rows were scored by, and the mean weight of each over the folds; absent with `given`. */
  members?: { name: string; weight: number }[];
  /** What other methods see in the same rows. */
  opinions: Opinion[];
  /** The same as `bound`, nats; noise can take it below 0. */
  raw: number;
  /** Standard error of the held-out bound over rows, nats. */
  standardError: number;
  unit: "nats";
  estimator: string;
  /** Rows used, without copies. */
  rows: number;
  seconds: number;
  /** Training steps per second of one critic, times the critics trained side by side. */
  stepsPerSecond: number;
  adapter: string;
  diagnostics: Diagnostic[];
  /** With `check`: what must hold of any MI, tried on these rows. */
  checks?: Diagnostic[];
  /** What was done to each column. */
  transforms: { x: string[]; y: string[]; given?: string[] };
  /** How the critics were trained; absent where none was. */
  budget?: Budget;
  /** With `given`: the two whose difference `mi` is, `"I(X;Y,Z)"` and `"I(X;Z)"`, nats. */
  terms?: Record<string, { raw: number; standardError: number; trace: MeanTrace }>;
  /** Means over the critics, per training step, nats; with `given` the difference of the two terms. */
  trace: MeanTrace;
  /** Bound on validation rows at each look, mean over the critics. */
  validation: { step: number[]; bound: number[] };
  /**
   * Pointwise MI of every row, nats, by critics that never saw it: log p(x,y) / p(x)p(y), with `given`
   * log p(x,y|z) / p(x|z)p(y|z). NaN for the rows that `"demine"` trained on.
   */
  pointwise: Float64Array;
  /**
   * Pointwise MI of new rows, nats: the mean of all critics. Opens a GPU for the call unless one was given.
   *
   * @param x rows × the same columns as before; `y` likewise, and `given` if there was one
   */
  score(x: ArrayInput, y: ArrayInput, given?: ArrayInput): Promise<Float64Array>;
}

/**
 * Estimates the mutual information I(X;Y) of paired samples, or I(X;Y|Z) given columns of Z.
 *
 * The rows are cross-fitted: every row is scored by critics that were neither trained nor stopped on it, and all these
 * scores are pooled into one Donsker-Varadhan bound. Method: ReMINE (see shaders/estimators/remine.wgsl). Given Z, that is
 * done twice on the same folds: I(X;Y|Z) = I(X;Y,Z) − I(X;Z) (see conditional.ts).
 *
 * @param x numbers, rows of numbers, a typed array, or `{ data, columns }`; at least 20 rows
 * @param y likewise, as many rows
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { mi, interval } = await estimate(x, y);
 * const { mi: cmi } = await estimate(x, y, { given: z });
 */
export async function estimate(x: ArrayInput, y: ArrayInput, options: EstimateOptions = {}): Promise<EstimateResult> {
  const { check, ...rest } = options;
  if (!check) return estimateOnce(x, y, rest);
  const began = performance.now();
  const gpu = options.gpu ?? (await open({ adapter: options.adapter, quiet: options.quiet ?? false }));
  try {
    const result = await estimateOnce(x, y, { ...rest, gpu, onProgress: firstOf(options) });
    return { ...result, checks: await checked(x, y, result, { ...rest, gpu }), seconds: secondsSince(began) };
  } finally {
    if (!options.gpu) gpu.dispose();
  }
}

const secondsSince = (began: number) => (performance.now() - began) / 1000;

/** The checks of an estimate. */
function checked(x: ArrayInput, y: ArrayInput, result: EstimateResult, options: EstimateOptions) {
  const { given: _, onProgress, ...rest } = options;
  const side = ({ columns, transforms, names }: Side): CheckedSide => ({
    ...{ columns, names },
    isCategory: transforms.map(({ kind }) => kind === "one-hot"),
  });
  const [left, right, given] = sidesOf(x, y, options).sides as [Side, Side, Side?];
  const sides = { x: side(left), y: side(right), given: given && side(given) };
  const again: Run = (changed, report) =>
    estimateOnce(inputOf(changed.x), inputOf(changed.y), { ...rest, ...settingsOf(changed), onProgress: report });
  return checkEstimate(sides, result, again, options);
}

/** Progress of the first of the estimates of a check. */
const firstOf =
  ({ onProgress }: EstimateOptions): Progress =>
  (p) =>
    onProgress?.({ ...p, total: (1 + CHECK_RUNS) * p.total });

async function estimateOnce(x: ArrayInput, y: ArrayInput, options: EstimateOptions): Promise<EstimateResult> {
  const began = performance.now();
  const { seed = 0, confidence = 0.95, signal } = options;
  if (!(confidence > 0 && confidence < 1))
    throw new InputError(`"confidence" must lie between 0 and 1, got ${confidence}`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new InputError(`"seed" must be an integer from 0 to 4294967295, got ${seed}`);
  }
  const { sides, place, copies } = sidesOf(x, y, options);
  const [left, right, given] = sides as [Side, Side, Side?];
  const { rows } = left;
  const ofAllRows = (values: Float64Array) => (place ? Float64Array.from(place, (row) => values[row]!) : values);
  if ((neighborMethods as readonly string[]).includes(options.estimator ?? "")) {
    const { pointwise, diagnostics, ...rest } = await neighborEstimate(sides, options, began);
    return { ...rest, pointwise: ofAllRows(pointwise), diagnostics: [...copies, ...diagnostics] };
  }
  const { estimator, demine } = chosenEstimator(options);
  const stacked = demine || estimator.name === "remine";
  const set = { ...options, ...(demine && { folds: 2 }) };
  const budget = budgetFor(rows, widthOf(sides), set, { discrete: isDiscrete(sides), estimator });
  if (demine) budget.folds = 1;
  const splits = demine ? demineSplits(rows, seed) : splitRows(rows, budget.folds, seed);
  const z = normalQuantile((1 + confidence) / 2);

  const gpu = options.gpu ?? (await open({ adapter: options.adapter, quiet: options.quiet ?? false }));
  const fit = (others: Side[], onProgress: EstimateOptions["onProgress"]) =>
    fitTerm(gpu, left, others, { splits, budget, estimator, stacked, seed, z, onProgress, signal });
  try {
    const whole = await fit(given ? [right, given] : [right], given ? halfOf(options, 0) : options.onProgress);
    const part = given && (await fit([given], halfOf(options, 1, whole.raw)));
    const names = ["I(X;Y,Z)", "I(X;Z)"] as const;
    const held = part ? difference(whole, part, names) : whole;
    const { raw, trace, validation, stepsPerSecond } = held;
    const standardError = standardErrorOf(held.influences);
    const lower = demine ? certified(whole.folds[0]!, confidence) : raw - z * standardError - held.excess;
    const summary = (t: typeof whole) => ({
      raw: t.raw,
      standardError: standardErrorOf(t.influences),
      trace: t.trace,
    });
    const upper = Math.max(0, raw) + z * standardError + held.shortfall;
    const interval: [number, number] = [Math.max(0, lower), Math.max(0, upper)];
    return {
      mi: Math.max(0, raw + held.lift),
      bound: raw,
      interval,
      upperFrom: held.upperFrom,
      opinions: remarked(held.opinions, interval, { z, columns: left.columns.length + right.columns.length }),
      ...(held.evidence && { evidence: held.evidence }),
      ...(held.members && { members: held.members }),
      raw,
      standardError,
      unit: "nats",
      estimator: options.estimator ?? "remine",
      rows,
      seconds: (performance.now() - began) / 1000,
      stepsPerSecond,
      adapter: gpu.name,
      diagnostics: [...copies, ...held.diagnostics],
      transforms: Object.fromEntries(
        sides.map((side) => [side.name, describeInputs(side.maps)]),
      ) as EstimateResult["transforms"],
      budget,
      ...(part && { terms: { [names[0]]: summary(whole), [names[1]]: summary(part) } }),
      trace,
      validation,
      pointwise: ofAllRows(held.pointwise),
      score: scoreOfRows(held.score, sides, { gpu: options.gpu, adapter: options.adapter }),
    };
  } finally {
    if (!options.gpu) gpu.dispose();
  }
}

const widthOf = (sides: readonly Side[]): number =>
  sides.flatMap((side) => side.transforms).reduce((sum, transform) => sum + transformWidth(transform), 0);

function chosenEstimator(options: EstimateOptions): { estimator: Estimator; demine: boolean } {
  const { estimator = "remine", given, folds } = options;
  if (estimator === "tnce") {
    throw new InputError(
      '"tnce" scores with the true density p(y|x), which rows of a table do not tell. Use estimator "infonce", which learns one; ' +
        "on a gaussian() source, createTrainer with the critic known() and the estimator infonce() is TNCE",
    );
  }
  if (!estimateNames.includes(estimator)) {
    throw new InputError(`there is no estimator "${estimator}". Choose one of: ${estimateNames.join(", ")}.`);
  }
  const demine = estimator === "demine";
  if (demine && given !== undefined) {
    throw new InputError(
      '"demine" certifies a lower bound of one MI, and I(X;Y|Z) is a difference of two. Use estimator "remine" with "given"',
    );
  }
  if (demine && folds !== undefined)
    throw new InputError('"demine" has no folds, only two halves of the rows. Leave "folds" out');
  return { estimator: estimatorByName(demine ? "donsker-varadhan" : estimator, parametersOf(options)), demine };
}

const certified = ({ ensemble, pairing, validation, validationPairing }: FoldResult, confidence: number): number =>
  lowerBound({ ...ensemble, pairing }, { ...validation, pairing: validationPairing }, confidence);

/** Progress of the first or the second of two terms; once the first is known, the estimate is the difference. */
function halfOf({ onProgress }: EstimateOptions, half: 0 | 1, whole?: number): EstimateOptions["onProgress"] {
  return (p) =>
    onProgress?.({
      ...p,
      done: half * p.total + p.done,
      total: 2 * p.total,
      estimate: whole === undefined || p.estimate === undefined ? p.estimate : whole - p.estimate,
    });
}
