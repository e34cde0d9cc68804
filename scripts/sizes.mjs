// Writes docs/sizes.md, and the short table of README.md: what an import of the built package adds to a bundle.
// `node scripts/sizes.mjs`, or --check to compare: then a figure may be off by 2 %. `node build.mjs` comes first.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const TOLERANCE = 0.02;
const root = fileURLToPath(new URL("..", import.meta.url));

/** What a program may import, as a line of code; the empty word stands for `remine` itself. */
const IMPORTS = [
  ["everything of `remine`", "", "export * from"],
  ["`estimate` alone", "", "export { estimate } from"],
  ["`matrix` alone", "", "export { matrix } from"],
  ["`neighbors` alone", "", "export { neighbors } from"],
  ["everything of `remine/research`", ".research", "export * from"],
  ["everything of `remine/conv`", ".conv", "export * from"],
  ["everything of `remine/files`", ".files", "export * from"],
];

/**
 * Bytes of a bundle, minified and then gzipped: what is loaded at first, and what is loaded when it is needed.
 *
 * @param folder that holds the built dist/
 */
async function weigh(folder, platform, contents) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: `${folder}/dist` },
    ignoreAnnotations: contents.startsWith("import "), // the command is nothing but side effects
    ...{ bundle: true, minify: true, format: "esm", target: "es2022", splitting: true, write: false, metafile: true },
    ...{ platform, external: ["webgpu"], outdir: "/out", absWorkingDir: root, logLevel: "error" },
  });
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [
      path.split("/").at(-1),
      { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length },
    ]),
  );
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [path.split("/").at(-1), output]));
  const first = new Set();
  const visit = (name) => {
    if (first.has(name)) return;
    first.add(name);
    for (const { path, kind } of outputs.get(name)?.imports ?? [])
      if (kind === "import-statement" && outputs.has(path.split("/").at(-1))) visit(path.split("/").at(-1));
  };
  visit("stdin.js");
  const total = (wanted) =>
    [...sizes].reduce(
      (sum, [name, { minified, gzipped }]) =>
        first.has(name) === wanted ? { minified: sum.minified + minified, gzipped: sum.gzipped + gzipped } : sum,
      { minified: 0, gzipped: 0 },
    );
  return { first: total(true), later: total(false) };
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(1);

/** What is weighed: a title, a platform and its sizes for each import. */
async function weighAll(folder) {
  const rows = [];
  for (const platform of ["browser", "node"]) {
    for (const [title, entry, code] of IMPORTS) {
      const line = `${code} "./${platform}${entry}.js";`;
      rows.push([title, platform === "node" ? "Node" : "browser", await weigh(folder, platform, line)]);
    }
  }
  rows.push(["the command `remine`", "Node", await weigh(folder, "node", 'import "./cli.js";')]);
  return rows;
}

const table = (head, alignment, rows) =>
  [head, alignment, ...rows.map((cells) => cells.join(" | "))].map((line) => `| ${line} |`).join("\n");

/** The tables by page. */
export async function sizeTables(folder = root) {
  const rows = await weighAll(folder);
  return {
    "docs/sizes.md": table(
      "what is imported | for | minified, kB | gzipped, kB | loaded when needed, minified, kB | gzipped, kB",
      "--- | --- | ---: | ---: | ---: | ---:",
      rows.map(([title, platform, { first, later }]) => [
        title,
        platform,
        ...[first.minified, first.gzipped, later.minified, later.gzipped].map(kilobytes),
      ]),
    ),
    "README.md": table(
      "import, in a browser | minified, kB | gzipped, kB",
      "--- | ---: | ---:",
      rows
        .filter(([, platform]) => platform === "browser")
        .map(([title, , { first }]) => [title, kilobytes(first.minified), kilobytes(first.gzipped)]),
    ),
  };
}

/** The words of a table that differ: other text, or figures further apart than the tolerance. */
export function deviations(before, after) {
  const cells = (text) => text.split("\n").flatMap((line) => line.split("|").map((cell) => cell.trim()));
  const [old, now] = [cells(before), cells(after)];
  if (old.length !== now.length) return [`${old.length} cells instead of ${now.length}`];
  return now.flatMap((cell, i) => {
    const same = cell === old[i] || Math.abs(Number(cell) - Number(old[i])) <= TOLERANCE * Number(cell);
    return same ? [] : [`${old[i]} is now ${cell}`];
  });
}

const MARK = /(<!-- sizes: node scripts\/sizes\.mjs -->\n)([\s\S]*?)(\n<!-- end -->)/;

/** What of the tables is off by more than the tolerance. */
export const stale = (tables) =>
  Object.entries(tables).flatMap(([page, now]) => {
    const before = MARK.exec(readFileSync(`${root}${page}`, "utf8"))?.[2].trim() ?? "";
    return deviations(before, now).map((what) => `${page}: ${what}`);
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(`${root}dist/browser.js`)) throw new Error("dist/ is not built: run node build.mjs");
  const tables = await sizeTables();
  const off = stale(tables);
  if (off.length > 0 && process.argv.includes("--check")) {
    console.error(`${off.join("; ")}. Run node scripts/sizes.mjs`);
    process.exitCode = 1;
  } else if (off.length > 0) {
    for (const [page, now] of Object.entries(tables)) {
      const text = readFileSync(`${root}${page}`, "utf8").replace(MARK, (_, from, __, to) => `${from}\n${now}\n${to}`);
      writeFileSync(`${root}${page}`, text);
    }
  }
}
