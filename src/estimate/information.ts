/** One MI term of an estimate: columns transformed, critics cross-fitted, one value over held-out rows. */

import type { Budget } from "../crossfit/budget.ts";
import { diagnose } from "../crossfit/diagnostics.ts";
import { crossFit } from "../crossfit/fit.ts";
import type { FoldResult, Split } from "../crossfit/folds.ts";
import { isNetwork, joined, meanOf, weightOf } from "../crossfit/held-out.ts";
import { columnOf, mapsOf, type Table32, tablesOf } from "../crossfit/inputs.ts";
import { type Evidence, judge, liftOfMembers } from "../crossfit/interval.ts";
import { pooledOwn } from "../crossfit/jackknife.ts";
import { tableOfMaps } from "../crossfit/networks.ts";
import type { CrossFit, FitProgress } from "../crossfit/options.ts";
import {
  beyond,
  type Opinion,
  type OpinionSide,
  type SecondOpinions,
  secondOpinions,
} from "../crossfit/second-opinions.ts";
import type { Transform } from "../data/transform.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { type Estimator, isPinned } from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { influences, logPartition, mean } from "../math/statistics.ts";
import { partnerOf } from "../training/pairing.ts";
import { criticScores, type SideName } from "./pointwise.ts";
import type { MeanTrace } from "./result.ts";
import { isDiscrete, type Side } from "./sides.ts";

/** A mutual information, or a difference of two, as held-out rows tell it. Everything is in nats. */
export interface Term {
  /** The bound over held-out rows; of a difference no bound. */
  raw: number;
  /** How far the best point value lies above `raw`. */
  lift: number;
  /** How much each row (or block of rows) moves `raw`, times their number; NaN for a row that was not held out. */
  influences: Float64Array;
  /** Log density ratio of each row by critics that never saw it; NaN for a row that was not held out. */
  pointwise: Float64Array;
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
  /** Pointwise values of new rows. */
  score(columns: Record<SideName, Float64Array[]>, rows: number, gpu: Gpu): Promise<Float64Array>;
}

export interface TermOptions {
  splits: readonly Split[];
  budget: Budget;
  estimator: Estimator;
  /** Closed forms beside the critics, and second opinions: for what is asked without naming another estimator. */
  stacked: boolean;
  seed: number;
  /** Standard errors on either side of the estimate. */
  z: number;
  onProgress?: ((progress: FitProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * I(left; right) by cross-fitting. The trained critics leave the GPU with the call.
 *
 * @param right one side or more, whose columns are put side by side
 */
export async function fitTerm(
  gpu: Gpu,
  left: Side,
  right: readonly Side[],
  options: TermOptions,
): Promise<Term & { folds: FoldResult[] }> {
  const { splits, budget, estimator, stacked, seed, z, onProgress, signal } = options;
  const [ofX, ofY] = [inputsOfSides([left]), inputsOfSides(right)];
  const discrete = isDiscrete([left, ...right]);
  const numbers = [[left], right].every((sides) => sides.some(({ transforms }) => transforms.some(isNumber)));
  const closedForms = stacked && numbers ? [{ x: ofX.plain, y: ofY.plain }] : undefined;
  const source = tableOfMaps(ofX.inputs, ofY.inputs);
  const maps = source.picks.length;
  const fit = await crossFit(gpu, source, { splits, budget, estimator, seed, maps, closedForms, onProgress, signal });
  try {
    const facts = estimators[estimator.name];
    const own = facts.value === "own";
    const held = pooled(estimator, fit.folds, left.rows);
    const standardError = standardErrorOf(held.influences);
    const others: SecondOpinions = stacked
      ? await secondOpinions(gpu, opinionSide([left], ofX), opinionSide(right, ofY), held.pointwise, { seed, signal })
      : { opinions: [], excess: 0, finest: 0, loss: 0, strongest: 0 };
    const [xWidth, yWidth] = [ofX.plain[0]!.columns, ofY.plain[0]!.columns];
    const certain = Math.max(0, held.raw);
    const all = weightOf(fit.folds);
    const shown = {
      ...{ held: held.raw, standardError, columns: columnsOf([left, ...right]) },
      rows: fit.folds.reduce((sum, f) => sum + f.split.test.length, 0),
      ...{ seen: meanOf(fit.folds, (f) => f.seen), disagreement: meanOf(fit.folds, (f) => f.disagreement) },
      closed: all > 0 ? 1 - weightOf(fit.folds, isNetwork) / all : 0,
    };
    const byMembers = certain + liftOfMembers(shown);
    const evidence: Evidence = {
      ...shown,
      neighbors: beyond(others, shown, z),
      finer: Math.max(0, others.finest - certain),
      loss: others.loss,
      // A table of categories has a parameter per cell, a smooth dependence at least one per input.
      freedom: (discrete ? xWidth * yWidth : xWidth + yWidth) + z * z,
    };
    const verdict = judge(evidence, z);
    const lift = own ? 0 : verdict.lift;
    // Few blocks know their spread badly: Student's t in place of the normal quantile.
    const student = own ? studentExcess(z, held.influences.length - 1) * standardError : 0;
    return {
      ...held,
      lift,
      excess: student + (facts.bound === "lower" ? 0 : verdict.above),
      shortfall: student + verdict.above,
      upperFrom: verdict.words,
      evidence,
      members: fit.folds[0]!.members.map((name, m) => ({ name, weight: meanOf(fit.folds, (f) => f.weights[m]!) })),
      opinions: others.opinions,
      diagnostics: diagnose(fit, {
        ...{ raw: held.raw, mi: Math.max(byMembers, certain + others.excess), standardError, z, evidence },
        ...{ opinions: others.opinions, strongest: others.strongest, excess: others.excess },
        ...{ inputs: xWidth + yWidth, steps: budget.steps },
      }),
      trace: meanTrace(fit),
      validation: fit.looks,
      stepsPerSecond: fit.stepsPerSecond * splits.length * budget.restarts,
      score: facts.rows || facts.output === "other" ? noScore(estimator.name) : await criticScores(fit, [left], right),
      folds: fit.folds,
    };
  } finally {
    fit.trainer.dispose();
    fit.best.buffer.destroy();
  }
}

const columnsOf = (sides: readonly Side[]) => sides.reduce((sum, { columns }) => sum + columns.length, 0);

/** The inputs of sides by each map; `plain` are those without the radius. */
function inputsOfSides(sides: readonly Side[]): { inputs: Table32[]; plain: Table32[] } {
  const maps = mapsOf(sides);
  return { inputs: tablesOf(sides, maps, true), plain: tablesOf(sides, maps, false) };
}

/** What second opinions are asked about: columns as they were given, as ranks, and the log radius of one side alone. */
function opinionSide(sides: readonly Side[], { inputs, plain }: ReturnType<typeof inputsOfSides>): OpinionSide {
  const last = inputs.at(-1)!;
  const hasRadius = sides.length === 1 && sides[0]!.maps.at(-1)!.radius !== undefined;
  return {
    ranks: plain[0]!,
    radius: hasRadius ? columnOf(last, last.columns - 1) : undefined,
    columns: sides.flatMap((side) => side.columns),
    transforms: sides.flatMap((side) => side.maps[0]!.transforms),
  };
}

const isNumber = ({ kind }: Transform) => kind !== "one-hot";

/** How much further out than z the quantile of Student's t lies (Cornish and Fisher 1938). */
const studentExcess = (z: number, freedom: number): number =>
  (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);

const noScore = (name: string) => async (): Promise<never> => {
  throw new InputError(
    `the critic of "${name}" is not the log density ratio, or only up to a function of x, so it cannot score new rows. ` +
      'Use estimator "remine"',
  );
};

/** Standard error of a mean over the rows that were held out. */
export function standardErrorOf(influences: Float64Array): number {
  const held = influences.filter((v) => !Number.isNaN(v));
  return Math.sqrt(mean(held.map((v) => v * v)) / held.length);
}

/** One value over the held-out scores of all folds; influences and log ratios by row. */
export function pooled(estimator: Estimator, folds: readonly FoldResult[], rows: number) {
  if (estimators[estimator.name].value === "own") return pooledOwn(estimator, folds, rows);
  const joint = joined(folds, (f) => f.ensemble.joint);
  const marginal = joined(folds, (f) => f.ensemble.marginal);
  const partition = logPartition(marginal, isPinned(estimator));
  const raw = mean(joint) - partition;
  const [pointwise, influence] = [new Float64Array(rows).fill(Number.NaN), new Float64Array(rows).fill(Number.NaN)];
  for (const { split, ensemble, pairing } of folds) {
    const n = split.test.length;
    const own = influences(ensemble.joint, ensemble.marginal, pairing.perRow, (i, c) => partnerOf(i, c, n, pairing));
    split.test.forEach((row, i) => {
      pointwise[row] = ensemble.joint[i]! - partition;
      influence[row] = own[i]!;
    });
  }
  return { raw, pointwise, influences: influence };
}

function meanTrace({ trace, steps }: CrossFit): MeanTrace {
  const average = (pick: (r: number) => Float32Array) =>
    Float64Array.from({ length: steps }, (_, i) => trace.reduce((sum, _t, r) => sum + pick(r)[i]!, 0) / trace.length);
  return {
    joint: average((r) => trace[r]!.joint),
    logPartition: average((r) => trace[r]!.logPartition),
    value: average((r) => trace[r]!.value),
  };
}
