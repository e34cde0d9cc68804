// Writes docs/platforms.md from what test/browser/runtimes.test.ts left in test/output/runtimes.json: node scripts/platforms.mjs
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const rows = JSON.parse(readFileSync(at("test/output/runtimes.json"), "utf8"));
const missing = rows.filter(({ seconds }) => seconds === undefined);
if (missing.length > 0)
  throw new Error(`${missing.map(({ runtime }) => runtime).join(", ")} did not pass; nothing written`);

/** Where the bench of a GPU stands, which is the only proof of a run there. */
const gpus = readdirSync(at("bench/results"))
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({ name, machine: JSON.parse(readFileSync(at(`bench/results/${name}`), "utf8")).machine }))
  .filter(({ machine }) => !machine.software);

const table = [
  "| runtime | version | adapter | library | command line | seconds |",
  "| --- | --- | --- | --- | --- | ---: |",
  ...rows.map(({ runtime, version, adapter, command, seconds }) => {
    const library = "estimate, training, matrix, abort, dispose";
    return `| ${runtime} | ${version} | ${adapter} | ${library} | ${command ? "estimate --json" : ""} | ${seconds.toFixed(1)} |`;
  }),
];
const notRun = [
  "| platform | by what it would run | what there is |",
  "| --- | --- | --- |",
  ...gpus.map(({ name, machine: { adapter, node, date } }) => {
    const result = `[bench/results/${name}](../bench/results/${name}) of ${date.slice(0, 10)}`;
    return `| Linux, ${adapter} | Vulkan, npm's \`webgpu\`, Node ${node} | not run by CI; benched by hand: ${result} |`;
  }),
  "| macOS | Metal, npm's `webgpu` or a browser | not run by CI, never tried |",
  "| Windows | Direct3D 12, npm's `webgpu` or a browser | not run by CI, never tried |",
  "| Safari | Metal | not run by CI, never tried |",
  "| Linux with musl (Alpine) | | npm's `webgpu` does not load there |",
];

writeFileSync(
  at("docs/platforms.md"),
  `# Platforms

What test/browser/runtimes.test.ts ran on the packed package, on Debian 12 with two cores and no GPU. Each runtime opens an adapter,
estimates by neighbours and by training, all pairs of three columns, ends a training by a signal and estimates again, and
disposes of the adapter; each number is within 0.02 of Node 20's. Seconds are those of the library on that machine, and
say little about a GPU.

${table.join("\n")}

Deno takes the build for browsers and its own WebGPU (wgpu); \`deno run -A npm:remine\` runs the command through npm's
\`webgpu\`. Bun takes npm's \`webgpu\` as Node does.

In Node's \`worker_threads\` the library finds what it finds on the main thread (src/gpu/environment.node.ts says how).

## Not run by CI

${notRun.join("\n")}

\`npx vitest run test/browser/runtimes.test.ts && node scripts/platforms.mjs\` writes this page.
`,
);
