import { describe, expect } from "vitest";
import { awkward, CANARY, expectClose, it, prng, range, records, runKernel } from "../gpu.ts";

interface Case {
  rows: number;
  replicas: number;
  /** Vectors of four features of each of three columns: those of x, then those of y. */
  fours: [number, number];
}
const cases: Case[] = [
  { rows: 1, replicas: 1, fours: [1, 1] },
  { rows: 31, replicas: 65, fours: [2, 2] },
  { rows: 257, replicas: 3, fours: [4, 1] },
  { rows: 64, replicas: 22, fours: [1, 3] },
];

describe("correlate_features", () => {
  it.each(cases)("$rows rows, $replicas replicas, $fours vectors", async ({ rows, replicas, fours }) => {
    const random = prng(rows + replicas);
    const [fx, fy] = fours.map((count) => 4 * count) as [number, number];
    // Two columns of x's width, then two of y's.
    const widths = [fx, fx, fy, fy];
    const tables = widths.map((width, c) => awkward(rows + c, rows * width));
    const starts = widths.map((_, c) => widths.slice(0, c).reduce((sum, w) => sum + w * rows, 0) / 4);
    // Rows may come twice: an order need not be a permutation.
    const orders = range(3).map(() => range(rows).map(() => Math.floor(rows * random())));
    const tasks = range(replicas).map((r) => ({
      x: r % 2,
      y: 2 + ((r >> 1) % 2),
      order_x: r % 3,
      order_y: (r * 2) % 3,
    }));
    const { products } = await runKernel(
      "correlate_features",
      {
        dims: { rows, replicas, fours_x: fours[0], fours_y: fours[1] },
        features: Float32Array.from(tables.flatMap((table) => [...table])),
        orders: Uint32Array.from(orders.flat()),
        tasks: records(
          "FeatureTask",
          tasks.map((task) => ({ ...task, x: starts[task.x]!, y: starts[task.y]! })),
        ),
        products: replicas * fx * fy,
      },
      [Math.ceil((replicas * Math.ceil(fours[0] / 2) * Math.ceil(fours[1] / 2)) / 64), 1, 1],
    );
    expect(products!.includes(CANARY)).toBe(false);
    const want: number[] = [];
    const scale: number[] = [];
    for (const { x, y, order_x, order_y } of tasks) {
      for (const j of range(fx)) {
        for (const k of range(fy)) {
          const terms = range(rows).map(
            (i) => tables[x]![orders[order_x]![i]! * fx + j]! * tables[y]![orders[order_y]![i]! * fy + k]!,
          );
          want.push(terms.reduce((sum, term) => sum + term, 0));
          scale.push(terms.reduce((sum, term) => sum + Math.abs(term), 0) + 1e-30);
        }
      }
    }
    expectClose(products!, want, { tolerance: (rows + 1) * 2 ** -24, scale, what: "products" });
  });
});
