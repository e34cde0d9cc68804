/** The part of a dependence that correlations of ranks show, in closed form. */
import { dot, type Matrix, whitening, zeros } from "../math/linear.ts";
import { digamma, normalQuantile } from "../math/special.ts";
import { ranksOf } from "../math/statistics.ts";

/**
 * −½ ln det R / (det R_x · det R_y) of the correlations R of normal scores, nats: the MI of a Gaussian copula. What so few rows
 * show of none is taken off: of normals E ln det of d columns and n rows is too small by Σ ψ((n − i) / 2), i = 1 … d, less
 * d ln(n / 2), whatever they correlate, so the difference has no bias.
 *
 * @param x columns; `y` likewise
 * @returns undefined where rows are too few for the columns, or columns of one side determine each other
 */
export function gaussianInformation(x: readonly Float64Array[], y: readonly Float64Array[]): number | undefined {
  const rows = x[0]!.length;
  const columns = x.length + y.length;
  if (rows <= columns + 1) return undefined;
  const all = scoresOf([...x, ...y]);
  const determinant = (from: number, count: number) => {
    let chance = 0;
    for (let i = 1; i <= count; i++) chance += digamma((rows - i) / 2);
    return logDeterminant(all, from, count) - chance;
  };
  const value = (determinant(0, x.length) + determinant(x.length, y.length) - determinant(0, columns)) / 2;
  return Number.isFinite(value) ? value : undefined;
}

/** Normal scores by rank of each column, a row for each. */
function scoresOf(columns: readonly Float64Array[]): Matrix {
  const rows = columns[0]!.length;
  const scores = zeros(columns.length, rows);
  for (const [c, values] of columns.entries()) {
    scores.data.set(
      ranksOf(values).map((rank) => normalQuantile(rank / rows)),
      c * rows,
    );
  }
  return scores;
}

/** Of the correlations of some columns in a row; NaN where they determine each other. */
function logDeterminant(scores: Matrix, from: number, count: number): number {
  const lengths = Float64Array.from({ length: count }, (_, i) => Math.sqrt(dot(scores, from + i, scores, from + i)));
  const correlations = zeros(count, count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      correlations.data[i * count + j] = dot(scores, from + i, scores, from + j) / (lengths[i]! * lengths[j]!);
    }
  }
  const { data } = whitening(correlations);
  let sum = 0;
  for (let i = 0; i < count; i++) sum -= 2 * Math.log(data[i * count + i]!);
  return sum;
}
