// npm run fuzz [inputs] [first seed]: every reader against a million files that went wrong (test/readers/fuzz.test.ts), in
// rounds of 50 000 with a seed each. It takes about an hour of one core; a round that fails names its input, and ends it.
import { spawnSync } from "node:child_process";

const ROUND = 50_000;
const [inputs = 1_000_000, first = 1] = process.argv.slice(2).map(Number);
const rounds = Math.ceil(inputs / ROUND);
for (let seed = first; seed < first + rounds; seed++) {
  const env = { ...process.env, FUZZ_READS: String(Math.min(ROUND, inputs)), FUZZ_SEED: String(seed) };
  const run = ["node_modules/vitest/vitest.mjs", "run", "test/readers/fuzz.test.ts", "--disable-console-intercept"];
  const { status, stdout, stderr } = spawnSync(process.execPath, run, { env, encoding: "utf8" });
  const told = stdout.split("\n").filter((line) => / inputs, \{/.test(line));
  console.log(`seed ${seed}\n${told.join("\n")}`);
  if (status === 0) continue;
  console.error(`${stdout}\n${stderr}`);
  process.exitCode = 1;
  break;
}
