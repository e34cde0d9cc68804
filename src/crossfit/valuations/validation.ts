/** Scores of validation rows while critics train. */

import { estimators } from "../../gpu/shaders.gen.ts";
import type { RowScores } from "../../math/statistics.ts";
import { type Pairing, pairingFor } from "../../training/pairing.ts";
import { type Critics, ofEachCritic, rowScorer } from "../networks.ts";

/** Marginal pairs of each validation row at a look. */
const LOOK_MARGINALS = 16;

/** Scores of all replicas that a look computes at once: 64 units of each are 64 MiB. */
const LOOK_SCORES = 2 ** 18;

/** Scores the validation rows of every critic with its parameters as they are at the call. */
export async function validationScorer(
  critics: Critics,
): Promise<{ score(): Promise<RowScores[]>; rows: Uint32Array[]; pairing: Pairing; dispose(): void }> {
  const { trainer, splits } = critics;
  const { estimator, replicas } = trainer.options;
  const marginals = estimators[estimator.name].pairs === "rows" ? 2 * LOOK_MARGINALS : LOOK_MARGINALS;
  // As many rows at once as memory allows: a look is then one submit, or a few.
  const size = Math.floor(LOOK_SCORES / (replicas * (1 + marginals)));
  const pairing = pairingFor(Math.min(...splits.map((s) => s.validation.length)), marginals, size);
  const scorer = await rowScorer(trainer, trainer.params, pairing);
  const rows = ofEachCritic(critics, (split) => split.validation);
  return { score: () => scorer.score(rows), rows, pairing, dispose: () => scorer.dispose() };
}
