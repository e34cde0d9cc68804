/** The table page: what it opens on, what people give it, and what it says of what it cannot take. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  dropFile,
  expectRemedies,
  measureLatency,
  overhang,
  photograph,
  runSnippet,
  skip,
  uniformFrom,
  Visit,
} from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

/** b is a parabola of a, which no correlation sees; g tells the sign of c; the rest is noise. */
function madeTable(rows: number): string {
  const random = uniformFrom(1);
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, c, d] = [random() * 2 - 1, random() - 0.5, random()];
    const b = a * a + 0.02 * random();
    return [a, b, i % 50 === 0 ? "" : c, d, c > 0 ? "right" : "left", 7, `row ${i}`].join(",");
  });
  return ["a,b,c,d,g,same,name", ...lines].join("\n");
}

/** Columns of noise. */
function noise(columns: number, rows: number): string {
  const random = uniformFrom(1);
  const names = Array.from({ length: columns }, (_, c) => `n${c}`);
  return [names.join(), ...Array.from({ length: rows }, () => names.map(() => random().toFixed(4)).join())].join("\n");
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
const plain = (text: string | null) => text!.replace(/[\u2066-\u2069]/g, "");
const text = async (page: Page, id: string) => plain(await page.locator(`#${id}`).textContent());
const first = async (page: Page) => plain(await page.locator("#list tr th button").first().textContent());

/** Drops a table and waits until all of its pairs are done. */
async function done(page: Page, name: string, table: string): Promise<void> {
  await page.evaluate(() => delete document.getElementById("demo")!.dataset.work);
  await dropFile(page, name, table);
  await reaches(page, "work", "done");
}

const drop = (page: Page, what: { text?: string; names?: string[] }) =>
  page.evaluate(({ text, names = [] }) => {
    const data = new DataTransfer();
    if (text !== undefined) data.setData("text/plain", text);
    for (const name of names) data.items.add(new File(["x,y\n1,2"], name));
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, what);

const paste = (page: Page, text: string) =>
  page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, text);

describe.skipIf(skip)("the page of a visitor's own table", () => {
  test("opens on a table that is computed, and on a pair that no correlation sees", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("depends/");
    await reaches(page, "table", "example");
    await reaches(page, "work", "done");
    expect(await text(page, "what")).toBe("“Seattle’s weather”: 6 columns, 400 rows drawn at random from 1,461.");
    expect(await text(page, "columns-title")).toBe("Columns: 6 of 7 used");
    expect(await text(page, "pair-title")).toBe("day_of_year and temp_max");
    await reaches(page, "pair", "done");
    expect(Number(await page.locator("#demo").getAttribute("data-mi"))).toBeGreaterThan(0.5);
    // The code under it, run by itself, gives that very number.
    await page.locator("#use summary").click();
    const code = (await page.locator("#use code").textContent())!;
    const [printed] = await runSnippet(page, code);
    expect(printed!.split(" ")[0]).toBe(await page.locator("#demo").getAttribute("data-mi"));
    await photograph(page, "depends");
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "depends-phone");

    // A pair that is chosen stands in the address, which opens on it.
    await page.getByRole("button", { name: "temp_max – temp_min" }).click();
    await page.waitForFunction(() => document.getElementById("pair-title")!.textContent === "temp_max and temp_min");
    expect(new URL(page.url()).hash).toContain("x=temp_max&y=temp_min");
    await page.reload();
    await page.waitForFunction(() => document.getElementById("pair-title")!.textContent === "temp_max and temp_min");
    await page.goto(`${visit.url}depends/#x=nobody&y=temp_min&sort=hair`);
    await page.reload();
    await reaches(page, "work", "done");
    expect(await text(page, "pair-title")).toBe("day_of_year and temp_max");
    expect(faults).toEqual([]);
  });

  test("takes a file, keeps what is done while columns change, and goes on", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("depends/#x=day_of_year&y=wind");
    await page.locator("#demo[data-state=running]").waitFor();
    await done(page, "made.csv", madeTable(200));
    expect(new URL(page.url()).hash).toBe("");
    expect(await first(page)).toBe("a – b");
    expect(await text(page, "what")).toBe("“made.csv”: 5 columns, 196 rows.");
    expect(await text(page, "notes")).toContain("4 of 200 rows lack a value and are left out.");
    expect(await text(page, "doing")).toContain("2 depend");
    await page.locator("#columns-title").click();
    const columns = await text(page, "column-list");
    expect(columns).toContain("the same in every row, so it tells nothing of any other");
    expect(columns).toContain("200 different texts in 200 rows: names or free text, not categories");
    await reaches(page, "pair", "done");
    expect(Number(await page.locator("#demo").getAttribute("data-mi"))).toBeGreaterThan(0.5);

    // Without d six pairs are left, all of them known: none is computed again, and the pair stays.
    const watch = () =>
      page.evaluate(() => {
        const { dataset } = document.getElementById("demo")!;
        const seen: string[] = [];
        new MutationObserver(() => seen.push(dataset.pairs!)).observe(document.getElementById("demo")!, {
          attributeFilter: ["data-pairs"],
        });
        Object.assign(window, { seen });
      });
    const seen = () => page.evaluate(() => [...new Set((window as unknown as { seen: string[] }).seen)]);
    await watch();
    await page.getByRole("checkbox", { name: "d", exact: true }).click();
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("4 columns"));
    await reaches(page, "work", "done");
    expect(await seen()).toEqual(["6"]);
    expect(await text(page, "pair-title")).toBe("a and b");
    // And back: the six stay, four come.
    await watch();
    await page.getByRole("checkbox", { name: "d", exact: true }).click();
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("5 columns"));
    await reaches(page, "work", "done");
    expect((await seen())[0]).toBe("6");
    expect((await seen()).at(-1)).toBe("10");

    // Cancelled at once it keeps what it has, and goes on.
    const cancelled = reaches(page, "work", "cancelled");
    await page.evaluate(
      (table) => {
        const demo = document.getElementById("demo")!;
        new MutationObserver((_, observer) => {
          if (demo.dataset.work !== "matrix" || !document.getElementById("what")!.textContent!.includes("more.csv"))
            return;
          observer.disconnect();
          document.getElementById("cancel")!.click();
        }).observe(demo, { attributes: true });
        const data = new DataTransfer();
        data.items.add(new File([table], "more.csv"));
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
      },
      noise(4, 100),
    );
    await cancelled;
    expect(await text(page, "doing")).toMatch(/^Cancelled: \d of 6 pairs are done\.$/);
    await page.getByRole("button", { name: "Go on" }).click();
    await reaches(page, "work", "done");
    expect(await page.locator("#demo").getAttribute("data-pairs")).toBe("6");
    expect(faults).toEqual([]);
  });

  test("without WebGPU takes whatever people give, and says what it cannot take", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("depends/", { webgpu: false });
    await expectRemedies(page, "running");
    await reaches(page, "work", "done");
    expect(await text(page, "pair-title")).toBe("day_of_year and temp_max");
    expect(Number(await text(page, "pair-mi"))).toBeGreaterThan(0.6);

    // What is refused leaves what was there, and says so next to where it was given.
    const complaint = page.locator("#complaint");
    const refused = async (give: () => Promise<void>, words: string) => {
      await give();
      await page.waitForFunction(
        (words) =>
          document
            .getElementById("complaint")!
            .textContent!.replace(/[\u2066-\u2069]/g, "")
            .includes(words),
        words,
      );
      expect(await complaint.isVisible()).toBe(true);
      const box = (await complaint.boundingBox())!;
      expect(box.y).toBeGreaterThanOrEqual(0);
      expect(await page.locator("#list tr").count()).toBe(15);
    };
    await page.evaluate(() => scrollTo(0, 1000));
    const ragged = "a,b,c\n1,2,3\n4,5\n";
    await refused(() => dropFile(page, "short.csv", ragged), "“short.csv”: line 3: expected 3 fields as in line 1");
    await refused(() => dropFile(page, "sheet.xlsx", "PK\u0003\u0004"), "“sheet.xlsx” is a workbook or an archive");
    await refused(() => drop(page, { text: "https://example.org/table.csv" }), "An address was dropped");
    await refused(() => paste(page, "a word"), "What was pasted is one line of text");

    await refused(() => drop(page, { names: ["one.csv", "two.csv"] }), "“one.csv”: 1 row is too few; at least 20");
    // Of two files the first is taken.
    await page.evaluate(
      (table) => {
        const data = new DataTransfer();
        for (const name of ["one.csv", "two.csv"]) data.items.add(new File([table], name));
        document.dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
      },
      noise(3, 40),
    );
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("one.csv"));
    expect(await text(page, "reading")).toBe("“one.csv” is taken; 1 other file is not: one table at a time.");
    expect(await complaint.isVisible()).toBe(false);

    // Nobody can know what 03/04/2024 is: the page asks, next to the column.
    const days = Array.from({ length: 40 }, (_, i) => `0${1 + (i % 9)}/0${1 + (i % 7)}/2024,${i % 2 ? '"1,500"' : 7}`);
    await dropFile(page, "unclear.csv", ["day,price", ...days].join("\n"));
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("unclear.csv"));
    expect(await text(page, "columns-complaint")).toContain("“day”: “08/01/2024” can be read in two ways");
    expect(await page.locator("#list tr").count()).toBe(0);
    expect(await text(page, "doing")).toBe(""); // nothing of the table before
    await page.getByRole("combobox", { name: "Kind of day" }).selectOption("Date, day first");
    await page.getByRole("combobox", { name: "Kind of price" }).selectOption("Decimal comma");
    await reaches(page, "work", "done");
    expect(await page.locator("#list tr").count()).toBe(1);

    // Cells of a spreadsheet with decimal commas; one is no number.
    const random = uniformFrom(1);
    const cell = (value: number) => value.toFixed(3).replace(".", ",");
    const cells = Array.from({ length: 80 }, (_, i) => {
      const x = random();
      return [cell(1 + x), i === 5 ? "oops" : cell(x * x), `${cell(10 * random())}%`, i % 3].join("\t");
    });
    await paste(page, ["width\tarea\tshare\tcode", ...cells].join("\r\n"));
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("pasted cells"));
    await reaches(page, "work", "done");
    expect(await text(page, "what")).toBe("“pasted cells”: 4 columns, 79 rows.");
    expect(await first(page)).toBe("width – area");
    const square = (place: string) => page.locator(`#square [data-place="${place}"]`);
    expect(await square("1 0").getAttribute("aria-label")).toMatch(/nats$/);
    expect(await square("2 0").getAttribute("aria-label")).toMatch(/nats, not told from chance$/);
    expect(await text(page, "column-list")).toContain("1 cell such as “oops”: no number, so taken as missing");

    // A column of codes is a category when somebody says so, and a number again.
    const kind = page.getByRole("combobox", { name: "Kind of code" });
    await kind.selectOption("Category");
    await page.waitForFunction(() => document.getElementById("column-list")!.textContent!.includes("3 kinds"));
    await page.getByRole("button", { name: "Undo: code" }).click();
    await page.waitForFunction(() => !document.getElementById("column-list")!.textContent!.includes("3 kinds"));
    expect(await kind.inputValue()).toBe("found");
    await reaches(page, "work", "done");
    expect(faults.filter((fault) => fault !== "console: No available adapters.")).toEqual([]);
  });

  test("of many columns 40 are taken, and one more is refused next to its box", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("depends/", { webgpu: false });
    await dropFile(page, "wide.csv", noise(60, 60));
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("40 columns"));
    await page.waitForFunction(() => Number(document.getElementById("demo")!.dataset.pairs) > 0);
    await page.locator("#columns-title").click();
    expect(await text(page, "columns-note")).toBe("The first 40 of the 60 columns that can be used are ticked.");
    const box = page.getByRole("checkbox", { name: "n50" });
    await box.click();
    expect(await box.isChecked()).toBe(false);
    expect(await text(page, "columns-note")).toBe("40 columns are used, the most at a time. Untick another one first.");
    await page.locator("#columns-search").fill("n1");
    expect(await page.locator("#column-list li:visible").count()).toBe(11);
    await page.getByRole("button", { name: "None" }).click();
    expect(await text(page, "columns-title")).toBe("Columns: 29 of 60 used");
    await page.getByRole("button", { name: "All" }).click();
    expect(await text(page, "columns-title")).toBe("Columns: 40 of 60 used");
    expect(await overhang(page)).toEqual([0, 0]);
    expect(faults.filter((fault) => fault !== "console: No available adapters.")).toEqual([]);
  });

  test("a file of 17 MB leaves the page free", { timeout: 240_000 }, async () => {
    const { page } = await visit.open("depends/", { webgpu: false });
    await reaches(page, "work", "done");
    const line = Array.from({ length: 40 }, (_, c) => `0.${1234567 + 1000 * c}`).join();
    await page.evaluate(
      ({ names, line }) => {
        const rows = Array.from({ length: 42_000 }, (_, i) => `${line},${(i * 0.618) % 1},${(i * 0.414) % 1}`);
        const data = new DataTransfer();
        data.items.add(new File([[names, ...rows].join("\n")], "big.csv"));
        Object.assign(window, { data });
      },
      { names: Array.from({ length: 42 }, (_, c) => `c${c}`).join(), line },
    );
    const latency = measureLatency(page, 4000);
    const said = await page.evaluate(() => {
      const { data } = window as unknown as { data: DataTransfer };
      document.dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
      return document.getElementById("reading")!.textContent;
    });
    expect(plain(said)).toBe("Reading “big.csv” …");
    const { timer } = await latency;
    expect(timer.worst).toBeLessThan(400);
    await page.waitForFunction(() => document.getElementById("what")!.textContent!.includes("big.csv"));
    expect(await text(page, "what")).toBe("“big.csv”: 2 columns, 400 rows drawn at random from 42,000.");
    expect(await text(page, "reading")).toBe("");
  });
});
