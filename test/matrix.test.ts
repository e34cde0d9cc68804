/** MI between all pairs of columns: values against float64 oracles, p-values against naive counting, and odd tables. */
import { describe, expect } from "vitest";
import type { ColumnsInput } from "../src/data/input.ts";
import { InputError, InterruptedError } from "../src/errors.ts";
import { estimate } from "../src/estimate/estimate.ts";
import type { EstimateOptions } from "../src/estimate/options.ts";
import { benjaminiHochberg } from "../src/math/false-discovery.ts";
import { hashOf, shuffled } from "../src/math/random.ts";
import { normalQuantile } from "../src/math/special.ts";
import { type MatrixOptions, matrix, runMatrix } from "../src/matrix/matrix.ts";
import { planMatrix } from "../src/matrix/plan.ts";
import type { MatrixChunk } from "../src/matrix/records.ts";
import { binned, binsOf, cellWeights, Screen } from "../src/matrix/screen.ts";
import { neighbors } from "../src/neighbors/neighbors.ts";
import { clusterOrder, heatmapFigure, normalMi } from "../src/report/heatmap.ts";
import { gpu, it, normals, range } from "./gpu.ts";
import * as independence from "./oracle/independence.ts";
import * as oracle from "./oracle/neighbors.ts";

const run = (input: ColumnsInput, options: MatrixOptions = {}) => matrix(input, { gpu, ...options });

/** What is found of each pair, by the names of its columns, before some have more permutations than all: those depend on the others. */
async function firstFound(input: ColumnsInput, options: MatrixOptions = {}) {
  const { chunks, plan } = await runMatrix(input, { gpu, ...options });
  const records = chunks
    .flatMap(({ pairs }) => pairs)
    .filter(({ permutations }) => permutations === options.permutations);
  return new Map(records.map((r) => [[r.x, r.y].map((c) => plan.columns[c]!.name).join(" "), { ...r, x: 0, y: 0 }]));
}

/** Independent normals, but b follows a, and c its square. */
function sample(rows: number, columns: string, seed = 1): Record<string, number[]> {
  const table = Object.fromEntries(
    [...columns].map((name, i) => [name, Array.from(normals(100 * seed + i, rows))]),
  ) as Record<string, number[]>;
  if (table.a && table.b) table.b = table.b.map((v, i) => table.a![i]! + 0.5 * v);
  if (table.a && table.c) table.c = table.c.map((v, i) => table.a![i]! ** 2 + 0.5 * v);
  return table;
}

const rowsOf = (coordinates: readonly Float32Array[]) =>
  range(coordinates[0]!.length).map((i) => coordinates.map((c) => c[i]!));
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** float32 moves a count now and then where a distance all but ties: one count of ~10 among 120 rows weighs 1e-3. */
const TOLERANCE = 2e-3;

describe("values", () => {
  it("are those of the oracle, and of neighbors() on the same coordinates", async () => {
    const table = sample(120, "abcd");
    const plan = planMatrix(table);
    const { pairs } = await run(table);
    expect(pairs).toHaveLength(6);
    expect(pairs[0]).toMatchObject({ x: "a", y: "b" });
    for (const pair of pairs) {
      const [x, y] = [pair.x, pair.y].map((n) => plan.columns.find(({ name }) => name === n)!.coordinates);
      expect(Math.abs(pair.raw - mean(oracle.ksg(rowsOf(x!), rowsOf(y!), 3)))).toBeLessThan(TOLERANCE);
      expect(Math.abs(pair.raw - (await neighbors(x![0]!, y![0]!, { gpu })).raw)).toBeLessThan(TOLERANCE);
      expect(pair.mi).toBe(Math.max(0, pair.raw));
      expect(pair.estimator).toBe("ksg");
    }
  });

  it("of categories are those of one-hot columns further apart than numbers, whose distances binary digits keep", async () => {
    const number = sample(150, "a").a!;
    const levels = number.map((v, i) => (v > 0.5 ? 4 : v > 0 ? (i % 3) + 1 : i % 4));
    const other = levels.map((v, i) => (i % 5 ? v : 2 + (i % 3)));
    const list = [
      { name: "number", values: number },
      { name: "levels", values: levels, kind: "category" as const },
      { name: "other", values: other, kind: "category" as const },
    ];
    const { pairs } = await run(list);
    const plan = planMatrix(list);
    expect(plan.columns.map(({ coordinates }) => coordinates.length)).toEqual([1, 3, 3]);
    const hot = (values: number[]) => values.map((v) => range(5).map((l) => 100 * Number(l === v)));
    const sides = { number: rowsOf(plan.columns[0]!.coordinates), levels: hot(levels), other: hot(other) };
    expect(new Set(pairs.map(({ estimator }) => estimator))).toEqual(new Set(["mixed-ksg"]));
    for (const { x, y, raw } of pairs) {
      const want = mean(oracle.mixedKsg(sides[x as "levels"], sides[y as "levels"], 3));
      expect(Math.abs(raw - want)).toBeLessThan(TOLERANCE);
    }
  });

  it("have the same bits whatever goes with them: all pairs, one pair, one shard, a subset of columns", async () => {
    const table = sample(90, "abcdef");
    const options = { permutations: 5, seed: 3 };
    const all = await firstFound(table, options);
    expect(all.size).toBe(15);
    const one = await firstFound(table, { ...options, pairs: [["b", "e"]] });
    expect(one.get("b e")).toEqual(all.get("b e"));
    const { b, e } = table;
    expect((await firstFound({ b: b!, e: e! }, options)).get("b e")).toEqual(all.get("b e"));
    const parts = await Promise.all(
      [1, 2, 3].map((index) => planMatrix(table, { ...options, shard: { index, count: 3 } }).pairs.length),
    );
    expect(parts).toEqual([5, 5, 5]);
    const second = await firstFound(table, { ...options, shard: { index: 2, count: 3 } });
    expect(second.size).toBe(5);
    for (const [names, record] of second) expect(record).toEqual(all.get(names));
  });

  it("of rounded numbers find no information that is not there", async () => {
    const [a, b] = [normals(11, 800), normals(12, 800)].map((v) => Array.from(v, (x) => Math.round(10 * x) / 10));
    const { pairs } = await run({ a: a!, b: b! });
    expect(pairs[0]!.estimator).toBe("ksg");
    expect(Math.abs(pairs[0]!.raw)).toBeLessThan(0.1);
    const left = await run({ a: a!, b: b! }, { estimator: "mixed-ksg" });
    expect(Math.abs(left.pairs[0]!.raw)).toBeLessThan(0.1);
  });

  it("of rows that belong together are those of one row of each group, with the error of groups", async () => {
    const { a, b } = sample(40, "ab");
    const often = (values: ArrayLike<number>) => range(400).map((i) => values[i % 40]!);
    const [x, y] = [a!, a!.map((v, i) => 0.6 * v + 0.8 * b![i]!)];
    const options = { copies: "keep", transform: "standardize", estimator: "mixed-ksg" } as const;
    const group = range(400).map((i) => i % 40);
    const grouped = (await run({ x: often(x), y: often(y) }, { ...options, group })).pairs[0]!;
    const once = planMatrix({ x, y }, options).columns.map(({ coordinates }) => coordinates[0]!);
    const miOf = async (isIn: (i: number) => boolean) => {
      const [u, v] = once.map((values) => values.filter((_, i) => isIn(i)));
      return (await neighbors(u!, v!, { gpu, method: "mixed-ksg" })).raw;
    };
    expect(Math.abs(grouped.raw - (await miOf(() => true)))).toBeLessThan(TOLERANCE);
    const without: number[] = [];
    for (const section of range(10)) without.push(await miOf((i) => i % 10 !== section));
    const center = without.reduce((sum, value) => sum + value, 0) / 10;
    const error = Math.sqrt(0.9 * without.reduce((sum, value) => sum + (value - center) ** 2, 0));
    expect(Math.abs(grouped.standardError - error)).toBeLessThan(TOLERANCE);
    expect((await run({ x: often(x), y: often(y) }, options)).pairs[0]!.raw).toBeGreaterThan(1);
    // Neighbours of the same group, which every permutation keeps, do not drown what is there.
    const tested = await run({ x: often(x), y: often(y) }, { copies: "keep", group, permutations: 99 });
    expect(tested.pairs[0]!.p).toBeLessThan(0.03);
  });

  it("are in symmetric matrices, NaN on the diagonal", async () => {
    const found = await run(sample(60, "abc"), { permutations: 3 });
    for (const field of ["mi", "standardError", "p", "q", "pFamily"] as const) {
      const values = found[field];
      for (let i = 0; i < 3; i++) {
        expect(values[4 * i]).toBeNaN();
        for (let j = 0; j < i; j++) {
          expect(values[3 * i + j]).toBe(values[3 * j + i]);
          const pair = found.pairs.find(({ x, y }) => x === "abc"[j] && y === "abc"[i])!;
          expect(values[3 * i + j]).toBe(pair[field]);
        }
      }
    }
  });
});

/** As lean as critics can be. */
const brief = { hidden: [8], steps: 40, batch: 16, checkEvery: 10, patience: 1 };

describe("trained critics", () => {
  // All in which the two rules differ.
  const usual = {
    folds: 2,
    restarts: 1,
    hidden: [16],
    embed: 8,
    products: 4,
    weightDecay: [0.1],
    validationMarginals: 16,
    steps: 30,
    checkEvery: 15,
    batch: 32,
    perJoint: 1,
    learningRate: 0.02,
  };

  it.each(["remine", "infonce", "tuba", "demine"] as const)("of %s find what estimate() finds", async (estimator) => {
    const { a, b } = sample(estimator === "demine" ? 200 : 80, "ab");
    const training = { ...usual, heldOutMarginals: 8, ...(estimator === "demine" && { folds: undefined }) };
    const { pairs } = await run({ a: a!, b: b! }, { estimator, training: training as EstimateOptions });
    const want = await estimate(a!, b!, { gpu, estimator, ...(training as EstimateOptions) });
    expect(pairs[0]).toMatchObject({ estimator, raw: want.raw, standardError: want.standardError });
  });

  it("find the same bits whatever goes with them, however early they stop, and after a break", async () => {
    const flag = range(90).map((i) => i % 3);
    const table = [
      ...Object.entries(sample(90, "abc")).map(([name, values]) => ({ name, values })),
      { name: "flag", values: flag, kind: "category" as const },
    ];
    const training = { ...brief, steps: 80, checkEvery: 5, learningRate: 0.2 };
    const options = { estimator: "remine" as const, training, permutations: 3, seed: 7 };
    const all = await firstFound(table, options);
    expect(all.size).toBe(6);
    for (const names of ["a b", "b c", "a flag"]) {
      const pair = names.split(" ") as [string, string];
      const one = await firstFound(table, { ...options, pairs: [pair] });
      expect(one.get(names)).toEqual(all.get(names));
    }
    const whole: MatrixChunk[] = [];
    const { pairs } = await run(table, { ...options, onChunk: (chunk) => void whole.push(chunk) });
    const done = whole.slice(0, 1);
    expect(done[0]!.pairs.length).toBeLessThan(6);
    expect((await run(table, { ...options, done })).pairs).toEqual(pairs);
  });

  it("find known information within their error, and none where there is none", async () => {
    const rows = 800;
    const [z, e, f, g, u] = range(5).map((i) => Array.from(normals(40 + i, rows))) as number[][];
    const follow = (rho: number, noise: number[]) => z!.map((v, i) => rho * v + Math.sqrt(1 - rho * rho) * noise[i]!);
    const angle = u!.map((v, i) => 9 * (v + g![i]!));
    const table = {
      ...{ z: z!, strong: follow(0.9, e!), weak: follow(0.5, f!) },
      ...{ cos: angle.map((a, i) => Math.cos(a) + 0.2 * e![i]!), sin: angle.map((a, i) => Math.sin(a) + 0.2 * f![i]!) },
    };
    const chosen = ["z strong", "z weak", "cos sin", "z cos"].map((pair) => pair.split(" ") as [string, string]);
    const { pairs } = await run(table, { estimator: "remine", training: { steps: 300 }, pairs: chosen });
    const of = (x: string, y: string) => pairs.find((pair) => pair.x === x && pair.y === y)!;
    const normal = (rho: number) => -Math.log(1 - rho * rho) / 2;
    for (const [x, y, rho] of [
      ["z", "strong", 0.9],
      ["z", "weak", 0.5],
    ] as const) {
      const { raw, standardError } = of(x, y);
      // Critics of 350 rows miss a few hundredths.
      expect(raw - normal(rho), `${x} ${y}`).toBeLessThan(3 * standardError);
      expect(raw - normal(rho), `${x} ${y}`).toBeGreaterThan(-3 * standardError - 0.03);
    }
    // Of a ring critics of 350 rows find most of the 0.3 nats; Pearson's r is 0.
    expect(of("cos", "sin").raw).toBeGreaterThan(0.18);
    expect(of("cos", "sin").raw).toBeLessThan(0.36);
    expect(of("z", "cos").mi).toBeLessThan(0.03);
  });

  it("find most of what no correlation shows: a sine, scales that move together, a label of stripes", async () => {
    const rows = 2000;
    const [e, f, g, h, w] = range(5).map((i) => Array.from(normals(70 + i, rows))) as number[][];
    // The distribution function of a normal, to 2e-4: uniform numbers.
    const uniform = w!.map((v) => 1 / (1 + Math.exp(-1.5976 * v - 0.070566 * v ** 3)));
    const scale = h!.map((v) => Math.exp(1.5 * v));
    const table = [
      { name: "place", values: uniform },
      { name: "sine", values: uniform.map((u, i) => Math.sin(4 * Math.PI * u) + 0.1 * e![i]!) },
      { name: "one", values: scale.map((s, i) => s * f![i]!) },
      { name: "other", values: scale.map((s, i) => s * g![i]!) },
      { name: "stripe", values: uniform.map((u) => Math.floor(8 * u) % 2), kind: "category" as const },
    ];
    const chosen = ["place sine", "one other", "place stripe"].map((pair) => pair.split(" ") as [string, string]);
    const { pairs } = await run(table, { estimator: "remine", pairs: chosen });
    const of = (x: string) => pairs.find((pair) => pair.x === x && pair.y !== "stripe")!.raw;
    // Of 1.70 nats; critics of 32-32 without towers and radius found 0.5.
    expect(of("place")).toBeGreaterThan(1.1);
    expect(of("place")).toBeLessThan(1.75);
    expect(of("one")).toBeGreaterThan(0.15);
    // Of ln 2.
    const { raw } = pairs.find(({ y }) => y === "stripe")!;
    expect(raw).toBeGreaterThan(0.3);
    expect(raw).toBeLessThan(0.7);
  });

  it("have p-values that are small where something is, and not elsewhere", async () => {
    const training = { ...brief, learningRate: 0.05 };
    const { pairs } = await run(sample(80, "abdef"), { estimator: "remine", training, permutations: 9 });
    expect(pairs[0]).toMatchObject({ x: "a", y: "b", pFamily: 0.1 });
    expect(pairs[0]!.p).toBeLessThan(0.02);
    const nulls = pairs.slice(1).map(({ p }) => p!);
    // The mean of 9 p from 0.1 to 1 is 0.55 ± 0.1; critics that learn nothing tie at 0, which takes it up.
    expect(mean(nulls)).toBeGreaterThan(0.25);
    expect(nulls.filter((p) => p <= 0.2).length).toBeLessThanOrEqual(6);
  });
});

describe("p-values", () => {
  it.each([undefined, "c"])("are those of naive float64 counting, target %s", async (target) => {
    const table = sample(40, "abcd");
    const [permutations, seed] = [9, 5];
    const found = await run(table, { permutations, seed, ...(target && { target }) });
    const plan = planMatrix(table, { ...(target && { target }) });
    const pairOf = (x: number, y: number) =>
      found.pairs.find((f) => f.x === plan.columns[x]!.name && f.y === plan.columns[y]!.name)!;
    const order = (c: number, p: number) =>
      p === 0 || (target && plan.columns[c]!.name !== target)
        ? range(40)
        : [...shuffled(40, hashOf([seed, plan.columns[c]!.id, p]))];
    const sizes: [number[], number[]] = [
      [1, 2, 4, 8],
      [1, 2, 4, 8],
    ];
    const featuresOf = plan.columns.map(({ values }) => independence.features([...values], false));
    // Columns in which nothing repeats are seen by their ranks alone.
    const scores = plan.columns.map(({ values }) =>
      Array.from(values, (v) =>
        Math.fround(normalQuantile((values.filter((w) => w < v).length + 0.5) / values.length)),
      ),
    );
    const value = (x: number, y: number, p: number) => {
      const permuted = (c: number) => featuresOf[c]!.map((f) => order(c, p).map((row) => f[row]!));
      const side = (c: number) => order(c, p).map((row) => [scores[c]![row]!]);
      const local = oracle.ksg(side(x), side(y), 3);
      const error = Math.sqrt(mean(local.map((v) => (v - mean(local)) ** 2)) / 39);
      return independence.evidence(independence.standings(permuted(x), permuted(y), sizes), mean(local) / error);
    };
    const all = plan.pairs.map(({ x, y }) => range(permutations + 1).map((p) => value(x, y, p)));
    const largest = range(permutations + 1).map((p) => Math.max(...all.map((values) => values[p]!)));
    const chance = (values: number[], observed: number) =>
      (1 + values.slice(1, permutations + 1).filter((v) => v >= observed - 1e-4 * (1 + Math.abs(observed))).length) /
      values.length;
    // Those that few permutations reach have those of all pairs, or more of their own; then all p and q follow from these.
    const reaching = (values: readonly number[], least: number) => values.filter((v) => v >= least).length;
    const pool = all.flatMap((values) => values.slice(1, permutations + 1));
    const p = plan.pairs.map(({ x, y }, i) => {
      const { permutations: count = 0 } = pairOf(x, y);
      const observed = all[i]![0]!;
      const least = observed - 1e-4 * (1 + Math.abs(observed));
      expect(count).toBeGreaterThanOrEqual(permutations);
      if (count > permutations) expect(chance(all[i]!, observed)).toBeLessThan(0.6);
      // With a target two leaders have as many of their own.
      if (!target && count === pool.length) return (1 + reaching(pool, Math.floor(32 * least) / 32)) / (1 + count);
      const own = [...all[i]!.slice(1), ...range(count - permutations).map((b) => value(x, y, permutations + 1 + b))];
      return (1 + reaching(own, least)) / (1 + count);
    });
    // q by its definition: the least p m / rank over all p that are no smaller.
    const q = p.map((own) =>
      Math.min(1, ...p.filter((v) => v >= own).map((v) => (v * p.length) / p.filter((w) => w <= v).length)),
    );
    expect(found.pairs).toHaveLength(target ? 3 : 6);
    for (const [i, { x, y }] of plan.pairs.entries()) {
      const pair = pairOf(x, y);
      expect(pair.p).toBe(p[i]);
      expect(pair.q).toBeCloseTo(q[i]!, 12);
      expect(pair.pFamily).toBe(chance(largest, all[i]![0]!));
    }
  });

  it("Benjamini and Hochberg's adjusts as in their definition, and never above 1", () => {
    expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.9])).toEqual([0.04, 0.16 / 3, 0.16 / 3, 0.9]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(benjaminiHochberg([1, 1])).toEqual([1, 1]);
  });

  it("are uniform where nothing depends on anything, and as small as can be where something does", async () => {
    const independent = Object.fromEntries(range(13).map((i) => [`v${i}`, Array.from(normals(500 + i, 50))]));
    const table = { ...independent, copy: independent.v0!.map((v, i) => v + 0.3 * independent.v1![i]!) };
    const { pairs } = await run(table, { permutations: 39, seed: 1 });
    const nulls = pairs.filter(({ y }) => y !== "copy").map(({ p }) => p!);
    expect(nulls).toHaveLength(78);
    // The mean of 78 uniform p is 0.51 ± 0.033, and 7.8 ± 2.6 of them are at most 0.1: four standard deviations.
    expect(Math.abs(mean(nulls) - 0.51)).toBeLessThan(0.13);
    expect(nulls.filter((p) => p <= 0.1).length).toBeLessThanOrEqual(18);
    expect(nulls.filter((p) => p > 0.9).length).toBeLessThanOrEqual(18);
    expect(pairs[0]).toMatchObject({ x: "v0", y: "copy", pFamily: 1 / 40 });
    expect(pairs[0]!.p).toBeLessThan(0.001);
  });

  it("count a permutation that ties with the data: two categories of two levels", async () => {
    const flags = { a: range(40).map((i) => i % 2), b: range(40).map((i) => (i >> 1) % 2) };
    const { pairs } = await run(flags, { permutations: 9 });
    // Half of each is half of each: no table has less information.
    expect(pairs[0]!.p).toBe(1);
  });
});

describe("a first look", () => {
  const identity = (rows: number) => () => Uint32Array.from(range(rows));

  it("ranks pairs by the plug-in MI of ranks in bins, less its bias", async () => {
    const rows = 330;
    const table = [
      ...Object.entries(sample(rows, "abcdef")).map(([name, values]) => ({ name, values })),
      { name: "kind", values: sample(rows, "a").a!.map((v) => Math.round(v) + 9), kind: "category" as const },
    ];
    const plan = planMatrix(table);
    const found = await new Screen(gpu, plan).strongest(100, identity(rows));
    expect(found).toHaveLength(21);
    const codes = table.map(({ values, name }) => {
      if (name === "kind") return values;
      const order = range(rows).sort((i, j) => values[i]! - values[j]!);
      return values.map((_, i) => Math.floor((8 * (order.indexOf(i) + 0.5)) / rows));
    });
    for (const { x, y, mi } of found) {
      const entropy = (list: readonly (number | string)[]) => {
        const counts = new Map<number | string, number>();
        for (const code of list) counts.set(code, (counts.get(code) ?? 0) + 1);
        return {
          nats: -[...counts.values()].reduce((sum, c) => sum + (c / rows) * Math.log(c / rows), 0),
          size: counts.size,
        };
      };
      const [a, b] = [entropy(codes[x]!), entropy(codes[y]!)];
      const both = entropy(codes[x]!.map((code, i) => `${code} ${codes[y]![i]}`));
      const want = a.nats + b.nats - both.nats - ((a.size - 1) * (b.size - 1)) / (2 * rows);
      expect(Math.abs(mi - want), `${x} ${y}`).toBeLessThan(1e-5);
    }
    expect(found.map(({ mi }) => mi)).toEqual(found.map(({ mi }) => mi).sort((p, q) => q - p));
    expect(await new Screen(gpu, plan).strongest(4, identity(rows))).toEqual(found.slice(0, 4));
    const only = await new Screen(gpu, planMatrix(table, { target: "c" })).strongest(3, identity(rows));
    expect(only).toEqual(
      found.flatMap((f) => (f.y === 2 ? [{ ...f, x: 2, y: f.x }] : f.x === 2 ? [f] : [])).slice(0, 3),
    );
  });

  it("holds any number of rows in 32 bits, and puts many levels into few bins", () => {
    for (const rows of [20, 1e6]) {
      const { weights, scale } = cellWeights(rows);
      expect(weights[rows]!).toBeGreaterThan(0.99 * 2 ** 32 * (1 - 1 / rows));
      expect(Math.abs(weights[7]! / scale - 7 * Math.log(7))).toBeLessThan(rows / 1e5);
    }
    expect([20, 100, 320, 1279, 1280, 1e6].map(binsOf)).toEqual([4, 4, 8, 12, 16, 16]);
    const levels = range(60).map((i) => (i < 30 ? 5 : i % 20));
    const column = planMatrix([
      { name: "l", values: levels, kind: "category" },
      { name: "i", values: range(60) },
    ]).columns;
    expect(new Set(binned(column[0]!, 4))).toEqual(new Set([0, 1, 2, 3]));
    expect(binned(column[0]!, 4).filter((bin) => bin === 0)).toHaveLength(31);
    expect(range(4).map((b) => binned(column[1]!, 4).filter((bin) => bin === b).length)).toEqual([15, 15, 15, 15]);
  });

  it("leaves values and p as they are; q counts all pairs, pFamily looks again in every permutation", async () => {
    const table = sample(60, "abcdef", 2);
    const [permutations, seed, keep] = [9, 6, 5];
    const options = { permutations, seed, transform: "identity" } as const;
    const all = await run(table, options);
    const found = await run(table, { ...options, screen: keep });
    expect(found).toMatchObject({ screened: 15 });
    expect(found.pairs).toHaveLength(keep);
    const evidences = (chunks: readonly MatrixChunk[]) => chunks.flatMap(({ pairs }) => pairs);
    const largest = await Promise.all(
      range(permutations).map(async (p) => {
        const shuffle = (name: string) => shuffled(60, hashOf([seed, hashOf([name.codePointAt(0)!]), p + 1]));
        const permuted = Object.entries(table).map(([name, values]) => [
          name,
          [...shuffle(name)].map((i) => values[i]!),
        ]);
        const once = { transform: "identity", screen: keep, permutations: 1, gpu } as const;
        const { chunks } = await runMatrix(Object.fromEntries(permuted), once);
        return Math.max(...evidences(chunks).map(({ evidence }) => evidence));
      }),
    );
    const { chunks, plan } = await runMatrix(table, { ...options, screen: keep, gpu });
    const p = found.pairs.map((pair) => pair.p!);
    for (const [i, pair] of found.pairs.entries()) {
      const { raw, p: own, permutations: count } = all.pairs.find(({ x, y }) => x === pair.x && y === pair.y)!;
      expect(pair).toMatchObject({ raw, ...(count === pair.permutations && { p: own }) });
      expect(pair.q).toBeCloseTo(benjaminiHochberg([...p, ...range(10).map(() => 1)])[i]!, 12);
      const { evidence } = evidences(chunks).find(
        ({ x, y }) => plan.columns[x]!.name === pair.x && plan.columns[y]!.name === pair.y,
      )!;
      const reached = largest.filter((value) => value >= evidence - 1e-4 * (1 + Math.abs(evidence))).length;
      expect(pair.pFamily).toBe((1 + reached) / (1 + permutations));
    }
    // Not of the pairs that were chosen in the data: their own permutations would make too small a family.
    expect(found.pairs.some(({ pFamily }) => pFamily! > 0.1 && pFamily! < 1)).toBe(true);
  });

  it("goes on from its chunks, also in the middle of the permutations", async () => {
    const table = sample(60, "abcdef");
    const options = { permutations: 4, screen: 5 };
    const chunks: MatrixChunk[] = [];
    const progress: number[] = [];
    const onProgress = ({ done }: { done: number }) => progress.push(done);
    const whole = await run(table, { ...options, onProgress, onChunk: (chunk) => void chunks.push(chunk) });
    expect(chunks.filter(({ pairs }) => pairs.length === 0)).toHaveLength(4);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBeCloseTo(5, 9);
    const fresh: MatrixChunk[] = [];
    const onChunk = (chunk: MatrixChunk) => void fresh.push(chunk);
    const resumed = await run(table, { ...options, done: chunks.slice(0, -2), onChunk });
    expect(resumed.pairs).toEqual(whole.pairs);
    expect(fresh).toEqual(chunks.slice(-2));
  });

  it("is taken from 1000 columns on, unless a call says otherwise", () => {
    const wide = Object.fromEntries(range(1000).map((i) => [`v${i}`, Array.from(normals(i, 20))]));
    expect(planMatrix(wide)).toMatchObject({ screen: { of: 499500, keep: 4000 }, pairs: [] });
    expect(planMatrix(wide, { target: "v3" }).pairs).toHaveLength(999);
    expect(planMatrix(wide, { target: "v3", screen: 10 }).screen).toEqual({ of: 999, keep: 10 });
    expect(planMatrix(sample(40, "abc"), { screen: 3 }).pairs).toHaveLength(3);
    expect(planMatrix(sample(40, "abc"), { screen: false }).screen).toBe(undefined);
  });
});

describe("tables", () => {
  it("leave out rows with any missing value where they are told to, and say so", async () => {
    const table = sample(60, "abd");
    const holes = { ...table, b: table.b!.map((v, i) => (i % 10 ? v : Number.NaN)) };
    const found = await run(holes, { missing: "drop" });
    expect(found).toMatchObject({ rows: 54, dropped: 6, droppedBy: [{ name: "b", count: 6 }] });
    const clean = await run(Object.fromEntries(Object.entries(table).map(([n, v]) => [n, v.filter((_, i) => i % 10)])));
    expect(found.pairs).toEqual(clean.pairs);
  });

  it("leave out a constant column by name", async () => {
    const found = await run({ ...sample(40, "ab"), flat: new Array(40).fill(7) });
    expect(found.columns).toEqual(["a", "b"]);
    expect(found.leftOut).toEqual([{ column: "flat", reason: expect.stringMatching(/constant \(7 in every row/) }]);
  });

  it("say that equal continuous columns have infinite MI, and equal categories that of one", async () => {
    const { a } = sample(60, "a");
    const flag = range(60).map((i) => i % 2);
    const { pairs } = await run({ a: a!, again: [...a!], flag, flag2: [...flag] }, { permutations: 4 });
    expect(pairs[0]).toMatchObject({ x: "a", y: "again", mi: Number.POSITIVE_INFINITY, p: 1 / 5, pFamily: 1 / 5 });
    const entropy = pairs.find(({ x, y }) => x === "flag" && y === "flag2")!.mi;
    expect(Math.abs(entropy - Math.log(2))).toBeLessThan(0.05);
  });

  it("may have more columns than rows", async () => {
    const table = Object.fromEntries(range(25).map((i) => [`v${i}`, Array.from(normals(i, 20))]));
    expect((await run(table)).pairs).toHaveLength(300);
  });

  const table = sample(40, "ab");
  const bad: [string, ColumnsInput, MatrixOptions, RegExp][] = [
    ["no columns", {}, {}, /two columns that vary, and here is none/],
    ["one column", { a: table.a! }, {}, /two columns that vary, and here is only "a"/],
    ["one that varies", { a: table.a!, f: new Array(40).fill(1) }, {}, /only "a": "f" is constant/],
    ["an unknown target", { ...table }, { target: "A1" }, /no column "A1" among 2\. Nearest name: "a"/],
    ["a constant target", { ...table, f: new Array(40).fill(1) }, { target: "f" }, /target "f" is constant/],
    ["an unknown estimator", table, { estimator: "ksg3" as "ksg" }, /no estimator "ksg3".*ksg2/],
    ["few rows", sample(12, "ab"), {}, /12 complete rows; at least 20/],
    ["unequal columns", { a: table.a!, b: [1, 2] }, {}, /"b" has 2 rows and "a" has 40/],
    ["an infinity", { a: table.a!, b: table.b!.with(3, Infinity) }, {}, /row 4 of column "b" is Infinity/],
    ["no pairs to choose", table, { screen: 0 }, /"screen" must be a whole number from 1/],
    ["pairs to choose twice", table, { screen: 1, pairs: [["a", "b"]] }, /"screen" chooses pairs, and "pairs" names/],
    ["a bad shard", table, { shard: { index: 3, count: 2 } }, /shard is i\/n.*got 3\/2/],
    ["half a permutation", table, { permutations: 0.5 }, /"permutations" must be a whole number/],
    ["a column with itself", table, { pairs: [["a", "a"]] }, /"a" with itself/],
    ["too many neighbours", table, { k: 40 }, /"k" is 40, but a row has only 39 others/],
  ];
  it.each(bad)("with %s are refused", async (_, input, options, message) => {
    const error = await run(input, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  });
});

describe("a long run", () => {
  it("goes on from its chunks wherever it was cut, to the same result, without doing anything twice", async () => {
    const table = { ...sample(50, "abcde"), f: range(50).map((i) => i % 3) };
    const options = { permutations: 4 };
    const chunks: MatrixChunk[] = [];
    const whole = await run(table, { ...options, onChunk: (chunk) => void chunks.push(chunk) });
    // All pairs, those with a category by themselves, and some again by more permutations.
    expect(chunks.flatMap(({ pairs }) => pairs).length).toBeGreaterThan(17);
    for (const cut of range(chunks.length)) {
      const fresh: MatrixChunk[] = [];
      const progress: number[] = [];
      const resumed = await run(table, {
        ...options,
        done: chunks.slice(0, cut),
        onChunk: (chunk) => void fresh.push(chunk),
        onProgress: (p) => progress.push(p.done),
      });
      expect(resumed.pairs).toEqual(whole.pairs);
      expect(fresh).toEqual(chunks.slice(cut));
      expect(progress).toEqual(progress.toSorted((p, q) => p - q));
      expect(progress.at(-1)).toBe(15);
    }
  });

  it("stops between chunks when asked to, and keeps what is finished", async () => {
    const controller = new AbortController();
    const table = { ...sample(50, "abd"), flag: range(50).map((i) => i % 2) };
    const finished: MatrixChunk[] = [];
    const onChunk = (chunk: MatrixChunk) => {
      finished.push(chunk);
      controller.abort();
    };
    const error = await run(table, { signal: controller.signal, onChunk }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InterruptedError);
    // The pairs of numbers are one group, those with the flag the next.
    expect(finished.flatMap(({ pairs }) => pairs)).toHaveLength(3);
  });

  it("stops in the first look when asked to, before any pair", async () => {
    const finished: MatrixChunk[] = [];
    const onChunk = (chunk: MatrixChunk) => void finished.push(chunk);
    const controller = new AbortController();
    const options = { gpu, screen: 3, signal: controller.signal, onChunk };
    const error = await runMatrix(sample(50, "abcde"), options, { onPlan: () => controller.abort() }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(InterruptedError);
    expect((error as Error).message).toBe("interrupted");
    expect(finished).toEqual([]);
  });
});

describe("the heatmap", () => {
  it("puts columns that share information side by side", () => {
    const groups = [0, 1, 0, 1, 2, 0];
    const order = clusterOrder(6, (a, b) => (groups[a] === groups[b] ? 1 : 0.1 * Math.abs(a - b) * 0.1));
    const labels = order.map((i) => groups[i]);
    expect([...order].sort()).toEqual(range(6));
    expect(labels.filter((g, i) => g !== labels[i - 1])).toHaveLength(3);
    expect(clusterOrder(0, () => 0)).toEqual([]);
    expect(clusterOrder(1, () => 0)).toEqual([0]);
  });

  it("agrees with the closed form for normals", () => {
    expect(normalMi(0.75)).toBeCloseTo(0.4133, 4);
    expect(normalMi(1)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([2, 5, 100, 130])("draws %i columns, an infinite and an empty cell too, and escapes names", (size) => {
    const mi = Float64Array.from({ length: size * size }, (_, i) => ((i * 7) % 11) / 10);
    mi[1] = mi[size] = Number.POSITIVE_INFINITY;
    if (size > 2) mi[2] = mi[2 * size] = Number.NaN;
    const columns = range(size).map((i) => `<${i}>`);
    const svg = heatmapFigure({ title: "T", unit: "bits", columns, mi, pearson: new Float64Array(size * size) });
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>$/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toContain("&#60;0&#62;");
    expect((svg.match(/rotate\(-90/g) ?? []).length).toBe(Math.min(100, size));
    expect(svg.includes("30 weaker columns not drawn")).toBe(size === 130);
  });
});
