/** What was found, in words. */
import type { PairRecord } from "../../src/index.ts";

export const chanceFor = (record: PairRecord, shown: object) => ({ record, ...shown });

export function summary({
  records,
  q,
}: {
  names: string[];
  records: readonly PairRecord[];
  q: ReadonlyMap<string, number>;
}): string {
  const found = [...q.values()].filter((value) => value <= 0.05).length;
  return `${records.length} pairs. ${found} depend on each other beyond chance.`;
}
