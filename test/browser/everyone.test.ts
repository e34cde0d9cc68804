/** What every page owes every visitor: a first sight, an axe-clean document, and something without motion, WebGPU or scripts. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe, { type AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../src/cli/serve.ts";
import { DESK, launch, outOfSight, PHONE, pages, skip } from "./chromium.ts";

const PAGES = ["", "depends/", "lab/", "field/", "surface/", "bench/", "about/"];
const MOVING = ["", "lab/", "field/", "surface/"];
const COMPUTING = PAGES.slice(0, -1);

let server: Awaited<ReturnType<typeof serve>>;
const browsers: Partial<Record<"with" | "without", Browser>> = {};
beforeAll(async () => {
  if (skip) return;
  server = await serve(pages, 0);
  browsers.with = await launch({ webgpu: true });
  browsers.without = await launch({ webgpu: false });
});
afterEach(() => {
  for (const browser of Object.values(browsers)) for (const context of browser.contexts()) context.close();
});
afterAll(async () => {
  for (const browser of Object.values(browsers)) await browser.close();
  await server?.close();
});

async function visit(path: string, options: BrowserContextOptions = {}, webgpu: "with" | "without" = "with") {
  const context = await browsers[webgpu]!.newContext({ viewport: DESK, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(server.url + path);
  return page;
}

const stateIs = (page: Page, ...names: string[]) =>
  page.locator(`#demo:is(${names.map((name) => `[data-state=${name}]`)})`).waitFor();

/** What axe finds, and where. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

describe.skipIf(skip)("every page", () => {
  test.each(COMPUTING)("/%s shows its picture and its control at first sight", { timeout: 120_000 }, async (path) => {
    for (const viewport of [DESK, PHONE]) {
      const page = await visit(path, { viewport });
      await stateIs(page, "running", "paused", "done");
      expect(await page.locator("[data-first]").count()).toBeGreaterThan(1);
      // A table is read beside the page, and its square is there a moment later.
      await expect.poll(() => outOfSight(page), { timeout: 10_000, message: `at ${viewport.width}` }).toEqual([]);
      await page.context().close();
    }
  });

  test.each(PAGES)("/%s is clean by axe, in both themes and sizes", { timeout: 180_000 }, async (path) => {
    const page = await visit(path, { reducedMotion: "reduce" });
    if (path !== "about/") await stateIs(page, "running", "paused", "done");
    for (const viewport of [DESK, PHONE]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page), `${colorScheme} at ${viewport.width}`).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    }
  });

  test.each(PAGES)("/%s leads home, and all its links to something", async (path) => {
    const page = await visit(path);
    const links = await page.locator("a[href]").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
    const own = [...new Set(links.map((link) => link.split("#")[0]!))].filter((link) => link.startsWith(server.url));
    expect(own).toContain(server.url);
    expect(own).toContain(`${server.url}about/`);
    for (const link of own) expect((await page.request.get(link)).status(), link).toBe(200);
    expect(await page.title()).toMatch(/^.+ · remine$/);
    for (const name of ["og:title", "og:description", "og:image"]) {
      expect(await page.locator(`meta[property="${name}"]`).getAttribute("content")).toBeTruthy();
    }
    expect((await page.request.get(new URL("og.png", server.url).href)).status()).toBe(200);
  });

  test.each(MOVING)("/%s stands still for who asks for less motion, until told to run", async (path) => {
    const page = await visit(path, { reducedMotion: "reduce" });
    await stateIs(page, "paused");
    const steps = () => page.evaluate(() => Number(document.getElementById("demo")!.dataset.steps ?? 0));
    const before = await steps();
    await page.waitForTimeout(500);
    expect(await steps()).toBe(before);
    await page.locator("#pause").click();
    await stateIs(page, "running");
    await expect.poll(steps, { timeout: 60_000 }).toBeGreaterThan(before);
  });

  test.each(MOVING)("/%s plays a recorded run where there is no WebGPU", async (path) => {
    const page = await visit(path, {}, "without");
    await stateIs(page, "recorded");
    const picture = page.locator("canvas[data-first], [data-first] canvas").first();
    const seen = new Set<string>();
    await expect
      .poll(async () => seen.add((await picture.screenshot()).toString("base64")).size, { timeout: 30_000 })
      .toBeGreaterThan(3);
    expect(await page.getByText("This browser gives no access to a GPU").isVisible()).toBe(true);
    expect(await violations(page)).toEqual([]);
  });

  test.each(COMPUTING)("/%s has a picture and the way to the others without scripts", async (path) => {
    const page = await visit(path, { javaScriptEnabled: false });
    const picture = page.locator("noscript img");
    await picture.scrollIntoViewIfNeeded();
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(600);
    await page.locator("nav.pages a", { hasText: "About" }).click();
    await page.getByRole("heading", { name: "What it measures" }).waitFor();
  });

  test("opens from a folder on disk, and so do its links", async () => {
    const page = await visit("about/");
    await page.goto(pathToFileURL(join(pages, "index.html")).href);
    await page.locator("nav.pages a", { hasText: "Drift" }).click();
    await page.waitForURL(/lab\/index\.html$/);
    await stateIs(page, "running", "paused");
  });

  test("loads the library once: what a page adds to it is small", () => {
    const size = (file: string) => statSync(join(pages, `${file}.gz`)).size / 1024;
    expect(size("shared.js")).toBeLessThan(190);
    for (const path of COMPUTING) expect(size(`${path}main.js`), path).toBeLessThan(path === "depends/" ? 60 : 45);
  });
});
