/** Macro and micro averages by their definition: from the raw scores of every batch of the window. */
import { type Batch, type EstimatorOracle, logMeanExp, mean, type Parameters } from "./estimators.ts";

export function windowAverages(batches: readonly Batch[], estimator: EstimatorOracle, parameters: Parameters) {
  const pooled: Batch = {
    joint: batches.flatMap((batch) => batch.joint),
    marginal: batches.flatMap((batch) => batch.marginal),
    baseline: batches.flatMap((batch) => batch.baseline),
  };
  return {
    macro: mean(batches.map((batch) => estimator.value(batch, parameters))),
    micro: estimator.value(pooled, parameters),
    joint: mean(pooled.joint),
    logPartition: logMeanExp(pooled.marginal),
  };
}
