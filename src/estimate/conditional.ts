/** I(X;Y|Z) as the difference of two terms, with the interval of the difference. */
import { mean } from "../math/statistics.ts";
import type { Information, Weighed } from "./information.ts";
import type { MeanTrace } from "./result.ts";

const LAST_STEPS = 50;

/**
 * The difference of two terms that were cross-fitted on the same folds, which is how
 *
 *   I(X;Y|Z) = I(X;Y,Z) − I(X;Z)
 *
 * is estimated (chain rule; CCMI, Mukherjee, Asnani and Kannan 2019). Its sampling error is that of the difference, row by row: both
 * bounds rise and fall with the same rows, so it is smaller than the two errors together. What the first term's critics
 * failed to learn is missing from the difference, and what the second term's failed to learn is too much in it.
 *
 * @param names what messages call the two terms
 */
export function difference(whole: Information, part: Information, names: readonly [string, string]): Information {
  const terms = [whole, part];
  return {
    ...paired(whole, part),
    lift: whole.lift - part.lift,
    pointwise: minus(whole.pointwise, part.pointwise),
    upperFrom: `${names[0]}: ${whole.upperFrom}`,
    opinions: [],
    diagnostics: terms.flatMap(({ diagnostics }, t) =>
      diagnostics.map((d) => ({ ...d, message: `${names[t]}: ${d.message}` })),
    ),
    trace: traceDifference(whole.trace, part.trace),
    validation: {
      step: (whole.validation.step.length < part.validation.step.length ? part : whole).validation.step,
      bound: [...lessHeld(whole.validation.bound, part.validation.bound, 1)],
    },
    stepsPerSecond: (whole.stepsPerSecond + part.stepsPerSecond) / 2,
    kept: [...whole.kept, ...part.kept],
  };
}

const minus = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]!);

/** What the interval of a difference is made of: influences row by row, and what may be missing from either. */
export const paired = (whole: Weighed, part: Weighed): Weighed => ({
  raw: whole.raw - part.raw,
  influences: minus(whole.influences, part.influences),
  degreesOfFreedom: Math.min(whole.degreesOfFreedom, part.degreesOfFreedom),
  excess: whole.excess + part.shortfall,
  shortfall: whole.shortfall + part.excess,
});

const traceDifference = (a: MeanTrace, b: MeanTrace): MeanTrace => ({
  joint: lessHeld(a.joint, b.joint, LAST_STEPS),
  logPartition: lessHeld(a.logPartition, b.logPartition, LAST_STEPS),
  value: lessHeld(a.value, b.value, LAST_STEPS),
});

/** a − b; a sequence that ended first is held at the mean of its last values. */
function lessHeld(a: ArrayLike<number>, b: ArrayLike<number>, last: number): Float64Array {
  const at = (list: ArrayLike<number>) => {
    const end = mean(Array.from(list).slice(-last));
    return (i: number) => (i < list.length ? list[i]! : end);
  };
  const [ofA, ofB] = [at(a), at(b)];
  return Float64Array.from({ length: Math.max(a.length, b.length) }, (_, i) => ofA(i) - ofB(i));
}
