/** The page of maps: a drawing is learned, and the maps are compared as it says. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { outOfSightAnywhere, overhang, photograph, runSnippet, skip, textOf, Visit } from "./chromium.ts";
import { dataOf, untilClose } from "./plane.ts";

describe.skipIf(skip)("the page of maps", () => {
  const visit = new Visit();
  beforeAll(() => visit.begin());
  afterEach(() => visit.closeBrowser());
  afterAll(() => visit.end());

  test("learns what is drawn with the keyboard, to 10 % of its MI", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("field/#width=0.12");
    await page.getByRole("combobox", { name: "Samples" }).selectOption("own");
    await page.locator("#hint").waitFor();
    await page.locator("#sketch").focus();
    const press = async (keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press(["Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowDown", "Space"]);
    await press(["ArrowRight", "Space", "ArrowRight", "Space"]);
    await page.waitForFunction(() => document.getElementById("demo")!.dataset.truth !== "");
    expect(Number((await dataOf(page)).truth)).toBeGreaterThanOrEqual(0);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.locator("#hint").waitFor();
    expect([await textOf(page, "truth"), await textOf(page, "estimate"), await textOf(page, "match")]).toEqual([
      "–",
      "–",
      "–",
    ]);
    // An empty drawing has no maps.
    const blank = await page.locator("#ratio").screenshot();
    expect(blank.length).toBeLessThan(5000);
    await page.locator("#sketch").focus();
    await press(["Space", ...[..."xxxx"].flatMap(() => ["Shift+ArrowRight", "Shift+ArrowUp"]), "Space"]);
    await untilClose(page, Math.LN2);
    // A canvas that nothing painted is one colour, and its picture a few hundred bytes.
    for (const id of ["learned", "ratio"]) {
      expect((await page.locator(`#${id}`).screenshot()).length).toBeGreaterThan(5000);
    }
    expect(faults).toEqual([]);
  });

  test("its controls work while it is paused, and what it says of the maps is measured", {
    timeout: 240_000,
  }, async () => {
    const { page, faults } = await visit.open("field/#kind=ring&width=0.3&rho=nonsense");
    expect(await outOfSightAnywhere(page)).toEqual([]);
    await untilClose(page);
    await page
      .locator("#spoken", { hasText: /The learned map matches the true one, with a correlation of 0\.9\d/ })
      .waitFor({
        state: "attached",
      });
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("#demo[data-state=paused]").waitFor();
    expect(Number(await textOf(page, "match"))).toBeGreaterThan(0.9);
    const { estimate, truth } = await dataOf(page);
    const printed = await runSnippet(page, (await page.locator("#use pre").textContent())!);
    expect(Number(Number(printed[0]).toPrecision(7))).toBe(Number(estimate));
    const before = await page.locator("#ratio").screenshot();
    await page.getByRole("slider", { name: "Width of the brush" }).press("ArrowRight");
    await page.waitForFunction((truth) => document.getElementById("demo")!.dataset.truth !== truth, truth);
    expect((await page.locator("#ratio").screenshot()).equals(before)).toBe(false);
    expect(page.url()).toContain("width=0.31");
    // What the new shape shares is not known before a step was taken.
    await page.waitForFunction(() => document.getElementById("estimate")!.textContent === "–");
    await photograph(page, "field");
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "field-phone");
    // The window of averages is a new one, and so the estimate is at once near the truth.
    await page.getByRole("button", { name: "Run" }).click();
    await untilClose(page);
    expect(faults).toEqual([]);
  });
});
