/** The start page: a shape is learned that no correlation sees, drawn with a pointer, and recorded. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  expectRemedies,
  measureLatency,
  outOfSightAnywhere,
  overhang,
  photograph,
  runSnippet,
  skip,
  textOf,
  Visit,
} from "./chromium.ts";
import { dataOf, untilClose } from "./plane.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

describe.skipIf(skip)("the front page", () => {
  test("finds what Pearson's r does not see, and gives the code of its number", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("");
    expect(await outOfSightAnywhere(page)).toEqual([]);
    expect(await textOf(page, "pearson")).toMatch(/^−?0\.0[01]$/);
    const map = await page.locator("#learned").screenshot();
    await untilClose(page);
    expect((await page.locator("#learned").screenshot()).equals(map)).toBe(false);
    await page.locator("#spoken", { hasText: /The network/ }).waitFor({ state: "attached" });
    const latency = await measureLatency(page, 1000);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("#demo[data-state=paused]").waitFor();
    expect(await textOf(page, "reading")).toMatch(
      /^Pearson’s r sees nothing: −?0\.0[01]\. The network found 0\.\d\d nats: (9\d|10\d|110) % of the truth\.$/,
    );
    const { estimate } = await dataOf(page);
    expect(await textOf(page, "estimate")).toBe(Number(estimate).toFixed(2));
    // The page's own thread answers at once. A frame also waits for the software adapter, which draws the page and trains on
    // the same cores as everything else here.
    expect(latency.timer.p95).toBeLessThan(50);
    await photograph(page, "front");
    expect(await overhang(page)).toEqual([0, 0]);
    const printed = await runSnippet(page, (await page.locator("#use pre").textContent())!);
    expect(Number(Number(printed[0]).toPrecision(7))).toBe(Number(estimate));
    expect(faults).toEqual([]);
  });

  test("draws with a pointer over any shape, clears, and keeps the shape in its address", {
    timeout: 120_000,
  }, async () => {
    const { page, faults } = await visit.open("#kind=nonsense");
    expect(await page.getByRole("radio", { name: "Ring" }).isChecked()).toBe(true);
    await page.getByText("Wave", { exact: true }).click();
    expect(page.url()).toContain("#kind=wave");
    await page.locator("#demo[data-kind=wave]").waitFor();
    const box = (await page.locator("#sketch").boundingBox())!;
    await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.8 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.8 * box.width, box.y + 0.2 * box.height, { steps: 3 });
    await page.mouse.up();
    await page.locator("#demo[data-kind=own]").waitFor();
    expect(await page.getByRole("radio", { name: "Yours" }).isChecked()).toBe(true);
    await page.waitForFunction(() => Number(document.getElementById("pearson")!.textContent) > 0.9);
    // Three jumps of the pointer are a whole line of dabs.
    expect(await page.locator("#sketch").getAttribute("aria-label")).toMatch(/, (5\d|6\d) dabs so far/);
    const place = (await page.locator("#pause").boundingBox())!;
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator("#hint").waitFor();
    expect([await textOf(page, "estimate"), await textOf(page, "truth"), await textOf(page, "pearson")]).toEqual([
      "–",
      "–",
      "–",
    ]);
    expect(await page.locator("#pause").boundingBox()).toEqual(place);
    await page.reload();
    await page.locator("#hint").waitFor();
    expect(faults).toEqual([]);
  });

  test("begins paused for who wants less motion", { timeout: 120_000 }, async () => {
    const { page, faults } = await visit.open("");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.reload();
    await page.locator("#demo[data-state=paused]").waitFor();
    expect((await dataOf(page)).steps).toBe("0");
    expect(await textOf(page, "truth")).toBe("0.61");
    await page.getByRole("button", { name: "Run" }).click();
    await page.waitForFunction(() => Number(document.getElementById("demo")!.dataset.steps) > 0);
    expect(faults).toEqual([]);
  });

  test("without WebGPU it says what to do, and plays a recorded run", async () => {
    const { page, faults } = await visit.open("", { webgpu: false });
    await expectRemedies(page, "recorded");
    expect(faults).toEqual([]);
  });
});
