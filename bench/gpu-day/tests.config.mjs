// Vitest as gpu-day runs it: kernels and engines against float64, those first that are new on a card or carry most of a step;
// many files side by side, for a GPU waits for the host; every file's outcome written when it is known, so that a limit loses
// only the rest. TESTS_OUTPUT names the file.
import { appendFileSync } from "node:fs";
import os from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import { viteStandIns } from "./missing.mjs";

const FIRST = [
  ...["forward_linear", "backward_linear", "backward_weight", "train_replica", "forward_scores", "backward_scores"],
  ...["draw_batch", "evaluate_scores", "differentiate_scores", "sum_gradient", "take_step", "finish_replica"],
].map((name) => `test/kernels/${name}.test.ts`);
const ENGINES = [
  "layered-gpu",
  "resident-many-steps",
  "resident-one-step",
  "trainer",
  "critics",
  "estimators",
  "every-estimator",
].map((name) => `test/${name}.test.ts`);
const REST = ["random", "neighbors", "conv", "same-bits"].map((name) => `test/${name}.test.ts`);

/** The listed kernels, one engine's file, the other kernels, the rest. */
const order = [...FIRST, ENGINES[0], "test/kernels/", ...ENGINES.slice(1), ...REST];

class InOrder extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => order.findIndex((name) => moduleId.includes(name));
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

const say = (text) => appendFileSync(process.env.TESTS_OUTPUT ?? "/dev/stdout", `${text}\n`);

/** A line for each file, and what failed in it in full. */
const told = {
  onTestModuleEnd(module) {
    const tests = [...module.children.allTests()];
    const [failed, skipped] = ["failed", "skipped"].map((state) =>
      tests.filter((test) => test.result().state === state),
    );
    const seconds = (module.diagnostic().duration / 1000).toFixed(1);
    const errors = module.errors();
    const name = module.relativeModuleId;
    say(
      `${failed.length + errors.length > 0 ? "FAIL" : "ok  "} ${name}: ${tests.length} tests, ${failed.length} failed, ${skipped.length} skipped, ${seconds} s`,
    );
    for (const error of errors) say(`  failed: ${name} as a whole\n    ${textOf(error)}`);
    for (const test of failed)
      say(`  failed: ${name} > ${test.fullName}\n    ${test.result().errors.map(textOf).join("\n    ")}`);
  },
  onTestRunEnd(_, errors, reason) {
    for (const error of errors) say(`  failed: beside all files\n    ${textOf(error)}`);
    if (reason !== "interrupted") say("all files ended");
  },
};
const textOf = ({ message, stack }) => `${message}\n${stack ?? ""}`.split("\n").slice(0, 12).join("\n    ");

export default defineConfig({
  plugins: [viteStandIns],
  test: {
    pool: "forks",
    include: ["test/kernels/*.test.ts", ...ENGINES, ...REST],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: Math.max(2, Math.min(8, os.cpus().length >> 1)),
    env: { LP_NUM_THREADS: "1" },
    reporters: [told],
    sequence: { sequencer: InOrder },
  },
});
