/** `remine estimate`: MI between columns of a file, or a table of several estimators. */
import type { Command } from "commander";
import { valuesOf } from "../data/columns.ts";
import { isDiscrete } from "../data/kinds.ts";
import type { FileColumn } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { type Comparison, compare } from "../estimate/compare.ts";
import { estimate } from "../estimate/estimate.ts";
import { type LagEstimate, lags } from "../estimate/lags.ts";
import { type EstimateOptions, estimateKeys } from "../estimate/options.ts";
import type { EstimateResult, TrainedResult, Versus } from "../estimate/result.ts";
import type { EstimateName } from "../estimators/choice.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { asCorrelation, entropyOf, shareOfEntropy } from "../math/scale.ts";
import { correlation, standardScores } from "../math/statistics.ts";
import { estimateFigure, scoresFigure } from "../report/estimate.ts";
import { table } from "../report/table.ts";
import { formatDuration, formatEstimate, formatNumber, fromNats, sparkline, type Unit } from "../report/text.ts";
import { estimateColumns, lagColumns } from "./estimate-output.ts";
import { pageOfEstimate, pageOfLags, pageOfSeveral } from "./estimate-page.ts";
import { checkPage, missingNote, type Selection, select, writeWhole } from "./files.ts";
import { interruptible } from "./interrupt.ts";
import { askedLags, finishedLags, type LagOptions, lagOptions, lagsDrawing, lagsReport, printLags } from "./lags.ts";
import {
  askedFor,
  type CommonOptions,
  commonOptions,
  type FileOptions,
  fileOptions,
  integer,
  pick,
  type TrainingOptions,
  trainingOptions,
} from "./options.ts";
import { checkOutput, writeOutput } from "./output.ts";
import { onProgress, progressFor } from "./progress.ts";
import { Reopening } from "./reopening.ts";
import { readSides } from "./sides.ts";

type Options = Reading & { plot?: string; output?: string; report?: string };

export function addEstimate(program: Command): void {
  const command = program
    .command("estimate")
    .description("estimate I(X;Y) or I(X;Y|Z) of columns of a file, with an interval and diagnostics")
    .option(
      "--versus <columns>",
      "columns of another X: does --x or --versus tell more about Y? Of --x a,b --versus a: what b adds",
    )
    .option("--plot <file.svg>", "draw the training curve and the pointwise MI")
    .option("--output <file>", "write the result as a table too: .csv, .json, .ndjson or .parquet")
    .option("--report <file.html>", "write all of it as one page to read, print and pass on")
    .option(
      "--rows <number>",
      "use only so many rows, at random; or all: critics learn from all rows (default: from at most 100 000, and all are scored)",
      (text: string) => (text === "all" ? text : integer(text)),
    )
    .option("--keep-copies", "use all of rows that are copies of each other, not one of each")
    .option("--permutations <number>", "permutations behind a p-value of independence, such as 199", integer)
    .option(
      "--check",
      "also try what must hold: shuffled rows give 0, halves agree, bent columns change nothing, less of a side tells no more (about 6 times as long)",
    );
  trainingOptions(commonOptions(fileOptions(lagOptions(command)))).action(run);
  command.addHelpText(
    "after",
    "\nExample:\n  remine estimate data/seattle-weather.csv --x day_of_year --y temp_max --plot weather.svg",
  );
}

async function run(file: string | undefined, options: Options): Promise<void> {
  await checkOutput(options.output);
  const asked = askedLags(options);
  await checkPage(options.report);
  if (asked) return runLags(file, options, asked);
  if (options.estimator === "all" || options.estimator.includes(",")) return runSeveral(file, options);
  const { result, selection } = await estimateFile(file, options);
  try {
    const { plot, output, report: page, unit } = options;
    if (plot) await writeWhole(plot, drawing(result, selection, unit));
    if (page) await writeWhole(page, await pageOfEstimate({ result, selection, file }, options, saidOf(unit)));
    if (output) {
      const columns = estimateColumns([{ estimator: result.estimator, result }], selection, unit);
      await writeOutput(output, { columns, json: () => report(result, selection, unit) });
    }
  } finally {
    // Also where the picture cannot be written.
    if (options.json) console.log(JSON.stringify(report(result, selection, options.unit)));
    else printReport(result, selection, options);
  }
}

type Reading = CommonOptions &
  FileOptions &
  TrainingOptions &
  LagOptions & { check?: boolean; keepCopies?: boolean; permutations?: number; rows?: number | "all" };

/** Reads and selects, then runs `work` with progress and Ctrl-C. Without a file each side is a file. */
async function withSelection<T>(
  file: string | undefined,
  options: Reading,
  work: (s: Selection, shared: EstimateOptions, reopening: Reopening) => Promise<T>,
): Promise<{ result: T; selection: Selection }> {
  const { x, y, given, versus, group, weights } = options;
  const sides = await readSides(file, options, askedFor(x, y, given, versus, group, weights));
  const selection = select(sides.table, sides.options);
  const progress = progressFor(options);
  const reopening = new Reopening(progress.message);
  for (const note of selection.notes) progress.message(`${note}.`);
  const note = missingNote(selection.dropped, selection.rows.length, selection.leftOut);
  // Of several lags the call itself says what was left out: a row that is complete may lack one of them.
  if (note && !options.lag && !options.transfer) progress.message(note);
  try {
    const result = await interruptible((signal) =>
      work(
        selection,
        {
          ...pick<EstimateOptions>(options, estimateKeys),
          copies: options.keepCopies ? "keep" : "drop",
          ...{ given: selection.given, versus: selection.versus, weights: selection.weights?.values },
          group: selection.group?.values,
          missing: "drop",
          quiet: !options.verbose,
          onProgress: onProgress(progress, options.unit),
          onDeviceLost: reopening.onDeviceLost,
          signal,
        },
        reopening,
      ),
    );
    return { result, selection };
  } finally {
    progress.finish();
  }
}

/** One estimate of columns of a file. */
export const estimateFile = (file: string | undefined, options: Reading) =>
  withSelection(file, options, (s, shared) => estimate(s.x, s.y, shared));

/** `--lag` or `--transfer`: a value for each lag. */
async function runLags(
  file: string | undefined,
  options: Options,
  asked: NonNullable<ReturnType<typeof askedLags>>,
): Promise<void> {
  const { unit, plot, output, report: page } = options;
  const done: LagEstimate[] = [];
  const { result, selection } = await withSelection(
    file,
    options,
    (s, { time: _, group: __, ...shared }, reopening) => {
      const onLag = (found: LagEstimate) => {
        done.push(found);
        reopening.progressed();
      };
      return lags(s.x, s.y, { ...shared, ...asked, onLag });
    },
  ).catch((error) => {
    // Those that are finished, where the next was interrupted or failed.
    if (done.length > 0) console.log(finishedLags(done, options));
    throw error;
  });
  try {
    const name = nameOf(selection);
    if (plot) await writeWhole(plot, lagsDrawing(result, name, unit));
    if (page) await writeWhole(page, await pageOfLags({ result, selection, file }, options, { name, asked }));
    if (output) {
      const columns = lagColumns(result, selection, unit);
      await writeOutput(output, { columns, json: () => lagsReport(result, selection, unit) });
    }
  } finally {
    if (options.json) console.log(JSON.stringify(lagsReport(result, selection, unit)));
    else printLags(result, selection, nameOf(selection), options);
  }
}

/** `--estimator a,b` or `all`: a table side by side. */
async function runSeveral(file: string | undefined, options: Options): Promise<void> {
  if (options.plot)
    throw new InputError("--plot draws one estimate; name one estimator, or leave --plot out for the table");
  if (options.permutations)
    throw new InputError(
      "--permutations test what one estimate is of; name one estimator, or leave it out for the table",
    );
  if (options.versus)
    throw new InputError("--versus compares two of one estimator; name one, or leave --versus out for the table");
  if (options.check)
    throw new InputError("--check repeats one estimate; name one estimator, or leave --check out for the table");
  const estimators =
    options.estimator === "all" ? "all" : options.estimator.split(",").map((name) => name.trim() as EstimateName);
  const done: Comparison[] = [];
  let selected: Selection | undefined;
  try {
    await withSelection(file, options, (s, { estimator: _, ...shared }, reopening) => {
      selected = s;
      const onResult = (comparison: Comparison) => {
        done.push(comparison);
        reopening.progressed();
      };
      return compare(s.x, s.y, { ...shared, estimators, onResult });
    });
  } finally {
    // Those that are finished, also where the next was interrupted or failed.
    if (done.some(({ result }) => result)) {
      tellSeveral(done, selected!, options);
      await writeSeveral(done, selected!, options);
    }
  }
  if (options.report)
    await writeWhole(options.report, await pageOfSeveral({ done, selection: selected!, file }, options));
}

async function writeSeveral(done: readonly Comparison[], selection: Selection, { unit, output }: Options) {
  if (!output) return;
  const json = () => severalReport(done, selection, unit);
  await writeOutput(output, { columns: estimateColumns(done, selection, unit), json });
}

function severalReport(done: readonly Comparison[], selection: Selection, unit: Unit): object {
  const results = done.map(({ estimator, result, reason }) =>
    result ? report(result, selection, unit) : { estimator, reason },
  );
  return { unit, rows: selection.rows.length, results };
}

function tellSeveral(done: readonly Comparison[], selection: Selection, { unit, json }: Options): void {
  if (json) {
    console.log(JSON.stringify(severalReport(done, selection, unit)));
    return;
  }
  console.log(`${nameOf(selection)} in ${unit}, ${selection.rows.length} rows`);
  const fixed = (nats: number) => fromNats(nats, unit).toFixed(3);
  const rows = done.map(({ estimator, result: r, reason = "" }) => {
    if (!r) return [estimator, "–", "", "", reason];
    const failed = r.diagnostics.filter((d) => !d.ok).map((d) => d.name);
    const note = failed.length ? `! ${failed.join(", ")}` : boundOf(estimator);
    return [estimator, fixed(r.mi), `[${r.interval.map(fixed).join(", ")}]`, formatDuration(r.seconds), note];
  });
  console.log(table(rows, { align: ["left", "right", "left", "right", "left"], indent: 2 }));
}

/** What an estimate is to the MI, in a word or two. */
function boundOf(name: string): string {
  const facts = (estimators as Record<string, { bound: string }>)[name];
  if (!facts) return name === "demine" ? "lower bound, certified" : "no bound";
  return facts.bound === "none" ? "no bound" : `${facts.bound} bound`;
}

const namesOf = (columns: readonly FileColumn[]) => columns.map(({ name }) => name);

const sideName = (columns: readonly FileColumn[]) => {
  const list = namesOf(columns);
  return list.length > 3 ? `${list[0]}, … ${list.at(-1)} (${list.length})` : list.join(", ");
};

const nameOf = ({ x, y, given }: Selection) =>
  `I(${sideName(x)}; ${sideName(y)}${given ? ` | ${sideName(given)}` : ""})`;

/** The same rows and columns with X′ in the place of X. */
const versusOf = ({ versus = [], ...rest }: Selection): Selection => ({ ...rest, x: versus });

/** What only a trained estimate has. */
export const trainedOf = (r: EstimateResult): Partial<TrainedResult> => (r.kind === "trained" ? r : {});

/** The JSON of `--json`. */
export function report(r: EstimateResult, s: Selection, unit: Unit): object {
  const inUnit = (nats: number) => fromNats(nats, unit);
  const { terms, stepsPerSecond, budget } = trainedOf(r);
  return {
    mi: inUnit(r.mi),
    bound: inUnit(r.bound),
    interval: r.interval.map(inUnit),
    upperFrom: r.upperFrom,
    unit,
    raw: inUnit(r.raw),
    standardError: inUnit(r.standardError),
    asCorrelation: asCorrelation(r.mi),
    shareOfEntropy: shareOf(r, s),
    estimator: r.estimator,
    x: namesOf(s.x),
    y: namesOf(s.y),
    ...(s.given && { given: namesOf(s.given) }),
    ...(r.units && { units: r.units }),
    ...(r.weights && { weights: { column: s.weights?.name, ...r.weights } }),
    ...(terms && {
      terms: Object.fromEntries(
        Object.entries(terms).map(([name, t]) => [
          name,
          { raw: inUnit(t.raw), standardError: inUnit(t.standardError) },
        ]),
      ),
    }),
    rows: r.rows,
    ...(r.sample && { sample: r.sample }),
    dropped: s.dropped,
    ...(s.dropped > 0 && { droppedBy: s.leftOut }),
    ...(s.notes.length > 0 && { notes: s.notes }),
    seconds: r.seconds,
    stepsPerSecond,
    adapter: r.adapter,
    transforms: r.transforms,
    budget,
    secondOpinions: r.opinions.map(({ mi, standardError, ...rest }) => ({
      ...rest,
      mi: inUnit(mi),
      standardError: inUnit(standardError),
    })),
    diagnostics: r.diagnostics,
    ...(r.independence && { independence: r.independence }),
    ...(r.versus && {
      versus: {
        difference: inUnit(r.versus.difference),
        interval: r.versus.interval.map(inUnit),
        standardError: inUnit(r.versus.standardError),
        more: r.versus.more,
        other: report(r.versus.other, versusOf(s), unit),
      },
    }),
    ...(r.checks && { checks: r.checks }),
  };
}

/** Of two categories the share of the smaller entropy that the other one tells. */
function shareOf({ mi }: EstimateResult, { x, y, given, weights, rows }: Selection): number | undefined {
  // Entropies here are of rows that count alike.
  if (given || weights || x.length > 1 || y.length > 1) return undefined;
  const sides = [x[0]!, y[0]!].map((column) => ({ ...column, values: valuesOf(column.values, rows) }));
  if (!sides.every(isDiscrete)) return undefined;
  return shareOfEntropy(mi, Math.min(...sides.map(({ values }) => entropyOf(values))));
}

/** What can be compared with other columns. */
function comparable(r: EstimateResult, s: Selection): string {
  const share = shareOf(r, s);
  const [low, high] = r.interval.map((nats) => asCorrelation(nats).toFixed(2));
  const normal = `as much as of two normals with a correlation of ${asCorrelation(r.mi).toFixed(2)} [${low}, ${high}]`;
  return share === undefined ? normal : `${normal}; ${(100 * share).toFixed(0)} % of the smaller entropy of the two`;
}

function printReport(r: EstimateResult, s: Selection, { unit, quiet }: Options): void {
  const failed = r.diagnostics.filter((d) => !d.ok);
  const { terms = {}, validation } = trainedOf(r);
  console.log(`${nameOf(s)} = ${formatEstimate(r.mi, r.interval, unit)}`);
  if (r.versus) printVersus(r.versus, s, unit);
  if (quiet) return;
  console.log(`  at least ${formatEstimate(r.bound, undefined, unit)} by held-out rows; the upper end: ${r.upperFrom}`);
  console.log(`  ${comparable(r, s)}`);
  console.log(`  ${r.rows} rows, ${r.estimator}, ${effort(r)}${formatDuration(r.seconds)} on ${r.adapter}`);
  if (r.weights) console.log(`  ${weighed(r.weights, s)}`);
  if (r.sample) console.log(`  ${r.sample.reason}`);
  for (const [name, transforms] of Object.entries(r.transforms))
    console.log(`  ${{ x: "X", y: "Y", given: "Z" }[name]}: ${[...new Set(transforms)].join(" | ")}`);
  for (const [name, { raw }] of Object.entries(terms))
    console.log(`  ${name} = ${formatEstimate(raw, undefined, unit)}`);
  const linear = linearOf(s);
  if (linear) {
    const would = formatNumber(fromNats(linear.mi, unit), 2);
    console.log(`  Pearson r = ${linear.r.toFixed(2)}: were the two jointly normal, that would be ${would} ${unit}`);
  }
  if (validation) console.log(`  validation  ${sparkline(validation.bound, 40)}`);
  for (const { method, mi, remark } of r.opinions)
    if (remark) console.log(`  second opinion, ${method}: ${formatEstimate(mi, undefined, unit)}, ${remark}`);
  if (failed.length === 0) console.log(`  all ${r.diagnostics.length} diagnostics passed`);
  for (const d of failed) console.log(`  ! ${d.name}: ${d.message}`);
  if (r.versus) printOther(r.versus.other, r, s);
  for (const [name, independence] of [
    ["", r.independence],
    [` in ${nameOf(versusOf(s))}`, r.versus?.other.independence],
  ] as const) {
    if (!independence) continue;
    const { p, permutations, permuted } = independence;
    console.log(
      `  p = ${formatNumber(p, 2)} that nothing is there${name}, by ${permutations} permutations: ${permuted}`,
    );
  }
  for (const { name, ok, message } of r.checks ?? [])
    console.log(`  check ${ok ? "passed" : "FAILED"}, ${name}: ${message}`);
}

/** What the weights are worth. */
const weighed = ({ effective, unused }: NonNullable<EstimateResult["weights"]>, { weights }: Selection): string =>
  `weights of ${weights!.name}: worth ${Math.round(effective)} rows of equal weight${unused > 0 ? `; ${unused} rows of weight 0 are not used` : ""}`;

/** X′ by itself, and which of the two tells more. */
function printVersus({ difference, interval, more, other }: Versus, s: Selection, unit: Unit): void {
  const [x, versus, y] = [sideName(s.x), sideName(s.versus!), sideName(s.y)];
  const beyond = s.given ? ` beyond ${sideName(s.given)}` : "";
  console.log(`${nameOf(versusOf(s))} = ${formatEstimate(other.mi, other.interval, unit)}`);
  if (more === "unclear") {
    const by = formatEstimate(difference, interval, unit);
    console.log(
      `which of ${x} and ${versus} tells more about ${y}${beyond} cannot be told from these rows: ${by} apart`,
    );
    return;
  }
  const [winner, loser, sign] = more === "x" ? [x, versus, 1] : [versus, x, -1];
  const ends = interval.map((end) => sign * end).sort((a, b) => a - b) as [number, number];
  const by = formatEstimate(sign * difference, ends, unit);
  console.log(`${winner} tells more about ${y}${beyond} than ${loser}: ${by} more`);
}

/** What else there is to say of X′: what was done to its columns, and what failed of it alone. */
function printOther(other: EstimateResult, r: EstimateResult, s: Selection): void {
  const name = nameOf(versusOf(s));
  console.log(`  ${name}: ${[...new Set(other.transforms.x)].join(" | ")}; the upper end: ${other.upperFrom}`);
  const known = new Set(r.diagnostics.map(({ message }) => message));
  for (const d of other.diagnostics.filter((d) => !d.ok && !known.has(d.message)))
    console.log(`  ! ${name}, ${d.name}: ${d.message}`);
}

/** What the page takes from here. */
const saidOf = (unit: Unit) => (r: EstimateResult, s: Selection) => {
  const linear = linearOf(s);
  return {
    figure: drawing(r, s, unit, true),
    shareOfEntropy: shareOf(r, s),
    ...(linear && { linear }),
    effort: effort(r).replace(/, $/, ""),
  };
};

/** Of one number on each side: Pearson's r, and what would be there if both were normal, nats. */
function linearOf({ x: [x, ...moreX], y: [y, ...moreY], given, weights, rows }: Selection) {
  if (given || weights || moreX.length > 0 || moreY.length > 0) return undefined;
  if (x!.kind === "category" || y!.kind === "category") return undefined;
  const r = correlation(standardScores(valuesOf(x!.values, rows)), standardScores(valuesOf(y!.values, rows)));
  return { r, mi: -0.5 * Math.log(1 - r * r) };
}

/** What was trained, if anything. */
function effort(r: EstimateResult): string {
  const { budget } = trainedOf(r);
  if (!budget) return "";
  const { folds, restarts, hidden } = budget;
  const critics = `${restarts} critics of ${hidden.join("-")}`;
  return folds === 1 ? `${critics} trained on half of them, ` : `${folds} folds x ${critics}, `;
}

/** The picture of `--plot`; on a page, where nothing was trained, the rows alone. */
export function drawing(r: EstimateResult, s: Selection, unit: Unit, isPage = false): string {
  const { trace = { joint: [], logPartition: [], value: [] }, terms = {}, validation } = trainedOf(r);
  const { joint, logPartition, value } = trace;
  const step = Float64Array.from(value, (_, i) => i + 1);
  const [whole, part] = Object.entries(terms);
  const figure = r.kind === "trained" || !isPage ? estimateFigure : scoresFigure;
  return figure({
    title: nameOf(s),
    subtitle: `${r.estimator}, ${r.rows} rows, ${r.adapter}`,
    unit,
    curve:
      whole && part
        ? { step, joint: whole[1].trace.value, logPartition: part[1].trace.value, estimate: value }
        : { step, joint, logPartition, estimate: value },
    ...(whole && part && { terms: [whole[0], part[0]] as const }),
    validation: { step: validation?.step ?? [], estimate: validation?.bound ?? [] },
    estimate: r.mi,
    interval: r.interval,
    scores: r.pointwise,
  });
}
