/** Columns with names: to the bit what arrays give, in every call; and rows in which a value is missing. */
import { describe, expect, it as test } from "vitest";
import { compare, estimate, InputError, matrix, neighbors } from "../src/index.ts";
import { repeatedShare } from "../src/neighbors/comparable.ts";
import { gpu, it, normals, range } from "./gpu.ts";

const rows = 300;
const age = normals(1, rows);
const income = normals(2, rows).map((v, i) => Math.exp(v + age[i]!));
const region = Float64Array.from(age, (_, i) => [3, 7, 11][i % 3]!);
const spending = Float32Array.from(age, (v, i) => v + region[i]! / 4 + Math.sin(7 * i));
const pairs = range(rows).map((i) => [age[i]!, income[i]!]);
const short = { steps: 100, folds: 2, restarts: 1, hidden: [8], seed: 4 };

/** The message of the InputError that a call rejects with. */
async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.catch((reason) => reason);
  expect(error).toBeInstanceOf(InputError);
  return (error as Error).message;
}

/** All that a result says but for how long it took. */
const said = (result: object) => JSON.parse(JSON.stringify({ ...result, seconds: 0, stepsPerSecond: 0 }));

describe("columns with names give the bits of arrays", () => {
  it("estimate, with categories, a condition and new rows", async () => {
    const options = { gpu, ...short };
    const categories = { x: [false, false], y: [false], given: [true] };
    const named = await estimate(
      { age, income },
      { spending },
      {
        ...options,
        given: [{ name: "region", values: region, kind: "category" }],
      },
    );
    const arrays = await estimate(pairs, spending, { ...options, given: region, categories });
    expect(said(named)).toEqual(said(arrays));
    expect(named.transforms.given).toEqual(["ranks: one-hot (3 levels)"]);
    const given = [{ name: "region", values: region, kind: "category" as const }];
    const scores = await named.critics!.score({ income, age }, { spending }, given);
    expect(scores).toEqual(await arrays.critics!.score(pairs, spending, region));
    expect(await messageOf(named.critics!.score({ age, wealth: income }, { spending }, { region }))).toBe(
      'x has no column "income", on which the critics were trained. Give the same columns: age, income',
    );
  });

  it("estimate, compare and neighbors by nearest neighbours", async () => {
    const named = await estimate({ age, income }, { spending }, { gpu, estimator: "ksg" });
    expect(said(named)).toEqual(said(await estimate(pairs, spending, { gpu, estimator: "ksg" })));
    const [one, other] = [{ age, income }, [{ name: "spending", values: spending }]];
    const [result] = await compare(one, other, { gpu, estimators: ["ksg"] });
    expect(said(result!.result!)).toEqual(said(named));
    const settings = { gpu, method: "ksg", k: 4, given: normals(9, rows) } as const;
    const found = await neighbors({ age, income }, { spending }, { ...settings, given: { z: settings.given } });
    expect(said(found)).toEqual(said(await neighbors(pairs, spending, settings)));
  });

  it("matrix, of arrays whose columns are called by their numbers", async () => {
    const named = await matrix({ 1: age, 2: income, 3: spending }, { gpu, permutations: 5 });
    const data = Float64Array.from({ length: 3 * rows }, (_, i) => [age, income, spending][i % 3]![Math.floor(i / 3)]!);
    for (const input of [{ data, columns: 3 }, range(rows).map((i) => data.subarray(3 * i, 3 * i + 3))]) {
      expect(said(await matrix(input, { gpu, permutations: 5 }))).toEqual(said(named));
    }
  });

  it("neighbors takes categories, further apart than numbers, by the method that allows them", async () => {
    const given = [{ name: "region", values: region, kind: "category" as const }];
    const oneHot = range(rows).map((i) => [3, 7, 11].map((level) => 1e4 * Number(level === region[i])));
    const options = { gpu, method: "mixed-ksg" } as const;
    expect((await neighbors(given, { spending }, options)).raw).toBe((await neighbors(oneHot, spending, options)).raw);
    expect(await messageOf(neighbors(given, { spending }, { gpu }))).toBe(
      '"ksg" is for continuous columns, and here are categories. Use method "mixed-ksg"',
    );
  });
});

describe("rows in which a value is missing", () => {
  const holes = [5, 77, 78];
  const full = range(rows).filter((i) => !holes.includes(i) && i !== 200);
  const holed = age.map((v, i) => (holes.includes(i) ? Number.NaN : v));
  const other = spending.map((v, i) => (i === 200 || i === 5 ? Number.NaN : v));
  const kept = <T extends Float64Array | Float32Array>(values: T) => values.filter((_, i) => full.includes(i)) as T;

  it.for([
    ["ksg", {}],
    ["remine", short],
  ] as const)("are dropped on request: %s", async ([estimator, settings]) => {
    const options = { gpu, estimator, ...settings };
    const dropped = await estimate({ holed }, { other }, { ...options, missing: "drop" });
    const { pointwise, ...whole } = await estimate(kept(age), kept(spending), options);
    expect(said({ ...dropped, pointwise: 0 })).toEqual(said({ ...whole, dropped: 4, pointwise: 0 }));
    expect(whole.dropped).toBe(0);
    expect(dropped.pointwise.length).toBe(rows);
    expect([...dropped.pointwise.keys()].filter((i) => Number.isNaN(dropped.pointwise[i]!))).toEqual([5, 77, 78, 200]);
    expect(kept(dropped.pointwise)).toEqual(pointwise);
    expect((await estimate(holed, other, { ...options, missing: "drop" })).raw).toBe(dropped.raw);
  });

  it("are dropped by neighbors, by compare, and for a condition", async () => {
    const found = await neighbors({ holed }, { other }, { gpu, missing: "drop" });
    const wanted = await neighbors(kept(age), kept(spending), { gpu });
    expect(found).toMatchObject({ raw: wanted.raw, rows: 296, dropped: 4 });
    expect(kept(found.pointwise)).toEqual(wanted.pointwise);
    const [first] = await compare({ holed }, { other }, { gpu, missing: "drop", estimators: ["ksg"] });
    expect(first!.result).toMatchObject({ dropped: 4, rows: 296 });
    const given = await neighbors({ income }, { spending }, { gpu, given: { holed }, missing: "drop" });
    expect(given.raw).toBe(
      (
        await neighbors(
          income.filter((_, i) => !holes.includes(i)),
          spending.filter((_, i) => !holes.includes(i)),
          {
            gpu,
            given: age.filter((_, i) => !holes.includes(i)),
          },
        )
      ).raw,
    );
  });

  it("are refused without it, and by matrix when asked to", async () => {
    const told = 'Give finite numbers, or leave rows without a value out: missing "drop"';
    expect(await messageOf(estimate(holed, spending, { gpu }))).toBe(
      "x: row 6, column 1 (x[5]) is NaN. Replace it by a finite number, or leave the row out of x and y",
    );
    expect(await messageOf(estimate({ income, holed }, { spending }, { gpu }))).toBe(
      `row 6 of column "holed" of x is NaN. ${told}`,
    );
    expect(await messageOf(neighbors({ income }, { other }, { gpu }))).toBe(
      `row 6 of column "other" of y is NaN. ${told}`,
    );
    expect(await messageOf(matrix({ income, holed }, { gpu, missing: "throw" }))).toBe(
      `row 6 of column "holed" is NaN. ${told}`,
    );
    expect(await matrix({ income, holed }, { gpu })).toMatchObject({ dropped: 3 });
  });

  it("are not taken for other mistakes", async () => {
    const infinite = holed.with(9, Number.POSITIVE_INFINITY);
    const drop = { gpu, missing: "drop" } as const;
    expect(await messageOf(estimate({ infinite }, { spending }, drop))).toBe(
      'row 10 of column "infinite" of x is Infinity. Give finite numbers, and NaN where a value is missing',
    );
    expect(await messageOf(estimate({ holed }, spending.subarray(1), drop))).toBe(
      "x has 300 rows and y has 299. Row i of x and row i of y are one sample: give both the same rows",
    );
    const none = age.map((v, i) => (i < 290 ? Number.NaN : v));
    expect(await messageOf(estimate({ none }, { spending }, drop))).toContain("x and y have 10 rows; at least 20");
    expect(await messageOf(estimate(age, spending, { gpu, missing: "skip" as "drop" }))).toBe(
      '"missing" must be "throw" or "drop", got "skip"',
    );
  });
});

describe("columns with names are refused", () => {
  it.for([
    [
      "of different lengths",
      { age, b: [1, 2] },
      'column "b" has 2 rows and "age" has 300. Give all columns the same rows',
    ],
    [
      "that are no arrays",
      { age, b: 3 },
      'column "b" of x is a number, not an array of numbers. Give one number per row',
    ],
    [
      "of one name",
      [
        { name: "a", values: age },
        { name: "a", values: income },
      ],
      'two columns are named "a". Rename one',
    ],
    [
      "of no known kind",
      [{ name: "a", values: age, kind: "text" }],
      'column "a" of x: "kind" must be "numeric" or "category", got "text"',
    ],
    ["without rows", { a: [] }, "x is empty. Give at least 20 rows of numbers"],
    [
      "that hold texts",
      { a: ["1", "2"] },
      'row 1 of column "a" of x is 1. Give finite numbers, or leave rows without a value out: missing "drop"',
    ],
  ] as const)("%s", async ([, input, message]) => {
    expect(await messageOf(estimate(input as never, spending, { gpu }))).toBe(message);
  });

  it("with the options of arrays", async () => {
    expect(await messageOf(estimate({ age }, { spending }, { gpu, names: { x: ["a"], y: ["b"] } }))).toBe(
      '"names" and "categories" are for arrays, and x has columns with names. Leave them out',
    );
  });
});

describe("the share of rows that repeat another one", () => {
  test.each([
    ["none", [1, 2, 3, 4, 5, 6], 2, 0],
    ["all", [1, 2, 1, 2, 1, 2], 2, 1],
    ["zeros of either sign", [0, 1, -0, 1, 5, 5], 2, 2 / 3],
  ])("%s", (_, data, width, share) => {
    expect(repeatedShare(Float32Array.from(data), width, 0, width)).toBeCloseTo(share, 12);
    expect(repeatedShare(Float32Array.from(data), width, 1, 1)).toBeGreaterThanOrEqual(share);
  });

  test("counts as texts of the rows do, in some columns of many", () => {
    const data = Float32Array.from(normals(3, 4000), (v) => Math.round(3 * v));
    const seen = new Map<string, number>();
    for (let i = 0; i < 1000; i++) {
      const key = data.subarray(4 * i + 1, 4 * i + 3).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    const repeated = [...seen.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
    expect(repeatedShare(data, 4, 1, 2)).toBe(repeated / 1000);
  });
});
