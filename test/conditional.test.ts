/** I(X;Y|Z) as a difference of two cross-fitted terms: on data whose value is known, and what a call refuses. */
import { beforeAll, describe, expect } from "vitest";
import { estimate, type TrainedResult } from "../src/index.ts";
import { gpu, it, prng } from "./gpu.ts";

type Row = readonly [x: number, y: number, z: number];

function draw(rows: number, seed: number, row: (normal: () => number) => Row) {
  const uniform = prng(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const all = Array.from({ length: rows }, () => row(normal));
  return { x: all.map(([x]) => x), y: all.map(([, y]) => y), z: all.map(([, , z]) => z) };
}

// Small enough for SwiftShader on a busy machine.
const short = {
  ...{ folds: 3, restarts: 1, hidden: [16, 16], steps: 250, batch: 64 },
  ...{ learningRate: 1e-2, weightDecay: [0.1], heldOutMarginals: 20 },
};
const mean = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => a + b, 0) / list.length;

describe("a common cause and a direct link", () => {
  // X = Z + e1, Y = Z + X / 2 + e2: given Z, Y is X / 2 + noise, and X varies by 1. I(X;Y|Z) = ln(1 + 1/4) / 2.
  const truth = 0.5 * Math.log(1.25);
  const { x, y, z } = draw(2000, 1, (normal) => {
    const z = normal();
    const x = z + normal();
    return [x, z + x / 2 + normal(), z];
  });
  let result: TrainedResult;
  beforeAll(async () => {
    result = await estimate(x, y, { gpu, ...short, given: z });
  });

  it("is told apart from the dependence through Z", async () => {
    // The mean pointwise value has a deviation of 0.43 / sqrt(2000) = 0.01; four of them, and as much for short training.
    expect(Math.abs(result.mi - truth)).toBeLessThan(0.06);
    expect(result.interval[0]).toBeLessThan(truth);
    expect(result.interval[1]).toBeGreaterThan(truth);
    // The correlation of X and Y is 2 / sqrt(2 · 3.5).
    const without = await estimate(x, y, { gpu, ...short });
    expect(Math.abs(without.mi - -0.5 * Math.log(1 - 4 / 7))).toBeLessThan(0.08);
  });

  it("is the difference of two terms that share folds, and varies less than they do apart", () => {
    const { "I(X;Y,Z)": whole, "I(X;Z)": part } = result.terms!;
    expect(result.raw).toBeCloseTo(whole!.raw - part!.raw, 12);
    // I(X;Z) = ln(2) / 2 by construction.
    expect(Math.abs(part!.raw - 0.5 * Math.LN2)).toBeLessThan(0.08);
    // Independent errors would add up to the root of the sum of squares.
    expect(result.standardError).toBeLessThan(0.9 * Math.hypot(whole!.standardError, part!.standardError));
    expect(result.standardError).toBeGreaterThan(0.003);
  });

  it("has pointwise scores that average to the estimate and follow the log density ratio", () => {
    expect(mean(result.pointwise)).toBeCloseTo(result.raw, 6);
    const exact = x.map((v, i) => {
      const [given, y0] = [z[i]!, y[i]! - 1.5 * z[i]!];
      const residual = v - given;
      return 0.5 * Math.log(1.25) - (y0 - residual / 2) ** 2 / 2 + y0 ** 2 / 2.5;
    });
    expect(mean(exact.map((t, i) => Math.abs(t - result.pointwise[i]!)))).toBeLessThan(0.2);
  });

  it("scores new rows, and asks for the given columns", async () => {
    const fresh = await result.critics!.score(x.slice(0, 200), y.slice(0, 200), z.slice(0, 200));
    expect(mean(fresh.map((t, i) => Math.abs(t - result.pointwise[i]!)))).toBeLessThan(0.2);
    await expect(result.critics!.score(x, y)).rejects.toThrow("score(x, y, given)");
    await expect(result.critics!.score(x, y, [[1, 2]])).rejects.toThrow("given has 2 columns");
    await expect(result.critics!.score(x, y, [1])).rejects.toThrow("given has 1;");
  });

  it("reports both terms' diagnostics and curves that go on to the longer term's end", () => {
    for (const name of ["I(X;Y,Z)", "I(X;Z)"])
      expect(result.diagnostics.filter((d) => d.message.startsWith(`${name}: `)).length).toBeGreaterThan(3);
    const steps = Object.values(result.terms!).map((t) => t.trace.value.length);
    expect(result.trace.value.length).toBe(Math.max(...steps));
    expect(result.validation.step.length).toBe(result.validation.bound.length);
    // One line for each map of the columns.
    expect(result.transforms.given).toHaveLength(2);
  });
});

describe("a chain X → Z → Y", () => {
  const { x, y, z } = draw(2000, 2, (normal) => {
    const x = normal();
    const z = x + normal();
    return [x, z + normal(), z];
  });

  it.each(["mine", "donsker-varadhan", "ccmi"] as const)("leaves nothing, by %s", async (estimator) => {
    const { mi, interval, terms } = await estimate(x, y, { gpu, ...short, given: z, estimator });
    expect(terms!["I(X;Z)"]!.raw).toBeGreaterThan(0.25); // ln(2) / 2 = 0.35
    // Each of two critics misses its term by some hundredths; the sampling error of the difference is near 0.
    expect(mi).toBeLessThan(0.04);
    expect(interval[0]).toBe(0);
  });
});

it("ccmi without given is a classifier's estimate of I(X;Y)", async () => {
  const { x, y } = draw(2000, 3, (normal) => {
    const x = normal();
    return [x, 0.75 * x + Math.sqrt(1 - 0.5625) * normal(), 0];
  });
  const { mi } = await estimate(x, y, { gpu, ...short, estimator: "ccmi" });
  // As in estimate.test.ts.
  expect(Math.abs(mi - 0.4133)).toBeLessThan(0.07);
});

describe("a call", () => {
  const { x, y, z } = draw(400, 4, (normal) => [normal(), normal(), normal()]);

  it("counts progress over both terms", async () => {
    const seen: number[] = [];
    const options = { ...short, steps: 60, checkEvery: 20, given: z };
    await estimate(x, y, { gpu, ...options, onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.some((share) => share <= 0.5)).toBe(true);
  });

  it("gives the same bits again", async () => {
    const options = { gpu, ...short, steps: 40, given: z };
    expect((await estimate(x, y, options)).pointwise).toEqual((await estimate(x, y, options)).pointwise);
  });

  it.each([
    ["a column of x", x, /the same column in given and x.*drop it/],
    ["a column of y among others", y.map((v, i) => [z[i]!, v]), /column 2 of given.*the same column in given and y/],
    ["a constant", z.map(() => 3), /given is constant/],
    ["other rows", z.slice(1), /x has 400 rows and given has 399/],
    ["no rows", [], /given is empty/],
  ])("refuses %s as given", async (_, given, message) => {
    await expect(estimate(x, y, { gpu, ...short, given })).rejects.toThrow(message);
  });
});
