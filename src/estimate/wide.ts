/** Categories of so many levels that critics cannot be given them. */
import { label } from "../data/check.ts";
import { transformWidth } from "../data/transform.ts";
import { LimitError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Side } from "./sides.ts";

/**
 * Says before any work that the table of inputs would not fit the adapter because a category has too many levels.
 *
 * @throws {LimitError} naming the column, its levels and the ways out
 */
export function refuseWide(
  { largestBuffer: most }: Pick<Gpu, "largestBuffer">,
  sides: readonly (Side | undefined)[],
): void {
  const all = sides.flatMap((side) => side ?? []);
  const inputs = all.reduce((sum, side) => sum + mapsOf(side) * widthOf(side), 0);
  const bytes = 4 * all[0]!.rows * inputs;
  if (bytes <= most) return;
  const widest = all
    .flatMap((side) => side.transforms.map((transform, c) => ({ side, c, levels: transformWidth(transform) })))
    .reduce((a, b) => (b.levels > a.levels ? b : a));
  if (widest.levels < inputs / 4) return;
  const mib = (value: number) => Math.ceil(value / 2 ** 20);
  throw new LimitError(
    `${label(widest.side, widest.c)} is a category of ${widest.levels} levels, an input for each, which take ${mib(bytes)} MiB with ${all[0]!.rows} rows; this adapter binds at most ${mib(most)} MiB. Merge levels (rare ones into one, the first digits of a code), or use estimator "mixed-ksg", which takes any number of levels`,
  );
}

/** Categories alone have one map, beside numbers they are in both. */
const mapsOf = ({ transforms }: Side): number => (transforms.every(({ kind }) => kind === "one-hot") ? 1 : 2);

const widthOf = ({ transforms }: Side): number => transforms.reduce((sum, t) => sum + transformWidth(t), 0);
