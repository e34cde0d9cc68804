/** Reports opened from a disk without a network: nothing is refused or loaded, tables sort, the heatmap speaks, paper holds all. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe, { type AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { normals, range } from "../gpu.ts";
import { DESK, launch, overhang, skip } from "./chromium.ts";

const NAMES = ["<script>alert(1)</script>", `it's "y"`, "שלום", "w".repeat(300), "🙂 </td>"];
const cli = join(process.cwd(), "dist/cli.js");
let folder: string;
let browser: Browser;

beforeAll(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "remine-report-"));
  const [a, b, c] = [normals(1, 150), normals(2, 150), normals(3, 150)];
  const rows = range(150).map((i) => [a[i]!, a[i]! ** 2 + 0.3 * b[i]!, c[i]!, a[i]! + c[i]!].map((v) => v.toFixed(4)));
  const cell = (text: string) => `"${text.replace(/"/g, '""')}"`;
  const lines = rows.map((row, i) => [...row, a[i]! > 0 ? cell("<b>") : "é"].join(","));
  writeFileSync(join(folder, "t.csv"), `${NAMES.map(cell).join(",")}\n${lines.join("\n")}\n`);
  const made = [
    ["matrix", "t.csv", "--permutations", "39", "--report", "matrix.html"],
    ["estimate", "t.csv", "--x", "1,5", "--y", "2", "--estimator", "mixed-ksg", "--report", "estimate.html"],
    ["paper", "fig1", "--quick", "--steps", "20", "--report", "paper.html"],
  ].map((args) => spawnSync(process.execPath, [cli, ...args], { cwd: folder, encoding: "utf8" }));
  for (const { status, stderr } of made) expect(status, stderr).toBe(0);
  browser = await launch({ webgpu: false });
});
afterEach(async () => {
  for (const context of browser?.contexts() ?? []) await context.close();
});
afterAll(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A report as its file, with all that went wrong or was asked of a network. */
async function opened(name: string, options: BrowserContextOptions = {}): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: DESK, offline: true, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => faults.push(`dialog ${dialog.message()}`));
  const own = pathToFileURL(join(folder, name)).href;
  page.on("request", (request) => request.url().split("#")[0] !== own && faults.push(request.url()));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(event.violatedDirective));
  });
  await page.goto(own);
  return { page, faults };
}

async function violations(page: Page): Promise<string[]> {
  // The page's own policy has no room for it; the tools of a debugger are not asked.
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })');
  expect(passes.length).toBeGreaterThan(10);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

const column = (page: Page, place: number) =>
  page
    .locator("#pairs tbody tr:not([hidden])")
    .evaluateAll((rows, place) => rows.map((row) => (row as HTMLTableRowElement).cells[place]!.textContent!), place);

describe.skipIf(skip)("a report", () => {
  test.each(["matrix", "estimate", "paper"])(
    "%s.html opens offline without a fault, and is clean by axe in light and dark",
    async (name) => {
      const { page, faults } = await opened(`${name}.html`);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await violations(page), colorScheme).toEqual([]);
      }
      expect(await overhang(page)).toEqual([0, 0]);
      expect(faults).toEqual([]);
    },
  );

  test("takes names as they are, in their own direction of writing", async () => {
    const { page } = await opened("matrix.html");
    const text = (await page.locator("#pairs").textContent())!;
    for (const name of NAMES.filter(({ length }) => length < 40)) expect(text).toContain(name);
    expect(text).toContain(`${"w".repeat(20)}…${"w".repeat(20)}`);
    expect(await page.locator("script").count()).toBe(2);
  });

  test("sorts by keyboard, both ways, and says so; filters, and says how many are left", async () => {
    const { page } = await opened("matrix.html");
    const heading = page.getByRole("columnheader", { name: "MI (nats)" });
    await heading.getByRole("button").focus();
    await page.keyboard.press("Enter");
    const down = (await column(page, 3)).map(Number);
    expect(await heading.getAttribute("aria-sort")).toBe("descending");
    expect(down).toEqual(down.toSorted((a, b) => b - a));
    await page.keyboard.press("Enter");
    expect(await heading.getAttribute("aria-sort")).toBe("ascending");
    expect((await column(page, 3)).map(Number)).toEqual(down.toReversed());
    await page.getByRole("columnheader", { name: "y", exact: true }).getByRole("button").click();
    expect(await heading.getAttribute("aria-sort")).toBeNull();
    await page.getByLabel("Only pairs with").fill("שלום");
    expect(await column(page, 3)).toHaveLength(4);
    expect(await page.locator("[data-filters] output").textContent()).toBe("4 of 10 pairs");
  });

  test("says what lies under the pointer and where arrow keys go, and leads to the picture of a pair", async () => {
    const { page } = await opened("matrix.html");
    const heat = page.locator("#heat");
    const { left, top, cell, names } = JSON.parse((await page.locator("#heat-data").textContent())!);
    const at = (x: number, y: number) => ({ position: { x: left + (x + 0.5) * cell, y: top + (y + 0.5) * cell } });
    await heat.hover(at(2, 0));
    const said = page.locator("#heat output");
    expect(await said.textContent()).toMatch(
      / × .*MI \d\.\d{3} ± \d\.\d{3} nats\nlike r = [\s\S]*\np = .*, q = .*\n150 rows, /,
    );
    expect((await said.textContent())!.startsWith(`${names[0]} × ${names[2]}`)).toBe(true);
    await page.mouse.move(2, 2);
    expect(await said.isVisible()).toBe(false);
    await heat.focus();
    for (const key of ["Home", "ArrowRight", "ArrowDown", "ArrowLeft"]) await page.keyboard.press(key);
    expect(await said.isVisible()).toBe(true);
    await page.locator("#pairs a").first().click();
    expect(new URL(page.url()).hash).toMatch(/^#pair-1$/);
    expect(await page.locator("#pair-1").isVisible()).toBe(true);
  });

  test.each(["matrix", "estimate", "paper"])("%s.html fits A4, with nothing folded or cut off", async (name) => {
    const { page } = await opened(`${name}.html`, { viewport: { width: 688, height: 1000 } });
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("main *, footer *")]
        .filter((element) => !element.closest("svg") || element.matches("svg.remine"))
        .filter((element) => {
          const { right, width } = element.getBoundingClientRect();
          const scrolls =
            element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible";
          return width > 0 && (right > innerWidth + 1 || scrolls);
        })
        .map((element) => element.outerHTML.slice(0, 80)),
    );
    expect(cut).toEqual([]);
    expect(await page.locator("details:not([open])").count()).toBe(0);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  });
});
