/** What `matrix` decides before the first number: columns, transforms, pairs. */

import { columnOf, describeInputs, fitInputs, inputsOf, type Table32 } from "../crossfit/inputs.ts";
import {
  type Column,
  type Complete,
  checkMissing,
  chosenRows,
  completeRows,
  isConstant,
  MIN_ROWS,
  type Missing,
  shown,
  valuesOf,
} from "../data/columns.ts";
import { findCopiesAtOnce } from "../data/copies.ts";
import { type ColumnsInput, tableColumns } from "../data/input.ts";
import { levelsProblem } from "../data/kinds.ts";
import { apartFrom, digits } from "../data/levels.ts";
import { brokenTies, describeBrokenTies, isTied, needsTiesBroken, repeatsOf } from "../data/ties.ts";
import { applyTransform, describeTransform, fitTransform, lossProblem } from "../data/transform.ts";
import { type Belonging, checkUnits, groupColumn, groupUnits, timeUnits, type Units } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { tableDependence, timeDependence } from "../estimate/dependence.ts";
import { checkCopies, copied, refuseFewDifferent } from "../estimate/sides.ts";
import { estimateNames } from "../estimators/catalogue.ts";
import type { EstimateName, EstimatorChoice } from "../estimators/choice.ts";
import { neighborMethods } from "../estimators/neighbors.ts";
import { nearestName } from "../math/nearest.ts";
import { hashOf } from "../math/random.ts";
import { fewParts } from "../neighbors/independent-parts.ts";
import { levelsDiagnostic } from "../neighbors/width.ts";
import { checkSeed, inWords } from "../options.ts";
import { checkCondition, refuseUseless, whyKnown } from "./condition.ts";

/** What decides which numbers come out. */
export interface MatrixSettings extends Belonging {
  /**
   * `"ksg"` (default), `"ksg2"` or `"kl"`; a pair with a category is estimated by `"mixed-ksg"`, and says so. Or
   * `"mixed-ksg"` for all pairs, with ties left as they are, which may find up to 0.3 nats too much in rounded numbers. Or a
   * trained estimator, such as `"remine"`:
   * critics of many pairs then train side by side, each pair with a Gaussian copula beside them where both columns are
   * numbers. (`"demine"` takes one pair after the other, seconds to minutes each.)
   */
  estimator?: EstimatorChoice | undefined;
  /** Neighbours. Default 3. */
  k?: number | undefined;
  /**
   * Permutations behind the p-values of every pair, and of the family; pairs that few of them reach get more (leaders.ts).
   * Default 0: no p-values.
   */
  permutations?: number | undefined;
  /** Seed of the permutations and of trained critics. Default 0. */
  seed?: number | undefined;
  /** One column against all others, instead of all pairs. */
  target?: string | undefined;
  /**
   * Columns of Z, by name: the pairs of all others are estimated and tested conditionally on them, I(X;Y|Z), by `"ksg"` or
   * `"mixed-ksg"` (Frenzel and Pompe 2007, Mesner and Shalizi 2020), or by a trained estimator, one pair after the other. Rows of
   * the first column of a pair change places only among nearly the same Z, as in `estimate`; no first look chooses pairs.
   */
  given?: readonly string[] | undefined;
  /** Only these pairs. */
  pairs?: readonly (readonly [string, string])[] | undefined;
  /**
   * How many pairs are estimated, chosen by a first look at all of them: MI of ranks in a few bins, nearly free. `false`
   * estimates all. Default: all below 1000 columns, and from there on 4 for each column; with `target` or `pairs` all.
   * p-values know of the choice: q counts all pairs, those that were not chosen with p = 1, and pFamily repeats the first
   * look in every permutation.
   */
  screen?: number | false | undefined;
  /** Only every `count`-th pair, from number `index` (1 to `count`) on. */
  shard?: { index: number; count: number } | undefined;
  /**
   * How numeric columns are mapped; MI does not change. Default `"auto"`: as `estimate` does, but where over a tenth of the
   * rows repeat a value, or a value is there more than k times, normal scores by rank with ties broken at random. With the
   * others ties stay, and pairs with many of them are estimated by `"mixed-ksg"`. Critics see both maps of `estimate`
   * (crossfit/inputs.ts), the second from two `restarts` on.
   */
  transform?: "auto" | "identity" | "standardize" | "normal-scores" | undefined;
  /**
   * Rows in which a value is NaN. Default `"pairs"`: each pair is estimated and tested on the rows that have both of its columns
   * (matrix/table-plan.ts). `"drop"` leaves out rows that lack a value of any column, as a first look does whatever is said
   * here; `"throw"` refuses them.
   */
  missing?: Missing | "pairs" | undefined;
  /** Rows that are copies of others in all columns together: as `estimate` has it. Default `"drop"`. */
  copies?: "drop" | "keep" | undefined;
}

type Named = Column & { name: string };

/** A column that is ready: complete, not constant, mapped. */
export interface ReadyColumn {
  name: string;
  values: Float64Array;
  category: boolean;
  /**
   * What the distances are taken between: one coordinate, or for categories the binary digits of the level. For trained
   * estimators the first of `inputs`.
   */
  coordinates: Float32Array[];
  /** For trained estimators what critics see by each map, as `estimate` has it (crossfit/inputs.ts); else none. */
  inputs: Float32Array[][];
  /** A category, or numbers that are taken for one (data/kinds.ts). */
  discrete: boolean;
  /** So many rows share their value with another that MI with itself is finite. */
  tied: boolean;
  /** Share of rows whose coordinates are in another row too. */
  repeated: number;
  /** Rows of the most frequent coordinates. */
  mostFrequent: number;
  /** What was done to the values, in words. */
  description: string;
  /** Stands for the name in random numbers, so that a pair's values do not depend on which other columns are there. */
  id: number;
}

interface Raw {
  name: string;
  values: Float64Array;
  category: boolean;
  kind: MatrixSettings["transform"];
  asked: string;
  k: number;
  seed: number;
}

export interface PlannedPair {
  x: number;
  y: number;
  estimator: string;
  /** Equal continuous columns. */
  infinite: boolean;
}

/** Everything that is decided before the first number is computed. */
export interface MatrixPlan {
  columns: ReadyColumn[];
  /** Those of Z, which are in no pair; none without a condition. */
  condition: ReadyColumn[];
  /** Those to estimate; empty while `screen` has still to choose them. */
  pairs: PlannedPair[];
  /** Of how many pairs a first look chooses how many. */
  screen: { of: number; keep: number } | undefined;
  /** What it chose, over all shards. */
  chosen?: (readonly [number, number])[];
  shard: { index: number; count: number };
  /** Index of the target, if there is one. */
  target: number | undefined;
  /** Rows used. */
  rows: number;
  /** Which of them depend on each other, as the caller says: permutations and folds are of whole units. */
  units: Units | undefined;
  /** What there is to say against the rows as independent samples; those that pass are left out. */
  diagnostics: Diagnostic[];
  /** Rows that were left out because a value is missing, and the missing values of each column. */
  dropped: number;
  droppedBy: { name: string; count: number }[];
  /** Columns that no pair has, and why. */
  leftOut: LeftOutColumn[];
  settings: DecidedSettings;
}

/** A column that no pair has, and why. */
export interface LeftOutColumn {
  column: string;
  reason: string;
}

export interface DecidedSettings {
  estimator: string;
  k: number;
  permutations: number;
  seed: number;
}

/** Settings with the estimator by name. */
export type NamedSettings = Omit<MatrixSettings, "estimator"> & { estimator?: string };

/** Columns from which on not all pairs are estimated, and how many then are, for each column. */
const WIDE = 1000;
const KEPT_PER_COLUMN = 4;

/**
 * Checks the table and the settings, leaves out what cannot be used, maps the columns and lists the pairs, all on the rows that
 * are complete.
 *
 * @throws {InputError} when no pair is left, or a setting cannot be used
 */
export function planMatrix(
  input: ColumnsInput,
  settings: NamedSettings & { missing?: Missing | undefined } = {},
): MatrixPlan {
  const { missing = "drop" } = settings;
  const decided = decidedOf(settings);
  const { estimator, k, seed } = decided;
  checkMissing(missing);
  const given = tableColumns(input, missing);
  const { target, chosen, condition: isGiven } = askedPairs(given, settings);
  const group = groupColumn(settings, given[0]?.values.length ?? 0);
  const complete = completeRows(group ? [...given, group] : given);
  if (given.length > 1) refuseFew(complete);
  const { dropped, droppedBy } = complete;
  const { rows, diagnostics, units } = usedRows(given, complete, settings, { group, isGiven });
  const { columns, condition, place, leftOut } = readyColumns(given, rows, { target, isGiven }, (column) =>
    ready({ ...column, kind: settings.transform, asked: estimator, k, seed }),
  );
  if (!isTrained(estimator)) partLevels([...columns, ...condition]);
  const at = target === undefined ? undefined : place.get(target)!;
  const of = pairCount(columns.length, at);
  const screen = chosen || isGiven.size > 0 ? undefined : screenOf(settings.screen, columns.length, of, at);
  const list = chosen
    ? chosen.flatMap(([x, y]) => (place.has(x) && place.has(y) ? [[place.get(x)!, place.get(y)!] as const] : []))
    : screen
      ? []
      : eachPair(columns.length, at);
  return {
    ...{ columns, condition },
    pairs: sharded(list, settings.shard).map(([x, y]) => plannedPair({ columns, condition }, x, y, estimator, k)),
    screen,
    shard: settings.shard ?? { index: 1, count: 1 },
    target: at,
    rows: rows.length,
    units,
    diagnostics: isTrained(estimator)
      ? diagnostics
      : [...diagnostics, ...(units ? fewParts(units) : []), ...rareLevels([...columns, ...condition], k)],
    dropped,
    droppedBy,
    leftOut,
    settings: decided,
  };
}

/** Categories of which many levels have too few rows for k neighbours. */
const rareLevels = (columns: readonly ReadyColumn[], k: number): Diagnostic[] =>
  columns.flatMap(({ name, values, category }) =>
    (category ? levelsDiagnostic([values], k) : [])
      .filter(({ ok }) => !ok)
      .map((said) => ({ ...said, message: `column "${name}": ${said.message}` })),
  );

/** The columns that vary, those of Z by themselves, each as `map` makes it ready; and where each column of a table is among them. */
function readyColumns(
  given: readonly Named[],
  rows: Uint32Array,
  { target, isGiven }: { target: number | undefined; isGiven: ReadonlySet<number> },
  map: (column: Pick<Raw, "name" | "values" | "category">) => ReadyColumn,
) {
  const leftOut: LeftOutColumn[] = [];
  const place = new Map<number, number>();
  const used = given.map((column) => ({
    ...column,
    values: rows.length < column.values.length ? valuesOf(column.values, rows) : column.values,
  }));
  const mapped = ({ name, values, kind }: Named) => map({ name, values, category: kind === "category" });
  const ofZ = used.filter((_, c) => isGiven.has(c));
  for (const column of ofZ) refuseUseless(column.name, whyUseless(column));
  const columns: ReadyColumn[] = [];
  for (const [c, column] of used.entries()) {
    if (isGiven.has(c)) continue;
    const reason = whyUseless(column) ?? whyKnown(column.values, ofZ);
    if (reason !== undefined) {
      if (c === target) throw uselessTarget(column.name, reason);
      leftOut.push({ column: column.name, reason });
      continue;
    }
    place.set(c, columns.length);
    columns.push(mapped(column));
  }
  if (columns.length < 2) throw tooFewColumns(columns[0]?.name, leftOut);
  return { columns, condition: ofZ.map(mapped), place, leftOut };
}

/** @throws {InputError} for a setting that no table could have */
export function decidedOf(settings: NamedSettings): DecidedSettings {
  const { estimator = "ksg", k = 3, permutations = 0, seed = 0, pairs, screen } = settings;
  if (!estimateNames.includes(estimator as EstimateName)) {
    throw new InputError(`there is no estimator "${estimator}". Choose one of: ${estimateNames.join(", ")}`);
  }
  whole("permutations", permutations, 0, 1e6);
  whole("k", k, 1, 2 ** 32 - 1);
  checkSeed(seed);
  checkCopies(settings.copies);
  checkCondition(settings, estimator, isTrained(estimator));
  if (pairs && screen) throw new InputError('"screen" chooses pairs, and "pairs" names them. Give one of the two');
  return { estimator, k, permutations, seed };
}

/** Places of the target, of the pairs that are named and of the columns of Z, among all columns. */
export function askedPairs(columns: readonly { name: string }[], { target, pairs, given = [] }: NamedSettings) {
  const names = columns.map(({ name }) => name);
  if (pairs !== undefined && !(Array.isArray(pairs) && pairs.every(Array.isArray))) {
    throw new InputError(`"pairs" must be a list of two names each, got ${inWords(pairs)}`);
  }
  const chosen = pairs?.map(([x, y]) => [find(names, x, "pairs"), find(names, y, "pairs")] as const);
  const self = chosen?.find(([x, y]) => x === y);
  if (self) throw new InputError(`"pairs" has "${names[self[0]]}" with itself. Name two columns`);
  const condition: ReadonlySet<number> = new Set(given.map((name) => find(names, name, "given")).sort((a, b) => a - b));
  return { target: target === undefined ? undefined : find(names, target, "target"), chosen, condition };
}

/** Why a column without gaps tells nothing; undefined where it may tell something. */
export const whyUseless = (column: Column): string | undefined =>
  isConstant(column.values)
    ? `constant (${shown(column, column.values[0]!)} in every row that is used), so it tells nothing of any other`
    : levelsProblem(column);

export const uselessTarget = (name: string, reason: string) =>
  new InputError(`the target "${name}" is ${reason}. Choose another`);

/** @param only the one column that is left, if there is one */
export function tooFewColumns(only: string | undefined, leftOut: readonly LeftOutColumn[]): InputError {
  const out = leftOut.map(({ column, reason }) => `"${column}" is ${reason}`).join("; ");
  return new InputError(
    `a matrix needs two columns that vary, and here ${only === undefined ? "is none" : `is only "${only}"`}${out ? `: ${out}` : ""}. Give more columns`,
  );
}

/** Complete rows without copies, and what there is to say of them as samples. */
function usedRows(
  given: readonly Named[],
  { rows: complete }: Complete,
  { time, copies }: Pick<MatrixSettings, "time" | "copies">,
  { group, isGiven }: { group: Column | undefined; isGiven: ReadonlySet<number> },
): Pick<MatrixPlan, "units" | "diagnostics"> & { rows: Uint32Array } {
  const isWhole = complete.length === given[0]?.values.length;
  const all = isWhole ? given : chosenRows(given, complete);
  // A single column is refused later, for a better reason than its repeats.
  const kept = copies === "keep" || given.length < 2 ? undefined : findCopiesAtOnce(all)?.kept;
  if (kept) refuseFewDifferent(kept.length, complete.length);
  const rows = kept ? valuesAt(complete, kept) : complete;
  const used = (kept ? chosenRows(all, kept) : all).map((column, c) => ({ ...column, name: given[c]!.name }));
  const varying = used.filter(({ values }) => !isConstant(values));
  const inPairs = used.filter((column, c) => !isGiven.has(c) && varying.includes(column));
  const units = time && varying.length > 0 ? timeUnits(varying) : group && groupUnits(valuesOf(group.values, rows));
  if (units) checkUnits(units);
  const dependence = units ? timeDependence(units) : inPairs.length > 1 ? tableDependence(inPairs) : [];
  return { rows, units, diagnostics: [...(kept ? [copied(complete.length, kept.length)] : []), ...dependence] };
}

const valuesAt = (rows: Uint32Array, places: Uint32Array): Uint32Array => places.map((place) => rows[place]!);

export function screenOf(asked: MatrixSettings["screen"], columns: number, of: number, target: number | undefined) {
  if (asked !== undefined && asked !== false) whole("screen", asked, 1, 2 ** 32 - 1);
  const usual = columns >= WIDE && target === undefined ? KEPT_PER_COLUMN * columns : of;
  const keep = asked === false ? of : (asked ?? usual);
  return keep < of ? { of, keep } : undefined;
}

/** All pairs of `count` columns, or those of the target, which comes first in each. */
export const allPairs = (count: number, target?: number): (readonly [number, number])[] => [...eachPair(count, target)];

/** The same one by one: those of very many columns are more than fit in memory, and a shard needs few of them. */
function* eachPair(count: number, target: number | undefined): Generator<readonly [number, number]> {
  for (let x = 0; x < count; x++) {
    for (let y = x + 1; y < count; y++) {
      if (target === undefined) yield [x, y];
      else if (x === target || y === target) yield [target, x === target ? y : x];
    }
  }
}

/** How many pairs {@link allPairs} has. */
export const pairCount = (count: number, target: number | undefined): number =>
  target === undefined ? (count * (count - 1)) / 2 : count - 1;

export function sharded<T>(list: Iterable<T>, shard: MatrixSettings["shard"]): T[] {
  if (!shard) return [...list];
  const { index, count } = shard;
  if (!Number.isInteger(index) || !Number.isInteger(count) || index < 1 || index > count) {
    throw new InputError(`a shard is i/n with whole numbers 1 <= i <= n, such as 2/8; got ${index}/${count}`);
  }
  const mine: T[] = [];
  let i = 0;
  for (const one of list) if (i++ % count === index - 1) mine.push(one);
  return mine;
}

function refuseFew({ rows, dropped, droppedBy }: Complete): void {
  if (rows.length >= MIN_ROWS) return;
  const worst = droppedBy.toSorted((a, b) => b.count - a.count)[0];
  const mend = worst
    ? `${dropped} were left out because a value is missing, most of them in "${worst.name}" (${worst.count}): leave that column out`
    : "Collect more rows";
  throw new InputError(`${rows.length} complete rows; at least ${MIN_ROWS} are needed. ${mend}`);
}

function ready({ name, values, category, kind = "auto", asked, k, seed }: Raw): ReadyColumn {
  const transform = fitTransform(values, category ? { category } : { kind });
  const problem = kind === "auto" ? undefined : lossProblem(transform, values);
  if (problem !== undefined) throw new InputError(`column "${name}": ${problem}`);
  const column = { name, values, category, inputs: [], id: hashOf([...name].map((c) => c.codePointAt(0)!)) };
  if (isTrained(asked)) {
    const maps = fitInputs([values], { categories: [category], kind });
    const inputs = maps.map((map) => columnsOfTable(inputsOf(map, [values])));
    const ties = repeatsOf(values);
    const discrete = transform.kind === "one-hot";
    return {
      ...{ ...column, ...ties, inputs, coordinates: inputs[0]!, discrete },
      tied: discrete || isTied(ties),
      description: describeInputs(maps).join(" | "),
    };
  }
  if (transform.kind === "one-hot") {
    return {
      ...column,
      coordinates: digits(values, transform.levels, 1),
      discrete: true,
      ...repeatsOf(values),
      tied: true,
      description: describeTransform(transform),
    };
  }
  const coordinates = applyTransform(transform, values);
  const ties = repeatsOf(coordinates[0]!);
  const tied = isTied(ties);
  if (kind === "auto" && asked !== "mixed-ksg" && needsTiesBroken(ties, k)) {
    const description = describeBrokenTies(ties);
    const scores = [brokenTies(values, hashOf([seed, column.id]))];
    return { ...column, coordinates: scores, discrete: false, repeated: 0, mostFrequent: 1, tied, description };
  }
  return { ...column, coordinates, discrete: false, ...ties, tied, description: describeTransform(transform) };
}

const columnsOfTable = (table: Table32): Float32Array[] =>
  Array.from({ length: table.columns }, (_, c) => columnOf(table, c));

export const isTrained = (estimator: string): boolean => !(neighborMethods as readonly string[]).includes(estimator);

/** Levels of categories further apart than the numbers of any column, so that neighbours are of one level. */
function partLevels(columns: readonly ReadyColumn[]): void {
  const apart = apartFrom(columns.flatMap(({ discrete, coordinates }) => (discrete ? [] : coordinates)));
  for (const { discrete, coordinates } of columns) {
    if (discrete) for (const digit of coordinates) for (let i = 0; i < digit.length; i++) digit[i]! *= apart;
  }
}

export function plannedPair(
  { columns, condition }: Pick<MatrixPlan, "columns" | "condition">,
  x: number,
  y: number,
  asked: string,
  k: number,
): PlannedPair {
  const [a, b] = [columns[x]!, columns[y]!];
  const infinite = !a.tied && !b.tied && a.values.every((value, i) => value === b.values[i]);
  if (isTrained(asked) || asked === "mixed-ksg") return { x, y, estimator: asked, infinite };
  // No k-th distance: KL looks at each column alone, KSG at rows that are equal in both, in some permutation.
  const all = [a, b, ...condition];
  const copies = all.map(({ mostFrequent }) => mostFrequent > k);
  const tied = all.some((column) => column.discrete || isTied(column));
  const noRadius = asked === "kl" ? copies.some(Boolean) : copies.every(Boolean);
  return { x, y, estimator: tied || noRadius ? "mixed-ksg" : asked, infinite };
}

function find(names: readonly string[], name: string, option: string): number {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  if (typeof name !== "string") throw new InputError(`"${option}" must name columns, got ${inWords(name)}`);
  const nearest = nearestName(name, names)?.name;
  throw new InputError(
    `"${option}": no column "${name}" among ${names.length}${nearest === undefined ? "" : `. Nearest name: "${nearest}"`}`,
  );
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InputError(`"${name}" must be a whole number from ${least} to ${most}, got ${inWords(value)}`);
}
