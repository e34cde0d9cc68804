/** Whether rows look like independent samples: what repeats in groups. */
import { normalQuantile } from "../math/special.ts";
import { isCommonest, ranksOf } from "../math/statistics.ts";
import type { Column } from "./columns.ts";
import { byRounding, codesOf, countsOf, isAtomOf, onGrid } from "./copies.ts";
import { CHANCE, WORTH } from "./dependence.ts";

/** Rows that agree in one side, in numbers that do not repeat by chance, and are alike in the other. */
export interface Groups {
  /** How many different rows of the side there are. */
  distinct: number;
  /** How many independent rows would tell as much: n / (1 + (m − 1) ICC) for groups of m (Kish 1965). */
  effective: number;
  /** Whether the values may as well be levels that were set, or all the things that there are. */
  mayBeLevels: boolean;
}

/** Rows of a group in the mean, from which on a side is taken as grouped. */
const GROUPED = 2;

/**
 * Groups whose rows do not stand together may be the levels of an experiment: those are taken many times, and what comes of them
 * goes along a curve. Groups of so many rows are spoken of if the other side goes by leaps from one to the next, or if there
 * are many and each is nearly the same in the other side too, as rows that were drawn again are.
 */
const LEVELS = { rows: 20, most: 50, same: 0.98, least: 8 };

/** How many times as often as by rounding values must repeat, and where each of them is one of {@link LEVELS}. */
const NO_CHANCE = { usual: 50, ofLevels: 10 };

/**
 * Of the squares by which values leave the range of their neighbours, the largest quarter does not count: a curve has a few
 * peaks. The others have this mean where the values are independent and of variance 1, by simulation of normal ones (.14 for
 * 100 values and for 400, .15 for 40; of uniform ones .15 and .17), which scatters so that 30 / √values more is beyond chance.
 */
const LEAPS = { share: 0.75, mean: 0.14, chance: 30 };

/** The groups of a side in which the other side is alike; undefined where there are none, or they cost nothing. */
export function groupsOf(side: readonly Column[], other: readonly Column[]): Groups | undefined {
  if (!side.some(repeatsForAReason)) return undefined;
  const rows = side[0]!.values.length;
  let codes: Uint32Array = new Uint32Array(rows);
  for (const { values } of side) {
    const own = codesOf(values).codes;
    codes = codesOf(Float64Array.from(codes, (code, row) => code * rows + own[row]!)).codes;
  }
  const counts = countsOf(codes);
  const distinct = counts.length;
  if (rows / distinct < GROUPED) return undefined;
  const size = counts.reduce((sum, count) => sum + count * count, 0) / rows;
  const spreads = other.map((column) => spreadOf(column, codes, counts));
  const alike = Math.max(...spreads.map(({ alike }) => alike));
  const chance = normalQuantile(1 - CHANCE / 2 / other.length) * Math.sqrt(2 / (rows * (size - 1)));
  const effective = rows / (1 + (size - 1) * Math.max(0, alike));
  if (!(alike > chance && effective < WORTH * rows)) return undefined;
  const mayBeLevels = runsOf(codes) > 2 * distinct;
  const areDrawnAgain = distinct > LEVELS.most && alike >= LEVELS.same;
  if (mayBeLevels && rows / distinct > LEVELS.rows && !areDrawnAgain) {
    if (!spreads.some((spread) => leaps(spread, side, codes, counts))) return undefined;
  }
  return { distinct, effective, mayBeLevels };
}

/** Numbers on no grid that come again and again, other than one that has a reason of its own, such as no rain. */
function repeatsForAReason({ kind, values }: Column): boolean {
  if (kind === "category" || onGrid(values)) return false;
  const { codes } = codesOf(values);
  const counts = countsOf(codes);
  const isAtom = isAtomOf(counts);
  let [rows, distinct, pairs] = [0, 0, 0];
  for (const count of counts) {
    if (isAtom(count)) continue;
    rows += count;
    distinct++;
    pairs += (count * (count - 1)) / 2;
  }
  const noChance = rows > LEVELS.rows * distinct ? NO_CHANCE.ofLevels : NO_CHANCE.usual;
  return rows >= GROUPED * distinct && rows > values.length / 2 && pairs > noChance * byRounding(values);
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

function spreadOf(column: Column, codes: Uint32Array, counts: Uint32Array): Spread {
  const own = column.kind === "category" ? isCommonest(column.values) : ranksOf(column.values);
  const [rows, groups] = [own.length, counts.length];
  const sums = new Float64Array(groups);
  let [total, squares] = [0, 0];
  for (const [row, value] of own.entries()) {
    sums[codes[row]!]! += value;
    total += value;
    squares += value * value;
  }
  const between = sums.reduce((sum, value, group) => sum + value ** 2 / counts[group]!, 0);
  const meanBetween = (between - total ** 2 / rows) / (groups - 1);
  const within = Math.max(0, (squares - between) / (rows - groups));
  const size = (rows - counts.reduce((sum, count) => sum + count * count, 0) / rows) / (groups - 1);
  const alike = (meanBetween - within) / (meanBetween + (size - 1) * within);
  return { means: sums.map((sum, group) => sum / counts[group]!), within, alike };
}

/** Whether the means of groups go by leaps along each column of the side, beyond what scatter within them explains. */
function leaps({ means, within }: Spread, side: readonly Column[], codes: Uint32Array, counts: Uint32Array): boolean {
  if (counts.length < LEVELS.least) return false;
  const rows = codes.length;
  const byScatter = (within * counts.length) / rows;
  return side.every(({ values }) => {
    const place = new Float64Array(counts.length);
    for (let row = 0; row < rows; row++) place[codes[row]!] = values[row]!;
    const order = [...place.keys()].sort((a, b) => place[a]! - place[b]!);
    const leap = leapOf(order.map((group) => means[group]!));
    return leap > byScatter * (1 + LEAPS.chance / Math.sqrt(counts.length)) && leap > ROUNDING * rows ** 2;
  });
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
