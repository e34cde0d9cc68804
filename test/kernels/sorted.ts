/** What the tests of the two searches in sorted order share. */
import { expect } from "vitest";
import { normals, prng, range, runKernel } from "../gpu.ts";
import { countWithin, joint, nearest } from "../oracle/neighbors.ts";
import { groupsOf, lattice, words } from "./neighbors.ts";

interface Replica {
  x: Float32Array;
  y: Float32Array;
}
interface Form {
  kernel: "search_sorted" | "sweep_sorted";
  /** Queries of a workgroup. */
  queries: number;
}

/** What the kernel writes, in the order of the rows that the replicas have. */
async function search(form: Form, replicas: readonly Replica[], k: number, radii = false) {
  const rows = replicas[0]!.x.length;
  const places = replicas.map(({ x }) => Uint32Array.from(x.keys()).sort((a, b) => x[a]! - x[b]!));
  const joined = (lists: readonly (readonly number[])[]) => Float32Array.from(lists.flat());
  const { counts } = await runKernel(
    form.kernel,
    {
      dims: { rows, first_row: 0 },
      // y first, so that a mix-up of columns shows.
      sorted: joined(replicas.flatMap(({ x, y }) => [[...y.toSorted()], [...x.toSorted()]])),
      columns: Uint32Array.from(replicas.flatMap((_, r) => [2 * r + 1, 2 * r])),
      beside: joined(replicas.map(({ y }, r) => [...places[r]!].map((row) => y[row]!))),
      counts: (radii ? 2 : 3) * replicas.length * rows,
    },
    [Math.ceil(rows / form.queries), replicas.length, 1],
    "only",
    { NEIGHBORS: k, RADII: Number(radii), INSIDE: Number(!radii) },
  );
  return replicas.map((_, r) => {
    const found = new Array<number[]>(rows);
    const all = radii ? counts! : words(counts);
    const each = radii ? 2 : 3;
    places[r]!.forEach((row, i) => {
      const at = each * (r * rows + i);
      found[row] = [...all.subarray(at, at + each)];
    });
    return found;
  });
}

export const sizes = [
  { rows: 2, k: 1 },
  { rows: 63, k: 3 },
  { rows: 64, k: 63 },
  { rows: 65, k: 1 },
  { rows: 257, k: 5 },
];

/** Ties, copies and columns in order, against the oracle. */
export async function holdToOracle(form: Form, { rows, k }: { rows: number; k: number }): Promise<void> {
  const random = prng(rows);
  const replicas = [
    { x: lattice(1, rows), y: lattice(2, rows) },
    // Copies of few points, a column in order, and one of equal values but for one.
    { x: lattice(3, rows).map((v) => v % 2), y: lattice(4, rows).map((v) => v % 2) },
    { x: Float32Array.from(range(rows)), y: Float32Array.from(range(rows), (i) => rows - i) },
    { x: new Float32Array(rows).fill(1, 0, 1), y: Float32Array.from(range(rows), () => Math.floor(99 * random())) },
  ];
  const got = await search(form, replicas, k);
  // Another pipeline for each k: one size is enough.
  const reach = rows === 257 ? await search(form, replicas, k, true) : undefined;
  for (const [r, replica] of replicas.entries()) {
    const [x, y] = [replica.x, replica.y].map((values) => [...values].map((v) => [v]));
    const radii = nearest(x!, y!, k, "max").map(({ radius }) => radius);
    const [nx, ny] = [countWithin(x!, radii, "max"), countWithin(y!, radii, "max")];
    const inside = x!.map(
      (_, i) => range(rows).filter((j) => j !== i && joint(x!, y!, i, j, "max") < radii[i]!).length,
    );
    const want = radii.map((radius, i) => (radius === 0 ? [rows, rows, rows] : [nx[i], ny[i], inside[i]]));
    expect(got[r], `replica ${r}`).toEqual(want);
    if (reach) expect(reach[r], `radii of replica ${r}`).toEqual(radii.map((radius) => [radius, radius]));
  }
}

/** Numbers that round, against the two kernels by brute force. */
export async function holdToBruteForce(form: Form): Promise<void> {
  const [rows, k] = [700, 3];
  const replicas = [1, 3e4].map((scale) => {
    const x = normals(7, rows).map((v) => scale * (1 + 1e-3 * v));
    return { x, y: normals(8, rows).map((v, i) => x[i]! + scale * 1e-4 * v) };
  });
  const got = await search(form, replicas, k);
  for (const [r, { x, y }] of replicas.entries()) {
    const dims = { rows, x_width: 1, y_width: 1, first_row: 0 };
    const points = Float32Array.from([...x, ...y]);
    const groups = [groupsOf(rows), 1, 1] as const;
    const sizes = { radius_x: rows, radius_y: rows, inside: rows };
    const found = await runKernel("search_neighbors", { dims, points, ...sizes }, groups, "only", { NEIGHBORS: k });
    const radii = { radius_x: found.radius_x!, radius_y: found.radius_y! };
    const counts = { count_x: rows, count_y: rows };
    const want = await runKernel("count_neighbors", { dims, points, ...radii, ...counts }, groups, "only", { BALL: 0 });
    const [nx, ny, inside] = [words(want.count_x), words(want.count_y), words(found.inside)];
    const zero = [...found.radius_x!].map((radius) => radius === 0);
    expect(got[r]).toEqual(range(rows).map((i) => (zero[i] ? [rows, rows, rows] : [nx[i], ny[i], inside[i]])));
  }
}
