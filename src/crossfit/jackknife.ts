/** Cross-fitting for estimators whose value is not Donsker-Varadhan's: their kernels judge validation and held-out rows. */

import type { Estimator } from "../estimators/estimator.ts";
import type { Gpu, Tensor } from "../gpu/device.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { combine, logMeanExp, mean, type RowScores } from "../math/statistics.ts";
import { identityPairs } from "../sources/source.ts";
import { baselineOf } from "../training/baseline.ts";
import { pairingFor } from "../training/pairing.ts";
import type { Trainer } from "../training/trainer.ts";
import type { Budget } from "./budget.ts";
import type { FoldResult, Split } from "./folds.ts";
import { lessConstant } from "./held-out.ts";
import { pairsAtOnce, rowScorer } from "./networks.ts";
import { type Block, evaluateBlocks, valueOfBlocks } from "./score-blocks.ts";

const MOST_BLOCKS = 10;
const FEWEST_ROWS = 20;

/** Of a row that is compared with others: the value cannot exceed the log of their number. */
const ROW_MARGINALS = 255;

/** The scores of rows as one (N, 1+K) block each, the first `joint` rows of every list. */
function blockOf({ joint, marginal }: RowScores, count: number, from = 0, baseline?: ArrayLike<number>): Block {
  const marginals = marginal.length / joint.length;
  const scores = new Float32Array(count * (1 + marginals));
  for (let i = 0; i < count; i++) {
    scores[i * (1 + marginals)] = joint[from + i]!;
    const others = marginal.subarray((from + i) * marginals, (from + i + 1) * marginals);
    scores.set(others, i * (1 + marginals) + 1);
  }
  return { scores, baseline: baseline && Float32Array.from({ length: count }, (_, i) => baseline[from + i]!) };
}

/** What each replica's validation rows say: the objective, which decides when to stop, and the value, both nats. */
export async function ownValues(
  gpu: Gpu,
  estimator: Estimator,
  scores: readonly RowScores[],
  baselines: readonly ArrayLike<number>[] | undefined,
): Promise<{ targets: number[]; values: number[] }> {
  const joint = Math.min(...scores.map((s) => s.joint.length));
  const marginals = scores[0]!.marginal.length / scores[0]!.joint.length;
  const blocks = scores.map((s, r) => blockOf(s, joint, 0, baselines?.[r]));
  const { records } = await evaluateBlocks(gpu, estimator, { joint, marginals }, blocks);
  return { targets: records.map((r) => r.objective), values: records.map((r) => r.value) };
}

/** Scores every fold's test rows in blocks, and as many of its training rows. Restarts are averaged, all alike. */
export async function scoreOwnFolds(
  trainer: Trainer,
  best: Tensor,
  splits: readonly Split[],
  budget: Budget,
  heldOnly = false,
): Promise<FoldResult[]> {
  const { restarts } = budget;
  const { estimator } = trainer.options;
  const perReplica = (pick: (s: Split) => Uint32Array) =>
    splits.flatMap((s) => Array.from({ length: restarts }, () => pick(s)));
  const rows = Math.min(...splits.map((s) => Math.min(s.test.length, s.train.length)));
  const byRow = estimators[estimator.name].pairs === "rows";
  const wanted = byRow ? ROW_MARGINALS + 1 : FEWEST_ROWS;
  const count = Math.max(1, Math.min(MOST_BLOCKS, Math.floor(rows / wanted)));
  const joint = Math.floor(rows / count);
  const size = { joint, marginals: Math.min(byRow ? ROW_MARGINALS : budget.heldOutMarginals, joint - 1) };
  const pairing = { perRow: size.marginals, size: joint };
  const validationPairing = pairingFor(Math.min(...splits.map((s) => s.validation.length)), 10);

  const batch = pairsAtOnce(splits.length * restarts);
  const scorer = await rowScorer(trainer, best, pairing);
  const checker = await rowScorer(trainer, best, validationPairing);
  const network = baselineOf(estimator) && (await trainer.scorer({ batch, params: best, of: "baseline" }));
  try {
    const blocked = async (pick: (s: Split) => Uint32Array) => {
      const lists = perReplica((s) => pick(s).slice(0, count * joint));
      const scores = await scorer.score(lists);
      const baselines = await network?.score(lists.map(identityPairs));
      return splits.map((_, f) => {
        const own = <T>(list: readonly T[]) => list.slice(f * restarts, (f + 1) * restarts);
        const ensemble = combine(own(scores), Array(restarts).fill(1 / restarts));
        const base = baselines && own(baselines)[0]!.map((_, i) => mean(own(baselines).map((list) => list[i]!)));
        const blocks = Array.from({ length: count }, (_, b) => blockOf(ensemble, joint, b * joint, base));
        return { ensemble, blocks };
      });
    };
    /** Of blocks that share no row, because their marginal pairs stay within them; one block is not left out. */
    const worth = async (blocks: Block[]) =>
      blocks.length > 1
        ? await valueOfBlocks(trainer.gpu, estimator, size, blocks)
        : { value: (await evaluateBlocks(trainer.gpu, estimator, size, blocks)).records[0]!.value, without: [] };

    const validation = await checker.score(perReplica((s) => s.validation));
    const test = await blocked((s) => s.test);
    const train = heldOnly ? undefined : await blocked((s) => s.train);
    const results: FoldResult[] = [];
    for (const [f, split] of splits.entries()) {
      const weights = Array<number>(restarts).fill(1 / restarts);
      const checked = combine(validation.slice(f * restarts, (f + 1) * restarts), weights);
      const constant = logMeanExp(checked.marginal);
      const held = await worth(test[f]!.blocks);
      results.push({
        split: { ...split, test: split.test.slice(0, count * joint) },
        ...{ pairing, validationPairing },
        ensemble: lessConstant(test[f]!.ensemble, constant),
        validation: lessConstant(checked, constant),
        members: weights.map((_, r) => `network ${r + 1}`),
        weights,
        constant,
        disagreement: 0,
        held: held.value,
        seen: train ? (await worth(train[f]!.blocks)).value : Number.NaN,
        without: held.without,
      });
    }
    return results;
  } finally {
    scorer.dispose();
    checker.dispose();
    network?.dispose();
  }
}

/**
 * The mean of the folds' values, how much each block moves it, and log ratios by row. A fold's value is taken over its own
 * blocks: critics of different folds may differ by a constant, which cancels within a fold and not across.
 *
 * @returns influences whose standard error of the mean is that of the jackknife within folds, or of the folds if each is
 *   one block
 */
export function pooledOwn(estimator: Estimator, folds: readonly FoldResult[], rows: number) {
  const facts = estimators[estimator.name];
  const value = mean(folds.map((f) => f.held));
  const byFold = folds.map(({ held, without = [] }) => {
    const count = without.length;
    if (count === 0) return [(held - value) * Math.sqrt(folds.length / (folds.length - 1))];
    // Tukey's pseudo-values less their mean; their error has count − 1 below it.
    const center = mean(without);
    return without.map((v) => (count - 1) * (center - v) * Math.sqrt(count / (count - 1)));
  });
  const influences = Float64Array.from(byFold.flat());
  const pointwise = new Float64Array(rows).fill(Number.NaN);
  if (facts.output === "log-ratio") {
    for (const { split, ensemble, pairing } of folds) {
      const partition = logMeanExp(ensemble.marginal);
      split.test.forEach((row, i) => {
        const others = ensemble.marginal.subarray(i * pairing.perRow, (i + 1) * pairing.perRow);
        pointwise[row] = ensemble.joint[i]! - (facts.rows ? logMeanExp(others) : partition);
      });
    }
  }
  return { raw: value, influences, pointwise };
}
