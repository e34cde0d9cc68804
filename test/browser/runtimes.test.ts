/**
 * One smoke test, test/runtimes/smoke.mjs, on the packed package in every runtime that is there, and the command line where
 * there is one. All must find what Node 20 finds. What ran is left in test/output/runtimes.json, of which
 * `node scripts/platforms.mjs` makes docs/platforms.md.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../src/cli/serve.ts";
import { root } from "../built.ts";
import { project } from "../packed.ts";
import { launch, skip } from "./chromium.ts";
import { FIREFOX, FIREFOX_WEBGPU } from "./firefox.ts";

const run = promisify(execFile);
const SWIFTSHADER = "/usr/lib/chromium/vk_swiftshader_icd.json";
const OUTPUT = join(root, "test/output/runtimes.json");

interface Found {
  adapter: string;
  neighbors: number;
  trained: number;
  matrix: number[];
  abort: boolean;
  dispose: boolean;
  seconds: number;
}
interface Row extends Partial<Found> {
  runtime: string;
  version: string;
  command?: string;
}

const tool = (...path: string[]) =>
  [join(root, "node_modules", ...path), join(root, "tools/node_modules", ...path)].find(existsSync);
const node = (line: number) => tool(`node-${line}`, "bin/node");

/** A program and its first words; npm has these for Linux on x64. And how the command line is started, if it is. */
const PROGRAMS = [
  { runtime: "Node 20", start: [process.execPath], script: "main.mjs" },
  { runtime: "Node 20, worker_threads", start: [process.execPath], script: "thread.mjs", library: true },
  ...[22, 24, 26].map((line) => ({ runtime: `Node ${line}`, start: [node(line)], script: "main.mjs" })),
  { runtime: "Deno", start: [tool(".bin/deno"), "run", "-A"], script: "main.mjs" },
  { runtime: "Bun", start: [tool("@oven/bun-linux-x64/bin/bun")], script: "main.mjs" },
];

let folder: string;
let first: Found;
const rows: Row[] = [];
beforeAll(async () => {
  folder = project();
  cpSync(join(root, "test/runtimes"), folder, { recursive: true });
  const { csv } = await import(join(folder, "smoke.mjs"));
  writeFileSync(join(folder, "sample.csv"), csv);
  first = await library([process.execPath], "main.mjs");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(root, "test/output"), { recursive: true });
  writeFileSync(OUTPUT, `${JSON.stringify(rows, null, 2)}\n`);
});

async function library([program, ...words]: string[], script: string): Promise<Found> {
  const { stdout } = await run(program!, [...words, script], { cwd: folder });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** The same numbers, up to the rounding of another adapter. */
function expectAgreement(found: Found): void {
  expect(found).toMatchObject({ abort: true, dispose: true, adapter: expect.stringMatching(/./) });
  expect(found.neighbors).toBeCloseTo(first.neighbors, 4);
  expect(Math.abs(found.trained - first.trained)).toBeLessThan(0.02);
  expect(found.matrix).toHaveLength(first.matrix.length);
  for (const [i, mi] of found.matrix.entries()) expect(Math.abs(mi - first.matrix[i]!)).toBeLessThan(0.02);
}

describe("the packed package runs in", () => {
  it("this runtime, with the numbers that its sample has", () => {
    expect(first.neighbors).toBeCloseTo(0.511, 0);
    expect(first.trained).toBeGreaterThan(0.8);
    expect(first.matrix).toHaveLength(3);
  });

  it.skipIf(process.platform !== "linux" || process.arch !== "x64").each(PROGRAMS)(
    "$runtime",
    async ({ runtime, start, script, ...only }) => {
      const words = start.map(
        (word) => word ?? expect.fail(`${runtime} is not installed: node scripts/setup.mjs --tools`),
      );
      const { stdout: version } = await run(words[0]!, ["--version"]);
      const row: Row = { runtime, version: /\d+\.\d+\.\d+/.exec(version)![0] };
      rows.push(row);
      const found = await library(words, script);
      expectAgreement(found);
      Object.assign(row, found);
      if ("library" in only) return;
      const args = [
        "node_modules/remine/dist/cli.js",
        "estimate",
        "sample.csv",
        "--x",
        "x",
        "--y",
        "y",
        "--estimator",
        "ksg",
      ];
      const { stdout } = await run(words[0]!, [...words.slice(1), ...args, "--json"], { cwd: folder });
      expect(JSON.parse(stdout).mi).toBeCloseTo(first.neighbors, 4);
      row.command = JSON.parse(stdout).adapter;
    },
  );
});

/** lavapipe is where every Vulkan loader looks; SwiftShader is found through the environment alone. */
it.skipIf(!existsSync(SWIFTSHADER)).each([20, 26])(
  "a thread of Node %i finds a driver that only the environment names",
  async (line) => {
    const program = line === 20 ? process.execPath : node(line)!;
    const { stdout } = await run(program, ["thread.mjs", "SwiftShader"], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ adapter: expect.stringContaining("SwiftShader"), drivers: [] });
  },
);

describe("bundled, it runs in", () => {
  let server: Awaited<ReturnType<typeof serve>>;
  beforeAll(async () => {
    const outdir = join(folder, "site");
    const options = { bundle: true, format: "esm", platform: "browser", splitting: true, target: "es2022" } as const;
    await build({ ...options, entryPoints: [join(folder, "page.mjs"), join(folder, "worker.mjs")], outdir });
    writeFileSync(
      join(outdir, "index.html"),
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>\n',
    );
    server = await serve(outdir, 0);
  });
  afterAll(() => server?.close());

  type Visit = (url: string) => Promise<Found | { error: string } | undefined>;
  /** Of the page and of its worker. */
  async function both(name: string, version: string, visit: Visit): Promise<void> {
    for (const [where, hash] of [["page", ""] as const, ["web worker", "#worker"] as const]) {
      const row: Row = { runtime: `${name}, ${where}`, version };
      rows.push(row);
      const found = await visit(`${server.url}${hash}`);
      expect(found, where).not.toHaveProperty("error");
      expectAgreement(found as Found);
      Object.assign(row, found);
    }
  }
  const read = () => (globalThis as unknown as { found: Found }).found;

  it.skipIf(skip)("Chromium, in a page and in a web worker", async () => {
    const browser = await launch({ webgpu: true });
    try {
      await both("Chromium", browser.version(), async (url) => {
        const page = await browser.newPage();
        await page.goto(url);
        await page.waitForFunction(() => "found" in globalThis, undefined, { timeout: 120_000 });
        return page.evaluate(read);
      });
    } finally {
      await browser.close();
    }
  });

  it.skipIf(!existsSync(FIREFOX))("Firefox, in a page and in a web worker", async () => {
    const browser = await puppeteer.launch({
      ...{ browser: "firefox", executablePath: FIREFOX, extraPrefsFirefox: FIREFOX_WEBGPU },
    });
    try {
      await both("Firefox", (await browser.version()).replace(/^[^\d]*/, ""), async (url) => {
        const page = await browser.newPage();
        await page.goto(url);
        await page.waitForFunction(() => "found" in globalThis, { timeout: 120_000 });
        return page.evaluate(read);
      });
    } finally {
      await browser.close();
    }
  });
});

it("docs/platforms.md has a row for each", () => {
  const page = readFileSync(join(root, "docs/platforms.md"), "utf8");
  for (const { runtime } of rows) expect(page).toContain(`| ${runtime} |`);
});
