/** `matrix`: MI between all pairs of columns, with p-values. */

import { InputError } from "../errors.ts";
import { checkEstimateOptions, type EstimateOptions } from "../estimate/options.ts";
import { type Beside, checkOneValueEach, chosenEstimator, isByNeighbors } from "../estimators/choice.ts";
import { type Gpu, open } from "../gpu/device.ts";
import { benjaminiHochberg } from "../math/false-discovery.ts";
import { checkOptions, keysOf } from "../options.ts";
import { type MatrixInput, type MatrixPlan, type MatrixSettings, type PlannedPair, planMatrix } from "./plan.ts";
import { type MatrixChunk, type PairRecord, reaches, runPermutations, runPlan, screenPlan } from "./run.ts";

export interface MatrixOptions extends MatrixSettings {
  /**
   * Options of `estimate` for a trained estimator, and the parameters of one that is named, such as `steps` or `hidden`. What is left out follows a leaner rule than
   * there: 2 folds of one critic with towers of 32-24, 3 marginal pairs for each joint one, at most 180 steps; `fast` and
   * `thorough` take that of `estimate`.
   */
  training?: EstimateOptions;
  /** An open GPU to use; it stays open. Default: one is opened and closed again. */
  gpu?: Gpu;
  /** Part of the name of the adapter to open. */
  adapter?: string | undefined;
  /** Hides what drivers print on stderr while they are looked for. */
  quiet?: boolean;
  /** Aborts within a fraction of a second; the call rejects with InterruptedError. */
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number; pairsPerSecond: number }) => void;
  /** Called whenever pairs are finished, and awaited: what it was given need not be computed again. */
  onChunk?: (chunk: MatrixChunk) => void | Promise<void>;
  /** Chunks of an earlier call with the same table and settings; their pairs are not computed again. */
  done?: readonly MatrixChunk[];
}

/** One pair of columns. Information in nats. */
export interface MatrixPair {
  x: string;
  y: string;
  /**
   * Mutual information, never negative; Infinity for two equal continuous columns. Of a trained estimator it is what
   * `estimate` calls the bound, over held-out rows: its point value needs more work than many pairs allow.
   */
  mi: number;
  /** The same; noise can take it below 0. */
  raw: number;
  /** As {@link NeighborBatch.standardError}; of a trained estimator as `estimate` has it. NaN where `mi` is infinite. */
  standardError: number;
  /** Pearson's correlation, for comparison; NaN where one of the two is a category. */
  pearson: number;
  /** The estimator that this pair was given. */
  estimator: string;
  /** (1 + permutations that reach `raw`) / (1 + permutations): valid for any number of permutations. */
  p?: number;
  /** Benjamini and Hochberg's adjusted p: among the pairs with q ≤ 0.05 about 5 % are expected to be false. */
  q?: number;
  /**
   * Probability that the largest MI of all pairs reaches `raw` when nothing depends on anything (Westfall and Young 1993,
   * max-T). Pairs with pFamily ≤ 0.05 hold together with probability 0.95.
   */
  pFamily?: number;
}

export interface MatrixResult {
  /** Names of the columns that were used; rows and columns of the matrices below. */
  columns: string[];
  /** All pairs, the strongest first. */
  pairs: MatrixPair[];
  /** Symmetric matrices, row-major; NaN on the diagonal and for pairs that were not asked for. */
  readonly mi: Float64Array;
  readonly standardError: Float64Array;
  /** NaN throughout without permutations. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly pFamily: Float64Array;
  permutations: number;
  /** Pairs of which a first look chose those in `pairs` (see {@link MatrixSettings.screen}); absent without one. */
  screened?: number;
  unit: "nats";
}

export interface MatrixReport extends MatrixResult {
  /** Rows used. */
  rows: number;
  /** Rows that were left out because a value is missing, and the missing values of each column. */
  dropped: number;
  droppedBy: { name: string; count: number }[];
  /** Columns that carry no information, and why. */
  leftOut: { column: string; reason: string }[];
  seconds: number;
  adapter: string;
}

/**
 * Mutual information between all pairs of columns, with p-values from permutations.
 *
 * Columns are mapped as by `estimate`: standardised, or normal scores by rank; categories, and whole numbers of at most 20
 * values, are categories. Rows with a missing value in any column are left out and counted. Constant columns are left out
 * and named. All pairs and all their permutations are replicas of the same dispatches, in chunks that take about a tenth of
 * a second. Without a target a permutation shuffles every column by itself; with a target it shuffles the target.
 *
 * @param input columns by name, or a list of `{ name, values, kind }`
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { pairs, mi } = await matrix({ age, income, height }, { permutations: 200 });
 * pairs[0]; // { x: "age", y: "income", mi: 0.31, p: 0.005, q: 0.007, pFamily: 0.005, … }
 */
export async function matrix(input: MatrixInput, options: MatrixOptions = {}): Promise<MatrixReport> {
  const began = performance.now();
  const settings = settingsOf(options);
  const { training } = settings;
  const planned = planMatrix(input, settings);
  const gpu = options.gpu ?? (await open({ adapter: options.adapter, quiet: options.quiet ?? false }));
  try {
    const plan = await screenPlan(gpu, planned, options.signal);
    const chunks = await runMatrix(gpu, plan, { ...options, training });
    // Assigned, not spread: spreading would make every square matrix.
    return Object.assign(assemble(namesOf(plan), chunks, plan.settings.permutations, plan.screen), {
      ...{ rows: plan.rows, dropped: plan.dropped, droppedBy: plan.droppedBy, leftOut: plan.leftOut },
      seconds: (performance.now() - began) / 1000,
      adapter: gpu.name,
    });
  } finally {
    if (!options.gpu) gpu.dispose();
  }
}

const KEYS = keysOf<MatrixOptions>()(
  "estimator k permutations seed target pairs screen shard transform training gpu adapter quiet signal onProgress onChunk done",
);

/** The options with the estimator by name, and its parameters where a name has them: in `k` and in `training`. */
function settingsOf(options: MatrixOptions) {
  checkOptions("matrix", options, KEYS);
  if (options.shard) checkOptions('"shard" of matrix', options.shard, ["index", "count"]);
  const { estimator = "ksg", k, training = {} } = options;
  checkEstimateOptions('"training" of matrix', training);
  const transform = options.transform ?? training.transform ?? "auto";
  if (typeof estimator === "string") {
    checkOneValueEach(estimator, training);
    return { ...options, estimator, transform, training: { ...training, transform } };
  }
  const chosen = chosenEstimator("matrix", estimator, { ...training, ...(k !== undefined && { k }) });
  if (isByNeighbors(chosen)) {
    if (chosen.metric !== "max") throw new InputError('"metric" of matrix is "max": columns are compared one by one');
    return { ...options, estimator: chosen.name, k: chosen.k, transform, training: { ...training, transform } };
  }
  const { name, ...parameters } = chosen;
  // One value each, as was checked.
  return { ...options, estimator: name, transform, training: { ...training, ...(parameters as Beside), transform } };
}

export const namesOf = ({ columns }: MatrixPlan): string[] => columns.map(({ name }) => name);

/** Computes what `options.done` does not have, and returns both. */
export async function runMatrix(
  gpu: Gpu,
  plan: MatrixPlan,
  options: Pick<MatrixOptions, "done" | "onChunk" | "onProgress" | "signal" | "training">,
): Promise<MatrixChunk[]> {
  const chunks = [...(options.done ?? [])];
  const key = ({ x, y }: { x: number; y: number }) => `${x} ${y}`;
  const known = new Set(chunks.flatMap(({ pairs }) => pairs.map(key)));
  const left: PlannedPair[] = plan.pairs.filter((pair) => !known.has(key(pair)));
  const permuted = new Set(chunks.flatMap(({ largest }) => [...largest.keys()].filter((p) => isKnown(largest[p]!))));
  const [began, total] = [performance.now(), plan.pairs.length];
  // With a first look the permutations are gone through once more, for pFamily: in all as much work as the pairs.
  const { screen, settings } = plan;
  const { permutations } = settings;
  const own = screen ? (1 + permutations) / (1 + 2 * permutations) : 1;
  const again = own / (1 + permutations);
  const before = own * (total - left.length) + (screen ? again * screen.keep * permuted.size : 0);
  let done = 0;
  const report = (part: number) => {
    const pairsPerSecond = (1000 * (done + part)) / (performance.now() - began);
    options.onProgress?.({ done: Math.min(total, before + done + part), total, pairsPerSecond });
  };
  const { signal, training } = options;
  const run = (weight: number) => ({
    ...{ signal, training },
    onWork: (pairs: number) => report(weight * pairs),
    onChunk: async (chunk: MatrixChunk) => {
      chunks.push(chunk);
      done += weight * (chunk.pairs.length || (screen?.keep ?? 0));
      await options.onChunk?.(chunk);
    },
  });
  await runPlan(gpu, plan, left, run(own));
  if (screen) await runPermutations(gpu, plan, permuted, run(again));
  return chunks;
}

/** Whether a permutation's largest MI was found. */
export const isKnown = (largest: number): boolean => largest > Number.NEGATIVE_INFINITY;

/**
 * Joins chunks of one plan, from one run or several, and adds what needs all of them: q and pFamily.
 *
 * @param screen of how many pairs a first look chose these
 */
export function assemble(
  columns: string[],
  chunks: readonly MatrixChunk[],
  permutations: number,
  screen?: MatrixPlan["screen"],
): MatrixResult {
  const records = new Map<string, PairRecord>();
  const largest = new Array<number>(permutations).fill(Number.NEGATIVE_INFINITY);
  for (const chunk of chunks) {
    for (const record of chunk.pairs) records.set(`${record.x} ${record.y}`, record);
    for (const [p, value] of chunk.largest.entries()) largest[p] = Math.max(largest[p]!, value);
  }
  const list = [...records.values()].sort(
    (a, b) => (a.raw === b.raw ? 0 : b.raw > a.raw ? 1 : -1) || a.x - b.x || a.y - b.y,
  );
  const chance = (count: number) => (1 + count) / (1 + permutations);
  const p = list.map(({ exceed }) => chance(exceed));
  const q = benjaminiHochberg(p, screen?.of);
  const pairs = list.map(({ x, y, exceed: _, ...record }, i): MatrixPair => {
    const family = largest.filter((value) => reaches(value, record.raw)).length;
    return {
      ...{ x: columns[x]!, y: columns[y]!, mi: Math.max(0, record.raw), ...record },
      ...(permutations > 0 && { p: p[i]!, q: q[i]!, pFamily: chance(family) }),
    };
  });
  const square = (field: "mi" | "standardError" | "p" | "q" | "pFamily"): Float64Array => {
    const values = new Float64Array(columns.length ** 2).fill(Number.NaN);
    for (const [i, { x, y }] of list.entries()) {
      const value = pairs[i]![field] ?? Number.NaN;
      values[x * columns.length + y] = value;
      values[y * columns.length + x] = value;
    }
    return values;
  };
  return {
    ...{ columns, pairs, permutations, unit: "nats" },
    ...(screen && { screened: screen.of }),
    // Made when asked for: a long list of chosen pairs need not pay for a square of columns.
    get mi() {
      return square("mi");
    },
    get standardError() {
      return square("standardError");
    },
    get p() {
      return square("p");
    },
    get q() {
      return square("q");
    },
    get pFamily() {
      return square("pFamily");
    },
  };
}
