/** The documentation: its code runs and prints what it shows, its links lead somewhere, and no diagnostic is without a word. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../src/index.ts";
import { blocksOf, difference, pages } from "./docs/blocks.ts";
import { sampleFolder } from "./docs/sample.ts";

const run = promisify(execFile);
const blocks = pages().flatMap(blocksOf);
const unmarked = (...langs: string[]) => blocks.filter(({ lang, mark }) => !mark && langs.includes(lang));
const programs = unmarked("ts", "js");

let folder: string;
beforeAll(() => {
  folder = sampleFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `remine` and its entries are the built ones. */
const built = (kind: "node" | "browser"): Plugin => ({
  name: "built",
  setup({ onResolve }) {
    onResolve({ filter: /^remine(\/|$)/ }, ({ path }) => {
      const file = resolve("dist", `${[kind, ...path.split("/").slice(1)].join(".")}.js`);
      return kind === "node" ? { path: pathToFileURL(file).href, external: true } : { path: file };
    });
  },
});

const bundled = (code: string, kind: "node" | "browser", outfile?: string) =>
  build({
    stdin: { contents: code, loader: "ts", resolveDir: process.cwd() },
    ...{ bundle: true, format: "esm", platform: kind, target: "es2022", logLevel: "silent", plugins: [built(kind)] },
    ...(outfile ? { outfile } : { write: false }),
  });

/** Runs programs one after the other in one process, and says of each what it printed and what it threw. */
const RUNNER = `
const said = [];
for (const file of process.argv.slice(2)) {
  const lines = [];
  console.log = (...parts) => lines.push(parts.map((part) => typeof part === "string" ? part : String(part)).join(" "));
  const error = await import(file).then(() => undefined, (error) => String(error?.stack ?? error));
  said.push({ printed: lines.join("\\n"), error });
}
process.stdout.write(JSON.stringify(said));
`;

describe("programs", () => {
  let said: { printed: string; error?: string }[];
  beforeAll(async () => {
    writeFileSync(join(folder, "runner.mjs"), RUNNER);
    const files = programs.map((_, i) => join(folder, `program-${i}.mjs`));
    await Promise.all(programs.map(({ code }, i) => bundled(code, "node", files[i]!)));
    const urls = files.map((file) => pathToFileURL(file).href);
    const { stdout } = await run(process.execPath, ["runner.mjs", ...urls], { cwd: folder, maxBuffer: 2 ** 24 });
    said = JSON.parse(stdout);
  });
  test.each(programs.map((block, i) => [block.name, block, i] as const))("%s", (_, { output }, i) => {
    const { printed, error } = said[i]!;
    expect(error).toBeUndefined();
    if (output !== undefined) expect(difference(printed, output)).toBeUndefined();
  });
});

test("programs have no type errors", async () => {
  const all = blocks.filter(({ lang }) => lang === "ts");
  const files = all.map(({ code }, i) => {
    const file = join(folder, `typed-${i}.ts`);
    writeFileSync(file, `${code}\nexport {};\n`);
    return file;
  });
  const entry = (name: string) => [resolve("src", `${name}.ts`)];
  const paths = Object.fromEntries(["research", "conv", "files"].map((name) => [`remine/${name}`, entry(name)]));
  const options = { paths: { remine: entry("index"), ...paths }, typeRoots: [resolve("node_modules/@types")] };
  const types = ["node", resolve("node_modules/@webgpu/types")];
  const config = {
    extends: resolve("tsconfig.json"),
    compilerOptions: { ...options, types },
    include: [resolve("src/**/*.d.ts")],
    files,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const failed = await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", folder]).catch(
    ({ stdout }) => stdout as string,
  );
  const named = String(typeof failed === "string" ? failed : "").replace(
    /\S*typed-(\d+)\.ts\((\d+)/g,
    (_, i, line) => `${all[i]!.name}, line ${line} of the program (`,
  );
  expect(named).toBe("");
});

describe("commands", () => {
  test.each(unmarked("sh").map((block) => [block.name, block] as const))("%s", async (_, { code, output }) => {
    const cli = resolve("dist/cli.js");
    const script = `npx() { [ "$1" = remine ] || return 9; shift; "${process.execPath}" "${cli}" "$@"; }\n${code}`;
    const { stdout } = await run("bash", ["-euc", script], { cwd: folder, maxBuffer: 2 ** 24 });
    expect(stdout).not.toBe("");
    if (output !== undefined) expect(difference(stdout, output)).toBeUndefined();
  });
});

test.each(blocks.filter(({ mark, lang }) => mark && lang === "ts").map((block) => [block.name, block] as const))(
  "%s is bundled for a browser without a module of Node",
  async (_, { code }) => {
    const { outputFiles } = await bundled(code, "browser");
    expect(outputFiles![0]!.text).not.toMatch(/from"node:|require\("node:/);
  },
);

test("few blocks are marked as not run, and it is known which", () => {
  const marked = blocks.filter(({ mark }) => mark).map(({ name, mark }) => `${name.split(":")[0]} ${mark}`);
  expect(marked).toEqual([
    "README.md not run",
    "docs/cluster.md not run",
    "docs/reports.md not run",
    "docs/start/browser.md browser",
    "docs/start/browser.md browser",
    "docs/start/browser.md bundled",
    "docs/start/cli.md not run",
    "docs/start/cli.md not run",
    "docs/start/node.md not run",
  ]);
});

test("every diagnostic of the source has its paragraph, and no paragraph is of another", () => {
  const source = readFileSync("src/diagnostic.ts", "utf8");
  const names = [...source.slice(source.indexOf("name:"), source.indexOf("ok:")).matchAll(/"([\w-]+)"/g)];
  const [, told] = readFileSync("docs/result.md", "utf8").split("\n## Diagnostics\n");
  const parts = told!.split(/^### /m).slice(1);
  expect(names.length).toBeGreaterThan(30);
  expect(parts.map((part) => part.split("\n")[0]).sort()).toEqual(names.map(([, name]) => name).sort());
  const silent = parts.filter((part) => !part.includes("**Do:**") || part.length < 100);
  expect(silent).toEqual([]);
});

test("the page of estimators names every one", () => {
  const page = readFileSync("docs/estimators.md", "utf8");
  expect(catalogue.filter(({ name }) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("links of the pages lead to files, as a plain Git view follows them", () => {
  const dead = [...pages(), "CONTRIBUTING.md"].flatMap((page) => linksOf(page).filter((link) => !leads(page, link)));
  expect(dead).toEqual([]);
});

function linksOf(page: string): string[] {
  const text = readFileSync(page, "utf8").replace(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^https?:/.test(link));
}

/** Whether there is the file, and in Markdown the heading or the anchor. */
function leads(page: string, link: string): boolean {
  const [path, anchor] = link.split("#") as [string, string?];
  const file = path === "" ? page : posix.join(dirname(page), path);
  if (!existsSync(file)) return false;
  if (!anchor || !file.endsWith(".md")) return true;
  const text = readFileSync(file, "utf8");
  const heading = (line: string) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replace(/\s/g, "-");
  return text.includes(`<a id="${anchor}">`) || (text.match(/^#+ .*$/gm) ?? []).map(heading).includes(anchor);
}
