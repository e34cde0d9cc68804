import { describe, expect } from "vitest";
import { awkward, it, prng, runKernel } from "../gpu.ts";

describe("gather_points", () => {
  it.each([
    { replicas: 1, rows: 1, Dx: 2, Dy: 3 },
    { replicas: 3, rows: 63, Dx: 1, Dy: 1 },
    { replicas: 1, rows: 64, Dx: 0, Dy: 3 },
    { replicas: 3, rows: 65, Dx: 3, Dy: 0 },
    { replicas: 1, rows: 257, Dx: 5, Dy: 4 },
  ])("turns the named rows and columns: R $replicas, B $rows, $Dx + $Dy", async ({ replicas, rows, Dx, Dy }) => {
    const [n, C] = [29, 6];
    const D = Dx + Dy;
    const table = awkward(1, n * C);
    const next = prng(2);
    const below = (limit: number, count: number) =>
      Uint32Array.from({ length: count }, () => Math.floor(limit * next()));
    const columns = below(C, replicas * D);
    const row_pairs = below(n, replicas * rows * 2);
    const { points } = await runKernel(
      "gather_points",
      {
        dims: { rows, x_width: Dx, y_width: Dy, columns: C },
        table,
        columns,
        row_pairs,
        points: replicas * D * rows,
      },
      [Math.ceil(rows / 64), replicas, 1],
    );
    const want = Array.from({ length: replicas * D * rows }, (_, at) => {
      const [axis, row] = [Math.floor(at / rows), at % rows];
      const [replica, d] = [Math.floor(axis / D), axis % D];
      return table[row_pairs[2 * (replica * rows + row) + (d < Dx ? 0 : 1)]! * C + columns[axis]!];
    });
    expect([...points!]).toEqual(want);
  });
});
