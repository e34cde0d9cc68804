/**
 * The Donsker-Varadhan bound of held-out scores: members are weighed on validation rows, score the test rows once, and all
 * these scores are pooled into one bound.
 */
import { type Estimator, isPinned } from "../../estimators/estimator.ts";
import type { Turn } from "../../gpu/run.ts";
import { bound, influences, logPartition, mean } from "../../math/statistics.ts";
import { partnerOf } from "../../training/pairing.ts";
import { type FoldResult, joined } from "../folds.ts";
import { gaussianMembers } from "../gaussian-members.ts";
import { scoreFolds } from "../held-out.ts";
import type { Members } from "../member.ts";
import { type Critics, clipped, mostOf, networks } from "../networks.ts";
import { validationScorer } from "./validation.ts";
import type { Pooled, ScoreOptions, Validator, Valuation } from "./valuation.ts";

/** For estimators whose critics are log density ratios, up to a constant. */
export function donskerVaradhan(estimator: Estimator): Valuation {
  // Members that are normalised by themselves.
  const pinned = isPinned(estimator);
  return {
    validate,
    score: (critics, options) => score(critics, options, pinned),
    pool: (folds, rows, turn) => pool(folds, rows, pinned, turn),
    lift: (verdict) => verdict.lift,
    unfit: [],
  };
}

async function validate(critics: Critics): Promise<Validator> {
  const { splits, restarts } = critics;
  const scorer = await validationScorer(critics);
  return {
    async look() {
      const scores = await scorer.score();
      const values = scores
        .map((s, r) => clipped(s, mostOf(splits[Math.floor(r / restarts)]!)))
        .map(({ joint, marginal }) => bound(joint, marginal));
      return { targets: values, values };
    },
    dispose: scorer.dispose,
  };
}

async function score(critics: Critics, { budget, closedForms, heldOnly }: ScoreOptions, pinned: boolean) {
  const { splits } = critics;
  const members = await membersOf(critics, closedForms);
  const turn = () => critics.trainer.gpu.turn();
  return { members, folds: await scoreFolds(members, splits, budget, { heldOnly, pinned, turn }) };
}

/** The trained networks come first. */
async function membersOf(critics: Critics, closedForms: ScoreOptions["closedForms"]): Promise<Members[]> {
  const { splits } = critics;
  if (!closedForms) return [networks(critics)];
  const perFit = splits.length / closedForms.length;
  const folds = splits.map(({ train }, f) => ({ ...closedForms[Math.floor(f / perFit)]!, train }));
  return [networks(critics), await gaussianMembers(critics.trainer.gpu, folds)];
}

/** One bound over the held-out scores of all folds; influences and log ratios by row. */
async function pool(folds: readonly FoldResult[], rows: number, pinned: boolean, turn: Turn): Promise<Pooled> {
  const joint = joined(folds, (f) => f.ensemble.joint);
  const marginal = joined(folds, (f) => f.ensemble.marginal);
  const partition = logPartition(marginal, pinned);
  const [pointwise, byRow] = [new Float64Array(rows).fill(Number.NaN), new Float64Array(rows).fill(Number.NaN)];
  for (const { split, ensemble, pairing } of folds) {
    await turn();
    const n = split.test.length;
    const ofFold = influences(ensemble.joint, ensemble.marginal, pairing.perRow, (i, c) => partnerOf(i, c, n, pairing));
    split.test.forEach((row, i) => {
      pointwise[row] = ensemble.joint[i]! - partition;
      byRow[row] = ofFold[i]!;
    });
  }
  return { raw: mean(joint) - partition, influences: byRow, degreesOfFreedom: Number.POSITIVE_INFINITY, pointwise };
}
