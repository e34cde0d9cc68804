/** Columns of Z, on which all pairs of a matrix are conditioned: what is refused of them, and what they do to pairs. */

import { type Column, isEqual } from "../data/columns.ts";
import { InputError } from "../errors.ts";

/** What is asked for beside the condition. */
interface Asked {
  given?: readonly string[] | undefined;
  screen?: number | false | undefined;
  pairs?: readonly (readonly [string, string])[] | undefined;
  target?: string | undefined;
}

/** Estimators of I(X;Y|Z) among those that need no training. */
const BY_NEIGHBORS = ["ksg", "mixed-ksg"];

/** @throws {InputError} for settings that go with no condition */
export function checkCondition({ given, screen, pairs, target }: Asked, estimator: string, isTrained: boolean): void {
  if (!given) return;
  if (!Array.isArray(given) || given.length === 0 || given.some((name) => typeof name !== "string")) {
    throw new InputError('"given" of matrix names columns of the table, such as ["age", "region"]. Name one or more');
  }
  const twice = given.find((name, i) => given.indexOf(name) < i);
  if (twice !== undefined) throw new InputError(`"given" names "${twice}" twice. Name it once`);
  if (estimator === "demine" || !(isTrained || BY_NEIGHBORS.includes(estimator))) {
    throw new InputError(
      `"${estimator}" has no I(X;Y|Z). With "given" take estimator "ksg" or "mixed-ksg", or a trained one such as "remine"`,
    );
  }
  if (screen) {
    throw new InputError(
      '"screen" looks at pairs without their condition. Leave it out beside "given", or name "pairs"',
    );
  }
  const named = [target, ...(pairs ?? []).flat()].find((name) => name !== undefined && given.includes(name));
  if (named !== undefined) {
    throw new InputError(`"${named}" is in "given", and once it is given it tells nothing. Name it there or in a pair`);
  }
}

/** @throws {InputError} for a column of Z that tells nothing itself */
export function refuseUseless(name: string, reason: string | undefined): void {
  if (reason !== undefined) throw new InputError(`the column "${name}" of "given" is ${reason}. Leave it out there`);
}

/** Why a pair with this column tells nothing once Z is given; undefined where it may tell something. */
export function whyKnown(
  values: Float64Array,
  condition: readonly (Pick<Column, "values"> & { name: string })[],
): string | undefined {
  const same = condition.find((column) => isEqual(column.values, values));
  return same && `the same as "${same.name}" in every row that is used, and once that is given it tells nothing`;
}
