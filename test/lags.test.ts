/** MI at several lags and transfer entropy: the lag that was put in is found, closed forms are met, nothing is found in nothing. */
import { describe, expect } from "vitest";
import { toColumns } from "../src/data/input.ts";
import { laggedColumns, readLags } from "../src/data/lagged.ts";
import { estimateTogether, type TogetherOptions } from "../src/estimate/together.ts";
import { type LagsOptions, lags, remine } from "../src/index.ts";
import { expectClose, gpu, it, normals, range } from "./gpu.ts";

/** x_t = ρ x_(t−1) + noise, of variance 1. */
function series(rows: number, rho: number, seed: number): number[] {
  const values: number[] = [];
  for (const noise of normals(seed, rows)) {
    values.push(values.length === 0 ? noise : rho * values.at(-1)! + Math.sqrt(1 - rho * rho) * noise);
  }
  return values;
}

const SIDES = ["x", "y", "given"] as const;

const ksg = (options: LagsOptions) => ({ estimator: "ksg" as const, gpu, ...options });

describe("lags", () => {
  it.each([
    ["0-3", [0, 1, 2, 3]],
    ["-2-1", [-2, -1, 0, 1]],
    ["-3--2", [-3, -2]],
    ["7, 0,2-3,2", [0, 2, 3, 7]],
    [
      [5, 1, 1, -0],
      [0, 1, 5],
    ],
  ])("of %j are %j", (asked, want) => {
    expect(readLags(asked, "lags")).toEqual(want);
  });

  it.each([[""], ["a"], ["3-1"], ["1.5"], ["0-99999999"], [[]], [[0.5]], [[Number.NaN]]])("refuse %j", (asked) => {
    expect(() => readLags(asked, "lags")).toThrow(/^"lags" (must be whole numbers|names \d+ lags)/);
  });

  it("stand beside y of the same times, and a missing value costs every time that sees it", () => {
    const numbers = (first: number) => Float64Array.from(range(40), (i) => first + i);
    const column = (values: Float64Array) => ({ kind: "numeric" as const, values });
    const x = numbers(0);
    x[10] = Number.NaN;
    const { lags, rows, dropped } = laggedColumns(
      { x: [column(x)], y: [column(numbers(100))], given: [column(numbers(200))] },
      [1, 4],
      2,
    );
    // Times 4 to 39, without 11 and 14.
    expect([rows, dropped]).toEqual([34, 2]);
    for (const { lag, x, y, given } of lags) {
      expect([x, y, given].flat().map(({ values }) => values.length)).toEqual([34, 34, 34, 34, 34]);
      expect([x[0]!, ...given].map(({ values }) => y[0]!.values[0]! - values[0]!)).toEqual([
        100 + lag,
        lag - 100,
        1,
        2,
      ]);
      expect(given.map(({ name }) => name)).toEqual(["given 1", "y 1, 1 before", "y 1, 2 before"]);
    }
    expect(lags.flatMap(({ y }) => Array.from(y[0]!.values))).not.toEqual(expect.arrayContaining([111]));
    expect(lags.flatMap(({ y }) => Array.from(y[0]!.values))).not.toEqual(expect.arrayContaining([114]));
  });

  it("find the one at which y follows x, with its closed form and a p-value over all", async () => {
    const x = series(3000, 0.5, 1);
    const noise = normals(2, 3000);
    const y = x.map((_, t) => (t < 3 ? 0 : 0.7 * x[t - 3]!) + noise[t]!);
    const found = await lags({ x }, { y }, ksg({ lags: "1-4", permutations: 99 }));
    expect(found.best.lag).toBe(3);
    expect(found.rows).toBe(2996);
    expect(Math.abs(found.best.mi - 0.5 * Math.log(1.49))).toBeLessThan(0.04);
    expect(found.best.interval[0]).toBeGreaterThan(0.1);
    expect(found.best.pFamily).toBe(0.01);
    for (const { p, pFamily } of found.lags) expect(pFamily).toBeGreaterThanOrEqual(p!);
    expect(found.diagnostics).toEqual([expect.objectContaining({ name: "rotations", ok: true, value: 4 / 2996 })]);
    // The other way round it is the same number at the lag below 0.
    const back = await lags({ y }, { x }, ksg({ lags: [-3] }));
    expect(Math.abs(back.best.mi - found.best.mi)).toBeLessThan(0.02);
  });

  it("are told one by one, so that those that are finished are there where the next is not", async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const onLag = ({ lag }: { lag: number }) => {
      told.push(lag);
      if (lag === 1) controller.abort();
    };
    const { signal } = controller;
    const work = lags(series(200, 0.5, 5), series(200, 0.5, 6), ksg({ lags: "0-4", signal, onLag }));
    await expect(work).rejects.toThrow();
    expect(told).toEqual([0, 1]);
  });

  it("are of no use where there is nothing: AR(.9), and the p-value of all says so", async () => {
    const found = await lags(series(500, 0.9, 11), series(500, 0.9, 12), ksg({ lags: "0-5", permutations: 99 }));
    expect(found.best.pFamily).toBeGreaterThan(0.1);
    expect(found.permuted).toBe("X rotated in time against Y");
  });

  it("say so where they are too many for the rows", async () => {
    const found = await lags(series(120, 0.5, 5), series(120, 0.5, 6), ksg({ lags: [0, 20], permutations: 9 }));
    expect(found.diagnostics[0]).toMatchObject({ name: "rotations", ok: false, value: 0.21 });
  });

  it.each<[object, RegExp]>([
    [{ lags: "0-2", history: 1 }, /lags are at least 1, got 0/],
    [{ lags: "1", history: -1 }, /"history" must be a whole number/],
    [{ lags: "0-90" }, /^of 100 rows 10 have all lags; at least 20 are needed\. Take smaller lags, or more rows/],
    [{ lags: "0", time: true }, /no option "time"/],
    [{ lags: "0", missing: "some" }, /"missing" must be/],
    [{ lags: "0", permutations: -1 }, /"permutations"/],
    [{}, /"lags" must be whole numbers/],
  ])("refuse %j", async (options, message) => {
    const x = series(100, 0.5, 1);
    await expect(lags(x, series(100, 0.5, 2), ksg(options as LagsOptions))).rejects.toThrow(message);
  });
});

describe("transfer entropy", () => {
  /** Covariance of the stationary VAR(1) with matrix A and noise of variance 1: Σ = A Σ Aᵀ + 1. */
  function stationary(a: number[][]): number[][] {
    let sigma = [
      [1, 0],
      [0, 1],
    ];
    for (let step = 0; step < 200; step++) {
      sigma = range(2).map((i) =>
        range(2).map((j) => {
          let sum = Number(i === j);
          for (const p of range(2)) for (const q of range(2)) sum += a[i]![p]! * sigma[p]![q]! * a[j]![q]!;
          return sum;
        }),
      );
    }
    return sigma;
  }

  it("of a VAR(1) is its closed form, and none the other way", async () => {
    const rows = 3000;
    const a = [
      [0.5, 0],
      [0.6, 0.5],
    ];
    const [ofX, ofY] = [normals(21, rows), normals(22, rows)];
    const [x, y] = [[0], [0]];
    for (const t of range(rows - 1)) {
      x.push(a[0]![0]! * x[t]! + ofX[t + 1]!);
      y.push(a[1]![0]! * x[t]! + a[1]![1]! * y[t]! + ofY[t + 1]!);
    }
    const [[xx, xy], [, yy]] = stationary(a) as [[number, number], [number, number]];
    // Given y_(t−1), what is left of x_(t−1) has this variance, and y_t has noise of variance 1 beside it.
    const closed = 0.5 * Math.log(1 + a[1]![0]! ** 2 * (xx - xy ** 2 / yy));
    const options = ksg({ lags: "1", history: 1, permutations: 99 });
    const there = await lags(x, y, options);
    expectClose([there.best.mi], [closed], { tolerance: 0.03, scale: 1, what: "transfer entropy" });
    expect(there.best.p).toBe(0.01);
    expect(there.permuted).toBe("what Z leaves of X rotated in time against Y");
    const back = await lags(y, x, options);
    expect(back.best.mi).toBeLessThan(0.03);
    expect(back.best.p).toBeGreaterThan(0.05);
  });
});

describe("several lags by critics", () => {
  it("have the values that each has alone, also given the past, where they train as replicas of one run", async () => {
    const [x, y] = [series(130, 0.3, 31), series(130, 0.3, 32)];
    const column = (values: number[]) => ({ kind: "numeric" as const, values: Float64Array.from(values) });
    for (const history of [0, 1]) {
      const lagged = laggedColumns({ x: [column(x)], y: [column(y)], given: [] }, [1, 2, 3], history);
      const sides = lagged.lags.map(({ x, y, given }) =>
        [x, y, given].flatMap((columns, s) => (columns.length > 0 ? toColumns(columns, SIDES[s]!) : [])),
      );
      const budget = { folds: 2, restarts: 1, hidden: [8], embed: 8, products: 0, steps: 60, checkEvery: 20 };
      const done: number[] = [];
      const onProgress = ({ done: now, total }: { done: number; total: number }) => done.push(now / total);
      const options = { ...budget, seed: 3, onProgress };
      const run = async (most: number) => {
        const found: Parameters<TogetherOptions["onEstimate"]>[1][] = [];
        const onEstimate: TogetherOptions["onEstimate"] = (i, said) => {
          found[i] = said;
        };
        await estimateTogether(gpu, sides, remine(), { ...options, most, onEstimate });
        return found;
      };
      const together = await run(3);
      expect(done.at(-1)).toBe(1);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      const inTurn = await run(1);
      expect(together).toHaveLength(3);
      for (const [i, each] of together.entries()) {
        const { raw, interval, standardError, diagnostics, opinions } = inTurn[i]!;
        expect(each).toMatchObject({ raw, interval, standardError, diagnostics, opinions });
      }
      expect(new Set(together.map(({ raw }) => raw)).size).toBe(3);
    }
  });
});
