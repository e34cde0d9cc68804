// Builds demos/ into dist/demos: static pages for any host, or for a folder on disk, hence classic scripts.
//
// What several pages use, the library with all its shaders among it, is one file, shared.js, which a visitor loads once. A
// folder of demos/ is a page: index.html, main.ts, style.css, and where there are such ones recorded.json (a run that is
// played where there is no WebGPU), still.png (for who has no scripts) and workers, *.worker.ts. In index.html three lines
// stand for what all pages have: <!-- kit:head -->, <!-- kit:nav --> and <!-- kit:footer -->.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { footer, head, navigation } from "./page-parts.mjs";

const OUT = "dist/demos";
const OPTIONS = {
  ...{ bundle: true, platform: "browser", format: "iife", target: "es2022", minify: true, logLevel: "warning" },
  loader: { ".csv": "text" },
};

const kit = readdirSync("demos/kit").filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
/** What is in shared.js; the classes of errors too, so that a page and its readers have the same ones. */
const SHARED = ["src/index.ts", "src/research.ts", "src/errors.ts", ...kit.map((name) => `demos/kit/${name}`)];

/** Takes what shared.js has from there. */
const fromShared = {
  name: "from-shared",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir }) => {
      const file = relative(".", resolve(resolveDir, path)).replaceAll("\\", "/");
      return SHARED.includes(file) ? { path: file, namespace: "shared" } : undefined;
    });
    onLoad({ filter: /.*/, namespace: "shared" }, ({ path }) => ({
      contents: `module.exports = globalThis.remineShared[${JSON.stringify(path)}];`,
    }));
  },
};

/** @param build that of esbuild */
export async function buildPages(build) {
  rmSync(OUT, { recursive: true, force: true });
  const lines = SHARED.map((file, i) => `import * as m${i} from "./${file}";`);
  const table = SHARED.map((file, i) => `${JSON.stringify(file)}: m${i}`);
  const contents = `${lines.join("\n")}\nglobalThis.remineShared = { ${table.join(", ")} };`;
  await build({ ...OPTIONS, stdin: { contents, resolveDir: "." }, outfile: `${OUT}/shared.js` });
  await build({ ...OPTIONS, entryPoints: ["demos/kit/kit.css"], outfile: `${OUT}/kit.css` });
  for (const file of ["icon.svg", "og.png"]) if (existsSync(`demos/${file}`)) cpSync(`demos/${file}`, `${OUT}/${file}`);
  cpSync("LICENSE", `${OUT}/LICENSE.txt`);
  const folders = readdirSync("demos", { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => /(^|\/)index\.html$/.test(name))
    .map((name) => (name === "index.html" ? "" : dirname(name)));
  for (const folder of folders) await buildPage(build, folder);
  for (const name of readdirSync(OUT, { recursive: true })) {
    const file = join(OUT, String(name));
    if (/\.(html|js|css|svg|txt)$/.test(file)) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  }
}

async function buildPage(build, folder) {
  const [from, to] = [join("demos", folder), join(OUT, folder)];
  mkdirSync(to, { recursive: true });
  const files = readdirSync(from);
  const scripts = files.filter((name) => name === "main.ts" || name.endsWith(".worker.ts"));
  for (const name of scripts) {
    // A worker has a world of its own, without shared.js.
    const plugins = name === "main.ts" ? [fromShared] : [];
    await build({ ...OPTIONS, plugins, entryPoints: [join(from, name)], outfile: join(to, name.replace(/ts$/, "js")) });
  }
  if (files.includes("style.css"))
    await build({ ...OPTIONS, entryPoints: [join(from, "style.css")], outfile: join(to, "style.css") });
  if (files.includes("still.png")) cpSync(join(from, "still.png"), join(to, "still.png"));
  if (files.includes("recorded.json"))
    writeFileSync(
      join(to, "recorded.js"),
      `globalThis.recordedRun = ${readFileSync(join(from, "recorded.json"), "utf8")};`,
    );
  const own = readFileSync(join(from, "index.html"), "utf8");
  const parts = { head: head(folder, own, files), nav: navigation(folder, files), footer: footer(folder) };
  writeFileSync(
    join(to, "index.html"),
    own.replace(/^ *<!-- kit:(head|nav|footer) -->\n/gm, (_, part) => parts[part]),
  );
}
