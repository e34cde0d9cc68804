/** `remine score`: pointwise MI of every row of a file. */
import type { Command } from "commander";
import { InputError } from "../errors.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { fromNats } from "../report/text.ts";
import { estimateFile, report } from "./estimate.ts";
import {
  type CommonOptions,
  commonOptions,
  type FileOptions,
  fileOptions,
  type TrainingOptions,
  trainingOptions,
  writeWhole,
} from "./options.ts";

type Options = CommonOptions & FileOptions & TrainingOptions & { output?: string };

export function addScore(program: Command): void {
  const command = program
    .command("score")
    .description(
      "pointwise MI of every row, log p(x,y) / p(x)p(y), by critics that never saw it; conditional with --given",
    )
    .option("--output <file.csv>", "write there instead of to stdout");
  trainingOptions(commonOptions(fileOptions(command))).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { estimator } = options;
  if (estimator === "all" || estimator.includes(",")) throw new InputError("score takes one estimator, such as remine");
  if ((estimators as Record<string, { output: string }>)[estimator]?.output === "other") {
    throw new InputError(
      `the critic of "${estimator}" is no log density ratio, so it has no pointwise MI. Use --estimator remine`,
    );
  }
  const { result, selection } = await estimateFile(file, options);
  const scores = Array.from(selection.rows, (row, i) => ({
    row: row + 1,
    score: fromNats(result.pointwise[i]!, options.unit),
  })).filter(({ score }) => !Number.isNaN(score));
  const name = result.terms ? "pointwise_cmi" : "pointwise_mi";
  const text = options.json
    ? `${JSON.stringify({ ...report(result, selection, options.unit), scores })}\n`
    : `row,${name}_${options.unit}\n${scores.map(({ row, score }) => `${row},${score.toFixed(6)}\n`).join("")}`;
  if (options.output) await writeWhole(options.output, text);
  else process.stdout.write(text);
}
