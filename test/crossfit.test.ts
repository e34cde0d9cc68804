/** Cross-fitting's parts: maps of the columns, pairing within blocks, the value and the interval. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { towers } from "../src/critics/towers.ts";
import { describeInputs, fitInputs, inputsOf, withoutRadius } from "../src/crossfit/inputs.ts";
import { type Evidence, verdictOf } from "../src/crossfit/interval.ts";
import { rowScorer } from "../src/crossfit/networks.ts";
import { estimate } from "../src/index.ts";
import { rows as tableOf } from "../src/sources/table.ts";
import { pairingFor, pairsOf, partnerOf } from "../src/training/pairing.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { expectClose, gpu, it, normals, prng, range } from "./gpu.ts";

describe("rows are paired within blocks", () => {
  const cases = [
    [1000, 100],
    [128, 16],
    [129, 16],
    [200, 199],
    [21, 100],
    [2, 5],
  ] as const;
  test.each(cases)("%i rows with %i others", (count, wanted) => {
    const pairing = pairingFor(count, wanted);
    expect(pairing.perRow).toBe(Math.min(wanted, count - 1));
    expect(pairing.size).toBeLessThanOrEqual(count);
    for (const i of range(count)) {
      const partners = range(pairing.perRow).map((c) => partnerOf(i, c, count, pairing));
      expect(new Set([...partners, i]).size).toBe(pairing.perRow + 1);
      const [least, most] = [Math.min(...partners, i), Math.max(...partners, i)];
      expect(least >= 0 && most < count && most - least < pairing.size).toBe(true);
    }
  });

  test("pairs name joint pairs first, then each row's others", () => {
    const rows = Uint32Array.from([7, 3, 9]);
    expect([...pairsOf(rows, { perRow: 1, size: 3 })]).toEqual([7, 7, 3, 3, 9, 9, 7, 3, 3, 9, 9, 7]);
  });

  const critics = { towers: towers({ tower: [8], embed: 8, head: [8], products: 4 }), mlp: mlp([8, 8]) };
  for (const [name, critic] of Object.entries(critics)) {
    it(`${name} score blocks of rows as they score named pairs`, async () => {
      const table = (columns: number, seed: number) => ({ data: normals(seed, 90 * columns), columns });
      using trainer = await createTrainer(gpu, {
        source: tableOf(table(2, 1), table(3, 2)),
        pairs: { joint: 8, negatives: "shuffle" },
        critic,
        replicas: 2,
      });
      const lists = [Uint32Array.from(range(70), (i) => 89 - i), Uint32Array.from(range(71), (i) => i)];
      const pairing = { perRow: 5, size: 32 };
      const scorer = await rowScorer(trainer, trainer.params, pairing);
      const named = await trainer.scorer({ batch: 64, params: trainer.params });
      try {
        const blocks = await scorer.score(lists);
        for (const [r, { joint, marginal }] of blocks.entries()) {
          const pairs = pairsOf(lists[r]!, pairing);
          const scores = (await named.score([pairs, pairs]))[r]!;
          expectClose([...joint, ...marginal], [...scores], { tolerance: 1e-5 });
        }
      } finally {
        scorer.dispose();
        named.dispose();
      }
    });
  }
});

describe("two maps of the columns", () => {
  const uniform = prng(4);
  const normal = Float64Array.from(normals(3, 500));
  const heavy = normal.map((v) => Math.exp(4 * v));
  const category = normal.map(() => Math.floor(3 * uniform()));

  test("are normal scores, and standardised or asinh where tails call for it, each with the log radius", () => {
    const maps = fitInputs([normal, heavy, category]);
    expect(maps.map(({ name }) => name)).toEqual(["ranks", "scales"]);
    expect(maps.map(({ transforms }) => transforms.map(({ kind }) => kind))).toEqual([
      ["normal-scores", "normal-scores", "one-hot"],
      ["standardize", "asinh", "one-hot"],
    ]);
    for (const map of maps) {
      const { data, columns } = inputsOf(map, [normal, heavy, category]);
      expect(columns).toBe(2 + 3 + 1);
      expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(5);
      const radius = range(500).map((i) => data[i * columns + columns - 1]!);
      expect(Math.abs(radius.reduce((a, b) => a + b) / 500)).toBeLessThan(0.1);
      expect(inputsOf(withoutRadius(map), [normal, heavy, category]).columns).toBe(5);
    }
    expect(describeInputs(maps)).toEqual([
      "ranks: normal scores by rank; one-hot (3 levels), and the log radius",
      expect.stringMatching(
        /^scales: standardized .*; asinh of robust units .*; one-hot \(3 levels\), and the log radius$/,
      ),
    ]);
  });

  test("do not depend on units: shifts and scales change nothing but rounding", () => {
    const far = normal.map((v) => 1e6 + 1e3 * v);
    const [a, b] = [normal, far].map((column) => fitInputs([column]).map((map) => inputsOf(map, [column]).data));
    for (const m of [0, 1]) expectClose([...a![m]!], [...b![m]!], { tolerance: 1e-4 });
  });

  test("are one where all columns are categories, or a map is asked for", () => {
    expect(fitInputs([category])).toHaveLength(1);
    const [asked, ...none] = fitInputs([heavy], { kind: "identity" });
    expect(none).toEqual([]);
    expect(inputsOf(asked!, [heavy])).toEqual({ data: Float32Array.from(heavy), columns: 1 });
  });

  test("stay finite for a column whose middle half is one value", () => {
    const tied = normal.map((v) => (Math.abs(v) < 1.5 ? 0 : v * 1e3));
    for (const map of fitInputs([tied])) expect(inputsOf(map, [tied]).data.every(Number.isFinite)).toBe(true);
  });
});

describe("value and interval", () => {
  const usual: Evidence = {
    ...{ held: 0.5, standardError: 0.02, seen: 0.56, disagreement: 0.01 },
    ...{ closed: 0, neighbors: 0, finer: 0, loss: 0, freedom: 6, rows: 1000, columns: 2 },
  };
  test("what networks show to be missing lies between bound and value, of closed forms a quarter of the gap", () => {
    const { lift, above, source } = verdictOf(usual, 2);
    expect(lift).toBeCloseTo(0.07, 12);
    expect(above).toBeCloseTo(0.14, 12);
    expect(source).toBe("overfitting");
    expect(verdictOf({ ...usual, closed: 1 }, 2).lift).toBeCloseTo(0.025, 12);
  });
  test("what neighbours see more counts", () => {
    const { lift, above, source, words } = verdictOf({ ...usual, neighbors: 0.3 }, 2);
    expect([lift, source]).toEqual([0.3, "neighbours"]);
    expect(above).toBeCloseTo(0.6, 12);
    expect(words).toBe("second opinions see 0.3 more");
    expect(verdictOf({ ...usual, neighbors: 0.3, columns: 3 }, 2).above).toBeCloseTo(0.9, 12);
  });
  test("what neighbours would see more if rows lay closer is within reach", () => {
    expect(verdictOf({ ...usual, finer: 0.8 }, 2)).toMatchObject({ above: 0.8, source: "neighbours" });
  });
  test("a curve may be missed in few rows, and from 100 on shows", () => {
    const few = { ...usual, held: 0, seen: 0, disagreement: 0, standardError: 0.05 };
    expect(verdictOf({ ...few, rows: 20 }, 2)).toMatchObject({ above: 1, source: "rows" });
    expect(verdictOf({ ...few, rows: 50 }, 2).above).toBeCloseTo(0.625, 12);
    expect(verdictOf({ ...few, rows: 100 }, 2).above).toBeCloseTo(0.03, 12);
  });
  test("a bound far below 0 says nothing of the MI", () => {
    const { above, source } = verdictOf({ ...usual, held: -2, seen: -1.5, standardError: 0.3 }, 2);
    expect(source).toBe("failure");
    expect(above).toBeGreaterThan(2);
  });
  test("noise below 0 is sampling", () => {
    expect(verdictOf({ ...usual, held: -0.01, seen: 0, disagreement: 0 }, 2).source).toBe("sampling");
    expect(verdictOf({ ...usual, held: -0.08, seen: 0, disagreement: 0 }, 2).source).toBe("sampling");
    expect(verdictOf({ ...usual, held: -0.1, seen: 0, disagreement: 0 }, 2).source).toBe("failure");
  });
});

describe("strong dependence", () => {
  const [rho, rows] = [Math.sqrt(1 - Math.exp(-10)), 600]; // 5 nats
  const x = Array.from(normals(11, rows));
  const e = normals(12, rows);
  const y = x.map((v, i) => rho * v + Math.sqrt(1 - rho * rho) * e[i]!);

  it("is never read as nothing, and scores of new rows know it", async () => {
    const result = await estimate(x, y, { gpu, folds: 3, restarts: 2, steps: 200 });
    expect(result.bound).toBeGreaterThan(3.5);
    expect(result.interval[0]).toBeLessThan(5);
    expect(result.interval[1]).toBeGreaterThan(5);
    expect(result.members!.map(({ name }) => name)).toEqual([
      ...["network 1", "network 2", "gaussian copula 1", "gaussian copula 2"],
    ]);
    const scores = await result.critics!.score(x, y);
    const far = await result.critics!.score(x, [...y.slice(1), y[0]!]);
    expect(scores.reduce((a, b) => a + b) / rows).toBeGreaterThan(3.5);
    expect(far.reduce((a, b) => a + b) / rows).toBeLessThan(-5);
  });
});
