/** Rows that stand for unequal shares of a population: survey weights, importance weights. */
import { InputError } from "../errors.ts";
import type { Column } from "./columns.ts";

/**
 * The weights as a column, NaN where one is missing, or 0: such a row is not used.
 *
 * @param rows as they were handed in
 * @throws {InputError} for what are no weights of these rows
 */
export function weightsColumn(weights: ArrayLike<number>, rows: number): Column {
  if (weights.length !== rows) {
    throw new InputError(`"weights" has ${weights.length} values for ${rows} rows. Give one for each row`);
  }
  const values = Float64Array.from(weights as ArrayLike<unknown>, (weight, row) => {
    if (typeof weight === "number" && (Number.isNaN(weight) || (weight >= 0 && weight < Infinity))) return weight;
    throw new InputError(
      `row ${row + 1} of "weights" is ${String(weight)}. Give finite numbers that are not below 0; how large they are together does not matter`,
    );
  });
  if (!values.some((weight) => weight > 0)) {
    throw new InputError(
      '"weights" has no value above 0, so no row would be used. Leave it out for rows that count alike',
    );
  }
  return { name: "weights", kind: "numeric", values: values.map((weight) => (weight === 0 ? Number.NaN : weight)) };
}

/** The same weights with a mean of 1. They are divided by the largest first, so that no sum overflows. */
export function meanOne(weights: Float64Array): Float64Array {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  const sum = weights.reduce((total, weight) => total + weight / largest, 0);
  return weights.map((weight) => (weight / largest / sum) * weights.length);
}
