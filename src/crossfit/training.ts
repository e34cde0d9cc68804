/** Training of all critics with looks at validation rows: the best of each is kept, and it ends where nothing is gained. */

import { mean } from "../math/statistics.ts";
import type { StepOptions } from "../training/options.ts";
import { cosine } from "../training/schedule.ts";
import type { Critics } from "./networks.ts";
import type { CrossFit, FitOptions, FitRun } from "./options.ts";
import { Standing } from "./standing.ts";
import type { Validator, Valuation } from "./valuations/valuation.ts";

/**
 * Trains until no fit gains by `patience` more looks; `critics.best` keeps each critic at its best look. Where critics of a
 * fit are stuck when the steps are used up, it trains as many again, from the full rate on once more (warm restart:
 * Loshchilov and Hutter 2017, arXiv:1608.03983).
 *
 * @returns the looks of each fit
 */
export async function trainCritics(
  { report }: FitRun,
  critics: Critics,
  valuation: Valuation,
  options: FitOptions,
): Promise<{ looks: CrossFit["looks"][]; stepsPerSecond: number }> {
  const { trainer } = critics;
  const { steps } = options.budget;
  const began = performance.now();
  const looks = new Looks(critics, await valuation.validate(critics), options.splits.length * critics.restarts);
  try {
    await looks.take();
    let stepsPerSecond = await trainTo(steps, critics, looks, { ...options, report, began });
    looks.standing.endAllButStuck();
    if (!looks.standing.over) {
      trainer.set({ optimizer: { schedule: cosine({ steps: 2 * steps, warmup: steps }) } });
      stepsPerSecond = await trainTo(2 * steps, critics, looks, { ...options, report, began });
    }
    return { looks: looks.curves, stepsPerSecond };
  } finally {
    looks.dispose();
  }
}

/**
 * Trains up to `total` steps, or until no fit gains any more.
 *
 * @returns steps per second since training began
 */
async function trainTo(
  total: number,
  { trainer }: Critics,
  looks: Looks,
  { budget, report, began }: FitOptions & Pick<FitRun, "report"> & { began: number },
): Promise<number> {
  let stepsPerSecond = 0;
  while (trainer.steps < total && !looks.standing.over) {
    const start = trainer.steps;
    const onProgress: StepOptions["onProgress"] = ({ done }) => {
      stepsPerSecond = (1000 * (start + done)) / (performance.now() - began);
      report({ done: start + done, total, stepsPerSecond, estimate: looks.estimate });
    };
    await trainer.step(Math.min(budget.checkEvery, total - start), { onProgress });
    await looks.take();
    // A critic may say nothing for long before it finds what there is.
    if (2 * (total - trainer.steps) <= budget.steps) looks.standing.endIdle(budget.patience);
  }
  return stepsPerSecond;
}

/** The looks at validation rows so far. */
class Looks {
  readonly standing: Standing;
  /** Of each fit until it ended: mean over its critics at each look, nats. */
  readonly curves: CrossFit["looks"][];
  readonly #critics: Critics;
  readonly #validator: Validator;
  /** What each critic's best look showed, nats. */
  readonly #shown: Float64Array;

  /** @param perFit critics of each fit */
  constructor(critics: Critics, validator: Validator, perFit: number) {
    const { splits, restarts } = critics;
    const replicas = splits.length * restarts;
    this.standing = new Standing(replicas / perFit, perFit, Math.min(...splits.map((s) => s.validation.length)));
    this.curves = this.standing.ended.map(() => ({ step: [], bound: [] }));
    this.#critics = critics;
    this.#validator = validator;
    this.#shown = new Float64Array(replicas);
  }

  /** Mean of the best looks, nats; undefined before a look that saw trained critics. */
  get estimate(): number | undefined {
    return this.curves[0]!.step.length > 1 ? mean(this.#shown) : undefined;
  }

  /** Looks once more, and keeps the critics that were never better. */
  async take(): Promise<void> {
    const { trainer, best } = this.#critics;
    const { targets, values } = await this.#validator.look();
    const better = this.standing.take(targets);
    const bytes = trainer.params.bytes / targets.length;
    trainer.gpu.submit((encoder) => {
      better.forEach((is, r) => {
        if (is) encoder.copyBufferToBuffer(trainer.params.buffer, r * bytes, best.buffer, r * bytes, bytes);
      });
    });
    better.forEach((is, r) => {
      if (is) this.#shown[r] = values[r]!;
    });
    const perFit = values.length / this.curves.length;
    for (const [fit, { step, bound }] of this.curves.entries()) {
      if (this.standing.ended[fit]) continue;
      step.push(trainer.steps);
      bound.push(mean(values.slice(fit * perFit, (fit + 1) * perFit)));
    }
  }

  dispose(): void {
    this.#validator.dispose();
  }
}
