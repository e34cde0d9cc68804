/** From columns to sides that can be estimated from. */

import { fitInputs, type InputMap } from "../crossfit/inputs.ts";
import { checkGiven, checkPair, checkRows, label, ofItself, refuseSame } from "../data/check.ts";
import { type Side as Columns, chosenRows, MIN_ROWS, type SideName, valuesOf } from "../data/columns.ts";
import { findCopies } from "../data/copies.ts";
import { isTied, repeatsOf } from "../data/ties.ts";
import { fitTransform, lossProblem, type Transform } from "../data/transform.ts";
import { groupUnits, timeUnits, type Units } from "../data/units.ts";
import { meanOne } from "../data/weights.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { nameOf } from "../estimators/choice.ts";
import { turn } from "../gpu/device.ts";
import type { Turn } from "../gpu/run.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { inWords } from "../options.ts";
import { dependenceOf, timeDependence } from "./dependence.ts";
import type { EstimateOptions } from "./options.ts";
import { weightsDiagnostic } from "./weights.ts";

/** The sides of one information. */
interface Question {
  /** X, Y, and Z if there is one. */
  sides: Side[];
  /** What there is to say against their rows as independent samples. */
  diagnostics: Diagnostic[];
}

export interface Sides extends Question {
  /** The same with X′ in the place of X; absent where nothing is compared with X. */
  versus: Question | undefined;
  /** Where each row that was given is among those of the sides; absent where all were kept. */
  place?: Uint32Array;
  /** Rows that depend on each other, as the caller says; absent where each is independent of all others. */
  units: Units | undefined;
  /** Of each row, in the mean 1; absent where all count alike. */
  weights: Float64Array | undefined;
}

/** What a caller says of the rows of all sides. */
export interface ToldOfRows {
  /** A code for each row. */
  group?: Float64Array | undefined;
  inTime?: boolean;
  /** Above 0, one for each row. */
  weights?: Float64Array | undefined;
}

/** Share of the rows that may be copies of others without a word. */
const MOST_COPIES = 0.01;

/**
 * The sides of an estimate: checked, without rows that are copies of others, each column with its maps.
 *
 * @param all columns of X, of Y, and of Z and X′ if there are such
 * @throws {InputError} for rows and columns of which MI cannot be estimated
 */
export async function sidesOf(
  all: readonly Columns[],
  options: EstimateOptions,
  { group, inTime, weights: told }: ToldOfRows = {},
): Promise<Sides> {
  const { copies = "drop", signal } = options;
  checkCopies(copies);
  const { rows } = all[0]!;
  checkSides(all);
  const next = () => turn(signal);
  await next();
  const columns = all.flatMap((side) => side.columns);
  const found = copies === "drop" ? await findCopies(columns, next) : undefined;
  const kept = found
    ? all.map((side) => ({ ...side, rows: found.kept.length, columns: chosenRows(side.columns, found.kept) }))
    : all;
  refuseFewDifferent(kept[0]!.rows, rows);
  const sides: Side[] = [];
  for (const side of kept) sides.push(await mapped(side, options, next));
  await next();
  const weights = told && meanOne(found ? valuesOf(told, found.kept) : told);
  const groups = group && found ? valuesOf(group, found.kept) : group;
  const units = inTime ? timeUnits(sides.flatMap((side) => side.columns)) : groups && groupUnits(groups);
  await next();
  const [left, ...rest] = sides.filter(({ name }) => name !== "versus") as [Side, Side, Side?];
  const other = sides.find(({ name }) => name === "versus");
  const questionOf = (side: Side): Question => {
    refuseSameColumn(side, rest[0]!);
    const diagnostics = units ? timeDependence(units) : dependenceOf([side, rest[0]!]);
    if (weights) diagnostics.unshift(weightsDiagnostic(weights));
    if (found) diagnostics.unshift(copied(rows, found.kept.length));
    return { sides: [called("x", side), ...rest.flatMap((each) => each ?? [])], diagnostics };
  };
  const versus = other && questionOf(other);
  return { ...questionOf(left), versus, units, weights, ...(found && { place: found.place }) };
}

/** @throws {InputError} for sides of which MI cannot be estimated */
function checkSides(all: readonly Columns[]): void {
  const named = (wanted: SideName) => all.find(({ name }) => name === wanted);
  const [left, right, given, versus] = [named("x")!, named("y")!, named("given"), named("versus")];
  if (versus) checkRows(left, versus);
  for (const side of versus ? [left, versus] : [left]) {
    checkPair(side, right);
    if (given) checkGiven(given, side, right);
  }
  if (versus) refuseSame(left, versus);
}

/** The same side in the place of another. */
const called = (name: SideName, side: Side): Side => ({
  ...{ name, rows: side.rows, columns: side.columns, transforms: side.transforms },
  // Maps are made when they are first asked for.
  get maps() {
    return side.maps;
  },
});

/** @throws {InputError} when it is neither */
export function checkCopies(copies: unknown = "drop"): void {
  if (copies === "drop" || copies === "keep") return;
  throw new InputError(`"copies" must be "drop" or "keep", got ${inWords(copies)}`);
}

/** @throws {InputError} where too few rows are left without copies */
export function refuseFewDifferent(kept: number, rows: number): void {
  if (kept >= MIN_ROWS) return;
  throw new InputError(
    `only ${kept} of the ${rows} rows differ, the others are copies of them; at least ${MIN_ROWS} different rows are needed. If equal rows are separate observations, say so: copies "keep" (--keep-copies)`,
  );
}

/** Rows that were left out because they are copies of others. */
export function copied(rows: number, kept: number): Diagnostic {
  const share = 1 - kept / rows;
  return {
    name: "copies",
    value: share,
    ok: share <= MOST_COPIES,
    message: `${rows - kept} of ${rows} rows are copies of others, in numbers that do not repeat by chance; one of each was used, ${kept} rows, for a copy gives away the row that is held out. If equal rows are separate observations, say so: copies "keep" (--keep-copies)`,
  };
}

/** Each column of a side with its bijections. */
async function mapped(
  side: Columns,
  { transform: kind, estimator = "remine" }: EstimateOptions,
  next: Turn,
): Promise<Side> {
  const { columns } = side;
  const transforms: Transform[] = [];
  for (const column of columns) {
    await next();
    const transform = fitTransform(column.values, column.kind === "category" ? { category: true } : { kind });
    const problem = kind === undefined || kind === "auto" ? undefined : lossProblem(transform, column.values);
    if (problem !== undefined) throw new InputError(`${label(side, transforms.length)}: ${problem}`);
    transforms.push(transform);
  }
  const density = (estimators as Record<string, { critic?: string }>)[nameOf(estimator)]?.critic === "density";
  let maps: InputMap[] | undefined;
  return {
    ...side,
    transforms,
    get maps() {
      maps ??= fitInputs(
        columns.map(({ values }) => values),
        { kind, density, usual: transforms },
      );
      return maps;
    },
  };
}

/** Of a row's own size, beside the column's: rounding to single precision stays below it. */
const COPY = 1e-6;

/** Throws when a column of numbers of y is one of x up to sign, scale and offset: MI is infinite, or its entropy. */
function refuseSameColumn(x: Side, y: Side): void {
  const standard = (side: Side) =>
    side.columns.map(({ values }, c) => (side.transforms[c]!.kind === "one-hot" ? undefined : standardized(values)));
  const right = standard(y);
  for (const [i, a] of standard(x).entries()) {
    const j = a ? right.findIndex((b) => b && (isCopy(a, b, 1) || isCopy(a, b, -1))) : -1;
    if (j < 0) continue;
    throw new InputError(
      `${label(x, i)} and ${label(y, j)} are copies of each other up to sign, scale and offset: ${ofCopies(x.columns[i]!.values)}`,
    );
  }
}

function ofCopies(values: Float64Array): string {
  if (isTied(repeatsOf(values))) return ofItself(values);
  return "one determines the other, and MI has no finite value for continuous columns. Drop it from one side";
}

/** A column with its median at 0, in widths of the middle half of its rows: no outlier moves these. */
interface Standard {
  rows: number;
  at: (row: number) => number;
}

/** All is halved first, so that no difference overflows. */
function standardized(values: Float64Array): Standard {
  const rows = values.length;
  const sorted = Float64Array.from(values, (value) => value / 2).sort();
  /** As far from either end, so that a column with its sign turned has them, too. */
  const between = (share: number) => {
    const place = Math.floor(share * (rows - 1));
    return [sorted[place]!, sorted[rows - 1 - place]!] as const;
  };
  const [below, above] = between(0.5);
  const center = (below + above) / 2;
  const width = ([low, high]: readonly [number, number]) => high - low;
  const scale = width(between(0.25)) || width(between(0));
  return { rows, at: (row) => (values[row]! / 2 - center) / scale };
}

function isCopy(a: Standard, b: Standard, sign: 1 | -1): boolean {
  for (let i = 0; i < a.rows; i++) {
    const [left, right] = [a.at(i), sign * b.at(i)];
    if (Math.abs(left - right) > COPY * (1 + Math.abs(left))) return false;
  }
  return true;
}

/** The columns of X, of Y or of Z, and what was done to each. */
export interface Side extends Columns {
  /** The one map of each column that methods without training use. */
  transforms: Transform[];
  /** What critics see, a map for each restart in turn (crossfit/inputs.ts); made when they are first asked for. */
  readonly maps: InputMap[];
}
export const isDiscrete = (sides: readonly Side[]): boolean =>
  sides.some(({ transforms }) => transforms.some((t) => t.kind === "one-hot"));

/** No MI is above the entropy of a side; that of categories alone is at most the logarithm of their levels, nats. */
export const mostInformation = (sides: readonly Side[]): number =>
  Math.min(
    ...sides.map(({ transforms }) =>
      transforms.reduce((sum, t) => sum + (t.kind === "one-hot" ? Math.log(t.levels.length) : Infinity), 0),
    ),
  );
