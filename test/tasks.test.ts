/** The tasks with known MI: their draws, their truths and what the summary makes of results. */
import { describe, expect, test } from "vitest";

interface Draw {
  x: number[][];
  y: number[][];
  given?: number[][];
}
interface Task {
  name: string;
  family: string;
  half: string;
  listed20: boolean;
  columns: number[];
  truth: number;
  truthAt?: (scale: number) => number;
  logRatio?: (x: number[], y: number[]) => number;
  draw(rows: number, seed: number): Draw;
}
// biome-ignore lint/suspicious/noExplicitAny: the bench is plain JavaScript
type Module = Record<string, any>;
const load = (file: string): Promise<Module> => import(new URL(`../bench/tasks/${file}`, import.meta.url).href);
const [index, summary] = await Promise.all([load("index.mjs"), load("summary.mjs")]);
const tasks: Task[] = index!.tasks;
const finite = (rows: number[][], wide: number | undefined) =>
  rows.every((row) => row.length === wide && row.every(Number.isFinite));
const moments = (list: number[]) => {
  const mean = list.reduce((sum, v) => sum + v, 0) / list.length;
  return { mean, error: Math.sqrt(list.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / list.length };
};

describe("tasks", () => {
  test("have names of their own, both halves in every family, and the 20 of the published table", () => {
    expect(new Set(tasks.map((task) => task.name)).size).toBe(tasks.length);
    expect(tasks.filter((task) => task.family === "listed").length).toBe(40);
    expect(tasks.filter((task) => task.listed20).length).toBe(20);
    for (const family of Object.keys(index!.families)) {
      const halves = tasks.filter((task) => task.family === family).map((task) => task.half);
      expect(halves).toEqual(halves.map((_, place) => (place % 2 ? "confirm" : "tune")));
    }
  });

  test("draw the same finite rows for the same seed, and others for another", () => {
    for (const task of tasks) {
      const { x, y, given } = task.draw(60, 3);
      expect([task.name, x.length, finite(x, task.columns[0]), finite(y, task.columns[1])]).toEqual([
        ...[task.name, 60, true, true],
      ]);
      expect(given !== undefined && finite(given, task.columns[2])).toBe(task.columns.length > 2);
      expect(task.draw(60, 3)).toEqual({ x, y, ...(given && { given }) });
      expect(task.draw(60, 4)).not.toEqual({ x, y, ...(given && { given }) });
    }
  });

  test("have finite truths that another resolution confirms", () => {
    for (const task of tasks) {
      expect([task.name, Number.isFinite(task.truth) && task.truth >= 0]).toEqual([task.name, true]);
      const off = Math.abs((task.truthAt?.(0.6) ?? task.truth) - task.truth);
      expect([task.name, off < 1e-4 ? "settled" : off]).toEqual([task.name, "settled"]);
    }
  });

  test("have truths that the mean of the exact log ratio confirms", () => {
    for (const task of tasks.filter((t) => t.logRatio)) {
      const { x, y } = task.draw(4000, 77);
      const { mean, error } = moments(x.map((row, k) => task.logRatio!(row, y[k]!)));
      const off = Math.abs(mean - task.truth) / (error + 1e-9);
      expect([task.name, off < 4.5 ? "agrees" : off]).toEqual([task.name, "agrees"]);
    }
  });
});

describe("summary", () => {
  const record = { task: "a", family: "listed", rows: 1000, seed: 1, truth: 1, mi: 0.8, bound: 0.7, seconds: 2 };
  const records = [
    { ...record, low: 0.6, high: 0.9, failed: ["folds"] },
    { ...record, seed: 2, mi: 1.02, low: 0.9, high: 1.1, failed: [] },
    { ...record, seed: 3, mi: 1.3, low: 1.2, high: 1.4, failed: [] },
    { ...record, seed: 4, error: "no" },
  ];

  test("counts intervals that miss on either side, and failures apart", () => {
    const found = summary!.summaryOf(records);
    expect(found).toMatchObject({ cases: 4, failures: 1, holds: 1, below: 1, above: 1 });
    expect(found.miError).toBeCloseTo((0.2 + 0.02 + 0.3) / 3);
    expect(found.worst.error).toBeCloseTo(0.3);
  });

  test("sets diagnostics against errors", () => {
    const { far, missed, names } = summary!.confusionOf(records);
    expect(far).toEqual({ fired: { wrong: 1, right: 0 }, quiet: { wrong: 1, right: 1 } });
    expect(missed).toEqual(far);
    expect(names).toEqual({ folds: { fired: 1, far: 1, missed: 1 } });
    expect(summary!.report(records)).toContain("Alice .092");
    expect(summary!.coverageReport(records)).toContain("33.3 % of 3 data sets");
  });
});
