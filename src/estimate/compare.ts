/** Several estimators on the same rows, side by side. */
import type { ColumnsInput } from "../data/input.ts";
import { InputError } from "../errors.ts";
import { estimateNames } from "../estimators/catalogue.ts";
import { type EstimatorChoice, nameOf, refuseBeside } from "../estimators/choice.ts";
import { parameterNames } from "../estimators/estimator.ts";
import { estimators as trained } from "../gpu/shaders.gen.ts";
import { TRAINED } from "./by-neighbors.ts";
import { estimate } from "./estimate.ts";
import { checkEstimateOptions, type EstimateOptions, estimateKeys } from "./options.ts";
import type { EstimateResult } from "./result.ts";

/** What one estimator said of the data, or why it could not. */
export interface Comparison {
  estimator: string;
  /** Absent where the estimator cannot do what was asked; `reason` says why. */
  result?: EstimateResult;
  reason?: string;
}

/**
 * What {@link compare} can be asked for: the options of `estimate`, and which estimators. Times, shapes and units
 * are those of `estimate`.
 */
export interface CompareOptions extends Omit<EstimateOptions, "estimator"> {
  /** By name or as values, or `"all"` (the default). */
  estimators?: readonly EstimatorChoice[] | "all";
  /** Called after each estimator. */
  onResult?: (comparison: Comparison, done: number, total: number) => void;
}

const KEYS = [...estimateKeys.filter((key) => key !== "estimator"), "estimators", "onResult"];

/**
 * The same rows through several estimators, one after the other, with the same seed and so the same folds.
 *
 * A parameter such as `lambda` goes to the estimators that take it. One that cannot do what is asked (KL on categories,
 * DEMINE on few rows) is in the list with its reason; anything else that fails ends the call.
 *
 * @throws {InputError} for a name that is none, or if no estimator can do it
 * @example
 * for (const { estimator, result } of await compare(x, y)) console.log(estimator, result?.mi);
 */
export async function compare(x: ColumnsInput, y: ColumnsInput, options: CompareOptions = {}): Promise<Comparison[]> {
  checkEstimateOptions("compare", options, KEYS);
  const { estimators = "all", onResult, onProgress, ...shared } = options;
  const choices = estimators === "all" ? estimateNames : estimators;
  checkChoices(choices, shared);
  const found: Comparison[] = [];
  for (const [i, choice] of choices.entries()) {
    const report: EstimateOptions["onProgress"] = (p) =>
      onProgress?.({ ...p, done: i * p.total + p.done, total: choices.length * p.total });
    const estimator = nameOf(choice);
    try {
      const own = choices.length > 1 ? fitting(estimator, shared) : shared;
      const result = await estimate(x, y, { ...own, estimator: choice, onProgress: report });
      found.push({ estimator, result });
    } catch (error) {
      if (!(error instanceof InputError) || choices.length === 1) throw error;
      found.push({ estimator, reason: error.message });
    }
    onResult?.(found.at(-1)!, i + 1, choices.length);
  }
  if (!found.some(({ result }) => result)) throw new InputError(found[0]!.reason!);
  return found;
}

/** @throws {InputError} for a name that is none, and for parameters beside an estimator that has its own */
function checkChoices(choices: readonly EstimatorChoice[], shared: EstimateOptions): void {
  const unknown = choices.map(nameOf).find((name) => !estimateNames.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`there is no estimator "${unknown}". Choose from: ${estimateNames.join(", ")}, or "all".`);
  }
  for (const choice of choices) if (typeof choice !== "string") refuseBeside("compare", choice, shared);
}

/** The options that this estimator takes, without those that only others take. */
function fitting(name: string, options: EstimateOptions): EstimateOptions {
  const own: object = name in trained ? trained[name as keyof typeof trained].parameters : {};
  const left = { ...options };
  for (const key of parameterNames) if (!(key in own)) delete left[key];
  const neighbors = !(name in trained) && name !== "demine";
  if (neighbors || name === "demine") delete left.folds;
  if (neighbors) for (const key of TRAINED) delete left[key];
  return left;
}
