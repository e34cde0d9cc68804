/** `matrix`: MI between all pairs of columns, with p-values. */

import type { ColumnsInput } from "../data/input.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { refuseTraining } from "../estimate/by-neighbors.ts";
import { checkEstimateOptions } from "../estimate/options.ts";
import {
  type Beside,
  checkOneValueEach,
  chosenEstimator,
  isByNeighbors,
  isNeighborMethod,
  nameOf,
} from "../estimators/choice.ts";
import type { Gpu } from "../gpu/device.ts";
import { type RunOptions, running } from "../gpu/run.ts";
import { checkOptions, keysOf } from "../options.ts";
import type { MatrixSettings } from "./plan.ts";
import type { MatrixChunk } from "./records.ts";
import { assemble, type MatrixResult } from "./result.ts";
import { runTable, type WorkOptions } from "./run.ts";
import { screenPlan } from "./screen.ts";
import { asOne, type LeftOutPair, planTable, type TablePlan } from "./table-plan.ts";

/** What {@link matrix} can be asked for. */
export interface MatrixOptions extends MatrixSettings, WorkOptions, Omit<RunOptions, "seed" | "onProgress"> {}

/** What {@link matrix} answers: every pair, and what there is to say of the table. Information in nats. */
export interface MatrixReport extends MatrixResult {
  /** Rows used, of the pair that has most; each pair says its own. */
  rows: number;
  /** Rows that no pair has because a value is missing, and the missing values of each column. */
  dropped: number;
  droppedBy: { name: string; count: number }[];
  /** Columns of Z, on which all pairs are conditioned; none without a condition. */
  given: string[];
  /** Columns that carry no information, and why. */
  leftOut: { column: string; reason: string }[];
  /** Pairs of columns that can be used, but not together, and why: they share fewer than 20 rows, or one of them is constant there. */
  leftOutPairs: LeftOutPair[];
  /** What there is to say against the rows as independent samples: checks that failed. Nothing where p-values can be trusted. */
  diagnostics: Diagnostic[];
  seconds: number;
  adapter: string;
}

/**
 * Mutual information between all pairs of columns, with p-values from permutations.
 *
 * Columns are mapped as by `estimate`: standardised, or normal scores by rank; numbers of few values in many rows are
 * categories (data/kinds.ts). Each pair has the rows in which neither column is missing ({@link MatrixSettings.missing}), without
 * those that are copies of others. Constant columns are left out and named. All pairs and all their permutations are replicas of the same dispatches, in chunks that take about a tenth of
 * a second. Without a target a permutation shuffles every column by itself; with a target it shuffles the target.
 * With `given` all pairs of the other columns are conditioned on it: I(X;Y|Z).
 * Rows that depend on each other are permuted as `time`, `group` or `block` says, and `diagnostics` tells where that is not said.
 *
 * @param input columns by name, or a list of `{ name, values, kind }`; arrays too, whose columns are called by their numbers
 * @throws {InputError} for data or options that cannot be used; the message names the cause and the fix
 * @throws {AdapterError} when there is no GPU, not even a software one
 * @example
 * const { pairs, mi } = await matrix({ age, income, height }, { permutations: 200 });
 * pairs[0]; // { x: "age", y: "income", mi: 0.31, p: 0.005, q: 0.007, pFamily: 0.005, … }
 */
export async function matrix(input: ColumnsInput, options: MatrixOptions = {}): Promise<MatrixReport> {
  return (await runMatrix(input, options)).report;
}

/** Where a run can be looked at and gone on with. */
export interface Stages {
  /** Called with all that is decided before a GPU is opened. */
  onPlan?: (plan: TablePlan) => void;
  /** Called when the pairs are chosen and none is estimated yet. Returns chunks of an earlier run. */
  onPairs?: (plan: TablePlan, adapter: string) => Promise<readonly MatrixChunk[]>;
  /** Called when all is found, while the GPU is still there. */
  onReport?: (gpu: Gpu, plan: TablePlan, report: MatrixReport) => Promise<void>;
}

/** The whole job of {@link matrix} and of its command: plans, looks at all pairs, estimates some, and joins the chunks. */
export async function runMatrix(
  input: ColumnsInput,
  options: MatrixOptions,
  stages: Stages = {},
): Promise<{ plan: TablePlan; chunks: MatrixChunk[]; report: MatrixReport }> {
  const began = performance.now();
  const settings = settingsOf(options);
  const { training } = settings;
  const planned = planTable(input, settings);
  stages.onPlan?.(planned);
  let finished: MatrixChunk[] | undefined;
  return running({ ...options, onProgress: undefined }, async ({ gpu }) => {
    const plan = planned.screen ? asOne(await screenPlan(gpu, planned.sets[0]!.plan())) : planned;
    finished ??= [...((await stages.onPairs?.(plan, gpu.name)) ?? options.done ?? [])];
    const onChunk = (chunk: MatrixChunk) => {
      finished!.push(chunk);
      return options.onChunk?.(chunk);
    };
    const chunks = await runTable(gpu, plan, { ...options, done: finished, training, onChunk });
    // Assigned, not spread: spreading would make every square matrix.
    const report = Object.assign(assemble(namesOf(plan), chunks, plan.settings.permutations, plan.screen), {
      ...{ rows: plan.rows, dropped: plan.dropped, droppedBy: plan.droppedBy, leftOut: plan.leftOut },
      given: plan.condition.map(({ name }) => name),
      leftOutPairs: plan.leftOutPairs,
      diagnostics: plan.diagnostics,
      seconds: (performance.now() - began) / 1000,
      adapter: gpu.name,
    });
    await stages.onReport?.(gpu, plan, report);
    return { plan, chunks, report };
  });
}

const KEYS = keysOf<MatrixOptions>()(
  "estimator k permutations seed target given pairs screen shard transform missing copies time group block training gpu adapter quiet signal onProgress onDeviceLost onChunk done",
);

/** Why all pairs of a table have no weights. */
export const UNWEIGHTED =
  'matrix has no weighted form: its neighbours and permutations are of rows that count alike. Call estimate with "weights" (remine estimate --weights COLUMN) for the pairs that matter';

/** The options with the estimator by name, and its parameters where a name has them: in `k` and in `training`. */
function settingsOf(options: MatrixOptions) {
  for (const set of [options, options.training ?? {}]) if ("weights" in set) throw new InputError(UNWEIGHTED);
  checkOptions("matrix", options, KEYS);
  if (options.shard) checkOptions('"shard" of matrix', options.shard, ["index", "count"]);
  if (options.training?.given)
    throw new InputError('"given" of matrix stands beside "training", and names columns of Z');
  const { estimator = "ksg", k, training = {} } = options;
  checkEstimateOptions('"training" of matrix', training);
  const transform = options.transform ?? training.transform ?? "auto";
  if (isNeighborMethod(nameOf(estimator))) refuseTraining(nameOf(estimator), training);
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

export const namesOf = ({ columns }: TablePlan): string[] => columns.map(({ name }) => name);
