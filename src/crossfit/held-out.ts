/** Held-out rows: members are weighed on validation rows, and score the test rows once. */
import { combine, logMeanExp, logPartition, mean, type RowScores } from "../math/statistics.ts";
import { pairingFor } from "../training/pairing.ts";
import type { Budget } from "./budget.ts";
import type { FoldResult, Split } from "./folds.ts";
import type { Members } from "./member.ts";
import { stackWeights } from "./stacking.ts";

/** More than this is no disagreement of members but a broken one, nats. */
const MOST_DISAGREEMENT = 0.5;

/** Seen rows are paired with so many times fewer others than held-out ones: theirs is a diagnosis, not the estimate. */
const SEEN_SHARE = 4;

export const lessConstant = ({ joint, marginal }: RowScores, constant: number): RowScores => ({
  joint: joint.map((t) => t - constant),
  marginal: marginal.map((t) => t - constant),
});

/**
 * Weighs the members of every fold and scores its test rows, and as many of its training rows.
 *
 * @param kinds of members; the trained networks come first
 * @param options.heldOnly leave `seen` out, which is NaN then
 * @param options.pinned members are normalised by themselves
 */
export async function scoreFolds(
  kinds: readonly Members[],
  splits: readonly Split[],
  budget: Pick<Budget, "heldOutMarginals" | "validationMarginals">,
  { heldOnly = false, pinned = false }: { heldOnly?: boolean | undefined; pinned?: boolean } = {},
): Promise<FoldResult[]> {
  const bound = ({ joint, marginal }: RowScores) => mean(joint) - logPartition(marginal, pinned);
  const score = async (rows: readonly Uint32Array[], marginals: number) => {
    const pairing = pairingFor(Math.min(...rows.map((list) => list.length)), marginals);
    const lists: RowScores[][][] = [];
    for (const kind of kinds) lists.push(await kind.score(rows, pairing));
    return { pairing, byFold: splits.map((_, f) => lists.flatMap((list) => list[f]!)) };
  };
  const validation = await score(
    splits.map((s) => s.validation),
    budget.validationMarginals,
  );
  const test = await score(
    splits.map((s) => s.test),
    budget.heldOutMarginals,
  );
  const trained = heldOnly
    ? undefined
    : await score(
        splits.map((s) => s.train.slice(0, s.test.length)),
        Math.ceil(budget.heldOutMarginals / SEEN_SHARE),
      );
  const networks = kinds[0]!.names.length;
  return splits.map((split, f) => {
    const weights = stackWeights(validation.byFold[f]!);
    const checked = combine(validation.byFold[f]!, weights);
    const constant = logPartition(checked.marginal, pinned);
    const held = combine(test.byFold[f]!, weights);
    const fitted = trained && combine(trained.byFold[f]!, weights);
    return {
      split,
      pairing: test.pairing,
      validationPairing: validation.pairing,
      ensemble: lessConstant(held, constant),
      validation: lessConstant(checked, constant),
      members: kinds.flatMap(({ names }) => names),
      weights,
      constant,
      held: bound(held),
      seen: fitted ? bound(fitted) : Number.NaN,
      disagreement: disagreement(test.byFold[f]!.slice(0, networks), weights),
    };
  });
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

/** Mean over the folds. */
export const meanOf = (folds: readonly FoldResult[], pick: (fold: FoldResult) => number): number =>
  mean(folds.map(pick));

/** The scores of all folds, one fold after the other. */
export const joined = (folds: readonly FoldResult[], pick: (f: FoldResult) => Float64Array): Float64Array => {
  const lists = folds.map(pick);
  const all = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
};

/** Whether a member of this name is a trained network, and no closed form. */
export const isNetwork = (member: string): boolean => member.startsWith("network");

/** Sum of the weights of some members, mean over the folds. */
export const weightOf = (
  folds: readonly Pick<FoldResult, "members" | "weights">[],
  which: (member: string) => boolean = () => true,
): number => mean(folds.map((f) => f.weights.reduce((sum, w, m) => sum + (which(f.members[m]!) ? w : 0), 0)));
