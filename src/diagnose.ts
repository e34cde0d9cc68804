/** What could make an estimate wrong, in words. */
import { effectiveSize, logMeanExp, mean } from "./bound.ts";
import type { CrossFit } from "./crossfit.ts";
import { estimators } from "./shaders.gen.ts";

/** One check of an estimate, in plain words with its numbers. */
export interface Diagnostic {
  name: "log-partition" | "effective-sample" | "outputs" | "marginals" | "overfitting" | "folds" | "rows" | "ties";
  ok: boolean;
  message: string;
}

const shown = (value: number) => value.toFixed(Math.abs(value) < 10 ? 3 : 1);

/**
 * What could make this estimate wrong, checked.
 *
 * @param mi the estimate, nats; `standardError` of it over rows
 */
export function diagnose(fit: CrossFit, mi: number, standardError: number): Diagnostic[] {
  const facts = estimators[fit.trainer.options.estimator.name];
  const { folds } = fit;
  const joint = Float64Array.from(folds.flatMap((f) => [...f.ensemble.joint]));
  const marginal = Float64Array.from(folds.flatMap((f) => [...f.ensemble.marginal]));
  const rows = joint.length;

  const partition = logMeanExp(marginal);
  const size = effectiveSize(marginal);
  let largest = 0;
  for (const t of joint) largest = Math.max(largest, Math.abs(t));
  const perRow = facts.pairs === "rows";
  const compared = perRow ? 1 + folds[0]!.perRow : Math.round(marginal.length / folds.length);
  const ceiling = Math.log(compared);
  const seen = mean(folds.map((f) => f.seen));
  const gap = seen - mi;
  const perFold = folds.map((f) => f.held);
  const spread = Math.sqrt(mean(perFold.map((v) => (v - mean(perFold)) ** 2)));
  const expected = standardError * Math.sqrt(folds.length);
  const fewest = Math.min(...folds.map((f) => f.split.train.length));

  const checks: Diagnostic[] = [
    {
      name: "log-partition",
      ok: Math.abs(partition) < 0.1,
      message: `log E[e^T] on held-out rows is ${shown(partition)}; a critic that learned the log density ratio has 0`,
    },
    {
      name: "effective-sample",
      ok: size > 100 || size > 0.2 * marginal.length,
      message: `the exponential weights of ${marginal.length} marginal pairs are worth ${Math.round(size)} equal ones`,
    },
    {
      name: "outputs",
      ok: largest < 30,
      message: `the largest held-out output is ${shown(largest)} nats; tens of nats mean that the critic has exploded`,
    },
    {
      name: "marginals",
      ok: mi < ceiling - 1,
      message: `the estimate is ${shown(mi)} nats, and ${compared} ${perRow ? "pairs a row" : "marginal pairs a fold"} can show at most about ${shown(ceiling)}`,
    },
    {
      name: "overfitting",
      ok: gap < Math.max(0.1, 0.5 * mi),
      message: `rows seen in training say ${shown(seen)} nats, held-out rows ${shown(mi)}; more rows would close the gap of ${shown(gap)}`,
    },
    {
      name: "folds",
      ok: spread < 3 * expected + 0.01,
      message: `the folds say ${shown(Math.min(...perFold))} to ${shown(Math.max(...perFold))} nats; sampling alone makes them differ by about ${shown(expected)}`,
    },
    {
      name: "rows",
      ok: fewest >= 200 && mi < Math.log(rows) - 2,
      message: `${fewest} training rows a fold for ${shown(mi)} nats; no method can certify more than about log(rows) = ${shown(Math.log(rows))}`,
    },
  ];
  // One fold has none to agree with, and some checks are of a log density ratio, which not every T is.
  const unfit = new Set<Diagnostic["name"]>(folds.length > 1 ? [] : ["folds"]);
  if (facts.output === "other" || perRow) unfit.add("log-partition").add("effective-sample");
  if (facts.output === "other" && facts.critic === "density") unfit.add("outputs").add("marginals");
  return checks.filter(({ name }) => !unfit.has(name));
}
