/** Which pair comes first: by what speaks against chance, by MI, or by how much of it Pearson's r does not see. */
import type { PairRecord } from "../../src/index.ts";

export type Order = "evidence" | "mi" | "unseen";
export const ORDERS: readonly Order[] = ["evidence", "mi", "unseen"];

/** Names a pair by the places of its columns. */
export const keyOf = ({ x, y }: Pick<PairRecord, "x" | "y">): string => `${x} ${y}`;

/** The p-value: the share of the permutations, with the data, in which as much speaks against independence. */
export const chanceOf = ({ exceed, permutations }: Pick<PairRecord, "exceed" | "permutations">): number =>
  (1 + exceed) / (1 + permutations);

export const miOf = ({ raw }: Pick<PairRecord, "raw">): number => Math.max(0, raw);

/** The correlation that a normal pair with this MI would have: a number to hold beside Pearson's. */
export const asCorrelation = (mi: number): number => Math.sqrt(1 - Math.exp(-2 * Math.max(0, mi)));

/** The MI of a normal pair with this correlation, nats: all that r can stand for. None for categories, which have no r. */
export const seenBy = (r: number): number => (Number.isFinite(r) ? -Math.log1p(-Math.min(1, r * r)) / 2 : 0);

/** MI beyond what r stands for, nats; of two equal columns r sees all. */
export const unseenOf = ({ raw, pearson }: Pick<PairRecord, "raw" | "pearson">): number =>
  raw === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Math.max(0, raw) - seenBy(pearson));

const falling = (a: number, b: number): number => (a === b ? 0 : b > a ? 1 : -1);

const COMPARE: Record<Order, (a: PairRecord, b: PairRecord) => number> = {
  evidence: (a, b) => falling(a.evidence, b.evidence) || falling(a.raw, b.raw),
  mi: (a, b) => falling(a.raw, b.raw) || falling(a.evidence, b.evidence),
  unseen: (a, b) => falling(unseenOf(a), unseenOf(b)) || falling(a.evidence, b.evidence),
};

/** The largest first; pairs that are alike stay in the order of the columns. */
export const ranked = (records: readonly PairRecord[], order: Order = "evidence"): PairRecord[] =>
  records.toSorted((a, b) => COMPARE[order](a, b) || a.x - b.x || a.y - b.y);

/** The false discovery rate at which a pair is called. */
export const RATE = 0.05;

/**
 * The pair to open on: of those that depend the one with most MI that r does not see, if that is more than noise; else the strongest.
 *
 * @param q adjusted p by {@link keyOf}; without it all are taken to depend
 */
export function opening(records: readonly PairRecord[], q?: ReadonlyMap<string, number>): PairRecord | undefined {
  const depend = records.filter((record) => (q?.get(keyOf(record)) ?? 0) <= RATE);
  const [curved] = ranked(depend, "unseen");
  return curved && unseenOf(curved) > 2 * curved.standardError ? curved : ranked(records)[0];
}
