/** KSG, Mixed KSG and KL of many replicas at once, from distances and counts. */

import { InputError, LimitError } from "../errors.ts";
import {
  checkNeighbors,
  type NeighborMethod,
  type NeighborParameters,
  neighborMethods,
} from "../estimators/neighbors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { digamma, digammas, logBallVolume } from "../math/special.ts";
import { mean } from "../math/statistics.ts";
import { checkOptions, inWords, keysOf } from "../options.ts";
import { checkTable, type TableSource } from "../sources/table.ts";
import { MAX_NEIGHBORS, Neighborhood, replicasAtOnce } from "./brute-force.ts";
import { copiesOf, nearestInOrder, placedReplicas, type SortedReplica, searchSorted, sortedAtOnce } from "./sorted.ts";

/** Which nearest-neighbour estimator, with its parameters. */
export interface NeighborSettings extends NeighborParameters {
  /**
   * `"ksg"` and `"ksg2"`: the two estimators of Kraskov et al. 2004 (arXiv:cond-mat/0305641, eqs. 8 and 9);
   * `"mixed-ksg"`: Gao et al. 2017 (arXiv:1709.06212), for discrete, continuous and mixed data; where others tie for the
   * k-th place, as on a grid, k̃ is what lies strictly inside, with the point itself, and not k;
   * `"kl"`: h(X) + h(Y) − h(X, Y), each by Kozachenko and Leonenko 1987. Default `"ksg"`.
   */
  method?: NeighborMethod;
  /**
   * `"log"` puts ln N for ψ(N) in KL (as Jiao et al. 2018 do) and ln for the last two ψ in Mixed KSG (as its paper writes
   * it; its code has ψ). Default `"digamma"`.
   */
  form?: "digamma" | "log";
}

/** What {@link neighborsBatch} can be asked for. */
export interface NeighborBatchOptions extends NeighborSettings {
  /** Also return the local values of every replica. */
  pointwise?: boolean;
  signal?: AbortSignal | undefined;
}

type Settings = { [K in keyof NeighborSettings]-?: NonNullable<NeighborSettings[K]> };

const KEYS = keysOf<NeighborBatchOptions>()("method k metric form pointwise signal");

/** What {@link neighborsBatch} answers: one value for each replica. Information in nats. */
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
  checkOptions("neighborsBatch", options, KEYS);
  return neighborsBatchGiven(gpu, source, options, 0);
}

/** The same, given the last so many columns of x, which are those of y too. */
export async function neighborsBatchGiven(
  gpu: Gpu,
  source: TableSource,
  options: NeighborBatchOptions,
  given: number,
): Promise<NeighborBatch> {
  checkTable(source);
  const replicas = Math.max(source.picks.length, source.pairs.length);
  const result: NeighborBatch = {
    mi: new Float64Array(replicas),
    standardError: new Float64Array(replicas),
    zeroRadii: new Uint32Array(replicas),
    ...(options.pointwise && { pointwise: [] }),
  };
  await localValues(
    gpu.until(options.signal),
    source,
    options,
    (replica, values, zeroRadii) => {
      [result.mi[replica], result.standardError[replica]] = summaryOf(options.method, values, zeroRadii);
      result.zeroRadii[replica] = zeroRadii;
      result.pointwise?.push(values);
    },
    given,
  );
  return result;
}

/** MI and standard error from the local values; NaN where the method is undefined on some. */
function summaryOf(method: NeighborMethod | undefined, values: Float64Array, zeroRadii: number): [number, number] {
  const defined = zeroRadii === 0 || method === "mixed-ksg";
  return defined ? [mean(values), atLeast(standardErrorOf(values), values.length)] : [Number.NaN, Number.NaN];
}

/**
 * A standard error that is no less than 1 / rows. Where all local values are equal (categories that are independent, or one
 * the other, in even shares) none shows in their scatter, but the tables themselves still scatter: a plug-in MI by
 * √(cells / 2) / rows or more.
 */
export const atLeast = (standardError: number, rows: number): number => Math.max(standardError, 1 / rows);

/** The standard error of a mean of independent values. */
export function standardErrorOf(values: Float64Array): number {
  const center = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - center) ** 2;
  return Math.sqrt(squares / values.length / (values.length - 1));
}

/**
 * Whether the k nearest are found in sorted order, in about √(k / rows) of the time: one column with another, and distances
 * by the larger of the two. It pays at every number of rows. KSG 2 asks which points they are, and not only how far.
 */
export const isPlane = (
  method: NeighborMethod,
  metric: "max" | "euclidean",
  [x, y]: readonly [number, number],
): boolean =>
  x === 1 && y === 1 && (method === "ksg" || method === "mixed-ksg" || (method === "kl" && metric === "max"));

/**
 * Calls `each` with the local values of one replica after the other, nats, the number of rows without a radius, and for
 * Mixed KSG of those with nobody nearer than their k-th neighbour, who then ties with others.
 *
 * @param given the last so many columns of x and of y are Z, and the values are those of I(X;Y|Z) (Frenzel and Pompe 2007,
 *   arXiv:0711.4065, eq. 8; for Mixed KSG Mesner and Shalizi 2020, arXiv:1912.00387)
 * @param search forces one of the two searches, for tests
 */
export async function localValues(
  gpu: Gpu,
  source: TableSource,
  options: NeighborBatchOptions,
  each: (replica: number, values: Float64Array, zeroRadii: number, lone: number) => void,
  given = 0,
  search?: "sorted" | "brute",
): Promise<void> {
  const { method = "ksg", k = 3, metric = "max", form = "digamma" } = options;
  const rows = source.pairs[0]!.length / 2;
  const settings = { method, k, metric, form };
  checkSettings(settings, rows, given);
  const { picks, pairs, replicas } = spread(source);
  const width = source.xWidth + source.yWidth;
  const inOrder = isPlane(method, metric, [source.xWidth, source.yWidth]) && search !== "brute";
  const together = inOrder ? sortedAtOnce(gpu, rows, k) : replicasAtOnce(gpu, rows, width);
  const groups = Array.from({ length: Math.ceil(replicas / together) }, (_, g) =>
    Array.from({ length: Math.min(together, replicas - g * together) }, (_, i) => g * together + i),
  );
  if (inOrder) {
    const placed = placedReplicas(source, picks, pairs);
    for (const range of groups) {
      const some = range.map(placed);
      const valuesOf = await planes(gpu, some, settings);
      for (const [i, r] of range.entries()) {
        const [inX, zeroRadii, lone] = valuesOf(i);
        const values = new Float64Array(rows);
        const { places } = some[i]!;
        for (let place = 0; place < rows; place++) values[places[place]!] = inX[place]!;
        each(r, values, zeroRadii, lone);
      }
    }
    return;
  }
  const psi = digammas(rows);
  const table = { tensor: gpu.tensor("neighbors/table", source.data), columns: source.columns };
  try {
    for (const range of groups) {
      const hood = new Neighborhood(gpu, table, range.map(pairs), { euclidean: metric === "euclidean" });
      try {
        const group = { gpu, hood, picks: range.map(picks), x: source.xWidth, rows, settings, psi };
        const valuesOf = method === "kl" ? await entropies(group) : await counts(group, given);
        for (const [i, r] of range.entries()) each(r, ...valuesOf(i));
      } finally {
        hood.dispose();
      }
    }
  } finally {
    table.tensor.buffer.destroy();
  }
}

/** The MI of columns with columns that are sorted already, as {@link neighborsBatch} has it. */
export async function sortedBatch(
  gpu: Gpu,
  replicas: readonly SortedReplica[],
  method: NeighborMethod,
  k: number,
): Promise<Pick<NeighborBatch, "mi" | "standardError">> {
  const settings = { method, k, metric: "max", form: "digamma" } as const;
  checkSettings(settings, replicas[0]!.x.length, 0);
  const valuesOf = await planes(gpu, replicas, settings);
  const [mi, standardError] = [new Float64Array(replicas.length), new Float64Array(replicas.length)];
  for (const r of replicas.keys()) {
    const [values, zeroRadii] = valuesOf(r);
    [mi[r], standardError[r]] = summaryOf(method, values, zeroRadii);
  }
  return { mi, standardError };
}

type ValuesOf = (index: number) => [values: Float64Array, zeroRadii: number, lone: number];

/** Local values by places of the sorted x. An array of them holds until the next one is asked for. */
async function planes(gpu: Gpu, replicas: readonly SortedReplica[], settings: Settings): Promise<ValuesOf> {
  const { method, k } = settings;
  const rows = replicas[0]!.x.length;
  const values = new Float64Array(rows);
  const mixed = method === "mixed-ksg";
  const found = await searchSorted(gpu, replicas, k, { radii: method === "kl", inside: mixed });
  if (method === "kl") {
    const local = entropyTerm(settings, [1, 1], rows, digammas(k));
    const ofColumn = new Map<Float32Array, Float64Array>();
    const logsOf = (column: Float32Array) => {
      const logs = ofColumn.get(column) ?? Float64Array.from(nearestInOrder(column, k), Math.log);
      ofColumn.set(column, logs);
      return logs;
    };
    return (index) => {
      const { x, y, beside } = replicas[index]!;
      const radii = new Float32Array(found.buffer, 8 * index * rows, 2 * rows);
      const ofX = logsOf(x);
      const logsOfY = logsOf(y);
      const ofY = new Map(Array.from(y, (value, i) => [value, logsOfY[i]!]));
      let zeroRadii = 0;
      for (let i = 0; i < rows; i++) {
        const logY = ofY.get(beside[i]!)!;
        if (ofX[i] === Number.NEGATIVE_INFINITY || logY === Number.NEGATIVE_INFINITY) zeroRadii++;
        values[i] = local(ofX[i]!, logY, Math.log(radii[2 * i]!));
      }
      return [values, zeroRadii, 0];
    };
  }
  const local = familyTerm(settings, rows, digammas(rows));
  return (index) => {
    const stride = mixed ? 3 : 2;
    const start = index * rows * stride;
    let [zeroRadii, lone] = [0, 0];
    for (let i = 0, at = start; i < rows; i++, at += stride) {
      const inside = mixed ? found[at + 2]! : k - 1;
      if (found[at] === rows) zeroRadii++;
      else values[i] = local(found[at]!, found[at + 1]!, inside);
      if (inside === 0 && k > 1) lone++;
    }
    if (zeroRadii > 0 && mixed) {
      const copies = copiesOf(replicas[index]!);
      for (let i = 0, at = start; i < rows; i++, at += stride) {
        if (found[at] === rows) values[i] = local(copies.x[i]!, copies.y[i]!, copies.both[i]!);
      }
    }
    return [values, zeroRadii, lone];
  };
}

/**
 * The local value of a point, from the others within its radius in x, in y and in both, which only Mixed KSG asks for.
 *
 * There its k̃ is what lies in the same ball as the other two counts. Gao et al. take k wherever the radius is not 0, which is
 * so in continuous data; but where others tie for the k-th place, as on a grid, fewer than k are strictly inside, and
 * two independent columns seemed to share up to a nat.
 */
function familyTerm(
  { method, k, form }: Settings,
  rows: number,
  psi: Float64Array,
): (nx: number, ny: number, inside: number) => number {
  const term = form === "log" ? psi.map((_, m) => Math.log(m)) : psi;
  const [psiK, psiN, logN] = [psi[k]!, psi[rows]!, Math.log(rows)];
  switch (method) {
    case "ksg2":
      return (nx, ny) => psiK - 1 / k + psiN - psi[nx]! - psi[ny]!;
    case "mixed-ksg":
      return (nx, ny, inside) => psi[inside + 1]! + logN - term[nx + 1]! - term[ny + 1]!;
    default:
      return (nx, ny) => psiK + psiN - psi[nx + 1]! - psi[ny + 1]!;
  }
}

/** The local value of a point by KL, from the logarithms of its k-th distances in x, in y and in both. */
function entropyTerm(
  { k, metric, form }: Settings,
  [x, y]: readonly [number, number],
  rows: number,
  psi: Float64Array,
): (ofX: number, ofY: number, ofBoth: number) => number {
  const volume = metric === "euclidean" ? logBallVolume(x) + logBallVolume(y) - logBallVolume(x + y) : 0;
  const constant = volume - psi[k]! + (form === "log" ? Math.log(rows) : digamma(rows));
  return (ofX, ofY, ofBoth) => constant + x * ofX + y * ofY - (x + y) * ofBoth;
}

interface Group {
  gpu: Gpu;
  hood: Neighborhood;
  picks: (readonly number[])[];
  /** Columns of x. */
  x: number;
  rows: number;
  settings: Settings;
  psi: Float64Array;
}

/** The KSG family: a radius in the joint space, counts within it in each space. */
async function counts({ gpu, hood, picks, x, rows, settings, psi }: Group, given: number): Promise<ValuesOf> {
  const { method, k } = settings;
  const points = await hood.gather(picks, x);
  const radii = await hood.search(points, k, method === "ksg2");
  const ball = method === "ksg2" ? "closed" : method === "ksg" ? "open" : "open-or-point";
  const { count_x, count_y } = await hood.count(points, radii, ball);
  const z = picks.map((columns) => columns.slice(x - given, x));
  const ofZ = given > 0 ? await hood.count(await hood.gather(z, given), radii, ball) : undefined;

  const [nx, ny, nz, inside] = [
    new Uint32Array(await gpu.read(count_x)),
    new Uint32Array(await gpu.read(count_y)),
    ofZ && new Uint32Array(await gpu.read(ofZ.count_x)),
    new Uint32Array(await gpu.read(radii.inside)),
  ];
  const term = familyTerm(settings, rows, psi);
  const local: (i: number) => number = nz
    ? (i) => psi[method === "mixed-ksg" ? inside[i]! + 1 : k]! - psi[nx[i]! + 1]! - psi[ny[i]! + 1]! + psi[nz[i]! + 1]!
    : (i) => term(nx[i]!, ny[i]!, inside[i]!);
  return (index) => {
    const start = index * rows;
    let [zeroRadii, lone] = [0, 0];
    for (let i = start; i < start + rows; i++) {
      if (inside[i]! >= k) zeroRadii++;
      else if (inside[i] === 0 && k > 1) lone++;
    }
    const values = Float64Array.from({ length: rows }, (_, i) => local(start + i));
    return [values, zeroRadii, method === "mixed-ksg" ? lone : 0];
  };
}

/** KL: k-th distances in x, in y and in (x, y). */
async function entropies({ gpu, hood, picks, x, rows, settings, psi }: Group): Promise<ValuesOf> {
  const { k, metric } = settings;
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
  const local = entropyTerm(settings, [x, picks[0]!.length - x], rows, psi);
  return (index) => {
    const start = index * rows;
    let zeroRadii = 0;
    const values = Float64Array.from({ length: rows }, (_, row) => {
      const i = start + row;
      if (ofX[i] === Number.NEGATIVE_INFINITY || ofY[i] === Number.NEGATIVE_INFINITY) zeroRadii++;
      return local(ofX[i]!, ofY[i]!, ofBoth[i]!);
    });
    return [values, zeroRadii, 0];
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
export function checkSettings({ method, k, metric, form }: Settings, rows: number, given: number): void {
  const oneOf = (name: string, value: string, allowed: readonly string[]) => {
    if (!allowed.includes(value))
      throw new InputError(`"${name}" must be one of ${allowed.join(", ")}, got ${inWords(value)}`);
  };
  oneOf("method", method, neighborMethods);
  oneOf("form", form, ["digamma", "log"]);
  checkNeighbors({ k, metric });
  if (k > MAX_NEIGHBORS) throw new LimitError(`"k" is ${k}, but a search keeps at most ${MAX_NEIGHBORS} neighbours`);
  if (k >= rows) throw new InputError(`"k" is ${k}, but a row has only ${rows - 1} others. Lower k, or give more rows`);
  if (form === "log" && (method === "ksg" || method === "ksg2")) {
    throw new InputError(`"form" is a choice of mixed-ksg and kl; ${method} has only the digamma form`);
  }
  if (given > 0 && ((method !== "ksg" && method !== "mixed-ksg") || metric !== "max" || form !== "digamma")) {
    throw new InputError(
      `MI with a condition is there for methods "ksg" and "mixed-ksg", metric "max" and form "digamma", got "${method}", "${metric}" and "${form}"`,
    );
  }
}
