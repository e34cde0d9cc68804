/** `remine paper`: the paper's figures and tables, each with its data, a picture, and a verdict for each claim. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { InputError, RemineError } from "../../errors.ts";
import { running } from "../../gpu/run.ts";
import { nearestName } from "../../math/nearest.ts";
import type { Progress } from "../../report/progress.ts";
import { table } from "../../report/table.ts";
import { formatDuration } from "../../report/text.ts";
import { unwritten, writeWhole } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import { type CommonOptions, commonOptions, integer } from "../options.ts";
import { progressFor } from "../progress.ts";
import { Reopening } from "../reopening.ts";
import { experiments } from "./catalogue.ts";
import type { Bench, Outcome, Settings, Verdict } from "./experiment.ts";
import { Parts } from "./parts.ts";

interface Options extends CommonOptions {
  output: string;
  list?: boolean;
  quick?: boolean;
  released?: boolean;
  steps?: number;
  runs?: number;
  width?: number;
  data?: string;
}

export function addPaper(program: Command): void {
  commonOptions(
    program
      .command("paper")
      .argument("[names...]", "which figures and tables, or all; default all")
      .description("reproduce the paper's figures and tables: data, picture, and a verdict for each claim")
      .option("--list", "say what there is")
      .option("--quick", "a short form of each: minutes for all of them")
      .option(
        "--output <folder>",
        "where pictures and data go, and finished parts, with which a killed run goes on",
        "paper",
      )
      .option("--data <folder>", "where image files lie (MNIST, Fashion-MNIST, CIFAR-10)")
      .option("--released", "the settings of the authors' released code, where text and code disagree")
      .option("--steps <number>", "other steps than the paper's (of the staircase: of each level)", integer)
      .option("--runs <number>", "other repeated runs than the paper's", integer)
      .option("--width <number>", "other units of hidden layers than the paper's (one-hot, staircase)", integer)
      .addHelpText("after", `\nFigures and tables:\n${list()}`),
  ).action(run);
}

const list = () =>
  table(
    Object.entries(experiments).map(([name, { title }]) => [name, title]),
    { indent: 2 },
  );

async function run(names: string[], options: Options): Promise<void> {
  if (options.list) {
    console.log(options.json ? JSON.stringify(listed()) : list());
    return;
  }
  const chosen = chosenNames(names);
  await folder(options.output);
  const records: Record[] = [];
  for (const name of chosen) {
    const record = await reproduce(name, options);
    records.push(record);
    if (!options.json) console.log(inWords(record, options.output));
  }
  if (options.json) console.log(JSON.stringify(records));
}

const listed = () => Object.entries(experiments).map(([name, { title, why, live }]) => ({ name, title, why, live }));

/** @throws {InputError} for a name that is none, with the nearest */
function chosenNames(names: string[]): string[] {
  const all = Object.keys(experiments);
  for (const name of names) {
    if (name === "all" || name in experiments) continue;
    const near = nearestName(name, all)!.name;
    throw new InputError(`there is no figure or table "${name}". Nearest name: "${near}". There are ${all.join(", ")}`);
  }
  return names.length === 0 || names.includes("all") ? all : [...new Set(names)];
}

async function folder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw unwritten(path, error);
  }
}

/** What NAME.json holds. */
export interface Record extends Omit<Outcome, "svg" | "csv"> {
  name: string;
  title: string;
  why: string;
  live: string | null;
  seed: number;
  quick: boolean;
  released: boolean;
  adapter: string;
  version: string;
  date: string;
  /** Of this run; parts that were found finished take no time. */
  seconds: number;
}

/** Runs one experiment, and writes its picture and its data. */
async function reproduce(name: string, options: Options): Promise<Record> {
  const { adapter, output, verbose } = options;
  const { title, why, live = null, run } = experiments[name]!;
  const settings = settingsOf(options);
  const progress = progressFor(options);
  const began = performance.now();
  try {
    const { gpuName, outcome, found } = await interruptible((signal) =>
      running(
        { adapter, quiet: !verbose, signal, onDeviceLost: new Reopening(progress.message).onDeviceLost },
        async ({ gpu }) => {
          const parts = new Parts(join(output, "parts"), {
            version: packageJson.version,
            adapter: gpu.name,
            seed: settings.seed,
          });
          const outcome = await run({ gpu, settings, part: partsOf(name, parts, progress, signal) });
          return { gpuName: gpu.name, outcome, found: parts.found };
        },
      ),
    );
    progress.finish();
    if (found > 0)
      progress.message(
        `${name}: ${found} finished part${found > 1 ? "s" : ""} of an earlier run in ${join(output, "parts")}.`,
      );
    const { svg, csv, ...rest } = outcome;
    const { seed, quick, released } = settings;
    const record: Record = {
      ...{ name, title, why, live, seed, quick, released, adapter: gpuName, version: packageJson.version },
      ...{ date: new Date().toISOString(), seconds: Math.round((performance.now() - began) / 100) / 10, ...rest },
    };
    await writeWhole(join(output, `${name}.svg`), svg);
    if (csv !== undefined) await writeWhole(join(output, `${name}.csv`), csv);
    await writeWhole(join(output, `${name}.json`), `${JSON.stringify(record)}\n`);
    return record;
  } catch (error) {
    throw withWayOn(error, output);
  } finally {
    progress.finish();
  }
}

const settingsOf = ({ seed, quick = false, released = false, steps, runs, width, data }: Options): Settings => ({
  ...{ seed, quick, released },
  ...(steps !== undefined && { steps }),
  ...(runs !== undefined && { runs }),
  ...(width !== undefined && { width }),
  ...(data !== undefined && { images: data }),
});

/** Parts with progress: each has a line of its own, with the part's name. */
function partsOf(figure: string, parts: Parts, progress: Progress, signal: AbortSignal): Bench["part"] {
  return (name, told, work) =>
    parts.take(name, told, () =>
      work({
        signal,
        onProgress: (state) => progress.update({ ...state, note: `${figure}: ${name}` }),
      }),
    );
}

/** Finished parts stay, and whoever was interrupted is told so. */
function withWayOn(error: unknown, output: string): unknown {
  if (error instanceof RemineError && error.exitCode === 130)
    error.message += `. Finished parts are in ${join(output, "parts")}; the same command goes on with them`;
  return error;
}

const MARKS = { holds: "ok  ", fails: "MISS", scale: "–   " } as const satisfies { [S in Verdict["status"]]: string };

function inWords({ name, title, setting, verdicts, seconds, adapter }: Record, output: string): string {
  const lines = verdicts.map(({ status, claim, measured }) => {
    const more = status === "scale" ? " (the short form is too short for it)" : "";
    return `  ${MARKS[status]} ${claim}: ${measured}${more}`;
  });
  const made = `  ${join(output, `${name}.svg`)}, ${formatDuration(seconds)} on ${adapter}`;
  return [title, `  ${setting}`, ...lines, made].join("\n");
}
