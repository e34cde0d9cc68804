/** What there is to say against rows as independent samples, in words, with the option that mends it. */
import { label } from "../data/check.ts";
import type { Column, Side } from "../data/columns.ts";
import { isSorted, memoryOf, memoryOfTerms } from "../data/dependence.ts";
import { groupsOf } from "../data/groups.ts";
import { longestGap, type Units } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";

const MEND =
  "If rows are in order of time, say so: time (--time); if those of a subject or a site stand together, name it: group (--group COLUMN), or block (--block ROWS). If the file was only sorted by something else, their order means nothing, and this neither";

/** How rows depend on each other, as far as the columns of x and y show it. */
export function dependenceOf([x, y]: readonly Side[]): Diagnostic[] {
  const grouped = [groupedBy(x!, y!, (c) => label(x!, c)), groupedBy(y!, x!, (c) => label(y!, c))].find(Boolean);
  const memory = memoryOf(x!.columns, y!.columns);
  return [
    ...(grouped ? [grouped] : []),
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
  const grouped = groupedColumn(columns);
  return [
    ...(grouped ? [grouped] : []),
    ...(memory ? [remembered(memory, named(memory.left), named(memory.right), rows, "p-values are too small")] : []),
  ];
}

/** So many columns are looked at with all others, each with a table's. */
const MOST_COLUMNS = 50;

function groupedColumn(columns: readonly (Column & { name: string })[]): Diagnostic | undefined {
  for (const column of columns.slice(0, MOST_COLUMNS)) {
    const others = columns.filter((other) => other !== column);
    const found = groupedBy({ columns: [column] }, { columns: others }, () => `column "${column.name}"`);
    if (found) return found;
  }
  return undefined;
}

function groupedBy(
  side: Pick<Side, "columns">,
  other: Pick<Side, "columns">,
  named: (column: number) => string,
): Diagnostic | undefined {
  const groups = groupsOf(side.columns, other.columns);
  if (!groups) return undefined;
  const rows = side.columns[0]!.values.length;
  const what = side.columns.length === 1 ? named(0) : `the columns from ${named(0)} on`;
  return {
    name: "groups",
    value: groups.effective / rows,
    ok: false,
    message: `${what}: ${groups.distinct} different values in ${rows} rows, in numbers that do not repeat by chance, and rows with the same one are alike in the others${groups.mayBeLevels ? EITHER_WAY : ""}: ${worth(rows, groups.effective)}. Say which rows are of one subject or site: group (--group COLUMN)`,
  };
}

const EITHER_WAY =
  ". If the values were set, or are all the things that there are, such as products, nothing is wrong. If they are a sample, such as regions or devices, value and error tell which one a row is of and no more";

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
