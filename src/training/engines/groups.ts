/** How many workgroups of a GPU share what ends a step. */

import type { Shape } from "../../critics/shape.ts";
import { geometry, kernels } from "../../gpu/shaders.gen.ts";

const { WIDE_SIZE } = kernels.finish_replica.variants.only!.constants as Record<string, number>;

/**
 * Vectors of the gradient's parts that a lane of the one workgroup reads at most. With more, it takes longer than the dispatch
 * that it saves: that is 2 to 3 µs on an H200, where a lane that reads four vectors at a time waits 0.2 to 0.3 µs for them (an
 * estimate).
 */
const MOST_VECTORS_A_LANE = 40;

/**
 * G: workgroups of a replica that add up its gradient and then take the step, a multiple of 4; 0 where one workgroup does all
 * that ends a step. There is a thread for every vector of four parameters until these are four times what fills the GPU: more
 * would be more squares for each of them to add. How many replicas there are does not matter, for none may see by its bits how
 * many others there are.
 */
export function gradientGroups(fullAt: number, { parts, layout: { count } }: Pick<Shape, "parts" | "layout">): number {
  const vectors = Math.ceil(count / 4);
  if (fullAt === 1 || parts * vectors <= MOST_VECTORS_A_LANE * WIDE_SIZE!) return 0;
  const fours = Math.min(Math.ceil(vectors / geometry.WG_SIZE / 4), fullAt);
  return 4 * fours;
}
