/**
 * The Donsker-Varadhan bound of held-out scores: members are weighed on validation rows, score the test rows once, and all
 * these scores are pooled into one bound.
 */
import { type Estimator, isPinned } from "../../estimators/estimator.ts";
import {
  bound,
  combine,
  influences,
  lessConstant,
  logMeanExp,
  logPartition,
  mean,
  type RowScores,
} from "../../math/statistics.ts";
import { type Pairing, pairingFor, partnerOf } from "../../training/pairing.ts";
import { type FoldResult, joined, type Split } from "../folds.ts";
import { gaussianMembers } from "../gaussian-members.ts";
import type { Members } from "../member.ts";
import { type Critics, clipped, mostOf, networks } from "../networks.ts";
import { stackWeights } from "../stacking.ts";
import { validationScorer } from "./validation.ts";
import type { Pooled, ScoreOptions, Validator, Valuation } from "./valuation.ts";

/** More than this is no disagreement of members but a broken one, nats. */
const MOST_DISAGREEMENT = 0.5;

/** Seen rows are paired with so many times fewer others than held-out ones: theirs is a diagnosis, not the estimate. */
const SEEN_SHARE = 4;

/** For estimators whose critics are log density ratios, up to a constant. */
export function donskerVaradhan(estimator: Estimator): Valuation {
  // Members that are normalised by themselves.
  const pinned = isPinned(estimator);
  return {
    validate,
    score: (critics, options) => score(critics, options, pinned),
    pool: (folds, rows) => pool(folds, rows, pinned),
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
  const members = [networks(critics)];
  if (closedForms) {
    const perFit = splits.length / closedForms.length;
    members.push(gaussianMembers(splits.map(({ train }, f) => ({ ...closedForms[Math.floor(f / perFit)]!, train }))));
  }
  const by = (pick: (s: Split) => Uint32Array, marginals: number) => scoreBy(members, splits.map(pick), marginals);
  const validation = await by((s) => s.validation, budget.validationMarginals);
  const test = await by((s) => s.test, budget.heldOutMarginals);
  const seenMarginals = Math.ceil(budget.heldOutMarginals / SEEN_SHARE);
  const seen = heldOnly ? undefined : await by((s) => s.train.slice(0, s.test.length), seenMarginals);
  const folds = splits.map((split, f) => foldResult(split, f, { members, validation, test, seen, pinned }));
  return { members, folds };
}

/** What the members of all folds say of some rows. */
interface MemberScores {
  pairing: Pairing;
  /** Of each fold, by each of its members. */
  byFold: RowScores[][];
}

async function scoreBy(
  kinds: readonly Members[],
  rows: readonly Uint32Array[],
  marginals: number,
): Promise<MemberScores> {
  const pairing = pairingFor(Math.min(...rows.map((list) => list.length)), marginals);
  const lists: RowScores[][][] = [];
  for (const kind of kinds) lists.push(await kind.score(rows, pairing));
  return { pairing, byFold: rows.map((_, f) => lists.flatMap((list) => list[f]!)) };
}

interface Scored {
  /** The trained networks come first. */
  members: readonly Members[];
  validation: MemberScores;
  test: MemberScores;
  seen: MemberScores | undefined;
  pinned: boolean;
}

/** Weighs the members of fold `f` on its validation rows. */
function foldResult(split: Split, f: number, { members, validation, test, seen, pinned }: Scored): FoldResult {
  const boundOf = ({ joint, marginal }: RowScores) => mean(joint) - logPartition(marginal, pinned);
  const weights = stackWeights(validation.byFold[f]!);
  const checked = combine(validation.byFold[f]!, weights);
  const constant = logPartition(checked.marginal, pinned);
  const held = combine(test.byFold[f]!, weights);
  return {
    split,
    pairing: test.pairing,
    validationPairing: validation.pairing,
    ensemble: lessConstant(held, constant),
    validation: lessConstant(checked, constant),
    members: members.flatMap(({ names }) => names),
    weights,
    constant,
    held: boundOf(held),
    seen: seen ? boundOf(combine(seen.byFold[f]!, weights)) : Number.NaN,
    disagreement: disagreement(test.byFold[f]!.slice(0, members[0]!.names.length), weights),
  };
}

/**
 * The part of what is missing that is variance between networks, nats: E_q[e^T] of the mean of normalised members is below
 * 1 by Jensen, the more the less they agree. In proportion to their weight.
 */
function disagreement(networks: readonly RowScores[], weights: readonly number[]): number {
  const sum = networks.reduce((total, _, m) => total + weights[m]!, 0);
  const normalised = networks.map((scores) => lessConstant(scores, logMeanExp(scores.marginal)));
  const { marginal } = combine(normalised, Array(networks.length).fill(1 / networks.length));
  return Math.min(MOST_DISAGREEMENT, Math.max(0, -logMeanExp(marginal))) * Math.min(1, sum);
}

/** One bound over the held-out scores of all folds; influences and log ratios by row. */
function pool(folds: readonly FoldResult[], rows: number, pinned: boolean): Pooled {
  const joint = joined(folds, (f) => f.ensemble.joint);
  const marginal = joined(folds, (f) => f.ensemble.marginal);
  const partition = logPartition(marginal, pinned);
  const [pointwise, byRow] = [new Float64Array(rows).fill(Number.NaN), new Float64Array(rows).fill(Number.NaN)];
  for (const { split, ensemble, pairing } of folds) {
    const n = split.test.length;
    const ofFold = influences(ensemble.joint, ensemble.marginal, pairing.perRow, (i, c) => partnerOf(i, c, n, pairing));
    split.test.forEach((row, i) => {
      pointwise[row] = ensemble.joint[i]! - partition;
      byRow[row] = ofFold[i]!;
    });
  }
  return { raw: mean(joint) - partition, influences: byRow, degreesOfFreedom: Number.POSITIVE_INFINITY, pointwise };
}
