// Builds the documentation into site/: the pages of docs/, the live pages, the API reference; and refuses dead links.
//
//   node scripts/docs.mjs            after node scripts/setup.mjs --tools, which `npm run docs` does by itself
//   node scripts/docs.mjs --preview  and serves it on this machine
//
// DOCS_BASE=/remine/ builds it for a host that serves it from that path.
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deadLinks } from "./dead-links.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const SITE = "site";
const base = process.env.DOCS_BASE ?? "/";

function run(what, ...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  console.error(`${what} failed, see above`);
  process.exit(1);
}

const vitepress = "tools/node_modules/vitepress/bin/vitepress.js";
for (const [file, command] of [
  [vitepress, "node scripts/setup.mjs --tools"],
  ["dist/demos/index.html", "node build.mjs"],
]) {
  if (existsSync(file)) continue;
  console.error(`${file} is missing. Run ${command}, or npm run docs, which does`);
  process.exit(1);
}

rmSync(SITE, { recursive: true, force: true });
run("The site", vitepress, "build", "docs");
run(
  "The API reference",
  "node_modules/typedoc/bin/typedoc",
  "--emit",
  "docs",
  "--titleLink",
  base,
  "--out",
  `${SITE}/api`,
);
cpSync("dist/demos", `${SITE}/live`, { recursive: true, filter: (from) => !from.endsWith(".gz") });
for (const file of ["icon.svg", "og.png"]) copyFileSync(`demos/${file}`, join(SITE, file));

const dead = deadLinks(SITE, base);
if (dead.length > 0) {
  console.error(
    `${dead.length} dead links:\n${dead.map(({ page, link, why }) => `  ${page}: ${link} (${why})`).join("\n")}`,
  );
  process.exit(1);
}
console.log(`The site is in ${SITE}/; any static host will do.`);
if (process.argv.includes("--preview")) run("The preview", vitepress, "preview", "docs");
