/** What there is to say against rows as independent samples, in words, with the option that mends it. */
import { label } from "../data/check.ts";
import type { Column, Side } from "../data/columns.ts";
import { isSorted, memoryOf, memoryOfTerms } from "../data/dependence.ts";
import { type Groups, groupsOf, groupsOfLabel } from "../data/groups.ts";
import { longestGap, type Units } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";

const MEND =
  "If rows are in order of time, say so: time (--time); if those of a subject or a site stand together, name it: group (--group COLUMN), or block (--block ROWS). If the file was only sorted by something else, their order means nothing, and this neither";

/** How rows depend on each other, as far as the columns of x and y show it. */
export function dependenceOf([x, y]: readonly Side[]): Diagnostic[] {
  const groups = groupedBy(x!, y!) ?? groupedBy(y!, x!);
  const memory = memoryOf(x!.columns, y!.columns);
  return [
    ...(groups ? [groups] : []),
    ...(memory
      ? [remembered(memory, label(x!, memory.left), label(y!, memory.right), x!.rows, "the interval is too narrow")]
      : []),
  ];
}

/** The same of a table in which each column is paired with each other. */
export function tableDependence(columns: readonly (Column & { name: string })[]): Diagnostic[] {
  const named = (c: number) => `column "${columns[c]!.name}"`;
  const memory = memoryOf(columns);
  const rows = columns[0]!.values.length;
  const groups = groupedColumn(columns);
  return [
    ...(groups ? [groups] : []),
    ...(memory ? [remembered(memory, named(memory.left), named(memory.right), rows, "p-values are too small")] : []),
  ];
}

/** So many columns are looked at with all others, each with a table's. */
const MOST_COLUMNS = 50;

function groupedColumn(columns: readonly (Column & { name: string })[]): Diagnostic | undefined {
  const rows = columns[0]!.values.length;
  const looked = columns.slice(0, MOST_COLUMNS);
  const others = (column: Column) => columns.filter((other) => other !== column);
  // A name of what rows are of says more than a number that it has.
  for (const column of looked) {
    const groups = groupsOfLabel(column, others(column));
    if (groups) return grouped(groups, rows, `column "${column.name}"`, groupOption(column.name));
  }
  for (const column of looked) {
    const groups = groupsOf([column], others(column));
    if (groups) return grouped(groups, rows, `column "${column.name}"`);
  }
  return undefined;
}

/** The option as a shell takes it; names with marks that the shell or a list of columns reads are left to the user. */
function groupOption(name: string): string {
  if (/['",]/.test(name)) return "--group COLUMN";
  return /^[\w.-]+$/.test(name) ? `--group ${name}` : `--group '${name}'`;
}

function groupedBy(side: Side, other: Side): Diagnostic | undefined {
  const groups = groupsOf(side.columns, other.columns);
  const first = label(side, 0);
  return groups && grouped(groups, side.rows, side.columns.length === 1 ? first : `the columns from ${first} on`);
}

const grouped = (
  { distinct, effective, mayBeLevels }: Groups,
  rows: number,
  what: string,
  option = "--group COLUMN",
): Diagnostic => ({
  name: "groups",
  value: effective / rows,
  ok: false,
  message: `${what}: ${distinct} different values in ${rows} rows, and rows with the same one are alike in the others beyond chance${mayBeLevels ? EITHER_WAY : ""}: ${worth(rows, effective)}. Say which rows are of one subject or site: group (${option})`,
});

const EITHER_WAY =
  ". If those were set, or are all that there are, such as products, nothing is wrong. If they are a sample, such as patients or regions, what is estimated tells in part which one a row is of, and its error and p are too small";

const worth = (rows: number, effective: number) =>
  `${rows} rows are worth about ${Math.round(effective)} independent ones`;

function remembered(
  { lagOne: [a, b], effective }: { lagOne: [number, number]; effective: number },
  left: string,
  right: string,
  rows: number,
  harm: string,
): Diagnostic {
  return {
    name: "autocorrelation",
    value: effective / rows,
    ok: false,
    message: `rows go on from those before in ${left} and in ${right} (rank autocorrelation ${a.toFixed(2)} and ${b.toFixed(2)}), each beyond what the other tells: ${worth(rows, effective)}, and ${harm}. ${MEND}`,
  };
}

/**
 * Whether the terms whose mean the estimate is go on from row to row.
 *
 * @param pointwise of each row of the sides; where some are not known, nothing is said
 */
export function termsDependence(pointwise: Float64Array, sides: readonly Side[]): Diagnostic[] {
  // Rows that are sorted by a column have terms in that order, and are independent nevertheless.
  if (sides.some(({ columns }) => columns.some(isSorted))) return [];
  const effective = memoryOfTerms(pointwise);
  if (effective === undefined) return [];
  const rows = pointwise.length;
  return [
    {
      name: "autocorrelation",
      value: effective / rows,
      ok: false,
      message: `the pointwise values of rows that follow each other are alike: ${worth(rows, effective)}, and the interval is too narrow. ${MEND}`,
    },
  ];
}

/** Whether the correlation time of rows in time could be measured. */
export function timeDependence({ of, inTime, gap }: Units): Diagnostic[] {
  const rows = of.length;
  if (!inTime || gap < longestGap(rows) || gap === 1) return [];
  return [
    {
      name: "time",
      value: gap / rows,
      ok: false,
      message: `rows are still correlated after ${gap} rows, a twentieth of all: sections of time are not independent, so the interval is too narrow and p-values are too small. Take differences from row to row, take a trend off, or take more rows`,
    },
  ];
}
