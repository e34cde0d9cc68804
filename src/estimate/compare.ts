/** Several estimators on the same rows, side by side. */
import type { ArrayInput } from "../data/check.ts";
import { InputError } from "../errors.ts";
import { defaultsOf, type EstimatorParameters } from "../estimators/estimator.ts";
import { TRAINED } from "./by-neighbors.ts";
import { estimate } from "./estimate.ts";
import { type EstimateOptions, estimateNames } from "./options.ts";
import type { EstimateResult } from "./result.ts";

/** What one estimator said of the data, or why it could not. */
export interface Comparison {
  estimator: string;
  /** Absent where the estimator cannot do what was asked; `reason` says why. */
  result?: EstimateResult;
  reason?: string;
}

export interface CompareOptions extends Omit<EstimateOptions, "estimator"> {
  /** Names, or `"all"` (the default). */
  estimators?: readonly string[] | "all";
  /** Called after each estimator. */
  onResult?: (comparison: Comparison, done: number, total: number) => void;
}

const PARAMETERS = ["lambda", "C", "emaRate", "tau", "alpha", "logBaseline", "baseline"] as const;

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
export async function compare(x: ArrayInput, y: ArrayInput, options: CompareOptions = {}): Promise<Comparison[]> {
  const { estimators = "all", onResult, onProgress, ...shared } = options;
  const names = estimators === "all" ? estimateNames : estimators;
  const unknown = names.find((name) => !estimateNames.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`there is no estimator "${unknown}". Choose from: ${estimateNames.join(", ")}, or "all".`);
  }
  const found: Comparison[] = [];
  for (const [i, estimator] of names.entries()) {
    const report: EstimateOptions["onProgress"] = (p) =>
      onProgress?.({ ...p, done: i * p.total + p.done, total: names.length * p.total });
    try {
      const result = await estimate(x, y, {
        ...fitting(estimator, shared, names.length > 1),
        estimator,
        onProgress: report,
      });
      found.push({ estimator, result });
    } catch (error) {
      if (!(error instanceof InputError) || names.length === 1) throw error;
      found.push({ estimator, reason: error.message });
    }
    onResult?.(found.at(-1)!, i + 1, names.length);
  }
  if (!found.some(({ result }) => result)) throw new InputError(found[0]!.reason!);
  return found;
}

/** The options that this estimator takes; one that only others take is left out where several are compared. */
function fitting(name: string, options: EstimateOptions, several: boolean): EstimateOptions {
  if (!several) return options;
  const own: EstimatorParameters = (defaultsOf as Record<string, EstimatorParameters>)[name] ?? {};
  const left = { ...options };
  for (const key of PARAMETERS) if (!(key in own)) delete left[key];
  const neighbors = !(name in defaultsOf) && name !== "demine";
  if (neighbors || name === "demine") delete left.folds;
  if (neighbors) for (const key of TRAINED) delete left[key];
  return left;
}
