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

/** X, Y, Z and X′ where there are such, without the rows in which a value is missing. */
export interface CompleteSides {
  sides: Side[];
  /** The group of each of their rows, where groups were named. */
  group: Float64Array | undefined;
  /** Rows that were left out. */
  dropped: number;
  /** Puts one value for each row of the sides where it belongs among the rows that were given: NaN for the others. */
  inGivenRows: (values: Float64Array) => Float64Array;
}

/**
 * Reads all sides, and leaves rows out in which a value is missing, or the group, where those are dropped.
 *
 * @param belonging which rows depend on each other
 * @throws {InputError} for what are no columns of numbers, and of different rows where some are dropped
 */
export function readSides(
  inputs: { x: ColumnsInput; y: ColumnsInput } & Partial<Record<"given" | "versus", ColumnsInput | undefined>>,
  told: (name: SideName) => Omit<Told, "missing">,
  missing: Missing = "throw",
  belonging: Belonging = {},
): CompleteSides {
  checkMissing(missing);
  const sides = (["x", "y", "given", "versus"] as const).flatMap((name) => {
    const input = inputs[name];
    return input === undefined && (name === "given" || name === "versus")
      ? []
      : [toColumns(input!, name, { ...told(name), missing })];
  });
  const group = groupColumn(belonging, sides[0]!.rows);
  const all = { sides, group: group?.values, dropped: 0, inGivenRows: (values: Float64Array) => values };
  if (missing === "throw") {
    if (group) refuseMissingGroup(group);
    return all;
  }
  for (const side of sides) checkRows(sides[0]!, side);
  const { rows, dropped } = completeRows([...sides.flatMap(({ columns }) => columns), ...(group ? [group] : [])]);
  if (dropped === 0) return all;
  return {
    sides: sides.map((side) => ({ ...side, rows: rows.length, columns: chosenRows(side.columns, rows) })),
    group: group && valuesOf(group.values, rows),
    dropped,
    inGivenRows(values) {
      const spread = new Float64Array(rows.length + dropped).fill(Number.NaN);
      for (const [i, row] of rows.entries()) spread[row] = values[i]!;
      return spread;
    },
  };
}

function refuseMissingGroup({ values }: Column): void {
  const row = values.findIndex(Number.isNaN);
  if (row < 0) return;
  throw new InputError(`row ${row + 1} has no group. Give one for each row, or leave such rows out: missing "drop"`);
}
