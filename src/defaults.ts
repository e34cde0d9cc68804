/** What `estimate` spends if nobody says. */
import type { Budget } from "./crossfit.ts";
import { InputError } from "./errors.ts";

/**
 * The rule for what a user does not set. It depends on rows n and on the width of the critic's input:
 *
 * - 5 folds, so that each critic trains on 70 % of the rows; 2 restarts per fold, whose outputs are averaged
 * - two hidden layers of 64 units; 96 when the input is wider than 16, 128 with `thorough`
 * - batch 128, at most half of a fold's training rows, and 4 marginal pairs for each joint one: e^T is the heavier-tailed
 *   of the two, the more so the higher the MI; 64 with 15 each for estimators that compare the pairs of a row
 * - 1500 steps at most, fewer for few rows: no row is seen more than 400 times
 * - AdamW 2e-3 falling to 0 along a cosine, gradients clipped at 1, weight decay 0.1 and 1 in
 *   turn: few inputs want the small one, many the large one, and validation rows weigh the critics; 0.01 and 0.1 when
 *   a column became one-hot, where decay keeps categories from parting
 * - held-out rows are paired with 10 to 200 others each, about 400 000 pairs in all: the log-partition is a sample mean
 *
 * `thorough` takes 4 restarts and 4000 steps.
 */
export function defaultBudget(
  rows: number,
  width: number,
  { thorough = false, discrete = false, byRow = false } = {},
): Budget {
  const train = Math.floor(rows * 0.7);
  const batch = Math.max(2, Math.min(byRow ? 64 : 128, Math.floor(train / 2)));
  const most = thorough ? 4000 : 1500;
  const hidden = thorough ? 128 : 64;
  return {
    folds: 5,
    restarts: thorough ? 4 : 2,
    hidden: [hidden, hidden],
    embed: 32,
    products: 0,
    batch,
    perJoint: byRow ? 15 : 4,
    steps: Math.max(100, Math.min(most, Math.ceil((400 * train) / batch / 50) * 50)),
    checkEvery: 50,
    patience: thorough ? 16 : 8,
    learningRate: 2e-3,
    weightDecay: discrete ? [0.01, 0.1] : width > 16 ? [1, 1] : [0.1, 0.1],
    heldOutMarginals: Math.max(20, Math.min(200, Math.round(1_000_000 / rows))),
    validationMarginals: 100,
  };
}

/** The default budget with what the caller set. */
export function budgetFor(
  rows: number,
  width: number,
  set: Partial<Budget> & { thorough?: boolean; discrete?: boolean; byRow?: boolean },
): Budget {
  const chosen = Object.entries(defaultBudget(rows, width, set)).map(([name, value]) => [
    name,
    set[name as keyof Budget] ?? value,
  ]);
  const budget = Object.fromEntries(chosen) as Budget;
  // A small batch has few other pairings to offer.
  if (set.perJoint === undefined) budget.perJoint = Math.max(1, Math.min(budget.perJoint, budget.batch - 1));
  for (const name of [
    "folds",
    "restarts",
    "batch",
    "perJoint",
    "steps",
    "checkEvery",
    "patience",
    "heldOutMarginals",
    "validationMarginals",
    "embed",
  ] as const) {
    if (!Number.isInteger(budget[name]) || budget[name] < 1) {
      throw new InputError(`"${name}" must be a positive integer, got ${budget[name]}`);
    }
  }
  for (const name of ["learningRate", "weightDecay"] as const) {
    const values = [budget[name]].flat();
    if (values.length === 0 || !values.every((value) => value >= 0)) {
      throw new InputError(`"${name}" must be at least 0, got ${budget[name]}`);
    }
  }
  if (budget.folds < 2 || budget.folds > rows / 4) {
    throw new InputError(
      `"folds" must lie between 2 and ${Math.floor(rows / 4)} (a quarter of the rows), got ${budget.folds}`,
    );
  }
  return budget;
}
