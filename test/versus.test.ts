/** Whether x or x′ tells more about y: the paired difference on data whose value is known, what it shares, what is refused. */
import { beforeAll, describe, expect } from "vitest";
import { standardErrorOf } from "../src/crossfit/valuations/valuation.ts";
import { groupUnits } from "../src/data/units.ts";
import { type EstimateOptions, estimate, ksg, type TrainedResult } from "../src/index.ts";
import { comparable } from "../src/neighbors/comparable.ts";
import { judgedNeighbors } from "../src/neighbors/neighbors.ts";
import { gpu, it, normals, range } from "./gpu.ts";

const rows = 400;
const [a, b, e, f] = [1, 2, 3, 4].map((seed) => Array.from(normals(seed, rows))) as [
  number[],
  number[],
  number[],
  number[],
];
const y = a.map((v, i) => 0.7 * v + 0.4 * b[i]! + Math.sqrt(0.35) * e[i]!);
/** a, blurred a little. */
const blurred = a.map((v, i) => v + 0.3 * f[i]!);
const ofNormals = (r: number) => -0.5 * Math.log(1 - r * r);

describe("the difference of two", () => {
  const truth = ofNormals(0.7) - ofNormals(0.4);

  it("is found by neighbours, the other way round with the other sign", async () => {
    const { mi, versus } = await estimate({ a }, y, { gpu, estimator: "ksg", versus: { b } });
    const { difference, interval, more, other, standardError } = versus!;
    expect(difference).toBe(mi - other.mi);
    expect(Math.abs(difference - truth)).toBeLessThan(3 * standardError);
    expect(interval[0]).toBeLessThan(truth);
    expect(interval[1]).toBeGreaterThan(truth);
    expect(more).toBe("x");
    expect(other).toMatchObject({ kind: "neighbors", estimator: "ksg", rows });
    const back = (await estimate({ b }, y, { gpu, estimator: "ksg", versus: { a } })).versus!;
    expect([back.difference, back.interval, back.more]).toEqual([
      -difference,
      interval.map((v) => -v).reverse(),
      "versus",
    ]);
  });

  it("varies less where both are alike than their errors would let expect", async () => {
    const found = await estimate({ a }, y, { gpu, estimator: "ksg", versus: { blurred } });
    const { standardError, other, difference, interval } = found.versus!;
    expect(standardError).toBeLessThan(0.8 * Math.hypot(found.standardError, other.standardError));
    const small = ofNormals(0.7) - ofNormals(0.7 / Math.sqrt(1.09));
    expect(Math.abs(difference - small)).toBeLessThan(3 * standardError);
    expect(interval[0]).toBeLessThan(small);
    expect(interval[1]).toBeGreaterThan(small);
  });

  it("counts rows of a group as one, and takes what is given", async () => {
    // Each row ten times, in a group: no more is known than of the rows once.
    const tenfold = (list: number[]) => range(10).flatMap((copy) => list.slice(0, 200).map((v) => v + 1e-3 * copy));
    const group = range(2000).map((row) => row % 200);
    const options = { gpu, estimator: "ksg", versus: tenfold(b), copies: "keep" } as const;
    const { versus } = await estimate(tenfold(a), tenfold(y), { ...options, group });
    expect(versus!.other.units).toEqual({ count: 200 });
    expect(versus!.standardError).toBeGreaterThan(0.04);
    const given = await estimate({ a }, y, { gpu, estimator: ksg({ k: 5 }), versus: { blurred }, given: { b } });
    const [whole, part] = [0.49 / 0.35, 0.49 / 1.09 / (0.35 + 0.49 - 0.49 / 1.09)];
    const truth = (Math.log1p(whole) - Math.log1p(part)) / 2;
    // Neighbours are a little too low in three columns.
    expect(Math.abs(given.versus!.difference - truth)).toBeLessThan(0.06);
    expect(given.versus!.standardError).toBeLessThan(
      Math.hypot(given.standardError, given.versus!.other.standardError),
    );
  });
});

describe("by critics", () => {
  const short = { folds: 2, restarts: 1, hidden: [16], steps: 150, learningRate: 1e-2, heldOutMarginals: 20 };
  let result: TrainedResult;
  let alone: TrainedResult;
  beforeAll(async () => {
    result = await estimate({ a, b }, y, { gpu, ...short, versus: { a } });
    alone = await estimate({ a }, y, { gpu, ...short });
  });

  it("says what b adds to a, which is no less than nothing", () => {
    const { difference, interval, more, standardError, other } = result.versus!;
    // I(a, b; y) − I(a; y) = I(b; y | a).
    const truth = 0.5 * Math.log(0.51 / 0.35);
    expect(Math.abs(difference - truth)).toBeLessThan(0.12);
    expect(interval[0]).toBeLessThan(truth);
    expect(interval[1]).toBeGreaterThan(truth);
    expect(more).not.toBe("versus");
    expect(standardError).toBeLessThan(Math.hypot(result.standardError, other.standardError));
  });

  it("estimates each as it is by itself, on the same rows and folds", () => {
    const { other } = result.versus!;
    expect(other.pointwise).toEqual(alone.pointwise);
    expect(other.interval).toEqual(alone.interval);
    expect((other as TrainedResult).critics!.columns).toEqual({ x: ["a"], y: [null] });
  });

  it("is plain data as JSON", () => {
    const { versus } = JSON.parse(JSON.stringify(result));
    expect(versus.difference).toBe(result.versus!.difference);
    expect(versus.other.pointwise).toHaveLength(rows);
    expect(versus.other.critics).toBeUndefined();
  });
});

it("rows without a value in any of the columns are in neither", async () => {
  const gap = b.map((v, i) => (i === 7 ? Number.NaN : v));
  const {
    dropped,
    rows: used,
    pointwise,
    versus,
  } = await estimate({ a }, y, {
    ...{ gpu, estimator: "ksg", versus: { gap }, missing: "drop" },
  });
  expect([dropped, used, versus!.other.dropped, versus!.other.rows]).toEqual([1, rows - 1, 1, rows - 1]);
  expect([pointwise[7], versus!.other.pointwise[7]]).toEqual([Number.NaN, Number.NaN]);
});

it("influences of neighbours say their standard error", async () => {
  const table = comparable({ x: [Float64Array.from(a)], y: [Float64Array.from(y)] });
  const few = comparable({ x: [Float64Array.from(a.slice(0, 60))], y: [Float64Array.from(y.slice(0, 60))] });
  const units = groupUnits(range(rows).map((row) => row >> 2));
  for (const [which, more] of [
    [table, {}],
    [few, {}],
    [table, { units }],
  ] as const) {
    const { influences, standardError } = await judgedNeighbors(which, { gpu, ...more });
    expect(standardErrorOf(influences)).toBeCloseTo(standardError, 12);
  }
});

it.each<[string, EstimateOptions, RegExp]>([
  ["x itself", { versus: { again: a } }, /^x and versus are the same columns, so neither tells more/],
  ["y", { versus: { y } }, /column "y" of versus and y: the same column in versus and y: MI of continuous data/],
  ["other rows", { versus: a.slice(1) }, /^x has 400 rows and versus has 399/],
  ["a condition", { versus: { b }, given: { b } }, /the same column in given and versus/],
  ["a constant", { versus: a.map(() => 1) }, /^versus is constant/],
  ["a check", { versus: { b }, check: true }, /"check" tries what must hold of one estimate\. Leave it out/],
  ["a certificate", { versus: { b }, estimator: "demine" }, /"demine" certifies a lower bound of one MI.*"versus"/],
])("refuses %s", async (_, options, message) => {
  await expect(estimate(a, y, { gpu, ...options })).rejects.toThrow(message);
});
