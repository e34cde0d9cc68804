/** What the page times; as in bench/steps.mjs, so that its figures can stand beside those of Node. */
import { adam, gaussian, mlp, oneHot, sgd, type TrainerOptions } from "../../src/index.ts";

export interface Workload {
  name: string;
  about: string;
  options: TrainerOptions;
}

const gauss = (dims: number, hidden: number[], joint: number, negatives: "shuffle" | "all", replicas = 1) => ({
  source: gaussian({ dims, rho: 0.5 }),
  critic: mlp(hidden),
  pairs: { joint, negatives },
  optimizer: adam({ learningRate: 1e-4 }),
  replicas,
  trace: false,
});

const categories = (replicas: number) => ({
  source: oneHot(16),
  critic: mlp([256], { outputBias: false }),
  pairs: { joint: 100, negatives: "independent" as const },
  optimizer: sgd({ learningRate: 0.1 }),
  replicas,
  trace: false,
});

export const workloads: Workload[] = [
  {
    name: "W1",
    about: "critic 40-256-256-1, 64 joint and 64 shuffled pairs",
    options: gauss(20, [256, 256], 64, "shuffle"),
  },
  { name: "W2", about: "the same critic, all 4032 other pairs", options: gauss(20, [256, 256], 64, "all") },
  {
    name: "W3x16",
    about: "critic 2-64-64-1, 128 joint and 128 shuffled pairs, 16 replicas",
    options: gauss(1, [64, 64], 128, "shuffle", 16),
  },
  {
    name: "W4x1",
    about: "critic 32-256-1, one-hot rows, 100 joint and 100 independent pairs",
    options: categories(1),
  },
];
