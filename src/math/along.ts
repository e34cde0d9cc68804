/** How much of one quantity goes along with another. */
import { shuffled } from "./random.ts";

const TENTHS = 10;

/**
 * The share of the variance of `of` that lies between groups of rows, less what chance makes (Hays' ω²), in [0, 1]: tenths of the rows
 * by `values`, or the different values themselves where these are codes.
 *
 * @param values, of one finite number per row
 */
export function shareAlong(values: ArrayLike<number>, of: ArrayLike<number>, areCodes: boolean): number {
  const rows = values.length;
  const group = areCodes ? Array.from(values) : tenthsOf(values);
  const sums = new Map<number, { count: number; sum: number }>();
  let [total, squares] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const known = sums.get(group[i]!) ?? { count: 0, sum: 0 };
    sums.set(group[i]!, { count: known.count + 1, sum: known.sum + of[i]! });
    total += of[i]!;
    squares += of[i]! ** 2;
  }
  const mean = total / rows;
  const all = squares - rows * mean ** 2;
  let between = 0;
  for (const { count, sum } of sums.values()) between += count * (sum / count - mean) ** 2;
  const within = (all - between) / (rows - sums.size);
  const share = (between - (sums.size - 1) * within) / (all + within);
  return share > 0 ? Math.min(1, share) : 0;
}

/** In which tenth of the rows each lies by its value; equal values in an order of chance. */
function tenthsOf(values: ArrayLike<number>): Uint8Array {
  const rows = values.length;
  const order = shuffled(rows, 0).sort((a, b) => values[a]! - values[b]!);
  const tenths = new Uint8Array(rows);
  for (const [place, row] of order.entries()) tenths[row] = Math.floor((TENTHS * place) / rows);
  return tenths;
}
