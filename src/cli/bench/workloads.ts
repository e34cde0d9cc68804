/**
 * The training steps that are timed here, in bench/ and on the page demos/bench, stated once:
 *
 * - W1   critic 40-256-256-1, 64 joint + 64 shuffled pairs, ReMINE, Adam
 * - W2   the same critic, 64 joint + all 4032 other pairs
 * - W3xR critic 2-64-64-1, 128 joint + 128 shuffled pairs, Adam, R replicas; steps of all replicas are counted
 * - W4xR critic 32-256-1 on one-hot rows taken as dense ones, 100 joint + 100 independent pairs, SGD
 */
import type * as remine from "../../index.ts";

/** One training step: draw, forward, loss, backward, optimizer. */
export interface StepWorkload {
  source: "gaussian" | "one-hot";
  /** Width of x. */
  x: number;
  /** Width of y. */
  y: number;
  hidden: readonly number[];
  outputBias: boolean;
  optimizer: "adam" | "sgd";
  /** Learning rate. */
  rate: number;
  /** Joint pairs. */
  joint: number;
  /** Where marginal pairs come from. */
  negatives: "all" | "shuffle" | "independent";
  replicas: number;
}

/** ReMINE's weight of the penalty; its constant C is 0. */
export const LAMBDA = 0.1;

type Shape = Omit<StepWorkload, "joint" | "negatives" | "replicas">;
const wide: Shape = {
  ...{ source: "gaussian", x: 20, y: 20 },
  ...{ hidden: [256, 256], outputBias: true },
  ...{ optimizer: "adam", rate: 1e-4 },
};
const small: Shape = { ...wide, x: 1, y: 1, hidden: [64, 64] };
const coded: Shape = {
  ...{ source: "one-hot", x: 16, y: 16 },
  ...{ hidden: [256], outputBias: false },
  ...{ optimizer: "sgd", rate: 0.1 },
};

export const steps: Readonly<Record<string, StepWorkload>> = {
  W1: { ...wide, joint: 64, negatives: "shuffle", replicas: 1 },
  W2: { ...wide, joint: 64, negatives: "all", replicas: 1 },
  W3x1: { ...small, joint: 128, negatives: "shuffle", replicas: 1 },
  W3x16: { ...small, joint: 128, negatives: "shuffle", replicas: 16 },
  W3x256: { ...small, joint: 128, negatives: "shuffle", replicas: 256 },
  W3x4096: { ...small, joint: 128, negatives: "shuffle", replicas: 4096 },
  W4x1: { ...coded, joint: 100, negatives: "independent", replicas: 1 },
  W4x64: { ...coded, joint: 100, negatives: "independent", replicas: 64 },
};

/** What is measured of `names` when none is named; 4096 replicas take a GPU. */
export const usual = (isSoftware: boolean, names: readonly string[] = Object.keys(steps)): string[] =>
  names.filter((name) => name !== "W3x4096" || !isSoftware);

/**
 * The names in a list by commas, or `fallback` where there is none.
 *
 * @throws {Error} when a name is not in `known`
 */
export function chosen(list: string | undefined, fallback: readonly string[], known: readonly string[]): string[] {
  if (list === undefined) return [...fallback];
  const picked = list.split(",").map((name) => name.trim());
  const unknown = picked.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no "${unknown}"; choose from ${known.join(", ")}`);
  return picked;
}

/** What {@link optionsOf} takes of a build of the library. */
export type Build = Pick<typeof remine, "adam" | "critics" | "remine" | "sgd" | "sources">;

/** Options of `createTrainer` for a workload. */
export function optionsOf(build: Build, w: StepWorkload): remine.TrainerOptions {
  return {
    source: w.source === "one-hot" ? build.sources.oneHot(w.x) : build.sources.gaussian({ dims: w.x, rho: 0.5 }),
    critic: build.critics.mlp([...w.hidden], { outputBias: w.outputBias }),
    pairs: { joint: w.joint, negatives: w.negatives },
    estimator: build.remine({ lambda: LAMBDA }),
    optimizer: w.optimizer === "adam" ? build.adam({ learningRate: w.rate }) : build.sgd({ learningRate: w.rate }),
    replicas: w.replicas,
    trace: false,
  };
}

/** Marginal pairs per joint pair. */
export const marginalsOf = (w: StepWorkload): number => (w.negatives === "all" ? w.joint - 1 : 1);

/** Width of the input, of each hidden layer, of the score. */
export const widthsOf = (w: StepWorkload): number[] => [w.x + w.y, ...w.hidden, 1];

/**
 * Floating-point operations of the matrix products of one step of one replica, as a dense implementation has them: every
 * pair through every layer, and no gradient by the inputs.
 */
export function operationsOf(w: StepWorkload): number {
  const widths = widthsOf(w);
  const scores = w.joint * (1 + marginalsOf(w));
  const layer = (l: number) => 2 * scores * widths[l]! * widths[l + 1]!;
  return w.hidden.reduce((sum, _, l) => sum + 3 * layer(l + 1), 2 * layer(0));
}
