/** What a fit is asked for and what it gives. */

import type { Estimator } from "../estimators/estimator.ts";
import type { Tensor } from "../gpu/device.ts";
import type { Engine } from "../training/engines/choose.ts";
import type { Trace, Trainer } from "../training/trainer.ts";
import type { Budget } from "./budget.ts";
import type { FoldResult, Split } from "./folds.ts";
import type { GaussianFold } from "./gaussian-members.ts";
import type { Members } from "./member.ts";

export interface CrossFit {
  folds: FoldResult[];
  trace: Trace[];
  /** Mean validation bound of all critics at each look. */
  looks: { step: number[]; bound: number[] };
  steps: number;
  stepsPerSecond: number;
  /** Trained critics, (R, P) with replica = fold × restarts + restart. */
  trainer: Trainer;
  best: Tensor;
  /** What the rows were scored by. */
  members: Members[];
}

export interface FitProgress {
  done: number;
  total: number;
  stepsPerSecond: number;
  /** Mean validation bound so far, nats. */
  estimate: number | undefined;
}

export interface FitOptions {
  /** One for each fold, from {@link splitRows}. */
  splits: readonly Split[];
  budget: Budget;
  estimator: Estimator;
  seed: number;
  /** As of a trainer. Several fits name one: unasked, it would depend on how many there are. */
  engine?: Engine | undefined;
  /** Maps of the columns that the restarts take turns with: `source.picks` has an entry for each, fit after fit. Default 1. */
  maps?: number;
  /** Inputs by each map for closed forms, of each fit; none without. */
  closedForms?: readonly Omit<GaussianFold, "train">[] | undefined;
  /** Leave `seen` out, which is NaN then: half of the scoring. */
  heldOnly?: boolean;
  onProgress?: ((p: FitProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
