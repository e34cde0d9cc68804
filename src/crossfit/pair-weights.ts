/** Rows that stand for unequal shares of a population: what pairs of them count, and lists that draw rows by their weights. */
import type { Units } from "../data/units.ts";
import type { RowScores } from "../math/statistics.ts";
import type { Pairing } from "../training/pairing.ts";
import { partnersOf } from "./independent-pairs.ts";

/**
 * What pairs count where rows have weights: a joint pair as much as its row, a marginal one as the product of its two, for both of
 * its rows are drawn from the weighted population. Undefined without weights: all count alike.
 *
 * @param rows that are scored, `weights` of all rows of the table
 */
export function pairWeights(
  rows: Uint32Array,
  pairing: Pairing,
  weights: Float64Array | undefined,
  units?: Units,
): RowScores<Float64Array> | undefined {
  if (!weights) return undefined;
  const { perRow } = pairing;
  const partner = partnersOf(rows, pairing, units);
  const joint = Float64Array.from(rows, (row) => weights[row]!);
  const marginal = new Float64Array(rows.length * perRow);
  for (let i = 0; i < rows.length; i++) {
    for (let c = 0; c < perRow; c++) marginal[i * perRow + c] = joint[i]! * joint[partner(i, c)]!;
  }
  return { joint, marginal };
}

/** A list from which rows are drawn by weight has so many entries a row, at least one, and so many in all if rows are few. */
const ENTRIES = { perRow: 16, most: 2 ** 18 };

/**
 * Rows as often as their weights say, so that a uniform draw from the list is a draw by weight: every k-th step along the sum
 * of the weights (systematic sampling), so that a row is there ⌊m w⌋ or ⌈m w⌉ times. With equal weights, a draw from it is the
 * draw from `rows` themselves, bit for bit.
 */
export function drawnByWeight(rows: Uint32Array, weights: Float64Array | undefined): Uint32Array {
  if (!weights) return rows;
  const perRow = Math.max(1, Math.min(ENTRIES.perRow, Math.floor(ENTRIES.most / rows.length)));
  const list = new Uint32Array(perRow * rows.length);
  const sum = rows.reduce((total, row) => total + weights[row]!, 0);
  let [entry, reached] = [0, 0];
  for (const row of rows) {
    reached += weights[row]!;
    for (; entry < list.length && entry + 0.5 < (list.length * reached) / sum; entry++) list[entry] = row;
  }
  return list.fill(rows.at(-1)!, entry);
}
