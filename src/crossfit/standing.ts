/** How the critics of each fit stand after looks at validation rows. */

import { mean } from "../math/statistics.ts";

/** A mean gain of a fit's critics that is not worth `patience` more looks, nats. */
const NO_GAIN = 0.002;

/** Stuck critics say less than a tenth of what the best one says, and by this many standard errors of a mean of unit variance. */
const STUCK = 2;

/** What the best of many looks at fewer validation rows shows is luck, and no critic is known to be stuck. */
const FEWEST_ROWS = 12;

/** The best look of every critic, and which fits gain nothing any more. */
export class Standing {
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
    this.#apart = validationRows < FEWEST_ROWS ? Infinity : STUCK / Math.sqrt(validationRows);
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
