/** What `estimate` can be asked for. */

import { type Budget, budgetKeys } from "../crossfit/budget.ts";
import type { FitProgress } from "../crossfit/options.ts";
import type { Missing } from "../data/columns.ts";
import type { ColumnsInput } from "../data/input.ts";
import type { Belonging } from "../data/units.ts";
import type { Beside, EstimatorChoice } from "../estimators/choice.ts";
import { type EstimatorParameters, parameterNames } from "../estimators/estimator.ts";
import type { RunOptions } from "../gpu/run.ts";
import { checkOptions, keysOf } from "../options.ts";

/** Parameters of an estimator that is named stand here, beside it; one that is a value has its own. */
export interface EstimateOptions extends RunOptions<FitProgress>, Partial<Budget>, Beside, Belonging {
  /** Columns of Z, as many rows as x: estimate I(X;Y|Z). */
  given?: ColumnsInput | undefined;
  /**
   * Columns of X′, as many rows as x: also estimate I(X′;Y) on the same rows with the same folds, and whether X or X′ tells
   * more about Y; the result has `versus`. Columns of x may be among them: `estimate({ a, b }, y, { versus: { a } })` asks
   * what b adds.
   */
  versus?: ColumnsInput | undefined;
  /**
   * How much of the population each row stands for, in proportion (survey weights, importance weights): the MI is that of the
   * weighted rows. Finite and not below 0; a row of weight 0 is not used, one without a weight (NaN) has a missing value. For
   * estimators that are valued by the Donsker-Varadhan bound, such as `"remine"`. Weights are not numbers of copies: the
   * interval takes each row as one observation, and its weight as part of it.
   */
  weights?: ArrayLike<number> | undefined;
  /**
   * By name or as a value, `"remine"` or `remine({ lambda: 0.2 })`; default `"remine"`. `"demine"` trains on half of the rows
   * and certifies with the other half: the lower end of its interval holds with probability `confidence` for any critic and
   * any number of rows. `"ksg"` and its like train nothing. `catalogue` has them all.
   */
  estimator?: EstimatorChoice | undefined;
  /** Train at most five times as much, or a quarter as much. */
  thorough?: boolean;
  fast?: boolean;
  /**
   * Also estimate what must follow from the answer: shuffled rows, both halves, columns bent by bijections, less of one side
   * (check.ts). Takes about six times as long; the result has `checks`.
   */
  check?: boolean;
  /** Coverage that the interval aims at, in (0, 1). Default 0.95. */
  confidence?: number | undefined;
  /**
   * Rows that are copies of others (to five digits), in columns of numbers that do not repeat by chance (data/copies.ts): one of each
   * is used, or all. Default `"drop"`.
   */
  copies?: "drop" | "keep";
  /**
   * A number: only so many rows are used, at random. Default: all rows are held out and scored, and the critics of a fold
   * learn from at most 100 000 of them, about as many as their steps draw. `"all"`: they learn from all.
   */
  rows?: number | "all" | undefined;
  /**
   * Permutations behind a p-value, such as 199; the result has `independence`. With `given` rows change places only with rows of
   * nearly the same Z, with `time`, `group` and `block` whole units do. Default 0: none.
   */
  permutations?: number | undefined;
  /** How columns are mapped before training; MI does not change. Default `"auto"`. */
  transform?: "auto" | "identity" | "standardize" | "normal-scores";
  /** Rows in which a value is NaN: refused, or left out and counted. Default `"throw"`. */
  missing?: Missing;
  /** Names of the columns of arrays, for messages. */
  names?: { x: readonly string[]; y: readonly string[] } & Partial<
    Record<"given" | "versus", readonly string[] | undefined>
  >;
  /** Which columns of arrays are category codes. */
  categories?: { x: readonly boolean[]; y: readonly boolean[] } & Partial<
    Record<"given" | "versus", readonly boolean[] | undefined>
  >;
}

/** The keys of {@link EstimateOptions}. */
export const estimateKeys: readonly string[] = [
  ...keysOf<Omit<EstimateOptions, keyof Budget | keyof EstimatorParameters>>()(
    "gpu adapter quiet given versus weights estimator k metric seed thorough fast check confidence copies rows permutations missing transform names categories onProgress onDeviceLost signal time group block",
  ),
  ...parameterNames,
  ...budgetKeys,
];

const sideKeys = keysOf<NonNullable<EstimateOptions["names"]>>()("x y given versus");

/** @throws {InputError} for a key that {@link EstimateOptions} does not have, here or in what it holds */
export function checkEstimateOptions(call: string, options: object, keys = estimateKeys): void {
  checkOptions(call, options, keys);
  const { names, categories } = options as EstimateOptions;
  if (names) checkOptions(`"names" of ${call}`, names, sideKeys);
  if (categories) checkOptions(`"categories" of ${call}`, categories, sideKeys);
}
