/** Scales from 0 to 1, on which MI of different columns can be compared. */

import { occurrencesOf } from "./statistics.ts";

/**
 * The correlation of two jointly normal variables with so much MI, in [0, 1]: √(1 − e^(−2I)) (Linfoot 1957,
 * doi:10.1016/S0019-9958(57)90116-X). With a conditional MI it is the partial correlation.
 *
 * @param nats below 0 counts as 0; infinite MI is 1
 */
export const asCorrelation = (nats: number): number => Math.sqrt(-Math.expm1(-2 * Math.max(0, nats)));

/** The share of what can be known at most of two categories, in [0, 1]: I / min(H(X), H(Y)), all in nats. */
export const shareOfEntropy = (nats: number, least: number): number => Math.min(1, Math.max(0, nats) / least);

/** H(X) of the different values as they are counted, nats. */
export function entropyOf(values: Parameters<typeof occurrencesOf>[0]): number {
  let sum = 0;
  for (const count of occurrencesOf(values).values()) sum += count * Math.log(count);
  return Math.log(values.length) - sum / values.length;
}
