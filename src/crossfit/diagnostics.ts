/** What could make an estimate wrong, in words. */

import type { Diagnostic } from "../diagnostic.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { effectiveSize, logMeanExp, mean } from "../math/statistics.ts";
import { countsOf, type FoldResult, isNetwork, joined, weightOf } from "./folds.ts";
import { type Evidence, failureOf } from "./interval.ts";
import type { CrossFit } from "./options.ts";
import { leastOf, type Opinion } from "./second-opinions.ts";

/** What is judged beside the fit itself. Everything is in nats. */
export interface Findings {
  /** The bound as it is, also below 0. */
  raw: number;
  /** The point value. */
  mi: number;
  standardError: number;
  /** Standard errors on either side of the estimate. */
  z: number;
  evidence: Evidence;
  opinions: readonly Opinion[];
  /** The largest MI of one direction of x with one of y by the Gaussian copula. */
  strongest: number;
  /** How much more neighbours see than the members, in few columns. */
  excess: number;
  /** Inputs of both sides' columns. */
  inputs: number;
  /** Steps that training may take at most. */
  steps: number;
}

/** Where a check fails; bench/NOTES.md says on which tasks these were chosen. */
const LIMIT = {
  /** Training rows of a fold, at least, and more where columns are many. */
  rows: 70,
  rowsPerInput: 5,
  /** How much the last looks lie above those before beyond noise, nats: as the rate falls, they rise by some of it anyway. */
  rise: 0.1,
  /** How much validation rows say above held-out ones beyond noise, nats. */
  luck: 0.05,
  partition: 0.1,
  /** Equal weights that those of the marginal pairs must be worth, or that share of all of them. */
  size: 100,
  sizeShare: 0.2,
  /** No output of a density ratio of any rows is as large, nats. */
  output: 30,
  /** Share of E[e^T] in marginal pairs that say more than the training rows can. */
  beyond: 0.2,
  /** How far below the logarithm of the pairs or rows an estimate must stay, and one direction's share of it, nats. */
  pairs: 1,
  ceiling: 0.5,
  determined: 2,
  /** On a line without noise KSG loses ψ(12) − ψ(3) = 1.52 from 3 to 12 neighbours, or little less. */
  loss: 1.1,
  /**
   * What rows seen in training say more than held-out ones, beyond a standard error, as a share of what those say, taken
   * from .2 to 1.5 nats.
   */
  gap: 1,
  disagreement: 0.1,
  /** Spread of the folds beyond this, nats, in units of what sampling makes it. */
  spread: 0.02,
  folds: 3,
  /** How much neighbours say above the bound, in the plane and in more columns, and others above the value, nats. */
  neighbors: [0.3, 0.12],
  radius: 0.05,
  pair: 0.05,
  triple: 0.05,
  /** What KSG loses from 3 to 12 neighbours where no closed form has it, nats: two thirds of it, .1, at 5 of them. */
  unseen: 0.15,
} as const;

const shown = (value: number) => value.toFixed(Math.abs(value) < 10 ? 3 : 1);

/** What could make this estimate wrong, checked. */
export function diagnose(fit: CrossFit, findings: Findings): Diagnostic[] {
  const facts = estimators[fit.trainer.options.estimator.name];
  const { folds } = fit;
  const checks = [
    enoughRows(folds, findings),
    learning(fit, findings),
    snapshot(fit, findings),
    ...outputs(folds, findings, facts.pairs === "rows"),
    ceiling(findings),
    determined(findings),
    ...learned(folds, findings),
    ...secondOpinions(findings),
  ];
  // One fold has none to agree with, and some checks are of a log density ratio, which not every T is.
  const unfit = new Set<Diagnostic["name"]>(fit.valuation.unfit);
  if (folds.length === 1) unfit.add("folds");
  if (facts.output === "other" || facts.pairs === "rows") unfit.add("log-partition").add("effective-sample");
  if (facts.output === "other" && facts.critic === "density") unfit.add("outputs").add("marginals");
  return checks.filter((check): check is Diagnostic => check !== undefined && !unfit.has(check.name));
}

function enoughRows(folds: readonly FoldResult[], { inputs, mi }: Findings): Diagnostic {
  const fewest = Math.min(...folds.map((f) => f.split.train.length));
  const needed = Math.max(LIMIT.rows, LIMIT.rowsPerInput * inputs);
  return {
    name: "rows",
    value: fewest / needed,
    ok: fewest >= needed,
    message: `${fewest} training rows a fold for ${inputs} inputs and ${shown(mi)} nats; from ${needed} on critics can learn: collect more rows, or leave columns out`,
  };
}

/** The networks' curve on validation rows still rises where training ended; as far as they have weight. */
function learning({ folds, looks, steps }: CrossFit, findings: Findings): Diagnostic | undefined {
  const curve = looks.bound.slice(1);
  if (curve.length < 6) return undefined;
  const size = Math.max(3, Math.floor(curve.length / 5));
  const last = curve.slice(-size);
  const before = curve.slice(-2 * size, -size);
  const noise = noiseOf(curve.slice(-2 * size)) * Math.sqrt(2 / size);
  const rise = mean(last) - mean(before);
  const value = (rise - 2 * noise) * weightOf(folds, isNetwork);
  const whole = steps >= findings.steps;
  return {
    name: "learning",
    value,
    ok: value < LIMIT.rise,
    message: `over the last ${size} looks at validation rows the bound rose by ${shown(rise)} nats, noise by ${shown(noise)}; training ended ${whole ? "at its last step: give it more (--steps, --thorough)" : `after ${steps} of ${findings.steps} steps`}`,
  };
}

/** Standard deviation of a curve's noise, from the differences of neighbours. */
function noiseOf(curve: readonly number[]): number {
  const steps = curve.slice(1).map((v, i) => v - curve[i]!);
  return Math.sqrt(mean(steps.map((d) => d * d)) / 2);
}

/** Validation rows chose the step and the weights; what they say beyond held-out rows is luck. */
function snapshot({ folds }: CrossFit, { standardError }: Findings): Diagnostic {
  const chosen = mean(folds.map((f) => f.chosen));
  const held = mean(folds.map((f) => f.held));
  const [ofTest, ofValidation] = [
    folds.reduce((sum, f) => sum + f.ensemble.joint.length, 0),
    folds.reduce((sum, f) => sum + f.split.validation.length, 0),
  ];
  const error = standardError * Math.sqrt(1 + ofTest / ofValidation);
  const value = chosen - held - 2 * error;
  return {
    name: "snapshot",
    value,
    ok: value < LIMIT.luck,
    message: `the rows that chose step and weights say ${shown(chosen)} nats, held-out rows ${shown(held)}; sampling makes them differ by about ${shown(error)}: what is more was chosen by luck, and more rows help`,
  };
}

/** What held-out scores look like, of joint and of marginal pairs. */
function outputs(folds: readonly FoldResult[], { raw, mi }: Findings, perRow: boolean): Diagnostic[] {
  const joint = joined(folds, (f) => f.ensemble.joint);
  const marginal = joined(folds, (f) => f.ensemble.marginal);
  const counts = countsOf(folds)?.marginal;
  const partition = logMeanExp(marginal, 1, counts);
  const size = effectiveSize(marginal, counts);
  // Far below 0 is where a marginal pair belongs when MI is high, a joint one never.
  let largest = 0;
  for (const t of joint) largest = Math.max(largest, Math.abs(t));
  for (const t of marginal) largest = Math.max(largest, t);
  const compared = perRow ? 1 + folds[0]!.pairing.perRow : Math.round(marginal.length / folds.length);
  const room = Math.log(compared) - Math.max(raw, mi);
  const beyond = mean(folds.map(beyondRows));
  return [
    {
      name: "log-partition",
      value: partition,
      ok: Math.abs(partition) < LIMIT.partition + 3 / Math.sqrt(size),
      message: `log E[e^T] on held-out rows is ${shown(partition)}; critics that learned the log density ratio have 0, so these have not: give more rows or steps`,
    },
    {
      name: "effective-sample",
      value: size,
      ok: size > LIMIT.size || size > LIMIT.sizeShare * marginal.length,
      message: `the exponential weights of ${marginal.length} marginal pairs are worth ${Math.round(size)} equal ones; a few pairs decide the value, and its standard error is too small`,
    },
    {
      name: "outputs",
      value: largest,
      ok: largest < LIMIT.output,
      message: `the largest held-out output is ${shown(largest)} nats; tens of nats mean that a critic has exploded: raise weight decay, or take more rows`,
    },
    {
      name: "explosion",
      value: beyond,
      ok: beyond < LIMIT.beyond,
      message: `${shown(100 * beyond)} % of E[e^T] come from marginal pairs with a T above the logarithm of the training rows, which so few rows cannot show: critics learned single rows by heart, or the dependence is stronger than the rows can tell; take more rows`,
    },
    {
      name: "marginals",
      value: room,
      ok: room > LIMIT.pairs,
      message: `the estimate is ${shown(Math.max(raw, mi))} nats, and ${compared} ${perRow ? "pairs a row" : "marginal pairs a fold"} can show at most about ${shown(Math.log(compared))}`,
    },
  ];
}

/** Share of e^T of the marginal pairs whose T is above the logarithm of the training rows. */
function beyondRows({ ensemble: { marginal }, counts, split }: FoldResult): number {
  const most = Math.log(split.train.length);
  const partition = logMeanExp(marginal, 1, counts?.marginal);
  const total = counts ? counts.marginal.reduce((sum, count) => sum + count, 0) : marginal.length;
  let sum = 0;
  for (let j = 0; j < marginal.length; j++) {
    if (marginal[j]! > most) sum += (counts ? counts.marginal[j]! : 1) * Math.exp(marginal[j]! - partition);
  }
  return sum / total;
}

function ceiling({ raw, mi, evidence: { rows } }: Findings): Diagnostic {
  const value = Math.log(rows) - LIMIT.ceiling - Math.max(raw, mi);
  return {
    name: "ceiling",
    value,
    ok: value > 0,
    message: `the estimate is ${shown(Math.max(raw, mi))} nats, and ${rows} rows can certify no more than about log(rows) = ${shown(Math.log(rows))}: read it as "very strong", or take more rows`,
  };
}

/** What n rows show of one direction is at most about log n; beyond that one side gives the other away. */
function determined({ opinions, strongest, evidence: { rows, loss } }: Findings): Diagnostic | undefined {
  const neighbours = opinions.filter(({ method }) => method === "ksg").map(({ mi }) => mi);
  if (opinions.length === 0) return undefined;
  const most = Math.max(strongest, ...neighbours);
  const value = Math.min(Math.log(rows) - LIMIT.determined - most, LIMIT.loss - loss);
  const facts =
    loss < LIMIT.loss
      ? `one column or direction of x and one of y share ${shown(most)} nats, near the logarithm of ${rows} rows, ${shown(Math.log(rows))}`
      : `from 3 to 12 nearest neighbours KSG loses ${shown(loss)} nats, as on a line without noise: ${rows} rows show none`;
  return {
    name: "determined",
    value,
    ok: value > 0,
    message: `${facts}; if one determines the other, MI has no finite value for continuous columns: drop the copy from one side`,
  };
}

/** What the members learned, and whether it holds elsewhere. */
export function learned(
  folds: readonly Pick<FoldResult, "held" | "members" | "weights">[],
  { raw, standardError, z, evidence }: Pick<Findings, "raw" | "standardError" | "z" | "evidence">,
): Diagnostic[] {
  const gap = evidence.seen - raw;
  const share = (gap - standardError) / Math.min(1.5, Math.max(0.2, raw));
  const perFold = folds.map((f) => f.held);
  const spread = Math.sqrt(mean(perFold.map((v) => (v - mean(perFold)) ** 2)));
  const expected = standardError * Math.sqrt(folds.length);
  const weight = weightOf(folds);
  const failure = failureOf(raw, standardError, z);
  return [
    {
      name: "overfitting",
      value: share,
      ok: !(share > LIMIT.gap),
      message: `rows seen in training say ${shown(evidence.seen)} nats, held-out rows ${shown(raw)}; part of the gap of ${shown(gap)} is missing from the estimate, and more rows or fewer columns would close it`,
    },
    {
      name: "disagreement",
      value: evidence.disagreement,
      ok: evidence.disagreement < LIMIT.disagreement,
      message: `critics of other starts and maps disagree, which costs the bound about ${shown(evidence.disagreement)} nats; more restarts, steps or rows would make it less (--restarts, --thorough)`,
    },
    {
      name: "folds",
      value: (spread - LIMIT.spread) / expected,
      ok: !(spread - LIMIT.spread > LIMIT.folds * expected),
      message: `the folds say ${shown(Math.min(...perFold))} to ${shown(Math.max(...perFold))} nats; sampling alone makes them differ by about ${shown(expected)}: one fold's critics went wrong; try another --seed`,
    },
    {
      name: "failure",
      value: failure,
      ok: !(failure > 0),
      message: `the bound on held-out rows is ${shown(raw)} nats, below 0 by more than noise, and the members' weights sum to ${shown(weight)}: the critics are no density ratio of these rows, and the estimate says nothing; take more rows, or fewer columns`,
    },
  ];
}

/** What other methods see and the members do not. */
function secondOpinions(findings: Findings): Diagnostic[] {
  const { raw, mi, z, excess, opinions } = findings;
  const checks: Diagnostic[] = [];
  for (const opinion of opinions) {
    const { method, mi: theirs } = opinion;
    const least = leastOf(opinion, z);
    // The copula is a member: what it sees the value has.
    if (method === "gaussian-copula") continue;
    if (method === "radius" || method === "pair" || method === "triple") {
      const above = least - Math.max(0, mi);
      checks.push({ name: method, value: above, ok: above < LIMIT[method], message: partial(method, theirs, mi) });
    } else checks.push(neighborsSay(theirs, Math.max(excess, least - Math.max(0, raw)), findings));
  }
  return checks;
}

/**
 * Structure that is too sharp for the critics. Where neighbours speak, the value already has what they see; the bound has
 * not. What they lose by looking further they have lost in part already, and critics with them, if no closed form has it.
 */
function neighborsSay(theirs: number, excess: number, { raw, evidence }: Findings): Diagnostic {
  const { loss } = evidence;
  const limit = LIMIT.neighbors[evidence.columns > 2 ? 1 : 0];
  const unseen = loss * (1 - evidence.closed);
  const facts =
    excess < limit
      ? `nearest neighbours see ${shown(theirs)} nats, and from 3 to 12 of them ${shown(loss)} less`
      : `nearest neighbours see ${shown(theirs)} nats, the critics ${shown(raw)}`;
  return {
    name: "neighbors",
    value: excess < limit ? unseen : excess,
    ok: excess < limit && unseen < LIMIT.unseen,
    message: `${facts}: there is structure too sharp for so few rows or for the critics, and the MI may be higher; more rows or steps would show (--thorough)`,
  };
}

/** A part of the columns, or a function of them, cannot share more than the whole (data processing). */
function partial(method: "radius" | "pair" | "triple", theirs: number, mi: number): string {
  const facts = `share ${shown(theirs)} nats by nearest neighbours, the estimate without them is ${shown(mi)}`;
  if (method === "radius")
    return `the two sides' distances from their centres alone ${facts}: scales move together, or tails are heavy, more than the critics learned; give more rows or steps`;
  const which = method === "pair" ? "one column of x and one of y" : "two columns of one side and one of the other";
  return `${which} alone ${facts}: critics lose it among the others; give more rows, or leave columns out`;
}
