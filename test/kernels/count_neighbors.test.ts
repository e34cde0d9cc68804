import { describe, expect } from "vitest";
import { it, normals, prng, range, runKernel } from "../gpu.ts";
import { distance, type Metric } from "../oracle/neighbors.ts";
import { groupsOf, lattice, pointsOf, words } from "./neighbors.ts";

const balls = {
  0: (d: number, radius: number) => d < radius,
  1: (d: number, radius: number) => d <= radius,
  2: (d: number, radius: number) => d < radius || (radius === 0 && d === 0),
};
type Ball = keyof typeof balls;

interface Case {
  replicas: number;
  rows: number;
  Dx: number;
  Dy: number;
}
const cases: Case[] = [
  { replicas: 1, rows: 1, Dx: 1, Dy: 1 },
  { replicas: 3, rows: 63, Dx: 2, Dy: 3 },
  { replicas: 1, rows: 64, Dx: 3, Dy: 0 },
  { replicas: 3, rows: 65, Dx: 1, Dy: 1 },
  { replicas: 1, rows: 257, Dx: 1, Dy: 2 },
  { replicas: 1, rows: 67, Dx: 128, Dy: 130 },
];
const settings = (["max", "euclidean"] as const).flatMap((metric) =>
  ([0, 1, 2] as const).flatMap((ball) => cases.map((c) => ({ metric, ball, ...c }))),
);

async function count(
  { replicas, rows, Dx, Dy }: Case,
  data: { points: Float32Array; radius_x: Float32Array; radius_y: Float32Array },
  metric: Metric,
  ball: Ball,
) {
  const { count_x, count_y } = await runKernel(
    "count_neighbors",
    {
      dims: { rows, x_width: Dx, y_width: Dy, first_row: 0 },
      ...data,
      count_x: replicas * rows,
      count_y: replicas * rows,
    },
    [groupsOf(rows), replicas, 1],
    "only",
    { BALL: ball, EUCLIDEAN: Number(metric === "euclidean") },
  );
  return { x: words(count_x), y: words(count_y) };
}

describe("count_neighbors", () => {
  it.each(settings)("$metric, ball $ball: R $replicas, B $rows, $Dx + $Dy", async ({ metric, ball, ...c }) => {
    const { replicas, rows, Dx, Dy } = c;
    const points = lattice(3, replicas * (Dx + Dy) * rows);
    const random = prng(4);
    // Whole numbers, so that many distances equal the radius; 0 among them. Wide points are far apart.
    const reach = metric === "max" ? 5 : Math.max(Dx, Dy) > 100 ? 900 : 20;
    const radii = () => Float32Array.from({ length: replicas * rows }, () => Math.floor((reach + 1) * random()));
    const data = { points, radius_x: radii(), radius_y: radii() };
    const got = await count(c, data, metric, ball);
    for (const r of range(replicas)) {
      for (const side of ["x", "y"] as const) {
        const space = pointsOf(points, r, rows, Dx, Dy)[side];
        const want = space.map((point, i) => {
          const radius = data[`radius_${side}`][r * rows + i]!;
          const d = (j: number) => Math.round(distance(point, space[j]!, metric) ** (metric === "max" ? 1 : 2));
          return range(rows).filter((j) => j !== i && balls[ball](d(j), radius)).length;
        });
        expect([...got[side].subarray(r * rows, (r + 1) * rows)], `${side} of replica ${r}`).toEqual(want);
      }
    }
  });

  it("tells numbers next to each other apart", async () => {
    const near = [1, 1 + 2 ** -23, 1 + 2 ** -22];
    const points = Float32Array.from([0, ...near, 0, ...near]);
    const radius = new Float32Array(4).fill(1 + 2 ** -23);
    const data = { points, radius_x: radius, radius_y: radius };
    const c = { replicas: 1, rows: 4, Dx: 1, Dy: 1 };
    expect((await count(c, data, "max", 0)).x[0]).toBe(1);
    expect((await count(c, data, "max", 1)).x[0]).toBe(2);
  });

  // With nothing in y the search radius is a distance in x, so the open ball holds k - 1 others, the closed one k, if and
  // only if both kernels round every distance to the same bits.
  it.each([
    { metric: "max" as const, Dx: 5 },
    { metric: "euclidean" as const, Dx: 2 },
    { metric: "euclidean" as const, Dx: 7 },
    { metric: "euclidean" as const, Dx: 130 },
  ])("sees the distances that the search saw: $metric, $Dx coordinates", async ({ metric, Dx }) => {
    const [rows, k] = [500, 4];
    for (const points of [normals(5, Dx * rows), normals(6, Dx * rows).map((value) => 3e4 * value)]) {
      const dims = { rows, x_width: Dx, y_width: 0, first_row: 0 };
      const sizes = { radius_x: rows, radius_y: rows, inside: rows };
      const overrides = { NEIGHBORS: k, EXTENTS: 0, EUCLIDEAN: Number(metric === "euclidean") };
      const groups = [groupsOf(rows), 1, 1] as const;
      const found = await runKernel("search_neighbors", { dims, points, ...sizes }, groups, "only", overrides);
      const data = { points, radius_x: found.radius_x!, radius_y: found.radius_y! };
      const c = { replicas: 1, rows, Dx, Dy: 0 };
      expect([...(await count(c, data, metric, 0)).x]).toEqual(range(rows).map(() => k - 1));
      expect([...(await count(c, data, metric, 1)).x]).toEqual(range(rows).map(() => k));
    }
  });
});
