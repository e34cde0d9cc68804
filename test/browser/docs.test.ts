/** The site of the documentation, built and looked at; and the programs of its pages that need a browser. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Block, blocksOf } from "../docs/blocks.ts";
import { launch, output, skip } from "./chromium.ts";

/** A place that counts as safe, so that WebGPU is there; nothing listens, the tests answer. */
const HOST = "http://localhost:9/";

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".txt": "text/plain",
};

/** A page in a context of its own, whose requests are answered from a list or a folder, and what went wrong on it. */
async function visit(browser: Browser, files: string | Record<string, string>, options = {}) {
  const context: BrowserContext = await browser.newContext({ colorScheme: "light", ...options });
  const faults: string[] = [];
  await context.route("**/*", (route) => {
    const { href, pathname } = new URL(route.request().url());
    const name = decodeURI(pathname.slice(1)) || "index.html";
    const given = typeof files === "string" ? undefined : files[name];
    const path = typeof files === "string" ? join(files, name) : resolve("dist", name);
    if (!href.startsWith(HOST)) faults.push(`request to ${href}`);
    else if (given !== undefined)
      return route.fulfill({ body: given, contentType: TYPES[extname(name)] ?? "text/html" });
    else if (existsSync(path)) return route.fulfill({ path, contentType: TYPES[extname(name)] ?? "image/png" });
    else if (name !== "favicon.ico") faults.push(`there is no ${name}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  return { page, faults };
}

describe.skipIf(skip)("programs of docs/start/browser.md", () => {
  const programs = blocksOf("docs/start/browser.md").filter(({ mark }) => mark === "browser");
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch({ webgpu: true });
  });
  afterAll(() => browser.close());

  async function opened({ lang, code }: Block): Promise<Page> {
    if (lang === "html") {
      const { page, faults } = await visit(browser, { "index.html": code });
      await page.goto(HOST);
      expect(faults).toEqual([]);
      return page;
    }
    const { outputFiles } = await build({
      stdin: { contents: code, loader: "ts", resolveDir: process.cwd() },
      ...{ bundle: true, format: "esm", write: false, alias: { remine: resolve("dist/browser.js") } },
    });
    const html = '<!doctype html><meta charset="utf-8"><body><script type="module" src="main.js"></script>';
    const { page, faults } = await visit(browser, { "index.html": html, "main.js": outputFiles[0]!.text });
    await page.goto(HOST);
    expect(faults).toEqual([]);
    return page;
  }

  test("there is one with a bundler and one without", () => {
    expect(programs.map(({ lang }) => lang)).toEqual(["ts", "html"]);
  });
  test.each(programs.map((block) => [block.name, block] as const))("%s puts out an estimate", async (_, block) => {
    const page = await opened(block);
    await page.waitForFunction(() => /\d\.\d\d nats/.test(document.body.textContent ?? ""));
    expect(await page.locator("body").textContent()).not.toContain("no WebGPU");
  });
});

describe.skipIf(skip)("the site", () => {
  let browser: Browser;
  beforeAll(async () => {
    // It refuses dead links itself.
    execFileSync(process.execPath, ["scripts/docs.mjs"], { stdio: "pipe" });
    mkdirSync(output, { recursive: true });
    browser = await launch({ webgpu: false });
  });
  afterAll(() => browser.close());

  test("opens without an error or a request to anybody else, in light and dark, on a desk and a phone", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, faults } = await visit(browser, resolve("site"), { colorScheme });
      for (const name of ["index", "result"]) {
        await page.goto(`${HOST}${name}.html`, { waitUntil: "networkidle" });
        await page.screenshot({ path: join(output, `site-${name}-${colorScheme}.png`) });
      }
      await page.setViewportSize({ width: 390, height: 844 });
      for (const name of ["index", "estimators"]) {
        await page.goto(`${HOST}${name}.html`, { waitUntil: "networkidle" });
        await page.screenshot({ path: join(output, `site-${name}-phone-${colorScheme}.png`) });
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBe(0);
      }
      expect(faults).toEqual([]);
    }
  });

  test("finds a diagnostic by its search, leads to the API and to a live page", async () => {
    const { page, faults } = await visit(browser, resolve("site"), { viewport: { width: 1280, height: 800 } });
    await page.goto(HOST, { waitUntil: "networkidle" });
    await page.keyboard.press("Control+k");
    await page.locator(".VPLocalSearchBox input").fill("disagreement");
    const found = page.locator(".VPLocalSearchBox .result").first();
    await found.click();
    await page.waitForURL(/result\.html#disagreement|maths\.html/);
    await page.locator(".VPNavBar").getByRole("link", { name: "API" }).click();
    await page.waitForURL(/api\/index\.html/);
    expect(await page.locator("body").textContent()).toContain("remine");
    await page.goto(`${HOST}start/cli.html`, { waitUntil: "networkidle" });
    await page.locator(".VPNavBar").getByRole("link", { name: "Live" }).click();
    await page.waitForURL(/live\/index\.html/);
    expect(await page.title()).toContain("remine");
    expect(faults.filter((fault) => !/WebGPU|GPU/i.test(fault))).toEqual([]);
  });

  test("holds what pages link to outside of docs/", () => {
    expect(readFileSync("site/source/src/training/step.ts.txt", "utf8")).toBe(
      readFileSync("src/training/step.ts", "utf8"),
    );
  });
});
