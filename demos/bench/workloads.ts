/** What the page times: workloads of src/cli/bench/workloads.ts, so that its figures can stand beside those of Node. */
import { optionsOf, steps } from "../../src/cli/bench/workloads.ts";
import * as library from "../../src/index.ts";

export interface Workload {
  name: string;
  about: string;
  options: library.TrainerOptions;
}

const abouts = {
  W1: "critic 40-256-256-1, 64 joint and 64 shuffled pairs",
  W2: "the same critic, all 4032 other pairs",
  W3x16: "critic 2-64-64-1, 128 joint and 128 shuffled pairs, 16 replicas",
  W4x1: "critic 32-256-1, one-hot rows as dense ones, 100 joint and 100 independent pairs",
};

export const workloads: Workload[] = Object.entries(abouts).map(([name, about]) => ({
  name,
  about,
  options: optionsOf(library, steps[name]!),
}));
