/** T_G: the log density ratio of two normal vectors, fitted in closed form. On normal scores it is a Gaussian copula's. */
import { valuesOf } from "../data/columns.ts";
import { dot, type Matrix, multiply, svd, transpose, whitening, zeros } from "../math/linear.ts";
import { effectiveWeights } from "../math/statistics.ts";
import { everyRow } from "../sources/table.ts";
import { blockOf, type Pairing, partnerOf } from "../training/pairing.ts";
import { rowsOf, type Table32 } from "./inputs.ts";
import type { Scratch } from "./scratch.ts";

/** Canonical variates of a side: (row − mean) times `projection`, columns × directions, row-major. */
interface Side {
  mean: Float64Array;
  projection: Float64Array;
}

export interface GaussianRatio {
  x: Side;
  y: Side;
  /** ρ of each kept direction, the largest first, below 1. None: the ratio scores 0. */
  correlations: Float64Array;
}

const MOST_CORRELATION = 1 - 1e-9;

/**
 * Fits the ratio on the named rows. Directions that noise alone would show are left out, the others shrunk.
 *
 * @param x,y finite values; row i of one belongs to row i of the other
 * @param weights of all rows of the tables; default: those that are named count alike
 */
export function fitGaussian(x: Table32, y: Table32, rows: Uint32Array, weights?: Float64Array): GaussianRatio {
  const own = weights && valuesOf(weights, rows);
  const worth = own ? effectiveWeights(own) : rows.length;
  const [meanX, meanY] = [meansOf(x, rows, own), meansOf(y, rows, own)];
  const { ofX, ofY, cross } = covariances({ table: x, mean: meanX }, { table: y, mean: meanY }, rows, own);
  const [whitenX, whitenY] = [whitener(ofX, worth), whitener(ofY, worth)];
  if (rows.length < 3 || !whitenX || !whitenY) return assemble(meanX, meanY, [], undefined, undefined);
  const { left: u, right: v, values } = svd(multiply(multiply(whitenX.map, cross), transpose(whitenY.map)));
  const [alongX, alongY] = [multiply(u, whitenX.map), multiply(v, whitenY.map)];
  const [tallX, tallY] = [scaleDown(alongX, whitenX), scaleDown(alongY, whitenY)];
  const correlations = shrink(
    values.map((s, k) => s / (tallX[k]! * tallY[k]!)),
    ...([worth, x.columns, y.columns] as const),
  );
  return assemble(meanX, meanY, correlations, alongX, alongY);
}

/**
 * Shrinking a covariance makes the widest directions narrower than they are in the rows; there a variate would vary by more
 * than 1, and a correlation could pass 1. Such variates are brought back to 1.
 *
 * @param along directions as rows, changed in place
 * @returns what each was divided by
 */
function scaleDown(along: Matrix, { weight, middle }: Whitener): Float64Array {
  return Float64Array.from({ length: along.rows }, (_, k) => {
    const variance = (1 - weight * middle * dot(along, k, along, k)) / (1 - weight);
    const tall = Math.sqrt(Math.max(1, variance));
    for (let c = 0; c < along.columns; c++) along.data[k * along.columns + c]! /= tall;
    return tall;
  });
}

/** The first directions, as columns of the projections. */
function assemble(meanX: Float64Array, meanY: Float64Array, correlations: number[], u?: Matrix, v?: Matrix) {
  const side = (mean: Float64Array, directions?: Matrix): Side => {
    const kept = zeros(correlations.length, mean.length);
    if (directions) kept.data.set(directions.data.subarray(0, kept.data.length));
    return { mean, projection: transpose(kept).data };
  };
  return { x: side(meanX, u), y: side(meanY, v), correlations: Float64Array.from(correlations) };
}

/** Means of the columns: exactly its value of a constant one. */
function meansOf(
  { data, columns, stride = columns, start = 0 }: Table32,
  rows: Uint32Array,
  weights?: Float64Array,
): Float64Array {
  const n = rows.length;
  const all = weights ? weights.reduce((sum, weight) => sum + weight, 0) : Math.max(n, 1);
  const mean = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    const place = start + c;
    const first = n > 0 ? data[rows[0]! * stride + place]! : 0;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (data[rows[i]! * stride + place]! - first) * (weights ? weights[i]! : 1);
    mean[c] = first + sum / all;
  }
  return mean;
}

/** Rows whose distances from the mean are there at once: a multiple of the four sums of {@link products}. */
const CENTRED = 2 ** 12;

interface Centred {
  table: Table32;
  mean: Float64Array;
}

/** a bᵀ / n of two sides' columns less their means, and of each side with itself. */
function covariances(
  x: Centred,
  y: Centred,
  rows: Uint32Array,
  weights?: Float64Array,
): { ofX: Matrix; ofY: Matrix; cross: Matrix } {
  const [dx, dy] = [x.mean.length, y.mean.length];
  const [left, right] = [zeros(dx, CENTRED), zeros(dy, CENTRED)];
  const [ofX, ofY, cross] = [sumsOf(dx, dx), sumsOf(dy, dy), sumsOf(dx, dy)];
  for (let first = 0; first < rows.length; first += CENTRED) {
    const some = rows.subarray(first, first + CENTRED);
    center(x, some, left);
    center(y, some, right);
    if (weights) for (const side of [left, right]) weigh(side, weights.subarray(first, first + CENTRED));
    products(left, left, some.length, ofX);
    products(right, right, some.length, ofY);
    products(left, right, some.length, cross);
  }
  const n = weights ? weights.reduce((sum, weight) => sum + weight, 0) : rows.length;
  return { ofX: divided(ofX, n, true), ofY: divided(ofY, n, true), cross: divided(cross, n) };
}

/** Writes what differs from the mean, columns × rows. */
function center({ table, mean }: Centred, rows: Uint32Array, into: Matrix): void {
  const { data, columns, stride = columns, start = 0 } = table;
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < rows.length; i++) into.data[c * CENTRED + i] = data[rows[i]! * stride + start + c]! - mean[c]!;
  }
}

/** Multiplies what differs from the mean by the roots of the rows' weights, so that products count by their weights. */
function weigh(differences: Matrix, weights: Float64Array): void {
  for (let r = 0; r < differences.rows; r++) {
    for (let i = 0; i < weights.length; i++) differences.data[r * CENTRED + i]! *= Math.sqrt(weights[i]!);
  }
}

/** Sums of products of rows × columns pairs of columns, each as four that do not wait for each other. */
interface Sums {
  rows: number;
  columns: number;
  fours: Float64Array;
}

const sumsOf = (rows: number, columns: number): Sums => ({
  rows,
  columns,
  fours: new Float64Array(4 * rows * columns),
});

/** Adds the products of the first `count` values, of a side with itself those on and above the diagonal. */
function products(a: Matrix, b: Matrix, count: number, { columns, rows, fours }: Sums): void {
  for (let r = 0; r < rows; r++) {
    for (let c = a === b ? r : 0; c < columns; c++) {
      const at = 4 * (r * columns + c);
      let [s0, s1, s2, s3] = [fours[at]!, fours[at + 1]!, fours[at + 2]!, fours[at + 3]!];
      let [p, q] = [r * CENTRED, c * CENTRED];
      const end = p + count;
      for (; p + 3 < end; p += 4, q += 4) {
        s0 += a.data[p]! * b.data[q]!;
        s1 += a.data[p + 1]! * b.data[q + 1]!;
        s2 += a.data[p + 2]! * b.data[q + 2]!;
        s3 += a.data[p + 3]! * b.data[q + 3]!;
      }
      for (; p < end; p++, q++) s0 += a.data[p]! * b.data[q]!;
      fours.set([s0, s1, s2, s3], at);
    }
  }
}

/** The sums over n; `mirrored` where only those on and above the diagonal were summed. */
function divided({ rows, columns, fours }: Sums, n: number, mirrored = false): Matrix {
  const out = zeros(rows, columns);
  const sum = (r: number, c: number) => {
    const at = 4 * (mirrored && c < r ? c * columns + r : r * columns + c);
    return fours[at]! + fours[at + 1]! + fours[at + 2]! + fours[at + 3]!;
  };
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out.data[r * columns + c] = sum(r, c) / n;
  return out;
}

/** Whitens a covariance that was shrunk toward the variance `middle` in all directions, with `weight`. */
interface Whitener {
  map: Matrix;
  weight: number;
  middle: number;
}

/** None where nothing varies. */
function whitener(s: Matrix, n: number): Whitener | undefined {
  const d = s.rows;
  let trace = 0;
  for (let i = 0; i < d; i++) trace += s.data[i * (d + 1)]!;
  if (!(trace > 0 && trace < Infinity)) return undefined;
  const weight = Math.min(0.9, d / n);
  for (let i = 0; i < s.data.length; i++) s.data[i]! *= 1 - weight;
  for (let i = 0; i < d; i++) s.data[i * (d + 1)]! += (weight * trace) / d;
  return { map: whitening(s), weight, middle: trace / d };
}

/**
 * ρ of the directions that stand out of the noise of n rows: optimal shrinkage of singular values for the Frobenius norm
 * (Gavish & Donoho 2017), which fades as s nears 1, where the noise does.
 *
 * @param values canonical correlations as they are in the rows, the largest first
 */
function shrink(values: Float64Array, n: number, dx: number, dy: number): number[] {
  const noise = Math.sqrt(Math.max(dx, dy) / n);
  const aspect = Math.min(dx, dy) / Math.max(dx, dy);
  const kept: number[] = [];
  for (const value of values) {
    const s = Math.min(value, 1);
    const y = s / noise;
    if (!(y > 1 + Math.sqrt(aspect))) break;
    const shrunk = (noise * Math.sqrt((y * y - aspect - 1) ** 2 - 4 * aspect)) / y;
    kept.push(Math.min(s - (s - shrunk) * (1 - s) * (1 + s), MOST_CORRELATION));
  }
  return kept;
}

/** Canonical variates of every row of a table, rows × directions. */
export function project(ratio: GaussianRatio, side: "x" | "y", table: Table32): Float64Array {
  const rows = everyRow(rowsOf(table));
  return variates(ratio, side, table, rows).data;
}

function variates(ratio: GaussianRatio, side: "x" | "y", table: Table32, rows: Uint32Array): Matrix {
  const { data, columns, stride = columns, start = 0 } = table;
  const { mean, projection } = ratio[side];
  const differences = zeros(rows.length, columns);
  for (let i = 0; i < rows.length; i++) {
    const at = rows[i]! * stride + start;
    for (let c = 0; c < columns; c++) differences.data[i * columns + c] = data[at + c]! - mean[c]!;
  }
  return multiply(differences, { data: projection, rows: columns, columns: ratio.correlations.length });
}

/**
 * T_G = Σ_k −log(1 − ρ²)/2 − (ρ²(u² + v²) − 2ρuv) / 2(1 − ρ²) of pairs of rows, in nats.
 *
 * @param pairs row of x, row of y, pair after pair
 * @returns a score for each pair
 */
export function scorePairs(ratio: GaussianRatio, x: Table32, y: Table32, pairs: Uint32Array): Float64Array {
  const scores = new Float64Array(pairs.length / 2);
  if (ratio.correlations.length === 0) return scores;
  const [left, right] = [distinctRows(x, pairs, 0), distinctRows(y, pairs, 1)];
  const score = scoreOf(ratio, terms(ratio, "x", x, left.rows), terms(ratio, "y", y, right.rows));
  for (let i = 0; i < scores.length; i++) {
    scores[i] = score(left.slots[pairs[2 * i]!]!, right.slots[pairs[2 * i + 1]!]!);
  }
  return scores;
}

/** T_G of rows with themselves and with their partners, as `pairing` deals them. */
export function scoreRows(
  ratio: GaussianRatio,
  x: Table32,
  y: Table32,
  rows: Uint32Array,
  pairing: Pairing,
  scratch: Scratch,
): { joint: Float64Array; marginal: Float64Array } {
  const { perRow, size } = pairing;
  const count = rows.length;
  const [joint, marginal] = [scratch.double(count), scratch.double(count * perRow)];
  if (ratio.correlations.length === 0) return { joint: joint.fill(0), marginal: marginal.fill(0) };
  // Partners lie within a row's block.
  const step = size * Math.max(1, Math.floor(ROWS_AT_ONCE / size));
  for (let first = 0; first < count; first += step) {
    const end = Math.min(first + step, count);
    const start = Math.min(first, blockOf(end - 1, count, size));
    const some = rows.subarray(start, end);
    const score = scoreOf(ratio, terms(ratio, "x", x, some), terms(ratio, "y", y, some));
    for (let i = first; i < end; i++) {
      joint[i] = score(i - start, i - start);
      for (let c = 0; c < perRow; c++) {
        marginal[i * perRow + c] = score(i - start, partnerOf(i, c, count, pairing) - start);
      }
    }
  }
  return { joint, marginal };
}

/** Rows whose variates are there at once. */
const ROWS_AT_ONCE = 2 ** 14;

/** The score of a row of x with a row of y, by their places in the terms. */
function scoreOf({ correlations }: GaussianRatio, left: Terms, right: Terms): (a: number, b: number) => number {
  const directions = correlations.length;
  let constant = 0;
  for (const rho of correlations) constant -= (Math.log1p(-rho) + Math.log1p(rho)) / 2;
  // u² and v² stand once for each row, so a pair costs one product for each direction.
  const weighted = zeros(left.variates.rows, directions);
  for (let i = 0; i < weighted.data.length; i++) {
    const rho = correlations[i % directions]!;
    weighted.data[i] = (rho * left.variates.data[i]!) / ((1 - rho) * (1 + rho));
  }
  const { squares: squaresX } = left;
  const { squares: squaresY, variates: variatesY } = right;
  return (a, b) => constant - squaresX[a]! - squaresY[b]! + dot(weighted, a, variatesY, b);
}

/** Of some rows: their variates and Σ ρ² u² / 2(1 − ρ²). */
interface Terms {
  variates: Matrix;
  squares: Float64Array;
}

function terms(ratio: GaussianRatio, side: "x" | "y", table: Table32, rows: Uint32Array): Terms {
  const directions = ratio.correlations.length;
  const found = variates(ratio, side, table, rows);
  const squares = new Float64Array(rows.length);
  for (let i = 0; i < found.data.length; i++) {
    const rho = ratio.correlations[i % directions]!;
    squares[Math.floor(i / directions)]! += (rho * found.data[i]!) ** 2 / (2 * (1 - rho) * (1 + rho));
  }
  return { variates: found, squares };
}

/** The rows that occur on one side of the pairs, and where each of them is among these. */
function distinctRows(table: Table32, pairs: Uint32Array, offset: 0 | 1) {
  const slots = new Int32Array(rowsOf(table)).fill(-1);
  const rows: number[] = [];
  for (let i = offset; i < pairs.length; i += 2) {
    const row = pairs[i]!;
    if (slots[row] === -1) slots[row] = rows.push(row) - 1;
  }
  return { slots, rows: Uint32Array.from(rows) };
}
