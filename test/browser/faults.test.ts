/** What a page keeps when the browser's GPU process dies. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dropFile, skip, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

/** Numbers, each like the one before, and categories of several sizes: pairs that no dispatch can share. */
function madeTable(): string {
  const wave = (i: number) => Math.sin(12.9898 * i) * 43758.5453 - Math.floor(Math.sin(12.9898 * i) * 43758.5453);
  const lines = Array.from({ length: 400 }, (_, i) => {
    const numbers = [wave(i), wave(i) + wave(i + 500), wave(i + 500) + wave(i + 900)];
    return [...numbers, ...[3, 5, 8].map((levels) => "abcdefgh"[(i * i) % levels])].join();
  });
  return ["u,v,w,k,l,m", ...lines].join("\n");
}

const reaches = (page: Page, key: string, value: string) =>
  page.locator(`#demo[data-${key}="${value}"]`).waitFor({ state: "attached" });
const list = (page: Page) => page.locator("#list tr").allTextContents();

test.skipIf(skip)("a table goes on with its finished pairs, to the same list", { timeout: 240_000 }, async () => {
  const { page, faults } = await visit.open("depends/");
  await reaches(page, "work", "done"); // of the example
  await page.evaluate(() => delete document.getElementById("demo")!.dataset.pairs);
  await dropFile(page, "made.csv", madeTable());
  await page.waitForFunction(() => Number(document.getElementById("demo")!.dataset.pairs) > 0);
  await visit.loseDevice();
  await page.getByRole("heading", { name: "The GPU stopped answering" }).waitFor();
  const kept = Number(await page.locator("#demo").getAttribute("data-pairs"));
  await page.getByRole("button", { name: "Try again" }).click();
  const first = page.locator("#count").filter({ hasText: / of 15 pairs$/ });
  await Promise.race([first.waitFor(), reaches(page, "work", "done")]);
  expect(Number(await page.locator("#demo").getAttribute("data-pairs"))).toBeGreaterThanOrEqual(kept);
  await reaches(page, "work", "done");
  const found = await list(page);
  expect(found.length).toBeGreaterThan(0);

  // The same file without a fault.
  await dropFile(page, "made.csv", madeTable());
  await reaches(page, "work", "matrix");
  await reaches(page, "work", "done");
  expect(await list(page)).toEqual(found);
  expect(faults).toEqual([]);
});
