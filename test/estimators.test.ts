/** Every registered estimator: gradients against finite differences, from a score up to a whole critic, and exact values. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critic.ts";
import { estimatorByName } from "../src/estimator.ts";
import { unpackArray } from "../src/kernel.ts";
import { sgd } from "../src/optimizer.ts";
import { type Clock, type EstimatorName, estimators, type StepRecord } from "../src/shaders.gen.ts";
import { correlationFor, rows } from "../src/source.ts";
import { createTrainer } from "../src/trainer.ts";
import { clockWith, expectClose, gpu, hyperWith, it, normals, prng, range, records, runKernel, split } from "./gpu.ts";
import { type Activation, score } from "./oracle/critic.ts";
import { type Batch, batchOf, mean, nextEma, oracles } from "./oracle/estimators.ts";
import { slots } from "./oracle/pairs.ts";

const names = Object.keys(estimators) as EstimatorName[];
const parameters = { lambda: 0.7, C: -1.5 };
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

/** Central differences of `f` by every element of `at`. */
function differences(f: (at: Float64Array) => number, at: ArrayLike<number>): Float64Array {
  const h = 1e-5; // error h^2 f''' ~ 1e-10, cancellation 1e-16 / h ~ 1e-11
  const moved = Float64Array.from(at);
  return moved.map((_, i) => {
    const old = at[i]!;
    moved[i] = old + h;
    const up = f(moved);
    moved[i] = old - h;
    const down = f(moved);
    moved[i] = old;
    return (up - down) / (2 * h);
  });
}

const largest = (list: ArrayLike<number>) => Array.from(list).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
// A few exp of 4e-6 each, relative to the largest gradient.
const GRADIENT = 2e-5;

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

  /** The gradient that a trainer computed, beside the float64 one through the naive critic on the same batch. */
  async function wholeCritic(
    activation: Activation,
    negatives: "all" | "shuffle" | "independent",
    perJoint: number,
    tile: "portable" | "subgroup",
  ) {
    const [N, xWidth, yWidth] = [6, 3, 2];
    const hidden = [5, 4];
    const outputBias = negatives !== "shuffle";
    const source = rows(
      { data: normals(6, 40 * xWidth), columns: xWidth },
      { data: normals(7, 40 * yWidth), columns: yWidth },
    );
    using trainer = await createTrainer(gpu, {
      source,
      tile,
      pairs: { joint: N, negatives, perJoint },
      critic: mlp(hidden, { activation: activation as "relu" | "silu", outputBias }),
      estimator: estimatorByName(name, { ...parameters, emaRate: 0.3 }),
      optimizer: sgd({ learningRate: 0.2 }),
      replicas: 2,
      seed: 11,
    });
    const { activations, training } = trainer.tensors;
    const read = async (tensor: Parameters<typeof gpu.read>[0]) => split(new Float32Array(await gpu.read(tensor)), 2);
    await trainer.step(3); // away from the start, and MINE's average away from its first batch
    const params = await read(training.params);
    const emas = unpackArray<Clock>("Clock", await gpu.read(training.clock)).map((clock) => clock.ema_lse);
    await trainer.step(1);
    const [d_params, xs, ys] = [
      await read(training.d_params),
      await read(activations.batch_x),
      await read(activations.batch_y),
    ];

    const K = negatives === "all" ? N - 1 : perJoint;
    const list = slots(N, K, negatives === "independent");
    const { count } = trainer.shape.layout;
    range(2).forEach((r) => {
      const row = (data: Float32Array, index: number, width: number) =>
        data.subarray(index * width, (index + 1) * width);
      let kink = Number.POSITIVE_INFINITY;
      const onHidden = (z: number) => {
        kink = Math.min(kink, Math.abs(z));
      };
      const shape = { widths: [xWidth + yWidth, ...hidden], activation, outputBias };
      const batch = (p: ArrayLike<number>): Batch => {
        const t = list.map(({ x, y }) => score(shape, p, row(xs[r]!, x, xWidth), row(ys[r]!, y, yWidth), onHidden));
        return batchOf(t, K);
      };
      const own = params[r]!.subarray(0, count);
      const ema = nextEma(emas[r]!, batch(own), Math.fround(0.3));
      // A difference of 1e-5 in a weight moves z by at most 4e-5: no unit crosses ReLU's kink.
      if (activation === "relu") expect(kink).toBeGreaterThan(4e-5);
      const want = differences((p) => oracle.objective(batch(p), parameters, ema), own);
      expect(largest(want)).toBeGreaterThan(0.005);
      expectClose(d_params[r]!.subarray(0, count), want, {
        tolerance: GRADIENT * largest(want),
        what: `d_params of replica ${r}`,
      });
    });
  }

  const kinds = [
    ["shuffle", 1],
    ["shuffle", 2],
    ["all", 1],
    ["independent", 2],
  ] as const;
  for (const activation of ["silu", "relu"] as const) {
    it.each(kinds)(
      `d_params are the finite differences through a whole ${activation} critic, %s %d`,
      async (negatives, perJoint) => {
        await wholeCritic(
          activation,
          negatives,
          perJoint,
          negatives === "all" || gpu.subgroupSize === 0 ? "portable" : "subgroup",
        );
      },
    );
  }
});

describe("ccmi's softplus and sigmoid", () => {
  it.each([0, 1e-4, 0.5, 1, 3, 10, 17, 40, 87, 104, 1e4])("hold their relative accuracy at T = ±%d", async (t) => {
    for (const sign of [1, -1]) {
      // A joint score of ∓t and a marginal one of ±t: both terms and both gradients at the same argument.
      const { d_scores, steps } = await evaluate("ccmi", Float32Array.of(-sign * t, sign * t), 1, 1);
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
