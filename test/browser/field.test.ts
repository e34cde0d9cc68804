import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { brushedPair, curves, normalPair, REACH } from "../../demos/field/pairs.ts";
import { overhang, photograph, skip, Visit } from "./chromium.ts";

describe("the field page's distributions", () => {
  const SIZE = 128;
  const made = { normal: normalPair(0.7, SIZE), ...map(curves, (centres) => brushedPair(centres, 0.25, SIZE)) };

  test.each(Object.entries(made))("%s: the mean of the log ratio over samples is the MI", (_, pair) => {
    const count = 40_000;
    const samples = new Float32Array(2 * count);
    pair.sample(samples);
    const node = (value: number) => Math.round(((value / REACH + 1) / 2) * (SIZE - 1));
    const ratios: number[] = [];
    for (let k = 0; k < samples.length; k += 2) {
      const [i, j] = [node(samples[k]!), node(samples[k + 1]!)];
      if (Math.min(i, j) >= 0 && Math.max(i, j) < SIZE) ratios.push(pair.ratio[j * SIZE + i]!);
    }
    // Of the normals, 1 sample in 200 falls outside; the standard error of the mean is below 0.005.
    expect(ratios.length).toBeGreaterThan(0.99 * count);
    expect(ratios.reduce((a, b) => a + b, 0) / ratios.length).toBeCloseTo(pair.truth, 1.5);
  });

  test("two far dabs on the diagonal share ln 2, one dab nothing", () => {
    expect(brushedPair([[-1.5, -1.5], [1.5, 1.5]], 0.2, 16).truth).toBeCloseTo(Math.LN2, 9); // biome-ignore format: one line
    expect(brushedPair([[0.3, -1]], 0.2, 16).truth).toBeCloseTo(0, 12);
  });
});

function map<K extends string, A, B>(record: Record<K, A>, make: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, make(value)])) as Record<K, B>;
}

describe.skipIf(skip)("the field page", () => {
  const visit = new Visit();
  beforeAll(() => visit.begin());
  afterEach(() => visit.closeBrowser());
  afterAll(() => visit.end());

  test("learns what is drawn with the keyboard, to 10 % of its MI", { timeout: 240_000 }, async () => {
    const { page, faults } = await visit.open("field/");
    await page.waitForFunction(() => Number(document.getElementById("demo")!.dataset.steps) > 0, null, {
      timeout: 60_000,
    });
    await page.getByRole("combobox", { name: "Samples" }).selectOption("own");
    await page.locator("#hint").waitFor();
    await page.locator("#sketch").focus();
    const press = async (keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press(["Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowDown", "Space"]);
    await press([..."xxxx"].flatMap(() => ["Shift+ArrowRight", "Shift+ArrowUp"]));
    await press(["Space"]);
    await page.waitForFunction(
      (truth) => {
        const { dataset } = document.getElementById("demo")!;
        if (dataset.state === "failed") throw new Error(dataset.error);
        const known = Math.abs(Number(dataset.truth) - truth) < 1e-4;
        return known && Number(dataset.steps) > 100 && Math.abs(Number(dataset.estimate) / truth - 1) < 0.1;
      },
      Math.LN2,
      { timeout: 180_000 },
    );
    // A canvas that nothing painted is one colour, and its picture a few hundred bytes.
    for (const id of ["critic", "ratio"]) {
      expect((await page.locator(`#${id}`).screenshot()).length).toBeGreaterThan(5000);
    }
    await photograph(page, "field");
    expect(await overhang(page)).toEqual([0, 0]);
    await photograph(page, "field-phone");
    expect(faults).toEqual([]);
  });
});
