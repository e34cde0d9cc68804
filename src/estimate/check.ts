/** `check`: estimates of rows whose answer follows from the first one. */

import { chosenRows, type Side } from "../data/columns.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { shuffled } from "../math/random.ts";
import { normalQuantile } from "../math/special.ts";
import { median } from "../math/statistics.ts";
import type { EstimateOptions } from "./options.ts";
import type { EstimateResult } from "./result.ts";

/** Columns of X, Y and Z; categories are of kind "category", and keep what they were in all rows. */
export interface CheckedSides {
  x: Side;
  y: Side;
  given?: Side | undefined;
}

/** Estimates beside the one that is checked, at most; two of them of half of the rows. */
export const CHECK_RUNS = 5;

/** With fewer rows a half is of no use. */
const FEWEST_HALVES = 80;

/** How far critics that start elsewhere may end from each other beside two standard errors, nats. */
const TRAINING = 0.03;

/** Noise that blurs a column, in robust standard deviations. */
const BLUR = 0.5;

/** An estimate of these sides with the options of the one that is checked; `onProgress` counts from 0 again. */
export type Run = (sides: CheckedSides, onProgress: Progress) => Promise<Said>;

/** What checks ask of an estimate. */
export type Said = Pick<EstimateResult, "mi" | "raw" | "interval" | "standardError" | "rows">;
export type Progress = NonNullable<EstimateOptions["onProgress"]>;

/**
 * What must hold of any MI, tried on these rows: shuffled rows share none, each half of the rows says the same, bijections
 * of columns change nothing, and less of one side tells no more (data processing). A check that these rows do not allow,
 * such as halves of few rows, is left out.
 */
export async function checkEstimate(
  sides: CheckedSides,
  checked: Said,
  estimate: Run,
  { seed = 0, onProgress }: Pick<EstimateOptions, "seed" | "onProgress">,
): Promise<Diagnostic[]> {
  let done = 1;
  const run = async (changed: Partial<CheckedSides>): Promise<Said | undefined> => {
    const before = done++;
    try {
      return await estimate({ ...sides, ...changed }, (p) =>
        onProgress?.({
          ...{ ...p, estimate: checked.raw },
          ...{ done: before * p.total + p.done, total: (1 + CHECK_RUNS) * p.total },
        }),
      );
    } catch (error) {
      // A column may be constant in a part of the rows, and a method may refuse so few: no such check then.
      if (error instanceof InputError) return undefined;
      throw error;
    }
  };
  const order = shuffled(checked.rows, (seed + 1) % 2 ** 32);
  const half = checked.rows >> 1;
  const isLong = checked.rows >= FEWEST_HALVES;
  const bent = { x: bend(sides.x), y: bend(sides.y) };
  const less = lessOf(sides, order);

  const unpaired = await run({ y: only(sides.y, order) });
  const first = isLong ? await run(partOf(sides, order.slice(0, half))) : undefined;
  const second = isLong ? await run(partOf(sides, order.slice(half))) : undefined;
  const curved = bent.x || bent.y ? await run({ x: bent.x ?? sides.x, y: bent.y ?? sides.y }) : undefined;
  const poorer = less && (await run(less.sides));
  return [
    ...(unpaired ? [permuted(unpaired)] : []),
    ...(first && second ? [halves(first, second)] : []),
    ...(curved ? [bijection(checked, curved)] : []),
    ...(poorer ? [processing(checked, poorer, less.what)] : []),
  ];
}

const shown = ({ mi, interval: [low, high] }: Said) => `${mi.toFixed(3)} nats [${low.toFixed(3)}, ${high.toFixed(3)}]`;

/** Advice stands only where something failed: passed checks are shown too. */
const told = (ok: boolean, facts: string, advice: string) => ({ ok, message: ok ? facts : `${facts}; ${advice}` });

function permuted(result: Said): Diagnostic {
  const [low] = result.interval;
  return {
    name: "permuted",
    value: result.mi,
    ...told(
      low === 0 && result.mi < TRAINING + 2 * result.standardError,
      `with the rows of y shuffled, which leaves no MI, the estimate is ${shown(result)}`,
      "this estimator sees dependence where there is none in such columns: name another, or take more rows",
    ),
  };
}

function halves(a: Said, b: Said): Diagnostic {
  return {
    name: "halves",
    value: a.mi - b.mi,
    ...told(
      Math.max(a.interval[0], b.interval[0]) <= Math.min(a.interval[1], b.interval[1]),
      `the halves of the rows say ${shown(a)} and ${shown(b)}`,
      "intervals that do not meet are too narrow: take more rows or steps",
    ),
  };
}

/** How far two estimates of the same rows may lie apart. */
const slack = (a: Said, b: Said) => TRAINING + 2 * Math.max(a.standardError, b.standardError);

function bijection(checked: Said, curved: Said): Diagnostic {
  const value = curved.mi - checked.mi;
  return {
    name: "bijection",
    value,
    ...told(
      Math.abs(value) <= slack(checked, curved),
      `with every number bent by a monotone curve, which leaves MI as it is, the estimate is ${shown(curved)} and was ${shown(checked)}`,
      "critics have not learned what there is: give more steps or rows",
    ),
  };
}

function processing(checked: Said, poorer: Said, what: string): Diagnostic {
  const value = poorer.mi - checked.mi;
  return {
    name: "processing",
    value,
    ...told(
      value <= slack(checked, poorer),
      `with ${what}, which cannot add to MI, the estimate is ${shown(poorer)} and was ${shown(checked)}`,
      "the first one is too low: take more rows, or fewer columns",
    ),
  };
}

const only = (side: Side, rows: Uint32Array): Side => ({
  ...side,
  rows: rows.length,
  columns: chosenRows(side.columns, rows),
});

const partOf = ({ x, y, given }: CheckedSides, rows: Uint32Array): CheckedSides => ({
  ...{ x: only(x, rows), y: only(y, rows) },
  given: given && only(given, rows),
});

/** Numbers by s³ + s or e^asinh(s) in turn, s in robust units; none where all columns are categories. */
function bend(side: Side): Side | undefined {
  if (side.columns.every(({ kind }) => kind === "category")) return undefined;
  const columns = side.columns.map((column, c) => {
    if (column.kind === "category") return column;
    const { center, scale } = robust(column.values);
    const units = column.values.map((v) => (v - center) / scale);
    return { ...column, values: units.map((s) => (c % 2 === 0 ? s ** 3 + s : Math.exp(Math.asinh(s)))) };
  });
  return { ...side, columns };
}

function robust(values: Float64Array): { center: number; scale: number } {
  const center = median(values);
  const apart = values.map((v) => Math.abs(v - center));
  const scale = 1.4826 * median(apart) || apart.reduce((sum, v) => sum + v, 0) / apart.length;
  return { center, scale };
}

/** One side with less in it: a column left out, a number blurred, categories merged two by two. */
function lessOf(sides: CheckedSides, order: Uint32Array): { sides: Partial<CheckedSides>; what: string } | undefined {
  for (const name of ["x", "y"] as const) {
    const side = sides[name];
    const last = side.columns.length - 1;
    if (last > 0) {
      const less = { ...side, columns: side.columns.slice(0, last) };
      return { sides: { [name]: less }, what: `the last column of ${name} left out` };
    }
    const column = side.columns[0]!;
    const { values } = column;
    const changed = (values: Float64Array) => ({ [name]: { ...side, columns: [{ ...column, values }] } });
    if (column.kind !== "category") {
      const { scale } = robust(values);
      const noise = (i: number) => BLUR * scale * normalQuantile((order[i]! + 0.5) / order.length);
      return { sides: changed(values.map((v, i) => v + noise(i))), what: `noise on ${name}` };
    }
    const levels = [...new Set(values)];
    if (levels.length < 3) continue;
    const place = new Map(levels.map((level, i) => [level, i >> 1]));
    return { sides: changed(values.map((v) => place.get(v)!)), what: `the categories of ${name} merged two by two` };
  }
  return undefined;
}
