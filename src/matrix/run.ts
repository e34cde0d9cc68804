/** The pairs of a plan and their permutations, as many at once as fit. */

import { sideBySide } from "../data/transform.ts";
import type { EstimateOptions } from "../estimate/options.ts";
import type { NeighborMethod } from "../estimators/neighbors.ts";
import type { Gpu } from "../gpu/device.ts";
import { hashOf, shuffled } from "../math/random.ts";
import { replicasAtOnce } from "../neighbors/brute-force.ts";
import { isPlane, neighborsBatch, sortedBatch } from "../neighbors/local-values.ts";
import { type SortedReplica, sortedAtOnce } from "../neighbors/sorted.ts";
import { isTrained, type MatrixPlan, type PlannedPair, plannedPair, sharded } from "./plan.ts";
import type { Found, Order, Replica } from "./replica.ts";
import { Screen } from "./screen.ts";
import { fitsAtOnce, isAlone, pairBudget, trainAlone, trainTogether } from "./train.ts";

/** What is known of one finished pair. Values in nats. */
export interface PairRecord {
  /** Index of the column, as in the plan. */
  x: number;
  y: number;
  estimator: string;
  /** The estimate itself; noise can take it below 0. Infinity for two equal continuous columns. */
  raw: number;
  standardError: number;
  /** Pearson's correlation of the values; NaN where one of them is a category. */
  pearson: number;
  /** Permutations whose MI is at least that of the data. */
  exceed: number;
}

/**
 * Finished pairs, and for each permutation the largest MI among them: all that p-values over any set of pairs need. After a
 * first look the largest MI come by themselves, in chunks without pairs.
 */
export interface MatrixChunk {
  pairs: PairRecord[];
  largest: number[];
}

export interface RunOptions {
  /** Options of `estimate` for a trained estimator, such as `steps` or `hidden`. */
  training?: EstimateOptions | undefined;
  signal?: AbortSignal | undefined;
  /** Called when pairs are finished; the next ones wait for it. */
  onChunk: (chunk: MatrixChunk) => void | Promise<void>;
  /** Called with the share of a pair's permutations that is done, between chunks. */
  onWork?: ((pairs: number) => void) | undefined;
}

/** Rows of all replicas that go together: the host shuffles them in about a tenth of a second. */
const MOST_ROWS = 2 ** 22;

/**
 * Estimates the planned pairs. Pairs and their permutations are replicas of one dispatch, and as many go together as take
 * about a tenth of a second, whatever the size of the table; a value does not depend on which go together.
 */
export async function runPlan(
  gpu: Gpu,
  plan: MatrixPlan,
  pairs: readonly PlannedPair[],
  options: RunOptions,
): Promise<void> {
  const all = Array.from({ length: 1 + plan.settings.permutations }, (_, p) => p);
  const scoresOf = kept(2 * plan.rows, (c: number) => scores(plan.columns[c]!.values));
  await estimatePairs(gpu, plan, pairs, all, permutationsOf(plan), {
    ...options,
    onValues: (some, values, errors) => options.onChunk(finished(plan, some, values, errors, scoresOf)),
  });
}

/** Chooses the pairs of a plan with a first look. */
export async function screenPlan(gpu: Gpu, plan: MatrixPlan, signal?: AbortSignal | undefined): Promise<MatrixPlan> {
  if (!plan.screen) return plan;
  const { columns, settings, shard } = plan;
  const order = permutationsOf(plan);
  const found = await new Screen(gpu, plan).strongest(plan.screen.keep, (column) => order(column, 0), signal);
  const pairs = found
    .sort((a, b) => a.x - b.x || a.y - b.y)
    .map(({ x, y }) => plannedPair(columns, x, y, settings.estimator, settings.k));
  return { ...plan, chosen: pairs.map(({ x, y }) => [x, y] as const), pairs: sharded(pairs, shard) };
}

/**
 * What max-T needs of a plan with a first look: in each permutation of the table the largest MI among the pairs that the
 * first look chooses there. One chunk for each permutation of the plan's shard, without pairs.
 *
 * @param known permutations that need no more work
 */
export async function runPermutations(
  gpu: Gpu,
  plan: MatrixPlan,
  known: ReadonlySet<number>,
  options: RunOptions,
): Promise<void> {
  const { columns, settings, screen, shard } = plan;
  const order = permutationsOf(plan);
  const look = new Screen(gpu, plan);
  const every = Array.from({ length: settings.permutations }, (_, p) => p);
  for (const p of sharded(every, shard).filter((p) => !known.has(p))) {
    const found = await look.strongest(screen!.keep, (column) => order(column, p + 1), options.signal);
    const pairs = found.map(({ x, y }) => plannedPair(columns, x, y, settings.estimator, settings.k));
    const largest = new Array<number>(settings.permutations).fill(Number.NEGATIVE_INFINITY);
    await estimatePairs(gpu, plan, pairs, [p + 1], order, {
      ...options,
      onValues: (_, values) => {
        for (const [value] of values) largest[p] = Math.max(largest[p]!, value!);
      },
    });
    await options.onChunk({ pairs: [], largest });
  }
}

/** The values of pairs in some permutations, by as many pairs as go together. */
async function estimatePairs(
  gpu: Gpu,
  plan: MatrixPlan,
  pairs: readonly PlannedPair[],
  permutations: readonly number[],
  order: Order,
  options: Omit<RunOptions, "onChunk"> & {
    onValues: (pairs: PlannedPair[], values: number[][], errors: Float64Array) => void | Promise<void>;
  },
): Promise<void> {
  const inOrder = sortedReplicas(plan, order);
  const { training = {}, signal, onWork } = options;
  for (const group of groupsOf(plan, pairs)) {
    const [first] = group as [PlannedPair];
    const alone = isTrained(first.estimator) && isAlone(first.estimator, training);
    const together = togetherOf(gpu, plan, first, training, alone);
    const step = Math.max(1, Math.floor(together / permutations.length));
    for (let start = 0; start < group.length; start += step) {
      const some = group.slice(start, start + step);
      const values = some.map(() => [] as number[]);
      const errors = new Float64Array(some.length);
      // More permutations than go together: one pair in several dispatches.
      for (let p = 0; p < permutations.length; p += together) {
        const range = permutations.slice(p, p + together);
        const replicas = some.flatMap((pair, i) => range.map((permutation) => ({ pair, i, permutation })));
        const work = (share: number) => onWork?.((some.length * (p + share * range.length)) / permutations.length);
        const found = !isTrained(first.estimator)
          ? isSorted(plan, first)
            ? await sortedBatch(gpu, replicas.map(inOrder), first.estimator as NeighborMethod, plan.settings.k, signal)
            : await search(gpu, plan, replicas, order, signal)
          : alone
            ? await trainAlone(gpu, plan, replicas, order, { training, signal })
            : await trainTogether(gpu, plan, replicas, order, { training, signal, onProgress: work });
        for (const [r, { i, permutation }] of replicas.entries()) {
          values[i]!.push(found.mi[r]!);
          if (permutation === 0) errors[i] = found.standardError[r]!;
        }
        work(1);
      }
      await options.onValues(some, values, errors);
    }
  }
}

function togetherOf(gpu: Gpu, plan: MatrixPlan, pair: PlannedPair, training: EstimateOptions, alone: boolean): number {
  if (alone) return 1;
  if (isTrained(pair.estimator)) return fitsAtOnce(gpu, plan, pair, pairBudget(plan, pair, training));
  const width = widthOf(plan, pair.x) + widthOf(plan, pair.y);
  const fit = isSorted(plan, pair)
    ? sortedAtOnce(gpu, plan.rows, plan.settings.k)
    : replicasAtOnce(gpu, plan.rows, width);
  return Math.min(fit, Math.ceil(MOST_ROWS / plan.rows));
}

const isSorted = (plan: MatrixPlan, { x, y, estimator }: PlannedPair): boolean =>
  isPlane(estimator as NeighborMethod, "max", [widthOf(plan, x), widthOf(plan, y)]);

/** Makes replicas for {@link sortedBatch}; what a column brings is made once for all of its pairs. */
function sortedReplicas({ columns, rows, settings }: MatrixPlan, order: Order): (replica: Replica) => SortedReplica {
  const columnOf = kept(rows, (c: number) => {
    const values = columns[c]!.coordinates[0]!;
    const places = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
    return { sorted: Float32Array.from(places, (row) => values[row]!), places };
  });
  // By row of the permuted table: its values, and at which row each place of the sorted column is.
  const permuted = kept(2 * rows, (key: number) => {
    const [c, permutation] = [Math.floor(key / (settings.permutations + 1)), key % (settings.permutations + 1)];
    const at = order(c, permutation);
    const { places } = columnOf(c);
    const coordinates = columns[c]!.coordinates[0]!;
    const back = new Uint32Array(rows);
    const made = { values: new Float32Array(rows), rows: new Uint32Array(rows) };
    for (let i = 0; i < rows; i++) {
      back[at[i]!] = i;
      made.values[i] = coordinates[at[i]!]!;
    }
    for (let i = 0; i < rows; i++) made.rows[i] = back[places[i]!]!;
    return made;
  });
  return ({ pair, permutation }) => {
    const key = (c: number) => c * (settings.permutations + 1) + permutation;
    const { rows: xs } = permuted(key(pair.x));
    const { values } = permuted(key(pair.y));
    const beside = new Float32Array(rows);
    for (let i = 0; i < rows; i++) beside[i] = values[xs[i]!]!;
    return { x: columnOf(pair.x).sorted, y: columnOf(pair.y).sorted, beside };
  };
}

/** Replicas by nearest neighbours, on a table of only the columns that they need. */
async function search(
  gpu: Gpu,
  { columns, rows, settings }: MatrixPlan,
  replicas: readonly Replica[],
  order: Order,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const used = [...new Set(replicas.flatMap(({ pair }) => [pair.x, pair.y]))];
  const starts = new Map<number, number>();
  let width = 0;
  for (const c of used) {
    starts.set(c, width);
    width += columns[c]!.coordinates.length;
  }
  const table = sideBySide(
    used.flatMap((c) => columns[c]!.coordinates),
    rows,
  );
  const spot = (c: number) => columns[c]!.coordinates.map((_, i) => starts.get(c)! + i);
  const { x, y, estimator } = replicas[0]!.pair;
  return neighborsBatch(
    gpu,
    {
      kind: "table",
      ...{ xWidth: columns[x]!.coordinates.length, yWidth: columns[y]!.coordinates.length },
      ...table,
      rows,
      picks: replicas.map(({ pair }) => [...spot(pair.x), ...spot(pair.y)]),
      pairs: replicas.map(({ pair, permutation }) => {
        const [left, right] = [order(pair.x, permutation), order(pair.y, permutation)];
        const list = new Uint32Array(2 * rows);
        for (let i = 0; i < rows; i++) {
          list[2 * i] = left[i]!;
          list[2 * i + 1] = right[i]!;
        }
        return list;
      }),
    },
    { method: estimator as NeighborMethod, k: settings.k, signal },
  );
}

/** Float64 sums of equal terms in another order differ in the last bits; they count as equal. */
const EQUAL = 1e-9;

/** Whether a permutation's MI is at least that of the data. */
export const reaches = (permuted: number, observed: number): boolean =>
  observed < Number.POSITIVE_INFINITY && permuted >= observed - EQUAL * (1 + Math.abs(observed));

function finished(
  { columns, settings, screen }: MatrixPlan,
  pairs: readonly PlannedPair[],
  values: readonly (readonly number[])[],
  errors: Float64Array,
  scoresOf: (column: number) => Float64Array,
): MatrixChunk {
  const largest = new Array<number>(settings.permutations).fill(Number.NEGATIVE_INFINITY);
  const records = pairs.map(({ x, y, estimator, infinite }, i) => {
    const [observed, ...permuted] = values[i]! as [number, ...number[]];
    const raw = infinite ? Number.POSITIVE_INFINITY : observed;
    // After a first look other pairs stand for each permutation: see runPermutations.
    if (!screen) for (const [p, value] of permuted.entries()) largest[p] = Math.max(largest[p]!, value);
    return {
      ...{ x, y, estimator, raw },
      standardError: infinite ? Number.NaN : errors[i]!,
      pearson: columns[x]!.category || columns[y]!.category ? Number.NaN : pearson(scoresOf(x), scoresOf(y)),
      exceed: permuted.filter((value) => reaches(value, raw)).length,
    };
  });
  return { pairs: records, largest };
}

const widthOf = ({ columns }: MatrixPlan, c: number) => columns[c]!.coordinates.length;

/** Pairs that one dispatch can hold: of one estimator, equally wide in x and in y, and trained alike. */
function groupsOf(plan: MatrixPlan, pairs: readonly PlannedPair[]): PlannedPair[][] {
  const groups = new Map<string, PlannedPair[]>();
  for (const pair of pairs) {
    const discrete = [pair.x, pair.y].map((c) => plan.columns[c]!.discrete);
    const key = `${pair.estimator} ${widthOf(plan, pair.x)} ${widthOf(plan, pair.y)} ${discrete}`;
    const group = groups.get(key);
    if (group) group.push(pair);
    else groups.set(key, [pair]);
  }
  return [...groups.values()];
}

/** Words that are kept of what is made once. */
const KEPT = 2 ** 25;

/** Remembers what `make` made, `words` long each, until there is too much of it. */
function kept<T>(words: number, make: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      if ((known.size + 1) * words > KEPT) known.clear();
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

/**
 * The order of a column's rows in a permutation; number 0 is the data. Every column has its own orders, so that a permuted
 * table is a draw of one whose columns are all independent. With a target only its rows are permuted, so that the others
 * stay as dependent among themselves as they are.
 */
function permutationsOf({ columns, rows, target, settings }: MatrixPlan): Order {
  const identity = Uint32Array.from({ length: rows }, (_, i) => i);
  const shuffles = kept(rows, (key: number) => {
    const [column, permutation] = [Math.floor(key / (settings.permutations + 1)), key % (settings.permutations + 1)];
    return shuffled(rows, hashOf([settings.seed, columns[column]!.id, permutation]));
  });
  return (column, permutation) =>
    permutation === 0 || (target !== undefined && column !== target)
      ? identity
      : shuffles(column * (settings.permutations + 1) + permutation);
}

function pearson(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return Math.min(1, Math.max(-1, sum / a.length));
}

/** Standardised, in a way that overflows for no finite values. */
function scores(values: Float64Array): Float64Array {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scaled = values.map((value) => value / largest);
  const center = scaled.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(scaled.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
  return scaled.map((value) => (value - center) / spread);
}
