/** Training of all critics with looks at validation rows: the best of each is kept, and it ends where nothing is gained. */

import type { Tensor } from "../gpu/device.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { bound, mean } from "../math/statistics.ts";
import { identityPairs } from "../sources/source.ts";
import { baselineOf } from "../training/baseline.ts";
import { pairingFor } from "../training/pairing.ts";
import { cosine } from "../training/schedule.ts";
import type { Scorer } from "../training/scorer.ts";
import type { StepOptions, Trainer } from "../training/trainer.ts";
import type { Split } from "./folds.ts";
import { ownValues } from "./jackknife.ts";
import { clipped, padded, rowScorer } from "./networks.ts";
import type { FitOptions } from "./options.ts";

/** Marginal pairs of each validation row at a look. */
const LOOK_MARGINALS = 16;

/** Scores of all replicas that a look computes at once: 64 units of each are 64 MiB. */
const LOOK_SCORES = 2 ** 18;

/** What each replica's validation rows say, now: `targets` decide when to stop, `values` are shown, nats. */
async function judgeOf(trainer: Trainer, splits: readonly Split[], restarts: number) {
  const { estimator, replicas } = trainer.options;
  const facts = estimators[estimator.name];
  const splitOf = (r: number) => splits[Math.floor(r / restarts)]!;
  const rows = Array.from({ length: replicas }, (_, r) => splitOf(r).validation);
  const marginals = facts.pairs === "rows" ? 2 * LOOK_MARGINALS : LOOK_MARGINALS;
  // As many rows at once as memory allows: a look is then one submit, or a few.
  const size = Math.floor(LOOK_SCORES / (replicas * (1 + marginals)));
  const pairing = pairingFor(Math.min(...splits.map((s) => s.validation.length)), marginals, size);
  const scorer = await rowScorer(trainer, trainer.params, pairing);
  let baseline: Scorer | undefined;
  try {
    baseline = baselineOf(estimator) && (await trainer.scorer({ batch: 512, params: trainer.params, of: "baseline" }));
  } catch (error) {
    scorer.dispose();
    throw error;
  }
  return {
    async judge(): Promise<{ targets: number[]; values: number[] }> {
      const scores = await scorer.score(rows);
      if (facts.value === "own") {
        return ownValues(trainer.gpu, estimator, scores, await baseline?.score(padded(rows.map(identityPairs))));
      }
      const values = scores
        .map((s, r) => clipped(s, Math.log(splitOf(r).train.length)))
        .map(({ joint, marginal }) => bound(joint, marginal));
      return { targets: values, values };
    },
    dispose() {
      scorer.dispose();
      baseline?.dispose();
    },
  };
}

/** A mean gain of a fit's critics that is not worth `patience` more looks, nats. */
const NO_GAIN = 0.002;

/** Stuck critics say less than a tenth of what the best one says, and by this many standard errors of a mean of unit variance. */
const STUCK = 2;

/** How the critics of each fit stand: their best looks, and whether their time is up. */
class Standing {
  readonly best: Float64Array;
  readonly ended: boolean[];
  readonly #critics: number;
  readonly #apart: number;
  readonly #means: number[][] = []; // of each fit, look by look

  /** @param validationRows of each critic, the fewest */
  constructor(fits: number, critics: number, validationRows: number) {
    this.best = new Float64Array(fits * critics).fill(-Infinity);
    this.ended = Array.from({ length: fits }, () => false);
    this.#critics = critics;
    this.#apart = STUCK / Math.sqrt(validationRows);
  }

  #of(fit: number): Float64Array {
    return this.best.subarray(fit * this.#critics, (fit + 1) * this.#critics);
  }

  /** Takes a look; whether it is the best of each critic whose fit still trains. */
  take(targets: readonly number[]): boolean[] {
    const better = targets.map((value, r) => !this.ended[Math.floor(r / this.#critics)] && value > this.best[r]!);
    targets.forEach((value, r) => {
      if (better[r]) this.best[r] = value;
    });
    this.#means.push(this.ended.map((_, fit) => mean(this.#of(fit))));
    return better;
  }

  /** Whether some critics found what others of the fit did not: a sign of a product is flat where critics start. */
  #isStuck(fit: number): boolean {
    const [least, most] = [Math.min(...this.#of(fit)), Math.max(...this.#of(fit))];
    return most > 0 && least < most / 10 && most - least > this.#apart;
  }

  /** Ends fits that gained nothing by this many looks. */
  endIdle(patience: number): void {
    const [before, now] = [this.#means.at(-1 - patience), this.#means.at(-1)!];
    if (!before) return;
    this.ended.forEach((_, fit) => {
      this.ended[fit] ||= now[fit]! - before[fit]! < NO_GAIN && !this.#isStuck(fit);
    });
  }

  /** Ends all fits but those that are stuck. */
  endAllButStuck(): void {
    this.ended.forEach((_, fit) => {
      this.ended[fit] ||= !this.#isStuck(fit);
    });
  }

  get over(): boolean {
    return this.ended.every(Boolean);
  }
}

/**
 * Trains until no fit gains by `patience` more looks; `best` keeps each critic at its best look. Where critics of a fit are
 * stuck when the steps are used up, it trains as many again, from the full rate on once more (warm restart: Loshchilov and
 * Hutter 2017, arXiv:1608.03983).
 */
export async function train(trainer: Trainer, best: Tensor, splits: readonly Split[], options: FitOptions) {
  const { budget, onProgress, signal } = options;
  const { replicas } = trainer.options;
  const critics = options.splits.length * budget.restarts;
  const standing = new Standing(replicas / critics, critics, Math.min(...splits.map((s) => s.validation.length)));
  const looks = { step: [] as number[], bound: [] as number[] };
  const shown = new Float64Array(replicas);
  const began = performance.now();
  let stepsPerSecond = 0;
  const judged = await judgeOf(trainer, splits, budget.restarts);

  const look = async (): Promise<void> => {
    const { targets, values } = await judged.judge();
    const better = standing.take(targets);
    trainer.gpu.submit((encoder) => {
      const bytes = trainer.params.bytes / replicas;
      better.forEach((is, r) => {
        if (is) encoder.copyBufferToBuffer(trainer.params.buffer, r * bytes, best.buffer, r * bytes, bytes);
      });
    });
    better.forEach((is, r) => {
      if (is) shown[r] = values[r]!;
    });
    looks.step.push(trainer.steps);
    looks.bound.push(mean(values));
  };
  const trainTo = async (total: number): Promise<void> => {
    while (trainer.steps < total && !standing.over) {
      const start = trainer.steps;
      const report: StepOptions["onProgress"] = ({ done }) => {
        stepsPerSecond = (1000 * (start + done)) / (performance.now() - began);
        const estimate = looks.step.length > 1 ? mean(shown) : undefined;
        onProgress?.({ done: start + done, total, stepsPerSecond, estimate });
      };
      await trainer.step(Math.min(budget.checkEvery, total - start), { onProgress: report, signal });
      await look();
      // A critic may say nothing for long before it finds what there is.
      if (2 * (total - trainer.steps) <= budget.steps) standing.endIdle(budget.patience);
    }
  };

  try {
    await look();
    await trainTo(budget.steps);
    standing.endAllButStuck();
    if (!standing.over) {
      const total = 2 * budget.steps;
      trainer.set({ optimizer: { schedule: cosine({ steps: total, warmup: budget.steps }) } });
      await trainTo(total);
    }
    return { looks, stepsPerSecond };
  } finally {
    judged.dispose();
  }
}
