/** `remine score`: pointwise MI of every row of a file. */
import type { Command } from "commander";
import { InputError } from "../errors.ts";
import type { EstimateResult } from "../estimate/result.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { fromNats } from "../report/text.ts";
import { estimateFile, report, trainedOf } from "./estimate.ts";
import type { Selection } from "./files.ts";
import {
  type CommonOptions,
  commonOptions,
  type FileOptions,
  fileOptions,
  type TrainingOptions,
  trainingOptions,
} from "./options.ts";
import { checkOutput, csvOf, type Output, writeOutput } from "./output.ts";

type Options = CommonOptions & FileOptions & TrainingOptions & { output?: string };

export function addScore(program: Command): void {
  const command = program
    .command("score")
    .description(
      "pointwise MI of every row, log p(x,y) / p(x)p(y), by critics that never saw it; conditional with --given",
    )
    .option("--output <file>", "write there instead of to stdout: .csv, .json, .ndjson or .parquet");
  trainingOptions(commonOptions(fileOptions(command))).action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  const { estimator } = options;
  await checkOutput(options.output);
  if (estimator === "all" || estimator.includes(",")) throw new InputError("score takes one estimator, such as remine");
  if ((estimators as Record<string, { output: string }>)[estimator]?.output === "other") {
    throw new InputError(
      `the critic of "${estimator}" is no log density ratio, so it has no pointwise MI. Use --estimator remine`,
    );
  }
  const { result, selection } = await estimateFile(file, options);
  const output = outputOf(result, selection, options);
  if (options.output) {
    return writeOutput(options.output, output).catch((error) => {
      print(output, options); // rather than nowhere
      throw error;
    });
  }
  print(output, options);
}

function print({ columns, json }: Output, options: Options): void {
  for (const text of options.json ? [`${JSON.stringify(json())}\n`] : csvOf(columns)) process.stdout.write(text);
}

/** Rows that have a score: those without a missing value. */
function outputOf(result: EstimateResult, selection: Selection, { unit }: Options): Output {
  const known = Array.from(result.pointwise, (nats, i) => ({ row: i + 1, score: fromNats(nats, unit) })).filter(
    ({ score }) => !Number.isNaN(score),
  );
  const name = trainedOf(result).terms ? "pointwise_cmi" : "pointwise_mi";
  return {
    columns: [
      { name: "row", kind: "count", values: known.map(({ row }) => row) },
      { name: `${name}_${unit}`, kind: "number", values: known.map(({ score }) => score), digits: 6 },
    ],
    json: () => ({ ...report(result, selection, unit), scores: known }),
  };
}
