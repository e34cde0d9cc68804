import { describe, expect } from "vitest";
import { awkward, it, prng, runKernel } from "../gpu.ts";

describe("gather_rows", () => {
  it.each([
    { replicas: 1, rows: 1 },
    { replicas: 3, rows: 63 },
    { replicas: 1, rows: 64 },
    { replicas: 3, rows: 65 },
    { replicas: 1, rows: 257 },
  ])("fetches the named rows and columns: R $replicas, B $rows", async ({ replicas, rows }) => {
    const [n, C, Dx, Dy] = [29, 6, 2, 3];
    const table = awkward(1, n * C);
    const next = prng(2);
    const below = (limit: number, count: number) =>
      Uint32Array.from({ length: count }, () => Math.floor(limit * next()));
    const columns = below(C, replicas * (Dx + Dy));
    const row_pairs = below(n, replicas * rows * 2);
    const { batch_x, batch_y } = await runKernel(
      "gather_rows",
      {
        dims: { rows, x_width: Dx, y_width: Dy, columns: C },
        table,
        columns,
        row_pairs,
        batch_x: replicas * rows * Dx,
        batch_y: replicas * rows * Dy,
      },
      [Math.ceil(rows / 64), replicas, 1],
    );
    const want = (side: number, first: number, width: number) =>
      Array.from({ length: replicas * rows * width }, (_, i) => {
        const at = Math.floor(i / width);
        const column = columns[Math.floor(at / rows) * (Dx + Dy) + first + (i % width)]!;
        return table[row_pairs[2 * at + side]! * C + column]!;
      });
    expect([...batch_x!]).toEqual(want(0, 0, Dx));
    expect([...batch_y!]).toEqual(want(1, Dx, Dy));
  });
});
