/** Tables with missing values: each pair of columns as if it was alone. */
import { describe, expect } from "vitest";
import type { MatrixOptions } from "../src/matrix/matrix.ts";
import { matrix, runMatrix } from "../src/matrix/matrix.ts";
import { largestOf } from "../src/matrix/permutations.ts";
import type { MatrixChunk } from "../src/matrix/records.ts";
import { planTable } from "../src/matrix/table-plan.ts";
import { gpu, it, normals, range } from "./gpu.ts";

type Columns = Record<string, number[]>;

/** Normals; b follows a, rows of c and d have gaps, e are 0 and 1, half of them missing where e is 1. */
function holed(rows: number): Columns {
  const [a, noise, c, d] = range(4).map((seed) => Array.from(normals(seed + 1, rows)));
  const gap = (values: number[], every: number) => values.map((v, i) => (i % every ? v : Number.NaN));
  return { a: a!, b: a!.map((v, i) => v + noise![i]!), c: gap(c!, 10), d: gap(d!, 7), e: d!.map((v) => Number(v > 0)) };
}

const isWhole = (table: Columns, names: readonly string[], row: number) =>
  names.every((name) => !Number.isNaN(table[name]![row]!));

/** The rows of some columns that have all of them. */
function whole(table: Columns, names: readonly string[]): Columns {
  const rows = range(table[names[0]!]!.length).filter((row) => isWhole(table, names, row));
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => table[name]![row]!)]));
}

/** What is found of each pair by the permutations that all have. */
async function found(table: Columns, options: MatrixOptions) {
  const { plan, chunks, report } = await runMatrix(table, { gpu, ...options });
  const names = plan.columns.map(({ name }) => name);
  const first = chunks.flatMap(({ pairs }) => pairs).filter((record) => record.permutations === options.permutations);
  const records = new Map(first.map(({ x, y, ...record }) => [`${names[x]} ${names[y]}`, record]));
  return { records, report, largest: largestOf(chunks, options.permutations ?? 0) };
}

describe("a pair of columns with gaps", () => {
  it.each([{}, { time: true }, { block: 5 }, { target: "c" }])(
    "is what it is alone on its own rows, %o",
    async (more) => {
      const table = holed(120);
      const options = { permutations: 7, ...more };
      const { records, report, largest } = await found(table, options);
      expect(records.size).toBe("target" in more ? 4 : 10);
      // Rows without the target are in no pair.
      const dropped = "target" in more ? 12 : 0;
      expect(report).toMatchObject({ rows: 120 - dropped, dropped, leftOutPairs: [] });
      const all: number[][] = [];
      for (const [key, record] of records) {
        const names = key.split(" ");
        const group = range(120)
          .filter((row) => isWhole(table, names, row))
          .map((row) => Math.floor(row / 5));
        const alone = await found(whole(table, names), {
          ...options,
          ...("block" in more && { block: undefined, group }),
        });
        expect([key, record]).toEqual([key, alone.records.get(key)]);
        expect(report.pairs.find(({ x, y }) => `${x} ${y}` === key)!.rows).toBe(record.rows);
        all.push(alone.largest);
      }
      // What pFamily is of: the largest of each permutation over all pairs, whatever their rows.
      expect(largest).toEqual(range(7).map((p) => Math.max(...all.map((values) => values[p]!))));
      const { c } = { c: report.pairs.find(({ x, y }) => [x, y].includes("c"))! };
      expect(c.rows).toBeLessThan(120);
    },
  );

  it("is not computed again where an earlier run has it", async () => {
    const table = holed(60);
    const chunks: MatrixChunk[] = [];
    const options = { permutations: 5, gpu, onChunk: (chunk: MatrixChunk) => void chunks.push(chunk) };
    const { pairs } = await matrix(table, options);
    const again: MatrixChunk[] = [];
    const half = chunks.slice(0, 3);
    const resumed = await matrix(table, { ...options, done: half, onChunk: (chunk) => void again.push(chunk) });
    expect(resumed.pairs).toEqual(pairs);
    expect(half.length + again.length).toBe(chunks.length);
  });
});

describe("pairs that share too little", () => {
  const table = holed(100);
  const [old, late] = [0, 1].map((half) => table.a!.map((v, i) => (i < 50 === (half === 0) ? v : Number.NaN)));

  it("are left out with the reason, and stop no other", () => {
    const rare = table.a!.map((v, i) => (i < 19 ? v : Number.NaN));
    const still = table.a!.map((_, i) => Number(i >= 50 && i % 2));
    const { columns, leftOut, leftOutPairs, sets } = planTable({ a: table.a!, old: old!, late: late!, still, rare });
    expect(columns.map(({ name }) => name)).toEqual(["a", "old", "late", "still"]);
    expect(leftOut).toEqual([{ column: "rare", reason: "a column of 19 values, and at least 20 are needed" }]);
    expect(leftOutPairs).toEqual([
      {
        x: "old",
        y: "still",
        reason: expect.stringMatching(/^of the 50 rows that have both "still" is constant \(0 in/),
      },
      { x: "old", y: "late", reason: "0 rows have both, and at least 20 are needed" },
    ]);
    expect(sets.map(({ rows, pairs }) => [rows, pairs])).toEqual([
      [50, [[0, 1]]],
      [
        50,
        [
          [0, 2],
          [2, 3],
        ],
      ],
      [100, [[0, 3]]],
    ]);
  });

  it("are those with too few rows for their neighbours", () => {
    const { leftOutPairs } = planTable({ a: table.a!, b: table.b!, old: old! }, { k: 50 });
    expect(leftOutPairs).toHaveLength(2);
    expect(leftOutPairs[0]!.reason).toBe("50 rows have both, and with k = 50 more than that are needed");
  });

  it("are refused where no other is there, with the cause", () => {
    expect(() => planTable({ old: old!, late: late! })).toThrow(
      /no pair is left\. "old" with "late": 0 rows have both/,
    );
    expect(() => planTable({ old: old!, late: late! }, { missing: "drop" })).toThrow(/0 complete rows/);
    expect(() => planTable({ old: old!, a: table.a! }, { missing: "throw" })).toThrow(/row 51 of column "old" is NaN/);
    expect(() => planTable({ old: old!, a: table.a! }, { missing: "some" as never })).toThrow(
      /"pairs", "drop" or "throw"/,
    );
  });

  it("are those of too few groups, too", () => {
    const group = range(100).map((i) => Math.floor(i / 10));
    const { leftOutPairs, sets } = planTable({ a: table.a!, b: table.b!, old: old! }, { group });
    expect(leftOutPairs.map(({ x, y }) => `${x} ${y}`)).toEqual(["a old", "b old"]);
    expect(leftOutPairs[0]!.reason).toMatch(/^5 groups of rows; at least 6 are needed/);
    expect(sets).toHaveLength(1);
  });
});
