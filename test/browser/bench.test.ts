import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectRemedies, overhang, photograph, skip, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

describe.skipIf(skip)("the bench page", () => {
  test("times whole steps and kernels, can be cancelled, copies its table", { timeout: 300_000 }, async () => {
    const { page, faults } = await visit.open("bench/");
    for (const name of ["W1", "W2", "W3x16"]) await page.getByRole("checkbox", { name }).uncheck();
    await page.getByRole("button", { name: "Run" }).click();
    await page.locator("#demo:is([data-rows='3'],[data-rows='4'])").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText(/^Cancelled after \d+ rows/).waitFor();

    await page.getByRole("checkbox", { name: "each kernel" }).uncheck();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Done: 1 rows").waitFor();
    const time = Number(await page.locator("#rows td").nth(2).textContent());
    expect(time).toBeGreaterThan(1); // microseconds
    await page.getByRole("button", { name: "Copy table" }).click();
    await page.getByText("The table is on the clipboard").waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain("swiftshader");
    expect(text).toContain(`| W4x1 | whole step | ${time} |`);
    await photograph(page, "bench");
    expect(await overhang(page)).toEqual([0, 0]);
    expect(faults).toEqual([]);
  });

  test("without WebGPU it says what to do", async () => {
    const { page, faults } = await visit.open("bench/", { webgpu: false });
    await expectRemedies(page);
    expect(faults).toEqual([]);
  });
});
