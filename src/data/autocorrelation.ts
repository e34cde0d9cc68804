/** Autocorrelation of columns in the order of their rows. */
import { occurrencesOf, ranksOf } from "../math/statistics.ts";
import type { Column } from "./columns.ts";

/** Autocorrelation of one column at a lag of so many rows, −1 to 1. */
export type Autocorrelation = (lag: number) => number;

/** Of numbers by ranks, of categories by agreement beyond chance (Cohen's kappa). Each lag is computed once. */
export function autocorrelationOf({ kind, values }: Pick<Column, "kind" | "values">): Autocorrelation {
  return kind === "category" ? agreement(values) : seriesAutocorrelation(ranksOf(values));
}

/** Of numbers as they are; those that are NaN count as the mean. */
export function seriesAutocorrelation(values: Float64Array): Autocorrelation {
  let [sum, known] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    known++;
  }
  const apart = values.map((value) => (Number.isNaN(value) ? 0 : value - sum / known));
  const variance = productSum(apart, 0);
  return once((lag) => (variance > 0 ? productSum(apart, lag) / variance : 0));
}

function productSum(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let row = lag; row < values.length; row++) sum += values[row]! * values[row - lag]!;
  return sum;
}

function agreement(values: Float64Array): Autocorrelation {
  const rows = values.length;
  let byChance = 0;
  for (const count of occurrencesOf(values).values()) byChance += (count / rows) ** 2;
  return once((lag) => {
    let equal = 0;
    for (let row = lag; row < rows; row++) if (values[row] === values[row - lag]) equal++;
    return byChance < 1 ? (equal - (rows - lag) * byChance) / (rows * (1 - byChance)) : 0;
  });
}

function once(of: Autocorrelation): Autocorrelation {
  const known = new Map<number, number>();
  return (lag) => {
    let value = known.get(lag);
    if (value === undefined) {
      value = of(lag);
      known.set(lag, value);
    }
    return value;
  };
}

/** Autocorrelation up to which rows are taken as independent, or what noise reaches if that is more. */
const FORGOTTEN = 0.1;

/**
 * The correlation time in rows: the first lag at which no column's autocorrelation exceeds .1, or two standard errors of that of
 * independent rows, 2 / √rows. From 16 rows on only every sixteenth part of a lag more is looked at. It ends at `most`, which
 * is then too short.
 */
export function correlationTime(columns: readonly Pick<Column, "kind" | "values">[], most: number): number {
  const limit = Math.max(FORGOTTEN, 2 / Math.sqrt(columns[0]!.values.length));
  let longest = 1;
  for (const column of columns) {
    const at = autocorrelationOf(column);
    let lag = 1;
    while (lag < most && Math.abs(at(lag)) > limit) lag = Math.min(most, lag + Math.max(1, lag >> 4));
    longest = Math.max(longest, lag);
  }
  return longest;
}
