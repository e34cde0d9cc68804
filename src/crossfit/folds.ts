/** Folds: which rows train, decide and are held out, and what is then known of them. */

import type { Units } from "../data/units.ts";
import { shuffled } from "../math/random.ts";
import { mean, type RowScores } from "../math/statistics.ts";
import type { Pairing } from "../training/pairing.ts";
import type { Budget } from "./budget.ts";
import { splitGroups, splitTime, validationSizeOf } from "./unit-folds.ts";

/** Row numbers of one fold. No row is in two of the three. */
export interface Split {
  train: Uint32Array;
  /** Decides when to stop and how far to trust the critic. */
  validation: Uint32Array;
  /** Scored once, at the end. */
  test: Uint32Array;
}

/**
 * Deals shuffled rows into folds; a validation part is set aside from each fold's other rows.
 *
 * @param units none of which is in two parts of a fold (unit-folds.ts); default: each row is one
 */
export function splitRows(rows: number, { folds }: Pick<Budget, "folds">, seed: number, units?: Units): Split[] {
  if (units) return units.inTime ? splitTime(units, folds, seed) : splitGroups(units, folds, seed);
  const order = shuffled(rows, seed);
  const cut = (f: number) => Math.floor((f * rows) / folds);
  return Array.from({ length: folds }, (_, f) => {
    // The next fold's rows come first, so the front of the training rows is the next fold's test rows.
    const rest = new Uint32Array(rows - (cut(f + 1) - cut(f)));
    rest.set(order.subarray(cut(f + 1)));
    rest.set(order.subarray(0, cut(f)), rows - cut(f + 1));
    const validationSize = validationSizeOf(rest.length);
    return {
      test: order.slice(cut(f), cut(f + 1)),
      validation: rest.slice(rest.length - validationSize),
      train: rest.slice(0, rest.length - validationSize),
    };
  });
}

/** Rows that the critics of a fold learn from at most. Their steps draw about as many: more would only take time. */
export const MOST_LEARNING = { train: 100_000, validation: 14_000 } as const;

/** The same folds with no more than {@link MOST_LEARNING} of the rows, which lie at random; all are still held out once. */
export const spared = (splits: readonly Split[]): Split[] =>
  splits.map(({ train, validation, test }) => ({
    train: train.slice(0, MOST_LEARNING.train),
    validation: validation.slice(0, MOST_LEARNING.validation),
    test,
  }));

/** What a fold's members say of rows they never saw, in nats. */
export interface FoldResult {
  split: Split;
  /** How test rows were paired, and validation rows. */
  pairing: Pairing;
  validationPairing: Pairing;
  /** Log density ratios: the weighted sum of the members' scores, less `constant`. */
  ensemble: RowScores<Float64Array>;
  /** What each of these pairs counts; absent where all count alike. */
  counts?: RowScores<Float64Array> | undefined;
  /** The same for the validation rows, which chose `weights` and `constant`; of one fold alone, for there are many. */
  validation?: RowScores<Float64Array>;
  /** The bound on validation rows. */
  chosen: number;
  /** Names of the members, and their weights, chosen on validation rows. */
  members: string[];
  weights: number[];
  /** Log-partition of the weighted sum on validation rows. */
  constant: number;
  /** The estimate of the ensemble on its test rows, and on as many of its training rows (NaN if not asked for). */
  held: number;
  seen: number;
  /** How much of what is missing is variance between the networks. */
  disagreement: number;
  /** Of the jackknife: `held` without each block of test rows in turn; empty for one block. */
  without?: number[];
}

/** Mean over the folds. */
export const meanOf = (folds: readonly FoldResult[], pick: (fold: FoldResult) => number): number =>
  mean(folds.map(pick));

/** What the pairs of all folds count; undefined where all count alike. */
export function countsOf(folds: readonly FoldResult[]): RowScores<Float64Array> | undefined {
  if (!folds[0]!.counts) return undefined;
  return { joint: joined(folds, (f) => f.counts!.joint), marginal: joined(folds, (f) => f.counts!.marginal) };
}

/** The scores of all folds, one fold after the other; without a copy where they lie so already. */
export const joined = (folds: readonly FoldResult[], pick: (f: FoldResult) => Float64Array): Float64Array => {
  const lists = folds.map(pick);
  const length = lists.reduce((sum, list) => sum + list.length, 0);
  let [at, end] = [0, lists[0]!.byteOffset];
  const inOrder = lists.every(({ buffer, byteOffset, byteLength }) => {
    const follows = buffer === lists[0]!.buffer && byteOffset === end;
    end += byteLength;
    return follows;
  });
  if (inOrder) return new Float64Array(lists[0]!.buffer, lists[0]!.byteOffset, length);
  const all = new Float64Array(length);
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
