/** One mutual information: columns mapped, critics cross-fitted, one value over held-out rows with what is missing from it. */

import type { Budget } from "../crossfit/budget.ts";
import { diagnose } from "../crossfit/diagnostics.ts";
import { crossFits } from "../crossfit/fit.ts";
import { countsOf, type FoldResult, isNetwork, meanOf, type Split, weightOf } from "../crossfit/folds.ts";
import { beside, type SideInputs, tableOfSides } from "../crossfit/inputs.ts";
import { type Evidence, liftOfMembers, verdictOf } from "../crossfit/interval.ts";
import type { KeptMembers } from "../crossfit/kept.ts";
import type { CrossFit, FitRun } from "../crossfit/options.ts";
import {
  beyond,
  type Opinion,
  type OpinionSide,
  type SecondOpinions,
  secondOpinions,
} from "../crossfit/second-opinions.ts";
import { type Pooled, standardErrorOf } from "../crossfit/valuations/valuation.ts";
import type { Transform } from "../data/transform.ts";
import type { Units } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Estimator } from "../estimators/estimator.ts";
import type { Turn } from "../gpu/run.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { studentExcess } from "../math/special.ts";
import { effectiveWeights } from "../math/statistics.ts";
import type { TableSource } from "../sources/table.ts";
import { type KeptInformation, keptInformation } from "./critics.ts";
import type { MeanTrace } from "./result.ts";
import { isDiscrete, type Side } from "./sides.ts";

/** A mutual information, or a difference of two, as held-out rows tell it. Everything is in nats. */
export interface Information extends Pooled {
  /** How far the best point value lies above `raw`. */
  lift: number;
  /** How far `raw` may lie above and below the truth because critics had finitely many rows to learn from. */
  excess: number;
  shortfall: number;
  /** Where the shortfall comes from, in words. */
  upperFrom: string;
  /** What the value and the interval were made of; a difference of two has two of it. */
  evidence?: Evidence;
  /** What the rows were scored by, and the mean weight of each over the folds. */
  members?: { name: string; weight: number }[];
  /** What other methods see. */
  opinions: Opinion[];
  diagnostics: Diagnostic[];
  trace: MeanTrace;
  validation: { step: number[]; bound: number[] };
  stepsPerSecond: number;
  /** What scores new rows; of a difference the two of it. Nothing where the critic is not the log density ratio. */
  kept: KeptInformation[];
}

/** What an interval is made of. */
export type Weighed = Pick<Information, "raw" | "influences" | "degreesOfFreedom" | "excess" | "shortfall">;

/** The standard error of a value, and how far its interval reaches beyond `z` of them on either side, nats. */
export function reachOf({ influences, degreesOfFreedom, excess, shortfall }: Weighed, z: number, units?: Units) {
  const standardError = standardErrorOf(influences, units);
  const student = studentExcess(z, degreesOfFreedom) * standardError;
  return { standardError, excess: student + excess, shortfall: student + shortfall };
}

export interface InformationOptions {
  splits: readonly Split[];
  budget: Budget;
  estimator: Estimator;
  /** Closed forms beside the critics, and second opinions: for what is asked without naming another estimator. */
  stacked: boolean;
  /** Standard errors on either side of the estimate. */
  z: number;
  /** Rows that depend on each other, of whom `splits` know; second opinions, who do not know of them, are left out. */
  units?: Units | undefined;
  /** Of the rows, in the mean 1, of which second opinions do not know either; default: all count alike. */
  weights?: Float64Array | undefined;
}

/** I(left; right); of several sides on the right the columns are put side by side. */
export interface Term {
  left: Side;
  right: readonly Side[];
}

/** An information with the folds that it was cross-fitted on. */
export type FoldedInformation = Information & { folds: FoldResult[] };

/**
 * The information of each term by cross-fitting; the critics of all of them train as replicas of one run, and leave the
 * GPU with the call. Of several terms none are kept.
 *
 * @param terms of equally many rows and equally wide sides
 */
export async function estimateInformations(
  run: FitRun,
  terms: readonly Term[],
  options: InformationOptions,
): Promise<FoldedInformation[]> {
  const turn = () => run.gpu.turn();
  const columns: Columns[] = [];
  for (const { left, right } of terms) columns.push(await columnsOf([left], right, turn));
  const fits = await fitCritics(run, columns, options);
  const members = await offTheGpu(fits, options.estimator);
  const found: FoldedInformation[] = [];
  for (const [i, fit] of fits.entries()) found.push(await informationOf(run, fit, columns[i]!, members, options));
  return found;
}

/** What a fit says of the information. */
async function informationOf(
  run: FitRun,
  fit: CrossFit,
  columns: Columns,
  members: KeptMembers[] | undefined,
  options: InformationOptions,
): Promise<FoldedInformation> {
  const turn = () => run.gpu.turn();
  const { x, y, source } = columns;
  await turn();
  const pooled = await fit.valuation.pool(fit.folds, source.rows, turn, options.units);
  await turn();
  const others = await othersOf(run, columns, pooled, options);
  const evidence = evidenceOf(fit, columns, pooled, others, options);
  return {
    ...limitsOf(fit, pooled, evidence, options),
    evidence,
    members: fit.folds[0]!.members.map((name, m) => ({ name, weight: meanOf(fit.folds, (f) => f.weights[m]!) })),
    opinions: others.opinions,
    diagnostics: diagnosticsOf(fit, columns, evidence, others, options),
    trace: meanTrace(fit),
    validation: fit.looks,
    stepsPerSecond: fit.stepsPerSecond * options.splits.length * options.budget.restarts,
    kept: members ? [await keptInformation({ members, folds: fit.folds }, x.sides, y.sides, turn)] : [],
    folds: fit.folds,
  };
}

/** Takes off the GPU what can score new rows, and frees the rest: what is asked after it needs the memory. */
async function offTheGpu(fits: readonly CrossFit[], estimator: Estimator): Promise<KeptMembers[] | undefined> {
  const { members, dispose } = fits[0]!;
  try {
    if (fits.length > 1 || !scoresNewRows(estimator)) return undefined;
    return await Promise.all(members.map((kind) => kind.keep()));
  } finally {
    dispose();
  }
}

/** The columns on one side of an information, and what critics see of them. */
interface Inputs extends SideInputs {
  sides: readonly Side[];
}

interface Columns {
  x: Inputs;
  y: Inputs;
  source: TableSource;
}

async function columnsOf(left: readonly Side[], right: readonly Side[], turn: Turn): Promise<Columns> {
  const { source, x, y } = await tableOfSides(left, right, turn);
  return { source, x: { ...x, sides: left }, y: { ...y, sides: right } };
}

const hasNumber = ({ sides }: Inputs) =>
  sides.some(({ transforms }) => transforms.some(({ kind }: Transform) => kind !== "one-hot"));

/** Trains and scores the critics, with closed forms beside them where both sides have a number. */
function fitCritics(
  run: FitRun,
  columns: readonly Columns[],
  { stacked, z: _, ...options }: InformationOptions,
): Promise<CrossFit[]> {
  const isClosed = stacked && columns.every(({ x, y }) => hasNumber(x) && hasNumber(y));
  const closedForms = isClosed ? columns.map(({ x, y }) => ({ x: x.plain, y: y.plain })) : undefined;
  const maps = columns[0]!.source.picks.length;
  return crossFits(run, oneTable(columns.map(({ source }) => source)), { ...options, maps, closedForms });
}

/** Tables of equally many rows and equally wide sides as one, with the picks of each after those of the one before. */
function oneTable(tables: readonly TableSource[]): TableSource {
  let before = 0;
  const picks: number[][] = [];
  for (const table of tables) {
    picks.push(...table.picks.map((places) => places.map((place) => before + place)));
    before += table.columns;
  }
  return { ...tables[0]!, ...beside(tables), picks };
}

/** What other methods see in the same rows. */
async function othersOf(
  run: FitRun,
  { x, y }: Columns,
  { pointwise }: Pooled,
  { stacked, units, weights }: InformationOptions,
): Promise<SecondOpinions> {
  if (!stacked || units || weights) return { opinions: [], excess: 0, finest: 0, loss: 0, strongest: 0 };
  return secondOpinions(run, opinionSide(x), opinionSide(y), pointwise);
}

/** What second opinions are asked about: columns as they were given, as ranks, and the log radius of one side alone. */
const opinionSide = ({ sides, plain, radius }: Inputs): OpinionSide => ({
  ...{ ranks: plain[0]!, radius },
  columns: sides.flatMap((side) => side.columns),
  transforms: sides.flatMap((side) => side.maps[0]!.transforms),
});

/** Everything that the rows say of this information. */
function evidenceOf(
  { folds }: CrossFit,
  { x, y }: Columns,
  { raw, influences }: Pooled,
  others: SecondOpinions,
  { z, units }: InformationOptions,
): Evidence {
  const sides = [...x.sides, ...y.sides];
  const [xWidth, yWidth] = [x.plain[0]!.columns, y.plain[0]!.columns];
  const weight = weightOf(folds);
  const ofMembers = {
    ...{ held: raw, standardError: standardErrorOf(influences, units) },
    columns: sides.reduce((sum, { columns }) => sum + columns.length, 0),
    rows: rowsOf(folds),
    ...{ seen: meanOf(folds, (f) => f.seen), disagreement: meanOf(folds, (f) => f.disagreement) },
    closed: weight > 0 ? 1 - weightOf(folds, isNetwork) / weight : 0,
  };
  return {
    ...ofMembers,
    neighbors: beyond(others, ofMembers, z),
    finer: Math.max(0, others.finest - Math.max(0, raw)),
    loss: others.loss,
    // A table of categories has a parameter per cell, a smooth dependence at least one per input.
    freedom: (isDiscrete(sides) ? xWidth * yWidth : xWidth + yWidth) + z * z,
  };
}

/** Held-out rows, or as many as their weights are worth. */
function rowsOf(folds: readonly FoldResult[]): number {
  const counts = countsOf(folds);
  return counts ? Math.round(effectiveWeights(counts.joint)) : folds.reduce((sum, f) => sum + f.split.test.length, 0);
}

/** The value, and how far the truth may lie from it beyond `z` standard errors. */
function limitsOf(
  { valuation }: CrossFit,
  { raw, influences, pointwise, degreesOfFreedom }: Pooled,
  evidence: Evidence,
  { estimator, z }: InformationOptions,
) {
  const verdict = verdictOf(evidence, z);
  const isLowerBound = estimators[estimator.name].bound === "lower";
  return {
    ...{ raw, influences, degreesOfFreedom, pointwise },
    lift: valuation.lift(verdict),
    excess: isLowerBound ? 0 : verdict.above,
    shortfall: verdict.above,
    upperFrom: verdict.words,
  };
}

/** What could make the value wrong. */
function diagnosticsOf(
  fit: CrossFit,
  { x, y }: Columns,
  evidence: Evidence,
  { opinions, excess, strongest }: SecondOpinions,
  { budget, z }: InformationOptions,
): Diagnostic[] {
  const { held, standardError } = evidence;
  const certain = Math.max(0, held);
  return diagnose(fit, {
    ...{ raw: held, mi: certain + Math.max(liftOfMembers(evidence), excess) },
    ...{ standardError, z, evidence, opinions, strongest, excess },
    inputs: x.plain[0]!.columns + y.plain[0]!.columns,
    steps: budget.steps,
  });
}

/** Whether the critic is the log density ratio, and not only up to a function of x. */
const scoresNewRows = ({ name }: Estimator) => !estimators[name].rows && estimators[name].output !== "other";

function meanTrace({ trace, steps }: CrossFit): MeanTrace {
  const length = trace.length > 0 ? steps : 0;
  const average = (pick: (r: number) => Float32Array) =>
    Float64Array.from({ length }, (_, i) => trace.reduce((sum, _t, r) => sum + pick(r)[i]!, 0) / trace.length);
  return {
    joint: average((r) => trace[r]!.joint),
    logPartition: average((r) => trace[r]!.logPartition),
    value: average((r) => trace[r]!.value),
  };
}
