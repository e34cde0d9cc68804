/** The page of speed: its arithmetic, the machines it knows, and one figure that its snippet finds again. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { known } from "../../demos/bench/known.ts";
import { costOf, grainOf, median } from "../../demos/bench/timing.ts";
import { chosenIn, optionsOf, standard, workloads } from "../../demos/bench/workloads.ts";
import { optionsOf as benchOptions, steps } from "../../src/cli/bench/workloads.ts";
import * as library from "../../src/index.ts";
import { expectRemedies, overhang, photograph, runSnippet, skip, Visit } from "./chromium.ts";

describe("times", () => {
  test("are what one more adds to the least, and never below the clock's grain", () => {
    const run = { short: [10, 12, 30], long: [19.5, 25, 22], times: 10 };
    expect(costOf(run, 0.1)).toBeCloseTo(0.95);
    expect(costOf({ ...run, long: [10.1, 50, 51] }, 0.1)).toBeUndefined();
    expect(costOf({ ...run, long: [9, 9, 9] }, 0.1)).toBeUndefined();
    expect(costOf({ short: [], long: [], times: 1 }, 0.1)).toBeUndefined();
    expect(median([5, 1, 3])).toBe(3);
  });

  test("the grain of a clock that jumps is its jump", () => {
    let calls = 0;
    expect(grainOf(() => 100 * Math.floor(calls++ / 7))).toBe(100);
  });

  test("the page's workloads are those of the bench", () => {
    for (const workload of workloads) {
      const wanted = benchOptions(library, workload.steps);
      expect(JSON.stringify(optionsOf(workload))).toBe(JSON.stringify(wanted));
      expect(optionsOf(workload).critic!.layers(2, 3)).toEqual(wanted.critic!.layers(2, 3));
    }
    expect(chosenIn("#with=sixteen,nonsense")).toEqual(["sixteen"]);
    expect(chosenIn("#with=")).toEqual([]);
    for (const hash of ["", "#with=nonsense"]) expect(chosenIn(hash)).toHaveLength(workloads.length);
  });

  test("every result that has the standard network is among the machines", () => {
    const folder = fileURLToPath(new URL("../../bench/results/", import.meta.url));
    expect(standard.steps).toBe(steps.W1);
    const held = readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
      .filter((result) => result.steps?.W1 ?? result.kernels?.W1);
    expect(known.filter(({ name }) => name === "remine")).toHaveLength(held.length);
    for (const { rate } of known) expect(rate).toBeGreaterThan(1);
  });
});

describe.skipIf(skip)("the page of speed", () => {
  const visit = new Visit();
  beforeAll(() => visit.begin());
  afterEach(() => visit.closeBrowser());
  afterAll(() => visit.end());

  test("gives one figure, and the snippet finds it again", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("bench/");
    await page.getByRole("button", { name: "Measure" }).click();
    await page.getByText("Five runs gave").waitFor();
    const rate = Number(await page.evaluate(() => document.getElementById("demo")!.dataset.rate));
    expect(rate).toBeGreaterThan(1);
    expect(rate).toBeLessThan(1e6);
    expect(await page.locator("#bars li").count()).toBe(known.length + 1);
    expect(await page.locator("#bars .here .value").textContent()).toBe(await page.locator("#rate").textContent());
    const [printed] = await runSnippet(page, (await page.locator("#use code").textContent())!);
    expect(Number(printed) / rate).toBeGreaterThan(1 / 3);
    expect(Number(printed) / rate).toBeLessThan(3);
    await photograph(page, "bench");
    expect(await overhang(page)).toEqual([0, 0]);
    expect(faults).toEqual([]);
  });

  test("times kernels, can be cancelled, copies its table, keeps the choice", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("bench/#with=categories");
    const run = page.getByRole("button", { name: "Time kernels" });
    await run.click();
    await page.locator("#demo:is([data-rows='3'],[data-rows='4'])").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText(/^Cancelled after \d rows/).waitFor();
    const whole = await page.locator("#rows tr").first().locator("td").allTextContents();
    expect(whole.slice(0, 2)).toEqual(["Categories", "whole step"]);
    expect(Number(whole[2])).toBeGreaterThan(1); // microseconds
    await page.getByRole("button", { name: "Copy table" }).click();
    await page.getByText("The table is on the clipboard").waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain("swiftshader");
    expect(text).toContain(`| Categories | whole step | ${whole[2]} |`);
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "bench-phone");

    await page.getByRole("checkbox", { name: "Categories" }).uncheck();
    expect(new URL(page.url()).hash).toBe("#with=");
    await run.click();
    await page.getByText("Choose at least one workload.").waitFor();
    await page.getByRole("checkbox", { name: "Sixteen at once" }).check();
    expect(new URL(page.url()).hash).toBe("#with=sixteen");
    expect(faults).toEqual([]);
  });

  test("without WebGPU it shows the machines that are known, and what to do", async () => {
    const { page, faults } = await visit.open("bench/", { webgpu: false });
    await expectRemedies(page, "running");
    expect(await page.locator("#bars li").count()).toBe(known.length + 1);
    expect(await page.getByRole("button", { name: "Measure" }).isDisabled()).toBe(true);
    expect(faults).toEqual([]);
  });
});
