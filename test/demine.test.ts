/** The certificate of DEMINE: how often its lower bound holds, how near it comes, and what a call refuses. */
import { describe, expect, it as test } from "vitest";
import { demineSplits, lowerBound } from "../src/estimate/demine.ts";
import { estimate } from "../src/index.ts";
import { partnerOf } from "../src/training/pairing.ts";
import { gpu, it, prng, range } from "./gpu.ts";

const normals = (seed: number) => {
  const uniform = prng(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
};

function correlated(rows: number, rho: number, seed: number) {
  const normal = normals(seed);
  const x = range(rows).map(normal);
  return { x, y: x.map((v) => rho * v + Math.sqrt(1 - rho * rho) * normal()) };
}

const mi = (rho: number) => -0.5 * Math.log(1 - rho * rho);

/** Scores of fresh rows by a frozen critic. */
function scoresBy(critic: (x: number, y: number) => number, rows: number, rho: number, seed: number, perRow = 10) {
  const { x, y } = correlated(rows, rho, seed);
  const pairing = { perRow, size: rows };
  return {
    joint: Float64Array.from(x, (v, i) => critic(v, y[i]!)),
    marginal: Float64Array.from({ length: rows * perRow }, (_, k) => {
      const i = Math.floor(k / perRow);
      return critic(x[i]!, y[partnerOf(i, k % perRow, rows, pairing)]!);
    }),
    pairing,
  };
}

const logRatio = (rho: number) => (x: number, y: number) =>
  mi(rho) - (rho * rho * (x * x + y * y) - 2 * rho * x * y) / (2 * (1 - rho * rho));

describe("the lower bound of a frozen critic", () => {
  const critics: [string, number, (x: number, y: number) => number][] = [
    ["the log ratio", 0.75, logRatio(0.75)],
    ["the log ratio of little dependence", 0.2, logRatio(0.2)],
    ["the log ratio of much dependence, whose e^T is heavy-tailed", 0.98, logRatio(0.98)],
    ["a critic that knows nothing", 0, (x, y) => Math.sin(9 * x) * Math.cos(7 * y)],
    ["a constant", 0.5, () => 1],
  ];
  test.each(critics)("holds with %s", (_, rho, critic) => {
    const sets = 200;
    const confidence = 0.8;
    const above = range(sets).filter(
      (s) =>
        lowerBound(scoresBy(critic, 300, rho, 2 * s + 1), scoresBy(critic, 80, rho, 2 * s + 2), confidence) > mi(rho),
    );
    // At most a fifth, and three standard deviations of a count.
    expect(above.length).toBeLessThanOrEqual(0.2 * sets + 3 * Math.sqrt(0.16 * sets));
  });

  test("comes near the truth as rows grow, and loosens with confidence", () => {
    const at = (rows: number, confidence: number) =>
      lowerBound(scoresBy(logRatio(0.75), rows, 0.75, 5), scoresBy(logRatio(0.75), 200, 0.75, 6), confidence);
    expect(at(500, 0.95)).toBeGreaterThan(0.15);
    expect(at(8000, 0.95)).toBeGreaterThan(0.33);
    expect(at(8000, 0.95)).toBeLessThan(mi(0.75));
    expect(at(2000, 0.999)).toBeLessThan(at(2000, 0.9));
  });

  test("is not fooled by scores that all but a few marginal pairs would support", () => {
    // E[e^T] is 0.01 e^9 + 0.99 = 82 over marginal pairs, so T as it is bounds nothing, and cut off at 1 it is a constant.
    const uniform = prng(9);
    const spiky = (rows: number) => ({
      joint: Float64Array.from({ length: rows }, () => (uniform() < 0.05 ? 9 : 1)),
      marginal: Float64Array.from({ length: rows * 4 }, () => (uniform() < 0.01 ? 9 : 0)),
      pairing: { perRow: 4, size: rows },
    });
    for (const _ of range(20)) expect(lowerBound(spiky(100), spiky(40), 0.99)).toBeLessThan(0.75);
  });
});

describe("estimator demine", () => {
  const quick = {
    gpu,
    estimator: "demine" as const,
    restarts: 1,
    hidden: [16],
    steps: 150,
    batch: 64,
    learningRate: 0.02,
  };

  it("certifies less than the truth over data sets, and more than nothing", async () => {
    const lows: number[] = [];
    for (const seed of range(8)) {
      const { x, y } = correlated(1000, 0.9, 50 + seed);
      const result = await estimate(x, y, { ...quick, seed });
      lows.push(result.interval[0]);
      expect(result.interval[1]).toBeGreaterThan(result.mi);
    }
    // Eight certificates at 95 %: two failures have a chance of 0.06 at most.
    expect(lows.filter((low) => low > mi(0.9)).length).toBeLessThanOrEqual(1);
    expect(lows.reduce((a, b) => a + b) / lows.length).toBeGreaterThan(0.2);
  });

  it("scores only the rows that it did not train on, and says what it did", async () => {
    const { x, y } = correlated(400, 0.9, 3);
    const result = await estimate(x, y, quick);
    const held = result.pointwise.filter((v) => !Number.isNaN(v));
    expect(held.length).toBe(200);
    expect(held.reduce((a, b) => a + b) / held.length).toBeCloseTo(result.raw, 6);
    expect(result.budget!.folds).toBe(1);
    expect(result.estimator).toBe("demine");
    expect(result.diagnostics.map((d) => d.name)).not.toContain("folds");
    expect((await result.critics!.score(x, y)).every(Number.isFinite)).toBe(true);
  });

  it("certifies nothing where there is nothing", async () => {
    const { x, y } = correlated(600, 0, 4);
    expect((await estimate(x, y, quick)).interval[0]).toBe(0);
  });

  it("keeps the three parts of its rows apart", () => {
    const [{ train, validation, test: held }, ...more] = demineSplits(1001, 7) as [ReturnType<typeof demineSplits>[0]];
    expect(more).toHaveLength(0);
    expect(new Set([...train, ...validation, ...held]).size).toBe(1001);
    expect(held.length).toBe(500);
  });

  it.each([
    ["too few rows", 150, {}, /150 rows are too few.*remine/],
    ["given columns", 400, { given: range(400) }, /difference of two.*remine/],
    ["folds", 400, { folds: 5 }, /no folds/],
  ])("refuses %s by name", async (_, rows, options, message) => {
    const { x, y } = correlated(rows, 0.5, 1);
    await expect(estimate(x, y, { ...quick, ...options })).rejects.toThrow(message);
  });
});
