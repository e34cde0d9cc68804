/**
 * The resident engine's form for categories on lavapipe: many whole steps of a critic with one hidden layer in one dispatch
 * (shaders/resident/software/train_cells.wgsl).
 */

import { type Shape, slotsOf } from "../../critics/shape.ts";
import { type EstimatorName, estimators, kernels, type SourceName } from "../../gpu/shaders.gen.ts";

const { variants } = kernels.train_cells;
const { CELL_CATEGORIES } = variants["one_hot/remine"]!.constants as Record<string, number>;

/** Scores a step: the kernel counts them by cell in f32. */
const MOST_SCORES = 2 ** 24;

/**
 * Why this form cannot train a critic with one hidden layer, or nothing where it can: it takes a one-hot source of at most 16
 * categories, an estimator that neither looks at rows nor has a baseline network, and at most 2^24 scores a step. The layer
 * may have any width.
 */
export function cellsMisfit(
  source: SourceName,
  estimator: EstimatorName,
  shape: Pick<Shape, "joint" | "marginals" | "xWidth" | "yWidth">,
): string | undefined {
  if (source !== "one_hot") return `takes one hidden layer on a one-hot source alone, not on "${source}"`;
  const categories = Math.max(shape.xWidth, shape.yWidth);
  if (categories > CELL_CATEGORIES!) return `takes at most ${CELL_CATEGORIES} categories, not ${categories}`;
  if (!(`one_hot/${estimators[estimator].slot}` in variants))
    return `takes no estimator that looks at rows or has a baseline network, as "${estimator}" does`;
  const scores = slotsOf(shape);
  if (scores > MOST_SCORES) return `takes at most ${MOST_SCORES} scores a step, not ${scores}`;
}
