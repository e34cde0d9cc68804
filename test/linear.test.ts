/** Whitening and singular values against their definitions, and against matrices whose values are known. */
import { describe, expect, it } from "vitest";
import { type Matrix, multiply, svd, transpose, whitening, zeros } from "../src/math/linear.ts";
import { normals, range } from "./gpu.ts";

const random = (seed: number, rows: number, columns: number): Matrix => ({
  data: Float64Array.from(normals(seed, rows * columns)),
  rows,
  columns,
});

/** Largest distance of two matrices' elements. */
function distance(a: Matrix, b: Matrix): number {
  expect([a.rows, a.columns]).toEqual([b.rows, b.columns]);
  return a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i]!)), 0);
}

function diagonal(values: ArrayLike<number>): Matrix {
  const out = zeros(values.length, values.length);
  for (let i = 0; i < values.length; i++) out.data[i * (values.length + 1)] = values[i]!;
  return out;
}

const identity = (n: number) => diagonal(new Float64Array(n).fill(1));
const rebuilt = ({ left, right, values }: ReturnType<typeof svd>) =>
  multiply(multiply(transpose(left), diagonal(values)), right);

describe("whitening", () => {
  it.each([1, 2, 7, 100])("of %i columns brings the covariance to 1, and is lower triangular", (d) => {
    const table = random(d, 3 * d + 5, d);
    const s = multiply(transpose(table), table);
    const w = whitening(s);
    expect(distance(multiply(multiply(w, s), transpose(w)), identity(d))).toBeLessThan(1e-10);
    for (const i of range(d)) for (const j of range(d)) if (j > i) expect(w.data[i * d + j]).toBe(0);
  });

  it("keeps 1e-9 at a condition number of 1e6", () => {
    const turn = svd(random(3, 20, 20)).right;
    const s = multiply(multiply(transpose(turn), diagonal(range(20).map((i) => 10 ** ((-6 * i) / 19)))), turn);
    const w = whitening(s);
    expect(distance(multiply(multiply(w, s), transpose(w)), identity(20))).toBeLessThan(1e-9);
  });
});

describe("svd", () => {
  it.each([
    [1, 1],
    [5, 5],
    [9, 4],
    [4, 9],
    [100, 100],
    [3, 80],
  ])("of %i × %i: orthonormal on both sides, descending, and the product is the matrix", (rows, columns) => {
    const a = random(rows + columns, rows, columns);
    const found = svd(a);
    const count = Math.min(rows, columns);
    expect(distance(rebuilt(found), a)).toBeLessThan(1e-12);
    expect(distance(multiply(found.left, transpose(found.left)), identity(count))).toBeLessThan(1e-12);
    expect(distance(multiply(found.right, transpose(found.right)), identity(count))).toBeLessThan(1e-12);
    expect([...found.values]).toEqual([...found.values].sort((a, b) => b - a));
  });

  it("finds known values to the last digits, from 1 − 1e-12 to 1e-9", () => {
    const known = [1 - 1e-12, 1 - 1e-9, 0.5, 0.5, 1e-3, 1e-9];
    const [u, v] = [svd(random(1, 6, 6)).left, svd(random(2, 6, 6)).right];
    const { values } = svd(multiply(multiply(transpose(u), diagonal(known)), v));
    known.forEach((s, k) => {
      expect(Math.abs(values[k]! - s)).toBeLessThan(2e-15);
    });
  });

  it("takes rank 1, zeros and equal columns", () => {
    const ones = { data: new Float64Array(12).fill(1), rows: 4, columns: 3 };
    const { values } = svd(ones);
    expect(values[0]).toBeCloseTo(Math.sqrt(12), 12);
    expect(Math.max(values[1]!, values[2]!)).toBeLessThan(1e-15);
    expect(distance(rebuilt(svd(ones)), ones)).toBeLessThan(1e-14);
    expect([...svd(zeros(3, 2)).values]).toEqual([0, 0]);
    expect([...svd(zeros(3, 2)).left.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
