/** Nearest-neighbour estimators against exact values, a float64 oracle, and what they must refuse. */
import { describe, expect } from "vitest";
import { InputError, InterruptedError, LimitError } from "../src/errors.ts";
import { type NeighborMethod, neighborMethods } from "../src/estimators/neighbors.ts";
import { MAX_NEIGHBORS, Neighborhood } from "../src/neighbors/brute-force.ts";
import { isPlane, localValues, neighborsBatch } from "../src/neighbors/local-values.ts";
import { type NeighborsOptions, neighbors } from "../src/neighbors/neighbors.ts";
import { placedReplicas, searchSorted } from "../src/neighbors/sorted.ts";
import { rows } from "../src/sources/table.ts";
import { expectClose, gpu, it, normals, prng, range } from "./gpu.ts";
import * as oracle from "./oracle/neighbors.ts";

/** 400 uniform triples of the minimal standard generator (multiplier 48271, seed 1). */
const draws = (() => {
  let state = 1;
  return range(1200).map(() => {
    state = (48271 * state) % (2 ** 31 - 1);
    return state / (2 ** 31 - 1);
  });
})();
const [A, B, C] = [0, 1, 2].map((offset) => range(400).map((i) => draws[3 * i + offset]!)) as [
  number[],
  number[],
  number[],
];
const line = { x: A, y: A.map((a, i) => a + 0.3 * B[i]!) };
const plane = { x: A.map((a, i) => [a, B[i]!]), y: A.map((a, i) => [a + 0.3 * C[i]!, B[i]! + 0.1 * a]) };
const steps = A.map((a) => Math.floor(5 * a));
const mixed = { x: steps, y: steps.map((s, i) => s + 2 * B[i]!) };

const run = (data: { x: never[] | unknown; y: unknown }, options: NeighborsOptions) =>
  neighbors(data.x as number[], data.y as number[], { gpu, ...options });

/** float32 moves a count now and then where a distance all but ties; 1e-5 is a fourth of one count's weight here. */
const TOLERANCE = 1e-5;

describe("exact values", () => {
  it("starts from the generator that the values were made with", () => {
    expect(draws.slice(0, 4).map((u) => Number(u.toPrecision(9)))).toEqual([
      2.2477936e-5, 0.0850324491, 0.601352605, 0.891611277,
    ]);
  });

  const cases: [string, NeighborsOptions, (number | undefined)[]][] = [
    ["KSG", { method: "ksg" }, [1.2927794183023327, 1.2864818796884903, 3.144156841122794, 2.9350753079188943]],
    [
      "KSG, Euclidean",
      { method: "ksg", metric: "euclidean" },
      [1.2927794183023327, 1.2864818796884903, 3.1329107149579376, 2.9191476988127443],
    ],
    ["KSG 2", { method: "ksg2" }, [1.3240801649569915, 1.2797452042479858, 3.093431191364056, 2.928409552624828]],
    [
      "KL, ln N",
      { method: "kl", form: "log" },
      [1.2296694682781375, 1.2722178768497319, 3.1120744632939594, 2.9122154098590123],
    ],
    ["KL", { method: "kl" }, [1.22841894744513, 1.2709673560167243, undefined, undefined]],
    [
      "KL, Euclidean, ln N",
      { method: "kl", metric: "euclidean", form: "log" },
      [1.232848274410629, 1.2594236290404677, 2.9951805999199603, 2.7676728955138694],
    ],
    [
      "Mixed KSG",
      { method: "mixed-ksg" },
      [1.2940299391353398, 1.2877324005214974, 3.145407361955798, 2.936325828751905],
    ],
    [
      "Mixed KSG, log",
      { method: "mixed-ksg", form: "log" },
      [1.2285298072993416, 1.2398383163741393, undefined, undefined],
    ],
  ];
  describe.each(cases)("%s", (_, options, values) => {
    it.each(
      [
        { data: line, k: 3, want: values[0] },
        { data: line, k: 5, want: values[1] },
        { data: plane, k: 3, want: values[2] },
        { data: plane, k: 5, want: values[3] },
      ].filter(({ want }) => want !== undefined),
    )("k $k: $want", async ({ data, k, want }) => {
      const { mi } = await run(data, { ...options, k });
      expectClose([mi], [want!], { tolerance: TOLERANCE });
    });
  });

  it.each([
    { k: 3, want: 1.1367002868340284 },
    { k: 5, want: 1.1021656478870068 },
  ])("I(X;Y|Z) by KSG, k $k", async ({ k, want }) => {
    const { mi } = await run(line, { given: C, k });
    expectClose([mi], [want], { tolerance: TOLERANCE });
  });

  it.each([
    { k: 3, form: "digamma" as const, want: 1.040597761 },
    { k: 5, form: "digamma" as const, want: 1.060084599 },
    { k: 3, form: "log" as const, want: 0.919994 },
    { k: 5, form: "log" as const, want: 0.987707 },
  ])("discrete x, continuous y by Mixed KSG, k $k, $form", async ({ k, form, want }) => {
    const { mi } = await run(mixed, { method: "mixed-ksg", form, k });
    expectClose([mi], [want], { tolerance: TOLERANCE });
  });

  it.each([
    { form: "digamma" as const, want: 2.823421 },
    { form: "log" as const, want: 2.721756 },
  ])("16 one-hot categories, 10 copies each, by Mixed KSG, $form", async ({ form, want }) => {
    const codes = range(160).map((i) => range(16).map((c) => Number(i % 16 === c)));
    const { mi } = await run({ x: codes, y: codes }, { method: "mixed-ksg", form, k: 5 });
    expectClose([mi], [want], { tolerance: TOLERANCE });
  });
});

describe("against float64", () => {
  const random = prng(21);
  const n = 150;
  const wide = (seed: number, width: number) => {
    const flat = normals(seed, n * width);
    return range(n).map((i) => [...flat.subarray(i * width, (i + 1) * width)]);
  };
  const x = wide(1, 3);
  const smooth = { x, y: wide(2, 2).map((row, i) => [row[0]! + x[i]![0]!, row[1]!]) };
  const digits = { x: x.map(() => [Math.floor(3 * random())]), y: x.map(() => [Math.floor(3 * random())]) };
  const half = {
    x: smooth.x.map((row, i) => (i % 2 ? row : [1, 0, 0])),
    y: smooth.y.map((row, i) => (i % 2 ? row : [i % 4, 0])),
  };
  const broad = { x: wide(3, 128), y: wide(4, 131) };

  it.each([
    ...(["max", "euclidean"] as const).flatMap((metric) =>
      [smooth, broad].flatMap((data) => [
        { options: { method: "ksg" as const, metric }, data, want: oracle.ksg(data.x, data.y, 4, metric) },
        { options: { method: "ksg2" as const, metric }, data, want: oracle.ksg2(data.x, data.y, 4, metric) },
        {
          options: { method: "mixed-ksg" as const, metric },
          data,
          want: oracle.mixedKsg(data.x, data.y, 4, false, metric),
        },
        { options: { method: "kl" as const, metric }, data, want: oracle.kl(data.x, data.y, 4, false, metric) },
      ]),
    ),
    { options: { method: "mixed-ksg" as const }, data: digits, want: oracle.mixedKsg(digits.x, digits.y, 4) },
    { options: { method: "mixed-ksg" as const }, data: half, want: oracle.mixedKsg(half.x, half.y, 4) },
    {
      options: { method: "mixed-ksg" as const, given: digits.y },
      data: { x: half.x, y: digits.x },
      want: oracle.mixedConditional(half.x, digits.x, digits.y, 4),
    },
    { options: { given: smooth.y }, data: half, want: oracle.conditional(half.x, half.y, smooth.y, 4) },
  ])("$options.method $options.metric: every row's value ($#)", async ({ options, data, want }) => {
    const result = await run(data, { ...options, k: 4 });
    // Of a logarithm of a float32 distance, times the number of coordinates.
    expectClose(result.pointwise, want, { tolerance: 1e-4 });
    expect(result.raw).toBeCloseTo(want.reduce((sum, value) => sum + value, 0) / n, 5);
  });

  it("takes rows on both sides of a large offset, at any scale, for what they are", async () => {
    const options = { method: "ksg" as const, k: 4 };
    const { raw } = await run(smooth, options);
    // Halves of thousandths keep their differences in float64 only.
    const far = (rows: number[][]) => rows.map((row) => row.map((value) => 1.7e9 + Math.round(value * 4096) / 4096));
    const near = (rows: number[][]) => rows.map((row) => row.map((value) => Math.round(value * 4096) / 4096));
    const [a, b] = [far, near].map((f) => ({ x: f(smooth.x), y: f(smooth.y) }));
    expect((await run(a!, options)).raw).toBe((await run(b!, options)).raw);
    for (const scale of [2 ** 600, 2 ** -600]) {
      const scaled = (rows: number[][]) => rows.map((row) => row.map((value) => value * scale));
      const { raw: same } = await run(
        { x: scaled(smooth.x), y: scaled(smooth.y) },
        { ...options, metric: "euclidean" },
      );
      expect(same).toBe((await run(smooth, { ...options, metric: "euclidean" })).raw);
    }
    expect(raw).toBeGreaterThan(0.1);
  });
});

describe("neighborsBatch", () => {
  const n = 130;
  const table = rows({ data: normals(31, n * 4), columns: 4 }, { data: normals(32, n * 2), columns: 2 });
  const random = prng(33);
  const picks = [
    [0, 1, 4],
    [2, 3, 5],
    [1, 2, 4],
  ];
  const pairs = range(3).map(() => Uint32Array.from({ length: 2 * n }, () => Math.floor(n * random())));
  const source = { ...table, xWidth: 2, yWidth: 1, picks, pairs };

  it.each(
    neighborMethods.flatMap((method) => [
      { method, metric: "max" as const },
      { method, metric: "euclidean" as const },
    ]),
  )("gives each replica the bits that it gets alone: $method, $metric", async (settings) => {
    // Drawn with replacement, rows are copies of others; a permutation has none.
    const lists =
      settings.method === "mixed-ksg"
        ? pairs
        : pairs.map((_, r) =>
            Uint32Array.from({ length: 2 * n }, (_, at) => (at % 2 ? (Math.floor(at / 2) * (2 * r + 7)) % n : at / 2)),
          );
    const together = await neighborsBatch(gpu, { ...source, pairs: lists }, { ...settings, pointwise: true });
    for (const r of range(3)) {
      const alone = await neighborsBatch(
        gpu,
        { ...source, picks: [picks[r]!], pairs: [lists[r]!] },
        { ...settings, pointwise: true },
      );
      expect(alone.pointwise![0]).toEqual(together.pointwise![r]);
      expect([alone.mi[0], alone.standardError[0]]).toEqual([together.mi[r], together.standardError[r]]);
    }
    expect(new Set(together.mi).size).toBe(3);
    expect(together.mi.every(Number.isFinite)).toBe(true);
  });

  it("goes by each side's own row", async () => {
    const [list] = pairs;
    const { pointwise } = await neighborsBatch(
      gpu,
      { ...source, picks: [picks[0]!], pairs: [list!] },
      { method: "mixed-ksg", pointwise: true },
    );
    const at = (row: number, column: number) => table.data[row * 6 + column]!;
    const x = range(n).map((i) => [at(list![2 * i]!, 0), at(list![2 * i]!, 1)]);
    const y = range(n).map((i) => [at(list![2 * i + 1]!, 4)]);
    expectClose(pointwise![0]!, oracle.mixedKsg(x, y, 3), { tolerance: 1e-9 });
  });

  it("says which replicas have no radius, and gives them no number", async () => {
    const copies = { ...source, picks: [[0, 1, 4]], pairs: [table.pairs[0]!, new Uint32Array(2 * n)] };
    for (const method of neighborMethods) {
      const { mi, standardError, zeroRadii } = await neighborsBatch(gpu, copies, { method });
      expect([...zeroRadii]).toEqual([0, n]);
      expect([mi[0], mi[1]].map(Number.isFinite)).toEqual([true, method === "mixed-ksg"]);
      expect(Number.isFinite(standardError[1])).toBe(method === "mixed-ksg");
    }
  });

  it("splits what is too much for one submit, to the same bits", async () => {
    const many = 700;
    const tensor = gpu.tensor("table", normals(34, 2 * many));
    const pairs = range(2).map((r) => Uint32Array.from({ length: 2 * many }, (_, at) => (at + r) % many));
    const values = async (work: number) => {
      const hood = new Neighborhood(gpu, { tensor, columns: 2 }, pairs, { euclidean: false, work });
      try {
        const points = await hood.gather(
          [
            [0, 1],
            [1, 0],
          ],
          1,
        );
        const radii = await hood.search(points, 3);
        const { count_x } = await hood.count(points, radii, "open");
        return [new Float32Array(await gpu.read(radii.radius_x)), new Uint32Array(await gpu.read(count_x))] as const;
      } finally {
        hood.dispose();
      }
    };
    const [whole, split] = [await values(2 ** 40), await values(1)];
    expect(split).toEqual(whole);
    expect(Math.min(...whole[1])).toBeGreaterThan(0);
    tensor.buffer.destroy();
  });
});

describe("one column with another", () => {
  const n = 300;
  const random = prng(51);
  const rounded = normals(52, 3 * n).map((value) => Math.round(4 * value) / 4);
  const smooth = normals(53, 3 * n);
  const permutation = Uint32Array.from({ length: 2 * n }, (_, at) => (at % 2 ? (Math.floor(at / 2) * 7) % n : at / 2));
  const drawn = Uint32Array.from({ length: 2 * n }, () => Math.floor(n * random()));
  const sourceOf = (data: Float32Array) => ({
    ...rows({ data, columns: 3 }, { data: new Float32Array(), columns: 0 }),
    ...{ xWidth: 1, yWidth: 1 },
    picks: [
      [0, 1],
      [2, 0],
      [1, 1],
    ],
  });
  const sources = {
    "all rows": sourceOf(smooth),
    "a permutation": { ...sourceOf(smooth), pairs: [permutation] },
    "other points in each replica": { ...sourceOf(smooth), pairs: [permutation, sourceOf(smooth).pairs[0]!, drawn] },
    "values on a grid": sourceOf(rounded),
    "rows drawn with replacement": { ...sourceOf(rounded), pairs: [drawn] },
  };

  it.each(
    Object.entries(sources).flatMap(([name, source]) =>
      (["ksg", "mixed-ksg", "kl"] as const).map((method) => ({ name, source, method })),
    ),
  )("$method: $name has the bits of brute force", async ({ source, method }) => {
    expect(isPlane(method, "max", [1, 1])).toBe(true);
    const values = async (search: "sorted" | "brute") => {
      const found: [number, Float64Array | undefined][] = [];
      const keep = (_: number, local: Float64Array, zeroRadii: number) => {
        // Without a radius only Mixed KSG has a value.
        found.push([zeroRadii, zeroRadii === 0 || method === "mixed-ksg" ? local : undefined]);
      };
      await localValues(gpu, source, { method, k: 4 }, keep, 0, search);
      return found;
    };
    expect(await values("sorted")).toEqual(await values("brute"));
  });

  it("splits what is too much for one submit, to the same bits", async () => {
    const { picks, pairs, ...source } = sources["all rows"];
    const placed = placedReplicas(
      { ...source, picks, pairs },
      (r) => picks[r]!,
      () => pairs[0]!,
    );
    const replicas = [placed(0), placed(1)];
    const whole = await searchSorted(gpu, replicas, 3);
    expect(await searchSorted(gpu, replicas, 3, { work: 1 })).toEqual(whole);
    expect(Math.max(...whole)).toBeGreaterThan(10);
  });
});

describe("Mixed KSG of rounded numbers", () => {
  // By the k of Gao et al., which fewer points than k are inside of, these were 0.95, 0.27 and 0.02 nats.
  it.each([
    { step: 0.1, most: 0.3, ok: false },
    { step: 0.25, most: 0.1, ok: true },
    { step: 1, most: 0.05, ok: true },
  ])("finds little in independent columns of steps of $step", async ({ step, most, ok }) => {
    const n = 800;
    const [x, y] = [normals(61, n), normals(62, n)].map((values) => [...values].map((v) => Math.round(v / step)));
    const { raw, diagnostics } = await run({ x, y }, { method: "mixed-ksg" });
    expect(Math.abs(raw)).toBeLessThan(most);
    const ties = diagnostics.find(({ name }) => name === "ties")!;
    expect(ties.ok).toBe(ok);
    if (!ok) expect(ties.message).toMatch(/nobody nearer than their k-th neighbour.*larger k/);
  });
});

describe("what cannot be estimated", () => {
  const noise = [...normals(41, 60)];
  const other = [...normals(42, 60)];
  const digits = range(60).map((i) => i % 3);

  it.each<[string, unknown, unknown, NeighborsOptions, RegExp]>([
    ["k that is no count", noise, other, { k: 0 }, /"k" must be a positive integer, got 0/],
    ["k of all rows", noise, other, { k: 60 }, /"k" is 60, but a row has only 59 others/],
    [
      "an unknown method",
      noise,
      other,
      { method: "knn" as NeighborMethod },
      /"method" must be one of ksg, ksg2, mixed-ksg, kl/,
    ],
    ["an unknown metric", noise, other, { metric: "l1" as "max" }, /"metric" must be one of max, euclidean/],
    ["a log form of KSG", noise, other, { form: "log" }, /ksg has only the digamma form/],
    ["a condition for KL", noise, other, { method: "kl", given: other }, /for methods "ksg" and "mixed-ksg"/],
    ["a condition of other length", noise, other, { given: [1, 2, 3] }, /given has 3 rows/],
    ["KL of discrete data", digits, other, { method: "kl" }, /no differential entropy.*"mixed-ksg"/],
    ["KSG of discrete data", digits, digits, { method: "ksg" }, /60 rows have 3 or more exact copies.*"mixed-ksg"/],
    ["KSG 2 of discrete data", digits, digits, { method: "ksg2" }, /exact copies.*"mixed-ksg"/],
    [
      "KL where a few rows are copies",
      noise.map((v, i) => (i < 5 ? 0 : v)),
      other,
      { method: "kl" },
      /5 rows have 3 or more exact copies.*"mixed-ksg"/,
    ],
    ["confidence of 1", noise, other, { confidence: 1 }, /"confidence" must lie between 0 and 1/],
  ])("%s", async (_, x, y, options, message) => {
    const call = run({ x, y }, options);
    await expect(call).rejects.toBeInstanceOf(InputError);
    await expect(call).rejects.toThrow(message);
  });

  it("k beyond what a search keeps is a LimitError", async () => {
    const call = run({ x: [...normals(1, 200)], y: [...normals(2, 200)] }, { k: MAX_NEIGHBORS + 1 });
    await expect(call).rejects.toBeInstanceOf(LimitError);
    await expect(call).rejects.toThrow("at most 64");
  });

  it("picks or pairs that fit no number of replicas", async () => {
    const table = rows({ data: normals(1, 60), columns: 2 }, { data: normals(2, 30), columns: 1 });
    const picks = [
      [0, 2],
      [1, 2],
    ];
    const source = { ...table, xWidth: 1 };
    const pair = table.pairs[0]!;
    await expect(neighborsBatch(gpu, { ...source, picks, pairs: [pair, pair, pair] })).rejects.toThrow(
      '"picks" has 2 entries for 3 replicas',
    );
    await expect(neighborsBatch(gpu, { ...source, picks, pairs: [pair, pair.subarray(2)] })).rejects.toThrow(
      'of "pairs" have 60 and 58',
    );
  });

  it("stops when it is told to", async () => {
    const call = run({ x: noise, y: other }, { signal: AbortSignal.abort() });
    await expect(call).rejects.toBeInstanceOf(InterruptedError);
  });

  it("ties on one side leave KSG a number and a failed diagnostic; Mixed KSG is at home there", async () => {
    const ties = async (method: NeighborMethod) => {
      const { mi, diagnostics } = await run({ x: digits, y: other }, { method });
      expect(Number.isFinite(mi)).toBe(true);
      return diagnostics.find(({ name }) => name === "ties")!;
    };
    expect(await ties("ksg")).toMatchObject({ ok: false, message: expect.stringContaining("100 %") });
    expect((await ties("mixed-ksg")).ok).toBe(true);
  });
});

describe("the interval", () => {
  // Correlation .75: spread of KSG over data sets .033 nats (20 seeds), truth .4133.
  it("has about the width of the scatter over data sets", async () => {
    const results = [];
    for (const seed of range(24)) {
      const x = normals(100 + seed, 1000);
      const e = normals(900 + seed, 1000);
      const y = x.map((value, i) => 0.75 * value + Math.sqrt(1 - 0.75 ** 2) * e[i]!);
      results.push(await run({ x, y }, { method: "ksg", k: 3 }));
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const center = mean(results.map(({ raw }) => raw));
    const spread = Math.sqrt(mean(results.map(({ raw }) => (raw - center) ** 2)));
    const truth = -0.5 * Math.log(1 - 0.75 ** 2);
    expect(Math.abs(center - truth)).toBeLessThan(0.025);
    // A spread of 24 values is uncertain by 15 %.
    const ratio = mean(results.map(({ standardError }) => standardError)) / spread;
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.35);
    const inside = results.filter(({ interval }) => interval[0] <= truth && truth <= interval[1]).length;
    expect(inside).toBeGreaterThanOrEqual(20);
    expect(results[0]!.interval[1] - results[0]!.interval[0]).toBeCloseTo(2 * 1.959964 * results[0]!.standardError, 6);
  });
});
