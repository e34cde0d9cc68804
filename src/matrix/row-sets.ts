/** Which rows pairs of columns have, where values are missing. */

import type { Column } from "../data/columns.ts";
import { hashOf } from "../math/random.ts";

/** Places of two columns. */
export type Place = readonly [number, number];

/** Rows that have both columns of some pairs, and no pair with other rows. */
export interface RowSet {
  rows: Uint32Array;
  pairs: Place[];
}

/** A bit for each row, set where it has a value. */
type Mask = Uint32Array;

/**
 * Deals pairs by the rows that have both columns.
 *
 * @param needed rows without a value of one of these are in no set
 */
export function setsOfRows(
  columns: readonly Pick<Column, "values">[],
  needed: readonly Pick<Column, "values">[],
  pairs: readonly Place[],
): RowSet[] {
  const masks = new Masks();
  const ofNeeded = needed.map(maskOf);
  const classes = columns.map((column) => masks.place(ofNeeded.reduce(both, maskOf(column))));
  const known = new Map<string, number>();
  const dealt = new Map<number, Place[]>();
  for (const pair of pairs) {
    const [a, b] = pair.map((c) => classes[c]!).sort((i, j) => i - j) as [number, number];
    const key = `${a} ${b}`;
    const set = known.get(key) ?? masks.place(both(masks.list[a]!, masks.list[b]!));
    known.set(key, set);
    const place = dealt.get(set);
    if (place) place.push(pair);
    else dealt.set(set, [pair]);
  }
  return [...dealt].map(([set, some]) => ({ rows: rowsOf(masks.list[set]!), pairs: some }));
}

/** Different masks, each once. */
class Masks {
  readonly list: Mask[] = [];
  readonly #byHash = new Map<number, number[]>();

  place(mask: Mask): number {
    const hash = hashOf(mask as unknown as number[]);
    const alike = this.#byHash.get(hash) ?? [];
    const found = alike.find((i) => this.list[i]!.every((word, w) => word === mask[w]));
    if (found !== undefined) return found;
    this.#byHash.set(hash, [...alike, this.list.length]);
    return this.list.push(mask) - 1;
  }
}

function maskOf({ values }: Pick<Column, "values">): Mask {
  const mask = new Uint32Array(Math.ceil(values.length / 32));
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) mask[row >>> 5]! |= 1 << (row & 31);
  return mask;
}

const both = (a: Mask, b: Mask): Mask => a.map((word, w) => word & b[w]!);

function rowsOf(mask: Mask): Uint32Array {
  const rows: number[] = [];
  for (const [w, word] of mask.entries()) {
    for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) rows.push(32 * w + bit);
  }
  return Uint32Array.from(rows);
}
