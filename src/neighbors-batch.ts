/** KSG, Mixed KSG and KL of many replicas at once, from distances and counts. */
import { mean } from "./bound.ts";
import type { Gpu, Tensor } from "./device.ts";
import { digamma, digammas, logBallVolume } from "./digamma.ts";
import { InputError, LimitError } from "./errors.ts";
import { MAX_NEIGHBORS, Neighborhood, replicasAtOnce } from "./neighborhood.ts";
import type { TableSource } from "./source.ts";

/** The nearest-neighbour estimators, by name. */
export const neighborMethods = ["ksg", "ksg2", "mixed-ksg", "kl"] as const;
export type NeighborMethod = (typeof neighborMethods)[number];

export interface NeighborSettings {
  /**
   * `"ksg"` and `"ksg2"`: the two estimators of Kraskov et al. 2004 (arXiv:cond-mat/0305641, eqs. 8 and 9);
   * `"mixed-ksg"`: Gao et al. 2017 (arXiv:1709.06212), for discrete, continuous and mixed data;
   * `"kl"`: h(X) + h(Y) − h(X, Y), each by Kozachenko and Leonenko 1987. Default `"ksg"`.
   */
  method?: NeighborMethod;
  /** Neighbours, 1 to 64 and fewer than rows. Default 3. */
  k?: number;
  /**
   * Norm within x and within y, default `"max"`. The KSG family always takes the larger of the two for a pair; KL uses
   * the norm for (x, y) as a whole too.
   */
  metric?: "max" | "euclidean";
  /**
   * `"log"` puts ln N for ψ(N) in KL (as Jiao et al. 2018 do) and ln for the last two ψ in Mixed KSG (as its paper writes
   * it; its code has ψ). Default `"digamma"`.
   */
  form?: "digamma" | "log";
}

export interface NeighborBatchOptions extends NeighborSettings {
  /** Also return the local values of every replica. */
  pointwise?: boolean;
  signal?: AbortSignal | undefined;
}

export interface NeighborBatch {
  /** MI of each replica, nats, not clipped; NaN where the method does not apply (`zeroRadii`). */
  mi: Float64Array;
  /**
   * Standard deviation of the local values over √rows, nats. It takes neighbours as independent: on normals (1000 rows) it
   * is 10 to 30 % below the scatter over data sets.
   */
  standardError: Float64Array;
  /** Rows of each replica that have k exact copies. Every method but `"mixed-ksg"` is undefined there. */
  zeroRadii: Uint32Array;
  /** Local values whose mean is the MI, one array per replica, if asked for. */
  pointwise?: Float64Array[];
}

/**
 * The MI of many column pairs, permutations or resamples of one table, by nearest neighbours: each replica has its own
 * columns and its own list of row pairs. All values are compared as float32, as given: bring x and y to scales that can be
 * compared, and take large offsets off, before.
 *
 * @param source as {@link rows} makes it; `picks` and `pairs` as long as there are replicas, or of one entry for all
 * @throws {InputError} for settings that cannot be used
 * @example
 * const { mi } = await neighborsBatch(gpu, rows(x, y, { picks: [[0, 1], [0, 2], [1, 2]] }), { method: "ksg", k: 3 });
 */
export async function neighborsBatch(
  gpu: Gpu,
  source: TableSource,
  options: NeighborBatchOptions = {},
): Promise<NeighborBatch> {
  const replicas = Math.max(source.picks.length, source.pairs.length);
  const result: NeighborBatch = {
    mi: new Float64Array(replicas),
    standardError: new Float64Array(replicas),
    zeroRadii: new Uint32Array(replicas),
    ...(options.pointwise && { pointwise: [] }),
  };
  await localValues(gpu, source, options, (replica, values, zeroRadii) => {
    const defined = zeroRadii === 0 || options.method === "mixed-ksg";
    result.mi[replica] = defined ? mean(values) : Number.NaN;
    result.standardError[replica] = defined ? standardErrorOf(values) : Number.NaN;
    result.zeroRadii[replica] = zeroRadii;
    result.pointwise?.push(values);
  });
  return result;
}

/** The standard error of a mean of independent values. */
export function standardErrorOf(values: Float64Array): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - center) ** 2)) / (values.length - 1));
}

/**
 * Calls `each` with the local values of one replica after the other, nats, and the number of rows without a radius.
 *
 * @param given the last so many columns of x and of y are Z, and the values are those of I(X;Y|Z) (Frenzel and Pompe 2007)
 */
export async function localValues(
  gpu: Gpu,
  source: TableSource,
  options: NeighborBatchOptions,
  each: (replica: number, values: Float64Array, zeroRadii: number) => void,
  given = 0,
): Promise<void> {
  const { method = "ksg", k = 3, metric = "max", form = "digamma", signal } = options;
  const rows = source.pairs[0]!.length / 2;
  checkSettings({ method, k, metric, form }, rows, given);
  const { picks, pairs, replicas } = spread(source);
  const width = source.xWidth + source.yWidth;
  const together = replicasAtOnce(gpu, rows, width);
  const psi = digammas(rows);
  const table = { tensor: gpu.tensor("neighbors/table", source.data), columns: source.columns };
  try {
    for (let first = 0; first < replicas; first += together) {
      const last = Math.min(first + together, replicas);
      const range = Array.from({ length: last - first }, (_, i) => first + i);
      const hood = new Neighborhood(gpu, table, range.map(pairs), { euclidean: metric === "euclidean", signal });
      try {
        const group = { gpu, hood, picks: range.map(picks), x: source.xWidth, rows, k, psi };
        const valuesOf =
          method === "kl" ? await entropies(group, metric, form) : await counts(group, method, form, given);
        for (const r of range) each(r, ...valuesOf(r - first));
      } finally {
        hood.dispose();
      }
    }
  } finally {
    table.tensor.buffer.destroy();
  }
}

interface Group {
  gpu: Gpu;
  hood: Neighborhood;
  picks: (readonly number[])[];
  /** Columns of x. */
  x: number;
  rows: number;
  k: number;
  psi: Float64Array;
}
type ValuesOf = (index: number) => [values: Float64Array, zeroRadii: number];

/** The KSG family: a radius in the joint space, counts within it in each space. */
async function counts(
  { gpu, hood, picks, x, rows, k, psi }: Group,
  method: Exclude<NeighborMethod, "kl">,
  form: "digamma" | "log",
  given: number,
): Promise<ValuesOf> {
  const points = await hood.gather(picks, x);
  const radii = await hood.search(points, k, method === "ksg2");
  const ball = method === "ksg2" ? "closed" : method === "ksg" ? "open" : "open-or-point";
  const { count_x, count_y } = await hood.count(points, radii, ball);
  const z = picks.map((columns) => columns.slice(x - given, x));
  const ofZ = given > 0 ? await hood.count(await hood.gather(z, given), radii, ball) : undefined;

  const [nx, ny, nz, copies] = [
    new Uint32Array(await gpu.read(count_x)),
    new Uint32Array(await gpu.read(count_y)),
    ofZ && new Uint32Array(await gpu.read(ofZ.count_x)),
    new Uint32Array(await gpu.read(radii.copies)),
  ];
  const term = form === "log" ? psi.map((_, m) => Math.log(m)) : psi;
  const [psiK, psiN, logN] = [psi[k]!, psi[rows]!, Math.log(rows)];
  const local: (i: number) => number = nz
    ? (i) => psiK - psi[nx[i]! + 1]! - psi[ny[i]! + 1]! + psi[nz[i]! + 1]!
    : {
        ksg: (i: number) => psiK + psiN - psi[nx[i]! + 1]! - psi[ny[i]! + 1]!,
        ksg2: (i: number) => psiK - 1 / k + psiN - psi[nx[i]!]! - psi[ny[i]!]!,
        "mixed-ksg": (i: number) =>
          psi[copies[i]! >= k ? copies[i]! + 1 : k]! + logN - term[nx[i]! + 1]! - term[ny[i]! + 1]!,
      }[method];
  return (index) => {
    const start = index * rows;
    let zeroRadii = 0;
    for (let i = start; i < start + rows; i++) if (copies[i]! >= k) zeroRadii++;
    return [Float64Array.from({ length: rows }, (_, i) => local(start + i)), zeroRadii];
  };
}

/** KL: k-th distances in x, in y and in (x, y). */
async function entropies(
  { gpu, hood, picks, x, rows, k, psi }: Group,
  metric: "max" | "euclidean",
  form: "digamma" | "log",
): Promise<ValuesOf> {
  const width = picks[0]!.length;
  const squared = metric === "euclidean";
  const logRadii = async (spaces: readonly (readonly number[])[], xWidth: number) => {
    const points = await hood.gather(spaces, xWidth);
    // Side by side the two spaces are one, whose norm runs over all coordinates.
    const { radius_x } = await hood.search({ ...points, xWidth: spaces[0]!.length, yWidth: 0 }, k);
    return logarithms(gpu, radius_x, squared);
  };
  const ofX = await logRadii(
    picks.map((columns) => columns.slice(0, x)),
    x,
  );
  const ofY = await logRadii(
    picks.map((columns) => columns.slice(x)),
    0,
  );
  const ofBoth = await logRadii(picks, x);
  const volume = squared ? logBallVolume(x) + logBallVolume(width - x) - logBallVolume(width) : 0;
  const constant = volume - psi[k]! + (form === "log" ? Math.log(rows) : digamma(rows));
  return (index) => {
    const start = index * rows;
    let zeroRadii = 0;
    const values = Float64Array.from({ length: rows }, (_, row) => {
      const i = start + row;
      if (ofX[i] === Number.NEGATIVE_INFINITY || ofY[i] === Number.NEGATIVE_INFINITY) zeroRadii++;
      return constant + x * ofX[i]! + (width - x) * ofY[i]! - width * ofBoth[i]!;
    });
    return [values, zeroRadii];
  };
}

async function logarithms(gpu: Gpu, radii: Tensor, squared: boolean): Promise<Float64Array> {
  const values = new Float32Array(await gpu.read(radii));
  return Float64Array.from(values, (value) => Math.log(value) / (squared ? 2 : 1));
}

/** Picks and pairs by replica; one entry serves all. */
function spread({ picks, pairs }: TableSource) {
  const replicas = Math.max(picks.length, pairs.length);
  for (const [name, list] of Object.entries({ picks, pairs })) {
    if (list.length !== 1 && list.length !== replicas) {
      throw new InputError(`"${name}" has ${list.length} entries for ${replicas} replicas. Give one, or one for each`);
    }
    const other = list.find((entry) => entry.length !== list[0]!.length);
    if (other) {
      throw new InputError(
        `the entries of "${name}" have ${list[0]!.length} and ${other.length} values. Make them equally long`,
      );
    }
  }
  return {
    replicas,
    picks: (r: number) => picks[picks.length === 1 ? 0 : r]!,
    pairs: (r: number) => pairs[pairs.length === 1 ? 0 : r]!,
  };
}

/** @throws {InputError} for settings that cannot be used with so many rows */
export function checkSettings(
  { method, k, metric, form }: Required<NeighborSettings>,
  rows: number,
  given: number,
): void {
  const oneOf = (name: string, value: string, allowed: readonly string[]) => {
    if (!allowed.includes(value))
      throw new InputError(`"${name}" must be one of ${allowed.join(", ")}, got "${value}"`);
  };
  oneOf("method", method, neighborMethods);
  oneOf("metric", metric, ["max", "euclidean"]);
  oneOf("form", form, ["digamma", "log"]);
  if (!Number.isInteger(k) || k < 1) throw new InputError(`"k" must be a positive integer, got ${k}`);
  if (k > MAX_NEIGHBORS) throw new LimitError(`"k" is ${k}, but a search keeps at most ${MAX_NEIGHBORS} neighbours`);
  if (k >= rows) throw new InputError(`"k" is ${k}, but a row has only ${rows - 1} others. Lower k, or give more rows`);
  if (form === "log" && (method === "ksg" || method === "ksg2")) {
    throw new InputError(`"form" is a choice of mixed-ksg and kl; ${method} has only the digamma form`);
  }
  if (given > 0 && (method !== "ksg" || metric !== "max")) {
    throw new InputError(
      `MI with a condition is there for method "ksg" and metric "max", got "${method}" and "${metric}"`,
    );
  }
}
