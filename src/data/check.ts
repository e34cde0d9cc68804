/** What is refused of columns that are to be paired. */
import { InputError } from "../errors.ts";
import { entropyOf } from "../math/scale.ts";
import { type Column, isConstant, isEqual, MIN_ROWS, type Side, type SideName, shown, type Values } from "./columns.ts";
import { isDiscrete, levelsProblem } from "./kinds.ts";
import { isTied, repeatsOf } from "./ties.ts";

/** A side as it is checked; its values may also stand in a table of other columns. */
interface Checked {
  name: SideName;
  columns: readonly (Omit<Column, "values"> & { values: Values })[];
  rows: number;
}

/**
 * Throws when MI between the two sides cannot be estimated: different or too few rows, a constant column, or one
 * column of numbers on both sides. A category may be on both: its MI with itself is its entropy.
 */
export function checkPair(x: Checked, y: Checked): void {
  checkRows(x, y);
  if (x.rows < MIN_ROWS) {
    const wide = [x, y].some((side) => side.columns.length > side.rows);
    throw new InputError(
      `x and y have ${x.rows} rows; at least ${MIN_ROWS} are needed, and hundreds for an interval of use. ${wide ? "If the inner arrays are columns, transpose them: rows come first" : "Collect more rows"}`,
    );
  }
  for (const side of [x, y]) {
    refuseConstant(side);
    refuseLone(side);
  }
  for (const [i, a] of x.columns.entries()) {
    const j = y.columns.findIndex((b) => isEqual(a.values, b.values));
    if (j < 0 || isDiscrete(a) || isDiscrete(y.columns[j]!)) continue;
    throw new InputError(
      `${label(x, i)} and ${label(y, j)}: the same column in ${x.name} and ${y.name}: ${ofItself(a.values)}`,
    );
  }
}

/** Why MI of numbers with themselves is not estimated: it is infinite, or where they repeat known already. */
export function ofItself(values: Values): string {
  if (!isTied(repeatsOf(values))) return "MI of continuous data with itself is infinite; drop it from one side";
  const entropy = entropyOf(values).toFixed(3);
  return `what it shares with itself is its entropy, ${entropy} nats in these rows; drop it from one side, or name it as a category in both`;
}

/** Throws when x is compared with itself: columns that are the same in any order. */
export function refuseSame(x: Side, versus: Side): void {
  const isIn = (side: Side) => (a: Column) => side.columns.some((b) => isEqual(a.values, b.values));
  if (!x.columns.every(isIn(versus)) || !versus.columns.every(isIn(x))) return;
  throw new InputError("x and versus are the same columns, so neither tells more. Name other columns in one of them");
}

/** Throws when the two sides of a pair, or given, have different rows. */
export function checkRows(x: Pick<Side, "rows">, other: Pick<Side, "name" | "rows">): void {
  if (x.rows === other.rows) return;
  throw new InputError(
    other.name !== "y"
      ? `x has ${x.rows} rows and ${other.name} has ${other.rows}. Row i of each is one sample: give all of them the same rows`
      : `x has ${x.rows} rows and y has ${other.rows}. Row i of x and row i of y are one sample: give both the same rows`,
  );
}

/** Throws when I(X;Y|Z) cannot be estimated for this Z: different rows, a constant column, or one that is also in x or y. */
export function checkGiven(given: Side, x: Side, y: Side): void {
  checkRows(x, given);
  refuseConstant(given);
  refuseLone(given);
  for (const side of [x, y]) {
    for (const [i, a] of given.columns.entries()) {
      const j = side.columns.findIndex((b) => isEqual(a.values, b.values));
      if (j < 0) continue;
      throw new InputError(
        `${label(given, i)} and ${label(side, j)}: the same column in given and ${side.name}: once it is given, it tells nothing more; drop it from one of them`,
      );
    }
  }
}

function refuseConstant(side: Checked): void {
  const i = side.columns.findIndex(({ values }) => isConstant(values));
  if (i < 0) return;
  throw new InputError(
    `${label(side, i)} is constant (${shown(side.columns[i]!, side.columns[i]!.values.at(0)!)} in every row), so it carries no information. Leave it out`,
  );
}

function refuseLone(side: Checked): void {
  for (const [c, column] of side.columns.entries()) {
    const problem = levelsProblem(column);
    if (problem !== undefined) throw new InputError(`${label(side, c)} is ${problem}`);
  }
}

/** What messages call a column. */
export function label({ name, columns }: Pick<Checked, "name" | "columns">, index: number): string {
  const own = columns[index]!.name;
  if (own !== undefined) return `column "${own}" of ${name}`;
  return columns.length === 1 ? name : `column ${index + 1} of ${name}`;
}
