/** Folds of rows that depend on each other: whole units train, decide or are held out. */

import { checkUnits, membersOf, type Units } from "../data/units.ts";
import { InputError } from "../errors.ts";
import { shuffled } from "../math/random.ts";

/** Row numbers of one fold, as {@link splitRows} has them. */
type Parts = Record<"train" | "validation" | "test", Uint32Array>;

/** Of a fold's other rows, how many are set aside to decide. */
export const validationSizeOf = (rest: number): number =>
  Math.max(Math.ceil(rest / 8), Math.min(64, Math.floor(rest / 3)));

/**
 * How many folds these units allow: as many as are wanted, but no more than half of the units, for marginal pairs of
 * held-out rows are of two units of a fold.
 *
 * @param asked by the caller, who is told where they are too many
 * @throws {InputError} where units are too few for any
 */
export function foldsFor(units: Units, wanted: number, asked: number | undefined): number {
  checkUnits(units);
  const most = units.count >> 1;
  if (asked !== undefined && asked > most) {
    throw new InputError(
      `"folds" must be at most ${most}, half of the ${units.count} ${units.inTime ? "correlation times" : "groups"} of rows, got ${asked}`,
    );
  }
  return Math.min(wanted, most);
}

/**
 * A fold is a section of the time, and so is its validation part, next to it. Rows within the gap of either train nothing.
 * In each part rows are in random order, which pairs rows from all over it.
 */
export function splitTime({ of, count, gap }: Units, folds: number, seed: number): Parts[] {
  const rows = of.length;
  const starts = startsOf(of, count);
  const at = (f: number) => starts[Math.floor((f * count) / folds)]!;
  return Array.from({ length: folds }, (_, f) => {
    const [from, to] = [at(f), at(f + 1)];
    const size = validationSizeOf(rows - (to - from) - 3 * gap);
    const after = to + gap + size <= rows;
    const decides = after ? [to + gap, to + gap + size] : [from - gap - size, from - gap];
    const [first, last] = [Math.min(from, decides[0]!) - gap, Math.max(to, decides[1]!) + gap];
    const mixed = (list: number[]) => Uint32Array.from(shuffled(list.length, seed + f), (i) => list[i]!);
    return {
      test: mixed(range(from, to)),
      validation: mixed(range(decides[0]!, decides[1]!)),
      train: mixed([...range(0, first), ...range(last, rows)]),
    };
  });
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** The first row of each unit, and the end of all. */
function startsOf(of: Uint32Array, count: number): number[] {
  const starts = Array<number>(count).fill(-1);
  for (const [row, unit] of of.entries()) if (starts[unit] === -1) starts[unit] = row;
  return [...starts, of.length];
}

/** Whole groups are dealt into folds, the largest first, each into the fold with the fewest rows; then validation likewise. */
export function splitGroups(units: Units, folds: number, seed: number): Parts[] {
  const members = membersOf(units);
  const size = (unit: number) => members[unit]!.length;
  const rowsOf = (list: readonly number[]) => list.reduce((sum, unit) => sum + size(unit), 0);
  const order = [...shuffled(units.count, seed)];
  const dealt: number[][] = Array.from({ length: folds }, () => []);
  for (const unit of order.toSorted((a, b) => size(b) - size(a))) {
    dealt.reduce((least, fold) => (isLess(fold, least, rowsOf) ? fold : least)).push(unit);
  }
  const mixed = (list: readonly number[]) => {
    const rows = list.flatMap((unit) => [...members[unit]!]);
    return Uint32Array.from(shuffled(rows.length, seed), (i) => rows[i]!);
  };
  return dealt.map((test) => {
    const held = new Set(test);
    const rest = order.filter((unit) => !held.has(unit));
    const decides = new Set(validationUnits(rest, size, rowsOf(rest)));
    return {
      test: mixed(test),
      validation: mixed([...decides]),
      train: mixed(rest.filter((unit) => !decides.has(unit))),
    };
  });
}

/** By rows; of equally many by units. */
function isLess(a: readonly number[], b: readonly number[], rowsOf: (list: readonly number[]) => number): boolean {
  const [ofA, ofB] = [rowsOf(a), rowsOf(b)];
  return ofA < ofB || (ofA === ofB && a.length < b.length);
}

/** Two units or more with the rows that are wanted, but no more than half of the units, nor of the rows if that can be. */
function validationUnits(rest: readonly number[], size: (unit: number) => number, rows: number): number[] {
  const wanted = validationSizeOf(rows);
  const chosen: number[] = [];
  let sum = 0;
  for (const unit of rest) {
    if (chosen.length >= rest.length >> 1 || (chosen.length >= 2 && sum >= wanted)) break;
    if (sum + size(unit) > rows / 2) continue;
    chosen.push(unit);
    sum += size(unit);
  }
  return chosen.length > 0 ? chosen : [rest.reduce((least, unit) => (size(unit) < size(least) ? unit : least))];
}
