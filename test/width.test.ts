/** Categories beside numbers, and many columns, by nearest neighbours: what they say and what they own to. */
import { describe, expect, test } from "vitest";
import { type NamedColumns, toColumns } from "../src/data/input.ts";
import { sidesOf } from "../src/estimate/sides.ts";
import { refuseWide } from "../src/estimate/wide.ts";
import { estimate, matrix, neighbors } from "../src/index.ts";
import { digamma } from "../src/math/special.ts";
import { gaussianInformation } from "../src/neighbors/linear-part.ts";
import { gpu, it, normals, range } from "./gpu.ts";

const failed = ({ diagnostics }: { diagnostics: { ok: boolean; name: string }[] }) =>
  diagnostics.filter(({ ok }) => !ok).map(({ name }) => name);

/** Ross 2014, PLoS ONE 9, e87357: k-th distance among the rows of the same label, counts among all; ψ(N) as ln N. */
function ross(columns: readonly Float64Array[], labels: Float64Array, k: number): number {
  const rows = labels.length;
  const apart = (i: number, j: number) => Math.max(...columns.map((values) => Math.abs(values[i]! - values[j]!)));
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const all = Array.from({ length: rows }, (_, j) => ({ d: apart(i, j), same: labels[j] === labels[i] }));
    all.splice(i, 1);
    const own = all.filter(({ same }) => same).map(({ d }) => d);
    const radius = own.sort((a, b) => a - b)[k - 1]!;
    const within = all.filter(({ d }) => d < radius).length + 1;
    sum += digamma(k) + Math.log(rows) - digamma(own.length + 1) - digamma(within);
  }
  return sum / rows;
}

/** `count` columns of normals, shifted by the label of three levels; their standard deviation in the last argument. */
function labelled(rows: number, count: number, unit = 1) {
  const label = Float64Array.from({ length: rows }, (_, i) => (i * i + (i >> 3)) % 3);
  const numbers = Array.from({ length: count }, (_, c) =>
    Float64Array.from(normals(5 + c, rows), (v, i) => unit * Math.fround(v + (0.8 * label[i]!) / Math.sqrt(count))),
  );
  const columns = numbers.map((values, c) => ({ name: `z${c}`, kind: "numeric" as const, values }));
  return { label, numbers, columns, category: [{ name: "label", kind: "category" as const, values: label }] };
}

describe("mixed-ksg of a category and numbers", () => {
  it.each([1, 2, 10])("is Ross's estimator, %i columns, in any unit", async (count) => {
    for (const unit of [1, 1024]) {
      const { label, numbers, columns, category } = labelled(240, count, unit);
      const { mi, raw } = await neighbors(columns, category, { method: "mixed-ksg", gpu });
      const want = ross(numbers, label, 3);
      expect(raw).toBeCloseTo(want, 4);
      expect(mi).toBeGreaterThan(0.05);
      const asked = { estimator: "mixed-ksg", transform: "identity", gpu } as const;
      const found = await estimate(columns, category, asked);
      expect(found.raw).toBeCloseTo(want, 4);
      expect(found.standardError).toBeGreaterThan(0.01);
    }
  });

  it("is the same in a matrix", async () => {
    const { label, numbers, columns, category } = labelled(240, 1, 4096);
    const { pairs } = await matrix([...columns, ...category], { transform: "identity", gpu });
    expect(pairs[0]!.estimator).toBe("mixed-ksg");
    expect(pairs[0]!.raw).toBeCloseTo(ross(numbers, label, 3), 4);
  });

  it("has no standard error of 0, even where all rows say the same", async () => {
    const side = Float64Array.from({ length: 100 }, (_, i) => i % 2);
    const column = (name: string): NamedColumns => [{ name, kind: "category", values: side }];
    const { mi, standardError, interval } = await neighbors(column("a"), column("b"), { method: "mixed-ksg", gpu });
    expect(mi).toBeCloseTo(Math.log(2), 1);
    expect(standardError).toBeGreaterThanOrEqual(0.01);
    expect(interval[1]).toBeGreaterThan(interval[0]);
  });
});

describe("categories of many levels", () => {
  const zip = (rows: number, levels: number) => [
    { name: "zip", kind: "category" as const, values: Float64Array.from({ length: rows }, (_, i) => i % levels) },
  ];

  it("are refused by every estimator where they hardly repeat, and left out of a matrix", async () => {
    for (const estimator of ["remine", "mixed-ksg"] as const) {
      await expect(estimate(zip(100, 51), normals(1, 100), { estimator, gpu })).rejects.toThrow(
        'column "zip" of x is a category of 51 levels in 100 rows, fewer than two rows each',
      );
    }
    const y = normals(1, 100);
    const numbers = ["a", "b"].map((name, c) => ({
      name,
      kind: "numeric" as const,
      values: y.map((v) => v ** (c + 1)),
    }));
    const { leftOut } = await matrix([...zip(100, 51), ...numbers], { gpu });
    expect(leftOut.map(({ column }) => column)).toEqual(["zip"]);
  });

  it("fail a diagnostic where neighbours find too few of a level", async () => {
    const asked = { estimator: "mixed-ksg", gpu } as const;
    expect(failed(await estimate(zip(300, 100), normals(1, 300), asked))).toContain("levels");
    expect(failed(await estimate(zip(300, 10), normals(1, 300), asked))).not.toContain("levels");
  });

  it("are refused before critics train where their inputs do not fit", async () => {
    const narrow = { largestBuffer: 2 ** 18 };
    const sidesFor = async (levels: number) => {
      const pair = [toColumns(zip(2000, levels), "x"), toColumns(normals(1, 2000), "y")];
      return (await sidesOf(pair, {})).sides;
    };
    const wide = await sidesFor(100);
    expect(() => refuseWide(narrow, wide)).toThrow(
      /column "zip" of x is a category of 100 levels, .* Merge levels .*"mixed-ksg"/,
    );
    expect(() => refuseWide(gpu, wide)).not.toThrow();
  });
});

describe("the diagnostic of width", () => {
  /** Pairs of columns that share `mi` nats in all. */
  const joined = (rows: number, count: number, mi: number, seed = 3) => {
    const rho = Math.sqrt(1 - Math.exp((-2 * mi) / count));
    const x = normals(seed, rows * count);
    const y = normals(seed + 1, rows * count).map((e, i) => rho * x[i]! + Math.sqrt(1 - rho * rho) * e);
    return [
      { data: x, columns: count },
      { data: y, columns: count },
    ] as const;
  };

  it.each([
    [1, 300, 1.25, false],
    [2, 1000, 1.25, false],
    [2, 300, 0.3, false],
    [5, 1000, 1.25, true],
    [10, 1000, 1.25, true],
  ])("%i columns a side, %i rows, %f nats", async (count, rows, nats, fires) => {
    for (const method of ["ksg", "ksg2"] as const) {
      const found = await neighbors(...joined(rows, count, nats), { method, gpu });
      expect(failed(found).includes("width")).toBe(fires);
      if (!fires) expect(Math.abs(found.mi - nats)).toBeLessThan(0.25);
    }
  });

  it("says nothing of independent columns, and about what is missing of normals", async () => {
    for (const seed of [10, 20, 50, 60]) {
      const independent = await neighbors(...joined(300, 10, 0, seed), { gpu });
      expect(failed(independent)).not.toContain("width");
      const found = await neighbors(...joined(300, 10, 0.3, seed), { gpu });
      const { ok, value } = found.diagnostics.find(({ name }) => name === "width")!;
      expect(ok).toBe(false);
      expect(Math.abs(value! - (0.3 - found.mi))).toBeLessThan(0.15);
    }
  });

  it("fails by the fall from 3 to 12 neighbours where no correlation shows the dependence", async () => {
    const [x, y] = joined(1000, 4, 0, 7);
    const curved = y.data.map((e, i) => x.data[i]! ** 2 + 0.5 * e);
    const { diagnostics } = await neighbors(x, { data: curved, columns: 4 }, { gpu });
    const width = diagnostics.find(({ name }) => name === "width")!;
    expect(width.ok).toBe(false);
    expect(width.message).toContain("from 3 to 12 neighbours");
  });

  test("correlations of ranks are without bias, and not known of columns that determine each other", () => {
    const rho = Math.sqrt(1 - Math.exp(-2 * 0.1));
    const columns = (seed: number) => range(4).map((c) => Float64Array.from(normals(seed + c, 60)));
    const found = range(60).map((set) => {
      const x = columns(100 * set);
      const mixed = columns(100 * set + 10).map((e, c) =>
        e.map((v, i) => rho * x[c]![i]! + Math.sqrt(1 - rho * rho) * v),
      );
      return [gaussianInformation(x, columns(100 * set + 20))!, gaussianInformation(x, mixed)!];
    });
    const of = (which: 0 | 1) => found.reduce((sum, both) => sum + both[which]!, 0) / found.length;
    expect(Math.abs(of(0))).toBeLessThan(0.03);
    expect(Math.abs(of(1) - 0.4)).toBeLessThan(0.06);
    const [a, b] = columns(1) as [Float64Array, Float64Array];
    expect(gaussianInformation([a, a], [b])).toBeUndefined();
    expect(gaussianInformation([a.slice(0, 3)], [b.slice(0, 3)])).toBeUndefined();
  });
});
