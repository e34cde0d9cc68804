/**
 * The command line under arguments and files that nobody means: the real process, which ends by itself with a documented exit
 * code (src/cli/main.ts), and never with a stack trace. FUZZ_RUNS and FUZZ_SEED are those of fuzz.test.ts.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readingOptions } from "./reading-options.ts";

const runs = process.env.FUZZ_RUNS ? Math.ceil(Number(process.env.FUZZ_RUNS) / 500) : 16;
const seed = Number(process.env.FUZZ_SEED ?? 1);
const cli = join(process.cwd(), "dist/cli.js");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-fuzz-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Cells of a table of some rows, most of them plain, so that some commands get as far as an estimate. */
const cells = fc.oneof(
  { weight: 30, arbitrary: fc.double({ min: -9, max: 9, noNaN: true }).map((v) => v.toFixed(3)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "NA", '"', '"a,b"', "1e400", "-inf", "\0", "é", "1,5", "2024-01-02", "\u{1F600}"),
  },
  { weight: 1, arbitrary: fc.double().map(String) },
);
const tables = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.array(cells, { minLength: 3, maxLength: 3 }), { minLength: 22, maxLength: 30 })
      .map((rows) => Buffer.from(`a,b,c\n${rows.map((row) => row.join(",")).join("\n")}\n`)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["", "a", '"', "\u001f\u008b", '{"format":"remine matrix 4"}\n'].map((text) => Buffer.from(text, "latin1")),
    ),
  },
);

const values = [
  "a",
  "b",
  "c",
  "1",
  "2-3",
  "*",
  "b*,c",
  "",
  "-1",
  "0",
  "3",
  "1e9",
  "99999999999999999999",
  "nan",
  "x=y",
  "a=1,2",
  '"',
  "ksg",
  "all",
  "bits",
  "/",
  "no/such",
  "1/2",
  "'",
  "\u{1F600}",
  "__proto__",
];
const options = {
  estimate: [
    "--x",
    "--y",
    "--given",
    "--k",
    "--metric",
    "--transform",
    "--confidence",
    "--rows",
    "--seed",
    "--unit",
    "--lag",
    "--transfer",
    "--history",
    "--permutations",
    "--group",
    "--block",
    "--time",
    "--json",
    "--quiet",
    "--missing",
    "--missing-only",
    "--categorical",
    "--ordered",
    "--decimal",
    "--delimiter",
    "--no-header",
    "--keep-copies",
    "--plot",
  ],
  matrix: [
    "--columns",
    "--target",
    "--permutations",
    "--screen",
    "--shard",
    "--checkpoint",
    "--output",
    "--seed",
    "--unit",
    "--complete-rows",
    "--group",
    "--block",
    "--time",
    "--json",
    "--normalize",
    "--missing",
    "--ordered",
  ],
  columns: ["--json", ...readingOptions],
  merge: ["--json", "--unit", "--output", "--quiet"],
};
const first = { estimate: ["--x", "a", "--y", "b", "--estimator", "ksg"], matrix: [], columns: [], merge: [] };

const calls = fc
  .constantFrom(...(Object.keys(options) as (keyof typeof options)[]), "columns" as const)
  .chain((command) =>
    fc.record({
      table: tables,
      args: fc
        .array(
          fc.oneof(
            { weight: 3, arbitrary: fc.constantFrom(...options[command]) },
            { weight: 3, arbitrary: fc.constantFrom(...values) },
            { weight: 1, arbitrary: fc.string({ maxLength: 6 }).map((text) => text.replaceAll("\0", "0")) },
          ),
          { maxLength: 5 },
        )
        .map((more) => [command, "table.csv", ...first[command], ...more]),
    }),
  );

const run = (args: readonly string[]) =>
  new Promise<{ status: unknown; stderr: string }>((done) => {
    const child = execFile(process.execPath, [cli, ...args], { cwd: folder, timeout: 120_000 }, (error, _, stderr) =>
      done({ status: error ? (error.code ?? error.signal) : 0, stderr }),
    );
    child.stdin?.end();
  });

it("ends with a sentence and an exit code, whatever it is given", async () => {
  for (const { table, args } of fc.sample(calls, { numRuns: runs, seed })) {
    writeFileSync(join(folder, "table.csv"), table);
    const { status, stderr } = await run(args);
    const call = `${JSON.stringify(args)} with ${JSON.stringify(table.toString("latin1").slice(0, 200))}`;
    expect([0, 1, 2], `${call}: ${stderr}`).toContain(status);
    expect(stderr, call).not.toMatch(/^\s+at .*:\d+|\b(?:Type|Range|Reference|Syntax)Error\b|\[cause\]/m);
    if (status !== 0) expect(stderr, call).toMatch(/^(?:.*\n)*(?:remine|error): .{10,}/);
  }
}, 1e8);
