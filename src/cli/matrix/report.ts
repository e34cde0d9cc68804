/** What `matrix` and `merge` print and write: a list, CSV, JSON, a heatmap. */
import { extname } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../errors.ts";
import type { MatrixPair, MatrixResult } from "../../matrix/result.ts";
import { type HeatmapFigure, heatmapFigure } from "../../report/heatmap.ts";
import { table } from "../../report/table.ts";
import { formatDuration, formatNumber, fromNats, type Unit } from "../../report/text.ts";
import { checkFolder, checkPage, writeWhole } from "../files.ts";
import { integer } from "../options.ts";
import { checkOutput, type OutputColumn, writeOutput } from "../output.ts";
import type { Header } from "./checkpoint.ts";
import { pageOfMatrix } from "./page.ts";
import type { Pictures } from "./pictures.ts";

/** Options that say how a finished matrix is shown. */
export interface Presentation {
  json?: boolean;
  quiet?: boolean;
  unit: Unit;
  top: number;
  output?: string | undefined;
  plot?: string;
  report?: string;
  normalize?: boolean;
}

export const presentationOptions = (command: Command): Command =>
  command
    .option("--top <number>", "pairs that the table shows", integer, 10)
    .option("--output <file>", "write all pairs: .csv, .json or .parquet")
    .option("--plot <file.svg>", "draw a heatmap")
    .option("--report <file.html>", "write all of it as one page to read, sort, print and pass on")
    .option("--normalize", "show MI as the correlation of two normals with as much, from 0 to 1, in table and heatmap");

/** What a whole matrix is written as; .ndjson is for its parts. */
const ENDINGS = [".csv", ".json", ".parquet"];

/** Refuses paths that would fail after hours of work. */
export async function checkPaths({ output, plot, report }: Presentation, isPart = false): Promise<void> {
  if (isPart && (output === undefined || ENDINGS.includes(extname(output).toLowerCase()))) {
    throw new InputError("--shard writes a part for remine merge: give --output a name such as part-1.ndjson");
  }
  if (isPart && plot !== undefined) throw new InputError("a shard has nothing to draw. Give --plot to remine merge");
  if (isPart && report !== undefined) throw new InputError("a shard has no report. Give --report to remine merge");
  if (!isPart) await checkOutput(output, ENDINGS);
  await checkPage(report);
  for (const path of [output, plot]) if (path !== undefined) await checkFolder(path);
}

/** Prints, writes and draws a finished matrix. */
export async function present(
  result: MatrixResult,
  header: Header,
  options: Presentation,
  run?: { seconds: number; adapter: string },
  pictures?: Pictures,
): Promise<void> {
  const { output, plot, report: page, unit } = options;
  const report = () => reportOf(result, header, unit);
  const tell = (shown: Presentation) => {
    if (options.json) console.log(JSON.stringify({ ...report(), ...run }));
    else print(result, header, shown, run);
  };
  try {
    if (output !== undefined) {
      await writeOutput(output, { columns: columnsOf(result, unit), json: report });
    }
    if (plot !== undefined) await writeWhole(plot, heatmapFigure(heatmapOf(result, header, options)));
    if (page !== undefined) {
      const heatmap = heatmapOf(result, header, options);
      await writeWhole(page, await pageOfMatrix(result, header, { unit, heatmap }, { ...pictures, run }));
    }
  } catch (error) {
    tell({ ...options, output: undefined });
    throw error;
  }
  tell(options);
}

/** Ten digits: more is noise, and the last bits would differ between machines. */
const digits = (value: number | undefined) => (value === undefined ? undefined : Number(value.toPrecision(10)));

const KEYS = [
  ...["x", "y", "mi", "raw", "standardError", "p", "pFitted", "q", "pFamily", "permutations", "estimator"],
  ...["pearson", "rows", "asCorrelation", "shareOfEntropy"],
] as (keyof MatrixPair)[];

const IN_NATS: readonly (keyof MatrixPair)[] = ["mi", "raw", "standardError"];

function cellOf(pair: MatrixPair, key: keyof MatrixPair, unit: Unit): string | number | undefined {
  const value = pair[key];
  if (typeof value !== "number") return value;
  return digits(IN_NATS.includes(key) ? fromNats(value, unit) : value);
}

const inUnit = (pair: MatrixPair, unit: Unit) => Object.fromEntries(KEYS.map((key) => [key, cellOf(pair, key, unit)]));

function reportOf({ pairs }: MatrixResult, header: Header, unit: Unit) {
  const { columns, transforms, rows, dropped, droppedBy, target, estimator, k, permutations, seed } = header;
  const { leftOut, leftOutPairs, given } = header;
  return {
    ...{ unit, rows, dropped, droppedBy, columns, transforms, leftOut, leftOutPairs },
    ...{ target, ...(given.length > 0 && { given }), estimator, k, permutations, seed },
    ...(header.screened !== null && { screened: header.screened }),
    ...(header.units && { units: header.units }),
    diagnostics: header.diagnostics,
    // JSON has no infinity: there "mi" is null, and "infinite" says why.
    pairs: pairs.map((pair) => ({
      ...inUnit(pair, unit),
      ...(pair.mi === Number.POSITIVE_INFINITY && { infinite: true }),
    })),
  };
}

/** The pairs column by column, made as they are asked for: of millions no copy is kept. */
function columnsOf({ pairs }: MatrixResult, unit: Unit): OutputColumn[] {
  const fields = {
    ...{ x: "x", y: "y", mi: "mi", standardError: "standard_error", p: "p", q: "q", pFamily: "p_family" },
    ...{ permutations: "permutations", estimator: "estimator", pearson: "pearson", rows: "rows" },
    ...{ asCorrelation: "as_correlation", shareOfEntropy: "share_of_entropy", pFitted: "p_fitted" },
  } as const;
  const kinds: Partial<Record<keyof typeof fields, OutputColumn["kind"]>> = {
    ...{ x: "text", y: "text", estimator: "text", permutations: "count", rows: "count" },
  };
  return (Object.keys(fields) as (keyof typeof fields)[]).map((key) => ({
    ...{ name: fields[key], kind: kinds[key] ?? "number" },
    values: { length: pairs.length, at: (row) => cellOf(pairs[row]!, key, unit) },
  }));
}

/** The estimators, with the pairs of each if there are several. */
function usedBy(pairs: readonly MatrixPair[]): string {
  const counts = new Map<string, number>();
  for (const { estimator } of pairs) counts.set(estimator, (counts.get(estimator) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([name, count]) => (counts.size > 1 ? `${name} (${count} pairs)` : name))
    .join(", ");
}

const inUnits = ({ units }: Header): string => {
  if (!units) return "";
  return "groups" in units ? ` in ${units.count} groups` : ` in time, correlated over ${units.correlationTime}`;
};

const givenIn = ({ given }: Header): string => (given.length > 0 ? `, given ${given.join(", ")}` : "");

function print(
  { pairs, permutations, screened }: MatrixResult,
  header: Header,
  { unit, top, quiet, output, normalize = false }: Presentation,
  run: { seconds: number; adapter: string } | undefined,
): void {
  const time = run ? `, ${formatDuration(run.seconds)} on ${run.adapter}` : "";
  if (!quiet) {
    const tested = permutations ? `, ${permutations} permutations` : "";
    console.log(
      `${header.columns.length} columns, ${pairs.length} ${screened ? `of ${screened} ` : ""}pairs, ${rowsOf(pairs).said} rows${inUnits(header)}${givenIn(header)}, ${usedBy(pairs)}${tested}${time}`,
    );
  }
  console.log(pairTable(pairs.slice(0, top), { unit, normalize, ...rowsOf(pairs), isTested: permutations > 0 }));
  if (quiet) return;
  for (const { name, message } of header.diagnostics) console.log(`! ${name}: ${message}`);
  if (permutations) {
    const found = pairs.filter(({ q }) => q! <= 0.05).length;
    const sure = pairs.filter(({ pFamily }) => pFamily! <= 0.05).length;
    console.log(`q ≤ 0.05 in ${found} of ${pairs.length} pairs, p family ≤ 0.05 in ${sure}`);
    const most = pairs.reduce((so, pair) => Math.max(so, pair.permutations ?? 0), 0);
    if (most > permutations) {
      console.log(
        `pairs that few permutations reach had up to ${most} of them, their own or those of all that are alike`,
      );
    }
    if (pairs.some(({ pFitted }) => pFitted !== undefined)) {
      console.log("p with ≤ is the upper end of a tail that is fitted to the largest of them");
    }
    // No p is smaller than 1 / (1 + permutations), so a few true pairs among very many may not get a small q.
    const unreached = pairs.filter(({ p, q, permutations: count }) => p === 1 / (1 + count!) && q! > 0.05).length;
    if (unreached > 0) {
      console.log(
        `no permutation reaches ${unreached} more pairs, among too many for q ≤ 0.05: ask for more permutations`,
      );
    }
  }
  if (pairs.length > top)
    console.log(`${pairs.length - top} more pairs${output ? ` in ${output}` : "; --output writes all"}`);
}

/** How many rows the pairs have, and whether it is not the same number for all. */
function rowsOf(pairs: readonly MatrixPair[]): { said: string; differ: boolean } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { rows } of pairs) [least, most] = [Math.min(least, rows), Math.max(most, rows)];
  return least < most ? { said: `${least} to ${most}`, differ: true } : { said: String(most), differ: false };
}

function pairTable(
  pairs: readonly MatrixPair[],
  { unit, normalize, differ, isTested }: { unit: Unit; normalize: boolean; differ: boolean; isTested: boolean },
): string {
  const show = (value: number | undefined) => (value === undefined ? "" : formatNumber(value, 2));
  const fixed = (nats: number) => (nats === Number.POSITIVE_INFINITY ? "inf" : fromNats(nats, unit).toFixed(3));
  const tests = isTested ? ["p", "q", "p family"] : [];
  const [value, error] = normalize ? ["MI as r", `s.e. (${unit})`] : [`MI (${unit})`, "s.e."];
  const titles = ["x", "y", value!, error!, ...tests, "r", ...(differ ? ["rows"] : [])];
  const rows = pairs.map((pair) => [
    ...[pair.x, pair.y, normalize ? pair.asCorrelation.toFixed(2) : fixed(pair.mi)],
    Number.isNaN(pair.standardError) ? "–" : fixed(pair.standardError),
    ...(isTested ? [`${pair.pFitted === undefined ? "" : "≤ "}${show(pair.p)}`, show(pair.q), show(pair.pFamily)] : []),
    Number.isNaN(pair.pearson) ? "–" : pair.pearson.toFixed(2),
    ...(differ ? [String(pair.rows)] : []),
  ]);
  return table([titles, ...rows]);
}

function heatmapOf(result: MatrixResult, header: Header, { unit, normalize = false }: Presentation): HeatmapFigure {
  const names = new Map(result.columns.map((name, i) => [name, i]));
  const size = result.columns.length;
  const r = new Float64Array(size * size).fill(Number.NaN);
  for (const { x, y, pearson } of result.pairs) {
    r[names.get(x)! * size + names.get(y)!] = pearson;
    r[names.get(y)! * size + names.get(x)!] = pearson;
  }
  const tested = result.permutations ? `, ${result.permutations} permutations` : "";
  return {
    title: `Mutual information between columns${givenIn(header)}`,
    subtitle: `${size} columns, ${rowsOf(result.pairs).said} rows, ${usedBy(result.pairs)}${tested}`,
    ...{ unit, normalize, columns: result.columns, mi: result.mi, pearson: r },
  };
}
