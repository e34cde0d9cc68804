/** `remine paper`: the paper's experiments, with a verdict for each claim. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../errors.ts";
import { running } from "../../gpu/run.ts";
import { table } from "../../report/table.ts";
import { formatDuration } from "../../report/text.ts";
import { writeWhole } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import { type CommonOptions, commonOptions, integer } from "../options.ts";
import { onProgress, progressFor } from "../progress.ts";
import { Reopening } from "../reopening.ts";
import { experiments } from "./experiments.ts";

interface Options extends CommonOptions {
  output: string;
  steps?: number;
}

export function addPaper(program: Command): void {
  const list = table(
    Object.entries(experiments).map(([name, { title }]) => [name, title]),
    { indent: 2 },
  );
  commonOptions(
    program
      .command("paper")
      .argument("[figures...]", "which experiments; default all")
      .description("reproduce the paper's experiments: data, picture, and a verdict per claim")
      .option("--output <folder>", "where figures and data go", "paper")
      .option("--steps <number>", "fewer steps than the paper's, for a quick look", integer)
      .addHelpText("after", `\nExperiments:\n${list}`),
  ).action(run);
}

async function run(names: string[], options: Options): Promise<void> {
  for (const name of names) {
    if (!experiments[name]) {
      throw new InputError(`there is no experiment "${name}". Choose among: ${Object.keys(experiments).join(", ")}.`);
    }
  }
  await mkdir(options.output, { recursive: true });
  const results: object[] = [];
  for (const name of names.length > 0 ? names : Object.keys(experiments)) {
    const record = await reproduce(name, options);
    results.push(record);
    if (options.json) continue;
    console.log(`${record.title}  (${formatDuration(record.seconds)} on ${record.adapter})`);
    for (const { ok, claim, measured } of record.verdicts)
      console.log(`  ${ok ? "ok  " : "MISS"} ${claim}: ${measured}`);
  }
  if (options.json) console.log(JSON.stringify(results));
}

/** Runs one experiment and writes its picture and its data. */
async function reproduce(name: string, options: Options) {
  const { title, run, steps: usual } = experiments[name]!;
  const { seed, adapter, output, verbose, steps = usual } = options;
  const progress = progressFor(options);
  const began = performance.now();
  try {
    const { gpuName, result } = await interruptible((signal) =>
      running(
        { adapter, quiet: !verbose, signal, onDeviceLost: new Reopening(progress.message).onDeviceLost },
        async ({ gpu }) => ({
          gpuName: gpu.name,
          result: await run(gpu, { seed, steps, signal, onProgress: onProgress(progress, "nats") }),
        }),
      ),
    );
    const seconds = (performance.now() - began) / 1000;
    progress.finish();
    await writeWhole(join(output, `${name}.svg`), result.svg);
    const { verdicts, data } = result;
    const record = { name, title, adapter: gpuName, seed, steps, seconds, verdicts, data };
    await writeWhole(join(output, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  } finally {
    progress.finish();
  }
}
