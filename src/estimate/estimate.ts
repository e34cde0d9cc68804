/** `estimate`: arrays in, MI with an interval out. */

import { budgetFor } from "../crossfit/budget.ts";
import { type FoldResult, splitRows } from "../crossfit/folds.ts";
import { describeInputs } from "../crossfit/inputs.ts";
import { remarked } from "../crossfit/second-opinions.ts";
import { standardErrorOf } from "../crossfit/valuations/valuation.ts";
import type { Side as Columns } from "../data/columns.ts";
import type { ColumnsInput } from "../data/input.ts";
import { readSides } from "../data/sides.ts";
import { transformWidth } from "../data/transform.ts";
import { InputError } from "../errors.ts";
import { chosenEstimator, isByNeighbors, isTrained } from "../estimators/choice.ts";
import { donskerVaradhan } from "../estimators/estimator.ts";
import { open } from "../gpu/device.ts";
import { normalQuantile } from "../math/special.ts";
import { checkConfidence, checkSeed } from "../options.ts";
import { neighborEstimate } from "./by-neighbors.ts";
import { CHECK_RUNS, checkEstimate, type Progress, type Run } from "./check.ts";
import { difference } from "./conditional.ts";
import { demineSplits, lowerBound } from "./demine.ts";
import { estimateInformation } from "./information.ts";
import { checkEstimateOptions, type EstimateOptions } from "./options.ts";
import { scoreOfRows } from "./pointwise.ts";
import type { EstimateResult } from "./result.ts";
import { isDiscrete, type Side, sidesOf } from "./sides.ts";

/**
 * Estimates the mutual information I(X;Y) of paired samples, or I(X;Y|Z) given columns of Z.
 *
 * The rows are cross-fitted: every row is scored by critics that were neither trained nor stopped on it, and all these
 * scores are pooled into one Donsker-Varadhan bound. Method: ReMINE (see shaders/estimators/remine.wgsl). Given Z, that is
 * done twice on the same folds: I(X;Y|Z) = I(X;Y,Z) − I(X;Z) (see conditional.ts).
 *
 * @param x numbers, rows of numbers, a typed array, `{ data, columns }`, or columns with names: a record of name and values,
 *   or a list of `{ name, values, kind }`; at least 20 rows
 * @param y likewise, as many rows
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { mi, interval } = await estimate(x, y);
 * const { mi: cmi } = await estimate({ age, income }, { spending }, { given: { region }, missing: "drop" });
 */
export async function estimate(
  x: ColumnsInput,
  y: ColumnsInput,
  options: EstimateOptions = {},
): Promise<EstimateResult> {
  checkEstimateOptions("estimate", options);
  const { check, given, names, categories, missing, ...rest } = options;
  const told = (side: "x" | "y" | "given") => ({ names: names?.[side], categories: categories?.[side] });
  const { sides, dropped, inGivenRows } = readSides({ x, y, given }, told, missing);
  const result = check ? await checkedEstimate(sides, rest) : await estimateOnce(sides, rest);
  return { ...result, dropped, pointwise: inGivenRows(result.pointwise) };
}

/** What is said of the columns is in them. */
type Options = Omit<EstimateOptions, "given" | "names" | "categories" | "missing" | "check">;
type Result = Omit<EstimateResult, "dropped">;

async function checkedEstimate(sides: readonly Columns[], options: Options): Promise<Result> {
  const began = performance.now();
  const gpu = options.gpu ?? (await open({ adapter: options.adapter, quiet: options.quiet ?? false }));
  try {
    const result = await estimateOnce(sides, { ...options, gpu, onProgress: firstOf(options) });
    const checks = await checked(sides, result, { ...options, gpu });
    return { ...result, checks, seconds: (performance.now() - began) / 1000 };
  } finally {
    if (!options.gpu) gpu.dispose();
  }
}

/** The checks of an estimate. */
function checked(all: readonly Columns[], result: Result, options: Options) {
  const side = ({ name, rows, columns, transforms }: Side): Columns => ({
    ...{ name, rows },
    columns: columns.map((column, c) => ({
      ...column,
      kind: transforms[c]!.kind === "one-hot" ? "category" : "numeric",
    })),
  });
  const [x, y, given] = sidesOf(all, options).sides.map(side) as [Columns, Columns, Columns?];
  const again: Run = ({ x, y, given }, onProgress) =>
    estimateOnce(given ? [x, y, given] : [x, y], { ...options, onProgress });
  return checkEstimate({ x, y, given }, result, again, options);
}

/** Progress of the first of the estimates of a check. */
const firstOf =
  ({ onProgress }: Options): Progress =>
  (p) =>
    onProgress?.({ ...p, total: (1 + CHECK_RUNS) * p.total });

async function estimateOnce(all: readonly Columns[], options: Options): Promise<Result> {
  const began = performance.now();
  const asked = chosenEstimator("estimate", options.estimator ?? "remine", options);
  const { seed = 0, signal } = options;
  const { confidence = 0.95 } = asked.name === "demine" ? asked : options;
  checkConfidence(confidence);
  checkSeed(seed);
  const { sides, place, copies } = sidesOf(all, options);
  const [left, right, given] = sides as [Side, Side, Side?];
  const { rows } = left;
  const ofAllRows = (values: Float64Array) => (place ? Float64Array.from(place, (row) => values[row]!) : values);
  if (isByNeighbors(asked)) {
    const { pointwise, diagnostics, ...rest } = await neighborEstimate(sides, asked, options, began);
    return { ...rest, pointwise: ofAllRows(pointwise), diagnostics: [...copies, ...diagnostics] };
  }
  const demine = !isTrained(asked);
  if (demine) refuseDemine(options, given !== undefined);
  const estimator = demine ? donskerVaradhan() : asked;
  const stacked = demine || estimator.name === "remine";
  const set = { ...options, ...(demine && { folds: 2 }) };
  const budget = budgetFor(rows, widthOf(sides), set, { discrete: isDiscrete(sides), estimator });
  if (demine) budget.folds = 1;
  const splits = demine ? demineSplits(rows, seed) : splitRows(rows, budget.folds, seed);
  const z = normalQuantile((1 + confidence) / 2);

  const gpu = options.gpu ?? (await open({ adapter: options.adapter, quiet: options.quiet ?? false }));
  const fit = (others: Side[], onProgress: EstimateOptions["onProgress"]) =>
    estimateInformation(gpu, left, others, { splits, budget, estimator, stacked, seed, z, onProgress, signal });
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
      estimator: asked.name,
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

/** @throws {InputError} for what DEMINE cannot do */
function refuseDemine({ folds }: Options, isConditional: boolean): void {
  if (isConditional) {
    throw new InputError(
      '"demine" certifies a lower bound of one MI, and I(X;Y|Z) is a difference of two. Use estimator "remine" with "given"',
    );
  }
  if (folds !== undefined)
    throw new InputError('"demine" has no folds, only two halves of the rows. Leave "folds" out');
}

const certified = ({ ensemble, pairing, validation, validationPairing }: FoldResult, confidence: number): number =>
  lowerBound({ ...ensemble, pairing }, { ...validation!, pairing: validationPairing }, confidence);

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
