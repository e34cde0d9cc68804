/** Clocks and what can be read off them. */

type Clock = () => number;
const now: Clock = () => performance.now();

export const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;

/** The smallest step that a clock makes, in milliseconds; browsers make clocks coarse. */
export function grainOf(clock: Clock = now): number {
  let grain = Number.POSITIVE_INFINITY;
  const end = clock() + 250;
  for (let i = 0; i < 20 && clock() < end; i++) {
    const before = clock();
    let after = before;
    while (after === before) after = clock();
    grain = Math.min(grain, after - before);
  }
  return grain;
}

/**
 * Milliseconds that one repetition takes, from runs of some `times` and runs of twice as many: submitting and waiting are in
 * both. The least of each counts, as whatever else runs only ever slows. Undefined where the clock cannot tell them apart.
 */
export function costOf(
  { short, long, times }: { short: readonly number[]; long: readonly number[]; times: number },
  grain: number,
): number | undefined {
  const more = Math.min(...long) - Math.min(...short);
  return more > 2 * grain ? more / times : undefined;
}

export const microseconds = (cost: number): string => String(Number((1000 * cost).toPrecision(3)));
export const perSecond = (rate: number): string => Number(rate.toPrecision(3)).toLocaleString("en");
