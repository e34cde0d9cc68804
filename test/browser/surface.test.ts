import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { overhang, photograph, skip, Visit } from "./chromium.ts";

describe.skipIf(skip)("the surface page", () => {
  const visit = new Visit();
  beforeAll(() => visit.begin());
  afterEach(() => visit.closeBrowser());
  afterAll(() => visit.end());

  test("the path follows the floor of the trough, and the picture turns", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("surface/");
    const partitionNear = (value: number) =>
      page.waitForFunction(
        (value) => {
          const { dataset } = document.getElementById("demo")!;
          if (dataset.state === "failed") throw new Error(dataset.error);
          return Math.abs(Number(dataset.partition) - value) < 0.3;
        },
        value,
        { timeout: 120_000 },
      );
    await page.getByRole("slider", { name: "λ" }).press("End");
    const target = page.getByRole("slider", { name: "C, where" });
    for (let i = 0; i < 4; i++) await target.press("ArrowRight"); // to 2
    await partitionNear(2);
    expect(await page.locator("#shape").textContent()).toContain("tilted trough, lowest along j̄ = 2.000");

    const scene = page.getByRole("img", { name: /^The loss surface is a tilted trough/ });
    const place = () => page.locator("#axis-j").evaluate((label) => label.style.left);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("#demo[data-state=paused]").waitFor();
    const [before, picture] = [await place(), await scene.screenshot()];
    await scene.press("ArrowLeft");
    await page.waitForFunction((before) => document.getElementById("axis-j")!.style.left !== before, before);
    expect((await scene.screenshot()).equals(picture)).toBe(false);
    expect(picture.length).toBeGreaterThan(10_000); // one colour alone takes a few hundred bytes

    await page.getByRole("slider", { name: "λ" }).press("Home");
    expect(await page.locator("#about").textContent()).toContain("That is drift");
    await photograph(page, "surface");
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "surface-phone");
    expect(faults).toEqual([]);
  });

  test("links open the paper's figure 5, and the address holds the state", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("surface/#fig5");
    const line = page.locator("#figure");
    const onFigure = (text: string) =>
      page
        .locator("#paper a[aria-current]")
        .and(page.getByText(text, { exact: true }))
        .waitFor();
    const state = () =>
      page.evaluate(() => [
        document.getElementById("lambda-value")!.textContent,
        ...["target", "batch"].map((id) => (document.getElementById(id) as HTMLInputElement).value),
      ]);
    expect(await state()).toEqual(["0.1", "0", "100"]);
    expect(await line.textContent()).toMatch(/^Figure 5 of the paper, λ = 0.1/);
    await onFigure("0.1");
    await page.waitForFunction(() => Number(document.getElementById("demo")!.dataset.steps) >= 5);

    await page.getByRole("link", { name: "Figure 5, λ = 0", exact: true }).press("Enter");
    await onFigure("0");
    expect(await state()).toEqual(["0", "0", "100"]);
    expect(await page.locator("#about").textContent()).toContain("That is drift");
    await page.getByRole("slider", { name: "C, where" }).press("ArrowRight");
    expect(new URL(page.url()).hash).toBe("#lambda=0&C=0.5&batch=100");
    expect(await line.textContent()).toMatch(/^Each takes/);
    await page.goBack();
    await onFigure("0.1");
    expect(await state()).toEqual(["0.1", "0", "100"]);

    const becomes = async (hash: string, wanted: string[]) => {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, hash);
      await expect.poll(state, { timeout: 20_000 }).toEqual(wanted);
      expect(await line.textContent()).toMatch(/^Each takes/);
    };
    await becomes("#lambda=0.3&C=-1.5&batch=10", ["0.3", "-1.5", "10"]);
    await becomes("#fig99", ["0.1", "0", "32"]);
    expect(faults).toEqual([]);
  });
});
