/** Options that several commands share. */

import { type Command, InvalidArgumentError, Option } from "commander";
import type { DateOrder } from "../data/dates.ts";
import { splitList } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { estimateNames } from "../estimators/catalogue.ts";
import type { OneValueEach } from "../estimators/choice.ts";
import { type EstimatorParameters, parameterNames } from "../estimators/estimator.ts";
import { estimators, parameters } from "../gpu/shaders.gen.ts";
import { keysOf } from "../options.ts";
import type { CsvOptions } from "../readers/csv.ts";
import type { Decimal } from "../readers/notation.ts";
import type { Unit } from "../report/text.ts";
import { pipeStderr } from "./stderr.ts";

/** Options of every command that computes. */
export interface CommonOptions extends GpuOptions {
  json?: boolean;
  quiet?: boolean;
  unit: Unit;
  seed: number;
}

/** Options of every command that opens a GPU. */
export interface GpuOptions {
  adapter?: string;
  verbose?: boolean;
}

/** Adds {@link GpuOptions}; without `--verbose`, nothing that a driver prints is to be seen. */
export function gpuOptions(command: Command): Command {
  return command
    .option("--adapter <name>", "part of the adapter's name, such as llvmpipe (default: the best there is)")
    .option("--verbose", "also what the graphics drivers print")
    .hook("preAction", () => {
      if (!command.opts<GpuOptions>().verbose) pipeStderr();
    });
}

export const integer = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError("Give a whole number.");
  return value;
};

export const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("Give a number.");
  return value;
};

const numbers = (text: string): number[] => text.split(",").map(number);

export const widths = (text: string): number[] => text.split(",").map(integer);

export function commonOptions(command: Command): Command {
  return gpuOptions(command)
    .option("--json", "print one JSON object on stdout")
    .addOption(new Option("--unit <unit>", "unit of information").choices(["nats", "bits"]).default("nats"))
    .option("--seed <number>", "same seed, same adapter: the same result", integer, 0)
    .option("--quiet", "no progress, no warnings");
}

/** Options of commands that read a table, as they are written. */
export interface TableOptions {
  missing?: string;
  missingOnly?: string;
  categorical?: string[];
  ordered?: { columns: string; levels: string[] }[];
  delimiter?: string;
  header?: boolean;
  decimal?: Decimal;
  thousands?: string;
  dates?: DateOrder;
}

/** Options that say which rows depend on each other. */
export interface BelongingOptions {
  time?: boolean;
  group?: string;
  block?: number;
}

export const belongingOptions = (command: Command): Command =>
  command
    .option("--time", "rows are in order of time, at equal distances: they may depend on those before")
    .option("--group <column>", "rows with the same value there, a subject or a site, may depend on each other")
    .option("--block <rows>", "each so many rows in a row are such a group", integer);

export interface FileOptions extends TableOptions, BelongingOptions {
  x: string;
  y: string;
  given?: string;
  versus?: string;
  weights?: string;
}

export function fileOptions(command: Command): Command {
  return belongingOptions(
    tableOptions(
      command
        .requiredOption("--x <columns>", "columns of X: names, numbers or ranges (1-20), globs ('gene_*'), by commas")
        .requiredOption("--y <columns>", "columns of Y")
        .option("--given <columns>", "columns of Z: the conditional I(X;Y|Z)")
        .option("--weights <column>", "how much of the population each row stands for: survey or importance weights"),
      {
        argument: "[file]",
        help: `${FILE.help}; left out where --x, --y, … each name a file: --x a.npy --y b.npy`,
      },
    ),
  );
}

const FILE = {
  argument: "<file>",
  help: "table: CSV, TSV, JSON Lines, Parquet, Arrow or NumPy file, found by its content; also .gz, or - for stdin",
};

export function tableOptions(command: Command, file = FILE): Command {
  return command
    .argument(file.argument, file.help)
    .option("--missing <values>", "more cells that mean missing, by commas; none: all labels keep their texts")
    .option(
      "--missing-only <values>",
      "cells that mean missing among labels, in place of the usual NA, N/A, NaN, null, ?, .",
    )
    .option(
      "--categorical <columns>",
      "columns that hold categories although they look like numbers",
      (text: string, before: string[] = []) => [...before, text],
    )
    .option("--ordered <column=labels>", "labels in their order, which become 0, 1, 2: size=small,medium,large", orders)
    .addOption(new Option("--decimal <mark>", "decimal mark of columns that do not tell").choices([".", ","]))
    .addOption(
      new Option("--thousands <mark>", "what parts thousands in columns that do not tell").choices([
        ",",
        ".",
        " ",
        "'",
      ]),
    )
    .addOption(
      new Option("--dates <order>", "of dates such as 03/04/2024 that do not tell").choices([
        "day-first",
        "month-first",
      ]),
    )
    .option("--delimiter <character>", "between fields (default: found by looking)")
    .option("--header", "the first line is names, whatever it looks like")
    .option("--no-header", "the first line is data; columns are called 1, 2, …");
}

function orders(text: string, before: NonNullable<TableOptions["ordered"]> = []) {
  // A quoted part ends where no other quote follows, or many quotes could be read in a great many ways.
  const [, columns, labels] = /^((?:"(?:[^"]|"")*"(?!")|[^"=])+)=(.+)$/s.exec(text) ?? [];
  const levels = splitList(labels ?? "").map((item) => item.text);
  if (columns === undefined || levels.length < 2 || new Set(levels).size < levels.length) {
    throw new InvalidArgumentError("Give a column and two or more labels in their order: size=small,medium,large.");
  }
  return [...before, { columns, levels }];
}

/** The columns that a call is about: no others need be kept. */
export const askedFor = (...specs: (string | undefined)[]): string[] => specs.filter((spec) => spec !== undefined);

/** How to read the file. */
export function csvOptions(options: TableOptions): CsvOptions {
  const { missing, missingOnly, thousands, decimal, categorical, ordered, delimiter, header, dates } = options;
  if (thousands !== undefined && thousands === decimal) {
    throw new InputError(`--thousands and --decimal are both "${decimal}". Give one of them`);
  }
  if (missing !== undefined && missingOnly !== undefined) {
    throw new InputError("--missing adds to the usual words, and --missing-only replaces them. Give one of the two");
  }
  const isNone = missing === "none";
  const texts = (list: string) => splitList(list).map(({ text }) => text);
  return {
    ...(missing !== undefined && !isNone && { missing: texts(missing) }),
    ...((missingOnly !== undefined || isNone) && { missingOnly: isNone ? [] : texts(missingOnly!) }),
    ...{ categorical, ordered, delimiter, header, dates },
    decimal: decimal ?? (thousands === "," ? "." : thousands === "." ? "," : undefined),
  };
}

/** Options that shape the critics: the parameters of estimators, and how much is trained. */
export interface CriticOptions extends OneValueEach {
  folds?: number;
  restarts?: number;
  hidden?: number[];
  batch?: number;
  steps?: number;
  learningRate?: number[];
  weightDecay?: number[];
  thorough?: boolean;
  fast?: boolean;
}

/** Options that shape the estimate. */
export interface TrainingOptions extends CriticOptions {
  estimator: string;
  k?: number;
  metric?: "max" | "euclidean";
  transform: "auto" | "identity" | "standardize" | "normal-scores";
  confidence: number;
}

export function trainingOptions(command: Command): Command {
  command
    .addOption(
      new Option(
        "--estimator <name>",
        `one of ${estimateNames.join(", ")}; several by commas, or all, for a table side by side`,
      ).default("remine"),
    )
    .option("-k, --k <number>", "neighbours of ksg, ksg2, mixed-ksg and kl (default: 3)", integer)
    .addOption(
      new Option("--metric <name>", "distance of the neighbours (default: max)").choices(["max", "euclidean"]),
    );
  return criticOptions(transformOption(command), { folds: 5, restarts: 2, decay: "0.1; 1 above 16 inputs" }).option(
    "--confidence <number>",
    "coverage that the interval aims at",
    number,
    0.95,
  );
}

export const transformOption = (command: Command): Command =>
  command.addOption(
    new Option("--transform <kind>", "of numeric columns; MI does not change")
      .choices(["auto", "identity", "standardize", "normal-scores"])
      .default("auto"),
  );

/** Options of the critics of a trained estimator; `usual` is what help says of those that are left out. */
export function criticOptions(command: Command, usual: { folds: number; restarts: number; decay: string }): Command {
  for (const name of parameterNames) {
    const { meaning, number: isNumber } = parameters[name];
    const flag = `--${name.replace(/(?<=[a-z])[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
    const help = `${meaning} (default: ${defaultsOf(name)})`;
    if (isNumber) command.option(`${flag} <number>`, help, number);
    else command.option(`${flag} <widths>`, help, widths);
  }
  return command
    .option("--folds <number>", `parts that are held out in turn (default: ${usual.folds})`, integer)
    .option("--restarts <number>", `critics per fold (default: ${usual.restarts})`, integer)
    .option("--hidden <widths>", "hidden layers of each side's tower, such as 128,128", widths)
    .option("--batch <number>", "joint pairs per step", integer)
    .option("--steps <number>", "training steps at most", integer)
    .option("--learning-rate <numbers>", "of AdamW, one for each restart in turn", numbers)
    .option("--weight-decay <numbers>", `of AdamW, one for each restart in turn (default: ${usual.decay})`, numbers)
    .option("--thorough", "train at most five times as much")
    .option("--fast", "train a quarter as much: about half the time");
}

/** "0.1 for remine, remine-j; 0 for infonce": the default of a parameter by who takes it. */
function defaultsOf(name: keyof EstimatorParameters): string {
  const takers = new Map<string, string[]>();
  for (const [estimator, { parameters: own }] of Object.entries(estimators)) {
    if (!(name in own)) continue;
    const value = String(own[name]);
    takers.set(value, [...(takers.get(value) ?? []), estimator]);
  }
  return [...takers].map(([value, names]) => `${value} for ${names.join(", ")}`).join("; ");
}

const criticKeys = [
  ...keysOf<Omit<CriticOptions, keyof EstimatorParameters>>()(
    "folds restarts hidden batch steps learningRate weightDecay thorough fast",
  ),
  ...parameterNames,
];

/** What was set of {@link criticOptions}. */
export const criticSettings = (options: CriticOptions): CriticOptions => pick(options, criticKeys);

/** Those of the options that are set and have one of these names. */
export const pick = <T extends object>(options: object, names: readonly string[]): T =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && names.includes(name)),
  ) as T;
