/** A first look at all pairs of a wide table: which share the most information between their ranks, in a few bins. */

import type { Gpu } from "../gpu/device.ts";
import { dispatch, Program } from "../gpu/program.ts";
import { elements } from "../gpu/workgroups.ts";
import { DATA, ordersOf } from "./permutations.ts";
import { type MatrixPlan, plannedPair, type ReadyColumn, sharded } from "./plan.ts";

const MOST_BINS = 16;

/** Rows that a cell should hold on average, if nothing depends on anything. */
const ROWS_PER_CELL = 5;

/** 4, 8, 12 or 16 bins a column. */
export const binsOf = (rows: number): number =>
  Math.max(4, Math.min(MOST_BINS, 4 * Math.floor(Math.sqrt(rows / ROWS_PER_CELL) / 4)));

/** The bin of each row: of numbers by mean rank, as many rows in each as ties allow; of categories the commonest levels. */
export function binned({ values, discrete }: ReadyColumn, bins: number): Uint8Array {
  const rows = values.length;
  const sorted = values.slice().sort();
  const binAt = new Map<number, number>();
  const levels: { value: number; count: number; bin: number }[] = [];
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && sorted[end] === sorted[start]) end++;
    const bin = Math.floor((bins * (start + end)) / (2 * rows));
    levels.push({ value: sorted[start]!, count: end - start, bin });
    start = end;
  }
  const byCount = discrete ? levels.sort((a, b) => b.count - a.count || a.value - b.value) : levels;
  for (const [i, { value, bin }] of byCount.entries()) binAt.set(value, discrete ? Math.min(i, bins - 1) : bin);
  return Uint8Array.from(values, (value) => binAt.get(value)!);
}

/** c ln c as whole numbers for c = 0 … rows, such that the sum over any table of so many rows fits 32 bits. */
export function cellWeights(rows: number): { weights: Uint32Array; scale: number } {
  const scale = (2 ** 32 - 1) / (rows * Math.log(rows) + 1);
  const weights = Uint32Array.from({ length: rows + 1 }, (_, c) => (c === 0 ? 0 : Math.floor(scale * c * Math.log(c))));
  return { weights, scale };
}

/** Chooses the pairs of a plan with a first look, if it is to have one. */
export async function screenPlan(gpu: Gpu, plan: MatrixPlan): Promise<MatrixPlan> {
  if (!plan.screen) return plan;
  const { settings, shard } = plan;
  const order = ordersOf(plan);
  const found = await new Screen(gpu, plan).strongest(plan.screen.keep, (column) => order(column, DATA));
  const pairs = found
    .sort((a, b) => a.x - b.x || a.y - b.y)
    .map(({ x, y }) => plannedPair(plan, x, y, settings.estimator, settings.k));
  return { ...plan, chosen: pairs.map(({ x, y }) => [x, y] as const), pairs: sharded(pairs, shard) };
}

/**
 * The pairs whose binned columns share the most information: plug-in MI less its bias, (bins − 1)² / 2 rows (Miller 1955).
 * The sums are whole numbers, so every adapter chooses the same pairs.
 */
export class Screen {
  #gpu: Gpu;
  #plan: MatrixPlan;
  #bins: number;
  #codes: Uint8Array[];
  #weights: Uint32Array;
  #scale: number;
  /** Per column Σ c ln c over its bins, and how many hold a row. */
  #own: { sum: number; used: number }[];

  constructor(gpu: Gpu, plan: MatrixPlan) {
    this.#gpu = gpu;
    this.#plan = plan;
    this.#bins = binsOf(plan.rows);
    this.#codes = plan.columns.map((column) => binned(column, this.#bins));
    ({ weights: this.#weights, scale: this.#scale } = cellWeights(plan.rows));
    this.#own = this.#codes.map((codes) => {
      const counts = new Float64Array(this.#bins);
      for (const code of codes) counts[code]!++;
      const held = counts.filter((count) => count > 0);
      return { sum: held.reduce((sum, count) => sum + count * Math.log(count), 0), used: held.length };
    });
  }

  /**
   * @param keep how many pairs to return, the strongest first
   * @param order of each column's rows
   */
  async strongest(
    keep: number,
    order: (column: number) => Uint32Array,
  ): Promise<{ x: number; y: number; mi: number }[]> {
    const { columns, target, rows } = this.#plan;
    const words = Math.ceil(rows / 32);
    const fours = this.#bins / 4;
    const limit = this.#gpu.largestBuffer / (4 * columns.length);
    const fit = this.#gpu.profile.screenWork / (columns.length * this.#bins ** 2 * words);
    const step = Math.max(1, Math.min(Math.floor(fit), Math.floor(limit), 65535));
    const [from, to] = target === undefined ? [0, columns.length - 1] : [target, target + 1];
    const later = Number(target === undefined);
    const best = new Best(keep);
    const bits = this.#gpu.tensor("screen/bits", this.#bits(order, words));
    const weights = this.#gpu.tensor("screen/weights", this.#weights);
    const sums = this.#gpu.tensor("screen/sums", Math.min(step, to - from) * columns.length);
    try {
      for (let first = from; first < to; first += step) {
        const count = Math.min(step, to - first);
        const dims = { columns: columns.length, words, fours, first, later };
        const groups = elements(columns.length, count);
        const program = await Program.compile(this.#gpu, [
          dispatch("count_cells", { dims, bits, weights, sums }, groups),
        ]);
        try {
          program.run(this.#gpu);
          const found = new Uint32Array(await this.#gpu.read(sums, 0, 4 * count * columns.length));
          for (let r = 0; r < count; r++) {
            const x = first + r;
            for (let y = later ? x + 1 : 0; y < columns.length; y++) {
              if (y !== x) best.add(x, y, this.#mi(x, y, found[r * columns.length + y]!));
            }
          }
        } finally {
          program.dispose();
        }
      }
      return best.list();
    } finally {
      for (const { buffer } of [bits, weights, sums]) buffer.destroy();
    }
  }

  #mi(x: number, y: number, sum: number): number {
    const { rows } = this.#plan;
    const [a, b] = [this.#own[x]!, this.#own[y]!];
    const plugIn = Math.log(rows) + (sum / this.#scale - a.sum - b.sum) / rows;
    return plugIn - ((a.used - 1) * (b.used - 1)) / (2 * rows);
  }

  #bits(order: (column: number) => Uint32Array, words: number): Uint32Array {
    const perColumn = this.#bins * words;
    const bits = new Uint32Array(this.#codes.length * perColumn);
    for (const [c, codes] of this.#codes.entries()) {
      const at = order(c);
      for (let i = 0; i < codes.length; i++) {
        const bin = codes[at[i]!]!;
        bits[c * perColumn + ((bin >>> 2) * words + (i >>> 5)) * 4 + (bin & 3)]! |= 1 << (i & 31);
      }
    }
    return bits;
  }
}

/** The highest of many, without holding all. */
class Best {
  #keep: number;
  #list: { x: number; y: number; mi: number }[] = [];
  #least = Number.NEGATIVE_INFINITY;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(x: number, y: number, mi: number): void {
    // A tie with the least comes later in the order, and so loses.
    if (mi <= this.#least) return;
    this.#list.push({ x, y, mi });
    if (this.#list.length >= 2 * this.#keep + 1024) this.#prune();
  }

  list(): { x: number; y: number; mi: number }[] {
    this.#prune();
    return this.#list;
  }

  #prune(): void {
    this.#list.sort((a, b) => b.mi - a.mi || a.x - b.x || a.y - b.y);
    this.#list.length = Math.min(this.#list.length, this.#keep);
    if (this.#list.length === this.#keep) this.#least = this.#list.at(-1)!.mi;
  }
}
