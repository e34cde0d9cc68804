/**
 * The value that an estimator's own kernels give held-out rows, and its error by the jackknife over blocks of rows: for
 * estimators whose value is not Donsker-Varadhan's.
 */

import type { Units } from "../../data/units.ts";
import type { Estimator } from "../../estimators/estimator.ts";
import type { Gpu } from "../../gpu/device.ts";
import { estimators } from "../../gpu/shaders.gen.ts";
import { combine, lessConstant, logMeanExp, mean, type RowScores } from "../../math/statistics.ts";
import { identityPairs } from "../../sources/table.ts";
import { baselineOf } from "../../training/baseline.ts";
import { type Pairing, pairingFor } from "../../training/pairing.ts";
import type { Scorer } from "../../training/scorer.ts";
import type { FoldResult, Split } from "../folds.ts";
import { replaceRelated } from "../independent-pairs.ts";
import { byFold, type Critics, networks, ofEachCritic, padded, pairsAtOnce, rowScorer } from "../networks.ts";
import { type Block, evaluateBlocks, valueOfBlocks } from "../score-blocks.ts";
import { validationScorer } from "./validation.ts";
import type { Pooled, ScoreOptions, Validator, Valuation } from "./valuation.ts";

const MOST_BLOCKS = 10;
const FEWEST_ROWS = 20;

/** Of a row that is compared with others: the value cannot exceed the log of their number. */
const ROW_MARGINALS = 255;

/** Partners of each validation row at the end, which tell the constant of T. */
const VALIDATION_MARGINALS = 10;

/** For estimators with a value of their own. */
export const jackknife = (estimator: Estimator): Valuation => ({
  validate: (critics) => validate(critics, estimator),
  score: (critics, options) => score(critics, options, estimator),
  pool: async (folds, rows) => pool(folds, rows, estimator),
  lift: () => 0,
  // What these check is a bound of log density ratios.
  unfit: ["snapshot", "failure", "disagreement", "explosion"],
});

/** The objective decides when to stop, the value is shown. */
async function validate(critics: Critics, estimator: Estimator): Promise<Validator> {
  const { trainer } = critics;
  const scorer = await validationScorer(critics);
  const baseline = await baselineScorer(critics, estimator, { batch: 512, params: trainer.params }).catch((error) => {
    scorer.dispose();
    throw error;
  });
  const pairs = padded(scorer.rows.map(identityPairs));
  return {
    async look() {
      const scores = await scorer.score();
      const baselines = await baseline?.score(pairs);
      const joint = Math.min(...scores.map((s) => s.joint.length));
      const marginals = scores[0]!.marginal.length / scores[0]!.joint.length;
      const blocks = scores.map((s, r) => blockOf(s, joint, 0, baselines?.[r]));
      const { records } = await evaluateBlocks(trainer.gpu, estimator, { joint, marginals }, blocks);
      return { targets: records.map((r) => r.objective), values: records.map((r) => r.value) };
    },
    dispose() {
      scorer.dispose();
      baseline?.dispose();
    },
  };
}

/** Scores rows by the network beside each critic; undefined for an estimator that has none. */
async function baselineScorer(
  { trainer }: Critics,
  estimator: Estimator,
  options: { batch: number; params: Critics["best"] },
): Promise<Scorer | undefined> {
  return baselineOf(estimator) && trainer.scorer({ ...options, of: "baseline" });
}

/** The scores of rows as one (N, 1+K) block, `count` of them from row `from` on. */
function blockOf({ joint, marginal }: RowScores, count: number, from: number, baseline?: ArrayLike<number>): Block {
  const marginals = marginal.length / joint.length;
  const scores = new Float32Array(count * (1 + marginals));
  for (let i = 0; i < count; i++) {
    scores[i * (1 + marginals)] = joint[from + i]!;
    const others = marginal.subarray((from + i) * marginals, (from + i + 1) * marginals);
    scores.set(others, i * (1 + marginals) + 1);
  }
  return { scores, baseline: baseline && Float32Array.from({ length: count }, (_, i) => baseline[from + i]!) };
}

/** How the rows of a fold are cut: `count` blocks of `joint` rows with `marginals` others each, all of their own block. */
interface Cut {
  count: number;
  joint: number;
  marginals: number;
}

/** Where rows depend on each other a fold is one block, of whole units. */
function cutOf(splits: readonly Split[], byRow: boolean, heldOutMarginals: number, units: Units | undefined): Cut {
  const rows = Math.min(...splits.map((s) => Math.min(s.test.length, s.train.length)));
  const wanted = byRow ? ROW_MARGINALS + 1 : FEWEST_ROWS;
  const count = units ? 1 : Math.max(1, Math.min(MOST_BLOCKS, Math.floor(rows / wanted)));
  const joint = Math.floor(rows / count);
  return { count, joint, marginals: Math.min(byRow ? ROW_MARGINALS : heldOutMarginals, joint - 1) };
}

/** Scores every fold's test rows in blocks, and as many of its training rows. Restarts are averaged, all alike. */
async function score(critics: Critics, { budget, heldOnly, units }: ScoreOptions, estimator: Estimator) {
  const { trainer, splits, restarts } = critics;
  const members = networks(critics);
  const cut = cutOf(splits, estimators[estimator.name].pairs === "rows", budget.heldOutMarginals, units);
  const validation = await validationScores(critics);
  const picks = [(s: Split) => s.test, ...(heldOnly ? [] : [(s: Split) => s.train])];
  const [test, train] = await scoreBlocks(critics, estimator, cut, { picks, units });
  const held = await valuesOf(trainer.gpu, estimator, cut, test!);
  const seen = train && (await valuesOf(trainer.gpu, estimator, cut, train));
  const folds = splits.map((split, f): FoldResult => {
    const checked = validation.ensembles[f]!;
    const constant = logMeanExp(checked.marginal);
    return {
      split: { ...split, test: split.test.slice(0, cut.count * cut.joint) },
      ...{ pairing: pairingOf(cut), validationPairing: validation.pairing },
      ensemble: lessConstant(test![f]!.ensemble, constant),
      chosen: mean(checked.joint) - constant,
      members: [...members.names],
      weights: Array<number>(restarts).fill(1 / restarts),
      constant,
      disagreement: 0,
      held: held[f]!.value,
      seen: seen ? seen[f]!.value : Number.NaN,
      without: held[f]!.without,
    };
  });
  return { members: [members], folds };
}

const pairingOf = ({ joint, marginals }: Cut): Pairing => ({ perRow: marginals, size: joint });

/** What each fold's critics say of its validation rows, on average. */
async function validationScores(critics: Critics): Promise<{ ensembles: RowScores[]; pairing: Pairing }> {
  const { trainer, best, splits } = critics;
  const pairing = pairingFor(Math.min(...splits.map((s) => s.validation.length)), VALIDATION_MARGINALS);
  const scorer = await rowScorer(trainer, best, pairing);
  try {
    const scores = await scorer.score(ofEachCritic(critics, (s) => s.validation));
    return { ensembles: byFold(critics, scores).map(averageOf), pairing };
  } finally {
    scorer.dispose();
  }
}

/** The scores of some rows of a fold, averaged over its critics: as they are, and in blocks. */
interface FoldBlocks {
  ensemble: RowScores<Float64Array>;
  blocks: Block[];
}

/** @returns for each of `picks`, the blocks of every fold */
async function scoreBlocks(
  critics: Critics,
  estimator: Estimator,
  cut: Cut,
  { picks, units }: { picks: readonly ((s: Split) => Uint32Array)[]; units: Units | undefined },
): Promise<FoldBlocks[][]> {
  const { trainer, best, splits, restarts } = critics;
  const scorer = await rowScorer(trainer, best, pairingOf(cut));
  const batch = pairsAtOnce(splits.length * restarts, trainer.shape);
  const baseline = await baselineScorer(critics, estimator, { batch, params: best });
  try {
    const found: FoldBlocks[][] = [];
    for (const pick of picks) {
      const lists = ofEachCritic(critics, (s) => pick(s).slice(0, cut.count * cut.joint));
      const scores = byFold(critics, await scorer.score(lists));
      const baselines = baseline && byFold(critics, await baseline.score(lists.map(identityPairs)));
      found.push(
        scores.map((ofFold, f) => {
          const all = averageOf(ofFold);
          if (units) replaceRelated(all, lists[f * restarts]!, pairingOf(cut), units);
          return inBlocks(all, cut, baselines?.[f]);
        }),
      );
    }
    return found;
  } finally {
    scorer.dispose();
    baseline?.dispose();
  }
}

function inBlocks(
  ensemble: RowScores<Float64Array>,
  { count, joint }: Cut,
  baselines: readonly ArrayLike<number>[] | undefined,
) {
  const base = baselines && Float64Array.from(baselines[0]!, (_, i) => mean(baselines.map((list) => list[i]!)));
  return { ensemble, blocks: Array.from({ length: count }, (_, b) => blockOf(ensemble, joint, b * joint, base)) };
}

const averageOf = (scores: readonly RowScores[]): RowScores<Float64Array> =>
  combine(scores, Array(scores.length).fill(1 / scores.length));

/** Of blocks that share no row, because their marginal pairs stay within them; one block is not left out. */
async function valuesOf(
  gpu: Gpu,
  estimator: Estimator,
  cut: Cut,
  folds: readonly FoldBlocks[],
): Promise<{ value: number; without: number[] }[]> {
  const values: { value: number; without: number[] }[] = [];
  for (const { blocks } of folds) {
    values.push(
      blocks.length > 1
        ? await valueOfBlocks(gpu, estimator, cut, blocks)
        : { value: (await evaluateBlocks(gpu, estimator, cut, blocks)).records[0]!.value, without: [] },
    );
  }
  return values;
}

/**
 * The mean of the folds' values, how much each block moves it, and log ratios by row. A fold's value is taken over its own
 * blocks: critics of different folds may differ by a constant, which cancels within a fold and not across. The standard
 * error of the mean of the influences is that of the jackknife within folds, or of the folds if each is one block.
 */
function pool(folds: readonly FoldResult[], rows: number, estimator: Estimator): Pooled {
  const raw = mean(folds.map((f) => f.held));
  const byBlock = folds.flatMap(({ held, without = [] }) => {
    const count = without.length;
    if (count === 0) return [(held - raw) * Math.sqrt(folds.length / (folds.length - 1))];
    // Tukey's pseudo-values less their mean; their error has count − 1 below it.
    const center = mean(without);
    return without.map((v) => (count - 1) * (center - v) * Math.sqrt(count / (count - 1)));
  });
  const influences = Float64Array.from(byBlock);
  return { raw, influences, degreesOfFreedom: influences.length - 1, pointwise: logRatios(folds, rows, estimator) };
}

function logRatios(folds: readonly FoldResult[], rows: number, estimator: Estimator): Float64Array {
  const facts = estimators[estimator.name];
  const pointwise = new Float64Array(rows).fill(Number.NaN);
  if (facts.output !== "log-ratio") return pointwise;
  for (const { split, ensemble, pairing } of folds) {
    const partition = logMeanExp(ensemble.marginal);
    split.test.forEach((row, i) => {
      const others = ensemble.marginal.subarray(i * pairing.perRow, (i + 1) * pairing.perRow);
      pointwise[row] = ensemble.joint[i]! - (facts.rows ? logMeanExp(others) : partition);
    });
  }
  return pointwise;
}
