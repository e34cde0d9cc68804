/**
 * The training steps that are timed here, in bench/ and on the page demos/bench, stated once:
 *
 * - W1   critic 40-256-256-1, 64 joint + 64 shuffled pairs, ReMINE, Adam
 * - W2   the same critic, 64 joint + all 4032 other pairs
 * - W3xR critic 2-64-64-1, 128 joint + 128 shuffled pairs, Adam, R replicas; steps of all replicas are counted
 * - W4xR critic 32-256-1 on one-hot rows taken as dense ones, 100 joint + 100 independent pairs, SGD
 * - W7   selfConsistencyNet() on two images of 28 x 28 pixels, rows of a table, 16 joint + all 240 other pairs, Adam
 *
 * W5 and W6 are no training steps: bench/workloads.mjs has them.
 */
import { selfConsistencyNet } from "../../critics/conv.ts";
import type * as remine from "../../index.ts";

/** One training step: draw, forward, loss, backward, optimizer. */
export interface StepWorkload {
  /** `images`: square ones of one channel, rows of a table. Their critic is selfConsistencyNet(). */
  source: "gaussian" | "one-hot" | "images";
  /** Width of x. */
  x: number;
  /** Width of y. */
  y: number;
  /** Widths of an MLP's hidden layers. */
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

const images: Shape = { ...wide, source: "images", x: 784, y: 784, hidden: [] };

export const steps: Readonly<Record<string, StepWorkload>> = {
  W1: { ...wide, joint: 64, negatives: "shuffle", replicas: 1 },
  W2: { ...wide, joint: 64, negatives: "all", replicas: 1 },
  W3x1: { ...small, joint: 128, negatives: "shuffle", replicas: 1 },
  W3x16: { ...small, joint: 128, negatives: "shuffle", replicas: 16 },
  W3x256: { ...small, joint: 128, negatives: "shuffle", replicas: 256 },
  W3x4096: { ...small, joint: 128, negatives: "shuffle", replicas: 4096 },
  W4x1: { ...coded, joint: 100, negatives: "independent", replicas: 1 },
  W4x64: { ...coded, joint: 100, negatives: "independent", replicas: 64 },
  W7: { ...images, joint: 16, negatives: "all", replicas: 1 },
};

/** They take minutes on a CPU. */
const FOR_GPUS = ["W3x4096", "W7"];

/** What is measured of `names` when none is named. */
export const usual = (isSoftware: boolean, names: readonly string[] = Object.keys(steps)): string[] =>
  names.filter((name) => !isSoftware || !FOR_GPUS.includes(name));

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

/** What {@link optionsOf} takes of a build of the library; without its networks of images it gets those of this one. */
export type Build = Pick<typeof remine, "adam" | "critics" | "remine" | "sgd" | "sources"> & {
  selfConsistencyNet?: typeof selfConsistencyNet;
};

/** Options of `createTrainer` for a workload. */
export function optionsOf(build: Build, w: StepWorkload): remine.TrainerOptions {
  return {
    source: sourceOf(build, w),
    critic: criticOf(build, w),
    pairs: { joint: w.joint, negatives: w.negatives },
    estimator: build.remine({ lambda: LAMBDA }),
    optimizer: w.optimizer === "adam" ? build.adam({ learningRate: w.rate }) : build.sgd({ learningRate: w.rate }),
    replicas: w.replicas,
    trace: false,
  };
}

function sourceOf({ sources }: Build, w: StepWorkload): remine.Source {
  switch (w.source) {
    case "gaussian":
      return sources.gaussian({ dims: w.x, rho: 0.5 });
    case "one-hot":
      return sources.oneHot(w.x);
    case "images": {
      const x = numbers(IMAGES * w.x, 1);
      const noise = numbers(IMAGES * w.y, 2);
      const y = noise.map((v, i) => (v + x[i]!) / 2);
      return sources.rows({ data: x, columns: w.x }, { data: y, columns: w.y });
    }
  }
}

function criticOf(build: Build, w: StepWorkload): remine.Critic {
  if (w.source !== "images") return build.critics.mlp([...w.hidden], { outputBias: w.outputBias });
  const [net, side] = [build.selfConsistencyNet ?? selfConsistencyNet, sideOf(w)];
  return net({ height: side, width: side, channels: [1, 1] });
}

/** Rows of the table of images. */
const IMAGES = 1024;

/** Side of a workload's images. */
export const sideOf = (w: StepWorkload): number => Math.sqrt(w.x);

/** Numbers between 0 and 1 that look random, the same everywhere. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  });
}

/** Marginal pairs per joint pair. */
export const marginalsOf = (w: StepWorkload): number => (w.negatives === "all" ? w.joint - 1 : 1);

/** Width of the input, of each hidden layer, of the score. */
export const widthsOf = (w: StepWorkload): number[] => [w.x + w.y, ...w.hidden, 1];

/** A weight matrix, and how many rows a pair sends through it: pixels. */
interface Matrix {
  pixels: number;
  inputs: number;
  outputs: number;
  bias: boolean;
}

/** The weights of a workload's critic, in the order of its parameters. */
export function matricesOf(w: StepWorkload): Matrix[] {
  if (w.source === "images") {
    const [all, pooled] = [w.x, Math.floor(sideOf(w) / 3) ** 2];
    const convolutions = [
      ...[[all, 2 * 9, 32] as const, [all, 32 * 9, 64] as const],
      ...Array.from({ length: 5 }, () => [pooled, 64 * 9, 64] as const),
      ...[[1, 64, 256] as const, [1, 256, 1] as const],
    ];
    return convolutions.map(([pixels, inputs, outputs]) => ({ pixels, inputs, outputs, bias: true }));
  }
  const widths = widthsOf(w);
  return widths.slice(1).map((outputs, l) => {
    return { pixels: 1, inputs: widths[l]!, outputs, bias: l < w.hidden.length || w.outputBias };
  });
}

/**
 * Floating-point operations of the matrix products of one step of one replica, as a dense implementation has them: every
 * pair through every layer, and no gradient by the inputs.
 */
export function operationsOf(w: StepWorkload): number {
  const scores = w.joint * (1 + marginalsOf(w));
  const layer = ({ pixels, inputs, outputs }: Matrix) => 2 * scores * pixels * inputs * outputs;
  return matricesOf(w).reduce((sum, matrix, l) => sum + (l === 0 ? 2 : 3) * layer(matrix), 0);
}
