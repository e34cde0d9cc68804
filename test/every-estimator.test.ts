/** Every estimator by name, through `estimate` and `compare`: from two columns to a number with an interval. */
import { execFileSync } from "node:child_process";
import { describe, expect, it as test } from "vitest";
import { InputError } from "../src/errors.ts";
import { compare } from "../src/estimate/compare.ts";
import { estimate } from "../src/estimate/estimate.ts";
import type { EstimateOptions } from "../src/estimate/options.ts";
import { catalogue, estimateNames } from "../src/estimators/catalogue.ts";
import { estimators } from "../src/gpu/shaders.gen.ts";
import { gpu, it, normals } from "./gpu.ts";

const rows = 1200;
const rho = 0.8;
const truth = -0.5 * Math.log(1 - rho * rho); // 0.511 nats
const x = normals(1, rows);
const y = normals(2, rows).map((e, i) => rho * x[i]! + Math.sqrt(1 - rho * rho) * e);
const training = { hidden: [32, 32], restarts: 1, steps: 500, learningRate: 4e-3, weightDecay: [0], seed: 3 };
const small: EstimateOptions = { ...training, folds: 4 };
const trained = (name: string) => name in estimators;

/** What this estimator takes of a small budget. */
const budgetOf = (name: string): EstimateOptions => {
  if (trained(name)) return small;
  return name === "demine" ? training : {};
};

describe.each(estimateNames)("%s", (name) => {
  it("comes near the truth, and its interval holds it", async (context) => {
    // The kernels are checked number by number on every adapter; one estimator of each kind is enough for the slowest.
    if (/SwiftShader/.test(gpu.name) && !["remine", "nwj", "infonce", "ksg", "club"].includes(name))
      context.skip("slow");
    const result = await estimate(x, y, { gpu, estimator: name, ...budgetOf(name) });
    expect(result.estimator).toBe(name);
    // The sample's own MI differs from the truth by sqrt(rho^2 / rows) = 0.023; 300 steps leave a critic up to 0.05 short;
    // NWJ's kind and the unnormalised ones feel a critic's wrong constant too. CLUB is loose: rho^2 / (1 - rho^2) is 1.8.
    const [below, above] = name === "club" ? [0.1, 1.6] : [0.13, 0.1];
    expect(result.mi, `${name} ${result.mi}`).toBeGreaterThan(truth - below);
    expect(result.mi, `${name} ${result.mi}`).toBeLessThan(truth + above);
    const [lo, hi] = result.interval;
    expect(lo).toBeLessThanOrEqual(result.mi);
    expect(hi).toBeGreaterThanOrEqual(result.mi);
    expect(hi - lo, "a sampling error of 0.023 makes the interval about 0.09 wide").toBeGreaterThan(0.04);
    if (name !== "club") {
      expect(lo, `${name} [${lo}, ${hi}]`).toBeLessThan(truth + 0.03);
      expect(hi, `${name} [${lo}, ${hi}]`).toBeGreaterThan(truth - 0.05);
    }
  });
});

it("finds nothing in columns that have nothing to do with each other", async (context) => {
  if (/SwiftShader/.test(gpu.name)) context.skip("slow");
  const other = normals(5, rows);
  const names = ["infonce", "nwj", "js", "flo"] as const; // one of each kind: per row, of an exponential, of a classifier, own baseline
  for (const { estimator, result } of await compare(x, other, { gpu, estimators: names, ...small })) {
    // A critic that learned noise is punished on held-out rows, where an unnormalised bound also pays for its constant.
    expect(result!.mi, `${estimator} ${result!.mi}`).toBeLessThan(0.03);
    expect(result!.interval[0], estimator).toBeLessThan(0.005);
  }
});

it("compares several from one call, and says why one could not", async () => {
  const categories = Float64Array.from(x, (v) => Math.floor(2 * v));
  const found = await compare(categories, y, {
    gpu,
    estimators: ["mixed-ksg", "kl", "remine"],
    lambda: 0.2,
    ...small,
    categories: { x: [true], y: [false] },
  });
  expect(found.map(({ estimator }) => estimator)).toEqual(["mixed-ksg", "kl", "remine"]);
  expect(found[1]!.reason).toMatch(/"kl" is for continuous columns.*mixed-ksg/);
  expect(found[2]!.result!.mi).toBeGreaterThan(0.2);
});

it("gives the same bits again", async () => {
  const once = async () => (await estimate(x, y, { gpu, estimator: "nwj", ...small, steps: 100 })).raw;
  expect(await once()).toBe(await once());
});

describe("an estimator asked for what it cannot do says so, and names one that can", () => {
  const bad: [string, EstimateOptions, RegExp][] = [
    ["tnce has no density", { estimator: "tnce" as "infonce" }, /"tnce".*true density.*infonce/],
    ["no such name", { estimator: "ksg3" as "ksg" }, /no estimator "ksg3".*ksg, ksg2/],
    ["a baseline for one that has none", { estimator: "infonce", baseline: [4] }, /"infonce" has no "baseline".*tuba/],
    ["a clip for one that has none", { estimator: "remine", tau: 5 }, /"remine" has no "tau"; smile, smile-js have/],
    ["a second network of no layer", { estimator: "flo", baseline: [] }, /"flo" needs its second network/],
    ["alpha outside", { estimator: "i-alpha", alpha: 1 }, /"alpha" of i-alpha must be in \(0, 1\), got 1/],
    ["a clip that overflows", { estimator: "smile", tau: 200 }, /"tau" of smile must be in \(0, 80\]/],
    ["folds of neighbours", { estimator: "ksg", folds: 3 }, /"ksg" trains nothing and has no "folds"/],
    ["a condition with KL", { estimator: "kl", given: normals(9, rows) }, /ksg/],
  ];
  it.each(bad)("%s", async (_, options, message) => {
    const failure = estimate(x, y, { gpu, ...options });
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });

  it("a density's output and a row's constant score no new rows, so there are no critics in the result", async () => {
    for (const name of ["club", "infonce"] as const) {
      const result = await estimate(x, y, { gpu, estimator: name, ...small, steps: 50 });
      expect(result.kind).toBe("trained");
      expect("critics" in result).toBe(false);
    }
  });

  it("demine with too few rows", async () => {
    const few = estimate(x.slice(0, 100), y.slice(0, 100), { gpu, estimator: "demine" });
    await expect(few).rejects.toThrow(/"demine".*too few.*remine/);
  });
});

test("the catalogue has every name, and the documentation's table comes from it", () => {
  const names = catalogue.map(({ name }) => name);
  expect(estimateNames.filter((name) => !names.includes(name))).toEqual([]);
  execFileSync(process.execPath, ["scripts/readme.mjs", "--check"], { stdio: "pipe" });
});
