/** Every registered estimator: gradients against finite differences, from a score up to a whole critic, and exact values. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { unpackArray } from "../src/kernel.ts";
import { type EstimatorName, estimators, type StepRecord } from "../src/shaders.gen.ts";
import { correlationFor } from "../src/source.ts";
import { clockWith, expectClose, gpu, hyperWith, it, normals, prng, range, records, runKernel, split } from "./gpu.ts";
import { joint } from "./oracle/critic.ts";
import { batchOf, mean, nextEma, oracles } from "./oracle/estimators.ts";
import { checkWholeCritic, differences, GRADIENT, kinds, largest, parameters } from "./whole-critic.ts";

const names = Object.keys(estimators) as EstimatorName[];
const neutral = { gradient_scale: 1, rate: 0, decay: 0, m_correction: 1, v_correction: 1, is_finite: 1 };

test("every estimator has a float64 oracle", () => {
  expect(Object.keys(oracles).sort()).toEqual([...names].sort());
});

/** Scores (R, N, 1 + K) through the shaders: value and objective per replica, and the gradient by every score. */
async function evaluate(name: EstimatorName, scores: Float32Array, joint: number, marginals: number, ema?: number) {
  const replicas = scores.length / (joint * (1 + marginals));
  const { slot } = estimators[name];
  const dims = { joint, marginals };
  const each = (record: object) => range(replicas).map(() => record);
  const hyper = records(
    "Hyper",
    each(hyperWith({ lambda: parameters.lambda, target_constant: parameters.C, ema_rate: 0.3 })),
  );
  const clock = records("Clock", each(clockWith(ema === undefined ? {} : { step: 1, ema_lse: ema })));
  const reduced = await runKernel(
    "reduce_scores",
    { dims, hyper, clock, scores, stats: 7 * replicas },
    [replicas, 1, 1],
    slot,
  );
  const stats = new Uint32Array(reduced.stats!.buffer);
  const { d_scores } = await runKernel(
    "differentiate_scores",
    { dims, hyper, scores, stats, d_scores: scores.length },
    [Math.ceil((joint * (1 + marginals)) / 64), replicas, 1],
    slot,
  );
  const { history } = await runKernel(
    "push_window",
    {
      dims: { replicas, capacity: 1, window: 1 },
      hyper,
      stats,
      update: records("Update", each(neutral)),
      clock,
      history: 6 * replicas,
    },
    [Math.ceil(replicas / 64), 1, 1],
    slot,
  );
  return { d_scores: d_scores!, steps: unpackArray<StepRecord>("StepRecord", history!.buffer as ArrayBuffer) };
}

describe.each(names)("%s", (name) => {
  const oracle = oracles[name]!;

  it.each([
    { joint: 6, marginals: 1 },
    { joint: 6, marginals: 2 },
    { joint: 6, marginals: 5 },
  ])("d_scores are the finite differences of the objective, N $joint, K $marginals", async ({ joint, marginals }) => {
    const scores = normals(4, joint * (1 + marginals)).map((t) => 2 * t);
    for (const before of [undefined, -0.4]) {
      const ema = nextEma(before, batchOf(scores, marginals), 0.3); // of this batch, then held still
      const { d_scores, steps } = await evaluate(name, scores, joint, marginals, before);
      const objective = (t: ArrayLike<number>) => oracle.objective(batchOf(t, marginals), parameters, ema);
      const want = differences(objective, scores);
      expectClose(d_scores, want, { tolerance: GRADIENT * largest(want), what: "d_scores" });
      expectClose([steps[0]!.objective], [objective(scores)], { tolerance: 1e-4, what: "objective" });
      expectClose([steps[0]!.value], [oracle.value(batchOf(scores, marginals), parameters)], {
        tolerance: 1e-4,
        what: "value",
      });
    }
  });

  it("reports 0 for a critic that cannot tell pairs apart", async () => {
    const { steps } = await evaluate(name, new Float32Array(6 * 7 * 4).fill(0.75), 7, 3);
    for (const { value } of steps) expect(Math.abs(value)).toBeLessThan(1e-6);
  });

  if (estimators[name].invariant === "shift") {
    it("does not see a constant added to T, and its gradient by that constant is 0", async () => {
      const scores = normals(5, 3 * 65 * 4);
      const plain = await evaluate(name, scores, 65, 3);
      const sums = split(plain.d_scores, 3).map((d) => d.reduce((a, b) => a + b, 0));
      // 1 of joint and -1 of marginal gradients, the latter good to exp's error.
      expectClose(sums, [0, 0, 0], { tolerance: 2e-5, what: "sum of the gradient" });
      for (const c of [-100, 3.5, 40]) {
        const { steps } = await evaluate(
          name,
          scores.map((t) => t + c),
          65,
          3,
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

  for (const activation of ["silu", "relu"] as const) {
    it.each(kinds)(
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

describe("the oracle critic of 20-D normals, batches of 64", () => {
  // ESTIMATORS.md section 14.1: bias and variance of DV over 4000 batches at the true log ratio.
  const published = [
    { pairs: "all", mi: 2, bias: 0.007, variance: 0.068 },
    { pairs: "all", mi: 4, bias: 0.062, variance: 0.191 },
    { pairs: "all", mi: 6, bias: 0.228, variance: 0.512 },
    { pairs: "all", mi: 8, bias: 0.625, variance: 0.963 },
    { pairs: "all", mi: 10, bias: 1.291, variance: 1.79 },
    { pairs: "one shuffle", mi: 2, bias: 0.15, variance: 0.323 },
    { pairs: "one shuffle", mi: 4, bias: 0.644, variance: 1.08 },
    { pairs: "one shuffle", mi: 6, bias: 1.571, variance: 2.48 },
    { pairs: "one shuffle", mi: 8, bias: 3.047, variance: 4.93 },
    { pairs: "one shuffle", mi: 10, bias: 5.196, variance: 9.03 },
  ];
  const [dims, N, batches] = [20, 64, 200];

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

  it.each(published)("DV, $pairs, MI $mi: bias $bias, variance $variance", async ({ pairs, mi, bias, variance }) => {
    const K = pairs === "all" ? N - 1 : 1;
    const scores = scoresAt(mi, K);
    const { steps } = await evaluate("donsker-varadhan", scores, N, K);
    const values = steps.map(({ value }) => value);
    const got = mean(values) - mi;
    // Four standard errors: ours over these batches and theirs over 4000; the table rounds to 0.0005.
    const band = 4 * Math.sqrt(variance / batches + variance / 4000) + 0.0005;
    expect(Math.abs(got - bias), `bias ${got}, band ${band}`).toBeLessThan(band);
    // A sample variance of normals is good to sqrt(2 / n) = 10 %; these have longer tails.
    const spread = mean(values.map((v) => (v - mi - got) ** 2)) / variance;
    expect(spread).toBeGreaterThan(0.5);
    expect(spread).toBeLessThan(1.7);
    split(scores, batches)
      .slice(0, 10)
      .forEach((list, b) => {
        const want = oracles["donsker-varadhan"]!.value(batchOf(list, K), parameters);
        expectClose([values[b]!], [want], { tolerance: 1e-3, what: `batch ${b}` });
      });
  });
});
