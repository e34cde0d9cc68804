/** Members of the ensemble: what a fold's rows are scored by. */

import type { RowScores } from "../math/statistics.ts";
import type { Pairing } from "../training/pairing.ts";
import type { Table32 } from "./inputs.ts";
import type { KeptMembers } from "./kept.ts";
import type { Scratch } from "./scratch.ts";

/** New rows as both sides' maps show them: one table for each map. */
export interface NewRows {
  x: readonly Table32[];
  y: readonly Table32[];
  rows: number;
}

/**
 * Anything that was fitted on a fold's training rows and scores pairs of rows: a log density ratio up to a factor and a
 * constant, nats. Trained critics are one kind (networks.ts), closed forms another (gaussian-members.ts). What the members
 * are worth is decided on validation rows (stacking.ts), so one that learned nothing does no harm.
 */
export interface Members {
  /** Of one fold, in the order of their scores. */
  readonly names: readonly string[];
  /**
   * Scores rows and their marginal partners.
   *
   * @param rows of some folds in a row, which their members did not see unless they are meant to
   * @param first of these folds
   * @param scratch where the scores stand until it is cleared
   * @returns for each of them, the scores by each of its members
   */
  score(rows: readonly Uint32Array[], pairing: Pairing, first: number, scratch: Scratch): Promise<RowScores[][]>;
  /** What is needed to score new rows once the trainer and its GPU are gone. */
  keep(): Promise<KeptMembers>;
}
