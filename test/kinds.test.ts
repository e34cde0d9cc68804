/** When numbers are a category: by their different values and the rows, never by the unit. */
import { describe, expect, it } from "vitest";
import { kindOf } from "../src/data/kinds.ts";
import { estimate, matrix } from "../src/index.ts";
import { gpu, normals } from "./gpu.ts";

const column = (rows: number, levels: number, unit = 1) => ({
  kind: "numeric" as const,
  values: Float64Array.from({ length: rows }, (_, i) => (i % levels) * unit),
});

describe("kindOf", () => {
  it.each([
    [20, 2, "category", "two values: order would add nothing"],
    [125, 5, "category", "5 values in 125 rows: at least 5 rows a cell of a table"],
    [124, 5, "numeric", "5 values in 124 rows: fewer than 5 rows a cell of a table, so their order is kept"],
    [300, 15, "numeric", "15 values in 300 rows: fewer than 5 rows a cell of a table, so their order is kept"],
    [2000, 20, "category", "20 values in 2000 rows: at least 5 rows a cell of a table"],
    [9000, 21, "numeric", "numbers of more than 20 values"],
    [9000, 1, "numeric", "one value in all rows: constant"],
  ])("%i rows of %i values: %s", (rows, levels, kind, reason) => {
    for (const unit of [1, 0.1, 1e9]) expect(kindOf(column(rows, levels, unit))).toEqual({ kind, reason });
  });

  it("leaves missing values out, and categories as they are", () => {
    const { values } = column(125, 5);
    values[0] = Number.NaN;
    expect(kindOf({ kind: "numeric", values }).reason).toContain("5 values in 124 rows");
    expect(kindOf({ kind: "category", values }).kind).toBe("category");
  });
});

describe("numbers of 15 values in 300 rows", () => {
  /** Normals of correlation .7, times 3, rounded, cut at ±7: .33 nats. */
  const rounded = (unit: number) => {
    const [x, noise] = [normals(1, 300), normals(2, 300)];
    const whole = (v: number) => Math.max(-7, Math.min(7, Math.round(3 * v))) * unit;
    return { p: x.map(whole), q: noise.map((e, i) => whole(0.7 * x[i]! + Math.sqrt(0.51) * e)) };
  };

  it("share the same by neighbours in every unit, with ties broken at random", async () => {
    for (const unit of [1, 0.1]) {
      const { p, q } = rounded(unit);
      const found = await estimate(p, q, { estimator: "ksg", gpu });
      expect(found.mi).toBeGreaterThan(0.25);
      expect(found.mi).toBeLessThan(0.41);
      expect(found.transforms.x[0]).toMatch(/ties \(\d+ % of the rows\) broken at random/);
      const pair = (await matrix({ p, q }, { gpu })).pairs[0]!;
      expect(pair.estimator).toBe("ksg");
      expect(Math.abs(pair.mi - 0.33)).toBeLessThan(0.08);
    }
  });

  it("are refused beside themselves, with the entropy that they share", async () => {
    const { p } = rounded(1);
    await expect(estimate(p, p, { gpu })).rejects.toThrow(/its entropy, 2\.\d+ nats in these rows/);
    await expect(
      estimate(
        p,
        p.map((v) => v / 10),
        { gpu },
      ),
    ).rejects.toThrow(/its entropy/);
  });
});
