/** T_G: the log density ratio of two normal vectors, fitted in closed form. On normal scores it is a Gaussian copula's. */
import { dot, type Matrix, multiply, svd, transpose, whitening, zeros } from "../math/linear.ts";
import { type Pairing, partnerOf } from "../training/pairing.ts";
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
 */
export function fitGaussian(x: Table32, y: Table32, rows: Uint32Array): GaussianRatio {
  const [left, right] = [centered(x, rows), centered(y, rows)];
  const [whitenX, whitenY] = [whitener(left.values), whitener(right.values)];
  if (rows.length < 3 || !whitenX || !whitenY) return assemble(left.mean, right.mean, [], undefined, undefined);
  const cross = covariance(left.values, right.values);
  const { left: u, right: v, values } = svd(multiply(multiply(whitenX.map, cross), transpose(whitenY.map)));
  const [alongX, alongY] = [multiply(u, whitenX.map), multiply(v, whitenY.map)];
  const [tallX, tallY] = [scaleDown(alongX, whitenX), scaleDown(alongY, whitenY)];
  const correlations = shrink(
    values.map((s, k) => s / (tallX[k]! * tallY[k]!)),
    ...([rows.length, x.columns, y.columns] as const),
  );
  return assemble(left.mean, right.mean, correlations, alongX, alongY);
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

/** Means of the columns, and columns × rows of what differs from them: exactly 0 all through a constant column. */
function centered(
  { data, columns, stride = columns, start = 0 }: Table32,
  rows: Uint32Array,
): { mean: Float64Array; values: Matrix } {
  const n = rows.length;
  const values = zeros(columns, n);
  const mean = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    const place = start + c;
    const first = n > 0 ? data[rows[0]! * stride + place]! : 0;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += data[rows[i]! * stride + place]! - first;
    mean[c] = first + sum / Math.max(n, 1);
    for (let i = 0; i < n; i++) values.data[c * n + i] = data[rows[i]! * stride + place]! - mean[c]!;
  }
  return { mean, values };
}

/** a bᵀ / n of two sides' centred columns. */
function covariance(a: Matrix, b: Matrix): Matrix {
  const out = zeros(a.rows, b.rows);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < b.rows; c++) {
      const mirrored = a === b && c < r;
      out.data[r * b.rows + c] = mirrored ? out.data[c * b.rows + r]! : dot(a, r, b, c) / a.columns;
    }
  }
  return out;
}

/** Whitens a covariance that was shrunk toward the variance `middle` in all directions, with `weight`. */
interface Whitener {
  map: Matrix;
  weight: number;
  middle: number;
}

/** None where nothing varies. */
function whitener(values: Matrix): Whitener | undefined {
  const s = covariance(values, values);
  const d = s.rows;
  let trace = 0;
  for (let i = 0; i < d; i++) trace += s.data[i * (d + 1)]!;
  if (!(trace > 0 && trace < Infinity)) return undefined;
  const weight = Math.min(0.9, d / values.columns);
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
  const rows = Uint32Array.from({ length: rowsOf(table) }, (_, i) => i);
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
  const { perRow } = pairing;
  const [joint, marginal] = [scratch.double(rows.length), scratch.double(rows.length * perRow)];
  if (ratio.correlations.length === 0) return { joint: joint.fill(0), marginal: marginal.fill(0) };
  const score = scoreOf(ratio, terms(ratio, "x", x, rows), terms(ratio, "y", y, rows));
  for (let i = 0; i < rows.length; i++) {
    joint[i] = score(i, i);
    for (let c = 0; c < perRow; c++) marginal[i * perRow + c] = score(i, partnerOf(i, c, rows.length, pairing));
  }
  return { joint, marginal };
}

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
