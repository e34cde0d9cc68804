/**
 * What suits an adapter: every choice that depends on whether it computes on the CPU or on a GPU, in one table with its reasons.
 * Nothing here changes what is estimated, up to rounding; all of it changes how long that takes.
 */
import { kernels } from "./shaders.gen.ts";

/** What the library decides by the adapter that it runs on: forms of kernels, how much at a time, how long to wait. */
export interface Profile {
  /** Where it computes. Pages choose by it how much they show. */
  computesOn: "cpu" | "gpu";

  /**
   * Form of the matrix product (shaders/matmul/). On a CPU a memory access costs as much as dozens of multiplications and a
   * shuffle costs nothing, so elements are handed from lane to lane; that needs subgroups of one fixed size. On a GPU, tiles pass
   * through workgroup memory. Elsewhere every thread keeps a block in registers, and nothing else is needed.
   */
  matrixProduct: "subgroup" | "tiled" | "register";

  /**
   * Workgroups at a time that keep all of it busy. Where large tiles of a product are fewer, it is made of small ones. A CPU has
   * two cores or a few more, and reads what it wrote as slowly as anything else: 1, and then nothing is cut for its sake. With
   * more, sums over pairs are cut into parts (critics/shape.ts) and many workgroups share what ends a step. An H200 has 132
   * units, which take two workgroups each to hide their waits; a laptop's tenth of that is filled by as many too.
   */
  fullAt: number;

  /**
   * Steps that the resident engine takes in one dispatch. On a CPU a dispatch is cheap and a barrier is not: one step, whose
   * kernels are written for subgroups of 8 lanes. On a GPU a dispatch costs as much as a small step: many.
   */
  residentSteps: "one" | "many";

  /**
   * Scores that a trainer must compute in all before it takes the resident engine for one step unasked. Its kernel is compiled
   * for the widths, the activation and the estimator, where the layered kernels serve every critic: on lavapipe with an empty
   * shader cache about 3 s, and its score costs 0.5 µs on two cores where the layered engine's costs 1 to 1.5. The form for
   * many steps has been measured on one card only, so it is never taken unasked.
   */
  leastResidentScores: number;

  /**
   * Whether many steps in one dispatch can be faster than the layered engine. On a CPU that form is there to be tested: a
   * replica is one workgroup full of barriers.
   */
  manyStepsPay: boolean;

  /** Kernel of the search among sorted values; the sweep hands values around in subgroups of 8 lanes, on a CPU for free. */
  sortedSearch: "sweep_sorted" | "search_sorted";

  /**
   * Milliseconds of training that a trainer submits at once: long enough to amortise the wait for it, short enough that a page
   * stays alive and Ctrl-C is prompt. A GPU draws the page too, so it gets less.
   */
  trainingMilliseconds: number;

  /** Coordinate differences that one submit of a neighbour search may take: about a tenth of a second, far from any watchdog. */
  searchWork: number;

  /** Words of bits that one submit of the first look at all pairs may combine: about a tenth of a second. */
  screenWork: number;

  /** Critics of a matrix that train side by side: they fill the adapter, and end within seconds. */
  criticsAtOnce: number;

  /**
   * Estimates of one call that train side by side, such as those of several lags. On a GPU a step of hundreds of critics takes
   * as long as one of ten, which are those of one estimate: 21 lags of 500 rows end after 800 steps and not after 11 500. On a
   * CPU ten fill it, and side by side all train as long as the slowest: these lags, six at a time, 27 % more steps.
   */
  estimatesAtOnce: number;

  /**
   * Naps while the adapter works, where the platform has them. dawn.node polls meanwhile and so takes a core, which on a CPU
   * is one of those that compute.
   */
  napsWhileWaiting: boolean;
}

/** Bytes that the largest buffer of what runs side by side may take, on any adapter: half of what every WebGPU binds. */
export const BYTES_AT_ONCE = 2 ** 26;

const { BATCH_LANES } = kernels.differentiate_batch.variants.remine!.constants;
const { LANES } = kernels.sweep_sorted.variants.only!.constants;

/**
 * The profile of an adapter.
 *
 * @param adapter whether it computes on the CPU, and the lanes of a subgroup where that is one fixed number, else 0
 */
export function profileOf({ isSoftware, subgroupSize }: { isSoftware: boolean; subgroupSize: number }): Profile {
  return isSoftware ? cpuProfile(subgroupSize) : gpuProfile;
}

/** Software adapters: lavapipe has subgroups of 8 lanes, SwiftShader of 4. */
const cpuProfile = (subgroupSize: number): Profile => ({
  computesOn: "cpu",
  matrixProduct: subgroupSize > 0 ? "subgroup" : "register",
  fullAt: 1,
  residentSteps: subgroupSize === BATCH_LANES ? "one" : "many",
  leastResidentScores: subgroupSize === BATCH_LANES ? 4e6 : Number.POSITIVE_INFINITY,
  manyStepsPay: false,
  sortedSearch: subgroupSize === LANES ? "sweep_sorted" : "search_sorted",
  trainingMilliseconds: 150,
  searchWork: 2 ** 29,
  screenWork: 2 ** 27,
  criticsAtOnce: 64,
  estimatesAtOnce: 1,
  napsWhileWaiting: true,
});

const gpuProfile: Profile = {
  computesOn: "gpu",
  matrixProduct: "tiled",
  fullAt: 256,
  residentSteps: "many",
  leastResidentScores: Number.POSITIVE_INFINITY,
  manyStepsPay: true,
  sortedSearch: "search_sorted",
  trainingMilliseconds: 20,
  searchWork: 2 ** 33,
  screenWork: 2 ** 33,
  criticsAtOnce: 1024,
  estimatesAtOnce: Number.POSITIVE_INFINITY,
  napsWhileWaiting: false,
};
