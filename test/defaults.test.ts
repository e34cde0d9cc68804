import { describe, expect, it } from "vitest";
import { budgetFor, defaultBudget } from "../src/crossfit/budget.ts";
import { infonce, mine } from "../src/estimators/estimator.ts";
import { pairBudget } from "../src/matrix/executors/trained-together.ts";
import type { MatrixPlan, PlannedPair } from "../src/matrix/plan.ts";

describe("the budget that nobody set", () => {
  const sizes = [50, 300, 1000, 2000, 3000, 5000, 10_000, 100_000];
  const widths = [2, 4, 6, 20, 100];

  const low = (rows: number) => defaultBudget(rows, 2, { estimator: mine() }).learningRate as number;
  const decay = (rows: number, width: number) => [defaultBudget(rows, width).weightDecay].flat()[0]!;

  it("raises the rate with rows, from 2e-3 to 1e-2, and takes fewer steps then", () => {
    expect(sizes.map(low)).toEqual([2e-3, 2e-3, 2e-3, 2e-3, 3e-3, 5e-3, 1e-2, 1e-2]);
    expect([2000, 10_000].map((rows) => defaultBudget(rows, 2).steps)).toEqual([1200, 750]);
    expect([2000, 10_000].map((rows) => defaultBudget(rows, 10).steps)).toEqual([2000, 1250]);
  });

  it("trains every second critic at 1e-2, where the loss pins the log-partition", () => {
    for (const rows of sizes) expect(defaultBudget(rows, 2).learningRate).toEqual([low(rows), 1e-2]);
  });

  it("is the same for a pair of a matrix that is trained as thoroughly", () => {
    const column = { discrete: false, coordinates: [], inputs: [] };
    const plan = { columns: [column, column], rows: 1000 } as unknown as MatrixPlan;
    const rate = (estimator: string) =>
      pairBudget(plan, { x: 0, y: 1, estimator } as PlannedPair, { thorough: true }).learningRate;
    expect(rate("remine")).toEqual([2e-3, 1e-2]);
    expect(rate("smile")).toBe(2e-3);
  });

  it("shrinks parameters of the first critics by as much a step at any rate", () => {
    for (const width of [2, 16]) for (const rows of sizes) expect(low(rows) * decay(rows, width)).toBeCloseTo(2e-4, 12);
    const wide = sizes.map((rows) => low(rows) * decay(rows, 17));
    expect(wide.every((product, i) => i === 0 || product <= wide[i - 1]! + 1e-12)).toBe(true);
  });

  it("can be had for any table: no batch is larger than the rows, no pair is its own", () => {
    for (const rows of sizes) {
      for (const width of widths) {
        const sets = [
          [],
          [{ fast: true }],
          [{ thorough: true }],
          [{}, { discrete: true }],
          [{}, { estimator: infonce() }],
        ] as const;
        for (const [set = {}, nature] of sets) {
          const { batch, perJoint, steps, folds } = budgetFor(rows, width, set, nature);
          expect(batch).toBeLessThanOrEqual(rows * (1 - 1 / folds));
          expect(perJoint).toBeLessThan(batch);
          expect(steps).toBeGreaterThanOrEqual(100);
        }
      }
    }
  });

  it("asks more of more columns and more of thorough, and less of fast", () => {
    for (const rows of sizes) {
      const work = (width: number, set = {}) => {
        const { folds, restarts, steps } = budgetFor(rows, width, set);
        return folds * restarts * steps;
      };
      expect(work(10)).toBeGreaterThanOrEqual(work(2));
      expect(work(2, { thorough: true })).toBeGreaterThan(work(2));
      expect(work(2, { fast: true })).toBeLessThan(work(2));
    }
  });
});
