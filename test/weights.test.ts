/** Rows that stand for unequal shares: the MI is that of the weighted rows, and equal weights change no bit. */
import { describe, expect, it as plainly } from "vitest";
import { drawnByWeight, pairWeights } from "../src/crossfit/pair-weights.ts";
import { stackWeights } from "../src/crossfit/stacking.ts";
import { readSides } from "../src/data/sides.ts";
import { groupUnits } from "../src/data/units.ts";
import { meanOne, weightsColumn } from "../src/data/weights.ts";
import { weightsDiagnostic } from "../src/estimate/weights.ts";
import { type EstimateOptions, estimate, matrix } from "../src/index.ts";
import {
  bound,
  effectiveSize,
  effectiveWeights,
  influences,
  logMeanExp,
  mean,
  meanJoint,
} from "../src/math/statistics.ts";
import { pairingFor, partnerOf } from "../src/training/pairing.ts";
import { gpu, it, normals, prng, range } from "./gpu.ts";

const short = { folds: 2, restarts: 1, hidden: [16], steps: 120, learningRate: 1e-2, heldOutMarginals: 20 };
const rowsOf = (count: number) => Uint32Array.from(range(count));

describe("formulas with weights", () => {
  const rows = rowsOf(60);
  const pairing = pairingFor(60, 7);
  const partner = (i: number, c: number) => partnerOf(i, c, 60, pairing);
  const scores = { joint: Float64Array.from(normals(1, 60)), marginal: Float64Array.from(normals(2, 60 * 7)) };
  const weights = meanOne(Float64Array.from(normals(3, 60), Math.exp));
  const boundOf = (own: Float64Array) => {
    const counts = pairWeights(rows, pairing, own)!;
    return meanJoint(scores, counts) - logMeanExp(scores.marginal, 1, counts.marginal);
  };

  plainly("are those of rows that count alike where they do", () => {
    const alike = pairWeights(rows, pairing, new Float64Array(60).fill(1))!;
    const want = influences(scores, 7, partner);
    const got = influences(scores, 7, partner, alike);
    for (const [i, value] of got.entries()) expect(value).toBeCloseTo(want[i]!, 12);
    expect(effectiveSize(scores.marginal, alike.marginal)).toBeCloseTo(effectiveSize(scores.marginal), 9);
    expect(pairWeights(rows, pairing, undefined)).toBeUndefined();
  });

  plainly("influences are the derivative of the bound by a row's weight", () => {
    const moved = influences(scores, 7, partner, pairWeights(rows, pairing, weights)!);
    for (const row of [0, 13, 59]) {
      const [up, down] = [1e-5, -1e-5].map((step) => boundOf(weights.map((w, i) => (i === row ? w * (1 + step) : w))));
      expect(moved[row]! / 60).toBeCloseTo((up! - down!) / 2e-5, 7);
    }
    expect(moved.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 9);
  });

  plainly("the standard error is the scatter of the bound, also where blocks overlap", () => {
    const count = 200;
    const pairing = pairingFor(count, 20);
    expect(count % pairing.size).not.toBe(0);
    const partner = (i: number, c: number) => partnerOf(i, c, count, pairing);
    const ratio = (x: number, y: number) => -0.5 * Math.log(0.91) - (0.09 * (x * x + y * y) - 0.6 * x * y) / 1.82;
    const found = range(200).map((seed) => {
      const [x, noise] = [normals(2 * seed, count), normals(2 * seed + 1, count)];
      const y = x.map((v, i) => 0.3 * v + Math.sqrt(0.91) * noise[i]!);
      const joint = Float64Array.from(x, (v, i) => ratio(v, y[i]!));
      const marginal = Float64Array.from({ length: 20 * count }, (_, j) => {
        const i = Math.floor(j / 20);
        return ratio(x[i]!, y[partner(i, j % 20)]!);
      });
      const error = Math.sqrt(mean(influences({ joint, marginal }, 20, partner).map((v) => v * v)) / count);
      return { value: bound(joint, marginal), error };
    });
    const center = mean(found.map(({ value }) => value));
    const scatter = Math.sqrt(mean(found.map(({ value }) => (value - center) ** 2)));
    // A scatter of 200 has an error of 5 %.
    expect(Math.abs(mean(found.map(({ error }) => error)) / scatter - 1)).toBeLessThan(0.15);
  });

  plainly("pairs count as both of their rows, also where another stands in for one of the same group", () => {
    const units = groupUnits(range(60).map((row) => row >> 1));
    const [free, apart] = [pairWeights(rows, pairing, weights)!, pairWeights(rows, pairing, weights, units)!];
    expect(free.marginal[7 * 4]).toBeCloseTo(weights[4]! * weights[5]!, 12);
    expect(apart.marginal[7 * 4]).toBeCloseTo(weights[4]! * weights[6]!, 12);
  });

  plainly("a stack is weighed as if rows were there as often as they count", async () => {
    const times = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1];
    const twoOf = (seed: number) => ({
      joint: Float64Array.from(normals(seed, 10), (v) => v + 1),
      marginal: Float64Array.from(normals(seed + 1, 10)),
    });
    const members = [twoOf(5), twoOf(7)];
    const often = (list: Float64Array) => Float64Array.from(times.flatMap((n, i) => Array<number>(n).fill(list[i]!)));
    const repeated = members.map(({ joint, marginal }) => ({ joint: often(joint), marginal: often(marginal) }));
    const counts = { joint: Float64Array.from(times), marginal: Float64Array.from(times) };
    const [got, want] = [await stackWeights(members, undefined, counts), await stackWeights(repeated)];
    for (const [m, weight] of want.entries()) expect(got[m]).toBeCloseTo(weight, 5);
    expect(Math.max(...want)).toBeGreaterThan(0.1);
  });

  plainly("a list draws rows as often as they weigh, and equal weights draw the rows themselves", () => {
    const times = Array<number>(60).fill(0);
    for (const row of drawnByWeight(rows, weights)) times[row]!++;
    for (const row of rows) expect(Math.abs(times[row]! - 16 * weights[row]!)).toBeLessThan(1);
    const alike = drawnByWeight(rows, new Float64Array(60).fill(0.3));
    expect([...alike]).toEqual(range(960).map((entry) => entry >> 4));
    expect(drawnByWeight(rows, undefined)).toBe(rows);
  });
});

describe("weights", () => {
  plainly("of 0 leave a row out, missing ones do where rows are dropped, and copies keep their row's", () => {
    const x = [1, 2, 3, 4, Number.NaN];
    const weights = [2, 0, Number.NaN, 1, 0];
    const found = readSides({ x, y: x }, () => ({}), "drop", { weights });
    expect([found.dropped, found.unused, [...found.weights!]]).toEqual([1, 2, [2, 1]]);
    expect([...found.inGivenRows(Float64Array.of(5, 6))]).toEqual([5, Number.NaN, Number.NaN, 6, Number.NaN]);
    const kept = readSides({ x: [1, 2], y: [1, 2] }, () => ({}), "throw", { weights: [0, 3] });
    expect([kept.dropped, kept.unused, kept.sides[0]!.rows]).toEqual([0, 1, 1]);
    expect(() => readSides({ x: [1, 2], y: [1, 2] }, () => ({}), "throw", { weights: [1, Number.NaN] })).toThrow(
      "row 2 has no weight",
    );
  });

  plainly("mean 1 whatever their unit, and say what they are worth", () => {
    expect([...meanOne(Float64Array.of(1e308, 1e308, 1e307))].map((w) => w.toFixed(3))).toEqual([
      "1.429",
      "1.429",
      "0.143",
    ]);
    expect(effectiveWeights([1, 1, 0, 0])).toBe(2);
    expect(weightsDiagnostic(new Float64Array(500).fill(1))).toMatchObject({ ok: true, value: 1 });
    const one = weightsDiagnostic(meanOne(Float64Array.from(range(500), (i) => (i === 0 ? 200 : 1))));
    expect(one).toMatchObject({ name: "weights", ok: false });
    expect(one.message).toMatch(/^500 rows with these weights are worth about 12 of equal weight, .* alone is 28\.6 %/);
  });

  plainly.each<[ArrayLike<number>, RegExp]>([
    [[1, 2], /^"weights" has 2 values for 3 rows/],
    [[1, -1, 1], /^row 2 of "weights" is -1\. Give finite numbers/],
    [[1, Number.POSITIVE_INFINITY, 1], /^row 2 of "weights" is Infinity/],
    [["a" as never, 1, 1], /^row 1 of "weights" is a/],
    [[0, 0, 0], /^"weights" has no value above 0/],
  ])("are refused where they are none: %j", (weights, message) => {
    expect(() => weightsColumn(weights, 3)).toThrow(message);
  });
});

describe("an estimate of weighted rows", () => {
  // Beyond 0 y follows x, below it does not; of these rows four are there for each of the others.
  const uniform = prng(9);
  const [size, noise] = [normals(10, 400), normals(11, 400)];
  const x = Array.from(size, (v) => (uniform() < 0.8 ? 1 : -1) * Math.abs(v));
  const y = x.map((v, i) => (v > 0 ? v + 0.3 * noise[i]! : noise[i]!));
  const weights = x.map((v) => (v > 0 ? 0.25 : 1));

  it("is of the population that the weights say, not of the sample", async () => {
    // By quadrature; .729 where 80 % are above 0.
    const truth = 0.527;
    const found = await estimate(x, y, { gpu, ...short, hidden: [32], steps: 300, weights });
    const sample = await estimate(x, y, { gpu, ...short, hidden: [32], steps: 300 });
    expect(found.raw).toBeLessThan(sample.raw - 0.15);
    expect(found.interval[0]).toBeLessThan(truth);
    expect(found.interval[1]).toBeGreaterThan(truth);
    expect(found.weights!.effective).toBeGreaterThan(200);
    expect(found.weights!.effective).toBeLessThan(300);
  });

  it("is that of rows without weights where they are equal, with units too", async () => {
    const group = range(400).map((row) => row >> 2);
    const found = await estimate(x, y, { gpu, ...short, steps: 30, group, weights: x.map(() => 7) });
    const plain = await estimate(x, y, { gpu, ...short, steps: 30, group });
    expect(found.raw).toBeCloseTo(plain.raw, 10);
    expect(found.standardError).toBeCloseTo(plain.standardError, 10);
    expect(found.weights).toEqual({ effective: 400, unused: 0 });
  });

  it.each<[EstimateOptions, RegExp]>([
    [
      { estimator: "ksg" },
      /^"ksg" has no weighted form here\. Use estimator "remine" with "weights", or .*donsker-varadhan/,
    ],
    [{ estimator: "infonce" }, /^"infonce" has no weighted form/],
    [{ estimator: "demine" }, /^"demine" has no weighted form/],
    [{ permutations: 99 }, /^rows with "weights" cannot be permuted: a weight may depend on the x and the y/],
    [{ check: true }, /^"check" shuffles and halves rows/],
  ])("is refused with %j", async (options, message) => {
    await expect(estimate(x, y, { gpu, weights, ...options })).rejects.toThrow(message);
  });

  it("is refused by matrix, which names who can", async () => {
    await expect(matrix({ x, y }, { gpu, weights } as object)).rejects.toThrow(
      /^matrix has no weighted form.*estimate/,
    );
  });
});
