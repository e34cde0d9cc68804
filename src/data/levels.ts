/** Categories beside numbers, for distances: levels lie further apart than any two numbers. */
import type { Values } from "./columns.ts";

/**
 * Levels as binary digits, 0 and `apart`: in the max norm any two are as far from each other, exactly as one-hot columns
 * are, with the logarithm of the columns. Where `apart` is more than numbers differ by, the nearest neighbours of a row are
 * those of its own level, and Mixed KSG is what Ross 2014 (PLoS ONE 9, e87357) has for a category and numbers.
 */
export function digits(values: Float64Array, levels: Float64Array, apart: number): Float32Array[] {
  const code = new Map(Array.from(levels, (level, i) => [level, i]));
  const count = Math.max(1, Math.ceil(Math.log2(levels.length)));
  return Array.from({ length: count }, (_, bit) =>
    Float32Array.from(values, (value) => ((code.get(value)! >>> bit) & 1) * apart),
  );
}

/** As large as a distance can be that single precision keeps when it is doubled. */
const MOST_APART = 2 ** 126;

/** A power of two that is at least twice as much as two values of one of these columns differ by. */
export function apartFrom(columns: Iterable<Values>): number {
  let widest = 1;
  for (const values of columns) {
    let [least, most] = [Infinity, -Infinity];
    for (let row = 0; row < values.length; row++) {
      least = Math.min(least, values.at(row)!);
      most = Math.max(most, values.at(row)!);
    }
    widest = Math.max(widest, most - least);
  }
  return Math.min(MOST_APART, 2 ** Math.ceil(Math.log2(2 * widest)));
}
