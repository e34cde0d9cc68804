/** `remine matrix`: MI between all pairs of columns of a file, kept in a checkpoint. */
import { createHash } from "node:crypto";
import type { Command } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { readTable } from "../../data/read.node.ts";
import { columnProblem, selectColumns, type Table } from "../../data/table.ts";
import { InputError, InterruptedError } from "../../errors.ts";
import { estimateNames } from "../../estimators/catalogue.ts";
import { open } from "../../gpu/device.ts";
import { assemble, namesOf, runMatrix } from "../../matrix/matrix.ts";
import { isTrained, type MatrixPlan, planMatrix } from "../../matrix/plan.ts";
import { screenPlan } from "../../matrix/run.ts";
import {
  type CommonOptions,
  type CriticOptions,
  commonOptions,
  criticOptions,
  criticSettings,
  integer,
  interruptible,
  missingNote,
  progressFor,
  type TableOptions,
  tableOptions,
  transformOption,
  writeWhole,
} from "../options.ts";
import { Checkpoint, type Header, partText } from "./checkpoint.ts";
import { checkPaths, type Presentation, present, presentationOptions } from "./report.ts";

interface Options extends CommonOptions, TableOptions, Presentation, CriticOptions {
  columns?: string;
  target?: string;
  estimator: string;
  k: number;
  permutations: number;
  transform: "auto" | "identity" | "standardize" | "normal-scores";
  screen?: number;
  shard?: string;
  checkpoint?: string;
}

export function addMatrix(program: Command): void {
  const command = program
    .command("matrix")
    .description("MI between all pairs of columns of a file, with p-values and a heatmap")
    .option("--columns <columns>", "names, numbers or ranges (1-20), globs ('gene_*'), by commas (default: all)")
    .option("--target <column>", "this column against all others, instead of all pairs")
    .option("--permutations <number>", "permutations behind p-values, such as 200 (0: no p-values)", integer, 0)
    .option("--estimator <name>", "ksg, ksg2, kl or mixed-ksg; or a trained one such as remine, slower by far", "ksg")
    .option("-k, --k <number>", "neighbours", integer, 3)
    .option(
      "--screen <number>",
      "pairs to estimate, chosen by a first look at all; 0: all (default: all, from 1000 columns on 4 per column)",
      integer,
    )
    .option("--shard <i/n>", "only every n-th pair, from number i on; --output is then a part for remine merge")
    .option("--checkpoint <file>", "finished pairs are kept there until all are (default: beside --output)");
  criticOptions(transformOption(presentationOptions(commonOptions(tableOptions(command)))), {
    ...{ folds: 2, restarts: 1, decay: "0.001" },
  }).action(run);
  command.addHelpText(
    "after",
    `
A run that was stopped, killed or ran out of disk goes on where it was: give the same command again.

Examples:
  remine matrix data/seattle-weather.csv --permutations 200 --output pairs.csv --plot pairs.svg
  remine matrix big.csv --shard 2/8 --output part-2.ndjson
  remine merge part-*.ndjson --output pairs.csv`,
  );
}

async function run(file: string, options: Options): Promise<void> {
  const { missing, categorical, delimiter, header, shard } = options;
  await checkPaths(options, shard !== undefined);
  const table = await readTable(file, { missing, categorical, delimiter, header: header ? undefined : false });
  const training = criticSettings(options);
  const set = Object.keys(training).map((name) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`);
  if (
    set.length > 0 &&
    (estimateNames as readonly string[]).includes(options.estimator) &&
    !isTrained(options.estimator)
  ) {
    throw new InputError(
      `"${options.estimator}" trains nothing. Leave out ${set.join(", ")}, or name a trained --estimator`,
    );
  }
  const progress = progressFor(options);
  const { columns, target } = choose(table, options, progress.message);
  const { estimator, k, permutations, seed, transform } = options;
  const screen = options.screen === 0 ? (false as const) : options.screen;
  const settings = { estimator, k, permutations, seed, transform, screen, ...(target !== undefined && { target }) };
  const planned = planMatrix(
    columns.map((c) => table.columns[c]!),
    { ...settings, ...(shard !== undefined && { shard: shardOf(shard) }) },
  );
  const note = missingNote(planned.dropped, planned.rows, planned.droppedBy);
  if (note) progress.message(note);
  for (const { column, reason } of planned.leftOut) progress.message(`Column "${column}" is left out: ${reason}.`);

  const began = performance.now();
  using gpu = await open({ adapter: options.adapter, quiet: !options.verbose });
  const plan = await screenPlan(gpu, planned);
  if (plan.screen) {
    const { of, keep } = plan.screen;
    progress.message(`A first look at all ${of} pairs chose ${keep} to estimate. --screen 0 estimates all.`);
  }
  const facts = { ...headerOf(plan, options), shard: shard ?? "1/1", adapter: gpu.name };
  const path = options.checkpoint ?? (options.output && `${options.output}.checkpoint`);
  const checkpoint = path ? await Checkpoint.open(path, facts) : undefined;
  if (checkpoint?.pairs)
    progress.message(`${checkpoint.pairs} of ${plan.pairs.length} pairs are in "${path}" already.`);
  try {
    const chunks = await interruptible((signal) =>
      runMatrix(gpu, plan, {
        ...{ signal, training: { ...training, transform } },
        done: checkpoint?.done ?? [],
        onChunk: (chunk) => checkpoint?.append(chunk),
        onProgress: ({ done, total, pairsPerSecond }) =>
          progress.update({ done, total, stepsPerSecond: pairsPerSecond, steps: "pairs" }),
      }),
    );
    progress.finish();
    if (shard !== undefined) {
      await writeWhole(options.output!, partText(facts, chunks));
      if (!options.quiet) console.log(`${plan.pairs.length} pairs, shard ${shard}, in ${options.output}`);
    } else {
      const seconds = (performance.now() - began) / 1000;
      const result = assemble(namesOf(plan), chunks, permutations, plan.screen);
      await present(result, facts, options, { seconds, adapter: gpu.name });
    }
    await checkpoint?.remove();
  } catch (error) {
    if (error instanceof InterruptedError && checkpoint) {
      throw new InterruptedError(
        `interrupted. ${checkpoint.pairs} of ${plan.pairs.length} pairs are in "${path}": run the same command to go on`,
      );
    }
    throw error;
  } finally {
    progress.finish();
  }
}

/** The columns that are asked for, or all that can be used. */
function choose(table: Table, options: Options, say: (line: string) => void) {
  const targets = options.target === undefined ? [] : selectColumns(table, options.target, "--target");
  if (targets.length > 1) {
    throw new InputError(`--target ${options.target} names ${targets.length} columns. Name one`);
  }
  const fit = (index: number) => {
    const problem = columnProblem(table, index);
    if (problem) say(`Left out: ${problem}.`);
    return problem === undefined;
  };
  const columns =
    options.columns === undefined
      ? [...table.columns.keys()].filter(fit)
      : selectColumns(table, options.columns, "--columns");
  const all = [...new Set([...columns, ...targets])].sort((a, b) => a - b);
  return { columns: all, target: targets.length ? table.columns[targets[0]!]!.name : undefined };
}

function shardOf(text: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  return { index: Number(index ?? Number.NaN), count: Number(count ?? Number.NaN) };
}

function headerOf(plan: MatrixPlan, options: Options): Omit<Header, "shard" | "adapter"> {
  const hash = createHash("sha256");
  for (const { name, category, values } of plan.columns) {
    hash.update(JSON.stringify([name, category]));
    hash.update(values);
  }
  return {
    data: hash.digest("hex"),
    columns: namesOf(plan),
    transforms: plan.columns.map(({ description }) => description),
    ...{ rows: plan.rows, dropped: plan.dropped, leftOut: plan.leftOut },
    target: options.target === undefined ? null : plan.columns[plan.target!]!.name,
    ...plan.settings,
    training: criticSettings(options),
    screened: plan.screen?.of ?? null,
    chosen: plan.chosen ?? null,
    version: packageJson.version,
  };
}
