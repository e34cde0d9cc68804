/** T_G against the densities that it is a ratio of, against known mutual information, and on tables with awkward columns. */
import { describe, expect, it } from "vitest";
import { fitGaussian, type GaussianRatio, project, scorePairs } from "../src/crossfit/gaussian-copula.ts";
import type { Table32 } from "../src/crossfit/inputs.ts";
import { bound } from "../src/math/statistics.ts";
import { normals, prng, range } from "./gpu.ts";

const all = (n: number) => Uint32Array.from(range(n));

/** Standard normals of dx + dy columns, in which x_c and y_c have the c-th correlation. */
function pairsOf(seed: number, n: number, dx: number, dy: number, rho: number[] = []): [Table32, Table32] {
  const [x, e] = [normals(2 * seed, n * dx), normals(2 * seed + 1, n * dy)];
  const y = e.map((noise, i) => {
    const r = rho[i % dy] ?? 0;
    return r * (x[Math.floor(i / dy) * dx + (i % dy)] ?? 0) + Math.sqrt(1 - r * r) * noise;
  });
  return [
    { data: x, columns: dx },
    { data: y, columns: dy },
  ];
}

/** The bound on rows with themselves, and with `perRow` other rows each. */
function boundOf(ratio: GaussianRatio, x: Table32, y: Table32, perRow = 40): number {
  const n = x.data.length / x.columns;
  const joint = scorePairs(
    ratio,
    x,
    y,
    Uint32Array.from({ length: 2 * n }, (_, i) => i >> 1),
  );
  const random = prng(77);
  const marginal = Uint32Array.from({ length: 2 * n * perRow }, (_, i) =>
    i % 2 === 0 ? Math.floor(i / 2 / perRow) : Math.floor(n * random()),
  );
  return bound(joint, scorePairs(ratio, x, y, marginal));
}

/** A table whose columns each row's map makes. */
const mapped = ({ data, columns }: Table32, width: number, map: (row: Float32Array) => number[]): Table32 => ({
  data: Float32Array.from(
    range(data.length / columns).flatMap((i) => map(data.subarray(i * columns, (i + 1) * columns))),
  ),
  columns: width,
});

const information = (rho: number[]) => rho.reduce((sum, r) => sum - Math.log(1 - r * r) / 2, 0);

function expectSame(a: Float64Array, b: Float64Array, tolerance: number) {
  expect(a.length).toBe(b.length);
  const worst = a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
  expect(worst).toBeLessThan(tolerance);
}

describe("the bound on fresh rows", () => {
  // Standard errors of the bound at 10 000 rows are near .01, at 6 nats .1.
  it.each([
    ["1+1 at .75", 1, [0.75], 0.03],
    ["5+5, two pairs at .8", 5, [0.8, 0.8], 0.04],
    ["25+25, two pairs at .8", 25, [0.8, 0.8], 0.06],
    ["1+1 at 2 nats", 1, [Math.sqrt(1 - Math.exp(-4))], 0.05],
    ["1+1 at 6 nats", 1, [Math.sqrt(1 - Math.exp(-12))], 0.4],
  ])("%s", (_, columns, rho, band) => {
    const ratio = fitGaussian(...pairsOf(1, 10_000, columns, columns, rho), all(10_000));
    expect(ratio.correlations.length).toBe(rho.length);
    expect(Math.abs(boundOf(ratio, ...pairsOf(2, 10_000, columns, columns, rho)) - information(rho))).toBeLessThan(
      band,
    );
  });

  it("sides of 3 and 1 columns, where every column of x counts", () => {
    const table = (seed: number): [Table32, Table32] => {
      const [x, noise] = pairsOf(seed, 10_000, 3, 1);
      const y = noise.data.map((e, i) => x.data[3 * i]! + x.data[3 * i + 1]! - x.data[3 * i + 2]! + e);
      return [x, { data: y, columns: 1 }];
    };
    const ratio = fitGaussian(...table(3), all(10_000));
    expect(ratio.correlations[0]).toBeCloseTo(Math.sqrt(0.75), 2);
    expect(Math.abs(boundOf(ratio, ...table(4)) - Math.log(2))).toBeLessThan(0.03);
  });

  it.each([50, 300, 1000])("independent columns, 5+5, %i rows: mostly no direction, and no harm on average", (n) => {
    const found = range(40).map((k) => fitGaussian(...pairsOf(10 + k, n, 5, 5), all(n)));
    expect(found.filter(({ correlations }) => correlations.length === 0).length).toBeGreaterThanOrEqual(28);
    for (const { correlations } of found) expect(correlations.length).toBeLessThan(3);
  });
});

describe("the formula", () => {
  const [x, y] = pairsOf(5, 2000, 1, 1, [0.6]);
  const pairs = Uint32Array.from({ length: 400 }, (_, i) => (i * 7919) % 2000);

  it("is the log ratio of the fitted normal densities, 1+1", () => {
    const ratio = fitGaussian(x, y, all(2000));
    const rho = ratio.correlations[0]!;
    const stats = (table: Table32) => {
      const mean = table.data.reduce((a, b) => a + b) / 2000;
      return { mean, sd: Math.sqrt(table.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 2000) };
    };
    const [a, b] = [stats(x), stats(y)];
    const sign = Math.sign(ratio.x.projection[0]! * ratio.y.projection[0]!);
    const det = a.sd ** 2 * b.sd ** 2 * (1 - rho * rho);
    const want = Float64Array.from(range(200), (i) => {
      const u = x.data[pairs[2 * i]!]! - a.mean;
      const v = y.data[pairs[2 * i + 1]!]! - b.mean;
      // log N(u, v) by the inverse of the 2 × 2 covariance, less log N(u) and log N(v), whose 2π cancel.
      const cross = sign * rho * a.sd * b.sd;
      const both = -Math.log(det) / 2 - (b.sd ** 2 * u * u - 2 * cross * u * v + a.sd ** 2 * v * v) / (2 * det);
      const apart = -Math.log(a.sd * b.sd) - (u / a.sd) ** 2 / 2 - (v / b.sd) ** 2 / 2;
      return both - apart;
    });
    expect(sign).toBe(1);
    expectSame(scorePairs(ratio, x, y, pairs), want, 1e-5);
  });

  it("shrinks s as written, from the rows' own correlation, 1+1", () => {
    const n = 2000;
    const s = correlation(x.data, y.data);
    const v = s * Math.sqrt(n);
    const g = Math.sqrt((v * v - 2) ** 2 - 4) / v / Math.sqrt(n);
    expect(fitGaussian(x, y, all(n)).correlations[0]).toBeCloseTo(s - (s - g) * (1 - s * s), 6);
  });

  it("sums over canonical variates that are uncorrelated, of variance 1, and correlate by s, 6+4", () => {
    const [a, b] = pairsOf(6, 5000, 6, 4, [0.9, 0.7, 0.5]);
    const ratio = fitGaussian(a, b, all(5000));
    const [u, v] = [project(ratio, "x", a), project(ratio, "y", b)];
    const k = ratio.correlations.length;
    expect(k).toBe(3);
    const column = (values: Float64Array, c: number) => values.filter((_, i) => i % k === c);
    for (const c of range(k)) {
      expect(column(u, c).reduce((sum, t) => sum + t * t, 0) / 5000).toBeCloseTo(1, 2);
      for (const d of range(k)) {
        expect(correlation(column(u, c), column(u, d))).toBeCloseTo(+(c === d), 2);
        const cross = correlation(column(u, c), column(v, d));
        if (c !== d) expect(cross).toBeCloseTo(0, 2);
        else expect(cross).toBeGreaterThanOrEqual(ratio.correlations[c]! - 1e-3);
      }
    }
    const want = Float64Array.from(range(200), (i) =>
      range(k).reduce((sum, c) => {
        const [p, q] = [u[pairs[2 * i]! * k + c]!, v[pairs[2 * i + 1]! * k + c]!];
        const r = ratio.correlations[c]!;
        return sum - Math.log(1 - r * r) / 2 - (r * r * (p * p + q * q) - 2 * r * p * q) / (2 * (1 - r * r));
      }, 0),
    );
    expectSame(scorePairs(ratio, a, b, pairs), want, 1e-12);
  });

  it("fits on the named rows only", () => {
    const rows = Uint32Array.from(range(1000), (i) => 2 * i);
    const part = (table: Table32) => ({ data: table.data.filter((_, i) => i % 2 === 0), columns: 1 });
    const ratio = fitGaussian(x, y, rows);
    expect(ratio).toEqual(fitGaussian(part(x), part(y), all(1000)));
    const spoilt = { data: x.data.map((v, i) => (i % 2 === 0 ? v : Number.NaN)), columns: 1 };
    expect(fitGaussian(spoilt, y, rows)).toEqual(ratio);
  });
});

describe("invariance", () => {
  const [x, y] = pairsOf(7, 3000, 3, 2, [0.8, 0.4]);
  const pairs = Uint32Array.from({ length: 2000 }, (_, i) => (i * 7919) % 3000);
  const scored = (a: Table32, b: Table32) => scorePairs(fitGaussian(a, b, all(3000)), a, b, pairs);

  it("turning, scaling and shifting a side changes nothing", () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turned = mapped(x, 3, ([p, q, r]) => [4 * (c * p! - s * q!) + 1, 4 * (s * p! + c * q!) - 2, 4 * r! + 3]);
    expectSame(scored(turned, y), scored(x, y), 1e-4);
  });

  it("any linear map of a side changes no more than the shrinkage of 3 in 3000", () => {
    const sheared = mapped(x, 3, ([p, q, r]) => [p! + 0.5 * q!, q! - 0.3 * r!, 2 * r! + p!]);
    const [a, b] = [scored(sheared, y), scored(x, y)];
    const meanSquare = a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.length;
    expect(Math.sqrt(meanSquare)).toBeLessThan(0.03);
  });

  it("a side of one column may have any scale and offset", () => {
    const [a, b] = pairsOf(8, 3000, 1, 1, [0.9]);
    const scaled = mapped(a, 1, ([v]) => [-1e-6 * v!]);
    expectSame(scored(scaled, b), scored(a, b), 1e-4);
  });

  it("sides may change places", () => {
    const swapped = Uint32Array.from(pairs, (_, i) => pairs[i ^ 1]!);
    const back = scorePairs(fitGaussian(y, x, all(3000)), y, x, swapped);
    expectSame(back, scored(x, y), 1e-9);
  });
});

describe("awkward tables", () => {
  const finite = (values: Float64Array) => values.every(Number.isFinite);
  const joint = (n: number) => Uint32Array.from({ length: 2 * n }, (_, i) => i >> 1);

  it("constant columns add nothing, whatever they hold later", () => {
    const [x, y] = pairsOf(20, 1000, 1, 1, [0.8]);
    const rows = all(900);
    const wide = mapped(x, 2, ([v]) => [v!, 0.1]);
    wide.data[2 * 950 + 1] = 7;
    const [narrow, ratio] = [fitGaussian(x, y, rows), fitGaussian(wide, y, rows)];
    expect(ratio.correlations.length).toBe(1);
    expect(ratio.x.projection[1]).toBe(0);
    expect(ratio.correlations[0]).toBeCloseTo(narrow.correlations[0]!, 2);
    expect(finite(scorePairs(ratio, wide, y, joint(1000)))).toBe(true);
  });

  it("a side of constants, or both, scores 0", () => {
    const [x, y] = pairsOf(21, 1000, 2, 1, [0.8]);
    const flat = mapped(x, 2, () => [0.1, -3.3]);
    for (const [a, b] of [
      [flat, y],
      [y, flat],
      [flat, flat],
    ] as const) {
      const ratio = fitGaussian(a, b, all(1000));
      expect(ratio.correlations.length).toBe(0);
      expect(scorePairs(ratio, a, b, joint(1000))).toEqual(new Float64Array(1000));
      expect(project(ratio, "x", a).length).toBe(0);
    }
  });

  it("columns that stand twice say no more than once", () => {
    const [x, y] = pairsOf(22, 10_000, 1, 1, [0.8]);
    const [xx, yy] = [mapped(x, 3, ([v]) => [v!, v!, v!]), mapped(y, 2, ([v]) => [v!, v!])];
    const ratio = fitGaussian(xx, yy, all(10_000));
    expect(ratio.correlations.length).toBe(1);
    expect(Math.abs(boundOf(ratio, xx, yy) - information([0.8]))).toBeLessThan(0.05);
  });

  it.each([0, 1e-7, 1e-5, 1e-3])("a copy with noise of %d", (noise) => {
    const [x, e] = pairsOf(23, 4000, 1, 1);
    const y = { data: x.data.map((v, i) => 3 * (v + noise * e.data[i]!)), columns: 1 };
    const ratio = fitGaussian(x, y, all(4000));
    expect(ratio.correlations[0]).toBeLessThanOrEqual(1 - 1e-9);
    const scores = scorePairs(ratio, x, y, joint(4000));
    // At most −log(1 − ρ²)/2 = 10 nats and u²/2 more.
    const mean = scores.reduce((a, b) => a + b) / 4000;
    const rho = Math.min(1 / Math.sqrt(1 + noise * noise), 1 - 1e-9);
    expect(Math.abs(mean - information([rho]))).toBeLessThan(0.6);
    expect(finite(scores)).toBe(true);
    expect(boundOf(ratio, x, y)).toBeLessThan(information([rho]) + 0.7);
  });

  it("more columns than rows, and hardly any rows", () => {
    for (const [n, dx, dy] of [
      [0, 1, 1],
      [1, 2, 2],
      [2, 1, 1],
      [3, 1, 1],
      [4, 30, 1],
      [20, 50, 50],
      [60, 100, 3],
    ] as const) {
      const [x, y] = pairsOf(24, Math.max(n, 1), dx, dy);
      const ratio = fitGaussian(x, y, all(n));
      if (n < 3) expect(ratio.correlations.length).toBe(0);
      expect(finite(scorePairs(ratio, x, y, joint(n)))).toBe(true);
    }
  });

  it("values that are not finite on the fitted rows leave nothing, not NaN", () => {
    const [x, y] = pairsOf(25, 100, 2, 2, [0.9]);
    const spoilt = { ...x, data: x.data.with(9, Number.NaN) };
    expect(fitGaussian(spoilt, y, all(100)).correlations.length).toBe(0);
  });
});

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let [ma, mb, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    ma += a[i]! / n;
    mb += b[i]! / n;
  }
  for (let i = 0; i < n; i++) {
    const [u, v] = [a[i]! - ma, b[i]! - mb];
    aa += u * u;
    bb += v * v;
    ab += u * v;
  }
  return ab / Math.sqrt(aa * bb);
}
