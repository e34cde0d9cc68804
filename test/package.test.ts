/** The package in other people's projects: npm packs it, an empty project installs it, and does with it what projects do. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../src/cli/serve.ts";
import { estimate } from "../src/estimate/estimate.ts";
import { launch, skip } from "./browser/chromium.ts";
import { root } from "./built.ts";
import { copy, packed, project } from "./packed.ts";

const run = promisify(execFile);
const TOOLS = join(root, "tools/node_modules");
const N = 300;

/** What stands in every program of this file: two columns with a correlation of 0.8, and their MI by neighbours. */
const SAMPLE = `
let state = 1;
const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
const x = Float32Array.from({ length: ${N} }, normal);
const y = x.map((value) => 0.8 * value + 0.6 * normal());`;
const columns = new Function(`${SAMPLE}\nreturn { x, y };`) as () => { x: Float32Array; y: Float32Array };
/** -ln(1 - 0.8²) / 2 nats. */
const TRUTH = 0.511;

let folder: string;
let expected: number;
beforeAll(async () => {
  folder = project();
  const { x, y } = columns();
  expected = (await estimate(x, y, { estimator: "ksg" })).mi;
  expect(Math.abs(expected - TRUTH)).toBeLessThan(0.15);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};

describe("the package", () => {
  it("holds what its manifest names, the notices of what is bundled, and neither sources nor what only hosts of pages need", () => {
    const files = readdirSync(join(folder, "node_modules/remine"), { recursive: true }).map(String);
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules/remine/package.json"), "utf8"));
    const named = Object.values(manifest.exports).flatMap((entry) => Object.values(entry as object | string));
    for (const file of named.filter((file) => String(file).startsWith("./"))) expect(files).toContain(file.slice(2));
    expect(files).toContain("dist/cli.js");
    expect(files.filter((file) => /\.gz$|\.map$|^(src|test|bench|docs)\//.test(file))).toEqual([]);
    expect(manifest.dependencies ?? {}).toEqual({});
    const notices = readFileSync(join(folder, "node_modules/remine/dist/THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["commander", "papaparse", "d3-array", "sirv"]) {
      expect(notices).toMatch(new RegExp(`^-+\n${name} \\d+\\.\\d+\\.\\d+\n\n(.*\n){0,4}.*Copyright`, "m"));
    }
  });

  it("is not built with a package that has no text of its licence", async () => {
    const { licences } = await import(join(root, "scripts/licences.mjs"));
    const at = (name: string) => join(folder, "node_modules", name);
    const used = (name: string) => ({
      outputs: { "x.js": { inputs: { [`${at(name)}/index.js`]: { bytesInOutput: 1 } } } },
    });
    write("node_modules/lawful/package.json", '{ "name": "lawful", "version": "1.2.3", "license": "ISC" }');
    write("node_modules/lawful/LICENCE.md", "Do as you like.");
    expect(licences([used("lawful")])).toMatch(
      /\n {2}lawful 1\.2\.3 \(ISC\)\n\n-+\nlawful 1\.2\.3\n\nDo as you like\.\n$/,
    );
    rmSync(join(at("lawful"), "LICENCE.md"));
    expect(() => licences([used("lawful")])).toThrow(/the package lawful is bundled and has no text of its licence/);
  });

  it("is clean by publint, and by attw for a package of modules", async () => {
    const bin = (name: string) => join(TOOLS, ".bin", name);
    const lint = run(bin("publint"), ["run", packed(), "--strict"]);
    const types = run(bin("attw"), [packed(), "--profile", "esm-only"]);
    expect((await lint).stdout).toContain("All good!");
    expect((await types).stdout).toContain('"remine/files"'); // it ends with 1 where it finds a problem
  });

  it("weighs what docs/sizes.md says", async () => {
    const { sizeTables, stale } = await import(join(root, "scripts/sizes.mjs"));
    expect(stale(await sizeTables(copy))).toEqual([]);
  });
});

describe("type-checks", () => {
  const USE = `
import { createTrainer, estimate, type EstimateResult, type Gpu, matrix, neighbors, open, type Tensor } from "remine";
import { conv } from "remine/conv";
import { parseCsv } from "remine/files";
import { kernels, settled, Trainer } from "remine/research";

const gpu: Gpu = await open({ signal: AbortSignal.timeout(1000) });
const x = Float32Array.from({ length: 100 }, Math.random);
const { mi, interval } = await estimate(x, x, { gpu });
const bits: number = mi / Math.LN2;
// @ts-expect-error mi is a number
const words: string = mi;
const buffer = (tensor: Tensor): GPUBuffer => tensor.buffer;
const device: GPUDevice = gpu.device;
gpu[Symbol.dispose]();
export { bits, buffer, conv, createTrainer, device, type EstimateResult, interval, kernels, matrix, neighbors, parseCsv, settled };
export { Trainer, words };
`;
  const MEMBERS = `
import { open, type Tensor } from "remine";
using gpu = await open();
export const size = (tensor: Tensor): number => tensor.buffer.size;
export const encoder: GPUCommandEncoder = gpu.device.createCommandEncoder();
`;
  const PLAIN = ["es2022", "dom"];
  const five = { typescript: join(TOOLS, "typescript-5/bin/tsc"), types: [] as string[] };
  const six = { typescript: join(root, "node_modules/typescript/bin/tsc"), types: [] as string[] };
  const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
  const bundler = { module: "esnext", moduleResolution: "bundler" };
  const cases = [
    { name: "TypeScript 5.9, nodenext", ...five, module: nodenext, lib: PLAIN, code: USE },
    { name: "TypeScript 5.9, bundler", ...five, module: bundler, lib: PLAIN, code: USE },
    {
      name: "TypeScript 5.9, with @webgpu/types and `using`",
      ...{ ...five, types: ["@webgpu/types"], module: nodenext, lib: [...PLAIN, "esnext.disposable"] },
      code:
        USE +
        MEMBERS.replace(/.*type Tensor.*\n/, "")
          .replace("using gpu", "using other")
          .replace("gpu.device", "other.device"),
    },
    { name: "TypeScript 6, nodenext", ...six, module: nodenext, lib: PLAIN, code: USE },
    {
      name: "TypeScript 6, bundler, with `using`",
      ...six,
      module: bundler,
      lib: [...PLAIN, "esnext.disposable"],
      code: MEMBERS,
    },
  ];

  it("under each TypeScript, strict, with its own declarations and those of the package checked", {
    timeout: 400_000,
  }, async () => {
    const checker = project(["@webgpu/types"]);
    const outcomes = await Promise.all(
      cases.map(async ({ name, typescript, types, module, lib, code }, i) => {
        writeFileSync(join(checker, `use${i}.ts`), code);
        const compilerOptions = {
          ...{ noEmit: true, strict: true, skipLibCheck: false, target: "es2022" },
          types,
          lib,
        };
        const config = { compilerOptions: { ...compilerOptions, ...module }, files: [`use${i}.ts`] };
        writeFileSync(join(checker, `tsconfig${i}.json`), JSON.stringify(config));
        return run(process.execPath, [typescript, "-p", `tsconfig${i}.json`], { cwd: checker }).then(
          () => `${name}: clean`,
          ({ stdout }) => `${name}: ${stdout}`,
        );
      }),
    );
    rmSync(checker, { recursive: true, force: true });
    expect(outcomes).toEqual(cases.map(({ name }) => `${name}: clean`));
  });
});

describe("runs in Node", () => {
  it("as a library", async () => {
    write(
      "library.mjs",
      `import { estimate } from "remine";${SAMPLE}
console.log((await estimate(x, y, { estimator: "ksg" })).mi);`,
    );
    const { stdout } = await run(process.execPath, ["library.mjs"], { cwd: folder });
    expect(Number(stdout)).toBe(expected);
  });

  it("as npx remine, with the answer of this checkout", async () => {
    const { x, y } = columns();
    write("sample.csv", `x,y\n${Array.from(x, (value, i) => `${value},${y[i]}`).join("\n")}\n`);
    const args = [
      "--no-install",
      "remine",
      "estimate",
      "sample.csv",
      "--x",
      "x",
      "--y",
      "y",
      "--estimator",
      "ksg",
      "--json",
    ];
    const { stdout } = await run("npx", args, { cwd: folder });
    expect(JSON.parse(stdout).mi).toBe(expected);
  });
});

describe("is bundled", () => {
  const ESTIMATE = `import { estimate } from "remine";${SAMPLE}
const answer = estimate(x, y, { estimator: "ksg" }).then(({ mi }) => mi, String);`;
  const PAGE = `${ESTIMATE}
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = async ({ data }) => {
  globalThis.answers = { page: await answer, worker: data };
};`;
  const HTML =
    '<!doctype html><title>a project</title><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>\n';
  let browser: Browser | undefined;
  beforeAll(async () => {
    write("site/main.js", PAGE);
    write("site/worker.js", `${ESTIMATE}\nanswer.then((mi) => postMessage(mi));`);
    write("site/index.html", HTML);
    if (!skip) browser = await launch({ webgpu: true });
  });
  afterAll(() => browser?.close());

  /** What the page and its worker found, in Chromium. */
  async function answers(site: string): Promise<{ page: number; worker: number }> {
    const server = await serve(join(folder, site), 0);
    const page = await browser!.newPage();
    try {
      const faults: string[] = [];
      page.on("pageerror", (error) => faults.push(error.message));
      await page.goto(server.url);
      await page.waitForFunction(() => "answers" in globalThis, undefined, { timeout: 60_000 });
      expect(faults).toEqual([]);
      return await page.evaluate(
        () => (globalThis as unknown as { answers: { page: number; worker: number } }).answers,
      );
    } finally {
      await page.close();
      await server.close();
    }
  }

  /** Nearly: a browser may have another adapter. */
  const expectAnswers = async (site: string) => {
    const found = await answers(site);
    expect(found).toEqual({ page: expect.any(Number), worker: expect.any(Number) });
    for (const mi of Object.values(found)) expect(mi).toBeCloseTo(expected, 4);
  };

  it.skipIf(skip)("by esbuild, for a page and a worker", async () => {
    const options = { bundle: true, minify: true, format: "esm", platform: "browser", splitting: true } as const;
    const entryPoints = [join(folder, "site/main.js"), join(folder, "site/worker.js")];
    await esbuild({ ...options, entryPoints, outdir: join(folder, "by-esbuild"), logLevel: "error" });
    write("by-esbuild/index.html", HTML);
    await expectAnswers("by-esbuild");
  });

  it.skipIf(skip)("by Vite, for a page and a worker", async () => {
    execFileSync(join(TOOLS, ".bin/vite"), ["build", "--outDir", "../by-vite", "--logLevel", "warn"], {
      ...{ cwd: join(folder, "site"), stdio: ["ignore", "ignore", "inherit"] },
    });
    await expectAnswers("by-vite");
  });

  it("for browsers without a module of Node", () => {
    const dist = join(folder, "node_modules/remine/dist");
    const built = readdirSync(dist, { recursive: true }).map(String);
    const modules = built.filter((file) => /(^|\/)browser[.-].*js$/.test(file));
    expect(modules.length).toBeGreaterThan(4);
    for (const file of modules) {
      expect(readFileSync(join(dist, file), "utf8"), file).not.toMatch(/["']node:|\brequire\(|import\(["']webgpu/);
    }
  });
});
