/**
 * Rows that are copies of others. A copy on which a critic was trained gives away the one that is held out, and neighbours
 * at no distance look like dependence without end, so such rows have to be known before anything is estimated.
 *
 * Repeats alone are no copies: labels, counts and ratings repeat. What gives copies away is a column of numbers that do not
 * lie on a grid, where a number comes twice only together with its whole row.
 */
import { ascending } from "../math/statistics.ts";
import { type Column, middleHalf } from "./columns.ts";

/**
 * Numbers that lie closer than this share of the middle half's width are one number, written twice with other digits: in single
 * and in double precision, say. Of many rows less, so that few meet by chance.
 */
const SAME = { share: 1e-5, ofRows: 0.01 };

/** A grid has at least so many of its places taken. Ages and ratings have; incomes and 3.141 have not. */
const TAKEN = 0.1;

/** Share of a column's repeats that must be of whole rows. */
const WHOLE = 0.9;

/** Rows a value, in the mean, from which on the values are those of a few things, as prices of products are. */
const FEW_THINGS = 20;

/** A value that repeats more often than this, and so many times as often as the median one, has its own reason: no rain, 0. */
const ATOM = { rows: 20, medians: 5 };

export interface Copies {
  /** One row of each kind, in the order of the rows. */
  kept: Uint32Array;
  /** Where each row's like is in `kept`. */
  place: Uint32Array;
}

/**
 * The rows without copies, in all columns together; undefined where no row is one.
 *
 * @param turn lets others have a turn between two columns
 */
export async function findCopies(
  columns: readonly Column[],
  turn: () => Promise<void> = async () => {},
): Promise<Copies | undefined> {
  const search = searchCopies(columns);
  let step = search.next();
  for (; !step.done; step = search.next()) await turn();
  return step.value;
}

/** The same without turns in between. */
export function findCopiesAtOnce(columns: readonly Column[]): Copies | undefined {
  const search = searchCopies(columns);
  let step = search.next();
  while (!step.done) step = search.next();
  return step.value;
}

/** Stops before each column. */
function* searchCopies(columns: readonly Column[]): Generator<undefined, Copies | undefined> {
  const rows = columns[0]!.values.length;
  const share = Math.min(SAME.share, SAME.ofRows / rows);
  const codes: Uint32Array[] = [];
  let whole: Uint32Array = new Uint32Array(rows);
  for (const { kind, values } of columns) {
    yield;
    const { codes: own } = codesOf(values, kind === "category" ? 0 : share * middleHalf(values));
    const joint = codesOf(Float64Array.from(whole, (code, i) => code * rows + own[i]!));
    // No two rows agree in the columns so far, so none are copies: of numbers, two columns tell.
    if (joint.distinct === rows) return undefined;
    whole = joint.codes;
    codes.push(own);
  }
  const copied = new Uint8Array(rows);
  const isOneNumber = columns.filter(({ kind }) => kind === "numeric").length === 1;
  for (const [c, { kind, values }] of columns.entries()) {
    if (kind === "category") continue;
    yield;
    const near = (share * rows ** 2) / 2;
    // Of one column of numbers, no two of which are equal to the last digit, one pair may be near each other by chance.
    const mayMeet = isOneNumber && new Set(values).size === rows;
    const byChance = byRounding(values) + (mayMeet ? Math.max(1, near) : near);
    if (!onGrid(values)) markCopies(codes[c]!, whole, byChance, copied);
  }
  return copied.includes(1) ? keptOf(whole, copied) : undefined;
}

/** Numbers from 0 on for the different values, in their order; those no further apart than `within` are one. */
export function codesOf(values: Float64Array, within = 0): { codes: Uint32Array; distinct: number } {
  const codes = new Uint32Array(values.length);
  let [code, last] = [-1, Number.NEGATIVE_INFINITY];
  for (const row of ascending(values)) {
    if (!(values[row]! - last <= within)) code++;
    codes[row] = code;
    last = values[row]!;
  }
  return { codes, distinct: code + 1 };
}

/** The different values, rising. */
function differentOf(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i]! !== sorted[count - 1]!) sorted[count++] = sorted[i]!;
  }
  return sorted.subarray(0, count);
}

/** Whether the values are multiples of one step, and not few among many that could be. */
export function onGrid(values: Float64Array): boolean {
  const sorted = differentOf(values);
  const gaps = sorted.subarray(1).map((value, i) => value - sorted[i]!);
  let step = Infinity;
  for (let i = 0; i < gaps.length; i++) step = Math.min(step, gaps[i]!);
  const range = sorted.at(-1)! - sorted[0]!;
  if (range / step > sorted.length / TAKEN) return false;
  return gaps.every((gap) => Math.abs(gap / step - Math.round(gap / step)) < 1e-3);
}

/** How many pairs of rows have the same number because numbers were written with few digits, at most. */
export function byRounding(values: Float64Array): number {
  const rounded = (scale: number) => values.every((v) => Math.abs(v * scale - Math.round(v * scale)) < 1e-6);
  // Digits count from the largest value's first one on: of nanometres told in metres that is not the point.
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const first = largest > 0 && largest < 1 ? 10 ** Math.min(300, -Math.ceil(Math.log10(largest))) : 1;
  let scale = first;
  while (scale < 1e9 * first && !rounded(scale)) scale *= 10;
  if (scale >= 1e9 * first) return 0;
  // Of normals .38 of this, of uniform numbers a half.
  return values.length ** 2 / 2 / (middleHalf(values) * scale);
}

/** Marks the rows whose number in one column comes more than once, if numbers do so with their whole rows. */
function markCopies(codes: Uint32Array, whole: Uint32Array, byChance: number, copied: Uint8Array): void {
  const counts = countsOf(codes);
  const isSingular = isAtomOf(counts);
  const isAtom = (row: number) => isSingular(counts[codes[row]!]!);
  const ofRows = countsOf(whole);
  let [rows, values, repeats, repeatsOfRows] = [0, 0, 0, 0];
  for (let row = 0; row < codes.length; row++) {
    if (isAtom(row)) continue;
    const count = counts[codes[row]!]!;
    rows++;
    values += 1 / count;
    repeats += count - 1;
    repeatsOfRows += ofRows[whole[row]!]! - 1;
  }
  if (repeatsOfRows <= 2 * byChance || repeatsOfRows < WHOLE * repeats || rows > FEW_THINGS * values) return;
  for (let row = 0; row < codes.length; row++) if (!isAtom(row) && ofRows[whole[row]!]! > 1) copied[row] = 1;
}

/** Whether a value that is there so often has its own reason. */
export function isAtomOf(counts: Uint32Array): (count: number) => boolean {
  const median = counts.slice().sort()[counts.length >> 1]!;
  const most = Math.max(ATOM.rows, ATOM.medians * median);
  return (count) => count > most;
}

/** How often each code is there. */
export function countsOf(codes: Uint32Array): Uint32Array {
  const counts = new Uint32Array(codes.reduce((most, code) => Math.max(most, code), 0) + 1);
  for (const code of codes) counts[code]!++;
  return counts;
}

/** Of the marked rows the first of each kind is kept, of the others all. */
function keptOf(whole: Uint32Array, copied: Uint8Array): Copies {
  const kept: number[] = [];
  const first = new Map<number, number>();
  const place = Uint32Array.from(whole, (code, row) => {
    const earlier = copied[row] ? first.get(code) : undefined;
    if (earlier !== undefined) return earlier;
    if (copied[row]) first.set(code, kept.length);
    return kept.push(row) - 1;
  });
  return { kept: Uint32Array.from(kept), place };
}
