import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectRemedies, overhang, photograph, skip, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

const level = (page: Page, side: "a" | "b", wanted: string) =>
  page.locator(`#side-${side}:is(${wanted.split(" ").map((name) => `[data-level=${name}]`)})`).waitFor();

/** Waits until both sides' estimates lie within 10 % of the truth that the page states. */
const untilClose = (page: Page, truth: number) =>
  page.waitForFunction((truth) => {
    const { dataset } = document.getElementById("demo")!;
    if (dataset.state === "failed") throw new Error(dataset.error);
    const close = (id: string) => Math.abs(Number(document.getElementById(id)!.dataset.estimate) / truth - 1) < 0.1;
    return Math.abs(Number(dataset.truth) - truth) < 1e-4 && close("side-a") && close("side-b");
  }, truth);

const stepsReach = (page: Page, count: number) =>
  page.waitForFunction((n) => Number(document.getElementById("demo")!.dataset.steps) >= n, count);

describe.skipIf(skip)("the lab", () => {
  test("λ = 0 explodes and λ = 0.1 cures it, while it runs", { timeout: 300_000 }, async () => {
    const { page, faults } = await visit.open("lab/#lambda=0&speed=0");
    await level(page, "b", "explosion");
    await level(page, "a", "explosion");
    const lambda = page.getByRole("slider", { name: "Hold on the drift" });
    await lambda.focus();
    for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
    expect(await lambda.inputValue()).toBe("0.1");
    await level(page, "b", "good drift");
    expect(await page.locator("#side-a").getAttribute("data-level")).toBe("explosion");
    await photograph(page, "lab");
    expect(await overhang(page)).toEqual([0, 0]);
    expect(faults).toEqual([]);
  });

  test("both reach the truth of a sine, and a link holds the state", { timeout: 300_000 }, async () => {
    const { page, faults } = await visit.open("lab/#data=sine&noise=0.3&batch=100&lambda=0.2&speed=0");
    const truth = Number(await page.locator("#demo").getAttribute("data-truth"));
    await untilClose(page, truth);
    // A change of the batch goes on with the same networks.
    const before = Number(await page.locator("#demo").getAttribute("data-steps"));
    await page.getByRole("combobox", { name: "Pairs a step" }).selectOption("200");
    await page.getByText("keep what they have learned").waitFor();
    await stepsReach(page, before + 10);
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("The link is on the clipboard").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const other = await page.context().newPage();
    await page.close();
    await other.goto(link);
    expect(await other.getByRole("combobox", { name: "Data" }).inputValue()).toBe("sine");
    expect(await other.getByRole("combobox", { name: "Pairs a step" }).inputValue()).toBe("200");
    expect(await other.getByRole("slider", { name: "Hold on the drift" }).inputValue()).toBe("0.2");
    expect(Number(await other.locator("#demo").getAttribute("data-truth"))).toBe(truth);
    expect(faults).toEqual([]);
  });

  test("links open the paper's figures, until a setting changes", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("lab/#fig1");
    const line = page.locator("#figure");
    const current = page.locator("#paper a[aria-current]");
    const onFigure = (text: string) => current.and(page.getByText(text, { exact: true })).waitFor();
    const settings = () =>
      page.evaluate(() =>
        ["a", "b", "batch", "optimizer", "setup", "lambda", "C", "learningRate"].map(
          (id) => (document.getElementById(id) as HTMLInputElement).value,
        ),
      );
    const fig1 = ["donsker-varadhan", "remine", "100", "sgd", "paper", "0.1", "0", "-10"];
    expect(await settings()).toEqual(fig1);
    expect(await line.textContent()).toMatch(/^Figure 1 of the paper: both terms of MINE/);
    await onFigure("1");
    await stepsReach(page, 5);

    // One pair a step, which a fresh draw of the other pair makes possible.
    await page.getByRole("link", { name: "Figure 8" }).press("Enter");
    await onFigure("8");
    expect(await settings()).toEqual(["donsker-varadhan", "remine", "1", "sgd", "paper", "0.01", "0", "-10"]);
    await page.getByText("Both networks start again").waitFor();
    await page.locator("#side-b").evaluate((side) => {
      side.dataset.steps = "0";
    });
    await page.waitForFunction(() => Number(document.getElementById("side-b")!.dataset.steps) >= 5);
    expect(await page.locator("#a option[value=infonce]").isDisabled()).toBe(true);
    await page.goBack();
    await onFigure("1");
    expect(await settings()).toEqual(fig1);

    await page.getByRole("button", { name: "Restart" }).click();
    expect(new URL(page.url()).hash).toBe("#fig1");
    await page.getByRole("slider", { name: "Target of the log-partition" }).press("ArrowRight");
    expect(new URL(page.url()).hash).toMatch(/C=0\.1&.*setup=paper/);
    expect(await line.textContent()).toMatch(/^Each opens the lab/);
    expect(await current.count()).toBe(0);

    await page.evaluate(() => {
      location.hash = "#fig99";
    });
    await page.waitForFunction(() => (document.getElementById("setup") as HTMLInputElement).value === "lab");
    expect(await settings()).toEqual(["donsker-varadhan", "remine", "10", "adam", "lab", "0.1", "0", "-25"]);
    expect(await line.textContent()).toMatch(/^Each opens the lab/);
    expect(faults).toEqual([]);
  });

  test("it pauses, runs on, and starts again when the GPU dies", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("lab/");
    await stepsReach(page, 5);
    await page.getByRole("button", { name: "Pause" }).press("Enter");
    await page.locator("#demo[data-state=paused]").waitFor();
    const stopped = Number(await page.locator("#demo").getAttribute("data-steps"));
    await page.waitForTimeout(300);
    expect(Number(await page.locator("#demo").getAttribute("data-steps"))).toBe(stopped);
    await page.getByRole("button", { name: "Run" }).press("Enter");
    await stepsReach(page, stopped + 5);
    await visit.loseDevice();
    await page.getByRole("heading", { name: "The GPU stopped answering" }).waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("#demo[data-state=running]").waitFor();
    expect(await page.getByRole("alert").isVisible()).toBe(false);
    await page.waitForFunction(
      (n) => {
        const steps = Number(document.getElementById("demo")!.dataset.steps);
        return steps > 0 && steps !== n;
      },
      Number(await page.locator("#demo").getAttribute("data-steps")),
    );
    expect(faults).toEqual([]);
  });

  test("without WebGPU it says what to do", async () => {
    const { page, faults } = await visit.open("lab/", { webgpu: false });
    await expectRemedies(page);
    expect(await page.locator("#controls").isVisible()).toBe(false);
    expect(faults).toEqual([]);
  });
});
