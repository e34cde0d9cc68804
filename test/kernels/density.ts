/** What the kernels of the conditional Gaussian density share: rows, and how far f32 is off. */
import { EPS, EXP, normals, prng } from "../gpu.ts";
import { logVariance } from "../oracle/critic.ts";
import { geometryOf, type Pairing } from "./pairs.ts";

// v = 10 (1 - 2 / (1 + e^z)): an error of e^z moves v by at most 5 times it, a rounding of the quotient by 20 EPS.
export const VARIANCE = 5 * EXP + 40 * EPS;

/** Relative error of exp(-v). */
export const PRECISION = VARIANCE + EXP;

/** Rows of x with means and log-variances far into both of its bounds, and rows of y; one y is an outlier. */
export function densities(pairing: Pairing) {
  const { replicas, width } = pairing;
  const { list, rows, dims } = geometryOf(pairing);
  const random = prng(5);
  const density = normals(1, replicas * rows * 2 * width).map((value, i) =>
    i % (2 * width) < width ? value : 6 * value * (random() < 0.05 ? 1e4 : 1),
  );
  const batch_y = normals(2, replicas * rows * width);
  batch_y[batch_y.length >> 1] = 50;
  /** Mean, unbounded and bounded log-variance of column d of a row. */
  const at = (row: number, d: number) => {
    const s = density[row * 2 * width + width + d]!;
    return { mean: density[row * 2 * width + d]!, s, v: logVariance(s) };
  };
  /** Rows of a slot, over all replicas. */
  const rowsOf = (slot: number) => {
    const { x, y } = list[slot % list.length]!;
    const first = Math.floor(slot / list.length) * rows;
    return { x: first + x, y: first + y };
  };
  return { dims, density, batch_y, at, rowsOf, rows, slots: list.length };
}
