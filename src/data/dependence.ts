/** Whether rows look like independent samples: what goes on from one row to the next. */
import { shuffled } from "../math/random.ts";
import { normalQuantile } from "../math/special.ts";
import { isCommonest, ranksOf } from "../math/statistics.ts";
import { type Autocorrelation, autocorrelationOf, seriesAutocorrelation } from "./autocorrelation.ts";
import type { Column } from "./columns.ts";

/** Rows are taken as independent if they are worth this share of as many independent ones. */
export const WORTH = 0.8;

/** Rows are alike beyond chance if independent ones are with this probability. */
export const CHANCE = 0.001;

/** Autocorrelation that matters. */
const LEAST = 0.1;

/** Of more rows the first so many are looked at. */
const STRETCH = 2 ** 15;

/** So many columns of a side, those with the most autocorrelation, are paired with those of the other, and so many pairs looked into. */
const MOST_COLUMNS = 12;
const MOST_PAIRS = 20;

/** So many rows on either side, in the order of a column, are near a row in it, or a fiftieth of them if that is less. */
const NEAR = { rows: 8, share: 1 / 50 };

/** Rows that are alike in both sides because they follow each other. */
export interface Memory {
  /** Places of the columns in their sides. */
  left: number;
  right: number;
  /** Rank autocorrelation of the two from one row to the next. */
  lagOne: [number, number];
  /** How many independent rows would tell as much: n / (1 + 2 Σ ρ(l) ρ′(l)) (Bartlett 1935). */
  effective: number;
}

/**
 * The pair of columns whose autocorrelation leaves the fewest effective rows; undefined where none leaves less than .8 of them.
 *
 * A file that is sorted by x has autocorrelation in x, and through x in y, although its rows are independent. So either column
 * must also have autocorrelation that the other one does not tell: of what is left of its ranks less the mean of rows
 * that are near in the other.
 *
 * @param right the columns of the other side; default: every two columns of `left`
 */
export function memoryOf(left: readonly Column[], right?: readonly Column[]): Memory | undefined {
  const all = left[0]!.values.length;
  if (all <= STRETCH) return memoryOfStretch(left, right);
  const begun = (columns: readonly Column[]) =>
    columns.map((column) => ({ ...column, values: column.values.subarray(0, STRETCH) }));
  const found = memoryOfStretch(begun(left), right && begun(right));
  return found && { ...found, effective: found.effective * (all / STRETCH) };
}

function memoryOfStretch(left: readonly Column[], right: readonly Column[] | undefined): Memory | undefined {
  const rows = left[0]!.values.length;
  const [a, b] = [slowest(left), right && slowest(right)];
  const pairs = a.flatMap((one, i) => (b ?? a.slice(i + 1)).map((two) => ({ one, two })));
  const worst = pairs
    .map(({ one, two }) => ({ one, two, effective: effectiveRows(rows, one.at, two.at) }))
    .filter(({ effective }) => effective < WORTH * rows)
    .sort((p, q) => p.effective - q.effective)
    .slice(0, MOST_PAIRS)
    .find(({ one, two }) => hasOwn(one.column, one.at(1), two.column) && hasOwn(two.column, two.at(1), one.column));
  if (!worst) return undefined;
  const { one, two, effective } = worst;
  const [first, second] = right || one.place < two.place ? [one, two] : [two, one];
  return { left: first.place, right: second.place, lagOne: [first.at(1), second.at(1)], effective };
}

/** How many independent rows would tell the mean of these values as well; undefined where that is not less than .8 of them. */
export function memoryOfTerms(pointwise: Float64Array): number | undefined {
  const values = pointwise.subarray(0, STRETCH);
  const rows = values.length;
  if (values.some(Number.isNaN)) return undefined;
  const at = seriesAutocorrelation(ranksOf(values));
  if (at(1) < noise(rows, 1)) return undefined;
  const effective = rows / (1 + 2 * sumOf((lag) => at(lag), rows));
  return effective < WORTH * rows ? effective * (pointwise.length / rows) : undefined;
}

/** Autocorrelation that independent rows reach in one of `columns` with probability .001. */
const noise = (rows: number, columns: number): number =>
  Math.max(LEAST, normalQuantile(1 - CHANCE / 2 / columns) / Math.sqrt(rows));

/** The columns whose autocorrelation from row to row is beyond chance, the strongest first. */
function slowest(columns: readonly Column[]) {
  const limit = noise(columns[0]!.values.length, columns.length);
  return columns
    .map((column, place) => ({ column, place, at: autocorrelationOf(column) }))
    .filter(({ at }) => Math.abs(at(1)) > limit)
    .sort((a, b) => Math.abs(b.at(1)) - Math.abs(a.at(1)))
    .slice(0, MOST_COLUMNS);
}

const effectiveRows = (rows: number, a: Autocorrelation, b: Autocorrelation): number =>
  rows / (1 + 2 * sumOf((lag) => a(lag) * b(lag), rows));

/** Sums from lag 1 on until what comes is noise: the product of two autocorrelations of independent rows, or one of them. */
function sumOf(at: Autocorrelation, rows: number): number {
  let sum = 0;
  for (let lag = 1; lag < rows / 2; lag++) {
    const value = at(lag);
    if (value < 1 / rows) break;
    sum += value;
  }
  return sum;
}

/** Whether a column has autocorrelation, above or below 0 as `lagOne` is, that another one does not tell. */
function hasOwn(column: Column, lagOne: number, other: Column): boolean {
  const own = seriesAutocorrelation(lessTold(column, other))(1);
  return own * Math.sign(lagOne) > noise(column.values.length, 1);
}

/** What is left of a column's ranks less the mean of rows that are near in another column; 0 where none is near. */
function lessTold(column: Column, other: Column): Float64Array {
  const own = column.kind === "category" ? isCommonest(column.values) : ranksOf(column.values);
  const rows = own.length;
  // Of equal values in random order: rows that follow each other must not meet for that reason.
  const order = shuffled(rows, 0).sort((a, b) => other.values[a]! - other.values[b]!);
  const sums = new Float64Array(rows + 1);
  for (let i = 0; i < rows; i++) sums[i + 1] = sums[i]! + own[order[i]!]!;
  const left = new Float64Array(rows);
  const most = Math.min(NEAR.rows, Math.max(2, Math.floor(rows * NEAR.share)));
  for (let i = 0; i < rows; i++) {
    // As far on one side as on the other, so that a slope does not count.
    const reach = Math.min(most, i, rows - 1 - i);
    if (reach === 0) continue;
    const row = order[i]!;
    left[row] = own[row]! - (sums[i + reach + 1]! - sums[i - reach]! - own[row]!) / (2 * reach);
  }
  return left;
}

/** Whether a column never falls, or never rises: then the file is sorted by it. */
export function isSorted({ values }: Pick<Column, "values">): boolean {
  let [rises, falls] = [false, false];
  for (let row = 1; row < values.length && !(rises && falls); row++) {
    if (values[row]! > values[row - 1]!) rises = true;
    if (values[row]! < values[row - 1]!) falls = true;
  }
  return !(rises && falls);
}
