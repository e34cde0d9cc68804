/** From what a caller hands in to sides of columns that can be estimated from. */

import { fitInputs, type InputMap } from "../crossfit/inputs.ts";
import { type ArrayInput, type Columns, checkGiven, checkPair, label, MIN_ROWS, toColumns } from "../data/check.ts";
import { chosenRows, findCopies } from "../data/copies.ts";
import { fitTransform, type Transform } from "../data/transform.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { nameOf } from "../estimators/choice.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { mean } from "../math/statistics.ts";
import type { EstimateOptions } from "./options.ts";
import type { SideName } from "./pointwise.ts";

export interface Sides {
  /** X, Y, and Z if there is one. */
  sides: Side[];
  /** Where each row that was given is among those of the sides; absent where all were kept. */
  place?: Uint32Array;
  /** What there is to say of copies among the rows. */
  copies: Diagnostic[];
}

/** Share of the rows that may be copies of others without a word. */
const MOST_COPIES = 0.01;

/**
 * The sides of an estimate: checked, without rows that are copies of others, each column with its maps.
 *
 * @throws {InputError} for rows and columns of which MI cannot be estimated
 */
export function sidesOf(x: ArrayInput, y: ArrayInput, options: EstimateOptions): Sides {
  const { given, names, categories, copies = "drop" } = options;
  if (copies !== "drop" && copies !== "keep") {
    throw new InputError(`"copies" must be "drop" or "keep", got ${JSON.stringify(copies)}`);
  }
  const columnsOf = (input: ArrayInput, name: SideName): Columns & { name: SideName } => ({
    ...toColumns(input, name, names?.[name]),
    ...(categories?.[name] && { categories: categories[name] }),
    name,
  });
  const [left, right] = [columnsOf(x, "x"), columnsOf(y, "y")];
  checkPair(left, right);
  const condition = given === undefined ? undefined : columnsOf(given, "given");
  if (condition) checkGiven(condition, left, right);
  const all = condition ? [left, right, condition] : [left, right];
  const found = copies === "drop" ? findCopies(all) : undefined;
  const kept = found
    ? all.map((side) => ({ ...side, rows: found.kept.length, columns: chosenRows(side.columns, found.kept) }))
    : all;
  if (kept[0]!.rows < MIN_ROWS) {
    throw new InputError(
      `only ${kept[0]!.rows} of the ${left.rows} rows differ, the others are copies of them; at least ${MIN_ROWS} different rows are needed. If equal rows are separate observations, say so: copies "keep" (--keep-copies)`,
    );
  }
  const sides = kept.map((side) => mapped(side, options));
  refuseSameColumn(sides[0]!, sides[1]!);
  if (!found) return { sides, copies: [] };
  return { sides, place: found.place, copies: [copied(left.rows, found.kept.length)] };
}

function copied(rows: number, kept: number): Diagnostic {
  const share = 1 - kept / rows;
  return {
    name: "copies",
    value: share,
    ok: share <= MOST_COPIES,
    message: `${rows - kept} of ${rows} rows are copies of others, in numbers that do not repeat by chance; one of each was used, ${kept} rows, for a copy gives away the row that is held out. If equal rows are separate observations, say so: copies "keep" (--keep-copies)`,
  };
}

/** Each column of a side with its bijections. */
function mapped(side: Columns & { name: SideName }, { transform, estimator = "remine" }: EstimateOptions): Side {
  const { columns, categories } = side;
  const transforms = columns.map((values, c) =>
    fitTransform(values, categories?.[c] ? { category: true } : { kind: transform }),
  );
  const density = (estimators as Record<string, { critic?: string }>)[nameOf(estimator)]?.critic === "density";
  return { ...side, transforms, maps: fitInputs(columns, { categories, kind: transform, density }) };
}

/** Pearson's r of 1 within this is an affine copy. */
const COPY = 1e-12;

/** Throws when a continuous column of y is a column of x up to sign, scale and offset: then MI has no finite value. */
function refuseSameColumn(x: Side, y: Side): void {
  const standard = (side: Side) =>
    side.columns.map((values, c) => (side.transforms[c]!.kind === "one-hot" ? undefined : standardized(values)));
  const right = standard(y);
  for (const [i, a] of standard(x).entries()) {
    const j = a ? right.findIndex((b) => b && (isCopy(a, b, 1) || isCopy(a, b, -1))) : -1;
    if (j < 0) continue;
    throw new InputError(
      `${label(x, "x", i)} and ${label(y, "y", j)} are copies of each other up to sign, scale and offset (|Pearson r| = 1): one determines the other, and MI has no finite value for continuous columns. Drop it from one side`,
    );
  }
}

/** Mean 0 and variance 1; halved and divided by the largest first, so that no square overflows. */
function standardized(values: Float64Array): Float64Array {
  const apart = values.map((v) => v / 2 - values[0]! / 2);
  const largest = apart.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const center = mean(apart.map((v) => v / largest));
  const rest = apart.map((v) => v / largest - center);
  const scale = Math.sqrt(mean(rest.map((v) => v * v)));
  return rest.map((v) => v / scale);
}

/** 2 (1 − r) is the mean of (a − b)²; the sum ends as soon as it is too much. */
function isCopy(a: Float64Array, b: Float64Array, sign: 1 | -1): boolean {
  const most = 2 * COPY * a.length;
  let sum = 0;
  for (let i = 0; i < a.length && sum <= most; i++) sum += (a[i]! - sign * b[i]!) ** 2;
  return sum <= most;
}

/** The columns of X, of Y or of Z, and what was done to each. */
export interface Side extends Columns {
  name: SideName;
  /** The one map of each column that methods without training use. */
  transforms: Transform[];
  /** What critics see, a map for each restart in turn (crossfit/inputs.ts). */
  maps: InputMap[];
}
export const isDiscrete = (sides: readonly Side[]): boolean =>
  sides.some(({ transforms }) => transforms.some((t) => t.kind === "one-hot"));
