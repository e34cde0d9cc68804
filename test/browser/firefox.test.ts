/** Where Firefox is installed: it compiles the same shaders with Naga, has no subgroups, and waits 100 ms for each answer of the GPU. */
import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../src/cli/serve.ts";
import { buildPages, pages } from "./chromium.ts";

const FIREFOX = "/usr/bin/firefox-esr";

/** Off by default on Linux. */
const WEBGPU = { "dom.webgpu.enabled": true, "gfx.webgpu.ignore-blocklist": true };

describe.skipIf(!existsSync(FIREFOX))("Firefox", () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  beforeAll(async () => {
    buildPages();
    server = await serve(pages, 0);
    browser = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX, extraPrefsFirefox: WEBGPU });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const open = async (path: string) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000); // busy machines
    const faults: string[] = [];
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url)) faults.push(`request to ${request.url()}`);
    });
    await page.goto(server.url + path);
    return { page, faults };
  };

  test.each(["", "lab/", "field/", "surface/"])("/%s trains", { timeout: 180_000 }, async (path) => {
    const { page, faults } = await open(path);
    await page.waitForFunction(() => {
      const { dataset } = document.getElementById("demo")!;
      if (dataset.state === "failed") throw new Error(dataset.error);
      return Number(dataset.steps ?? document.getElementById("side-a")?.dataset.steps) >= 20;
    });
    if (path === "") {
      await page.waitForFunction(() => {
        const { truth, estimate } = document.getElementById("demo")!.dataset;
        return Math.abs(Number(estimate) / Number(truth) - 1) < 0.1;
      });
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  test.each(["depends/", "bench/"])("/%s finds a GPU", async (path) => {
    const { page, faults } = await open(path);
    await page.waitForSelector("#demo:not([data-state=opening])");
    expect(await page.$("#demo[data-state=failed]")).toBeNull();
    expect(faults).toEqual([]);
    await page.close();
  });
});
