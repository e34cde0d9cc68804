/** What bench/gpu-day makes of its figures, which needs no card: the lines of the profile, the page, the order of files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { profileOf } from "../src/gpu/profile.ts";

// biome-ignore lint/suspicious/noExplicitAny: the bench is plain JavaScript
type Module = Record<string, any>;
const load = (file: string): Promise<Module> => import(new URL(`../bench/gpu-day/${file}`, import.meta.url).href);
const [implied, summary, figures, missing] = await Promise.all(
  ["implied.mjs", "summary.mjs", "figures.mjs", "missing.mjs"].map(load),
);

const card = profileOf({ isSoftware: false, subgroupSize: 32 });
const folder = mkdtempSync(join(tmpdir(), "gpu-day-"));
afterAll(() => rmSync(folder, { recursive: true }));

const REPLICAS = [1, 16, 256, 4096, 16384];
const rates = (critic: string, form: object, list: readonly (number | undefined)[]) =>
  list.flatMap((rate, i) =>
    rate ? [{ critic, replicas: REPLICAS[i]!, ...form, rate, readyMs: 300, value: 0.1 }] : [],
  );
const portable = { engine: "layered", tile: "portable" };
const tiled = { engine: "layered", tile: "tiled" };

/** An H200 on its first day (bench/NOTES.md): 2-64-64-1, 128 + 128 pairs. */
const h200 = [
  ...rates("small", portable, [2015, 33300, 311000, 442000, 303000]),
  ...rates("small", { engine: "resident" }, [4519, 72200, 585000, 438000, 277000]),
];
const said = (some: object, line: string, profile: object = card) =>
  implied!.impliedBy(some, profile).find((l: { line: string }) => l.line === line);

describe("the profile that figures imply", () => {
  test("has every line of the profile but what is no choice, and says so where nothing was measured", () => {
    const lines = implied!.impliedBy({}, card) as { line: string; implied: unknown; evidence: string }[];
    expect(lines.map(({ line }) => line)).toEqual(Object.keys(card).filter((key) => key !== "computesOn"));
    for (const { implied, evidence } of lines) {
      expect(implied).toBeUndefined();
      expect(evidence).not.toBe("");
    }
  });

  test("finds where the H200 gained by many steps in a dispatch", () => {
    const { implied: pays, evidence } = said({ forms: h200 }, "manyStepsPay");
    expect(pays).toBe(true);
    expect(evidence).toContain("small: for R 1 to 256 (2.2× at R 1, 2.2× at R 16, 1.9× at R 256, 0.99× at R 4096");
    expect(said({ forms: h200 }, "matrixProduct")).toMatchObject({ implied: undefined, evidence: "only one form ran" });
    expect(said({ forms: h200 }, "manyStepsPay", { ...card, residentSteps: "one" }).implied).toBeUndefined();
  });

  test("takes the product that is fastest over all shapes, and says where it is not", () => {
    const forms = [...h200, ...rates("small", tiled, [1000, 66600, 622000, 884000, 606000])];
    const { implied: form, now, evidence } = said({ forms }, "matrixProduct");
    expect([form, now]).toEqual(["tiled", card.matrixProduct]);
    expect(evidence).toContain("0.5× to 2×, 5 shapes); another form is faster at small R 1");
    // Against the faster product the resident engine wins only where that is slow.
    expect(said({ forms }, "manyStepsPay").evidence).toContain("for R 1 to 16 (");
  });

  test("knows how many critics fill the card, only if more were tried", () => {
    const towers = (list: readonly number[]) => ({ forms: rates("towers", portable, list) });
    expect(said(towers([1e3, 16e3, 2e5, 9.5e5, 1e6]), "criticsAtOnce").implied).toBe(4096);
    const rising = said(towers([1e3, 16e3, 2e5, 1e6]), "criticsAtOnce");
    expect(rising).toMatchObject({ implied: undefined, evidence: expect.stringContaining("at least 4096") });
    // A step of 256 takes 1.3 as long as one of 16, one of 4096 four times.
    expect(said(towers([1e3, 16e3, 2e5, 1e6]), "estimatesAtOnce").implied).toBe(25);
  });

  test("keeps a number that is as good as the best, else takes the smallest that is", () => {
    const sweep = (key: string, what: string, list: Record<number, number>) =>
      Object.entries(list).map(([value, rate]) => ({ key, what, value: Number(value), rate, least: rate, most: rate }));
    const fullAt = (w2: Record<number, number>) => ({
      budgets: [...sweep("fullAt", "W1", { 64: 90, 256: 99, 512: 100 }), ...sweep("fullAt", "W2", w2)],
    });
    expect(said(fullAt({ 64: 50, 256: 98, 512: 100 }), "fullAt").implied).toBe(256);
    expect(said(fullAt({ 64: 50, 256: 80, 512: 100 }), "fullAt").implied).toBe(512);
    expect(said(fullAt({ 64: 100, 256: 80, 512: 80 }), "fullAt").implied).toBeUndefined();
    const noisy = {
      key: "trainingMilliseconds",
      what: "W1",
      value: card.trainingMilliseconds,
      rate: 90,
      least: 80,
      most: 99,
    };
    const best = { ...noisy, value: 80, rate: 100, least: 95, most: 110 };
    expect(said({ budgets: [noisy, best] }, "trainingMilliseconds").implied).toBe(card.trainingMilliseconds);
  });

  test("turns a measured submit into one of a tenth of a second", () => {
    const searched = (pieces: number) => ({
      budgets: [{ key: "searchWork", what: "", value: 2 ** 33, pieces, milliseconds: 26 }],
    });
    expect(said(searched(2), "searchWork").implied).toBe(2 ** 35);
    expect(said(searched(1), "searchWork").implied).toBeUndefined();
  });

  test("is text for src/gpu/profile.ts", () => {
    const forms = [...h200, ...rates("small", tiled, [1000, 66600, 622000, 884000, 606000])];
    const text: string = implied!.profileText(implied!.impliedBy({ forms }, card));
    const was = JSON.stringify(card.matrixProduct);
    expect(text).toContain(`  matrixProduct: "tiled", // ${was === '"tiled"' ? "as it was" : `was ${was}`}\n`);
    expect(text).toContain("  searchWork: 2 ** 33, // cannot be told\n");
    expect(text).toContain("  estimatesAtOnce: Number.POSITIVE_INFINITY, // cannot be told\n");
  });
});

describe("the page of a card", () => {
  const tests =
    "ok   test/kernels/a.test.ts: 37 tests, 0 failed, 2 skipped, 3.0 s\nFAIL test/b.test.ts: 4 tests, 1 failed, 0 skipped, 1.0 s\n" +
    "  failed: test/b.test.ts > holds\n    expected 1 to be 2\n";
  const write = (name: string, value: object | string) =>
    writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));
  const machine = {
    adapter: "NVIDIA: 580",
    driver: "580",
    cores: 16,
    cpu: "Xeon",
    node: "v20",
    commit: "abc",
    date: "2026-01-02T",
    loadBefore: 0,
  };
  const step = (median: number, peers: object) => ({
    engine: "layered",
    gflops: 1,
    own: { median, least: 1, most: 2, perCpuSecond: 1 },
    peers,
  });

  test("joins what the parts left, under the card's name", () => {
    write("2-tests.txt", tests);
    write("3-bench.json", {
      ...{ machine, settings: { runs: 3, seconds: 0.3 }, peers: {}, absent: [] },
      steps: { W2: step(300, {}), W1: step(30000, { torch: { median: 10000 } }) },
    });
    const wrong = { critic: "small", replicas: 4096, ...tiled, rate: 1, readyMs: 1, value: 0.3 };
    write("5-figures.json", { machine: { ...machine, card: "NVIDIA H200" }, profile: card, forms: [...h200, wrong] });
    const { json, markdown } = summary!.summarise(folder);
    expect(json).toBe(join(folder, "nvidia-h200.json"));
    const result = JSON.parse(readFileSync(json, "utf8"));
    expect(Object.keys(result.steps)).toEqual(["W1", "W2"]);
    expect(result.forms).toHaveLength(11);
    const page = readFileSync(markdown, "utf8");
    expect(page).toContain("Tests: 41 of 2 files, 1 failed, 2 skipped; the time ended before all files.");
    expect(page).toContain("- failed: test/b.test.ts > holds");
    expect(page).toContain("- forms disagree at small, R 4096: portable 0.1, resident 0.1, tiled 0.3");
    expect(page).toContain("| W1 against PyTorch at its best | 2× | 3× | yes |");
    expect(page).toContain("| W2 against JAX's scan | 2× | not measured |  |");
    expect(page).toContain("| small | 256 | 311000 | – | 585000 |");
    expect(page).toMatch(/\| manyStepsPay \| true \| true \| the resident engine wins/);
  });

  test("is missing where no adapter answered", () => {
    write("5-figures.json", {});
    write("3-bench.json", "{ cut off");
    expect(summary!.summarise(folder)).toBeUndefined();
    expect(figures!.figuresOf(join(folder, "3-bench.json"))).toEqual({});
  });
});

test("what is built without a package works up to the call that needs it", async () => {
  const found = new Set<string>();
  const bundled = await build({
    stdin: {
      contents: `import { gunzip } from "no-such-package/gzip";
        import wide from "string-width-of-nowhere";
        import { median } from "./src/cli/bench/measure.ts";
        export const used = () => gunzip(median([3, 1, 2]));
        export const fine = median([3, 1, 2]);
        export const unused = () => wide;`,
      resolveDir: process.cwd(),
    },
    ...{ bundle: true, format: "esm", platform: "node", write: false, plugins: [missing!.standIns(found)] },
  });
  expect([...found].sort()).toEqual(["no-such-package/gzip", "string-width-of-nowhere"]);
  const file = join(folder, "bundled.mjs");
  writeFileSync(file, bundled.outputFiles![0]!.text);
  const { fine, used } = await import(pathToFileURL(file).href);
  expect(fine).toBe(2);
  expect(used).toThrow('the package of "no-such-package/gzip" is not here');
});

test("sources have a name of their own, whatever was generated from them", () => {
  expect(figures!.sourcesOf()).toMatch(/^[0-9a-f]{8}$/);
});
