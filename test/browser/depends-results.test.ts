/** The table page, once its pairs are computed: focus, sorting, size, and an interval that holds the truth. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { dropFile, PHONE, skip, uniformFrom, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

/** c1 is a line of c0, c3 a parabola of c2, g tells the sign of c0 and h is g with errors; the rest is noise. */
function madeTable(rows: number, columns: number): string {
  const uniform = uniformFrom(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const lines = Array.from({ length: rows }, () => {
    const values = Array.from({ length: columns }, normal);
    values[1] = values[0]! + 0.1 * values[1]!;
    values[3] = values[2]! ** 2 + 0.2 * values[3]!;
    const g = values[0]! > 0 ? "up" : "down";
    return [...values, g, uniform() < 0.1 ? "mixed" : g].join(",");
  });
  return [[...Array.from({ length: columns }, (_, i) => `column ${i}`), "g", "h"].join(","), ...lines].join("\n");
}

const reaches = (page: Page, key: "work" | "pair", value: string) =>
  page.waitForFunction(({ key, value }) => document.getElementById("demo")!.dataset[key] === value, { key, value });

const textOf = async (page: Page, id: string) => (await page.locator(`#${id}`).textContent())!.trim();

/** Elements inside of one that Tab would stop at. */
const stops = (page: Page, inside: string) =>
  page
    .locator(`${inside} button`)
    .evaluateAll(
      (all) =>
        all.filter((one) => (one as HTMLButtonElement).tabIndex >= 0 && !(one as HTMLButtonElement).disabled).length,
    );

describe.skipIf(skip)("the pairs of a table", () => {
  test("the focus stays, figures have one stop, lists sort, and a picture is measured", {
    timeout: 120_000,
  }, async () => {
    const { page } = await visit.open("depends/", { webgpu: false });
    await page.locator("#demo[data-state=running]").waitFor();
    await dropFile(page, "made.csv", madeTable(160, 8));
    // While pairs are still tested.
    await page.waitForFunction(() => document.querySelectorAll("#list tr").length >= 4);
    await page.locator("#list tr").nth(2).getByRole("button").focus();
    const held = await page.evaluate(() => document.activeElement!.textContent);
    await reaches(page, "work", "done");
    expect(await page.evaluate(() => document.activeElement!.textContent)).toBe(held);
    expect([await stops(page, "#list"), await stops(page, "#square")]).toEqual([1, 1]);
    await walkTheSquare(page);
    await sortTheList(page);

    await page.locator("#list tr", { hasText: "g – h" }).getByRole("button").click();
    expect(await textOf(page, "pair-title")).toBe("g and h");
    expect(await page.locator("#scatter").getAttribute("aria-label")).toMatch(
      /^Counts of \u2068h\u2069 for each \u2068g\u2069, 160 rows\. Furthest above chance: /,
    );
    expect(await textOf(page, "pair-verdict")).toMatch(/^Certain: .+ \(p [<=] 0\.\d+, q [<=] 0\.\d+\)\.$/);
  });

  test("forty columns fit, with their names in sight", { timeout: 60_000 }, async () => {
    const { page } = await visit.open("depends/", { webgpu: false });
    await page.locator("#demo[data-state=running]").waitFor();
    await dropFile(page, "wide.csv", madeTable(60, 38));
    await page.waitForFunction(() => document.querySelectorAll("#square tbody tr").length === 40);
    const measured = () =>
      page.locator(".map").evaluate((map) => ({
        over: map.scrollWidth - map.clientWidth,
        cell: Math.round(map.querySelector("tbody td")!.getBoundingClientRect().width),
        page: document.documentElement.scrollWidth - innerWidth,
      }));
    const wide = await measured();
    expect([wide.over, wide.page]).toEqual([0, 0]);
    expect(wide.cell).toBeGreaterThanOrEqual(10);
    await page.setViewportSize(PHONE);
    const narrow = await measured();
    expect([narrow.cell, narrow.page]).toEqual([10, 0]);
    const left = () =>
      page
        .locator("#square tbody th")
        .first()
        .evaluate((name) => name.getBoundingClientRect().left);
    const before = await left();
    await page.locator(".map").evaluate((map) => {
      map.scrollLeft = 150;
    });
    expect(await left()).toBeCloseTo(before, 0);
    await page.emulateMedia({ forcedColors: "active" });
    const kept = await page
      .locator("#square button")
      .first()
      .evaluate((cell) => getComputedStyle(cell).forcedColorAdjust);
    expect(kept).toBe("none");
  });

  test("a line as strong as lines are gets a number with an interval that holds it", { timeout: 200_000 }, async () => {
    const { page, faults } = await visit.open("depends/");
    await page.locator("#demo[data-state=running]").waitFor();
    await dropFile(page, "line.csv", madeTable(400, 4));
    await reaches(page, "work", "done");
    await page.locator("#list tr", { hasText: "column 0 – column 1" }).getByRole("button").click();
    await page.waitForFunction(() => document.getElementById("pair-title")!.textContent === "column 0 and column 1");
    await reaches(page, "pair", "done");
    const mi = Number(await textOf(page, "pair-mi"));
    const [low, high] = (await textOf(page, "pair-interval")).match(/^95 % interval: ([\d.]+) to ([\d.]+)$/)!.slice(1);
    // The truth is -log(1 - 1/1.01) / 2.
    expect(mi).toBeGreaterThan(2.2);
    expect(Number(low)).toBeLessThan(2.308);
    expect(Number(high)).toBeGreaterThan(2.308);
    expect(await textOf(page, "pair-verdict")).toContain("Certain");
    expect(await textOf(page, "pair-sees")).toContain("sees it all");
    expect(await page.locator("#pair-others tr").count()).toBeGreaterThan(3);
    expect(faults).toEqual([]);
  });
});

/** Arrow keys, Home and End; what has the focus is said below, and Enter opens it without losing the focus. */
async function walkTheSquare(page: Page): Promise<void> {
  await page.locator("#square button[tabindex='0']").focus();
  await page.keyboard.press("Control+Home");
  const place = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset.place);
  expect(await place()).toBe("1 0");
  await page.keyboard.press("End");
  expect(await place()).toBe("9 0");
  await page.keyboard.press("ArrowDown");
  expect(await place()).toBe("9 1");
  expect(await textOf(page, "square-says")).toBe(
    await page.evaluate(() => document.activeElement!.getAttribute("aria-label")),
  );
  await page.keyboard.press("Enter");
  expect(await textOf(page, "pair-title")).toBe("column 1 and h");
  expect(await place()).toBe("9 1");
  expect(await stops(page, "#square")).toBe(1);
}

async function sortTheList(page: Page): Promise<void> {
  await page.locator("#by-unseen").click();
  const sorted = await page.locator("thead [aria-sort]").evaluateAll((all) => all.map((head) => head.ariaSort));
  expect(sorted).toEqual(["descending"]);
  const unseen = (await page.locator("#list td:last-child").allTextContents()).map(Number);
  expect(unseen).toEqual(unseen.toSorted((a, b) => b - a));
  expect(await page.locator("#list tr").first().locator("th").textContent()).toContain("column 2 – column 3");
  const r = await page.locator("#list td:nth-child(5)").allTextContents();
  expect(r.every((text) => /^(–|−?[01]\.\d\d)$/.test(text) && text !== "−0.00")).toBe(true);
}
