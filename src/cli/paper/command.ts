/** `remine paper`: the paper's experiments, with a verdict for each claim. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../errors.ts";
import { open } from "../../gpu/device.ts";
import { table } from "../../report/table.ts";
import { formatDuration } from "../../report/text.ts";
import { writeWhole } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import { type CommonOptions, commonOptions, integer } from "../options.ts";
import { onProgress, progressFor } from "../progress.ts";
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
  using gpu = await open({ adapter: options.adapter, quiet: !options.verbose });
  for (const name of names.length > 0 ? names : Object.keys(experiments)) {
    const experiment = experiments[name]!;
    const steps = options.steps ?? experiment.steps;
    const progress = progressFor(options);
    const began = performance.now();
    try {
      const result = await interruptible((signal) =>
        experiment.run(gpu, { seed: options.seed, steps, signal, onProgress: onProgress(progress, "nats") }),
      );
      const seconds = (performance.now() - began) / 1000;
      progress.finish();
      await writeWhole(join(options.output, `${name}.svg`), result.svg);
      const record = {
        name,
        title: experiment.title,
        adapter: gpu.name,
        seed: options.seed,
        steps,
        seconds,
        verdicts: result.verdicts,
        data: result.data,
      };
      await writeWhole(join(options.output, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
      results.push(record);
      if (options.json) continue;
      console.log(`${experiment.title}  (${formatDuration(seconds)} on ${gpu.name})`);
      for (const { ok, claim, measured } of result.verdicts)
        console.log(`  ${ok ? "ok  " : "MISS"} ${claim}: ${measured}`);
    } finally {
      progress.finish();
    }
  }
  if (options.json) console.log(JSON.stringify(results));
}
