/** `remine matrix`: MI between all pairs of columns of a file, kept in a checkpoint. */
import { createHash } from "node:crypto";
import { type Command, Option } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { columnProblem, type FileColumn, pickColumns, type Table } from "../../data/table.ts";
import type { Units } from "../../data/units.ts";
import { InputError, InterruptedError, RemineError } from "../../errors.ts";
import { estimateNames } from "../../estimators/catalogue.ts";
import type { EstimateName } from "../../estimators/choice.ts";
import { namesOf, runMatrix, UNWEIGHTED } from "../../matrix/matrix.ts";
import { isTrained, type MatrixSettings } from "../../matrix/plan.ts";
import type { MatrixChunk } from "../../matrix/records.ts";
import type { TablePlan } from "../../matrix/table-plan.ts";
import { readTable } from "../../readers/read.ts";
import { groupOf, type LeftOut, leftOutOf, missingNote, missingTexts, notesOf, writeWhole } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import {
  askedFor,
  type BelongingOptions,
  belongingOptions,
  type CommonOptions,
  type CriticOptions,
  commonOptions,
  criticOptions,
  criticSettings,
  csvOptions,
  integer,
  type TableOptions,
  tableOptions,
  transformOption,
} from "../options.ts";
import { progressFor } from "../progress.ts";
import { Reopening } from "../reopening.ts";
import { Checkpoint, finishedPart, type Header, partLines } from "./checkpoint.ts";
import { type Pictures, picturesOf } from "./pictures.ts";
import { checkPaths, type Presentation, present, presentationOptions } from "./report.ts";
import { shardOf } from "./shard.ts";

interface Options extends CommonOptions, TableOptions, BelongingOptions, Presentation, CriticOptions {
  columns?: string;
  keepCopies?: boolean;
  completeRows?: boolean;
  target?: string;
  given?: string;
  estimator: string;
  k: number;
  permutations: number;
  transform: "auto" | "identity" | "standardize" | "normal-scores";
  screen?: number;
  shard?: string;
  checkpoint?: string;
  weights?: string;
}

export function addMatrix(program: Command): void {
  const command = program
    .command("matrix")
    .description("MI between all pairs of columns of a file, with p-values and a heatmap")
    .option("--columns <columns>", "names, numbers or ranges (1-20), globs ('gene_*'), by commas (default: all)")
    .option("--target <column>", "this column against all others, instead of all pairs")
    .option("--given <columns>", "columns of Z: all pairs of the others conditionally on them, I(X;Y|Z)")
    .option("--permutations <number>", "permutations behind p-values, such as 200 (0: no p-values)", integer, 0)
    .option("--estimator <name>", "ksg, ksg2, kl or mixed-ksg; or a trained one such as remine, slower by far", "ksg")
    .option("-k, --k <number>", "neighbours", integer, 3)
    .option(
      "--screen <number>",
      "pairs to estimate, chosen by a first look at all; 0: all (default: all, from 1000 columns on 4 per column)",
      integer,
    )
    .option(
      "--shard <i/n>",
      "only every n-th pair, from number i on; --output is then a part for remine merge. auto: i and n of the task of a Slurm array, a Kubernetes Job or GNU parallel; auto/n: only i",
    )
    .option("--checkpoint <file>", "finished pairs are kept there until all are (default: beside --output)");
  command.addOption(new Option("--weights <column>").hideHelp());
  command.option("--keep-copies", "use all of rows that are copies of each other, not one of each");
  command.option(
    "--complete-rows",
    "use only rows that have all columns (default: each pair has the rows that have both of its columns)",
  );
  criticOptions(transformOption(presentationOptions(commonOptions(belongingOptions(tableOptions(command))))), {
    ...{ folds: 2, restarts: 1, decay: "0.001" },
  }).action(run);
  command.addHelpText(
    "after",
    `
A run that was stopped, killed or ran out of disk goes on where it was: give the same command again.

Examples:
  remine matrix data/seattle-weather.csv --permutations 200 --output pairs.csv --plot pairs.svg
  remine matrix data.csv --given age,region --permutations 200
  remine matrix big.csv --shard 2/8 --output part-2.ndjson
  remine matrix big.csv --shard auto --output part-$SLURM_ARRAY_TASK_ID.ndjson
  remine merge part-*.ndjson --output pairs.csv`,
  );
}

/** Of `--shard auto` makes the share that this task has, and says which. */
async function run(file: string, options: Options): Promise<void> {
  if (options.weights !== undefined) throw new InputError(UNWEIGHTED);
  if (options.shard === undefined) return runPairs(file, options);
  const { index, count, from } = shardOf(options.shard, process.env);
  const shard = `${index}/${count}`;
  if (from !== undefined && !options.quiet) console.error(`Shard ${shard}, by ${from}.`);
  await runPairs(file, { ...options, shard });
}

async function runPairs(file: string, options: Options): Promise<void> {
  const { shard } = options;
  await checkPaths(options, shard !== undefined);
  const { columns: names, target: against, given: ofZ, group: groups } = options;
  const read = names === undefined ? undefined : askedFor(names, against, ofZ, groups);
  const table = await readTable(file, { ...csvOptions(options), columns: read });
  const training = trainingOf(options);
  const progress = progressFor(options);
  const reopening = new Reopening(progress.message);
  const group = options.group === undefined ? undefined : groupOf(table, options.group);
  const { columns: input, target, given } = choose(table, options, progress.message, group);
  const leftOut = leftOutOf([...input, ...(group && !input.includes(group) ? [group] : [])]);
  const pairs = new FinishedPairs(options, { causes: leftOut, group }, progress.message);
  let pictures: Pictures | undefined;
  try {
    const { plan, chunks, report } = await interruptible(
      (signal, listen) =>
        runMatrix(
          input,
          {
            ...settingsOf(options, { target, given }),
            group: group?.values,
            ...{ adapter: options.adapter, quiet: !options.verbose, training, signal },
            onChunk: async (chunk) => {
              await pairs.append(chunk);
              reopening.progressed();
            },
            onDeviceLost: reopening.onDeviceLost,
            onProgress: ({ done, total, pairsPerSecond }) =>
              progress.update({ done, total, stepsPerSecond: pairsPerSecond, steps: "pairs" }),
          },
          {
            onPlan: (planned) => {
              listen();
              tellPlan(planned, leftOut, progress.message);
            },
            onPairs: (plan, adapter) => pairs.open(plan, adapter),
            onReport: async (gpu, plan, report) => {
              if (options.report === undefined || shard !== undefined) return;
              progress.finish();
              progress.message("Drawing the strongest pairs for the report.");
              pictures = await picturesOf(gpu, plan, report, {
                columns: input,
                seed: options.seed,
                unit: options.unit,
              });
            },
          },
        ),
      true,
    );
    progress.finish();
    if (shard !== undefined) {
      await writeWhole(options.output!, partLines(pairs.header, chunks));
      if (!options.quiet) console.log(`${pairsOf(plan)} pairs, shard ${shard}, in ${options.output}`);
    } else {
      await present(report, pairs.header, options, { seconds: report.seconds, adapter: report.adapter }, pictures);
    }
    await pairs.remove();
  } catch (error) {
    throw pairs.explained(error);
  } finally {
    progress.finish();
  }
}

/** What is set of the critics' options. */
function trainingOf(options: Options): CriticOptions {
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
  return training;
}

function settingsOf(options: Options, named: Pick<MatrixSettings, "target" | "given">): MatrixSettings {
  const { estimator, k, permutations, seed, transform, screen, shard, time, block, keepCopies, completeRows } = options;
  return {
    missing: completeRows ? "drop" : "pairs",
    ...{ time, block, copies: keepCopies ? "keep" : "drop" },
    ...{ estimator: estimator as EstimateName, k, permutations, seed, transform, ...named },
    screen: screen === 0 ? false : screen,
    ...(shard !== undefined && { shard: shardOf(shard, {}) }),
  };
}

/** Pairs that are left out and said with their reasons, at most. */
const MOST_NAMED = 10;

/** What a plan leaves out. */
function tellPlan(
  { dropped, rows, leftOut, leftOutPairs, sets, screen }: TablePlan,
  causes: readonly LeftOut[],
  say: (line: string) => void,
): void {
  const counts = sets.map((set) => set.rows);
  const fewest = Math.min(...counts);
  if (fewest < rows || counts.length > 1) {
    say(
      `Values are missing, ${missingTexts(causes)}: each pair has the rows that have both of its columns, ${fewest} to ${rows}. --complete-rows uses only rows that have all.`,
    );
  } else {
    const note = missingNote(dropped, rows, causes);
    if (note)
      say(screen ? `${note} A first look needs rows that have all columns; --screen 0 gives each pair its own.` : note);
  }
  for (const { column, reason } of leftOut) say(`Column "${column}" is left out: ${reason}.`);
  for (const { x, y, reason } of leftOutPairs.slice(0, MOST_NAMED)) say(`"${x}" with "${y}" is left out: ${reason}.`);
  if (leftOutPairs.length > MOST_NAMED) {
    say(
      `${leftOutPairs.length - MOST_NAMED} more pairs are left out; --json and an --output that ends in .json name all.`,
    );
  }
}

/** The pairs that are finished, in a file if there is one. */
class FinishedPairs {
  readonly #options: Options;
  readonly #causes: LeftOut[];
  readonly #group: FileColumn | undefined;
  readonly #say: (line: string) => void;
  #found: { header: Header; of: number; checkpoint: Checkpoint | undefined } | undefined;

  constructor(
    options: Options,
    { causes, group }: { causes: LeftOut[]; group: FileColumn | undefined },
    say: (line: string) => void,
  ) {
    this.#options = options;
    this.#causes = causes;
    this.#group = group;
    this.#say = say;
  }

  /** Says what was chosen, and returns what an earlier run left. */
  async open(plan: TablePlan, adapter: string): Promise<MatrixChunk[]> {
    const { checkpoint: asked, output, shard = "1/1" } = this.#options;
    if (plan.screen) {
      const { of, keep } = plan.screen;
      this.#say(`A first look at all ${of} pairs chose ${keep} to estimate. --screen 0 estimates all.`);
    }
    const header = { ...headerOf(plan, this.#options, this.#causes, this.#group), shard, adapter };
    const path = asked ?? (output && `${output}.checkpoint`);
    const finished = this.#options.shard === undefined ? undefined : await finishedPart(output!, header, pairsOf(plan));
    const checkpoint = path && !finished ? await Checkpoint.open(path, header) : undefined;
    this.#found = { header, of: pairsOf(plan), checkpoint };
    if (finished) this.#say(`All of its pairs are in "${output}" already.`);
    if (checkpoint?.pairs) this.#say(`${this.#kept(checkpoint)} already.`);
    return finished ?? checkpoint?.done ?? [];
  }

  get header(): Header {
    return this.#found!.header;
  }

  async append(chunk: MatrixChunk): Promise<void> {
    await this.#found?.checkpoint?.append(chunk);
  }

  async remove(): Promise<void> {
    await this.#found?.checkpoint?.remove();
  }

  /** The same error, with what is kept and how to go on. */
  explained(error: unknown): unknown {
    if (!(error instanceof RemineError && this.#found)) return error;
    const { checkpoint } = this.#found;
    if (error instanceof InterruptedError) {
      const kept = checkpoint
        ? this.#goOn(checkpoint)
        : "Nothing is kept; --output or --checkpoint keeps finished pairs";
      return new InterruptedError(`interrupted. ${kept}`, { cause: error.cause });
    }
    if (checkpoint && !error.message.includes(checkpoint.path)) {
      error.message += `${error.message.endsWith(".") ? "" : "."} ${this.#goOn(checkpoint)}`;
    }
    return error;
  }

  #goOn(checkpoint: Checkpoint): string {
    return `${this.#kept(checkpoint)}: run the same command to go on`;
  }

  #kept({ pairs, path }: Checkpoint): string {
    return `${pairs} of ${this.#found!.of} pairs are in "${path}"`;
  }
}

/** The columns that are asked for, or all that can be used but that of the groups, and those of Z, in the order of the table. */
function choose(table: Table, options: Options, say: (line: string) => void, group: FileColumn | undefined) {
  const { target, columns: asked, given } = options;
  const targets = target === undefined ? [] : pickColumns(table, target, "--target");
  if (targets.length > 1) {
    throw new InputError(`--target ${target} names ${targets.length} columns. Name one`);
  }
  const isFit = (_: FileColumn, index: number) => {
    const problem = columnProblem(table, index);
    if (problem) say(`Left out: ${problem}.`);
    return problem === undefined;
  };
  const free = () => table.columns.filter((column, c) => column !== group && isFit(column, c));
  const columns = asked === undefined ? free() : pickColumns(table, asked, "--columns");
  const ofZ = given === undefined ? undefined : pickColumns(table, given, "--given");
  const all = [...new Map([...columns, ...targets, ...(ofZ ?? [])].map((column) => [column.name, column])).values()];
  const place = new Map(table.columns.map((column, c) => [column, c]));
  const placeOf = (column: FileColumn) => place.get(column) ?? place.size;
  all.sort((a, b) => placeOf(a) - placeOf(b));
  for (const note of notesOf(table, all, { "--columns": asked, "--target": target, "--given": given })) say(`${note}.`);
  return { columns: all, target: targets[0]?.name, given: ofZ?.map(({ name }) => name) };
}

/** What permutations and folds are made of, in few numbers. */
const unitsOf = (units: Units): NonNullable<Header["units"]> =>
  units.inTime
    ? { correlationTime: units.gap }
    : { groups: createHash("sha256").update(units.of).digest("hex"), count: units.count };

const pairsOf = ({ sets }: TablePlan): number => sets.reduce((sum, { pairs }) => sum + pairs.length, 0);

function headerOf(
  plan: TablePlan,
  options: Options,
  causes: LeftOut[],
  group: FileColumn | undefined,
): Omit<Header, "shard" | "adapter"> {
  const hash = createHash("sha256");
  if (group) hash.update(group.values);
  for (const { name, category, values } of [...plan.columns, ...plan.condition]) {
    hash.update(JSON.stringify([name, category]));
    hash.update(values);
  }
  return {
    data: hash.digest("hex"),
    columns: namesOf(plan),
    transforms: plan.columns.map(({ description }) => description),
    ...{ rows: plan.rows, dropped: plan.dropped, droppedBy: causes, leftOut: plan.leftOut },
    ...{ leftOutPairs: plan.leftOutPairs, completeRows: options.completeRows === true },
    target: options.target === undefined ? null : plan.columns[plan.target!]!.name,
    given: plan.condition.map(({ name }) => name),
    ...plan.settings,
    units: plan.units ? unitsOf(plan.units) : null,
    diagnostics: plan.diagnostics,
    training: criticSettings(options),
    screened: plan.screen?.of ?? null,
    chosen: plan.chosen ?? null,
    version: packageJson.version,
  };
}
