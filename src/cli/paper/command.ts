/** `remine paper`: the paper's figures and tables, each with its data, a picture, and a verdict for each claim. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import Papa from "papaparse";
import { InputError } from "../../errors.ts";
import { nearestName } from "../../math/nearest.ts";
import { paperPage } from "../../report/html/paper.ts";
import { table } from "../../report/table.ts";
import { formatDuration } from "../../report/text.ts";
import { checkPage, unwritten, writeWhole } from "../files.ts";
import { thisCommand } from "../library-call.ts";
import { type CommonOptions, commonOptions, integer, widths } from "../options.ts";
import { experiments } from "./catalogue.ts";
import type { Settings, Verdict } from "./experiment.ts";
import { findFolder, PLACES } from "./image-places.ts";
import { type PaperRecord, type Reproduced, reproduce } from "./reproduce.ts";

interface Options extends CommonOptions {
  output: string;
  list?: boolean;
  report?: string;
  quick?: boolean;
  released?: boolean;
  half?: boolean;
  steps?: number;
  runs?: number;
  width?: number;
  batch?: number;
  rows?: number[];
  data?: string;
}

export function addPaper(program: Command): void {
  commonOptions(
    program
      .command("paper")
      .argument("[names...]", "which figures and tables, or all")
      .description("reproduce the paper's figures and tables: data, picture, and a verdict for each claim")
      .option("--list", "say what there is")
      .option("--quick", "a short form of each: minutes for all of them")
      .option("--output <folder>", "for pictures, data, and finished parts, with which a killed run goes on", "paper")
      .option("--report <file.html>", "also one page of all of them, written anew after each")
      .option("--data <folder>", "where image files lie (MNIST, Fashion-MNIST, CIFAR-10)")
      .option("--released", "the settings of the authors' released code, where text and code disagree")
      .option("--steps <number>", "other steps than the paper's (of the staircase: of each level)", integer)
      .option("--runs <number>", "other repeated runs than the paper's", integer)
      .option("--batch <number>", "another batch size than the paper's (images)", integer)
      .option("--rows <list>", "other numbers of rows than the paper's (images, conditional MI)", widths)
      .option("--half", "images at half their width and height")
      .option("--width <number>", "other units of hidden layers than the paper's (one-hot, staircase)", integer)
      .addHelpText("after", `\nFigures and tables:\n${list()}`),
  ).action(run);
}

const HOW =
  "remine paper fig4 makes one of them, remine paper all --quick a short form of each. All at the paper's scale are days of work for " +
  "two cores; what is finished is kept.";

const list = () =>
  table(
    Object.entries(experiments).map(([name, { title }]) => [name, title]),
    { indent: 2 },
  );

const listed = () => Object.entries(experiments).map(([name, { title, why, live }]) => ({ name, title, why, live }));

async function run(names: string[], options: Options): Promise<void> {
  if (options.list || names.length === 0) {
    console.log(options.json ? JSON.stringify(listed()) : `Figures and tables:\n${list()}\n\n${HOW}`);
    return;
  }
  const settings = settingsOf(options);
  await checkPage(options.report);
  const chosen = await chosenNames(names, options);
  await makeFolder(options.output);
  const done: Reproduced[] = [];
  for (const name of chosen) {
    const found = await reproduce(name, settings, options);
    done.push(found);
    if (!options.json) console.log(inWords(found.record, options.output));
    // After each of them: all at the paper's scale are days of work.
    if (options.report !== undefined) await writeWhole(options.report, await page(done));
  }
  if (options.json) console.log(JSON.stringify(done.map(({ record }) => record)));
}

function page(done: readonly Reproduced[]): Promise<string> {
  const { seed, version, changed } = done[0]!.record;
  const changes = Object.entries(changed).map(([name, value]) => `${name} ${value}`);
  return paperPage({
    parts: done.map(({ record, svg, csv }) => ({
      ...record,
      svg,
      rows: csv === undefined ? undefined : Papa.parse<string[]>(csv.trim()).data,
    })),
    repeat: {
      command: thisCommand(),
      settings: [
        ["settings", changes.length > 0 ? `other than the paper's: ${changes.join(", ")}` : "the paper's"],
        ["seed", String(seed)],
        ["remine", version],
      ],
    },
    version,
  });
}

/**
 * Those that are named. Of all, those whose images are there: what is left out is said.
 *
 * @throws {InputError} for a name that is none, with the nearest; for one whose images are missing, when it begins
 */
async function chosenNames(names: string[], { data, quiet }: Options): Promise<string[]> {
  const all = Object.keys(experiments);
  for (const name of names) {
    if (name === "all" || name in experiments) continue;
    const near = nearestName(name, all)!.name;
    throw new InputError(`there is no figure or table "${name}". Nearest name: "${near}". There are ${all.join(", ")}`);
  }
  if (!names.includes("all")) return [...new Set(names)];
  const there: string[] = [];
  for (const name of all) {
    const missing = await missingImages(name, data);
    if (missing === undefined) there.push(name);
    else if (!quiet) console.error(`${name} is left out. ${missing}`);
  }
  return there;
}

/** Why an experiment cannot have its images. */
async function missingImages(name: string, folder: string | undefined): Promise<string | undefined> {
  const { images } = experiments[name]!;
  if (!images) return undefined;
  try {
    await findFolder(PLACES[images], folder, "train");
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw unwritten(path, error);
  }
}

/** @throws {InputError} for a number of nothing */
function settingsOf({ seed, quick = false, released = false, half = false, data, ...others }: Options): Settings {
  const { steps, runs, width, batch, rows } = others;
  for (const [name, value] of Object.entries({ steps, runs, width, batch, rows })) {
    if ([value].flat().some((each) => each === 0)) throw new InputError(`--${name} must be 1 or more, got ${value}`);
  }
  const given = Object.entries({ steps, runs, width, batch, rows, images: data });
  return { seed, quick, released, half, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

const MARKS = { holds: "ok  ", fails: "MISS", scale: "–   " } as const satisfies { [S in Verdict["status"]]: string };

function inWords({ name, title, setting, verdicts, seconds, adapter }: PaperRecord, output: string): string {
  const lines = verdicts.map(({ status, claim, measured }) => {
    const more = status === "scale" ? " (this run is too short for it)" : "";
    return `  ${MARKS[status]} ${claim}: ${measured}${more}`;
  });
  const made = `  ${join(output, `${name}.svg`)}, ${formatDuration(seconds)} on ${adapter}`;
  return [title, `  ${setting}`, ...lines, made].join("\n");
}
