/** What weights cannot stand beside, and what there is to say of them. */
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { chosenEstimator, isTrained } from "../estimators/choice.ts";
import { estimatorNames } from "../estimators/estimator.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { effectiveWeights } from "../math/statistics.ts";
import type { EstimateOptions } from "./options.ts";

/** @throws {InputError} for what has no weighted form */
export function refuseBesideWeights(options: EstimateOptions, check: boolean | undefined): void {
  if (check)
    throw new InputError(
      '"check" shuffles and halves rows as if all of them counted alike. Leave it out beside "weights"',
    );
  if (options.permutations) {
    throw new InputError(
      'rows with "weights" cannot be permuted: a weight may depend on the x and the y of its row, so that a row with another x has no weight that is known. Leave "permutations" out, and read the interval',
    );
  }
  const asked = chosenEstimator("estimate", options.estimator ?? "remine", options);
  if (isTrained(asked) && estimators[asked.name].value !== "own") return;
  const able = estimatorNames.filter((name) => estimators[name].value !== "own");
  throw new InputError(
    `"${asked.name}" has no weighted form here. Use estimator "remine" with "weights", or another one that is valued by the Donsker-Varadhan bound: ${able.join(", ")}`,
  );
}

/** So many rows of equal weight, or this share of the rows, must the weights be worth. */
const LEAST = { rows: 100, share: 0.1 };

/** Whether few rows decide. */
export function weightsDiagnostic(weights: Float64Array): Diagnostic {
  const rows = weights.length;
  const effective = effectiveWeights(weights);
  const share = weights.reduce((most, weight) => Math.max(most, weight), 0) / rows;
  return {
    name: "weights",
    value: effective / rows,
    ok: effective >= Math.max(Math.min(LEAST.rows, rows / 2), LEAST.share * rows),
    message: `${rows} rows with these weights are worth about ${Math.round(effective)} of equal weight, and the heaviest one alone is ${(100 * share).toFixed(1)} % of all: a few rows decide, and the interval may be too narrow. Cut the largest weights off, or take more rows where they are large`,
  };
}
