/** Every registered estimator: gradients against finite differences, from a score up to a whole critic, and exact values. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { type EstimatorName, estimators } from "../src/gpu/shaders.gen.ts";
import { correlationFor } from "../src/sources/gaussian.ts";
import { differences, evaluate, largest } from "./evaluate.ts";
import { expectClose, gpu, it, normals, prng, range, split } from "./gpu.ts";
import { joint } from "./oracle/critic.ts";
import { batchOf, mean, nextEma, oracles, type Parameters, parameters } from "./oracle/estimators.ts";
import { checkWholeCritic, GRADIENT, kinds } from "./whole-critic.ts";

const names = Object.keys(estimators) as EstimatorName[];

test("every estimator has a float64 oracle", () => {
  expect(Object.keys(oracles).sort()).toEqual([...names].sort());
});

describe.each(names)("%s", (name) => {
  const oracle = oracles[name];

  it.each([
    { joint: 6, marginals: 1 },
    { joint: 6, marginals: 2 },
    { joint: 6, marginals: 5 },
  ])("d_scores are the finite differences of the objective, N $joint, K $marginals", async ({ joint, marginals }) => {
    const scores = normals(4, joint * (1 + marginals)).map((t) => 2 * t);
    const facts = estimators[name];
    const baseline = facts.baseline === "none" ? undefined : normals(5, joint);
    for (const before of name === "mine" ? [undefined, -0.4] : [undefined]) {
      const ema = nextEma(before, batchOf(scores, marginals), 0.3); // of this batch, then held still
      const { d_scores, d_baseline, steps } = await evaluate(name, scores, { joint, marginals, ema: before, baseline });
      const batch = (t: ArrayLike<number>, b = baseline as ArrayLike<number> | undefined) => batchOf(t, marginals, b);
      const want = differences((t) => oracle.objective(batch(t), parameters, ema), scores);
      expectClose(d_scores, want, { tolerance: GRADIENT * largest(want), what: "d_scores" });
      if (baseline) {
        const by = differences((b) => oracle.objective(batch(scores, b), parameters, ema), baseline);
        expectClose(d_baseline!, by, { tolerance: GRADIENT * largest(by), what: "d_baseline" });
      }
      const { objective, value } = steps[0]!;
      const expected = [oracle.objective(batch(scores), parameters, ema), oracle.value(batch(scores), parameters)];
      const tolerance = 2e-5 * Math.max(1, ...expected.map(Math.abs));
      expectClose([objective, value], expected, { tolerance, what: "objective, value" });
    }
  });

  it("reports 0 for a critic that cannot tell pairs apart", async () => {
    const [constant, baseline] = [oracle.constant?.(parameters) ?? 0.75, new Float32Array(6 * 7)];
    const { steps } = await evaluate(name, new Float32Array(6 * 7 * 4).fill(constant), {
      joint: 7,
      marginals: 3,
      baseline,
    });
    for (const { value } of steps) expect(Math.abs(value)).toBeLessThan(1e-6);
  });

  if (estimators[name].marginal === "exp") {
    it("has a gradient by marginal scores that is exp(T) times one number, which a joint score cannot change", async () => {
      const scores = normals(8, 9 * 4).map((t) => 2 * t);
      const { d_scores } = await evaluate(name, scores, { joint: 9, marginals: 3 });
      const isMarginal = (_: unknown, at: number) => at % 4 > 0;
      const factors = d_scores.map((d, at) => d / Math.exp(scores[at]!)).filter(isMarginal);
      expectClose(
        factors.map((v) => v / factors[0]!),
        factors.map(() => 1),
        { tolerance: 4e-5, what: "factors" },
      );
      const moved = scores.map((t, at) => (isMarginal(t, at) ? t : 3 - t));
      expect((await evaluate(name, moved, { joint: 9, marginals: 3 })).d_scores).toEqual(d_scores);
    });
  }

  if (estimators[name].invariant === "row") {
    it("does not see a constant added to the scores of a row", async () => {
      const shape = { joint: 9, marginals: 4, parameters: range(3).map(() => ({ ...parameters, lambda: 0 })) };
      const scores = normals(5, 3 * 9 * 5);
      const plain = await evaluate(name, scores, shape);
      const shift = normals(6, 3 * 9).map((v) => 20 * v);
      const moved = scores.map((t, at) => t + shift[Math.floor(at / 5)]!);
      const { steps } = await evaluate(name, moved, shape);
      const values = (list: typeof steps) => list.map(({ value }) => value);
      // T + c rounds, by |c| 2^-24 with |c| up to 60.
      expectClose(values(steps), values(plain.steps), { tolerance: 4e-5, what: "value" });
      const sums = split(plain.d_scores, 27).map((row) => row.reduce((sum, d) => sum + d, 0));
      const zeros = sums.map(() => 0);
      expectClose(sums, zeros, { tolerance: GRADIENT * largest(plain.d_scores), what: "sum of a row's gradient" });
    });
  }

  if (estimators[name].invariant === "shift") {
    it("does not see a constant added to T, and its gradient by that constant is 0", async () => {
      const scores = normals(5, 3 * 65 * 4);
      const shape = { joint: 65, marginals: 3 };
      const plain = await evaluate(name, scores, shape);
      const sums = split(plain.d_scores, 3).map((d) => d.reduce((a, b) => a + b, 0));
      // 1 of joint and -1 of marginal gradients, the latter good to exp's error.
      expectClose(sums, [0, 0, 0], { tolerance: 2e-5, what: "sum of the gradient" });
      for (const c of [-100, 3.5, 40]) {
        const { steps } = await evaluate(
          name,
          scores.map((t) => t + c),
          shape,
        );
        const want = plain.steps.map(({ value }) => value);
        // T + c itself rounds, by |c| 2^-24.
        expectClose(
          steps.map(({ value }) => value),
          want,
          { tolerance: 4e-5, what: `value at T + ${c}` },
        );
      }
    });
  }

  // The critic is the same code under every estimator, so the whole grid is for one of them.
  const whole = estimators[name].critic === "density" ? [] : name === "remine" ? kinds : ([["all", 1]] as const);
  const every = ["silu", "relu", "leaky-relu", "elu", "tanh"] as const;
  for (const activation of name === "remine" ? every : (["silu"] as const)) {
    it.each(whole)(
      `d_params are the finite differences through a whole ${activation} critic, %s %d`,
      async (negatives, perJoint) => {
        const hidden = [5, 4];
        const outputBias = negatives !== "shuffle";
        await checkWholeCritic({
          name,
          critic: mlp(hidden, { activation, outputBias }),
          score: joint({ widths: [5, ...hidden], activation, outputBias }),
          activation,
          negatives,
          perJoint,
          tile: negatives === "all" || gpu.subgroupSize === 0 ? "portable" : "subgroup",
        });
      },
    );
  }
});

describe("ccmi's softplus and sigmoid", () => {
  it.each([0, 1e-4, 0.5, 1, 3, 10, 17, 40, 87, 104, 1e4])("hold their relative accuracy at T = ±%d", async (t) => {
    for (const sign of [1, -1]) {
      // A joint score of ∓t and a marginal one of ±t: both terms and both gradients at the same argument.
      const { d_scores, steps } = await evaluate("ccmi", Float32Array.of(-sign * t, sign * t), {
        joint: 1,
        marginals: 1,
      });
      const x = Math.fround(sign * t);
      const value = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      const slope = x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
      // One exp of at most 80, whose own error grows with its argument on a GPU; below e^-80 nothing is left to hold.
      const tiny = Math.exp(-80);
      expectClose([steps[0]!.objective], [-2 * value], { tolerance: 1e-5 * value + 4 * tiny, what: "objective" });
      expectClose(d_scores, [slope, -slope], { tolerance: 1e-5 * slope + 2 * tiny, what: "d_scores" });
    }
  });
});

describe("the oracle critic of 20-D normals, batches of 64", () => {
  const [dims, N, batches] = [20, 64, 200];
  const levels = [2, 4, 6, 8, 10];

  /**
   * Published bias and variance of the value over 4000 batches at the true log ratio, plus `add` where
   * the estimator's optimum is that. NWJ and JS are heavy-tailed at high MI: their columns end where a sample says little.
   */
  const published: {
    name: EstimatorName;
    pairs?: "one shuffle";
    set?: Partial<Parameters>;
    add?: number;
    bias: number[];
    variance: number[];
  }[] = [
    {
      name: "donsker-varadhan",
      bias: [0.007, 0.062, 0.228, 0.625, 1.291],
      variance: [0.068, 0.191, 0.512, 0.963, 1.79],
    },
    {
      name: "donsker-varadhan",
      pairs: "one shuffle",
      bias: [0.15, 0.644, 1.571, 3.047, 5.196],
      variance: [0.323, 1.08, 2.48, 4.93, 9.03],
    },
    // Also TNCE: InfoNCE of the true conditional density.
    { name: "infonce", bias: [-0.185, -0.931, -2.263, -3.976, -5.877], variance: [0.04, 0.034, 0.015, 0.005, 0.001] },
    { name: "nwj", add: 1, bias: [0, 0], variance: [0.071, 0.28] },
    { name: "tuba", set: { logBaseline: 1 }, add: 1, bias: [0, 0], variance: [0.071, 0.28] },
    ...([1, 5, 10] as const).map((tau, i) => ({
      name: "smile" as const,
      set: { tau },
      bias: [
        [0.377, 0.656, 0.84, 0.929, 0.956],
        [0.032, 0.265, 0.723, 1.335, 2.053],
        [0.007, 0.062, 0.236, 0.634, 1.306],
      ][i]!,
      variance: [
        [0.061, 0.109, 0.149, 0.182, 0.197],
        [0.064, 0.132, 0.218, 0.33, 0.495],
        [0.068, 0.191, 0.462, 0.913, 1.673],
      ][i]!,
    })),
    { name: "smile-js", set: { tau: 5 }, bias: [0.032, 0.265, 0.723], variance: [0.064, 0.132, 0.218] },
    { name: "remine-j", set: { C: 0 }, bias: [0, 0, 0, 0, 0], variance: [0.057, 0.102, 0.141, 0.177, 0.194] },
    { name: "dime-gan", bias: [0, 0], variance: [0.057, 0.102] },
    { name: "dime-hd", bias: [0, 0], variance: [0.057, 0.102] },
    {
      name: "i-alpha",
      set: { alpha: 0.01 },
      bias: [0.001, -0.027, -0.217, -0.724, -1.653],
      variance: [0.067, 0.155, 0.24, 0.248, 0.198],
    },
    // As published, off by -1/e at the optimum; and as it should be. J's variance, and a little of the partition's.
    { name: "js", set: { logBaseline: 1 }, bias: [-1 / Math.E, -1 / Math.E], variance: [0.06, 0.15] },
    { name: "js", set: { logBaseline: 0 }, bias: [0], variance: [0.07] },
  ];

  /** T* = log p(x, y) / p(x) p(y) of `batches` batches in float64, as (batches, N, 1 + K) scores. */
  function scoresAt(mi: number, K: number): Float32Array {
    const rho = correlationFor(mi, dims);
    const random = prng(1000 * mi + K);
    const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const scores = new Float32Array(batches * N * (1 + K));
    let at = 0;
    for (let b = 0; b < batches; b++) {
      const x = range(N).map(() => Float64Array.from({ length: dims }, normal));
      const y = x.map((row) => row.map((v) => rho * v + Math.sqrt(1 - rho * rho) * normal()));
      const squares = (row: Float64Array) => row.reduce((sum, v) => sum + v * v, 0);
      const [ofX, ofY] = [x.map(squares), y.map(squares)];
      for (let i = 0; i < N; i++) {
        for (let c = 0; c <= K; c++) {
          const j = (i + c) % N;
          let dot = 0;
          for (let d = 0; d < dims; d++) dot += x[i]![d]! * y[j]![d]!;
          const quadratic = (rho * rho * (ofX[i]! + ofY[j]!) - 2 * rho * dot) / (2 * (1 - rho * rho));
          scores[at++] = mi - quadratic;
        }
      }
    }
    return scores;
  }

  const drawn = new Map<string, Float32Array>();
  const cached = (mi: number, K: number) => {
    const key = `${mi}/${K}`;
    if (!drawn.has(key)) drawn.set(key, scoresAt(mi, K));
    return drawn.get(key)!;
  };

  const cases = published.flatMap(({ name, pairs, set = {}, add = 0, bias, variance }) =>
    bias.map((b, i) => {
      const what = [name, ...(pairs ? [pairs] : []), ...Object.entries(set).map(([key, value]) => `${key} ${value}`)];
      return { what: what.join(", "), mi: levels[i]!, name, pairs, set, add, bias: b, variance: variance[i]! };
    }),
  );
  it.each(cases)(
    "$what, MI $mi: bias $bias, variance $variance",
    async ({ name, pairs, mi, set, add, bias, variance }) => {
      const K = pairs ? 1 : N - 1;
      const scores = cached(mi, K).map((t) => t + add);
      const own = { ...parameters, ...set };
      const { steps } = await evaluate(name, scores, {
        joint: N,
        marginals: K,
        parameters: range(batches).map(() => own),
      });
      const values = steps.map(({ value }) => value);
      const got = mean(values) - mi;
      // Four standard errors: ours over these batches and theirs over 4000; the table rounds to 0.0005.
      const band = 4 * Math.sqrt(variance / batches + variance / 4000) + 0.0005;
      expect(Math.abs(got - bias), `bias ${got}, band ${band}`).toBeLessThan(band);
      // A sample variance of normals is good to sqrt(2 / n) = 10 %; these have longer tails.
      const spread = mean(values.map((v) => (v - mi - got) ** 2)) / variance;
      expect(spread).toBeGreaterThan(0.45);
      expect(spread).toBeLessThan(1.8);
      split(scores, batches)
        .slice(0, 3)
        .forEach((list, b) => {
          const want = oracles[name].value(batchOf(list, K), own);
          expectClose([values[b]!], [want], { tolerance: 1e-3, what: `batch ${b}` });
        });
    },
  );
});
