/** Numbers at the edges of double and single precision: MI does not know the unit of a column. The right value, or a sentence. */
import { describe, expect, test } from "vitest";
import { findCopiesAtOnce } from "../src/data/copies.ts";
import { applyTransform, fitTransform } from "../src/data/transform.ts";
import { estimate } from "../src/estimate/estimate.ts";
import { median } from "../src/math/statistics.ts";
import { matrix } from "../src/matrix/matrix.ts";
import { neighbors } from "../src/neighbors/neighbors.ts";
import { parseCsv } from "../src/readers/csv.ts";
import { gpu, it, normals } from "./gpu.ts";

const rows = 200;
const x = Float64Array.from(normals(1, rows));
const y = Float64Array.from(normals(2, rows)).map((e, i) => 0.8 * x[i]! + 0.6 * e);
const ksg = { gpu, estimator: "ksg" } as const;
const trained = { gpu, folds: 2, restarts: 1, steps: 20, hidden: [8], batch: 32 };

/** Maps that leave MI as it is, and how much rounding of them may change it. */
const units: [string, (value: number, row: number) => number, number][] = [
  ["2^300", (v) => v * 2 ** 300, 0],
  ["2^-300", (v) => v * 2 ** -300, 0],
  ["4e307, whose differences overflow", (v) => v * 4e307, 1e-6],
  ["1e-318, of which few digits are left", (v) => v * 1e-318, 5e-3],
  ["1e39, which single precision has not", (v) => v * 1e39, 1e-6],
  ["-1e300", (v) => v * -1e300, 1e-6],
  ["1e9 + 1e-3, which single precision merges", (v) => 1e9 + v * 1e-3, 5e-3],
  ["1 + 1e-12, some units of the last place", (v) => 1 + v * 1e-12, 5e-3],
];

describe("the unit of a column is nothing to", () => {
  it.for(units)("ksg and matrix: %s", async ([, map, error]) => {
    const there = x.map(map);
    const [here, other] = [await estimate(x, y, ksg), await estimate(there, y, ksg)];
    expect(Math.abs(other.mi - here.mi)).toBeLessThanOrEqual(error);
    const { mi } = await matrix({ there, y }, { gpu });
    expect(Math.abs(mi[1]! - other.mi)).toBeLessThan(1e-9);
  });

  it("critics", async () => {
    const here = await estimate(x, y, trained);
    expect(
      (
        await estimate(
          x.map((v) => v * 2 ** -400),
          y.map((v) => v * 2 ** 500),
          trained,
        )
      ).raw,
    ).toBe(here.raw);
    expect(
      (
        await estimate(
          x.map((v) => 1e9 + v * 1e-3),
          y,
          trained,
        )
      ).raw,
    ).toBeCloseTo(here.raw, 2);
  });

  test("copies of rows", () => {
    const twice = Float64Array.from({ length: 2 * rows }, (_, i) => Number(x[i % rows]!.toPrecision(7)));
    for (const unit of [1, 1e-9, 1e-100]) {
      const columns = [{ kind: "numeric" as const, values: twice.map((v) => v * unit) }];
      expect(findCopiesAtOnce(columns)!.kept).toHaveLength(rows);
    }
  });
});

describe("what has no right value is refused or said", () => {
  it.each([
    ["identity", (v: number) => v * 1e39],
    ["identity", (v: number) => v * 1e-300],
    ["identity", (v: number) => 1e9 + v * 1e-3],
    ["standardize", (v: number) => Math.exp(250 * v)],
  ] as const)("a transform %s that single precision does not have", async (transform, map) => {
    const there = x.map(map);
    for (const call of [
      () => estimate(there, y, { ...ksg, transform }),
      () => estimate(there, y, { ...trained, transform }),
      () => matrix({ there, y }, { gpu, transform }),
    ]) {
      await expect(call()).rejects.toThrow(
        new RegExp(`as transform "${transform}" has it, single precision keeps \\d+ of its \\d+ different values`),
      );
    }
  });

  it("columns of scales that neighbours cannot compare", async () => {
    const names = async (scale: number) =>
      (
        await neighbors(
          x.map((v) => v * scale),
          y,
          { gpu },
        )
      ).diagnostics
        .filter(({ ok }) => !ok)
        .map(({ name }) => name);
    expect(await names(5)).not.toContain("scales");
    expect(await names(1e3)).toContain("scales");
    const { diagnostics } = await estimate(
      x.map((v) => v * 1e3),
      y,
      { ...ksg, transform: "identity" },
    );
    expect(diagnostics.find(({ name }) => name === "scales")).toMatchObject({ ok: false });
  });

  test("whole numbers that double precision does not have", () => {
    const ids = ["9007199254740993", "9007199254740995", "12345678901234567890"];
    const { columns } = parseCsv(`id\n${ids.join("\n")}\n`);
    expect(columns[0]!.note).toBe(
      'column "id": numbers of more than 15 digits are rounded, "9007199254740993" to 9007199254740992, so different ones may become equal; --categorical keeps their texts',
    );
    expect(parseCsv(`id\n${ids.join("\n")}\n`, { categorical: ["id"] }).columns[0]!.levels).toEqual(ids.toSorted());
    expect(parseCsv("id\n9007199254740992\n1e300\n18014398509481984\n").columns[0]!.note).toBeUndefined();
    expect(parseCsv(`id\n1\n${"9".repeat(400)}\n`).columns[0]!.firstBad).toMatchObject({ row: 2 });
  });

  test("0 and -0 are one number", () => {
    const zeros = Float64Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? -0 : i % 2 === 0 ? 0 : 1));
    expect(applyTransform(fitTransform(zeros), zeros)).toHaveLength(2);
  });
});

test("the largest and the smallest numbers have a middle and a scale", () => {
  expect(median(Float64Array.of(1.5e308, 1.7e308)) / 1.6e308).toBeCloseTo(1, 14);
  const most = Float64Array.of(-1.7e308, -1.5e308, -1.6e308, 1.7e308);
  const least = Float64Array.of(0, 5e-324, 1e-323, 1.5e-323);
  for (const values of [most, least]) {
    const [scaled] = applyTransform(fitTransform(values, { kind: "standardize" }), values);
    expect(new Set(scaled!.filter(Number.isFinite)).size).toBe(4);
  }
});
