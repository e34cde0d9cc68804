/** Pairs of which the permutations that all pairs have do not say how small p is. */

import type { Pool } from "./pool.ts";
import type { PairRecord } from "./records.ts";

/** Permutations that reach the data, from which on more of them change p little. */
export const SETTLED = 5;

/** The false discovery rate at which a pair should be able to be called. */
const RATE = 0.05;

/** Some leaders turn out to be none, so p has to be able to be so many times as small as that rate asks for. */
const ROOM = 2;

/** Times more permutations in one round: then those that are settled leave. */
const GROWTH = 8;

/** Permutations of leaders at most, for each pair that there is: as many as the rule takes, unless all pairs had far fewer. */
export const leaderWork = (permutations: number): number => Math.min(2 * permutations, ROOM / RATE);

/**
 * Pairs that need more permutations, and how many each is to have in all. Benjamini and Hochberg call the smallest L of m
 * p-values if they are at most 0.05 L / m, and B permutations give none below 1 / (1 + B): one strong pair of 45 is never
 * found with 200. So the L pairs that few permutations reach get 2 m / 0.05 L, in rounds. That is the same work whatever
 * L is, as much as 40 permutations of all pairs. Each p so made is valid: it is no less than that of all permutations, or that
 * of the first (Besag and Clifford 1991, doi:10.1093/biomet/78.2.301). Pairs whose pool has as many as a leader might get need none.
 *
 * @param of how many pairs there are, with those that a first look left out
 * @param most permutations of all leaders together, at most
 * @param pools by rows
 */
export function leadersOf(
  records: readonly PairRecord[],
  of: number,
  most: number,
  pools: ReadonlyMap<number, Pool>,
): { leaders: PairRecord[]; permutations: number } {
  const furthest = Math.min((ROOM * of) / RATE, most);
  const isPooled = ({ pooled, rows }: PairRecord) => pooled && (pools.get(rows)?.size ?? 0) >= furthest;
  const open = records.filter(
    (record) => Number.isFinite(record.evidence) && record.exceed < SETTLED && !isPooled(record),
  );
  const now = Math.max(0, ...open.map(({ permutations }) => permutations));
  // A round that was cut off goes on first.
  const behind = open.filter(({ permutations }) => permutations < now);
  if (behind.length > 0) return { leaders: behind, permutations: now };
  const count = Math.max(1, open.length);
  const wanted = Math.ceil((ROOM * of) / (RATE * count));
  const permutations = Math.min(wanted, GROWTH * now, Math.floor(most / count));
  return { leaders: permutations > now ? open : [], permutations };
}
