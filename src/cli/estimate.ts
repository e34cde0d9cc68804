import type { Command } from "commander";
import { mean } from "../bound.ts";
import { readTable } from "../data/read.ts";
import { type EstimateResult, estimate } from "../estimate.ts";
import { estimateFigure } from "../report/estimate.ts";
import { formatDuration, formatEstimate, formatNumber, fromNats, sparkline, type Unit } from "../report/text.ts";
import {
  type CommonOptions,
  commonOptions,
  droppedNote,
  type FileOptions,
  fileOptions,
  interruptible,
  onProgress,
  progressFor,
  type Selection,
  select,
  type TrainingOptions,
  trainingOptions,
  writeWhole,
} from "./common.ts";

type Options = CommonOptions & FileOptions & TrainingOptions & { plot?: string };

export function addEstimate(program: Command): void {
  const command = program
    .command("estimate")
    .description("estimate I(X;Y) or I(X;Y|Z) of columns of a file, with an interval and diagnostics")
    .option("--plot <file.svg>", "draw the training curve and the pointwise MI");
  trainingOptions(commonOptions(fileOptions(command))).action(run);
  command.addHelpText(
    "after",
    "\nExample:\n  remine estimate data/seattle-weather.csv --x day_of_year --y temp_max --plot weather.svg",
  );
}

async function run(file: string, options: Options): Promise<void> {
  const { result, selection } = await estimateFile(file, options);
  if (options.plot) await writeWhole(options.plot, drawing(result, selection, options.unit));
  if (options.json) console.log(JSON.stringify(report(result, selection, options.unit)));
  else printReport(result, selection, options);
}

/** Reads, selects, estimates, with progress and Ctrl-C. */
export async function estimateFile(file: string, options: CommonOptions & FileOptions & TrainingOptions) {
  const { missing, categorical, delimiter, header } = options;
  const table = await readTable(file, { missing, categorical, delimiter, header: header ? undefined : false });
  const selection = select(table, options);
  const progress = progressFor(options);
  const note = droppedNote(selection);
  if (note) progress.message(note);
  try {
    const result = await interruptible((signal) =>
      estimate(selection.x, selection.y, {
        ...options,
        given: selection.given,
        quiet: true,
        names: selection.names,
        categories: selection.categories,
        onProgress: onProgress(progress, options.unit),
        signal,
      }),
    );
    return { result, selection };
  } finally {
    progress.finish();
  }
}

const nameOf = ({ names }: Selection) => {
  const side = (list: string[]) =>
    list.length > 3 ? `${list[0]}, … ${list.at(-1)} (${list.length})` : list.join(", ");
  return `I(${side(names.x)}; ${side(names.y)}${names.given ? ` | ${side(names.given)}` : ""})`;
};

/** The JSON of `--json`. */
export function report(r: EstimateResult, s: Selection, unit: Unit) {
  const inUnit = (nats: number) => fromNats(nats, unit);
  return {
    mi: inUnit(r.mi),
    interval: r.interval.map(inUnit),
    unit,
    raw: inUnit(r.raw),
    standardError: inUnit(r.standardError),
    estimator: r.estimator,
    x: s.names.x,
    y: s.names.y,
    ...(s.names.given && { given: s.names.given }),
    ...(r.terms && {
      terms: Object.fromEntries(
        Object.entries(r.terms).map(([name, t]) => [
          name,
          { raw: inUnit(t.raw), standardError: inUnit(t.standardError) },
        ]),
      ),
    }),
    rows: r.rows,
    dropped: s.dropped,
    seconds: r.seconds,
    stepsPerSecond: r.stepsPerSecond,
    adapter: r.adapter,
    transforms: r.transforms,
    budget: r.budget,
    diagnostics: r.diagnostics,
  };
}

function printReport(r: EstimateResult, s: Selection, { unit, quiet }: Options): void {
  const failed = r.diagnostics.filter((d) => !d.ok);
  console.log(`${nameOf(s)} = ${formatEstimate(r.mi, r.interval, unit)}`);
  if (quiet) return;
  const { folds, restarts, hidden } = r.budget;
  const critics = `${restarts} critics of ${hidden.join("-")}`;
  const trained = folds === 1 ? `${critics} trained on half of them` : `${folds} folds x ${critics}`;
  console.log(`  ${r.rows} rows, ${r.estimator}, ${trained}, ${formatDuration(r.seconds)} on ${r.adapter}`);
  for (const [name, transforms] of Object.entries(r.transforms))
    console.log(`  ${{ x: "X", y: "Y", given: "Z" }[name]}: ${[...new Set(transforms)].join("; ")}`);
  for (const [name, { raw }] of Object.entries(r.terms ?? {}))
    console.log(`  ${name} = ${formatEstimate(raw, undefined, unit)}`);
  if (!s.given && s.names.x.length === 1 && s.names.y.length === 1 && !s.categories.x[0] && !s.categories.y[0]) {
    const r1 = pearson(
      s.x.map((row) => row[0]!),
      s.y.map((row) => row[0]!),
    );
    const linear = formatNumber(fromNats(-0.5 * Math.log(1 - r1 * r1), unit), 2);
    console.log(`  Pearson r = ${r1.toFixed(2)}: were the two jointly normal, that would be ${linear} ${unit}`);
  }
  console.log(`  validation  ${sparkline(r.validation.bound, 40)}`);
  if (failed.length === 0) console.log(`  all ${r.diagnostics.length} diagnostics passed`);
  for (const d of failed) console.log(`  ! ${d.name}: ${d.message}`);
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, v, i) => sum + (v - ma) * (b[i]! - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
}

/** The picture of `--plot`. */
export function drawing(r: EstimateResult, s: Selection, unit: Unit): string {
  const step = Float64Array.from(r.trace.value, (_, i) => i + 1);
  const { joint, logPartition, value } = r.trace;
  const [whole, part] = Object.entries(r.terms ?? {});
  return estimateFigure({
    title: nameOf(s),
    subtitle: `${r.estimator}, ${r.rows} rows, ${r.adapter}`,
    unit,
    curve:
      whole && part
        ? { step, joint: whole[1].trace.value, logPartition: part[1].trace.value, estimate: value }
        : { step, joint, logPartition, estimate: value },
    ...(whole && part && { terms: [whole[0], part[0]] as const }),
    validation: { step: r.validation.step, estimate: r.validation.bound },
    estimate: r.mi,
    interval: r.interval,
    scores: r.pointwise,
  });
}
