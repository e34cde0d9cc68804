/** KSG of one column with another by a search in sorted order: the pairs and permutations of a matrix. */
import { mean } from "./bound.ts";
import type { Gpu } from "./device.ts";
import { digammas } from "./digamma.ts";
import { InterruptedError } from "./errors.ts";
import { dispatch, Program } from "./kernel.ts";
import { elements } from "./layers.ts";
import { checkSettings, standardErrorOf } from "./neighbors-batch.ts";

/** One pair of columns, in an order of rows. */
export interface SortedReplica {
  /** Values in ascending order; replicas may share the array. */
  x: Float32Array;
  y: Float32Array;
  /** y of the point whose x is at that place of `x`. */
  beside: Float32Array;
}

/** What one submit may take: about a tenth of a second if a search ends as early as it does among independent columns. */
const workOf = (gpu: Gpu): number => (gpu.isSoftware ? 2 ** 29 : 2 ** 33);
const BYTES = 2 ** 26;

/** How many replicas of `rows` points to search at once. */
export function sortedAtOnce(gpu: Gpu, rows: number, k: number): number {
  const { maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension } = gpu.device.limits;
  const visits = Math.min(rows, 64 + 8 * Math.sqrt(k * rows));
  const fit = Math.min(
    Math.floor(workOf(gpu) / (rows * visits)),
    Math.floor(Math.min(BYTES, maxStorageBufferBindingSize) / (8 * rows)),
    maxComputeWorkgroupsPerDimension,
  );
  return Math.max(1, fit);
}

/**
 * KSG (the first estimator of Kraskov et al. 2004, max norm) of each replica, nats: what `neighborsBatch` finds, to
 * rounding, in about √(k / rows) of the time.
 *
 * @returns `mi` not clipped, NaN where k rows are exact copies of one; `standardError` as there
 */
export async function sortedNeighbors(
  gpu: Gpu,
  replicas: readonly SortedReplica[],
  k: number,
  signal: AbortSignal | undefined,
): Promise<{ mi: Float64Array; standardError: Float64Array }> {
  if (signal?.aborted) throw new InterruptedError("the neighbour search was stopped");
  const rows = replicas[0]!.beside.length;
  checkSettings({ method: "ksg", k, metric: "max", form: "digamma" }, rows, 0);
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
    counts: gpu.tensor("sorted/counts", 2 * beside.length),
  };
  let program: Program | undefined;
  try {
    const groups = elements(rows, replicas.length);
    program = await Program.compile(gpu, [
      dispatch("search_sorted", { dims: { rows }, ...tensors }, groups, "only", { NEIGHBORS: k }),
    ]);
    program.run(gpu);
    return valuesOf(new Uint32Array(await gpu.read(tensors.counts)), replicas.length, rows, k);
  } finally {
    program?.dispose();
    for (const { buffer } of Object.values(tensors)) buffer.destroy();
  }
}

function valuesOf(counts: Uint32Array, replicas: number, rows: number, k: number) {
  const psi = digammas(rows + 1);
  const [mi, standardError] = [new Float64Array(replicas), new Float64Array(replicas)];
  const values = new Float64Array(rows);
  for (let r = 0; r < replicas; r++) {
    let defined = true;
    for (let i = 0, at = 2 * r * rows; i < rows; i++, at += 2) {
      if (counts[at] === rows) defined = false;
      values[i] = psi[k]! + psi[rows]! - psi[counts[at]! + 1]! - psi[counts[at + 1]! + 1]!;
    }
    mi[r] = defined ? mean(values) : Number.NaN;
    standardError[r] = defined ? standardErrorOf(values) : Number.NaN;
  }
  return { mi, standardError };
}
