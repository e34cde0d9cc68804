/** The page of two estimators side by side, and the scenes of drift and explosion on the start page. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { overhang, photograph, runSnippet, skip, Visit } from "./chromium.ts";

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

const valuesOf = (page: Page, ...ids: string[]) =>
  page.evaluate((ids) => ids.map((id) => (document.getElementById(id) as HTMLInputElement).value), ids);

/** What the pictures stand on must not move, whatever the numbers. */
const places = (page: Page) =>
  page.evaluate(() =>
    ["lambda", "pause", "a", "error-a", "outputs-a", "outputs-b", "curves-b", "data"].map((id) => {
      const { x, y, width, height } = document.getElementById(id)!.getBoundingClientRect();
      return [id, x, y, width, height].join(" ");
    }),
  );

/** Pauses the page, and returns the code that it then gives. */
async function pausedCode(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator("#demo[data-state=paused]").waitFor();
  return (await page.locator("#use code").textContent())!;
}

describe.skipIf(skip)("the lab", () => {
  test("it drifts at the left and is steady at the right, and explodes on request", { timeout: 300_000 }, async () => {
    const { page, faults } = await visit.open("lab/#speed=0");
    await level(page, "a", "drift");
    await level(page, "b", "good");
    expect(await page.locator("#verdict-a").textContent()).toMatch(/^Drift: the outputs have moved (up|down) together/);
    expect(await page.locator("#verdict-b").textContent()).toMatch(/within 10 % of the truth\.$/);
    await page.locator("#spoken-b", { hasText: "ReMINE: Steady" }).waitFor({ state: "attached" });
    await photograph(page, "lab");
    const before = await places(page);
    await page.getByRole("button", { name: "Explosion" }).click();
    expect(await valuesOf(page, "batch", "learningRate", "lambda")).toEqual(["10", "-17", "0.1"]);
    await page.getByText("the left outputs pass 100").waitFor();
    await level(page, "a", "explosion");
    await level(page, "b", "good off drift");
    expect(await places(page)).toEqual(before);
    expect(await overhang(page)).toEqual([0, 0]);
    await page.getByRole("button", { name: "λ = 0", exact: true }).click();
    expect(await valuesOf(page, "lambda")).toEqual(["0"]);
    await page.getByRole("slider", { name: "Hold on the drift" }).press("ArrowRight");
    expect(await page.locator("#lambda-value").textContent()).toBe("0.01");
    await page.getByRole("button", { name: "λ = 0.1", exact: true }).click();
    expect(await valuesOf(page, "lambda")).toEqual(["0.1"]);
    expect(faults).toEqual([]);
  });

  test("both reach the truth of a sine, and a link holds the state", { timeout: 300_000 }, async () => {
    const { page, faults } = await visit.open("lab/#data=sine&noise=0.3&batch=50&lambda=0.2&speed=0");
    const truth = Number(await page.locator("#demo").getAttribute("data-truth"));
    await untilClose(page, truth);
    // A change of the batch goes on with the same networks.
    const before = Number(await page.locator("#demo").getAttribute("data-steps"));
    await page.getByRole("combobox", { name: "Pairs a step" }).selectOption("100");
    await page.getByText("keep what they have learned").waitFor();
    await stepsReach(page, before + 10);
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("The link is on the clipboard").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const other = await page.context().newPage();
    await page.close();
    await other.goto(link);
    expect(await valuesOf(other, "data", "batch", "lambda")).toEqual(["sine", "100", "0.2"]);
    expect(Number(await other.locator("#demo").getAttribute("data-truth"))).toBe(truth);
    expect(faults).toEqual([]);
  });

  test("links open the paper's figures, until a setting changes", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("lab/#fig1");
    const line = page.locator("#figure");
    const current = page.locator("#paper a[aria-current]");
    const onFigure = (text: string) => current.and(page.getByText(text, { exact: true })).waitFor();
    const settings = () => valuesOf(page, "a", "b", "batch", "optimizer", "setup", "lambda", "C", "learningRate");
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
    expect(await line.textContent()).toMatch(/^Each dot is an output/);
    expect(await current.count()).toBe(0);

    const opening = ["donsker-varadhan", "remine", "20", "adam", "lab", "0.1", "0", "-22"];
    for (const nonsense of ["fig99", "batch=777&speed=5&lambda=7&learningRate=9&a=none&C=x"]) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, nonsense);
      await page.waitForFunction(() => (document.getElementById("setup") as HTMLInputElement).value === "lab");
      expect(await settings()).toEqual(opening);
      expect(await valuesOf(page, "speed")).toEqual(["400"]);
    }
    expect(await line.textContent()).toMatch(/^Each dot is an output/);
    expect(faults).toEqual([]);
  });

  test("paused, its code gives its numbers, and another estimator has none yet", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("lab/#seed=3&data=ring");
    await stepsReach(page, 30);
    const code = await pausedCode(page);
    expect(await page.locator("#use .note").first().textContent()).toMatch(/to the last bit\.$/);
    const shown = await page.evaluate(() =>
      ["side-a", "side-b"].map((id) => document.getElementById(id)!.dataset.estimate),
    );
    expect((await runSnippet(page, code)).map((line) => Number(line).toFixed(5))).toEqual(shown);
    const steps = await page.locator("#demo").getAttribute("data-steps");
    await page.getByRole("combobox", { name: "Left estimator" }).selectOption("nwj");
    expect(await page.locator("#estimate-a").textContent()).toBe("–");
    expect(await page.locator("#estimate-b").textContent()).not.toBe("–");
    expect(await page.locator("#use .note").first().textContent()).toMatch(/^Settings were changed/);
    expect(await page.locator("#demo").getAttribute("data-steps")).toBe(steps);
    await page.getByRole("button", { name: "Run" }).press("Enter");
    await stepsReach(page, Number(steps) + 5);
    expect(await page.locator("#estimate-a").textContent()).not.toBe("–");
    expect(faults).toEqual([]);
  });

  test("it starts again when the GPU dies", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("lab/");
    await stepsReach(page, 5);
    await visit.loseDevice();
    await page.getByRole("heading", { name: "The GPU stopped answering" }).waitFor();
    const died = await page.locator("#demo").getAttribute("data-steps");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("#demo[data-state=running]").waitFor();
    expect(await page.getByRole("alert").isVisible()).toBe(false);
    await page.waitForFunction((died) => {
      const { steps } = document.getElementById("demo")!.dataset;
      return Number(steps) > 0 && steps !== died;
    }, died);
    expect(faults).toEqual([]);
  });
});

describe.skipIf(skip)("the scenes of drift", () => {
  test("each begins in sight, ends by itself, and stands still", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("");
    const scene = page.locator("#scene-drift");
    const state = page.locator("#state-drift");
    await page.locator("#demo[data-state=running]").waitFor();
    await page.waitForTimeout(500);
    expect(await page.locator("#step-drift").textContent()).toBe("0");
    await scene.evaluate((node) => node.scrollIntoView({ block: "center" }));
    await state.getByText("It learns").waitFor();
    expect(await page.locator("#drift-scene [data-act=hold]").isDisabled()).toBe(true);
    await state
      .getByText(/^1,000 steps: the dots have moved up together, by [\d.]+ nats\. The estimate is 2/)
      .waitFor();
    await page.locator("#drift-scene [data-act=hold]").click();
    await state
      .getByText(/^200 steps later the log-partition is −?0\.\d: the dots are home\. The estimate is/)
      .waitFor();
    expect(await page.locator("#step-drift").textContent()).toBe("1,200");
    await page.locator("#scene-explosion").evaluate((node) => node.scrollIntoView({ block: "center" }));
    await page.locator("#state-explosion", { hasText: /^900 steps: an output of \d{3,}/ }).waitFor();
    await photograph(page, "drift");
    await page.waitForTimeout(500);
    expect(await page.locator("#step-explosion").textContent()).toBe("900");
    expect(await page.locator("#step-drift").textContent()).toBe("1,200");
    expect(faults).toEqual([]);
  });
});
