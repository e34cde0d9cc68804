/** `remine columns`: what each column of a file would be taken for, and why. */
import type { Command } from "commander";
import { describeInputs, fitInputs } from "../crossfit/inputs.ts";
import { MIN_ROWS, shown } from "../data/columns.ts";
import { kindOf } from "../data/kinds.ts";
import { columnProblem, type FileColumn, plural, type Table } from "../data/table.ts";
import { repeatsOf } from "../data/ties.ts";
import { fitTransform } from "../data/transform.ts";
import { readTable } from "../readers/read.ts";
import { table } from "../report/table.ts";
import { csvOptions, type TableOptions, tableOptions } from "./options.ts";

type Options = TableOptions & { json?: boolean };

/** What a column would be taken for. */
interface Taken {
  column: string;
  takenFor: "number" | "category" | "date" | "ordered" | "constant" | "text" | "unclear" | "empty";
  why: string;
  /** Different values. */
  distinct: number;
  missing: { text: string; rows: number }[];
  /** Share of the values that are there more than once. */
  repeats: number;
  /** The maps that `estimate` would give it, in words, were it alone on its side; none where it is refused. */
  maps: string[];
  /** Why `estimate` would refuse it, and what to change. */
  problem?: string;
}

export function addColumns(program: Command): void {
  const command = program
    .command("columns")
    .description("what each column of a file would be taken for, and why; with its gaps, repeats and map")
    .option("--json", "print one JSON object on stdout");
  tableOptions(command).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const read = await readTable(file, csvOptions(options));
  const { rows, notes = [] } = read;
  const columns = read.columns.map((_, c) => takenOf(read, c));
  if (options.json) return console.log(JSON.stringify({ rows, notes, columns }));
  console.log(`${plural(columns.length, "column")}, ${plural(rows, "row")}`);
  const titles = ["column", "taken for", "values", "missing", "repeats", "why", "map in estimate"];
  console.log(table([titles, ...columns.map(lineOf)], { align: ["left", "left", "right", "left", "right", "left"] }));
  for (const note of notes) console.log(`${note}.`);
  for (const { problem } of columns) if (problem !== undefined) console.log(`! ${problem}.`);
}

function lineOf({ column, takenFor, distinct, missing, repeats, why, maps }: Taken): string[] {
  const gaps = missing.map(({ text, rows }) => `${rows} ${text === "" ? "empty" : `"${text}"`}`).join(", ");
  return [
    column,
    takenFor,
    String(distinct),
    gaps || "–",
    `${Math.round(100 * repeats)} %`,
    why,
    maps.join(" | ") || "–",
  ];
}

function takenOf(all: Table, index: number): Taken {
  const column = all.columns[index]!;
  const values = column.values.filter((value) => !Number.isNaN(value));
  const distinct = new Set(values).size;
  const problem = columnProblem(all, index) ?? problemOf(column, values, distinct);
  const { takenFor, why } = kindIn(column, values, distinct, problem);
  return {
    ...{ column: column.name, takenFor, why, distinct, missing: column.missing ?? [] },
    repeats: values.length > 0 ? repeatsOf(values).repeated : 0,
    maps: problem === undefined ? mapsOf(column, values) : [],
    ...(problem !== undefined && { problem }),
  };
}

/** What is refused of a column once it is on a side. */
function problemOf(column: FileColumn, values: Float64Array, distinct: number): string | undefined {
  const { name } = column;
  if (distinct === 1) {
    return `column "${name}" is constant (${shown(column, values[0]!)} in every row), so it carries no information. Leave it out`;
  }
  if (values.length >= MIN_ROWS) return undefined;
  return `column "${name}" has a value in ${plural(values.length, "row")}; at least ${MIN_ROWS} are needed`;
}

function kindIn(
  column: FileColumn,
  values: Float64Array,
  distinct: number,
  problem: string | undefined,
): Pick<Taken, "takenFor" | "why"> {
  const { kind, levels, forced, isDate, firstBad, note } = column;
  if (firstBad) return { takenFor: "unclear", why: `row ${firstBad.row} is "${firstBad.cell}"` };
  if (values.length === 0) return { takenFor: "empty", why: "no value in any row" };
  if (column.problem) return { takenFor: "unclear", why: "its cells can be read in two ways" };
  if (distinct === 1) return { takenFor: "constant", why: `${shown(column, values[0]!)} in every row` };
  if (kind === "category") {
    if (problem !== undefined && !forced && values.length >= MIN_ROWS)
      return { takenFor: "text", why: "names or free text" };
    return { takenFor: "category", why: forced ? "as asked" : plural(distinct, "different text") };
  }
  const own = note?.replace(/^column ".*": /s, "");
  const decision = kindOf({ kind, values });
  const why = [own, decision.reason].filter((word) => word !== undefined).join("; ");
  if (isDate) return { takenFor: "date", why };
  if (levels) return { takenFor: "ordered", why };
  return { takenFor: decision.kind === "category" ? "category" : "number", why };
}

/** By the functions of `estimate`. */
function mapsOf({ kind }: FileColumn, values: Float64Array): string[] {
  const isCategory = kind === "category";
  const usual = [fitTransform(values, isCategory ? { category: true } : {})];
  return describeInputs(fitInputs([values], { usual }));
}
