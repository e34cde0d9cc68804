// Builds the documentation into site/: the pages of docs/, the live pages, the API reference; and refuses dead links.
//
//   node scripts/docs.mjs            after node scripts/setup.mjs --tools, which `npm run docs` does by itself
//   node scripts/docs.mjs --preview  and serves it on this machine
//
// DOCS_BASE=/remine/ builds it for a host that serves it from that path.
import { spawn } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deadLinks } from "./dead-links.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const SITE = "site";
const base = process.env.DOCS_BASE ?? "/";

/** Runs a script of Node to its end. */
const run = (what, ...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${what} failed, see above`))));
  });

const vitepress = "tools/node_modules/vitepress/bin/vitepress.js";
const typedoc = "node_modules/typedoc/bin/typedoc";

async function build() {
  for (const [file, command] of [
    [vitepress, "node scripts/setup.mjs --tools"],
    ["dist/demos/index.html", "node build.mjs"],
  ]) {
    if (!existsSync(file)) throw new Error(`${file} is missing. Run ${command}, or npm run docs, which does`);
  }
  const api = mkdtempSync(join(tmpdir(), "remine-api-"));
  try {
    rmSync(SITE, { recursive: true, force: true });
    await Promise.all([
      run("The site", vitepress, "build", "docs"),
      run("The API reference", typedoc, "--emit", "docs", "--titleLink", base, "--out", api),
    ]);
    cpSync(api, `${SITE}/api`, { recursive: true });
  } finally {
    rmSync(api, { recursive: true, force: true });
  }
  cpSync("dist/demos", `${SITE}/live`, { recursive: true, filter: (from) => !from.endsWith(".gz") });
  for (const file of ["icon.svg", "og.png"]) copyFileSync(`demos/${file}`, join(SITE, file));
  const dead = deadLinks(SITE, base);
  if (dead.length === 0) return;
  const list = dead.map(({ page, link, why }) => `  ${page}: ${link} (${why})`);
  throw new Error(`${dead.length} dead links:\n${list.join("\n")}`);
}

try {
  await build();
  console.log(`The site is in ${SITE}/; any static host will do.`);
  if (process.argv.includes("--preview")) await run("The preview", vitepress, "preview", "docs");
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
