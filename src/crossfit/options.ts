/** What a fit is asked for and what it gives. */

import type { Estimator } from "../estimators/estimator.ts";
import type { Run } from "../gpu/run.ts";
import type { Engine } from "../training/engines/choose.ts";
import type { Trace } from "../training/trace.ts";
import type { Trainer } from "../training/trainer.ts";
import type { FoldResult, Split } from "./folds.ts";
import type { Members } from "./member.ts";
import type { ScoreOptions, Valuation } from "./valuations/valuation.ts";

export interface CrossFit {
  folds: FoldResult[];
  /** Of each critic; empty where several fits train at once. */
  trace: Trace[];
  /** Mean validation bound of all critics at each look. */
  looks: { step: number[]; bound: number[] };
  steps: number;
  stepsPerSecond: number;
  /** What trained the critics. */
  trainer: Trainer;
  /** What the rows were scored by. */
  members: Members[];
  /** How they are valued. */
  valuation: Valuation;
  /** Frees the critics; members that are to go on are kept first. */
  dispose(): void;
}

/** How far a call is: steps of training, all folds and restarts together. */
export interface FitProgress {
  done: number;
  total: number;
  stepsPerSecond: number;
  /** Mean validation bound so far, nats. */
  estimate: number | undefined;
}

/** The run of a fit. */
export type FitRun = Run<FitProgress>;

export interface FitOptions extends ScoreOptions {
  /** One for each fold, from {@link splitRows}. */
  splits: readonly Split[];
  estimator: Estimator;
  /** As of a trainer. Several fits name one: unasked, it would depend on how many there are. */
  engine?: Engine | undefined;
  /** Maps of the columns that the restarts take turns with: `source.picks` has an entry for each, fit after fit. Default 1. */
  maps?: number;
}
