/** `remine score`: pointwise MI of every row of a file. */
import type { Command } from "commander";
import { InputError } from "../errors.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { fromNats } from "../report/text.ts";
import { estimateFile, report, trainedOf } from "./estimate.ts";
import { writeWhole } from "./files.ts";
import {
  type CommonOptions,
  commonOptions,
  type FileOptions,
  fileOptions,
  type TrainingOptions,
  trainingOptions,
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
  const inUnit = (nats: number) => fromNats(nats, options.unit);
  const { pointwise } = result;
  const name = trainedOf(result).terms ? "pointwise_cmi" : "pointwise_mi";
  let text = `row,${name}_${options.unit}\n`;
  if (options.json) {
    const scores = Array.from(pointwise, (nats, i) => ({ row: i + 1, score: inUnit(nats) }));
    const known = scores.filter(({ score }) => !Number.isNaN(score));
    text = `${JSON.stringify({ ...report(result, selection, options.unit), scores: known })}\n`;
  } else {
    for (const [i, nats] of pointwise.entries()) {
      if (!Number.isNaN(nats)) text += `${i + 1},${inUnit(nats).toFixed(6)}\n`;
    }
  }
  if (!options.output) return void process.stdout.write(text);
  await writeWhole(options.output, text).catch((error) => {
    process.stdout.write(text); // rather than nowhere
    throw error;
  });
}
