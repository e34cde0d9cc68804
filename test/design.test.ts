/** Evidence of rows that depend on each other: how much more correlations scatter there, and what is seen. */
import { describe, expect } from "vitest";
import { groupUnits, permutedRows, timeUnits } from "../src/data/units.ts";
import { independenceOf } from "../src/estimate/independence.ts";
import { correlateFeatures } from "../src/independence/correlate.ts";
import { designEffects, withLikeness } from "../src/independence/design.ts";
import { type Features, featuresOf } from "../src/independence/features.ts";
import { gpu, it, normals, range } from "./gpu.ts";

const column = (values: number[]) => ({ kind: "numeric" as const, values: Float64Array.from(values) });

describe("evidence", () => {
  it("of rows that depend on each other counts them for what they are worth", async () => {
    const rows = 60;
    const slow = (seed: number) => {
      const noise = normals(seed, rows);
      for (let t = 1; t < rows; t++) noise[t] = 0.8 * noise[t - 1]! + 0.6 * noise[t]!;
      return [...noise];
    };
    const grouped = (seed: number) =>
      range(rows).map((i) => normals(seed, 12)[i % 12]! + 0.5 * normals(seed + 1, rows)[i]!);
    const identity = Uint32Array.from(range(rows));
    for (const { columns, units } of [
      { columns: [slow(11), slow(12)], units: timeUnits([slow(11), slow(12)].map(column)) },
      { columns: [grouped(21), grouped(31)], units: groupUnits(range(rows).map((i) => i % 12)) },
    ]) {
      const [x, y] = columns.map((values) => withLikeness(featuresOf(column(values)), units)) as [Features, Features];
      // All rotations, or 2000 exchanges.
      const orders = units.inTime
        ? range(rows).map((by) => identity.map((row) => (row + by) % rows))
        : range(2000).map((seed) => permutedRows(rows, units, seed));
      const products = await correlateFeatures(
        gpu,
        orders.map((orderX) => ({ x, y, orderX, orderY: identity })),
      );
      const effects = designEffects(x, y)!;
      let most = 0;
      for (const a of range(x.count)) {
        for (const b of range(y.count)) {
          const squares = orders.map((_, r) => products[64 * r + 4 * y.fours * a + b]! ** 2 / rows);
          const scatter = squares.reduce((sum, square) => sum + square, 0) / orders.length;
          const effect = effects[a * y.count + b]!;
          expect(Math.abs(effect / scatter - 1)).toBeLessThan(0.35);
          most = Math.max(most, effect);
        }
      }
      expect(most).toBeGreaterThan(2.5);
    }
    expect(withLikeness(featuresOf(column(slow(1))), undefined).likeness).toBeUndefined();
  });

  it("sees as much in groups of rows that are alike as in one row of each", async () => {
    // 40 groups of 10 rows, r = .5: with each row counted for itself 43 % of such tables had p ≤ .05.
    const groups = groupUnits(range(400).map((i) => i % 40));
    const sets = range(30).map(async (set) => {
      const [a, e, noise] = [normals(3 * set, 40), normals(3 * set + 1, 40), normals(3 * set + 2, 400)];
      const x = range(400).map((i) => a[i % 40]!);
      const y = range(400).map((i) => 0.5 * x[i]! + 0.866 * e[i % 40]! + 0.3 * noise[i]!);
      const sides = [x, y].map((values) => ({ columns: [column(values)] }));
      return (await independenceOf(gpu, sides, { units: groups, permutations: 99, seed: set })).p;
    });
    const found = (await Promise.all(sets)).filter((p) => p <= 0.05);
    expect(found.length).toBeGreaterThan(21);
  });
});
