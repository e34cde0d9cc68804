/** Rows that depend on each other: what a caller says of them, and how they are permuted. */
import { InputError } from "../errors.ts";
import { hashOf, shuffled } from "../math/random.ts";
import { inWords } from "../options.ts";
import { correlationTime } from "./autocorrelation.ts";
import type { Column } from "./columns.ts";
import { countsOf } from "./copies.ts";

/** Rows that belong together: what is dealt into folds, resampled and permuted as one. */
export interface Units {
  /** The unit of each row, numbers from 0 on. */
  of: Uint32Array;
  count: number;
  /** Units follow one another in time, so those of other folds that lie within `gap` rows of a fold train nothing of it. */
  inTime: boolean;
  /** Rows, the correlation time; 0 where units are exchangeable. */
  gap: number;
}

/** What a caller says of rows that are no independent samples: one of these, or nothing. */
export interface Belonging {
  /** Rows are in order of time, at equal distances. */
  time?: boolean | undefined;
  /** A number or text for each row: rows of one group may depend on each other, those of two do not. */
  group?: ArrayLike<number | string> | undefined;
  /** Each `block` rows in a row are a group. */
  block?: number | undefined;
}

/** Folds, intervals and permutations need so many units. */
export const FEWEST_UNITS = 6;

/** The correlation time is at most this share of the rows: of longer ones nothing would be left to train on. */
const LONGEST = 1 / 20;

/**
 * The group of each row as a column of codes, NaN where it is missing; undefined where no groups were named.
 *
 * @param rows as they were handed in
 * @throws {InputError} for two of the options at once, and for values that are none of theirs
 */
export function groupColumn({ time, group, block }: Belonging, rows: number): Column | undefined {
  const named = Object.entries({ time: time || undefined, group, block }).filter(([, value]) => value !== undefined);
  if (named.length > 1) {
    throw new InputError(
      `"${named[0]![0]}" and "${named[1]![0]}" say two things of the same rows. Leave one out; groups within which rows are in time order are one group each`,
    );
  }
  if (time !== undefined && typeof time !== "boolean")
    throw new InputError(`"time" must be true or false, got ${inWords(time)}`);
  if (block !== undefined) return { name: "block", kind: "category", values: blockCodes(block, rows) };
  return group && { name: "group", kind: "category", values: groupCodes(group, rows) };
}

function blockCodes(block: number, rows: number): Float64Array {
  const most = Math.floor(rows / FEWEST_UNITS);
  if (!Number.isInteger(block) || block < 2 || block > most) {
    throw new InputError(
      `"block" must be a whole number from 2 to ${most}, a ${FEWEST_UNITS}th of the rows, got ${inWords(block)}`,
    );
  }
  return Float64Array.from({ length: rows }, (_, row) => Math.floor(row / block));
}

function groupCodes(group: ArrayLike<number | string>, rows: number): Float64Array {
  if (group.length !== rows) {
    throw new InputError(`"group" has ${group.length} values for ${rows} rows. Give one for each row`);
  }
  const known = new Map<number | string, number>();
  return Float64Array.from(group as ArrayLike<unknown>, (value) => {
    if (value === null || value === undefined || value === "" || Number.isNaN(value)) return Number.NaN;
    if (typeof value !== "number" && typeof value !== "string") {
      throw new InputError(`"group" holds ${typeof value}s. Give numbers or texts`);
    }
    if (!known.has(value)) known.set(value, known.size);
    return known.get(value)!;
  });
}

/** A unit for each different code. */
export function groupUnits(codes: ArrayLike<number>): Units {
  const known = new Map<number, number>();
  const of = Uint32Array.from(codes, (code) => {
    if (!known.has(code)) known.set(code, known.size);
    return known.get(code)!;
  });
  return { of, count: known.size, inTime: false, gap: 0 };
}

/**
 * Units of rows in time order: blocks of twice the correlation time ({@link correlationTime}), of which the last is longer.
 * Then the ends of a block, which the next one still knows, are the smaller part of it.
 */
export function timeUnits(columns: readonly Pick<Column, "kind" | "values">[]): Units {
  const rows = columns[0]!.values.length;
  const gap = correlationTime(columns, longestGap(rows));
  const count = Math.floor(rows / (2 * gap));
  const of = Uint32Array.from({ length: rows }, (_, row) => Math.min(count - 1, Math.floor(row / (2 * gap))));
  return { of, count, inTime: true, gap };
}

/** No correlation time that is measured is longer, in rows. */
export const longestGap = (rows: number): number => Math.max(1, Math.floor(rows * LONGEST));

/** The rows of each unit, in their order. */
export function membersOf({ of, count }: Units): Uint32Array[] {
  const sizes = new Uint32Array(count);
  for (const unit of of) sizes[unit]!++;
  const members = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (const [row, unit] of of.entries()) members[unit]![sizes[unit]!++] = row;
  return members;
}

/** How many units of one size would tell a mean as well: (Σ rows)² / Σ rows² (Carter, Schnepel and Steigerwald 2017). */
export function effectiveCount(units: Units): number {
  const squares = membersOf(units).reduce((sum, { length }) => sum + length ** 2, 0);
  return units.of.length ** 2 / squares;
}

/**
 * How many independent rows tell a correlation of two columns as well. The products of two series lose their autocorrelation in
 * half the time: of AR(a) with itself, Σ a^2|h| = (1 + a²) / (1 − a²), where the correlation time is (1 + a) / (1 − a).
 */
export const independentRows = (units: Units): number =>
  units.inTime ? units.of.length / Math.max(1, units.gap / 2) : effectiveCount(units);

/** @throws {InputError} where the units are too few, or one of them has nearly all rows */
export function checkUnits(units: Units): void {
  const effective = effectiveCount(units);
  if (units.count >= FEWEST_UNITS && effective >= FEWEST_UNITS / 2) return;
  const facts =
    units.count < FEWEST_UNITS
      ? `${units.count} groups of rows`
      : `${units.count} groups of rows, so unequal that they are worth ${effective.toFixed(1)} of one size`;
  throw new InputError(
    `${facts}; at least ${FEWEST_UNITS} are needed, for what is true of a group is known only from others. Give more groups, or name a finer one`,
  );
}

/** Whether two rows are independent samples. */
export const areApart =
  ({ of, inTime, gap }: Units): ((a: number, b: number) => boolean) =>
  (a, b) =>
    inTime ? Math.abs(a - b) > gap : of[a] !== of[b];

/**
 * An order of rows that is as likely as the given one if a column depends on no other: the row whose value each row gets.
 * Independent rows are shuffled.
 *
 * Rows in time are rotated by a random number of them, so that the autocorrelation stays. Also by a few: without these, whose
 * statistics are like that of the data, extreme data look too rare. Of AR(.95) pairs of 1000 rows p was at most .01 in
 * 3.4 % of data sets without shifts up to the gap, in 1.6 % with them, and power was the same.
 *
 * Groups of one size are exchanged whole. Of several sizes those of the most similar ones, five or more, are: of a longer one the
 * first rows take the places, of a shorter one all, and then again in random order. All places of a group must have the values of one
 * other: laid end to end, a group had some of two, and of 200 tables of 60 groups of 1 to 17 rows without dependence 13 % had p ≤ .05.
 */
export function permutedRows(rows: number, units: Units | undefined, seed: number): Uint32Array {
  if (!units) return shuffled(rows, seed);
  if (units.inTime) {
    const by = 1 + (hashOf([seed]) % (rows - 1));
    return Uint32Array.from({ length: rows }, (_, row) => (row + by) % rows);
  }
  const members = membersOf(units);
  const order = new Uint32Array(rows);
  const mixed = shuffled(units.count, seed);
  for (const alike of similar(members)) {
    const isIn = new Set(alike);
    const others = mixed.filter((unit) => isIn.has(unit));
    for (const [i, unit] of alike.entries()) {
      const places = members[unit]!;
      const values = manyOf(members[others[i]!]!, places.length, (round) => hashOf([seed, unit, round]));
      for (const [j, place] of places.entries()) order[place] = values[j]!;
    }
  }
  return order;
}

/** So many of some rows: the first ones, or all of them and then all again in random order. */
function manyOf(rows: Uint32Array, count: number, seedOf: (round: number) => number): Uint32Array {
  const many = new Uint32Array(count);
  let next = rows;
  for (let round = 0; round * rows.length < count; round++) {
    if (round > 0) next = shuffled(rows.length, seedOf(round)).map((i) => next[i]!);
    many.set(next.subarray(0, count - round * rows.length), round * rows.length);
  }
  return many;
}

/** Whether {@link permutedRows} has every row once. */
export const areExchangedWhole = (units: Units): boolean => units.inTime || new Set(countsOf(units.of)).size === 1;

/** Units that are permuted among themselves, at least. */
const CLASS = 5;

/** Units of equal size together, and of similar sizes where fewer than five have one. */
function similar(members: readonly Uint32Array[]): number[][] {
  const size = (unit: number) => members[unit]!.length;
  const bySize = [...members.keys()].sort((a, b) => size(a) - size(b));
  const classes: number[][] = [[]];
  for (const [i, unit] of bySize.entries()) {
    const last = classes.at(-1)!;
    const isFull = last.length >= CLASS && size(unit) !== size(last.at(-1)!);
    if (isFull && bySize.length - i >= CLASS) classes.push([unit]);
    else last.push(unit);
  }
  return classes;
}
