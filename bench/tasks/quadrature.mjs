// True values by numerical integration. Every rule takes `scale`, which multiplies its resolution: the tests compare
// two scales, so a value that is not converged is seen.
import { normalDensity, normalEntropy } from "./special.mjs";

/** Middles of `count` equal cells of [lo, hi]. */
export const middles = (lo, hi, count) =>
  Float64Array.from({ length: count }, (_, k) => lo + ((k + 0.5) * (hi - lo)) / count);
const plogp = (p) => (p > 0 ? p * Math.log(p) : 0);

/** ∫ f over [lo, hi] by middles, which converges fast where f and its slopes vanish at both ends. */
export function integral(f, lo, hi, count) {
  let sum = 0;
  for (const x of middles(lo, hi, count)) sum += f(x);
  return (sum * (hi - lo)) / count;
}

/** -∫ p log p; p is normalised first, so it may be known up to a factor. */
export function differentialEntropy(density, lo, hi, count) {
  const values = middles(lo, hi, count).map((x) => density(x));
  const step = (hi - lo) / count;
  const mass = step * values.reduce((sum, p) => sum + p, 0);
  return Math.log(mass) - (step / mass) * values.reduce((sum, p) => sum + plogp(p), 0);
}

/** MI of a table of weights: rows are values of X, columns of Y. Cells of a fine grid are such a table as well. */
export function tableInformation(table) {
  const down = new Float64Array(table[0].length);
  const across = new Float64Array(table.length);
  let [joint, mass] = [0, 0];
  for (const [i, row] of table.entries()) {
    for (let j = 0; j < row.length; j++) {
      down[j] += row[j];
      across[i] += row[j];
      joint += plogp(row[j]);
    }
    mass += across[i];
  }
  const sides = [...down, ...across].reduce((sum, p) => sum + plogp(p), 0);
  return (joint - sides) / mass + Math.log(mass);
}

/** MI of two numbers from their joint density on a box that holds all of its mass. */
export function gridInformation(density, [xLo, xHi], [yLo, yHi], count) {
  const ys = middles(yLo, yHi, count);
  return tableInformation(Array.from(middles(xLo, xHi, count), (x) => ys.map((y) => density(x, y))));
}

/** A·B for arrays of rows. */
export function product(a, b) {
  return a.map((row) => {
    const sum = new Float64Array(b[0].length);
    for (let k = 0; k < row.length; k++) for (let j = 0; j < sum.length; j++) sum[j] += row[k] * b[k][j];
    return sum;
  });
}

/** MI of points (a, b) of equal weight with independent normal noise on each coordinate. */
export function cloudInformation(points, deviation, scale = 1) {
  const axis = (k) => {
    const values = points.map((point) => point[k]);
    const [lo, hi] = [Math.min(...values) - 7 * deviation, Math.max(...values) + 7 * deviation];
    const places = Array.from(middles(lo, hi, Math.ceil((scale * 3 * (hi - lo)) / deviation)));
    return { values, places };
  };
  const [x, y] = [axis(0), axis(1)];
  const left = x.places.map((place) => Float64Array.from(x.values, (a) => normalDensity(place - a, deviation)));
  const right = y.values.map((b) => Float64Array.from(y.places, (place) => normalDensity(place - b, deviation)));
  return tableInformation(product(left, right));
}

/** Density of latent + noise at y, where `latent` are equally likely values. */
export function sumDensity(latent, noise) {
  return (y) => {
    let sum = 0;
    for (const value of latent) sum += noise(y - value);
    return sum / latent.length;
  };
}

/** I(U; f(U) + N) for uniform U on (0, 1) and normal noise: the entropy of the sum less that of the noise. */
export function curveInformation(f, deviation, scale = 1) {
  const latent = middles(0, 1, Math.round(scale * 4000)).map(f);
  const [lo, hi] = [Math.min(...latent) - 8 * deviation, Math.max(...latent) + 8 * deviation];
  const density = sumDensity(latent, (e) => normalDensity(e, deviation));
  return (
    differentialEntropy(density, lo, hi, Math.ceil((scale * 5 * (hi - lo)) / deviation)) - normalEntropy(deviation)
  );
}

/** I(A; A + B) for independent A and B with smooth densities on the given ranges. */
export function additiveInformation(a, [aLo, aHi], b, [bLo, bHi], count) {
  const places = middles(aLo, aHi, count);
  const weights = places.map((place) => a(place));
  const density = (y) => places.reduce((sum, place, k) => sum + weights[k] * b(y - place), 0);
  return differentialEntropy(density, aLo + bLo, aHi + bHi, count) - differentialEntropy(b, bLo, bHi, count);
}

/** I(C; X) of a class C and a number X with a density in each class. */
export function labelInformation(chances, densities, lo, hi, count) {
  const cells = middles(lo, hi, count);
  return tableInformation(densities.map((density, k) => cells.map((x) => chances[k] * density(x))));
}

/** E H(C | X) subtracted from H(C), for a discrete C whose chances given x are known, X of density p. */
export function responseInformation(chancesAt, density, lo, hi, count) {
  const cells = Array.from(middles(lo, hi, count));
  return tableInformation(cells.map((x) => Float64Array.from(chancesAt(x), (p) => p * density(x))));
}

/** log of the determinant of a symmetric positive matrix, by Cholesky. */
export function logDeterminant(matrix) {
  const factor = matrix.map((row) => Float64Array.from(row));
  let sum = 0;
  for (let i = 0; i < factor.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = factor[i][j];
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      factor[i][j] = i === j ? Math.sqrt(rest) : rest / factor[j][j];
    }
    sum += 2 * Math.log(factor[i][i]);
  }
  return sum;
}

/** MI of the first `left` columns of a normal vector and the rest, from its covariance. */
export function normalInformation(covariance, left) {
  const block = (from, to) => covariance.slice(from, to).map((row) => Array.from(row).slice(from, to));
  const all = covariance.length;
  return 0.5 * (logDeterminant(block(0, left)) + logDeterminant(block(left, all)) - logDeterminant(block(0, all)));
}
