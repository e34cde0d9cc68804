/** How long each dispatch of a step takes on paper: by arithmetic, by traffic, or by the waits of its longest thread. */
import type { Dispatch } from "../../gpu/program.ts";
import { accessesOf, bytes, groupsOf, kindOf, operations, roundsOf, threadsOf } from "./costs.ts";
import type { Machine } from "./machines.ts";
import { operationsOf, type StepWorkload, widthsOf } from "./workloads.ts";

/** What bounds a dispatch. */
export type Limit = "arithmetic" | "bandwidth" | "waits" | "dispatches";

export interface Prediction {
  /** With what the dispatch costs. */
  microseconds: number;
  /** What a machine would need that is always busy: the longer of arithmetic and traffic at its peaks. */
  ideal: number;
  operations: number;
  bytes: number;
  limit: Limit;
}

/** What bandwidth serves so many bytes: they are in the last cache if they fit, for whoever wrote them was here before. */
const bandwidthFor = ({ cache, memory }: Machine, moved: number) => (moved <= cache.size ? cache.bytes : memory);

/** One dispatch. */
export function predict(line: Dispatch, w: StepWorkload, machine: Machine): Prediction {
  const [computed, moved] = [operations(line, w), bytes(line, w)];
  const [groups, threads] = [groupsOf(line), threadsOf(line)];
  // A unit that has fewer workgroups than others is idle in the end.
  const onEach = Math.ceil(groups / machine.units);
  const busy = groups / (machine.units * onEach);
  const lanes = Math.min(1, (onEach * threads) / machine.lanes);
  const bandwidth = bandwidthFor(machine, moved);
  const rounds = roundsOf(line);
  const turns = Math.max(1, (groups * threads) / (machine.units * machine.threads));
  const waits = rounds === undefined ? machine.access * accessesOf(line, w) : machine.round * rounds;
  const seconds: [Limit, number][] = [
    ["dispatches", machine.dispatch],
    ["arithmetic", computed / (machine.flops * machine.reaches[kindOf(line)] * busy * lanes)],
    ["bandwidth", moved / (bandwidth * machine.reaches.bytes * busy)],
    ["waits", kindOf(line) === "resident" ? 0 : waits * turns],
  ];
  const [limit] = seconds.reduce((a, b) => (b[1] > a[1] ? b : a));
  const work = Math.max(...seconds.slice(1).map(([, s]) => s));
  return {
    microseconds: 1e6 * (machine.dispatch + work),
    ideal: 1e6 * Math.max(computed / machine.flops, moved / bandwidth),
    ...{ operations: computed, bytes: moved, limit },
  };
}

/** A whole step. */
export interface StepPrediction extends Omit<Prediction, "limit"> {
  dispatches: number;
  /** Steps a second, of all replicas. */
  rate: number;
  /** What bounds most of its time. */
  limit: Limit;
}

/** The sum of a plan's dispatches. One that takes many steps costs a step next to nothing. */
export function predictStep(plan: readonly Dispatch[], w: StepWorkload, machine: Machine): StepPrediction {
  const parts = plan.map((line) => predict(line, w, machine));
  const sum = (of: (part: Prediction) => number) => parts.reduce((all, part) => all + of(part), 0);
  const many = plan[0]?.kernel === "train_replica" ? 1e6 * machine.dispatch : 0;
  const microseconds = sum((part) => part.microseconds) - many;
  const spent = new Map<Limit, number>();
  for (const { limit, microseconds } of parts) spent.set(limit, (spent.get(limit) ?? 0) + microseconds);
  return {
    microseconds,
    ideal: sum((part) => part.ideal),
    operations: sum((part) => part.operations),
    bytes: sum((part) => part.bytes),
    dispatches: plan.length,
    rate: (1e6 * w.replicas) / microseconds,
    limit: [...spent].reduce((a, b) => (b[1] > a[1] ? b : a))[0],
  };
}

/**
 * What others launch for a step of a perceptron of L layers, counted from bench/peers/: draws, gathers, a product and its
 * activation forward, two products, a sum and a mask back, the loss both ways, gradients that are zeroed and added to, the
 * optimizer. And what a launch costs inside a graph: the mean of what an H200 needed for W1 and W3x1 (bench/NOTES.md).
 */
export const peers = {
  "PyTorch, CUDA graph": { kernels: (layers: number) => 8 + 7 * layers, launch: 2.9e-6 },
  "JAX, scan": { kernels: (layers: number) => 8 + 5 * layers, launch: 1.6e-6 },
} as const;

/** Share of the peak that a vendor's products reach in float32. */
const VENDOR_REACHES = 0.7;

/** Steps a second, of all replicas, of a peer: launches, then arithmetic and traffic at the same peaks. */
export function predictPeer(peer: keyof typeof peers, w: StepWorkload, machine: Machine): number {
  const { kernels, launch } = peers[peer];
  const widths = widthsOf(w);
  const layers = widths.length - 1;
  const pairs = w.replicas * w.joint * (w.negatives === "all" ? w.joint : 2);
  // Every layer's units are written, read and masked on the way there and back; parameters by Adam seven times.
  const units = 6 * pairs * widths.reduce((sum, width) => sum + width, 0);
  const params = 10 * w.replicas * widths.slice(1).reduce((sum, width, l) => sum + width * (widths[l]! + 1), 0);
  const moved = 4 * (units + params);
  const seconds =
    kernels(layers) * launch +
    (w.replicas * operationsOf(w)) / (machine.flops * VENDOR_REACHES) +
    moved / (bandwidthFor(machine, moved / layers) * machine.reaches.bytes);
  return w.replicas / seconds;
}

/** What a table of columns asks for: pairs by KSG's search in sorted order, each once and once more per permutation. */
export interface MatrixWork {
  rows: number;
  neighbors: number;
  permutations: number;
  /** Whole `matrix()`: ranks, local values, a record of each pair. Else the search and its digammas alone. */
  whole: boolean;
}

/** Seconds of the host, by an H200's host (W5 and W6 in bench/results/nvidia-h200.json): digammas of a search, the rest of a pair. */
const HOST = { search: 125e-6, pair: 140e-6 };

/**
 * A pair of a matrix: operations and bytes on the device, pairs a second if the device did all of it, and with what the host
 * does one after the other. A point looks at about 2 √(k n) others, 11 operations and 2 words each, then bisects four times.
 */
export function predictMatrix({ rows, neighbors, permutations, whole }: MatrixWork, machine: Machine) {
  const searches = 1 + permutations;
  const visits = 2 * Math.sqrt(neighbors * rows);
  const bisections = 4 * Math.log2(rows);
  const computed = searches * rows * (11 * visits + 4 * bisections);
  const moved = searches * rows * 4 * 5;
  const walked = (searches * rows * machine.access * (2 * visits + bisections)) / (machine.units * machine.threads);
  const device = Math.max(
    computed / (machine.flops * machine.reaches.other),
    moved / (bandwidthFor(machine, moved) * machine.reaches.bytes),
    walked,
  );
  const host = searches * HOST.search + (whole ? HOST.pair : 0);
  return { operations: computed, bytes: moved, deviceRate: 1 / device, rate: 1 / (device + host) };
}
