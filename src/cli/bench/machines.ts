/** Machines that steps are predicted for: what their makers say, and what a few measurements taught (bench/NOTES.md). */
import type { Profile } from "../../gpu/profile.ts";
import type { Kind } from "./costs.ts";

export interface Machine {
  name: string;
  /** Operations a second in float32, without matrix units. */
  flops: number;
  /** Bytes a second from memory. */
  memory: number;
  /** Bytes that its last cache holds, and bytes a second from there. */
  cache: { size: number; bytes: number };
  /** Multiprocessors, cores: what a workgroup occupies one of. */
  units: number;
  /** Threads that a unit holds at a time, and threads that it takes for all of its arithmetic. */
  threads: number;
  lanes: number;
  /** Seconds of a dispatch that has nothing to do but wait for the one before. */
  dispatch: number;
  /** Seconds of a round of loads that do not wait for each other, and the barrier behind it. */
  round: number;
  /** Seconds of an access in a thread that walks through memory, where some are under way at a time. */
  access: number;
  /** What share of a unit's arithmetic a kind of kernel gets, and of the bandwidth any kernel. */
  reaches: Record<Kind | "bytes", number>;
}

/**
 * By timestamps on an H200 (bench/results/nvidia-h200.json): a dispatch 2.3 µs; the 256 rounds of a product's inner axis 64 µs
 * on 8 workgroups as on 256; a thread's walk .09 to .25 µs an access; copies .82 of what its memory is sold as. Counted and not
 * measured: a product from workgroup memory, whose threads multiply 64 times for 4 loads, and the resident kernel, .26 alone on
 * a unit and .32 among others by its instructions, where the one before it reached .06 to .12 (bench/NOTES.md).
 */
const card = {
  ...{ threads: 2048, lanes: 128 },
  dispatch: 2.3e-6,
  round: 0.25e-6,
  access: 0.12e-6,
  reaches: { product: 0.6, convolution: 0.3, resident: 0.28, other: 0.25, bytes: 0.8 },
};

/** Data sheets; the caches' bandwidths are published microbenchmarks', rounded. */
export const h100: Machine = {
  ...{ name: "H100", flops: 66.9e12, memory: 3.35e12, cache: { size: 50e6, bytes: 5.5e12 }, units: 132 },
  ...card,
};
export const laptop: Machine = {
  ...{ name: "laptop GPU", flops: 10e12, memory: 200e9, cache: { size: 8e6, bytes: 1e12 }, units: 20 },
  ...card,
};

/**
 * Two cores, by bench/results/llvmpipe.json: the least dispatch there took 59 µs and most small ones 80 (15 to 34 on a quiet
 * machine); its products reach .25 to .4 of the peak, its passes over memory .4 to .8 of a copy's rate. There is no wait that
 * another thread's work would hide, so nothing but rates and dispatches counts.
 */
const processor = {
  ...{ threads: 1, lanes: 1 },
  dispatch: 70e-6,
  round: 0,
  access: 0,
  reaches: { product: 0.3, convolution: 0.3, resident: 0.35, other: 0.25, bytes: 0.6 },
};
export const lavapipe: Machine = {
  ...{ name: "lavapipe, 2 cores", flops: 60.6e9, memory: 6.83e9, cache: { size: 0, bytes: 6.83e9 }, units: 2 },
  ...processor,
};

/** What probes measure of an adapter (kernels.ts). */
type Measured = Pick<Machine, "flops" | "memory" | "dispatch"> & { bytes: number };

/** The machine that an adapter is by its profile and its measured peaks; `cores` are those of the processor. */
export function machineBy({ computesOn, fullAt }: Profile, peaks: Measured, cores: number): Machine {
  const cpu = computesOn === "cpu";
  return {
    ...(cpu ? processor : card),
    ...{ name: "this adapter", flops: peaks.flops, memory: peaks.memory, units: cpu ? cores : fullAt / 2 },
    ...{ cache: { size: cpu ? 0 : laptop.cache.size, bytes: peaks.bytes }, dispatch: peaks.dispatch },
  };
}
