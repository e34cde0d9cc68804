import { describe, expect } from "vitest";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { awkward, CANARY, EPS, expectClose, it, range, runKernel } from "../gpu.ts";
import { distance, type Metric, nearest } from "../oracle/neighbors.ts";
import { groupsOf, lattice, pointsOf, words } from "./neighbors.ts";

interface Case {
  replicas: number;
  rows: number;
  Dx: number;
  Dy: number;
  k: number;
}
const cases: Case[] = [
  { replicas: 1, rows: 2, Dx: 1, Dy: 1, k: 1 },
  { replicas: 3, rows: 63, Dx: 2, Dy: 3, k: 3 },
  { replicas: 1, rows: 64, Dx: 3, Dy: 0, k: 5 },
  { replicas: 3, rows: 65, Dx: 0, Dy: 2, k: 64 },
  { replicas: 1, rows: 257, Dx: 1, Dy: 1, k: 32 },
  { replicas: 1, rows: 67, Dx: 128, Dy: 130, k: 4 },
];
const settings = (["max", "euclidean"] as const).flatMap((metric) =>
  [false, true].flatMap((extents) => cases.map((c) => ({ metric, extents, ...c }))),
);

async function search(points: Float32Array, { replicas, rows, Dx, Dy, k }: Case, metric: Metric, extents: boolean) {
  const made = await runKernel(
    "search_neighbors",
    {
      dims: { rows, x_width: Dx, y_width: Dy, first_row: 0 },
      points,
      radius_x: replicas * rows,
      radius_y: replicas * rows,
      inside: replicas * rows,
    },
    [groupsOf(rows), replicas, 1],
    "only",
    { NEIGHBORS: k, EXTENTS: Number(extents), EUCLIDEAN: Number(metric === "euclidean") },
  );
  return { x: made.radius_x!, y: made.radius_y!, inside: words(made.inside) };
}

/** What the kernel should say of one replica; Euclidean distances squared. */
function wanted({ x, y }: ReturnType<typeof pointsOf>, k: number, metric: Metric, extents: boolean) {
  const power = metric === "euclidean" ? 2 : 1;
  const found = nearest(x, y, k, metric);
  const reach = (points: number[][]) =>
    found.map(({ rows, radius }, i) =>
      extents ? Math.max(...rows.map((j) => distance(points[i]!, points[j]!, metric))) ** power : radius ** power,
    );
  const equal = (i: number, j: number) => distance(x[i]!, x[j]!, "max") === 0 && distance(y[i]!, y[j]!, "max") === 0;
  return {
    x: reach(x),
    y: reach(y),
    inside: found.map(({ radius }, i) => {
      const others = range(x.length).filter((j) => j !== i);
      const nearer = (j: number) => Math.max(distance(x[i]!, x[j]!, metric), distance(y[i]!, y[j]!, metric)) < radius;
      return others.filter(radius === 0 ? (j) => equal(i, j) : nearer).length;
    }),
  };
}

describe("search_neighbors", () => {
  it.each(settings)(
    "$metric, extents $extents: R $replicas, B $rows, $Dx + $Dy, k $k",
    async ({ metric, extents, ...c }) => {
      const { replicas, rows, Dx, Dy, k } = c;
      const count = replicas * (Dx + Dy) * rows;
      const tied = lattice(7, count);
      const exact = await search(tied, c, metric, extents);
      const smooth = awkward(8, count);
      const close = await search(smooth, c, metric, extents);
      for (const r of range(replicas)) {
        const part = <T extends { slice(a: number, b: number): T }>(all: T) => all.slice(r * rows, (r + 1) * rows);
        const want = wanted(pointsOf(tied, r, rows, Dx, Dy), k, metric, extents);
        // Square roots of whole numbers, squared again, are off by a rounding.
        for (const side of ["x", "y"] as const) {
          expect([...part(exact[side])], `${side} of replica ${r}`).toEqual(want[side].map(Math.round));
        }
        expect([...part(exact.inside)], `inside, in replica ${r}`).toEqual(want.inside);

        // A difference is rounded once, a squared distance once more for each coordinate; so are the sorted ones.
        const about = wanted(pointsOf(smooth, r, rows, Dx, Dy), k, metric, extents);
        const tolerance = metric === "max" ? 2 * EPS : (Dx + Dy + 3) * EPS;
        expectClose(part(close.x), about.x, { tolerance, scale: about.x, what: "radius_x" });
        expectClose(part(close.y), about.y, { tolerance, scale: about.y, what: "radius_y" });
        expect([...part(close.inside)]).toEqual(about.inside);
      }
    },
  );

  it("counts every copy, even more than k", async () => {
    const points = Float32Array.from({ length: 2 * 70 }, (_, i) => (i % 70 < 50 ? 1 : i));
    const { inside, x } = await search(points, { replicas: 1, rows: 70, Dx: 1, Dy: 1, k: 3 }, "max", false);
    expect([...inside].slice(0, 50)).toEqual(range(50).map(() => 49));
    expect([...x.subarray(0, 50)]).toEqual(range(50).map(() => 0));
  });

  it("starts where it is told to and leaves earlier rows alone", async () => {
    const [rows, first_row] = [300, 256];
    const points = awkward(9, 2 * rows);
    const sizes = { radius_x: rows, radius_y: rows, inside: rows };
    const inputs = { dims: { rows, x_width: 1, y_width: 1, first_row }, points, ...sizes };
    const overrides = { NEIGHBORS: 2, EXTENTS: 0, EUCLIDEAN: 0 };
    const { radius_x } = await runKernel("search_neighbors", inputs, [1, 1, 1], "only", overrides);
    const whole = await search(points, { replicas: 1, rows, Dx: 1, Dy: 1, k: 2 }, "max", false);
    expect([...radius_x!]).toEqual(range(rows).map((i) => (i < first_row ? CANARY : whole.x[i])));
  });

  it("keeps the limit that the cases above reach", () => {
    expect(kernels.search_neighbors.variants.only!.constants.MAX_NEIGHBORS).toBe(64);
  });
});
