/** Whether rows look like independent samples: what repeats in groups. */
import { normalQuantile } from "../math/special.ts";
import { isCommonest, ranksOf } from "../math/statistics.ts";
import type { Column } from "./columns.ts";
import { byRounding, codesOf, countsOf, isAtomOf, onGrid } from "./copies.ts";
import { CHANCE, isSorted, WORTH } from "./dependence.ts";

/** Rows that agree in one side and are alike in the other. */
export interface Groups {
  /** How many different rows of the side there are. */
  distinct: number;
  /** How many independent rows would tell as much: n / (1 + (m − 1) ICC) for groups of m (Kish 1965). */
  effective: number;
  /** Whether the groups may as well be levels that were set, or all the things that there are. */
  mayBeLevels: boolean;
}

/** Rows of a group in the mean, from which on a side is taken as grouped. */
const GROUPED = 2;

/**
 * Groups whose rows do not stand together may be the levels of an experiment: those are taken many times, and what comes of them
 * goes along a curve. Groups of so many rows are spoken of if the other side goes by leaps from one to the next, or if there
 * are many and each is nearly the same in the other side too, as rows that were drawn again are.
 */
const LEVELS = { rows: 20, most: 50, same: 0.98 };

/** How many times as often as by rounding values must repeat, and where each of them is one of {@link LEVELS}. */
const NO_CHANCE = { usual: 50, ofLevels: 10 };

/**
 * Of the squares by which values leave the range of their neighbours, the largest quarter does not count: a curve has a few
 * peaks. The others have this mean where the values are independent and of variance 1, by simulation of normal ones (.14 for
 * 100 values and for 400, .15 for 40; of uniform ones .15 and .17), which scatters so that 30 / √values more is beyond chance in one
 * pair of columns in 1000, and twice that in any. Leaps matter if they are this share of the variance, and are not asked of fewer values.
 */
const LEAPS = { share: 0.75, mean: 0.14, chance: 30, matter: 0.05, least: 8 };

/**
 * The groups of a side in which the other side is alike; undefined where there are none, or they cost nothing. What gives them
 * away are numbers that repeat for no other reason, or numbers of any kind with leaps of the other side from one to the next.
 */
export function groupsOf(side: readonly Column[], other: readonly Column[]): Groups | undefined {
  const repeats = side.map(whyRepeated);
  if (!repeats.some(Boolean)) return undefined;
  const groups = groupedRows(side);
  const { rows, distinct } = groups;
  if (rows / distinct < GROUPED) return undefined;
  const spreads = other.map((column) => spreadOf(column, groups));
  // In a file that is sorted by them values stand together anyway.
  const mayBeLevels = runsOf(groups.codes) > 2 * distinct || side.every(isSorted);
  const byReason = repeats.includes("reason");
  const areSame = spreads.some(({ alike }) => alike >= LEVELS.same);
  const areLevels = mayBeLevels && rows / distinct > LEVELS.rows && !(distinct > LEVELS.most && areSame);
  if (byReason && !areLevels) return costly({ distinct, mayBeLevels }, alikeBeyondChance(spreads, groups), groups);
  const chance = byReason ? LEAPS.chance : 2 * LEAPS.chance;
  const orders = side.map(({ values }) => orderOf(values, groups));
  const leap = Math.max(...spreads.map((spread) => leapsOf(spread, orders, groups, chance)));
  return leap > LEAPS.matter ? costly({ distinct, mayBeLevels }, leap, groups) : undefined;
}

/**
 * The groups of a category that says what a row is of, as a patient's name does: its levels have one value each of a column of
 * numbers, and rows of a level are alike in another column.
 */
export function groupsOfLabel(label: Column, others: readonly Column[]): Groups | undefined {
  if (label.kind !== "category") return undefined;
  const groups = groupedRows([label]);
  const { rows, distinct } = groups;
  if (distinct < LEAPS.least || rows / distinct < GROUPED) return undefined;
  const told = others.find(
    ({ kind, values }) => kind !== "category" && isTold(values, groups) && codesOf(values).distinct >= LEAPS.least,
  );
  if (!told) return undefined;
  const spreads = others.filter((other) => other !== told).map((column) => spreadOf(column, groups));
  if (spreads.length === 0) return undefined;
  const mayBeLevels = runsOf(groups.codes) > 2 * distinct;
  return costly({ distinct, mayBeLevels }, alikeBeyondChance(spreads, groups), groups);
}

/** Whether all rows of a group have one value. */
function isTold(values: Float64Array, { codes, distinct }: GroupedRows): boolean {
  const first = new Float64Array(distinct).fill(Number.NaN);
  return values.every((value, row) => {
    const code = codes[row]!;
    if (Number.isNaN(first[code]!)) first[code] = value;
    return first[code] === value;
  });
}

/** The largest intraclass correlation, 0 where independent rows may have it. */
function alikeBeyondChance(spreads: readonly Spread[], { rows, size }: GroupedRows): number {
  const alike = Math.max(...spreads.map(({ alike }) => alike));
  const chance = normalQuantile(1 - CHANCE / 2 / spreads.length) * Math.sqrt(2 / (rows * (size - 1)));
  return alike > chance ? alike : 0;
}

/** What groups cost, if they do. */
function costly(found: Omit<Groups, "effective">, alike: number, { rows, size }: GroupedRows): Groups | undefined {
  const effective = rows / (1 + (size - 1) * alike);
  return effective < WORTH * rows ? { ...found, effective } : undefined;
}

/** Rows by what they are in all columns of a side. */
interface GroupedRows {
  /** The group of each row. */
  codes: Uint32Array;
  /** Rows of each group. */
  counts: Uint32Array;
  rows: number;
  distinct: number;
  /** Rows of the group of a row, in the mean. */
  size: number;
}

function groupedRows(side: readonly Column[]): GroupedRows {
  const rows = side[0]!.values.length;
  let { codes } = codesOf(side[0]!.values);
  for (const { values } of side.slice(1)) {
    const own = codesOf(values).codes;
    codes = codesOf(Float64Array.from(codes, (code, row) => code * rows + own[row]!)).codes;
  }
  const counts = countsOf(codes);
  const size = counts.reduce((sum, count) => sum + count * count, 0) / rows;
  return { codes, counts, rows, distinct: counts.length, size };
}

/**
 * Whether a column of numbers comes again and again by chance, as whole numbers do, or for a reason; undefined where it does not. A
 * number that has a reason of its own, such as no rain, does not count.
 */
function whyRepeated({ kind, values }: Column): "chance" | "reason" | undefined {
  if (kind === "category") return undefined;
  const counts = countsOf(codesOf(values).codes);
  const isAtom = isAtomOf(counts);
  let [rows, distinct, pairs] = [0, 0, 0];
  for (const count of counts) {
    if (isAtom(count)) continue;
    rows += count;
    distinct++;
    pairs += (count * (count - 1)) / 2;
  }
  if (rows < GROUPED * distinct || rows <= values.length / 2) return undefined;
  const noChance = rows > LEVELS.rows * distinct ? NO_CHANCE.ofLevels : NO_CHANCE.usual;
  return !onGrid(values) && pairs > noChance * byRounding(values) ? "reason" : "chance";
}

/** How often a code follows another one. */
function runsOf(codes: Uint32Array): number {
  let runs = 1;
  for (let row = 1; row < codes.length; row++) if (codes[row] !== codes[row - 1]) runs++;
  return runs;
}

/** How a column's ranks scatter from group to group, and within them. */
interface Spread {
  /** Of each group. */
  means: Float64Array;
  /** Variance within groups. */
  within: number;
  /** The intraclass correlation, by analysis of variance. */
  alike: number;
}

/** Scores of columns by their values, each made once: the ranks, of a category whether it is the commonest level. */
const known = new WeakMap<Float64Array, Float64Array>();

function scoresOf({ kind, values }: Column): Float64Array {
  const scores = known.get(values) ?? (kind === "category" ? isCommonest(values) : ranksOf(values));
  known.set(values, scores);
  return scores;
}

function spreadOf(column: Column, { codes, counts, rows, distinct, size }: GroupedRows): Spread {
  const own = scoresOf(column);
  const sums = new Float64Array(distinct);
  let [total, squares] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const value = own[row]!;
    sums[codes[row]!]! += value;
    total += value;
    squares += value * value;
  }
  const between = sums.reduce((sum, value, group) => sum + value ** 2 / counts[group]!, 0);
  const meanBetween = (between - total ** 2 / rows) / (distinct - 1);
  const within = Math.max(0, (squares - between) / (rows - distinct));
  // What stands for their size in the analysis of variance where groups have several; of one size it is that.
  const asOneSize = (rows - size) / (distinct - 1);
  const alike = (meanBetween - within) / (meanBetween + (asOneSize - 1) * within);
  return { means: sums.map((sum, group) => sum / counts[group]!), within, alike };
}

/** The groups in the order of a column of the side. */
function orderOf(values: Float64Array, { codes, rows, distinct }: GroupedRows): number[] {
  const place = new Float64Array(distinct);
  for (let row = 0; row < rows; row++) place[codes[row]!] = values[row]!;
  return [...place.keys()].sort((a, b) => place[a]! - place[b]!);
}

/**
 * The share of the variance that is leaps from group to group in each of some orders of them; 0 where scatter within groups may
 * explain them.
 */
function leapsOf({ means, within }: Spread, orders: readonly number[][], groups: GroupedRows, chance: number): number {
  const { counts, rows, distinct } = groups;
  if (distinct < LEAPS.least) return 0;
  const byScatter = (within * counts.reduce((sum, count) => sum + 1 / count, 0)) / distinct;
  const leap = Math.min(...orders.map((order) => leapOf(order.map((group) => means[group]!))));
  if (leap <= byScatter * (1 + chance / Math.sqrt(distinct)) || leap <= ROUNDING * rows ** 2) return 0;
  return (leap - byScatter) / (leap - byScatter + within);
}

/** Ranks of so small a share of the rows are equal but for rounding. */
const ROUNDING = 1e-9;

/** The variance of values if they were independent of each other, by how far they leave the range of those beside them. */
function leapOf(values: readonly number[]): number {
  const squares = values.slice(1, -1).map((value, i) => {
    const [low, high] = [Math.min(values[i]!, values[i + 2]!), Math.max(values[i]!, values[i + 2]!)];
    return Math.max(0, low - value, value - high) ** 2;
  });
  const kept = squares.sort((a, b) => a - b).slice(0, Math.floor(LEAPS.share * squares.length));
  return kept.reduce((sum, square) => sum + square, 0) / kept.length / LEAPS.mean;
}
