/** The nearest-neighbour estimators as values: a name and what it looks at. Nothing is trained. */
import { InputError } from "../errors.ts";
import { checkCounts, checkOptions, inWords, keysOf } from "../options.ts";

/** The nearest-neighbour estimators, by name. */
export const neighborMethods = ["ksg", "ksg2", "mixed-ksg", "kl"] as const;
/** The name of a nearest-neighbour estimator. */
export type NeighborMethod = (typeof neighborMethods)[number];

/** Parameters of {@link ksg} and its like. */
export interface NeighborParameters {
  /** Neighbours, 1 to 64 and fewer than rows. Default 3. */
  k?: number | undefined;
  /**
   * Norm within x and within y, default `"max"`. The KSG family always takes the larger of the two for a pair; KL uses
   * the norm for (x, y) as a whole too.
   */
  metric?: "max" | "euclidean" | undefined;
}

/** A nearest-neighbour estimator with its parameters. Made by `ksg` and its like. */
export type NeighborEstimator = {
  [Method in NeighborMethod]: { readonly name: Method } & Readonly<{ k: number; metric: "max" | "euclidean" }>;
}[NeighborMethod];

const KEYS = keysOf<NeighborParameters>()("k metric");

/** @throws {InputError} for a number of neighbours or a metric that is none */
export function checkNeighbors({ k = 3, metric = "max" }: NeighborParameters): void {
  if (!["max", "euclidean"].includes(metric))
    throw new InputError(`"metric" must be one of max, euclidean, got ${inWords(metric)}`);
  checkCounts({ k });
}

/**
 * The estimator of this name with its default parameters, or with those given.
 *
 * @throws {InputError} for a parameter that it does not take, or a value that cannot be
 */
export function neighborsByName(name: NeighborMethod, given: NeighborParameters = {}): NeighborEstimator {
  checkOptions(name, given, KEYS);
  checkNeighbors(given);
  return { name, k: given.k ?? 3, metric: given.metric ?? "max" };
}

/** KSG 1 (Kraskov, Stögbauer and Grassberger 2004, arXiv:cond-mat/0305641, eq. 8). */
export const ksg = (options: NeighborParameters = {}): NeighborEstimator => neighborsByName("ksg", options);

/** KSG 2 (the same, eq. 9): a little less bias and more variance. */
export const ksg2 = (options: NeighborParameters = {}): NeighborEstimator => neighborsByName("ksg2", options);

/** Mixed KSG (Gao et al. 2017, arXiv:1709.06212), for discrete, continuous and mixed data. */
export const mixedKsg = (options: NeighborParameters = {}): NeighborEstimator => neighborsByName("mixed-ksg", options);

/** h(X) + h(Y) − h(X, Y), each by Kozachenko and Leonenko 1987. For continuous data. */
export const kl = (options: NeighborParameters = {}): NeighborEstimator => neighborsByName("kl", options);
