/** What `estimate` spends if nobody says. */

import { InputError } from "../errors.ts";
import { type Estimator, isPinned, remine } from "../estimators/estimator.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { checkCounts, keysOf } from "../options.ts";

/** How much work an estimate may be: each a multiple of the usual one, in critic steps. */
export type Effort = "fast" | "usual" | "thorough";

/** What the rule goes by besides rows and width. */
export interface Nature {
  /** Whether a column is one-hot. */
  discrete?: boolean;
  /** Whose critics they are, by default ReMINE's. */
  estimator?: Estimator;
}

/** AdamW's rates: of every second critic, and the least of any. */
const HIGH = 1e-2;
const LOW = 2e-3;

const efforts = {
  fast: { folds: 3, restarts: 2, steps: 500, patient: 300 },
  usual: { folds: 5, restarts: 2, steps: 1200, patient: 400 },
  thorough: { folds: 5, restarts: 4, steps: 3000, patient: 800 },
};

/**
 * The rule for what a user does not set. It depends on rows n and on the width of the critic's input:
 *
 * - 5 folds, so that each critic trains on 70 % of the rows; 2 restarts per fold, one for each map of the columns
 * - a tower of two layers of 64 units for each side; they meet in 32 units, 16 of them bounded products
 * - batch 64, at most half of a fold's training rows, and 4 marginal pairs for each joint one: e^T is the heavier-tailed
 *   of the two, the more so the higher the MI; of more than 4 inputs one for every 625 rows, at most 16; 15 each for
 *   estimators that compare the pairs of a row
 * - AdamW at a rate of 2e-3 up to 2000 rows, lest these are learned by heart, in proportion to rows from there on, 1e-2 from
 *   10 000 on; for the critics of the second map 1e-2 at any size, which sharp shapes call for, where the loss pins the
 *   log-partition (others explode); falling to 0 along a cosine, gradients clipped at 1
 * - 1200 steps at most, 2000 above 4 inputs, which have to be told apart; where the lower rate rises fewer, from 10 000 rows on
 *   750 and 1250; fewer for few rows: no row is seen more than 150 times, 250 with many columns; a look at validation rows every
 *   50 steps, or 100 where those do not pass over the rows; from half way on, the end where the looks of 400 steps brought
 *   less than .002 nats; as many again where some critics found what others did not, if at least 12 validation rows say so
 * - weight decay 0.1; above 16 inputs, where rare marginal pairs would reach any output, 1 up to 5000 rows and from there on
 *   in inverse proportion to them, down to 0.1; 0.01 and 0.1 in turn when a column became one-hot, where decay keeps
 *   categories from parting; where the lower rate rises less, so that a step at it shrinks parameters by as much
 * - held-out rows are paired with 20 to 200 others each, about a million pairs in all: the log-partition is a sample mean;
 *   validation rows with 100, for weights that one rare pair cannot move
 *
 * `fast` trains a quarter as much (3 folds, 500 steps; half the time), `thorough` at most five times as much (4 restarts, 3000 steps).
 */
export function defaultBudget(
  rows: number,
  width: number,
  { effort = "usual", discrete = false, estimator = remine() }: Nature & { effort?: Effort } = {},
): Budget {
  const { folds, restarts, steps, patient } = efforts[effort];
  const many = width > 4;
  const most = many ? Math.round(steps / 0.6) : steps;
  const perJoint = many ? Math.max(4, Math.min(16, Math.floor(rows / 625))) : 4;
  const low = Math.max(LOW, Math.min(HIGH, 1e-6 * rows));
  const risen = low / LOW;
  const decay = discrete ? [0.01, 0.1] : [width > 16 ? Math.max(0.1, Math.min(1, 5000 / rows)) : 0.1];
  const train = Math.floor(rows * 0.875 * (1 - 1 / folds));
  const batch = Math.max(2, Math.min(64, Math.floor(train / 2)));
  // Once all rows were seen, but not so seldom that a critic of few rows passes its best look unseen.
  const checkEvery = train / batch < 100 ? 50 : 100;
  return {
    ...{ folds, restarts, batch, checkEvery },
    patience: Math.ceil(patient / checkEvery),
    hidden: [64, 64],
    embed: 32,
    products: 16,
    perJoint: estimators[estimator.name].pairs === "rows" ? 15 : perJoint,
    steps: Math.max(100, Math.min(roundTo50(most * risen ** -0.3), Math.ceil(((most / 8) * train) / batch / 50) * 50)),
    learningRate: isPinned(estimator) ? [low, HIGH] : low,
    weightDecay: decay.map((each) => each / risen),
    heldOutMarginals: Math.max(20, Math.min(200, Math.round(1_000_000 / rows))),
    // About 4 million pairs of a fold tell a few weights and one constant; more of them only take memory.
    validationMarginals: Math.max(20, Math.min(100, Math.round(40_000_000 / rows))),
  };
}

const roundTo50 = (steps: number) => Math.round(steps / 50) * 50;

/** The default budget with what the caller set. */
export function budgetFor(
  rows: number,
  width: number,
  set: Partial<Budget> & { fast?: boolean; thorough?: boolean },
  nature: Nature = {},
): Budget {
  if (set.fast && set.thorough) throw new InputError('"fast" and "thorough" contradict each other. Leave one out');
  const effort = set.fast ? "fast" : set.thorough ? "thorough" : "usual";
  const chosen = Object.entries(defaultBudget(rows, width, { effort, ...nature })).map(([name, value]) => [
    name,
    set[name as keyof Budget] ?? value,
  ]);
  const budget = Object.fromEntries(chosen) as Budget;
  // A small batch has few other pairings to offer.
  if (set.perJoint === undefined) budget.perJoint = Math.max(1, Math.min(budget.perJoint, budget.batch - 1));
  if (set.products === undefined) budget.products = Math.min(budget.products, 4 * Math.floor(budget.embed / 8));
  const { folds, restarts, batch, perJoint, steps, checkEvery, patience, embed } = budget;
  const { heldOutMarginals, validationMarginals } = budget;
  checkCounts({ folds, restarts, batch, perJoint, steps, checkEvery, patience });
  checkCounts({ heldOutMarginals, validationMarginals, embed });
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

/** How the rows are divided and the critics trained. Chosen by `defaultBudget`, or by the user. */
export interface Budget {
  folds: number;
  /** Critics per fold, whose outputs are averaged. */
  restarts: number;
  /** Widths of the hidden layers of each side's tower. */
  hidden: readonly number[];
  /** Units in which the towers of x and y meet, and of the layer after. */
  embed: number;
  /** Of `embed`, how many are bounded products of both sides. */
  products: number;
  /** Joint pairs a step. */
  batch: number;
  /** Marginal pairs per joint pair in training. */
  perJoint: number;
  /** Once more where some critics found what others did not (crossfit/training.ts). */
  steps: number;
  /** Steps between two looks at the validation rows. */
  checkEvery: number;
  /** Looks that must bring nothing more, from half of `steps` on, for training to end. */
  patience: number;
  /** AdamW's, one for each restart in turn. */
  learningRate: number | readonly number[];
  /** Decoupled weight decay, one for each restart in turn. */
  weightDecay: number | readonly number[];
  /** Marginal pairs per row when held-out rows are scored. */
  heldOutMarginals: number;
  /** The same of validation rows, on which members are weighed. */
  validationMarginals: number;
}

export const budgetKeys = keysOf<Budget>()(
  "folds restarts hidden embed products batch perJoint steps checkEvery patience learningRate weightDecay heldOutMarginals validationMarginals",
);
