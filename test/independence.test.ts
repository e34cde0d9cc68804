/** What speaks against independence: features, statistics and evidence against float64 oracles, and whether p means what it says. */
import { describe, expect } from "vitest";
import type { ColumnsInput } from "../src/data/input.ts";
import { estimate } from "../src/estimate/estimate.ts";
import type { EstimateOptions } from "../src/estimate/options.ts";
import { correlateFeatures } from "../src/independence/correlate.ts";
import { evidenceOf, formsOf, standings, withNeighbors } from "../src/independence/evidence.ts";
import { featuresOf, unpacked } from "../src/independence/features.ts";
import { localOrders } from "../src/independence/local-orders.ts";
import { basisOf, lessGiven, reordered } from "../src/independence/sides.ts";
import { evidencesOf } from "../src/independence/test.ts";
import { shuffled } from "../src/math/random.ts";
import { logSurvival } from "../src/math/special.ts";
import { matrix } from "../src/matrix/matrix.ts";
import { expectClose, gpu, it, normals, prng, range } from "./gpu.ts";
import * as oracle from "./oracle/independence.ts";

describe("logSurvival", () => {
  it("is ln P(Z > z), in the tails too", () => {
    // mpmath: log(ncdf(-z)).
    const table: [number, number][] = [
      [-40, 0],
      [-8, -6.220960574271786e-16],
      [-3.5, -0.000232656141376804],
      [-1, -0.17275377902344988],
      [0, -Math.LN2],
      [0.5, -1.175911761593618],
      [2.9999, -6.607397916292055],
      [3.0001, -6.608054536023052],
      [5, -15.064998393988725],
      [40, -804.6084420137538],
      [1e6, -500000000014.7344],
    ];
    for (const [z, want] of table) {
      expect(Math.abs(logSurvival(z) - want), `${z}`).toBeLessThan(1e-12 * (1 + Math.abs(want)));
    }
    expect(Math.abs(logSurvival(3 - 1e-12) - logSurvival(3 + 1e-12))).toBeLessThan(1e-10);
  });
});

describe("features", () => {
  const column = (values: number[], kind: "numeric" | "category" = "numeric") => ({
    kind,
    values: Float64Array.from(values),
  });
  const byRow = ({ values, fours }: { values: Float32Array; fours: number }) =>
    range(values.length / (4 * fours)).map((i) => [...values.subarray(4 * fours * i, 4 * fours * (i + 1))]);
  const numbers = Array.from(normals(3, 90));
  const cases = [
    ["numbers", numbers, "numeric", [1, 2, 4, 8]],
    ["numbers with ties", numbers.map((v) => Math.round(3 * v)), "numeric", [1, 2, 4, 8]],
    ["three numbers", range(90).map((i) => i % 3), "numeric", [1, 2]],
    ["two numbers", range(90).map((i) => Number(i < 7)), "numeric", [1]],
    ["a category", range(90).map((i) => (i * i) % 7), "category", [3]],
    ["a category of many levels", range(90).map((i) => i % 40), "category", [15]],
  ] as const;

  it.each(cases)("of %s are those of the oracle", (_, values, kind, sizes) => {
    const found = featuresOf(column([...values], kind));
    expect(found.sizes).toEqual(sizes);
    const want = oracle.features(values, kind === "category");
    const rows = byRow(found);
    for (const [j, feature] of want.entries()) {
      // A feature may be turned round by nothing: the first rows decide no sign.
      expectClose(
        rows.map((row) => row[j]!),
        feature,
        { tolerance: 1e-5, scale: 4, what: `feature ${j}` },
      );
    }
    expect(rows.every((row) => row.slice(want.length).every((value) => value === 0))).toBe(true);
  });

  it("do not change with the unit, or any rising map", () => {
    expect(featuresOf(column(numbers.map((v) => Math.exp(3 * v) - 7)))).toEqual(featuresOf(column(numbers)));
  });
});

describe("evidence", () => {
  it("is that of the oracle", async () => {
    const rows = 60;
    const a = Array.from(normals(1, rows));
    const b = a.map((v, i) => Math.abs(v) + 0.5 * normals(2, rows)[i]!);
    const [x, y] = [a, b].map((values) => featuresOf({ kind: "numeric", values: Float64Array.from(values) })) as [
      ReturnType<typeof featuresOf>,
      ReturnType<typeof featuresOf>,
    ];
    const identity = Uint32Array.from(range(rows));
    const order = shuffled(rows, 5);
    const replicas = [identity, order].map((orderY) => ({ x, y, orderX: identity, orderY }));
    const products = await correlateFeatures(gpu, replicas);
    for (const [r, { orderY }] of replicas.entries()) {
      const found = standings(formsOf(products.subarray(64 * r, 64 * (r + 1)), x, y, rows));
      const permuted = oracle.features(b, false).map((f) => [...orderY].map((row) => f[row]!));
      const want = oracle.standings(oracle.features(a, false), permuted, [x.sizes, y.sizes]);
      const z = (list: readonly { z: number }[]) => list.map((statistic) => statistic.z);
      expectClose(z(found), z(want), { tolerance: 1e-4, what: "standings" });
      expectClose(
        found.map(({ weight }) => weight),
        want.map(({ weight }) => weight),
        { tolerance: 1e-12, what: "weights" },
      );
      expect(Math.abs(evidenceOf(found) - oracle.evidence(want))).toBeLessThan(1e-3);
    }
  });

  it("is finite for dependence however strong", () => {
    const weighed = (...list: number[]) => evidenceOf(list.map((z) => ({ z, weight: 2 })));
    expect(weighed(1000, 0)).toBeCloseTo(500000 + Math.log(1000 * Math.sqrt(2 * Math.PI)) - Math.LN2, 4);
    expect(weighed(Number.NEGATIVE_INFINITY, -1e9)).toBeCloseTo(0, 9);
    expect(withNeighbors(0, 1000)).toBeCloseTo(500000 + Math.log(1000 * Math.sqrt(2 * Math.PI)) - Math.log(24), 4);
  });
});

describe("orders given Z", () => {
  const rows = 300;
  const numeric = (values: readonly number[]) => ({ kind: "numeric" as const, values: Float64Array.from(values) });
  const category = (values: readonly number[]) => ({ kind: "category" as const, values: Float64Array.from(values) });
  const turn = async () => {};
  const z = Array.from(normals(1, rows));
  const level = range(rows).map((i) => (i * i) % 7);

  it("give each row the place of one of the five nearest in rank, itself among them, mostly without repeats", async () => {
    const ranks = z.map((v) => z.filter((w) => w < v).length);
    const order = (await localOrders([numeric(z)], turn))(3);
    expect(order.every((row, i) => Math.abs(ranks[row]! - ranks[i]!) <= 4)).toBe(true);
    // Algorithm 1 leaves few rows without a free neighbour.
    expect(new Set(order).size).toBeGreaterThan(0.8 * rows);
    expect(order.filter((row, i) => row === i).length).toBeLessThan(0.4 * rows);
  });

  it("look at all columns of Z in the max norm", async () => {
    const w = Array.from(normals(2, rows));
    const ranks = [z, w].map((values) => values.map((v) => values.filter((u) => u < v).length));
    const distance = (a: number, b: number) => Math.max(...ranks.map((r) => Math.abs(r[a]! - r[b]!)));
    const order = (await localOrders([numeric(z), numeric(w)], turn))(5);
    for (const i of range(rows)) {
      const nearest = range(rows).toSorted((a, b) => distance(i, a) - distance(i, b));
      expect(distance(i, order[i]!)).toBeLessThanOrEqual(distance(i, nearest[4]!));
    }
  });

  it("never leave a level, and permute it whole where Z is categories alone", async () => {
    const alone = (await localOrders([category(level)], turn))(1);
    expect([...alone].every((row, i) => level[row] === level[i])).toBe(true);
    expect([...alone].toSorted((a, b) => a - b)).toEqual(range(rows));
    const both = (await localOrders([category(level), numeric(z)], turn))(1);
    expect([...both].every((row, i) => level[row] === level[i])).toBe(true);
    expect(both.filter((row, i) => row !== i).length).toBeGreaterThan(rows / 2);
  });

  it("leave rows with no like where they are", async () => {
    const order = (await localOrders([category(range(rows)), numeric(z)], turn))(1);
    expect([...order]).toEqual(range(rows));
  });
});

describe("p-values of estimate", () => {
  const rows = 1000;
  const noise = (seed: number, count = rows) => Array.from(normals(seed, count));
  const z = noise(1);
  const ask = async (x: ColumnsInput, y: ColumnsInput, options: EstimateOptions = {}) => {
    const { independence } = await estimate(x, y, { gpu, permutations: 59, estimator: "ksg", ...options });
    return independence!;
  };

  it("given what drives both are not small, and are where one drives the other", async () => {
    const [x, y] = [2, 3].map((seed) => z.map((v, i) => v + 0.5 * noise(seed)[i]!)) as [number[], number[]];
    expect((await ask(x, y)).p).toBe(1 / 60);
    const given = await ask(x, y, { given: z });
    expect(given.p).toBeGreaterThan(0.05);
    expect(given.permuted).toBe("rows of X exchanged with one of the 5 nearest in Z");
    const driven = y.map((v, i) => v + 0.3 * x[i]!);
    expect((await ask(x, driven, { given: z })).p).toBe(1 / 60);
  });

  it("given a category permute within its levels, and see one that acts in one level alone", async () => {
    const level = range(rows).map((i) => i % 3);
    const region = [{ name: "region", kind: "category" as const, values: level }];
    const [x, y] = [4, 5].map((seed) => level.map((v, i) => 2 * v + noise(seed)[i]!)) as [number[], number[]];
    const mixed = { given: region, estimator: "mixed-ksg" } as const;
    const found = await ask(x, y, mixed);
    expect(found.p).toBeGreaterThan(0.05);
    expect(found.permuted).toBe("rows of X shuffled within the levels of Z");
    const driven = y.map((v, i) => (level[i] === 1 ? v + 0.5 * x[i]! : v));
    expect((await ask(x, driven, mixed)).p).toBe(1 / 60);
  });

  it("given a number of two values permute within each of them", async () => {
    const half = range(rows).map((i) => 10 * (i % 2));
    const [x, y] = [4, 5].map((seed) => half.map((v, i) => 0.3 * v + noise(seed)[i]!)) as [number[], number[]];
    const found = await ask(x, y, { given: half, estimator: "mixed-ksg" });
    expect(found.permuted).toBe("rows of X shuffled within the levels of Z");
    expect(found.p).toBeGreaterThan(0.05);
  });

  it("see what only two columns show together: signs of numbers, levels of categories", async () => {
    const [a, b, c] = [6, 7, 8].map((seed) => noise(seed, 300)) as [number[], number[], number[]];
    const sign = a.map((v, i) => Math.sign(v * b[i]!) * Math.abs(c[i]!));
    expect((await ask({ a, b }, { sign })).p).toBe(1 / 60);
    const [u, v] = [a, b].map((values) => values.map((w) => Number(w > 0))) as [number[], number[]];
    const either = u.map((w, i) => (w + v[i]! + Number(c[i]! > 1)) % 2);
    const columns = (list: Record<string, number[]>) =>
      Object.entries(list).map(([name, values]) => ({ name, values, kind: "category" as const }));
    expect((await ask(columns({ u, v }), columns({ either }), { estimator: "mixed-ksg" })).p).toBe(1 / 60);
    expect((await ask(columns({ u }), columns({ either }), { estimator: "mixed-ksg" })).p).toBeGreaterThan(0.03);
  });

  it("rotate rows in time and exchange groups whole", async () => {
    const walk = (seed: number) => {
      let last = 0;
      return noise(seed).map((v) => (last = 0.9 * last + v));
    };
    const [x, y] = [walk(11), walk(12)];
    expect(await ask(x, y, { time: true })).toMatchObject({ permuted: "X rotated in time against Y" });
    const group = range(rows).map((i) => Math.floor(i / 10));
    const level = (seed: number) => group.map((g, i) => noise(seed)[g]! + 0.1 * noise(seed + 1)[i]!);
    const found = await ask(level(20), level(30), { group });
    expect(found.p).toBeGreaterThan(0.05);
    expect(found.permuted).toBe("X exchanged between whole groups of rows");
    expect((await ask(level(20), level(30))).p).toBe(1 / 60);
  });

  it("are 1 where Z says all that X says, and refuse what is no number of them", async () => {
    const quarter = range(rows).map((i) => i % 4);
    const given = [{ name: "quarter", values: quarter.map((v) => [3, 1, 0, 2][v]!), kind: "category" as const }];
    expect((await ask(quarter, noise(9), { given, estimator: "mixed-ksg" })).p).toBe(1);
    await expect(ask(z, noise(2), { permutations: 1.5 })).rejects.toThrow(/"permutations" must be a whole number/);
  });
});

describe("what Z leaves of X", () => {
  const rows = 120;
  /** A slow series: two of them agree in much by chance. */
  const slow = (seed: number) => {
    const noise = normals(seed, rows);
    let last = 0;
    return { kind: "numeric" as const, values: Float64Array.from(noise, (v) => (last = 0.9 * last + v)) };
  };
  const [x, y, z] = [slow(1), slow(2), slow(3)];
  const rotation = Uint32Array.from(range(rows), (row) => (row + 37) % rows);

  it("has nothing of Z and variance 1 in another order too", () => {
    const basis = basisOf([featuresOf(z)]);
    const left = lessGiven([featuresOf(x)], basis);
    const [rotated] = lessGiven(reordered(left, rotation), basis);
    const column = range(rows).map((row) => rotated!.values[4 * rotated!.fours * row]!);
    expect(column.reduce((sum, v) => sum + v * v, 0) / rows).toBeCloseTo(1, 5);
    for (const feature of basis)
      expect(column.reduce((sum, v, row) => sum + v * feature[row]!, 0) / rows).toBeCloseTo(0, 5);
    const [moved] = reordered(left, rotation);
    expect(moved!.values.subarray(0, 8)).toEqual(left[0]!.values.subarray(37 * 8, 38 * 8));
    // Without that more than a tenth of its variance would be in Z.
    const inZ = basis.map((feature) => feature.reduce((sum, v, row) => sum + v * moved!.values[8 * row]!, 0) / rows);
    expect(inZ.reduce((sum, r) => sum + r * r, 0)).toBeGreaterThan(0.1);
  });

  it("has nothing of a number that tells another thing in each level of a category", () => {
    const level = Float64Array.from(range(rows), (row) => row % 3);
    const basis = basisOf([featuresOf({ kind: "category", values: level }), featuresOf(z)]);
    const slope = [-1, 0.2, 3];
    const known = Float64Array.from(level, (k, row) => slope[k]! * unpacked(featuresOf(z))[0]![row]!);
    const inZ = basis.map((feature) => feature.reduce((sum, v, row) => sum + v * known[row]!, 0) / rows);
    const center = known.reduce((sum, v) => sum + v, 0) / rows;
    const variance = known.reduce((sum, v) => sum + (v - center) ** 2, 0) / rows;
    expect(inZ.reduce((sum, r) => sum + r * r, 0)).toBeCloseTo(variance, 4);
  });

  it("speaks as loud in the data as in a permutation that changes nothing", async () => {
    const sides = { x: [x], y: [y], given: [z] };
    const order = () => Uint32Array.from(range(rows));
    const [observed, ...same] = await evidencesOf(gpu, sides, { permutations: 2, order, isLocal: false });
    for (const evidence of same) expect(evidence).toBeCloseTo(observed!, 3);
    const [, other] = await evidencesOf(gpu, sides, { permutations: 1, order: () => rotation, isLocal: false });
    expect(Math.abs(other! - observed!)).toBeGreaterThan(0.01);
  });

  it("says nothing where Z says all of a side", async () => {
    const settings = { permutations: 3, order: () => rotation, isLocal: false };
    expect(await evidencesOf(gpu, { x: [x], y: [y], given: [x] }, settings)).toEqual([0, 0, 0, 0]);
  });
});

describe("p-values", () => {
  const rows = 400;
  const random = prng(7);
  const uniform = (count: number) => range(count).map(() => random());
  const noise = (seed: number) => Array.from(normals(seed, rows));
  const u = uniform(rows);

  /** Shapes that some usual test does not see, at noise where 400 rows leave no doubt. */
  const shapes: [string, number[], number[]][] = [
    ["a line, r = .41", noise(1), noise(1).map((v, i) => 0.41 * v + 0.91 * noise(2)[i]!)],
    ["a parabola", u, u.map((v, i) => 8 * (v - 0.5) ** 2 + 0.8 * noise(3)[i]!)],
    [
      "a ring",
      u.map((v, i) => Math.cos(7 * v) + 0.3 * noise(4)[i]!),
      u.map((v, i) => Math.sin(7 * v) + 0.3 * noise(5)[i]!),
    ],
    ["three periods of a sine", u, u.map((v, i) => Math.sin(6 * Math.PI * v) + noise(6)[i]!)],
    [
      "a checkerboard of 8 by 8",
      u,
      u.map((v) => (2 * Math.floor(4 * random()) + (Math.floor(8 * v) % 2) + random()) / 8),
    ],
    ["a sign", noise(7), noise(7).map((v, i) => v * Math.sign(noise(8)[i]!) + 0.5 * noise(9)[i]!)],
    ["spread alone", u, u.map((v, i) => (0.3 + v) * noise(10)[i]!)],
  ];
  it.each(shapes)("see %s", async (_, x, y) => {
    const { pairs } = await matrix({ x, y }, { gpu, permutations: 99 });
    expect(pairs[0]!.p).toBeLessThanOrEqual(0.02);
  });

  it("find the one strong pair among 45 with 200 permutations", async () => {
    const table = Object.fromEntries(range(10).map((i) => [`c${i}`, noise(20 + i)]));
    table.c9 = table.c9!.map((v, i) => 0.41 * table.c0![i]! + 0.91 * v);
    const { pairs } = await matrix(table, { gpu, permutations: 200 });
    expect(pairs[0]).toMatchObject({ x: "c0", y: "c9" });
    expect(pairs[0]!.q).toBeLessThanOrEqual(0.05);
    expect(pairs[0]!.permutations).toBeGreaterThan(200);
    expect(pairs.filter(({ q }) => q! <= 0.05)).toHaveLength(1);
  });

  it("are uniform under independence: 300 pairs of numbers, 300 with a category of four levels", async () => {
    const nulls: number[][] = [[], []];
    for (const set of range(30)) {
      const table = [
        ...range(5).map((i) => ({ name: `n${i}`, values: Array.from(normals(1000 + 10 * set + i, 50)) })),
        ...range(2).map((i) => ({
          name: `k${i}`,
          kind: "category" as const,
          values: Array.from(normals(2000 + 10 * set + i, 50), (v) => Math.floor(4 * ((((v % 1) + 1) % 1) as number))),
        })),
      ];
      const { pairs } = await matrix(table, { gpu, permutations: 39, seed: set });
      for (const { x, y, p } of pairs) if (!(x[0] === "k" && y[0] === "k")) nulls[Number(/k/.test(x + y))]!.push(p!);
    }
    for (const list of nulls) {
      const sorted = list.toSorted((a, b) => a - b);
      expect(sorted).toHaveLength(300);
      // Kolmogorov and Smirnov's distance: 1.63 / √300 = .094 at the 1 % level.
      const far = Math.max(...sorted.map((p, i) => Math.abs(p - (i + 0.5) / 300)));
      expect(far).toBeLessThan(0.094);
    }
  });
});
