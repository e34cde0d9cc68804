/** How to have again what a command did: the command itself, and the call of the library. */
import type { FileColumn } from "../data/table.ts";
import { type EstimateOptions, estimateKeys } from "../estimate/options.ts";
import { literal, shellCommand } from "../report/html/repeat.ts";
import { csvOptions, pick, type TableOptions } from "./options.ts";

/** The command that is running, as it was typed. */
export const thisCommand = (): string => shellCommand(["remine", ...process.argv.slice(2)]);

/** What has to be known of a command. */
interface Asked extends TableOptions {
  seed: number;
  keepCopies?: boolean;
  estimator: string;
  confidence?: number;
  transform?: string;
}

type Sides = {
  x: readonly FileColumn[];
  y: readonly FileColumn[];
  given?: readonly FileColumn[];
  versus?: readonly FileColumn[];
};
type Rows = { group?: FileColumn; weights?: FileColumn };

/** What the library does by itself. */
const USUAL: Readonly<Record<string, unknown>> = {
  estimator: "remine",
  confidence: 0.95,
  transform: "auto",
  permutations: 0,
};

const namesIn = (columns: readonly FileColumn[]) => columns.map(({ name }) => literal(name)).join(", ");

/**
 * The lines of a module, or why there are none: what the command line makes of a date has no short form.
 *
 * @param call of the library and what it is called with beside the columns
 */
export function libraryCall(
  file: string | undefined,
  { x, y, given, versus, group, weights }: Sides & Rows,
  options: Asked,
  { call = "estimate", more = {} }: { call?: "estimate" | "lags" | "compare"; more?: object } = {},
): { library?: string; why?: string } {
  if (file === undefined)
    return { why: "From JavaScript read each side's file by readTable, and give its columns to the same call." };
  if (file === "-") return { why: "From JavaScript read a file by readTable; the command above read its input." };
  if ([x, y, given ?? [], versus ?? []].flat().some(({ name }) => /:\w+ \((cos|sin)\)$/.test(name)))
    return { why: "Columns that are made of a date are made by the command line." };
  const reading = Object.entries(csvOptions(options)).filter(([, value]) => value !== undefined);
  const read = reading.length > 0 ? `, ${literal(Object.fromEntries(reading))}` : "";
  const set = Object.entries(pick<EstimateOptions>(options, estimateKeys)).filter(
    ([key, value]) => value !== USUAL[key] && !["quiet", "given", "versus", "weights", "group"].includes(key),
  );
  const parts = [
    ...[given && `given: columns(${namesIn(given)})`, versus && `versus: columns(${namesIn(versus)})`],
    ...[group && `group: columns(${literal(group.name)})[0].values`],
    ...[weights && `weights: columns(${literal(weights.name)})[0].values`],
    ...[...set, ...Object.entries(more)].map(([key, value]) => `${key}: ${literal(value)}`),
    ...[options.keepCopies && 'copies: "keep"', 'missing: "drop"'],
  ].filter((part) => part);
  const library = `import { ${call} } from "remine";
import { readTable } from "remine/files";

const table = await readTable(${literal(file)}${read});
const columns = (...names) => names.map((name) => table.columns.find((column) => column.name === name));
const result = await ${call}(columns(${namesIn(x)}), columns(${namesIn(y)}), {
${parts.map((part) => `  ${part},\n`).join("")}});
console.log(result);`;
  return { library };
}
