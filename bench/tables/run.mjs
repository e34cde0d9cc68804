// What the page "Your own table" says of 15 planted and 15 real tables of at most 400 rows, on a software adapter in Chromium.
//
//   npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz
//   node build.mjs && node bench/tables/run.mjs --real package/data [--only TEXT] [--seconds 240]
//
// Each table is dropped on the page, and what is measured is read from the page. The planted pair, or of a real table the first of
// the list, is looked at closer. A real table then goes through `remine matrix` and `remine estimate` with the page's options.
// Tables that bench/results/tables/tables.json has already are not run again; when `seconds` are over, the next command goes on.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import sirv from "sirv";
import { plantedTables } from "./planted.mjs";
import { realTables } from "./real.mjs";
import { reportOf } from "./report.mjs";

const ROWS = 400;
/** The page's, for a software adapter. */
const PERMUTATIONS = "200";
const TRAINING = ["--fast", "--batch", "32", "--steps", "200"];

const { values: asked } = parseArgs({
  options: {
    real: { type: "string" },
    only: { type: "string", default: "" },
    seconds: { type: "string", default: "1e9" },
  },
});
const root = fileURLToPath(new URL("../../", import.meta.url));
const json = join(root, "bench/results/tables/tables.json");
const found = existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : {};
const tables = [...plantedTables(ROWS), ...(asked.real ? realTables(asked.real, ROWS) : [])].filter(
  ({ name }) => name.includes(asked.only) && !(name in found),
);

const files = sirv(join(root, "dist/demos"));
const server = createServer(files).listen(0, "127.0.0.1");
await new Promise((resolve) => server.on("listening", resolve));
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--enable-unsafe-webgpu",
    "--use-angle=swiftshader",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
  ],
});
const began = performance.now();
for (const table of tables) {
  if (performance.now() - began > 1000 * Number(asked.seconds)) break;
  const page = await ofPage(table);
  const cli = !table.pair && !page.refused && ofCommands(table, page);
  found[table.name] = { ...(table.pair && { truth: table.truth }), ...page, ...(cli && { cli }) };
  writeFileSync(json, `${JSON.stringify(found, undefined, 1)}\n`);
  console.log(table.name, JSON.stringify(found[table.name]));
}
await browser.close();
server.close();
writeFileSync(join(root, "bench/results/tables/README.md"), reportOf(found));

/** What the page says of a table. */
async function ofPage({ name, csv, pair }) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(180_000);
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}/depends/`);
    await page.locator("#demo[data-state=running]").waitFor();
    await drop(page, `${name}.csv`, csv);
    const began = performance.now();
    await page.waitForFunction(() => {
      const { work, complaint } = document.getElementById("demo").dataset;
      return work === "done" || complaint;
    });
    const refused = await page.evaluate(() => document.getElementById("demo").dataset.complaint);
    if (refused) return { refused };
    const seconds = { pairs: (performance.now() - began) / 1000 };
    const columns = await page.locator("#square thead bdi").allTextContents();
    const rows = await page.locator("#list tr").all();
    const names = (row) => row.locator("bdi").allTextContents();
    let place = 0;
    while (pair && (await names(rows[place])).toSorted().join() !== pair.join()) place++;
    const row = rows[place];
    const [p, q, mi, r] = await row.locator("td").allTextContents();
    const [x, y] = await names(row);
    await page.waitForFunction(isLooked);
    const looked = performance.now();
    const title = await page.locator("#pair-title").textContent();
    if (title !== `${x} and ${y}`) {
      await row.locator("button").click();
      await page.waitForFunction(
        (title) => document.getElementById("pair-title").textContent === title,
        `${x} and ${y}`,
      );
      await page.waitForFunction(isLooked);
      seconds.pair = (performance.now() - looked) / 1000;
    }
    const text = async (id) => (await page.locator(`#${id}`).textContent()).trim();
    return {
      ...{ columns, rank: place + 1, x, y, p, q, neighbors: mi, r, seconds },
      ...{ mi: await text("pair-mi"), interval: await text("pair-interval"), verdict: await text("pair-verdict") },
      doing: await text("doing"),
    };
  } finally {
    await page.close();
  }
}

/** Whether the pair that is shown has its number, in the page. */
function isLooked() {
  return ["done", "refused"].includes(document.getElementById("demo").dataset.pair);
}

function drop(page, name, text) {
  return page.evaluate(
    ({ name, text }) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type: "text/csv" }));
      document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    { name, text },
  );
}

/** What the commands say of the same pair in the same file. */
function ofCommands({ csv }, { columns, x, y }) {
  const folder = mkdtempSync(join(tmpdir(), "remine-tables-"));
  const file = join(folder, "table.csv");
  writeFileSync(file, csv);
  const run = (...parts) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, "dist/cli.js"), ...parts, "--json"], {
      encoding: "utf8",
      cwd: folder,
      maxBuffer: 1e9,
    });
    return status === 0 ? JSON.parse(stdout) : { failed: stderr.trim().split("\n").at(-1) };
  };
  try {
    const named = ["--columns", columns.map((name) => name.replace(/[*,\\-]/g, "\\$&")).join(",")];
    const matrix = run("matrix", file, ...named, "--permutations", PERMUTATIONS);
    const pair = matrix.pairs?.find((pair) => pair.x === x && pair.y === y);
    const estimate = run("estimate", file, "--x", x, "--y", y, ...TRAINING);
    const { mi, interval, adapter } = estimate;
    return { pair: pair ?? matrix.failed, estimate: estimate.failed ?? { mi, interval, adapter } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
