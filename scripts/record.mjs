// Records the live pages for visitors without WebGPU or without scripts:
//
//   node scripts/record.mjs [FOLDER…]    all pages, or those of demos/ that are named ("start" is the first one)
//
// Opens each page of dist/demos in Chromium on its software adapter, writes what it draws to demos/FOLDER/recorded.json and its
// first screen to demos/FOLDER/still.png; of the first page also demos/og.png, which previews of links show.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const WEBGPU = [
  "--enable-unsafe-webgpu",
  "--use-angle=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
];
const FOLDERS = ["start", "depends", "lab", "field", "surface", "bench"];
/** A visitor sees so many milliseconds, in so many frames. */
const LENGTH = 24_000;
const FRAMES = 40;

const rounded = (_, value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);

/** Frames at even times of each part of a page, its first and its last one among them. */
function thinned(all) {
  const partOf = ({ frame }) => `${frame.scene} ${frame.act}`;
  const chosen = [...new Set(all.map(partOf))].flatMap((name) => {
    const part = all.filter((each) => partOf(each) === name);
    const [began, end] = [part[0].time, part.at(-1).time];
    const wanted = Array.from({ length: FRAMES }, (_, i) => began + ((end - began) * i) / (FRAMES - 1));
    return [...new Set(wanted.map((time) => part.find((each) => each.time >= time)))];
  });
  return chosen.toSorted((a, b) => a.time - b.time);
}

async function record(browser, url, folder) {
  const path = folder === "start" ? "" : folder;
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: "light" });
  const page = await context.newPage();
  await page.addInitScript(() => {
    globalThis.recorder = [];
  });
  await page.goto(`${url}${path && `${path}/`}`);
  await page.waitForTimeout(LENGTH);
  await page.screenshot({ path: join("demos", path, "still.png") });
  if (folder === "start") {
    await page.setViewportSize({ width: 1200, height: 630 });
    await page.screenshot({ path: "demos/og.png" });
    await page.locator("#pause").click(); // the drawing stands still, the scenes go on
    for (const end of ['#scene-drift[data-act="hold ended"]', '#scene-explosion[data-act="begin ended"]'])
      await page.locator(end).waitFor({ state: "attached", timeout: 180_000 });
  }
  const all = await page.evaluate(() => globalThis.recorder);
  if (all.length > 0) {
    const chosen = thinned(all);
    const adapter = await page.locator("#adapter").textContent();
    const times = chosen.map(({ time }) => Math.round(time - chosen[0].time));
    const text = JSON.stringify({ adapter, times, frames: chosen.map(({ frame }) => frame) }, rounded);
    writeFileSync(join("demos", path, "recorded.json"), `${text}\n`);
    console.log(`${folder}: ${chosen.length} of ${all.length} frames, ${(text.length / 1000).toFixed(0)} KB`);
  }
  await context.close();
}

const server = spawn(process.execPath, ["dist/cli.js", "demo", "--port", "0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = await once(server.stdout, "data");
const browser = await chromium.launch({
  executablePath: BROWSERS.find(existsSync),
  args: ["--no-sandbox", ...WEBGPU],
});
try {
  const named = process.argv.slice(2);
  for (const folder of named.length > 0 ? named : FOLDERS) await record(browser, String(line).split(/\s/)[0], folder);
} finally {
  await browser.close();
  server.kill("SIGINT");
}
