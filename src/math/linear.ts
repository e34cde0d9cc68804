/** Dense linear algebra for a few hundred rows and columns, on the host in float64. */

/** Row-major, rows × columns. */
export interface Matrix {
  data: Float64Array;
  rows: number;
  columns: number;
}

export const zeros = (rows: number, columns: number): Matrix => ({
  data: new Float64Array(rows * columns),
  rows,
  columns,
});

export function transpose({ data, rows, columns }: Matrix): Matrix {
  const out = zeros(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.data[j * rows + i] = data[i * columns + j]!;
  return out;
}

export function multiply(a: Matrix, b: Matrix): Matrix {
  const out = zeros(a.rows, b.columns);
  const columns = transpose(b);
  for (let i = 0; i < out.rows; i++) {
    for (let j = 0; j < out.columns; j++) out.data[i * out.columns + j] = dot(a, i, columns, j);
  }
  return out;
}

/**
 * W = L⁻¹ of the Cholesky factor S = L Lᵀ, so that W S Wᵀ = 1. It differs from S^−½ by a rotation only.
 *
 * @param s symmetric and positive definite
 * @returns lower triangular, the shape of s
 */
export function whitening(s: Matrix): Matrix {
  const d = s.rows;
  const lower = s.data.slice();
  const inverse = zeros(d, d);
  const w = inverse.data;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = lower[i * d + j]!;
      for (let m = 0; m < j; m++) rest -= lower[i * d + m]! * lower[j * d + m]!;
      lower[i * d + j] = i === j ? Math.sqrt(rest) : rest / lower[j * d + j]!;
    }
    const pivot = lower[i * d + i]!;
    w[i * d + i] = 1 / pivot;
    for (let m = 0; m < i; m++) {
      const factor = lower[i * d + m]! / pivot;
      for (let j = 0; j <= m; j++) w[i * d + j]! -= factor * w[m * d + j]!;
    }
  }
  return inverse;
}

/** A = U diag(s) Vᵀ, s from the largest down. Row k of `left` and of `right` is the k-th singular vector; `left` has a row of zeros where s is 0. */
export interface Svd {
  left: Matrix;
  right: Matrix;
  values: Float64Array;
}

/** Thin singular value decomposition by one-sided Jacobi rotations (Hestenes 1958), which keep s to its own last digits. */
export function svd(a: Matrix): Svd {
  if (a.rows < a.columns) {
    const { left, right, values } = svd(transpose(a));
    return { left: right, right: left, values };
  }
  const count = a.columns;
  const columns = transpose(a);
  const basis = zeros(count, count);
  for (let i = 0; i < count; i++) basis.data[i * count + i] = 1;
  orthogonalize(columns, basis);
  const lengths = Float64Array.from({ length: count }, (_, i) => Math.sqrt(dot(columns, i, columns, i)));
  const order = [...lengths.keys()].sort((i, j) => lengths[j]! - lengths[i]! || i - j);
  const [left, right] = [zeros(count, a.rows), zeros(count, count)];
  order.forEach((from, k) => {
    const scale = lengths[from]! > 0 ? 1 / lengths[from]! : 0;
    for (let i = 0; i < a.rows; i++) left.data[k * a.rows + i] = scale * columns.data[from * a.rows + i]!;
    right.data.set(basis.data.subarray(from * count, (from + 1) * count), k * count);
  });
  return { left, right, values: Float64Array.from(order, (from) => lengths[from]!) };
}

/** Turns rows i and j of `vectors`, and of `basis` with them, until all are at right angles. */
function orthogonalize(vectors: Matrix, basis: Matrix): void {
  const count = vectors.rows;
  for (let sweep = 0, turned = true; turned && sweep < 40; sweep++) {
    turned = false;
    const squares = Float64Array.from({ length: count }, (_, i) => dot(vectors, i, vectors, i));
    for (let i = 0; i < count; i++) {
      for (let j = i + 1; j < count; j++) {
        const product = dot(vectors, i, vectors, j);
        if (!(Math.abs(product) > 1e-15 * Math.sqrt(squares[i]! * squares[j]!))) continue;
        turned = true;
        const ratio = (squares[j]! - squares[i]!) / (2 * product);
        const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio));
        rotate(vectors, i, j, tangent);
        rotate(basis, i, j, tangent);
        squares[i]! -= tangent * product;
        squares[j]! += tangent * product;
      }
    }
  }
}

function rotate({ data, columns }: Matrix, i: number, j: number, tangent: number): void {
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let m = 0, p = i * columns, q = j * columns; m < columns; m++, p++, q++) {
    const a = data[p]!;
    const b = data[q]!;
    data[p] = cosine * a - sine * b;
    data[q] = sine * a + cosine * b;
  }
}

/** Row i of a times row j of b, in four sums that do not wait for each other. */
export function dot(a: Matrix, i: number, b: Matrix, j: number): number {
  const left = a.data;
  const right = b.data;
  let p = i * a.columns;
  let q = j * a.columns;
  const end = p + a.columns;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (; p + 3 < end; p += 4, q += 4) {
    s0 += left[p]! * right[q]!;
    s1 += left[p + 1]! * right[q + 1]!;
    s2 += left[p + 2]! * right[q + 2]!;
    s3 += left[p + 3]! * right[q + 3]!;
  }
  for (; p < end; p++, q++) s0 += left[p]! * right[q]!;
  return s0 + s1 + s2 + s3;
}
