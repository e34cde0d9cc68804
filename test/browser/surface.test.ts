/** The page of the landscape: the path, the picture, the paper's figure 5, and an explosion. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectRemedies, overhang, PHONE, photograph, runSnippet, skip, Visit } from "./chromium.ts";

/** Waits until the page's data says so. */
const until = (page: Page, name: string, wanted: (value: string) => boolean) =>
  expect
    .poll(
      async () => {
        const {
          state,
          error,
          [name]: value = "",
        } = await page.evaluate(() => ({ ...document.getElementById("demo")!.dataset }) as Record<string, string>);
        if (state === "failed") throw new Error(error);
        return wanted(value);
      },
      { timeout: 120_000 },
    )
    .toBe(true);

describe.skipIf(skip)("the page of the landscape", () => {
  const visit = new Visit();
  beforeAll(() => visit.begin());
  afterEach(() => visit.closeBrowser());
  afterAll(() => visit.end());

  test("the path runs, the picture turns, the snippet gives the very estimate", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("surface/");
    await until(page, "steps", (steps) => Number(steps) >= 40);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("#demo[data-state=paused]").waitFor();
    const { estimate, steps } = await page.evaluate(() => ({ ...document.getElementById("demo")!.dataset }));
    const code = await page.locator("#use code").textContent();
    expect(code).toContain(`trainer.step(${steps})`);
    const [printed] = await runSnippet(page, code!);
    expect(Number(printed).toFixed(4)).toBe(estimate);

    const scene = page.getByRole("img", { name: /landscape/ });
    const look = () => scene.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const before = await look();
    expect(before.length).toBeGreaterThan(20_000); // one colour alone takes some thousands
    await scene.press("ArrowLeft");
    await expect.poll(look).not.toBe(before);
    await scene.press("+");
    await scene.press("Home");
    await expect.poll(look).toBe(before);

    const slider = page.getByRole("slider", { name: "λ" });
    await slider.press("Home");
    await expect.poll(look).not.toBe(before);
    expect(await page.locator("#about").textContent()).toContain("That is drift");
    await photograph(page, "surface");
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "surface-phone");

    await page.getByRole("button", { name: "Run" }).click();
    await until(page, "state", (state) => state === "running");
    await page.getByText("λ or C was changed while this ran").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Restart" }).click();
    await page.getByText("λ or C was changed while this ran").waitFor({ state: "detached" });
    expect(faults).toEqual([]);
  });

  test("a run that explodes ends at the largest box, says so, and leaves the layout", {
    timeout: 240_000,
  }, async () => {
    const { page, faults } = await visit.open("surface/#lambda=0&C=0&batch=10");
    await page.setViewportSize(PHONE);
    const edges = () =>
      page.evaluate(() =>
        ["#estimate", "#joint", "#pause"].map((id) => document.querySelector(id)!.getBoundingClientRect().right),
      );
    const before = await edges();
    await until(page, "verdict", (verdict) => verdict === "exploded");
    await page.locator("#demo[data-state=paused]").waitFor();
    expect(await page.locator("#verdict").textContent()).toMatch(/^It exploded: the path has left the box for j̄ /);
    await page.locator("#spoken").getByText("It exploded").waitFor({ state: "attached" });
    expect(await page.evaluate(() => document.getElementById("demo")!.dataset.reach)).toBe("30.00");
    expect(await edges()).toEqual(before);
    expect(await overhang(page)).toEqual([0, 0]);
    await page.getByRole("button", { name: "Run" }).click(); // begins anew
    await until(page, "verdict", (verdict) => verdict !== "exploded");
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

    await page.getByRole("link", { name: "Figure 5, λ = 0", exact: true }).press("Enter");
    await onFigure("0");
    expect(await state()).toEqual(["0", "0", "100"]);
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
    await becomes("#lambda=7&C=x&batch=777", ["0.1", "0", "100"]);
    expect(faults).toEqual([]);
  });

  test("without WebGPU it plays its recording", async () => {
    const { page, faults } = await visit.open("surface/", { webgpu: false });
    await expectRemedies(page, "recorded");
    await until(page, "steps", (steps) => Number(steps) > 0);
    expect(await page.getByRole("slider", { name: "λ" }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Pause" }).isEnabled()).toBe(true);
    expect(faults).toEqual([]);
  });
});
