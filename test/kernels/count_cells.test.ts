import { describe, expect } from "vitest";
import { CANARY, it, prng, range, runKernel } from "../gpu.ts";
import { words } from "./neighbors.ts";

interface Case {
  columns: number;
  rows: number;
  bins: number;
  first: number;
  replicas: number;
  later: 0 | 1;
}
const cases: Case[] = [
  { columns: 2, rows: 1, bins: 4, first: 0, replicas: 1, later: 1 },
  { columns: 65, rows: 31, bins: 4, first: 0, replicas: 64, later: 1 },
  { columns: 63, rows: 33, bins: 8, first: 60, replicas: 3, later: 0 },
  { columns: 64, rows: 64, bins: 12, first: 5, replicas: 1, later: 0 },
  { columns: 5, rows: 257, bins: 16, first: 1, replicas: 4, later: 1 },
];

describe("count_cells", () => {
  it.each(cases)("$columns columns, $rows rows, $bins bins, from $first on", async (c) => {
    const { columns, rows, bins, first, replicas, later } = c;
    const random = prng(columns);
    // Some columns leave bins empty, some have all rows in one.
    const codes = range(columns).map((column) =>
      range(rows).map(() => Math.floor((bins - (column % bins)) * random())),
    );
    const perColumn = bins * Math.ceil(rows / 32);
    const bits = new Uint32Array(columns * perColumn);
    for (const [column, own] of codes.entries()) {
      for (const [i, bin] of own.entries()) {
        const four = Math.floor(bin / 4) * Math.ceil(rows / 32) + Math.floor(i / 32);
        bits[column * perColumn + 4 * four + (bin % 4)]! |= 1 << (i % 32);
      }
    }
    // Any words will do, and a sum that wraps shows a cell that is counted twice.
    const weights = Uint32Array.from({ length: rows + 1 }, () => Math.floor(2 ** 32 * random()));
    const dims = { columns, words: Math.ceil(rows / 32), fours: bins / 4, first, later };
    const groups = [Math.ceil(columns / 64), replicas, 1] as const;
    const found = await runKernel("count_cells", { dims, bits, weights, sums: replicas * columns }, groups);
    const untouched = new Uint32Array(Float32Array.of(CANARY).buffer)[0]!;
    const want = range(replicas).flatMap((r) =>
      range(columns).map((other) => {
        if (later && other <= first + r) return untouched;
        const cells = new Uint32Array(bins * bins);
        for (const i of range(rows)) cells[bins * codes[first + r]![i]! + codes[other]![i]!]!++;
        return cells.reduce((sum, cell) => (sum + weights[cell]!) >>> 0, 0);
      }),
    );
    expect([...words(found.sums)]).toEqual(want);
  });
});
