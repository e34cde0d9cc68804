import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { dropFile, overhang, photograph, skip, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

/** b is a parabola of a, which no correlation sees; g tells the sign of c; the rest is noise. */
function madeTable(rows: number): string {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, c, d] = [uniform() * 2 - 1, uniform() - 0.5, uniform()];
    const b = a * a + 0.02 * uniform();
    return [a, b, i % 50 === 0 ? "" : c, d, c > 0 ? "right" : "left", 7, `row ${i}`].join(",");
  });
  return ["a,b,c,d,g,same,name", ...lines].join("\n");
}

const reaches = (page: Page, key: string, value: string) =>
  page.waitForFunction(
    ({ key, value }) => {
      const { dataset } = document.getElementById("demo")!;
      if (dataset.state === "failed") throw new Error(dataset.error);
      return dataset[key] === value;
    },
    { key, value },
    { timeout: 120_000 },
  );

/** The pair's value and interval; neighbours are within it, or the page says why not. */
async function agrees(page: Page): Promise<[number, number, number]> {
  const text = async (id: string) => (await page.locator(`#${id}`).textContent())!;
  const interval = await text("pair-interval");
  expect(interval).toMatch(/^\d\.\d+ to \d\.\d+$/);
  const [low, high] = interval.split(" to ").map(Number) as [number, number];
  const [mi, bound, neighbors] = [
    ...[await text("pair-mi"), await text("pair-bound"), await text("pair-knn")].map(Number),
  ] as [number, number, number];
  expect(bound).toBeLessThanOrEqual(mi);
  expect(await text("pair-upper")).toMatch(/^Where the interval’s upper end comes from: .+\.$/);
  const words = await text("pair-neighbors");
  // Shown values are rounded, so at an end either is right.
  if (neighbors > high) expect(words).toMatch(/^Neighbours say \d\.\d+ nats more than the interval holds: .+\.$/);
  else if (neighbors < low) expect(words).toMatch(/^Neighbours say \d\.\d+ nats less than the interval holds: .+\.$/);
  else if (neighbors > low && neighbors < high) expect(words).toBe("");
  return [mi, low, high];
}

describe.skipIf(skip)("the page of what depends on what", () => {
  test("refuses a bad file aloud, and shows a known dependence first", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("depends/");
    await page.locator("#demo[data-state=running]").waitFor();
    const alert = page.locator("#complaint");
    for (const [name, text, words] of [
      ["short.csv", "a,b,c\n1,2,3\n4,5\n", "short.csv: line 3: expected 3 fields as in line 1, found 2"],
      ["empty.csv", "", "Empty.csv is empty. Give a table with one line per sample"],
      ["sheet.csv", "PK\u0003\u0004", "Save the sheet as CSV"],
      ["few.csv", "a,b\n1,2\n3,5\n", "2 rows are too few; at least 20 are needed"],
    ] as const) {
      await dropFile(page, name, text);
      await alert.filter({ hasText: words }).waitFor();
    }
    await dropFile(page, "made.csv", madeTable(200));
    await reaches(page, "work", "done");
    expect(await alert.isVisible()).toBe(false);
    expect(await page.locator("#list tr th").first().textContent()).toBe("a – b");
    expect(await page.locator("#list tr").first().locator("td").first().textContent()).toBe("0.005"); // 1 / (1 + 200)
    expect(await page.locator("#what").textContent()).toContain("5 columns, 196 rows; categories: g");
    expect(await page.locator("#notes").textContent()).toContain("4 of 200 rows lack a value");
    expect(await page.locator("#columns-title").textContent()).toBe("Columns: 5 of 7 used");
    expect(await page.locator("#doing").textContent()).toContain("2 depend on each other beyond chance");
    await page.locator("#columns-title").click();
    const columns = await page.locator("#column-list").textContent();
    expect(columns).toContain("same in every row");
    expect(columns).toContain("200 different texts in 200 rows");

    // From the square with the keyboard: a and b, then its neighbour, which gives up the first.
    const started = page.waitForFunction(() => document.getElementById("pair-title")!.textContent === "a and d");
    await page.getByRole("button", { name: /^a and c: MI/ }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await started;
    await page.getByRole("button", { name: "a – b" }).click();
    await page.waitForFunction(() => Number(document.getElementById("demo")!.dataset.mi) > 0.5, null, {
      timeout: 120_000,
    });
    expect(await page.locator("#pair-title").textContent()).toBe("a and b");
    const [mi, low, high] = await agrees(page);
    expect(mi).toBeGreaterThan(low);
    expect(mi).toBeLessThan(high);
    await photograph(page, "depends");
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "depends-phone");
    expect(faults).toEqual([]);
  });

  test("stops when told to, and takes the table that ships with the page", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("depends/");
    const cancelled = reaches(page, "work", "cancelled");
    // Before any chunk ends: the click is in the same task as the one that begins.
    await page.evaluate(() => {
      new MutationObserver((_, observer) => {
        if (document.getElementById("demo")!.dataset.work !== "matrix") return;
        observer.disconnect();
        document.getElementById("cancel")!.click();
      }).observe(document.getElementById("demo")!, { attributes: true });
      document.getElementById("example")!.click();
    });
    await cancelled;
    expect(await page.locator("#doing").textContent()).toMatch(/^Cancelled; \d+ pairs are done/);
    expect(await page.locator("#what").textContent()).toContain("Seattle’s weather: 6 columns");

    // Taken again it is done to the end, and its first pair is looked at without being asked for.
    await page.locator("#example").click();
    await reaches(page, "pair", "done");
    const [mi, low, high] = await agrees(page);
    expect(mi).toBeGreaterThanOrEqual(low);
    expect(mi).toBeLessThanOrEqual(high);
    await photograph(page, "depends-weather");
    expect(faults).toEqual([]);
  });

  test("without WebGPU it says what to do", async () => {
    const { page, faults } = await visit.open("depends/", { webgpu: false });
    await page.getByRole("alert").filter({ hasText: "--enable-unsafe-webgpu" }).waitFor();
    // Chromium itself says so, too.
    expect(faults.filter((fault) => fault !== "console: No available adapters.")).toEqual([]);
  });
});
