/** Large tables: which rows critics learn from, and a random part of the rows on request. */
import { describe, expect } from "vitest";
import { MOST_LEARNING, spared, splitRows } from "../src/crossfit/folds.ts";
import { learningSample } from "../src/estimate/sample.ts";
import { estimate } from "../src/index.ts";
import { gpu, it, normals } from "./gpu.ts";

describe("folds of many rows", () => {
  it("hold every row out once, and learn from no more than steps draw", () => {
    const whole = splitRows(1_000_000, { folds: 5 }, 1);
    const folds = spared(whole);
    const held = new Uint8Array(1_000_000);
    for (const [f, { train, validation, test }] of folds.entries()) {
      for (const row of test) held[row]!++;
      expect(test).toEqual(whole[f]!.test);
      expect([train.length, validation.length]).toEqual([MOST_LEARNING.train, MOST_LEARNING.validation]);
      const own = new Set(test);
      expect([...train, ...validation].some((row) => own.has(row))).toBe(false);
    }
    expect(held.every((count) => count === 1)).toBe(true);
    expect(learningSample(folds)).toMatchObject({ rows: 100_000, of: 1_000_000 });
    expect(learningSample(folds)!.reason).toContain("a random 100 000 of 1 000 000 rows");
  });

  it("are as they were where rows are few", () => {
    const folds = splitRows(140_000, { folds: 5 }, 1);
    expect(spared(folds)).toEqual(folds);
    expect(learningSample(folds)).toBeUndefined();
  });
});

describe("rows", () => {
  const x = normals(1, 400);
  const y = normals(2, 400).map((e, i) => x[i]! + e);

  it("uses so many at random, and says which and why", async () => {
    const found = await estimate(x, y, { estimator: "ksg", rows: 100, gpu });
    expect(found.rows).toBe(100);
    expect(found.sample).toMatchObject({ rows: 100, of: 400 });
    expect(found.sample!.reason).toMatch(/^a random 100 of 400 rows, as asked; .* 2\.0 times less/);
    expect(found.pointwise).toHaveLength(400);
    expect([...found.pointwise].filter(Number.isFinite)).toHaveLength(100);
    const again = await estimate(x, y, { estimator: "ksg", rows: 100, seed: 1, gpu });
    expect(again.mi).not.toBe(found.mi);
  });

  it("takes all of fewer, counts missing rows first, and refuses what is no number of rows", async () => {
    expect((await estimate(x, y, { estimator: "ksg", rows: 1000, gpu })).sample).toBeUndefined();
    const gaps = x.map((v, i) => (i < 300 ? Number.NaN : v));
    const found = await estimate(gaps, y, { estimator: "ksg", rows: 50, missing: "drop", gpu });
    expect([found.dropped, found.rows, found.pointwise.length]).toEqual([300, 50, 400]);
    await expect(estimate(x, y, { rows: 19, gpu })).rejects.toThrow(
      '"rows" must be "all" or a whole number from 20 on',
    );
  });
});
