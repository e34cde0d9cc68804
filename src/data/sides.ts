/** The sides of a pair as a caller hands them in, and the rows of them that are complete. */

import { InputError } from "../errors.ts";
import { checkRows } from "./check.ts";
import {
  type Column,
  checkMissing,
  chosenRows,
  completeRows,
  type Missing,
  type Side,
  type SideName,
  valuesOf,
} from "./columns.ts";
import { type ColumnsInput, type Told, toColumns } from "./input.ts";
import { type Belonging, groupColumn } from "./units.ts";
import { weightsColumn } from "./weights.ts";

/** X, Y, Z and X′ where there are such, without the rows in which a value is missing. */
export interface CompleteSides {
  sides: Side[];
  /** The group of each of their rows, where groups were named. */
  group: Float64Array | undefined;
  /** The weight of each of their rows, above 0, where weights were given. */
  weights: Float64Array | undefined;
  /** Rows that were left out because a value is missing, and others because their weight is 0. */
  dropped: number;
  unused: number;
  /** Puts one value for each row of the sides where it belongs among the rows that were given: NaN for the others. */
  inGivenRows: (values: Float64Array) => Float64Array;
}

/**
 * Reads all sides, and leaves rows out in which a value is missing, or the group, where those are dropped.
 *
 * @param belonging which rows depend on each other, and the weight of each
 * @throws {InputError} for what are no columns of numbers, and of different rows where some are dropped
 */
export function readSides(
  inputs: { x: ColumnsInput; y: ColumnsInput } & Partial<Record<"given" | "versus", ColumnsInput | undefined>>,
  told: (name: SideName) => Omit<Told, "missing">,
  missing: Missing = "throw",
  { weights, ...belonging }: Belonging & { weights?: ArrayLike<number> | undefined } = {},
): CompleteSides {
  checkMissing(missing);
  const sides = (["x", "y", "given", "versus"] as const).flatMap((name) => {
    const input = inputs[name];
    return input === undefined && (name === "given" || name === "versus")
      ? []
      : [toColumns(input!, name, { ...told(name), missing })];
  });
  const group = groupColumn(belonging, sides[0]!.rows);
  const weighed = weights && weightsColumn(weights, sides[0]!.rows);
  const all = { sides, group: group?.values, weights: weighed?.values, dropped: 0, unused: 0 };
  if (missing === "throw") {
    if (group) refuseMissingGroup(group);
    if (weights) refuseMissingWeight(weights);
    if (!weights) return { ...all, inGivenRows: (values) => values };
  }
  for (const side of sides) checkRows(sides[0]!, side);
  const columns = sides.flatMap((side) => side.columns);
  const { rows, dropped } = completeRows([...columns, ...(group ? [group] : []), ...(weighed ? [weighed] : [])]);
  if (dropped === 0) return { ...all, inGivenRows: (values) => values };
  const unused = weights ? Array.from(weights).filter((weight) => weight === 0).length : 0;
  return {
    sides: sides.map((side) => ({ ...side, rows: rows.length, columns: chosenRows(side.columns, rows) })),
    group: group && valuesOf(group.values, rows),
    weights: weighed && valuesOf(weighed.values, rows),
    ...{ dropped: dropped - unused, unused },
    inGivenRows(values) {
      const spread = new Float64Array(rows.length + dropped).fill(Number.NaN);
      for (const [i, row] of rows.entries()) spread[row] = values[i]!;
      return spread;
    },
  };
}

function refuseMissingWeight(weights: ArrayLike<number>): void {
  const row = Array.from(weights).findIndex(Number.isNaN);
  if (row < 0) return;
  throw new InputError(`row ${row + 1} has no weight. Give one for each row, or leave such rows out: missing "drop"`);
}

function refuseMissingGroup({ values }: Column): void {
  const row = values.findIndex(Number.isNaN);
  if (row < 0) return;
  throw new InputError(`row ${row + 1} has no group. Give one for each row, or leave such rows out: missing "drop"`);
}
