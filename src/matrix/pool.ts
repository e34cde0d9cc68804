/**
 * Evidences under independence of many pairs together. Of columns whose values all differ evidence depends on the order of their ranks
 * alone, so under permutation it has one distribution, whatever the pair: what 200 permutations of one pair cannot show,
 * those of a thousand pairs do.
 */

import { leastReaching } from "../independence/evidence.ts";
import { Tail } from "../math/tail.ts";

/** How many evidences of pairs with so many rows lie in each step, the first of which begins at 0. */
export interface PoolRecord {
  rows: number;
  counts: [step: number, count: number][];
}

/** Steps are so fine that p, which counts all of the step in which it is, is too large by a thirtieth at most. */
const STEP = 1 / 32;

const stepOf = (evidence: number): number => Math.floor(evidence / STEP);

/** No tail is followed further than to a millionth of what all draws show. */
const FURTHEST = 1e-6;

/** A p-value, and how it was found. */
interface PooledP {
  p: number;
  /** The best value where p is the upper end of a fitted tail. */
  fitted?: number;
}

export class Pool {
  readonly #rows: number;
  readonly #counts = new Map<number, number>();
  #size = 0;
  #tail: Tail | undefined;

  constructor(rows: number) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#size;
  }

  add(evidence: number): void {
    this.#take(stepOf(evidence), 1);
  }

  join({ counts }: PoolRecord): void {
    for (const [step, count] of counts) this.#take(step, count);
  }

  #take(step: number, count: number): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + count);
    this.#size += count;
    this.#tail = undefined;
  }

  toRecord(): PoolRecord {
    return { rows: this.#rows, counts: [...this.#counts].sort(([a], [b]) => a - b) };
  }

  /**
   * (1 + those that reach an evidence) / (1 + all), which is valid however few they are; or beyond nearly all of them the upper
   * end of a tail that is fitted to the largest (math/tail.ts), where that is less.
   */
  p(evidence: number): PooledP {
    this.#tail ??= new Tail(this.#counts, this.#size);
    // Two equal columns: no tail reaches that far.
    if (evidence === Number.POSITIVE_INFINITY) return { p: 1 / (1 + this.#size) };
    const step = stepOf(leastReaching(evidence));
    const counted = (1 + this.#tail.reaching(step)) / (1 + this.#size);
    const beyond = this.#tail.beyond(step);
    if (!beyond) return { p: counted };
    const upper = Math.max(beyond.upper, FURTHEST / this.#size);
    return upper < counted ? { p: upper, fitted: Math.min(upper, beyond.value) } : { p: counted };
  }
}

/** The pools of chunks, by rows. */
export function poolsOf(chunks: readonly { pool?: PoolRecord }[]): Map<number, Pool> {
  const pools = new Map<number, Pool>();
  for (const { pool } of chunks) {
    if (!pool) continue;
    const of = pools.get(pool.rows) ?? new Pool(pool.rows);
    of.join(pool);
    pools.set(pool.rows, of);
  }
  return pools;
}
