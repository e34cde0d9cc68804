import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectRemedies, measureLatency, overhang, photograph, skip, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

/** Waits until the page states this truth, has trained so many steps, and its estimate is within 10 % of the truth. */
const untilClose = (page: Page, truth: number, steps: number) =>
  page.waitForFunction(
    ({ truth, steps }) => {
      const { dataset } = document.getElementById("demo")!;
      if (dataset.state === "failed") throw new Error(dataset.error);
      const side = document.getElementById("side-a")!.dataset;
      const known = Math.abs(Number(dataset.truth) - truth) < 1e-4;
      return known && Number(side.steps) >= steps && Math.abs(Number(side.estimate) / truth - 1) < 0.1;
    },
    { truth, steps },
    { timeout: 240_000, polling: 100 },
  );

const truthAt = (rho: number) => -0.5 * Math.log(1 - rho * rho);

describe.skipIf(skip)("the front page", () => {
  test("its estimate follows when the slider moves, and the other figure drifts", { timeout: 600_000 }, async () => {
    const { page, faults } = await visit.open("");
    // A window of 300 steps, once full, holds 60 000 joint pairs: a standard error below 1 % of the value at ρ = 0.8.
    await untilClose(page, truthAt(0.8), 300);
    const latency = await measureLatency(page, 2000);
    const slider = page.getByRole("slider", { name: "How closely" });
    await slider.focus();
    await page.keyboard.press("End");
    await untilClose(page, truthAt(0.97), 300);
    const ms = (x: { median: number; p95: number; worst: number }) =>
      `${x.median.toFixed(1)} / ${x.p95.toFixed(1)} / ${x.worst.toFixed(1)} ms`;
    console.log(`median / 95 % / worst of a timer ${ms(latency.timer)}, of a frame ${ms(latency.frame)}`);
    // The page's own thread answers at once. A frame also waits for the software adapter, which draws the page and
    // trains on the same two cores as everything else here: on a GPU it would be 50 ms too.
    expect(latency.timer.p95).toBeLessThan(50);
    expect(latency.frame.median).toBeLessThan(50);
    expect(latency.frame.p95).toBeLessThan(150);
    // Spoken every ten seconds, of the figures in sight: here the first alone, whose estimate is a plain number.
    await page.locator("#spoken", { hasText: /Truth \d\.\d+ nats, estimate \d/ }).waitFor({ state: "attached" });
    await page.locator("#side-b").scrollIntoViewIfNeeded();
    await page.locator("#side-b:is([data-level=drift],[data-level=explosion])").waitFor();
    expect(await page.locator("#adapter").textContent()).toContain("swiftshader");
    await photograph(page, "front");
    expect(await overhang(page)).toEqual([0, 0]);
    expect(faults).toEqual([]);
  });

  test("without WebGPU it says what to do", async () => {
    const { page, faults } = await visit.open("", { webgpu: false });
    await expectRemedies(page);
    expect(faults).toEqual([]);
  });
});
