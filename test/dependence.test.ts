/** Rows that are no independent samples: seen in the columns, said with the option that mends it, and mended by it. */
import { describe, expect, it as test } from "vitest";
import { isSorted, memoryOf, memoryOfTerms } from "../src/data/dependence.ts";
import { groupsOf, groupsOfLabel } from "../src/data/groups.ts";
import { tableDependence } from "../src/estimate/dependence.ts";
import { estimate, matrix } from "../src/index.ts";
import { planMatrix } from "../src/matrix/plan.ts";
import { gpu, it, normals, range } from "./gpu.ts";

const numeric = (values: ArrayLike<number>) => ({ kind: "numeric" as const, values: Float64Array.from(values) });
const draws = (seed: number, rows: number) => Float64Array.from(normals(seed, rows));

/** x_t = ρ x_(t−1) + noise, of variance 1; a walk for ρ = 1. */
function series(rows: number, rho: number, seed: number): Float64Array {
  const noise = draws(seed, rows);
  const scale = rho < 1 ? Math.sqrt(1 - rho * rho) : 1;
  for (let t = 1; t < rows; t++) noise[t] = rho * noise[t - 1]! + scale * noise[t]!;
  return noise;
}

/** Rows in the order of one of their columns, or of a key that is none. */
function sortedBy(key: Float64Array, ...columns: Float64Array[]): Float64Array[] {
  const order = [...key.keys()].sort((a, b) => key[a]! - key[b]!);
  return columns.map((values) => Float64Array.from(order, (row) => values[row]!));
}

const memory = (x: Float64Array, y: Float64Array) => memoryOf([numeric(x)], [numeric(y)]);

describe("memory from row to row", () => {
  test.each([
    [0.95, 300, 12, 60],
    [0.95, 1000, 30, 120],
    [0.8, 1000, 170, 330],
    [0.5, 1000, 500, 750],
    [-0.8, 1000, 170, 330],
  ])("of two independent series with ρ = %f and %i rows is seen, with the effective rows", (rho, rows, least, most) => {
    // (1 − ρ²) / (1 + ρ²) of the rows, for long series.
    for (const seed of range(20)) {
      const found = memory(series(rows, rho, 2 * seed), series(rows, rho, 2 * seed + 1))!;
      expect(found.effective).toBeGreaterThan(least);
      expect(found.effective).toBeLessThan(most);
    }
  });

  test("is seen of walks, of series that depend on each other, and of a category in time", () => {
    expect(memory(series(300, 1, 1), series(300, 1, 2))!.effective).toBeLessThan(40);
    const [x, e] = [series(1000, 0.9, 3), series(1000, 0.9, 4)];
    expect(
      memory(
        x,
        x.map((v, i) => 0.6 * v + 0.8 * e[i]!),
      ),
    ).toBeDefined();
    const state = { kind: "category" as const, values: series(1000, 0.95, 5).map((v) => Math.round(v)) };
    expect(memoryOf([state], [numeric(x)])).toBeDefined();
  });

  test.each([
    ["independent rows", (s: number) => [draws(2 * s, 300), draws(2 * s + 1, 300)]],
    ["a series beside what has none", (s: number) => [series(300, 0.95, 2 * s), draws(2 * s + 1, 300)]],
    [
      "rows that are sorted by x",
      (s: number) => {
        const [x, e] = [draws(2 * s, 500), draws(2 * s + 1, 500)];
        return sortedBy(
          x,
          x,
          x.map((v, i) => 0.9 * v + 0.4 * e[i]!),
        );
      },
    ],
    [
      "rows that are sorted by y, with ties",
      (s: number) => {
        const [x, e] = [draws(2 * s, 500), draws(2 * s + 1, 500)];
        const y = x.map((v, i) => Math.round(v * v + e[i]!));
        return sortedBy(y, x, y);
      },
    ],
    [
      "a series that y follows row by row",
      (s: number) => {
        const [x, e] = [series(500, 0.95, 2 * s), draws(2 * s + 1, 500)];
        return [x, x.map((v, i) => 0.8 * v + 0.6 * e[i]!)];
      },
    ],
  ])("is not seen of %s", (_, make) => {
    const seen = range(40).filter((seed) => memory(...(make(seed) as [Float64Array, Float64Array])));
    expect(seen).toEqual([]);
  });

  test("names the worst pair of a table", () => {
    const columns = [draws(1, 400), series(400, 0.8, 2), draws(3, 400), series(400, 0.97, 4), series(400, 0.97, 5)];
    expect(memoryOf(columns.map(numeric))).toMatchObject({ left: 3, right: 4 });
  });

  test("of long tables is that of their beginning, scaled", () => {
    const found = memory(series(100_000, 0.9, 1), series(100_000, 0.9, 2))!;
    expect(found.effective / 100_000).toBeCloseTo(0.105, 1);
  });

  test("of the terms of an estimate", () => {
    expect(memoryOfTerms(series(1000, 0.8, 1).map((v) => v * v))).toBeLessThan(600);
    expect(memoryOfTerms(draws(1, 1000))).toBeUndefined();
    expect(memoryOfTerms(series(1000, 0.8, 1).fill(Number.NaN, 0, 3))).toBeUndefined();
    expect([isSorted(numeric([1, 1, 2])), isSorted(numeric([3, 2, 2])), isSorted(numeric([1, 3, 2]))]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

/** 100 subjects with a number each, measured ten times: y has an own level for each, of this share of its variance. */
function subjects(share: number, seed: number, shuffled = false) {
  const [x, level, noise] = [draws(seed, 100), draws(seed + 1, 100), draws(seed + 2, 1000)];
  const group = range(1000).map((i) => (shuffled ? i % 100 : Math.floor(i / 10)));
  return {
    x: group.map((g) => x[g]!),
    y: group.map((g, i) => Math.sqrt(share) * level[g]! + Math.sqrt(1 - share) * noise[i]!),
    group: group.map((g) => `subject ${g}`),
  };
}

describe("groups", () => {
  test.each([false, true])("are seen where numbers repeat that do not by chance (in order: %s)", (shuffled) => {
    const { x, y } = subjects(0.5, 1, shuffled);
    const found = groupsOf([numeric(x)], [numeric(y)])!;
    expect([found.distinct, found.mayBeLevels]).toEqual([100, shuffled]);
    // 1000 / (1 + 9 × .5)
    expect(found.effective).toBeGreaterThan(140);
    expect(found.effective).toBeLessThan(240);
  });

  test.each([8, 20, 40])(
    "are %i regions, or as many things that are sold: nobody can tell, and both is said",
    (many) => {
      const [x, e] = [draws(3, many), draws(4, many)];
      const of = (values: Float64Array) => range(1000).map((i) => values[i % many]!);
      const y = x.map((value, i) => 0.6 * value + 0.8 * e[i]!);
      expect(groupsOf([numeric(of(x))], [numeric(of(y))])).toEqual({
        distinct: many,
        effective: many,
        mayBeLevels: true,
      });
      const ofRows = of(y).map((value, i) => value + 0.5 * draws(5, 1000)[i]!);
      expect(groupsOf([numeric(of(x))], [numeric(ofRows)])).toMatchObject({ distinct: many, mayBeLevels: true });
      const said = planMatrix({ x: of(x), y: of(y) }).diagnostics[0]!.message;
      expect(said).toMatch(/all that there are.*nothing is wrong.*a sample.*worth about \d+ .*--group/);
    },
  );

  test("are seen by leaps from value to value where numbers repeat anyway, and not where these follow along a curve", () => {
    // 40 patients of different ages, 25 visits each.
    const age = range(1000).map((i) => 20 + ((i * 7) % 40));
    const level = draws(7, 60);
    const noise = draws(8, 1000);
    const measured = (of: (age: number) => number) => numeric(age.map((a, i) => of(a) + 0.5 * noise[i]!));
    const found = groupsOf([numeric(age)], [measured((a) => level[a]!)])!;
    expect(found).toMatchObject({ distinct: 40, mayBeLevels: true });
    expect(found.effective).toBeLessThan(100);
    for (const curve of [
      (a: number) => a / 10,
      (a: number) => Math.sin(a / 5),
      (a: number) => Math.abs(a - 33),
      () => 0,
    ])
      expect(groupsOf([numeric(age)], [measured(curve)])).toBeUndefined();
    // Most are 0, and what has another value says nothing.
    const costs = numeric(range(1000).map((i) => (i % 10 === 0 ? i : 0)));
    expect(groupsOf([costs], [measured((a) => level[a]!)])).toBeUndefined();
  });

  test("have a name where a category has one number for each level", () => {
    const of = range(1000).map((i) => i % 40);
    const name = { kind: "category" as const, values: Float64Array.from(of) };
    const [age, own, noise] = [of.map((i) => 20 + ((i * 7) % 31)), draws(7, 40), draws(8, 1000)];
    const [pressure, weight] = [0, 1].map(() => of.map((i, row) => own[i]! + noise[row]!));
    const label = (...others: (readonly number[])[]) => groupsOfLabel(name, others.map(numeric));
    expect(label(age, pressure!)).toMatchObject({ distinct: 40, mayBeLevels: true });
    expect(label(age, pressure!)!.effective).toBeLessThan(150);
    // No number of its own, none that is alike, or a level that is a number.
    expect(label(pressure!, weight!)).toBeUndefined();
    expect(label(age, [...noise])).toBeUndefined();
    expect(label(age)).toBeUndefined();
    expect(groupsOfLabel(numeric(of), [numeric(age), numeric(pressure!)])).toBeUndefined();
    const said = (called: string) =>
      tableDependence([
        { ...name, name: called },
        { ...numeric(age), name: "age" },
        { ...numeric(pressure!), name: "pressure" },
      ])[0]!.message;
    expect(said("patient no")).toMatch(
      /^column "patient no": 40 different values.*sample, such as patients.*worth about \d+ .*--group 'patient no'\)$/,
    );
    expect(said("patient")).toMatch(/--group patient\)$/);
    expect(said("the patient's")).toMatch(/--group COLUMN\)$/);
  });

  test("are rows that were drawn again and again, in any order, however often", () => {
    const [x, y] = [draws(3, 200), draws(4, 200)].map((values) => range(6000).map((i) => values[i % 200]!));
    const found = groupsOf([numeric(x!)], [numeric(y!)])!;
    expect(found.distinct).toBe(200);
    expect(found.effective).toBeCloseTo(200, 6);
    // Of few digits, so that some would meet by chance.
    const short = [x!, y!].map((values) => numeric(values.map((value) => Number(value.toFixed(4)))));
    expect(groupsOf([short[0]!], [short[1]!])!.distinct).toBeGreaterThan(190);
  });

  test.each([
    ["rows of a group are independent", subjects(0, 5).x, subjects(0, 5).y],
    ["ratings repeat", range(1000).map((i) => i % 7), range(1000).map((i) => (i % 7) + Math.sin(i))],
    [
      "one value has a reason of its own",
      Array.from(draws(1, 600), (v) => Math.max(0, v)),
      [...draws(2, 600)].map((v, i) => v + i / 300),
    ],
    [
      "few levels were set",
      range(600).map((i) => [0.1, 0.33, 1.07, 3.3][i % 4]!),
      range(600).map((i) => (i % 4) + Math.sin(i)),
    ],
    [
      "many levels were set, and what came of them varies",
      range(6000).map((i) => draws(3, 200)[i % 200]!),
      range(6000).map((i) => draws(3, 200)[i % 200]! + Math.sin(i)),
    ],
    [
      "levels were set, and what comes of them goes along a curve",
      range(1000).map((i) => draws(3, 40)[i % 40]!),
      range(1000).map((i) => draws(3, 40)[i % 40]! ** 2 + 0.3 * draws(4, 1000)[i]!),
    ],
  ] as [string, number[], number[]][])("are not where %s", (_, x, y) => {
    expect(groupsOf([numeric(x)], [numeric(y)])).toBeUndefined();
  });
});

describe("a table", () => {
  const named = (columns: Record<string, ArrayLike<number>>) => columns;

  test("says what its rows are, once, and nothing of rows that are independent", () => {
    const walks = planMatrix(named({ a: series(300, 1, 1), b: series(300, 1, 2), c: draws(3, 300) }));
    expect(walks.diagnostics).toMatchObject([{ name: "autocorrelation", ok: false }]);
    expect(walks.diagnostics[0]!.message).toMatch(
      /column "a" and in column "b".*300 rows are worth about \d+ independent ones.*--time/,
    );
    const { x, y } = subjects(0.6, 1, true);
    expect(planMatrix(named({ x, y })).diagnostics[0]!.message).toMatch(/^column "x": 100 different values.*--group/);
    expect(planMatrix(named({ a: draws(1, 300), b: draws(2, 300) })).diagnostics).toEqual([]);
  });

  test("uses one of each row that repeats, unless they are to be kept", () => {
    const again = (values: Float64Array) => range(500).map((i) => values[i % 100]!);
    const table = named({ a: again(draws(1, 100)), b: again(draws(2, 100)) });
    const plan = planMatrix(table);
    expect([plan.rows, plan.diagnostics[0]!.name]).toEqual([100, "copies"]);
    expect(plan.diagnostics[0]!.message).toMatch(/^400 of 500 rows are copies/);
    expect(planMatrix(table, { copies: "keep" }).rows).toBe(500);
    expect(() => planMatrix(table, { copies: "some" as never })).toThrow('"copies" must be "drop" or "keep"');
  });

  test("has units where they are told, and no word of what they mend", () => {
    const [a, b] = [series(600, 0.7, 1), series(600, 0.7, 2)];
    const timed = planMatrix({ a, b }, { time: true });
    expect(timed.units).toMatchObject({ inTime: true });
    expect(timed.diagnostics).toEqual([]);
    expect(planMatrix({ a, b }, { block: 50 }).units!.count).toBe(12);
    const gone = a.map((v, i) => (i % 7 === 0 ? Number.NaN : v));
    const group = range(600).map((i) => (i < 30 ? "" : `g${i % 20}`));
    expect(planMatrix({ a: gone, b }, { group })).toMatchObject({ units: { count: 20 }, dropped: 111 });
    expect(() => planMatrix({ a, b }, { group: range(600).map((i) => i % 3) })).toThrow("3 groups of rows");
  });

  it("has a p-value that knows of time and of groups", async () => {
    const walks = { a: series(500, 1, 11), b: series(500, 1, 14) };
    const { x, y, group } = subjects(0.9, 40);
    const ps = async (options: object, columns: Record<string, ArrayLike<number>>) =>
      (await matrix(columns, { gpu, permutations: 99, estimator: "ksg", ...options })).pairs[0]!.p!;
    expect(await ps({}, walks)).toBeLessThan(0.03);
    expect(await ps({ time: true }, walks)).toBeGreaterThan(0.05);
    expect(await ps({}, { x, y })).toBeLessThan(0.03);
    expect(await ps({ group }, { x, y })).toBeGreaterThan(0.05);
  });
});

describe("an estimate", () => {
  const walks = [series(300, 1, 21), series(300, 1, 24)] as const;
  const short = { gpu, fast: true, steps: 150, restarts: 1 };

  it("of two walks says what their rows are worth, and with time holds nothing", async () => {
    const found = await estimate(...walks, short);
    const said = found.diagnostics.find(({ name }) => name === "autocorrelation")!;
    expect(said.ok).toBe(false);
    expect(said.value! * 300).toBeLessThan(40);
    const timed = await estimate(...walks, { ...short, time: true });
    expect(timed.interval[0]).toBe(0);
    expect(timed.units!.correlationTime).toBe(15);
    expect(timed.diagnostics.map(({ name }) => name)).toContain("time");
  });

  it("by neighbours says so too, and looks for them among independent rows", async () => {
    const [x, y] = [series(1000, 0.98, 31), series(1000, 0.98, 34)];
    const plain = await estimate(x, y, { gpu, estimator: "ksg" });
    expect(plain.diagnostics.find(({ ok }) => !ok)!.name).toBe("autocorrelation");
    const timed = await estimate(x, y, { gpu, estimator: "ksg", time: true });
    expect(plain.interval[0]).toBeGreaterThan(0.1);
    expect(timed.interval[0]).toBe(0);
    expect(timed.pointwise.every(Number.isFinite)).toBe(true);
    const { x: of, y: measured, group } = subjects(0.9, 50);
    const grouped = await estimate(of, measured, { gpu, estimator: "mixed-ksg", group });
    expect(grouped.interval[0]).toBe(0);
    expect((await estimate(of, measured, { gpu, estimator: "mixed-ksg" })).interval[0]).toBeGreaterThan(0.2);
  });

  it("of subjects with groups holds nothing where rows alone claim much, also by blocks of a jackknife", async () => {
    const { x, y, group } = subjects(0.95, 60, true);
    expect((await estimate(x, y, { gpu, fast: true, restarts: 1 })).interval[0]).toBeGreaterThan(0.05);
    for (const estimator of ["remine", "nwj"] as const) {
      const found = await estimate(x, y, { ...short, estimator, group });
      expect(found.interval[0]).toBe(0);
      expect(found.units).toEqual({ count: 100 });
    }
  });

  it.each([
    [{ time: true, check: true }, '"check" shuffles rows'],
    [{ time: true, estimator: "demine" as const }, 'the certificate of "demine" is for independent rows'],
    [{ block: 50, folds: 4 }, '"folds" must be at most 3'],
    [{ block: 50, time: true }, "say two things"],
    [{ block: 50, estimator: "ksg" as const }, "here are 6 such rows; at least 16 are needed"],
  ])("refuses what cannot be with such rows: %o", async (options, message) => {
    await expect(estimate(...walks, { gpu, ...options })).rejects.toThrow(message);
  });
});
