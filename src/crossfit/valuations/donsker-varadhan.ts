/**
 * The Donsker-Varadhan bound of held-out scores: members are weighed on validation rows, score the test rows once, and all
 * these scores are pooled into one bound.
 */
import { effectiveCount, type Units } from "../../data/units.ts";
import { type Estimator, isPinned } from "../../estimators/estimator.ts";
import type { Turn } from "../../gpu/run.ts";
import { influences, logPartition, meanJoint } from "../../math/statistics.ts";
import { countsOf, type FoldResult, joined } from "../folds.ts";
import { gaussianMembers } from "../gaussian-members.ts";
import { scoreFolds } from "../held-out.ts";
import { independently, partnersOf } from "../independent-pairs.ts";
import type { Members } from "../member.ts";
import { type Critics, clipped, mostOf, networks } from "../networks.ts";
import { pairWeights } from "../pair-weights.ts";
import { validationScorer } from "./validation.ts";
import type { Pooled, ScoreOptions, Validator, Valuation } from "./valuation.ts";

/** For estimators whose critics are log density ratios, up to a constant. */
export function donskerVaradhan(estimator: Estimator): Valuation {
  // Members that are normalised by themselves.
  const pinned = isPinned(estimator);
  return {
    validate,
    score: (critics, options) => score(critics, options, pinned),
    pool: (folds, rows, turn, units) => pool(folds, { rows, pinned, units }, turn),
    lift: (verdict) => verdict.lift,
    unfit: [],
  };
}

async function validate(critics: Critics): Promise<Validator> {
  const { splits, restarts, weights } = critics;
  const scorer = await validationScorer(critics);
  const counts = splits.map(({ validation }) => pairWeights(validation, scorer.pairing, weights));
  return {
    async look() {
      const scores = await scorer.score();
      const values = scores.map((own, r) => {
        const fold = Math.floor(r / restarts);
        const all = clipped(own, mostOf(splits[fold]!));
        return meanJoint(all, counts[fold]) - logPartition(all.marginal, false, counts[fold]?.marginal);
      });
      return { targets: values, values };
    },
    dispose: scorer.dispose,
  };
}

async function score(critics: Critics, { budget, closedForms, heldOnly, units }: ScoreOptions, pinned: boolean) {
  const { splits, weights } = critics;
  const members = await membersOf(critics, closedForms);
  const turn = () => critics.trainer.gpu.turn();
  const scored = units ? members.map((kind) => independently(kind, units)) : members;
  return { members, folds: await scoreFolds(scored, splits, budget, { heldOnly, pinned, turn, weights, units }) };
}

/** The trained networks come first. */
async function membersOf(critics: Critics, closedForms: ScoreOptions["closedForms"]): Promise<Members[]> {
  const { splits, weights } = critics;
  if (!closedForms) return [networks(critics)];
  const perFit = splits.length / closedForms.length;
  const folds = splits.map(({ train }, f) => ({ ...closedForms[Math.floor(f / perFit)]!, train, weights }));
  return [networks(critics), await gaussianMembers(critics.trainer.gpu, folds)];
}

/** One bound over the held-out scores of all folds; influences and log ratios by row. */
async function pool(
  folds: readonly FoldResult[],
  { rows, pinned, units }: { rows: number; pinned: boolean; units: Units | undefined },
  turn: Turn,
): Promise<Pooled> {
  const joint = joined(folds, (f) => f.ensemble.joint);
  const marginal = joined(folds, (f) => f.ensemble.marginal);
  const counts = countsOf(folds);
  const partition = logPartition(marginal, pinned, counts?.marginal);
  const [pointwise, byRow] = [new Float64Array(rows).fill(Number.NaN), new Float64Array(rows).fill(Number.NaN)];
  for (const { split, ensemble, pairing, counts } of folds) {
    await turn();
    const partner = partnersOf(split.test, pairing, units);
    const ofFold = influences(ensemble, pairing.perRow, partner, counts);
    split.test.forEach((row, i) => {
      pointwise[row] = ensemble.joint[i]! - partition;
      byRow[row] = ofFold[i]!;
    });
  }
  const degreesOfFreedom = units ? effectiveCount(units) - 1 : Number.POSITIVE_INFINITY;
  return { raw: meanJoint({ joint, marginal }, counts) - partition, influences: byRow, degreesOfFreedom, pointwise };
}
