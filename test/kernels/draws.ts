/** The rows of a step from every source, by the kernels that draw them, against the oracle's. */
import { expect } from "vitest";
import { clockWith, expectClose, hyperWith, it, normals, prng, records, runKernel, TRIG } from "../gpu.ts";
import { gaussianRow, type Key, oneHotRow, type Row, tableDraw } from "../oracle/sources.ts";

/** Replicas that differ in seed, stream and step. */
const replicasOf = (count: number) =>
  Array.from({ length: count }, (_, r) => ({ key: [0xfffffffe + r - 1, 5 * r] as Key, step: 3 + 1000 * r }));

export const cases = [
  { replicas: 1, joint: 1, rows: 1 },
  { replicas: 3, joint: 63, rows: 63 },
  { replicas: 1, joint: 64, rows: 64 },
  { replicas: 3, joint: 13, rows: 65 }, // rows beyond N are drawn apart
  { replicas: 1, joint: 128, rows: 257 },
];

type Case = (typeof cases)[number];
type DrawKernel = "gather_batch" | "draw_batch";

async function gather(kernel: DrawKernel, source: string, c: Case, widths: [number, number], bindings: object) {
  const [x_width, y_width] = widths;
  const { replicas, joint, rows } = c;
  const list = replicasOf(replicas);
  const hyper = records(
    "Hyper",
    list.map(({ key: [seed, stream] }) => hyperWith({ seed, stream })),
  );
  const clock = records(
    "Clock",
    list.map(({ step }) => clockWith({ step })),
  );
  const size = replicas * rows;
  const { batch_x, batch_y } = await runKernel(
    kernel,
    {
      dims: { rows, joint, x_width, y_width },
      hyper,
      clock,
      batch_x: size * x_width,
      batch_y: size * y_width,
      ...bindings,
    },
    [Math.ceil(rows / 64), replicas, 1], // a thread per row, or so few that threads stride over elements
    source,
  );
  /** The rows of the oracle, all replicas in order. */
  const want = (draw: (key: Key, step: number, row: number, isJoint: boolean, replica: number) => Row) => {
    const drawn = list.flatMap(({ key, step }, r) =>
      Array.from({ length: rows }, (_, row) => draw(key, step, row, row < joint, r)),
    );
    return { x: drawn.flatMap(({ x }) => x), y: drawn.flatMap(({ y }) => y) };
  };
  return { batch_x: batch_x!, batch_y: batch_y!, want };
}

/** Asks a kernel for the oracle's rows. */
export function testDraws(kernel: DrawKernel, c: Case): void {
  it("one_hot: the oracle's rows", async () => {
    const { batch_x, batch_y, want } = await gather(kernel, "one_hot", c, [16, 16], {});
    const { x, y } = want((key, step, row, isJoint) => oneHotRow(key, step, row, isJoint, [16, 16]));
    expect([...batch_x]).toEqual(x);
    expect([...batch_y]).toEqual(y);
  });

  it("table: the oracle's rows, with columns and row pairs per replica", async () => {
    const [rows, columns] = [37, 7];
    const table = normals(1, rows * columns);
    const next = prng(2);
    const below = (n: number) => Math.floor(n * next());
    const picks = Array.from({ length: c.replicas }, () => Array.from({ length: 5 }, () => below(columns)));
    const pairs = Array.from({ length: c.replicas }, (_, r) =>
      Array.from({ length: 11 + r }, () => [below(rows), below(rows)] as const),
    );
    const stride = 1 + 2 * (11 + c.replicas);
    const row_pairs = new Uint32Array(c.replicas * stride);
    pairs.forEach((list, r) => {
      row_pairs.set([list.length, ...list.flat()], r * stride);
    });
    const { batch_x, batch_y, want } = await gather(kernel, "table", c, [3, 2], {
      source_dims: { columns, inputs: 5, pair_stride: stride },
      table,
      columns: Uint32Array.from(picks.flat()),
      row_pairs,
    });
    const { x, y } = want((key, step, row, isJoint, r) => {
      const drawn = tableDraw(key, step, row, isJoint, pairs[r]!.length);
      const [xRow, yRow] = [pairs[r]![drawn.x]![0], pairs[r]![drawn.y]![1]];
      const columnsOf = picks[r]!;
      return {
        x: columnsOf.slice(0, 3).map((column) => table[xRow * columns + column]!),
        y: columnsOf.slice(3).map((column) => table[yRow * columns + column]!),
      };
    });
    expect([...batch_x]).toEqual(x);
    expect([...batch_y]).toEqual(y);
  });

  it("gaussian: the oracle's rows, at the level of the staircase that the step is on", async () => {
    const dims = 5;
    const stairs = Array.from({ length: c.replicas }, (_, r) =>
      [0.1, 0.5, -0.9].map((rho) => Math.fround(rho + 0.01 * r)),
    );
    const levelSteps = 600; // steps 3, 1003, 2003: the first stair, the second, and past the last
    const { batch_x, batch_y, want } = await gather(kernel, "gaussian", c, [dims, dims], {
      source_dims: { levels: 3, level_steps: levelSteps },
      rho: Float32Array.from(stairs.flat()),
    });
    const { x, y } = want((key, step, row, isJoint, r) => {
      const rho = stairs[r]![Math.min(Math.floor(step / levelSteps), 2)]!;
      return gaussianRow(key, step, row, isJoint, dims, rho);
    });
    // A normal of radius <= 6 through sin and cos; y adds two of them.
    expectClose(batch_x, x, { tolerance: 6 * TRIG, what: "batch_x" });
    expectClose(batch_y, y, { tolerance: 9 * TRIG, what: "batch_y" });
  });
}
