import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import type { Reporter, TestModule, Vitest } from "vitest/node";

/**
 * Ends the output with "N passed, N failed": one plain line for machines and people. What came of a whole run is left in
 * test/output/suite.json, which scripts/release.mjs wants.
 */
export default class ClosingLine implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const skipped = count.skipped + count.pending;
    process.stdout.write(`${count.passed} passed, ${count.failed} failed${skipped ? `, ${skipped} skipped` : ""}\n`);
    if (!this.#vitest?.config.testNamePattern) recordWhole(modules.length, count);
  }
}

/** Not of some of the files, nor outside of a checkout. */
function recordWhole(files: number, { passed, failed }: { passed: number; failed: number }): void {
  const all = readdirSync("test", { recursive: true }).filter((name) => String(name).endsWith(".test.ts"));
  if (files !== all.length) return;
  try {
    const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8", stdio: "pipe" }).trim();
    const [commit, clean] = [git("rev-parse", "HEAD"), git("status", "--porcelain") === ""];
    mkdirSync("test/output", { recursive: true });
    writeFileSync("test/output/suite.json", `${JSON.stringify({ commit, clean, files, passed, failed })}\n`);
  } catch {
    // No git, or not a checkout: then there is nothing to release either.
  }
}
