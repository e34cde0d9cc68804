/** `estimate`: arrays in, MI with an interval out. */

import { type Budget, budgetFor } from "../crossfit/budget.ts";
import { type FoldResult, type Split, spared, splitRows } from "../crossfit/folds.ts";
import { describeInputs } from "../crossfit/inputs.ts";
import type { FitRun } from "../crossfit/options.ts";
import { remarked } from "../crossfit/second-opinions.ts";
import { foldsFor } from "../crossfit/unit-folds.ts";
import { standardErrorOf } from "../crossfit/valuations/valuation.ts";
import { type Side as Columns, MIN_ROWS, type SideName } from "../data/columns.ts";
import type { ColumnsInput } from "../data/input.ts";
import { readSides } from "../data/sides.ts";
import { transformWidth } from "../data/transform.ts";
import type { Belonging, Units } from "../data/units.ts";
import { InputError } from "../errors.ts";
import {
  type AnyEstimator,
  chosenEstimator,
  type EstimatorChoice,
  isByNeighbors,
  isTrained,
} from "../estimators/choice.ts";
import { donskerVaradhan } from "../estimators/estimator.ts";
import type { NeighborEstimator } from "../estimators/neighbors.ts";
import type { Gpu } from "../gpu/device.ts";
import { running } from "../gpu/run.ts";
import { normalQuantile } from "../math/special.ts";
import { effectiveWeights, mean } from "../math/statistics.ts";
import { checkConfidence, checkSeed } from "../options.ts";
import { neighborEstimate } from "./by-neighbors.ts";
import { CHECK_RUNS, checkEstimate, type Progress, type Run } from "./check.ts";
import { difference } from "./conditional.ts";
import { TrainedCritics } from "./critics.ts";
import { demineSplits, lowerBound } from "./demine.ts";
import { termsDependence } from "./dependence.ts";
import { checkPermutations, independenceOf } from "./independence.ts";
import {
  estimateInformations,
  type FoldedInformation,
  type Information,
  type InformationOptions,
  reachOf,
  type Term,
  type Weighed,
} from "./information.ts";
import { checkEstimateOptions, type EstimateOptions } from "./options.ts";
import { type EstimateResult, type NeighborResult, plainResult, type ResultOf, type TrainedResult } from "./result.ts";
import { checkRowsAsked, learningSample, sampled } from "./sample.ts";
import { isDiscrete, mostInformation, type Side, type Sides, sidesOf, type ToldOfRows } from "./sides.ts";
import { differenceOf } from "./versus.ts";
import { refuseBesideWeights } from "./weights.ts";
import { refuseWide } from "./wide.ts";

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
 * const { versus } = await estimate({ age }, { spending }, { versus: { income } }); // which tells more, versus.more
 */
export async function estimate<Choice extends EstimatorChoice = "remine">(
  x: ColumnsInput,
  y: ColumnsInput,
  options: EstimateOptions & { estimator?: Choice | undefined } = {},
): Promise<ResultOf<Choice>> {
  checkEstimateOptions("estimate", options);
  const { check, given, versus, weights: weighed, names, categories, missing, ...others } = options;
  const { time, group: named, block, ...rest } = others;
  const belonging = { time, group: named, block };
  if (check) refuseCheck(belonging, versus !== undefined);
  if (weighed) refuseBesideWeights(rest, check);
  checkRowsAsked(rest.rows);
  if (typeof rest.rows === "number") refusePart(belonging);
  checkSeed(rest.seed ?? 0);
  const told = (side: SideName) => ({ names: names?.[side], categories: categories?.[side] });
  const { group, ...complete } = readSides({ x, y, given, versus }, told, missing, { ...belonging, weights: weighed });
  const { sides, dropped, unused, weights, inGivenRows, sample } = sampled(complete, rest.rows, rest.seed ?? 0);
  const result = check
    ? await checkedEstimate(sides, rest)
    : await estimateOnce(sides, rest, { group, inTime: time === true, weights });
  const ofGivenRows = <T extends Result>(found: T) => ({
    ...{ ...found, ...(sample && { sample }), dropped, pointwise: inGivenRows(found.pointwise) },
    ...(found.weights && { weights: { ...found.weights, unused } }),
  });
  const compared = result.versus;
  return {
    ...ofGivenRows(result),
    ...(compared && { versus: { ...compared, other: ofGivenRows(compared.other) } }),
  } as ResultOf<Choice>;
}

/** What is said of the columns is in them. */
type Options = Omit<
  EstimateOptions,
  "given" | "versus" | "weights" | "names" | "categories" | "missing" | "check" | keyof Belonging
>;
type Result = Omit<TrainedResult, "dropped"> | Omit<NeighborResult, "dropped">;

async function checkedEstimate(sides: readonly Columns[], options: Options): Promise<Result> {
  const began = performance.now();
  let result: Result | undefined;
  return running(options, async ({ gpu }) => {
    result ??= await estimateOnce(sides, { ...options, gpu, onProgress: firstOf(options) });
    const checks = await checked(sides, result, { ...options, gpu });
    return { ...result, checks, seconds: secondsSince(began) };
  });
}

const secondsSince = (began: number) => (performance.now() - began) / 1000;

/** The checks of an estimate. */
async function checked(all: readonly Columns[], result: Result, options: Options) {
  const side = ({ name, rows, columns, transforms }: Side): Columns => ({
    ...{ name, rows },
    columns: columns.map((column, c) => ({
      ...column,
      kind: transforms[c]!.kind === "one-hot" ? "category" : "numeric",
    })),
  });
  const [x, y, given] = (await sidesOf(all, options)).sides.map(side) as [Columns, Columns, Columns?];
  const again: Run = ({ x, y, given }, onProgress) =>
    estimateOnce(given ? [x, y, given] : [x, y], { ...options, permutations: 0, onProgress });
  return checkEstimate({ x, y, given }, result, again, options);
}

/** Progress of the first of the estimates of a check. */
const firstOf =
  ({ onProgress }: Options): Progress =>
  (p) =>
    onProgress?.({ ...p, total: (1 + CHECK_RUNS) * p.total });

async function estimateOnce(all: readonly Columns[], options: Options, told: ToldOfRows = {}): Promise<Result> {
  const began = performance.now();
  const asked = chosenEstimator("estimate", options.estimator ?? "remine", options);
  const confidence = confidenceOf(asked, options);
  checkConfidence(confidence);
  checkSeed(options.seed ?? 0);
  checkPermutations(options.permutations ?? 0);
  const { versus, ...sides } = await sidesOf(all, options, told);
  if (!versus) return { ...(await answer(sides, asked, options)).said, seconds: secondsSince(began) };
  if (asked.name === "demine") throw new InputError(certifiesNone("versus", "the difference of two MIs is none"));
  const x = await answer(sides, asked, halfOf(options, 0));
  const other = await answer({ ...sides, ...versus }, asked, halfOf(options, 1));
  const difference = differenceOf(x, other, normalQuantile((1 + confidence) / 2), sides.units);
  return {
    ...{ ...x.said, seconds: secondsSince(began) },
    versus: { ...difference, other: other.said as EstimateResult },
  };
}

/** The estimate of one information, and what its interval is made of. */
async function answer(
  { sides, diagnostics, place, units, weights }: Omit<Sides, "versus">,
  asked: AnyEstimator,
  options: Options,
): Promise<{ said: Result; held: Weighed }> {
  const began = performance.now();
  const { said: found, held } = isByNeighbors(asked)
    ? await neighborEstimate(sides, asked, options, units)
    : (await trainedEstimates([planOf(sides, asked, options, { units, weights })], options))[0]!;
  const { permutations = 0, seed = 0 } = options;
  const test = (gpu: Gpu) => independenceOf(gpu, sides, { units, permutations, seed });
  const independence =
    permutations > 0 && (await running({ ...options, onProgress: undefined }, ({ gpu }) => test(gpu)));
  const isKnown = units !== undefined || diagnostics.some(({ name }) => name === "autocorrelation");
  const ofTerms = isKnown ? [] : termsDependence(found.pointwise, sides);
  const said = {
    ...found,
    pointwise: place ? Float64Array.from(place, (row) => found.pointwise[row]!) : found.pointwise,
    diagnostics: [...diagnostics, ...ofTerms, ...found.diagnostics],
    ...(independence && { independence }),
    ...(units && { units: { count: units.count, ...(units.inTime && { correlationTime: units.gap }) } }),
    ...(weights && { weights: { effective: effectiveWeights(weights), unused: 0 } }),
    seconds: secondsSince(began),
  };
  return { said, held };
}

const confidenceOf = (asked: AnyEstimator, options: Options) =>
  (asked.name === "demine" ? asked : options).confidence ?? 0.95;

/** What is trained, and on which rows. */
export interface Plan extends InformationOptions {
  sides: readonly [Side, Side, Side?];
  asked: AnyEstimator;
  confidence: number;
}

/** What `estimate` trains unless it is told. */
export function planOf(
  sides: readonly Side[],
  asked: Exclude<AnyEstimator, NeighborEstimator>,
  options: Options,
  { units, weights }: Pick<Sides, "units" | "weights">,
): Plan {
  const { seed = 0 } = options;
  const { rows } = sides[0]!;
  const demine = !isTrained(asked);
  if (demine) refuseDemine(options, sides.length > 2, units);
  const estimator = demine ? donskerVaradhan() : asked;
  const set = { ...options, ...(demine && { folds: 2 }) };
  // Rows that weigh much are seen as often as several: what can be learned is what the rows are worth.
  const worth = weights ? Math.max(MIN_ROWS, Math.round(effectiveWeights(weights))) : rows;
  const budget = budgetFor(worth, widthOf(sides), set, { discrete: isDiscrete(sides), estimator });
  if (demine) budget.folds = 1;
  else if (units) budget.folds = foldsFor(units, budget.folds, options.folds);
  const splits = demine ? demineSplits(rows, seed) : foldsOf(rows, budget, options, units);
  if (units) shrinkBatch(budget, splits);
  const confidence = confidenceOf(asked, options);
  return {
    ...{ sides: sides as Plan["sides"], asked, confidence, budget, estimator },
    ...{ splits, units, weights },
    stacked: demine || estimator.name === "remine",
    z: normalQuantile((1 + confidence) / 2),
  };
}

/** Few groups, and gaps in time, leave less to train on than rows promise: a batch has at most half of it. */
function shrinkBatch(budget: Budget, splits: readonly Split[]): void {
  const train = Math.min(...splits.map((split) => split.train.length));
  budget.batch = Math.max(2, Math.min(budget.batch, train >> 1));
  budget.perJoint = Math.min(budget.perJoint, budget.batch - 1);
}

/** Critics learn from no more rows than they draw, unless all are asked for, or rows are dealt by unit and lie in no random order. */
function foldsOf(rows: number, budget: Budget, { seed = 0, rows: asked }: Options, units: Units | undefined): Split[] {
  const splits = splitRows(rows, budget, seed, units);
  return asked === "all" || units ? splits : spared(splits);
}

/** Names of the two terms of I(X;Y|Z). */
const TERMS = ["I(X;Y,Z)", "I(X;Z)"] as const;

/** What an estimate by critics says, without what the call adds, and what its interval is made of. */
export interface Trained {
  said: Omit<TrainedResult, "dropped" | "seconds">;
  held: Weighed;
}

/**
 * Trains, and says what held-out rows say.
 *
 * @param plans which differ by the values of their columns alone; the critics of all of them train together
 */
export const trainedEstimates = (plans: readonly Plan[], options: Options): Promise<Trained[]> =>
  running(options, async (run) => {
    const [plan] = plans as [Plan];
    const isConditional = plan.sides.length > 2;
    for (const { sides } of plans) refuseWide(run.gpu, sides);
    const wholes = await estimateInformations(isConditional ? termRun(run, 0) : run, plans.map(wholeOf), plan);
    const raw = mean(wholes.map((whole) => whole.raw));
    const parts = isConditional && (await estimateInformations(termRun(run, 1, raw), plans.map(partOf), plan));
    return wholes.map((whole, i) => {
      const { said, held } = trainedResult(whole, parts ? parts[i] : undefined, plans[i]!, options);
      return { said: { ...said, adapter: run.gpu.name, toJSON: plainResult }, held };
    });
  });

/** The two informations whose difference is I(X;Y|Z); without Z the first is the one. */
const wholeOf = ({ sides: [left, right, given] }: Plan): Term => ({
  left,
  right: given ? [right, given] : [right],
});
const partOf = ({ sides: [left, , given] }: Plan): Term => ({ left, right: [given!] });

function trainedResult(
  whole: FoldedInformation,
  part: FoldedInformation | undefined,
  plan: Plan,
  options: Options,
): { said: Omit<Trained["said"], "adapter" | "toJSON">; held: Weighed } {
  const held = part ? difference(whole, part, TERMS) : whole;
  const demine = plan.asked.name === "demine";
  const sample = demine ? undefined : learningSample(plan.splits);
  const said = {
    ...resultOf(held, plan, demine ? certified(whole.folds[0]!, plan.confidence) : undefined),
    ...(part && { terms: { [TERMS[0]]: termOf(whole, plan), [TERMS[1]]: termOf(part, plan) } }),
    ...(sample && { sample }),
    ...(held.kept.length > 0 && { critics: criticsOf(held, plan, options) }),
  };
  return { said, held };
}

const criticsOf = ({ kept }: Information, { asked }: Plan, { gpu, adapter, quiet }: Options) =>
  new TrainedCritics({ estimator: asked.name, terms: kept }, { gpu, adapter, quiet });

const termOf = ({ raw, influences, trace }: Information, { units }: Plan) => ({
  raw,
  standardError: standardErrorOf(influences, units),
  trace,
});

/**
 * The value with its interval.
 *
 * @param certificate lower end of the interval, nats; default: by the sampling error
 */
function resultOf(held: Information, { sides, asked, budget, z, units }: Plan, certificate: number | undefined) {
  const { raw, trace, validation, stepsPerSecond, pointwise, evidence, members, diagnostics } = held;
  const [left, right] = sides;
  const { standardError, excess, shortfall } = reachOf(held, z, units);
  const lower = certificate ?? raw - z * standardError - excess;
  const upper = Math.max(0, raw) + z * standardError + shortfall;
  const most = mostInformation([left, right]);
  const interval = [lower, upper].map((end) => Math.min(most, Math.max(0, end))) as [number, number];
  const upperFrom =
    upper > most ? `no MI is above the logarithm of a side's levels, ${most.toFixed(2)} nats` : held.upperFrom;
  const columns = left.columns.length + right.columns.length;
  return {
    kind: "trained" as const,
    ...{ mi: Math.min(most, Math.max(0, raw + held.lift)), bound: raw, interval, upperFrom, raw, standardError },
    opinions: remarked(held.opinions, interval, { z, columns }),
    ...(evidence && { evidence }),
    ...(members && { members }),
    ...{ unit: "nats" as const, estimator: asked.name, rows: left.rows, stepsPerSecond, diagnostics },
    transforms: Object.fromEntries(
      sides.flatMap((side) => (side ? [[side.name, describeInputs(side.maps)]] : [])),
    ) as TrainedResult["transforms"],
    ...{ budget, trace, validation, pointwise },
  };
}

const widthOf = (sides: readonly Side[]): number =>
  sides.flatMap((side) => side.transforms).reduce((sum, transform) => sum + transformWidth(transform), 0);

/** @throws {InputError} where rows are told to depend on each other, and where two estimates are asked for */
function refuseCheck({ time, group, block }: Belonging, isVersus: boolean): void {
  if (isVersus) throw new InputError('"check" tries what must hold of one estimate. Leave it out beside "versus"');
  if (!time && group === undefined && block === undefined) return;
  throw new InputError(
    '"check" shuffles rows and halves them as if each was independent of all others. Leave it out beside "time", "group" and "block"',
  );
}

/** @throws {InputError} for a part of rows that belong together */
function refusePart({ time, group, block }: Belonging): void {
  if (!time && group === undefined && block === undefined) return;
  throw new InputError(
    '"rows" takes rows at random, which tears apart what "time", "group" and "block" hold together. Leave it out',
  );
}

/** @throws {InputError} for what DEMINE cannot do */
function refuseDemine({ folds }: Options, isConditional: boolean, units: Units | undefined): void {
  if (units) {
    throw new InputError(
      'the certificate of "demine" is for independent rows. Use estimator "remine" with "time", "group" or "block"',
    );
  }
  if (isConditional) {
    throw new InputError(certifiesNone("given", "I(X;Y|Z) is a difference of two"));
  }
  if (folds !== undefined)
    throw new InputError('"demine" has no folds, only two halves of the rows. Leave "folds" out');
}

const certifiesNone = (option: string, why: string) =>
  `"demine" certifies a lower bound of one MI, and ${why}. Use estimator "remine" with "${option}"`;

const certified = ({ ensemble, pairing, validation, validationPairing }: FoldResult, confidence: number): number =>
  lowerBound({ ...ensemble, pairing }, { ...validation!, pairing: validationPairing }, confidence);

/** The options of the first or the second of two estimates. */
const halfOf = ({ onProgress, ...options }: Options, half: 0 | 1): Options => ({
  ...options,
  onProgress: (p) => onProgress?.({ ...p, done: half * p.total + p.done, total: 2 * p.total }),
});

/** The run of the first or the second of two terms; once the first is known, the estimate is the difference. */
const termRun = (run: FitRun, half: 0 | 1, whole?: number): FitRun => ({
  ...run,
  report: (p) =>
    run.report({
      ...p,
      done: half * p.total + p.done,
      total: 2 * p.total,
      estimate: whole === undefined || p.estimate === undefined ? p.estimate : whole - p.estimate,
    }),
});
