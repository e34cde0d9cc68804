/** The command line: all commands, and what an error becomes. */
import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { InterruptedError, RemineError } from "../errors.ts";
import { addBench } from "./bench/command.ts";
import { addColumns } from "./columns.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addEstimate } from "./estimate.ts";
import { addEstimators } from "./estimators.ts";
import { addMatrix } from "./matrix/command.ts";
import { addMerge } from "./matrix/merge.ts";
import { addPaper } from "./paper/command.ts";
import { endQuietly } from "./pipes.ts";
import { addScore } from "./score.ts";
import { addSetup } from "./setup.ts";

const { version } = packageJson;

const program = new Command("remine")
  .description("Mutual information, estimated on the GPU.")
  .version(version)
  .showHelpAfterError("(remine help shows the commands and their options)")
  .exitOverride();
for (const add of [
  addEstimate,
  addMatrix,
  addMerge,
  addScore,
  addColumns,
  addEstimators,
  addPaper,
  addBench,
  addDoctor,
  addSetup,
  addDemo,
])
  add(program);
for (const command of program.commands) command.exitOverride();

for (const stream of [process.stdout, process.stderr]) endQuietly(stream);

// Exit codes: 0 done, 1 the work failed, 2 the call or the input is wrong, 130 interrupted, 143 terminated. The process is left to end by
// itself: process.exit with work on the GPU crashes.
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof RemineError) {
    console.error(`remine: ${error.message}`);
    const isTerminated = error instanceof InterruptedError && error.cause === "SIGTERM";
    process.exitCode = isTerminated ? 143 : error.exitCode;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}
