/** Nearest neighbours of points in a plane by a search in sorted order: one column with another. */

import type { Gpu } from "../gpu/device.ts";
import { BYTES_AT_ONCE } from "../gpu/profile.ts";
import { dispatch, Program } from "../gpu/program.ts";
import { geometry, kernels } from "../gpu/shaders.gen.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { grid } from "../gpu/workgroups.ts";
import { ascending } from "../math/statistics.ts";
import type { TableSource } from "../sources/table.ts";

const { LANES, QUERIES_PER_LANE } = kernels.sweep_sorted.variants.only!.constants;

/** Loops of more turns are not unrolled, and what is kept of each query is then found at a computed index. */
const MOST_UNROLLED = 32;

/** Places of a dispatch start at multiples of this, which both kernels can. */
const STEP = geometry.WG_SIZE;

/** One column with another, in an order of rows. */
export interface SortedReplica {
  /** Values in ascending order; replicas may share the array. */
  x: Float32Array;
  y: Float32Array;
  /** y of the point whose x is at that place of `x`. */
  beside: Float32Array;
}

/** How many others a search looks at, at most, where columns are independent and few values repeat. */
const visitsOf = (rows: number, k: number): number => Math.min(rows, 64 + 8 * Math.sqrt(k * rows));

/** How many replicas of `rows` points to search at once. */
export function sortedAtOnce(gpu: Gpu, rows: number, k: number): number {
  const { maxComputeWorkgroupsPerDimension } = gpu.device.limits;
  const fit = Math.min(
    Math.floor(gpu.profile.searchWork / (rows * visitsOf(rows, k))),
    Math.floor(Math.min(BYTES_AT_ONCE, gpu.largestBuffer) / (12 * rows)),
    maxComputeWorkgroupsPerDimension,
  );
  return Math.max(1, fit);
}

/**
 * (R, B, 2) by places of `x`: how many others are nearer than the k-th neighbour, in x and in y, B and B where that one is
 * at distance 0. With `inside` (R, B, 3): also those nearer in both. Or `radii`: the bits of its distance, twice. To the bit what the search by brute force finds.
 *
 * @param options.work others looked at in one submit
 */
export async function searchSorted(
  gpu: Gpu,
  replicas: readonly SortedReplica[],
  k: number,
  options: { radii?: boolean; inside?: boolean; work?: number } = {},
): Promise<Uint32Array> {
  const rows = replicas[0]!.beside.length;
  const places = new Map<Float32Array, number>();
  for (const { x, y } of replicas) for (const c of [x, y]) if (!places.has(c)) places.set(c, places.size);
  const sorted = new Float32Array(places.size * rows);
  for (const [values, place] of places) sorted.set(values, place * rows);
  const beside = new Float32Array(replicas.length * rows);
  for (const [r, replica] of replicas.entries()) beside.set(replica.beside, r * rows);
  const columns = Uint32Array.from(replicas.flatMap(({ x, y }) => [places.get(x)!, places.get(y)!]));
  const tensors = {
    sorted: gpu.tensor("sorted/columns", sorted),
    columns: gpu.tensor("sorted/picks", columns),
    beside: gpu.tensor("sorted/beside", beside),
    counts: gpu.tensor("sorted/counts", (options.inside ? 3 : 2) * beside.length),
  };
  // Where values repeat, a search looks at all that are as near in x before it ends.
  const visits = visitsOf(rows, k) + Math.max(...[...new Set(replicas.map(({ x }) => x))].map(longestRun));
  const fit = Math.floor((options.work ?? gpu.profile.searchWork) / (Math.min(visits, rows) * replicas.length * STEP));
  const step = Math.min(Math.max(1, fit), 65535) * STEP;
  const overrides = { NEIGHBORS: k, RADII: Number(options.radii ?? false), INSIDE: Number(options.inside ?? false) };
  try {
    for (let first_row = 0; first_row < rows; first_row += step) {
      const count = Math.min(step, rows - first_row);
      await run(gpu, tensors, { rows, first_row }, [count, replicas.length], overrides);
    }
    return new Uint32Array(await gpu.read(tensors.counts));
  } finally {
    for (const { buffer } of Object.values(tensors)) buffer.destroy();
  }
}

async function run(
  gpu: Gpu,
  tensors: Record<"sorted" | "columns" | "beside" | "counts", Tensor>,
  dims: { rows: number; first_row: number },
  [count, replicas]: readonly [number, number],
  overrides: { NEIGHBORS: number; RADII: number; INSIDE: number },
): Promise<void> {
  const kernel = overrides.NEIGHBORS <= MOST_UNROLLED ? gpu.profile.sortedSearch : "search_sorted";
  const perGroup = kernel === "sweep_sorted" ? LANES! * QUERIES_PER_LANE! : geometry.WG_SIZE;
  const groups = grid(Math.ceil(count / perGroup), replicas, 1);
  const program = await Program.compile(gpu, [dispatch(kernel, { dims, ...tensors }, groups, "only", overrides)]);
  try {
    program.run(gpu);
    await gpu.done();
  } finally {
    program.dispose();
  }
}

/** How often the most frequent value of a sorted column is there. */
function longestRun(sorted: Float32Array): number {
  let longest = 0;
  for (let i = 1, start = 0; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[start]) continue;
    longest = Math.max(longest, i - start);
    start = i;
  }
  return longest;
}

/** A replica of a table, and which of its points is at each place. */
export interface Placed extends SortedReplica {
  places: Uint32Array;
}

/**
 * Makes the replicas of a table whose x and y are one column each. A column is sorted once; its points, too, if all replicas
 * have the same.
 */
export function placedReplicas(
  { data, rows, columns }: TableSource,
  pickOf: (r: number) => readonly number[],
  pairsOf: (r: number) => Uint32Array,
): (r: number) => Placed {
  const orders = new Map<number, { values: Float32Array; order: Uint32Array }>();
  const columnOf = (c: number) => {
    let known = orders.get(c);
    if (!known) {
      const values = new Float32Array(rows);
      for (let i = 0; i < rows; i++) values[i] = data[i * columns + c]!;
      known = { values, order: ascending(values) };
      orders.set(c, known);
    }
    return known;
  };
  let last: { pairs: Uint32Array; sides: Map<number, { sorted: Float32Array; places: Uint32Array }> } | undefined;
  /** The points in the order of one coordinate, by counting: `order` has the rows of the table in that order. */
  const sideOf = (pairs: Uint32Array, c: number, side: 0 | 1) => {
    if (last?.pairs !== pairs) last = { pairs, sides: new Map() };
    let known = last.sides.get(2 * c + side);
    if (!known) {
      const { values, order } = columnOf(c);
      const next = new Uint32Array(rows);
      for (let at = side; at < pairs.length; at += 2) next[pairs[at]!]!++;
      let place = 0;
      for (const row of order) {
        const count = next[row]!;
        next[row] = place;
        place += count;
      }
      const places = new Uint32Array(pairs.length / 2);
      for (let i = 0; i < places.length; i++) places[next[pairs[2 * i + side]!]!++] = i;
      const sorted = new Float32Array(places.length);
      for (let i = 0; i < places.length; i++) sorted[i] = values[pairs[2 * places[i]! + side]!]!;
      known = { places, sorted };
      last.sides.set(2 * c + side, known);
    }
    return known;
  };
  return (r) => {
    const [pairs, [x, y]] = [pairsOf(r), pickOf(r) as [number, number]];
    const { sorted, places } = sideOf(pairs, x, 0);
    const { values } = columnOf(y);
    const beside = new Float32Array(places.length);
    for (let i = 0; i < places.length; i++) beside[i] = values[pairs[2 * places[i]! + 1]!]!;
    return { x: sorted, y: sideOf(pairs, y, 1).sorted, beside, places };
  };
}

/** By places of `x`: other points with the same x, with the same y, and with both. */
export function copiesOf({ x, y, beside }: SortedReplica): { x: Uint32Array; y: Uint32Array; both: Uint32Array } {
  const rows = x.length;
  const result = { x: new Uint32Array(rows), y: new Uint32Array(rows), both: new Uint32Array(rows) };
  const ofY = new Map<number, number>();
  for (const value of y) ofY.set(value, (ofY.get(value) ?? 0) + 1);
  for (let start = 0, end = 0; start < rows; start = end) {
    while (end < rows && x[end] === x[start]) end++;
    const here = new Map<number, number>();
    for (let i = start; i < end; i++) here.set(beside[i]!, (here.get(beside[i]!) ?? 0) + 1);
    for (let i = start; i < end; i++) {
      result.x[i] = end - start - 1;
      result.y[i] = ofY.get(beside[i]!)! - 1;
      result.both[i] = here.get(beside[i]!)! - 1;
    }
  }
  return result;
}

/** By places of a sorted column: the distance to the k-th nearest other. */
export function nearestInOrder(sorted: Float32Array, k: number): Float32Array {
  const last = sorted.length - 1;
  return sorted.map((value, place) => {
    let [left, right, radius] = [place - 1, place + 1, 0];
    for (let found = 0; found < k; found++) {
      const below = left < 0 ? Number.POSITIVE_INFINITY : value - sorted[left]!;
      const above = right > last ? Number.POSITIVE_INFINITY : sorted[right]! - value;
      radius = Math.min(below, above);
      if (below <= above) left--;
      else right++;
    }
    return radius;
  });
}
