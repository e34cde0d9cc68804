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
import { Scratch } from "../scratch.ts";
import { stackWeights } from "../stacking.ts";
import { validationScorer } from "./validation.ts";
import type { Pooled, ScoreOptions, Validator, Valuation } from "./valuation.ts";

/** More than this is no disagreement of members but a broken one, nats. */
const MOST_DISAGREEMENT = 0.5;

/** Seen rows are paired with so many times fewer others than held-out ones: theirs is a diagnosis, not the estimate. */
const SEEN_SHARE = 4;

/** Bytes of scores that are held at once: of as many folds as fit. */
const MOST_BYTES = 2 ** 28;

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
  const members = await membersOf(critics, closedForms);
  const turn = () => critics.trainer.gpu.turn();
  const networks = members[0]!.names.length;
  const by = <T>(pick: (s: Split) => Uint32Array, marginals: number, take: Take<T>) =>
    scoreEach(members, splits.map(pick), marginals, take, turn);
  const checked = await by(
    (s) => s.validation,
    budget.validationMarginals,
    (scores, _, scratch) => {
      // Of many folds the scores would be much to keep, and only one that is alone is asked for them.
      if (splits.length === 1) return weigh(scores, pinned);
      const { validation: _dropped, ...weighed } = weigh(scores, pinned, scratch);
      return weighed;
    },
  );
  const test = await by(
    (s) => s.test,
    budget.heldOutMarginals,
    (scores, f, scratch) => {
      const { weights, constant } = checked.found[f]!;
      const sum = combine(scores, weights);
      return {
        held: boundOf(sum, pinned),
        ensemble: lessConstant(sum, constant),
        disagreement: disagreement(scores.slice(0, networks), weights, scratch),
      };
    },
  );
  const seenMarginals = Math.ceil(budget.heldOutMarginals / SEEN_SHARE);
  const seen = heldOnly
    ? undefined
    : await by(
        (s) => s.train.slice(0, s.test.length),
        seenMarginals,
        (scores, f, scratch) =>
          boundOf(
            combine(scores, checked.found[f]!.weights, (length) => scratch.double(length)),
            pinned,
          ),
      );
  const folds = splits.map(
    (split, f): FoldResult => ({
      ...{ split, pairing: test.pairing, validationPairing: checked.pairing, ...checked.found[f]!, ...test.found[f]! },
      members: members.flatMap(({ names }) => names),
      seen: seen?.found[f] ?? Number.NaN,
    }),
  );
  return { members, folds };
}

/** The trained networks come first. */
async function membersOf(critics: Critics, closedForms: ScoreOptions["closedForms"]): Promise<Members[]> {
  const { splits } = critics;
  if (!closedForms) return [networks(critics)];
  const perFit = splits.length / closedForms.length;
  const folds = splits.map(({ train }, f) => ({ ...closedForms[Math.floor(f / perFit)]!, train }));
  return [networks(critics), await gaussianMembers(critics.trainer.gpu, folds)];
}

const boundOf = ({ joint, marginal }: RowScores, pinned: boolean) => mean(joint) - logPartition(marginal, pinned);

/** Weighs the members of a fold on its validation rows; with a `scratch`, `validation` is gone when that is cleared. */
function weigh(scores: readonly RowScores[], pinned: boolean, scratch?: Scratch) {
  const weights = stackWeights(scores);
  const sum = combine(scores, weights, scratch && ((length) => scratch.double(length)));
  const constant = logPartition(sum.marginal, pinned);
  const validation = lessConstant(sum, constant);
  return { weights, constant, validation, chosen: boundOf(validation, pinned) };
}

/** What is made of a fold's scores by each of its members. */
type Take<T> = (scores: RowScores[], fold: number, scratch: Scratch) => T;

/** Takes each fold's scores in turn; those of many rows are not all there at once. */
async function scoreEach<T>(
  kinds: readonly Members[],
  rows: readonly Uint32Array[],
  marginals: number,
  take: Take<T>,
  turn: () => Promise<void>,
): Promise<{ pairing: Pairing; found: T[] }> {
  const lengths = rows.map((list) => list.length);
  const pairing = pairingFor(Math.min(...lengths), marginals);
  const members = kinds.reduce((sum, { names }) => sum + names.length, 0);
  const bytes = 8 * members * Math.max(...lengths) * (1 + pairing.perRow);
  const together = Math.max(1, Math.floor(MOST_BYTES / bytes));
  const found: T[] = [];
  const scratch = new Scratch();
  for (let first = 0; first < rows.length; first += together) {
    const some = rows.slice(first, first + together);
    scratch.clear();
    const lists: RowScores[][][] = [];
    for (const kind of kinds) lists.push(await kind.score(some, pairing, first, scratch));
    for (const i of some.keys()) {
      await turn();
      const scores = lists.flatMap((list) => list[i]!);
      found.push(take(scores, first + i, scratch));
    }
  }
  return { pairing, found };
}

/**
 * The part of what is missing that is variance between networks, nats: E_q[e^T] of the mean of normalised members is below
 * 1 by Jensen, the more the less they agree. In proportion to their weight.
 */
function disagreement(networks: readonly RowScores[], weights: readonly number[], scratch: Scratch): number {
  const sum = networks.reduce((total, _, m) => total + weights[m]!, 0);
  const middle = scratch.double(networks[0]!.marginal.length).fill(0);
  for (const { marginal } of networks) {
    const constant = logMeanExp(marginal);
    for (let i = 0; i < middle.length; i++) middle[i]! += (1 / networks.length) * (marginal[i]! - constant);
  }
  return Math.min(MOST_DISAGREEMENT, Math.max(0, -logMeanExp(middle))) * Math.min(1, sum);
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
