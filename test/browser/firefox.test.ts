/** Where Firefox is installed: it compiles the same shaders with Naga, has no subgroups, and waits 100 ms for each answer of the GPU. */
import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../src/cli/serve.ts";
import { pages } from "./chromium.ts";
import { FIREFOX, FIREFOX_WEBGPU } from "./firefox.ts";

describe.skipIf(!existsSync(FIREFOX))("Firefox", () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  beforeAll(async () => {
    server = await serve(pages, 0);
    browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: FIREFOX,
      extraPrefsFirefox: FIREFOX_WEBGPU,
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const open = async (path: string) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(240_000); // on a software adapter some 7 steps a second
    const faults: string[] = [];
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !url.startsWith("data:")) faults.push(`request to ${url}`);
    });
    await page.goto(server.url + path);
    return { page, faults };
  };

  /** Each page's estimate, once it is within `share` of the truth. */
  test.each([
    ["#kind=line", "demo", 0.1],
    ["field/", "demo", 0.1],
    ["lab/#batch=100", "side-b", 0.1],
    ["surface/", "demo", 0.1],
  ] as const)("/%s comes to the truth", { timeout: 260_000 }, async (path, id, share) => {
    const { page, faults } = await open(path);
    await page.waitForFunction(
      (id: string, share: number) => {
        const { dataset } = document.getElementById("demo")!;
        if (dataset.state === "failed") throw new Error(dataset.error);
        const estimate = Number(document.getElementById(id)!.dataset.estimate);
        return Math.abs(estimate / Number(dataset.truth ?? Math.log(16)) - 1) < share;
      },
      {},
      ...([id, share] as const),
    );
    expect(faults).toEqual([]);
    await page.close();
  });

  test("/depends/ estimates a pair", { timeout: 260_000 }, async () => {
    const { page, faults } = await open("depends/");
    await page.waitForSelector("#demo[data-pair=done]");
    const mi = await page.$eval("#demo", (demo) => Number((demo as HTMLElement).dataset.mi));
    expect(mi).toBeGreaterThan(0.5); // Seattle's day of the year and its warmest hour: .7
    expect(faults).toEqual([]);
    await page.close();
  });

  test("/bench/ finds a GPU", async () => {
    const { page, faults } = await open("bench/");
    await page.waitForSelector("#demo:not([data-state=opening])");
    expect(await page.$("#demo[data-state=failed]")).toBeNull();
    expect(faults).toEqual([]);
    await page.close();
  });
});
