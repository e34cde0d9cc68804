/** Two whole training steps in one dispatch, against the same steps in float64: draw, chain rule, ascent. */
import { describe, expect } from "vitest";
import { activationCode } from "../../src/critic.ts";
import { unpackArray } from "../../src/kernel.ts";
import { type Clock, type EstimatorName, estimators, kernels, type StepRecord } from "../../src/shaders.gen.ts";
import { hyperOf, words } from "../evaluate.ts";
import {
  activationError,
  CANARY,
  clockWith,
  EPS,
  EXP,
  expectClose,
  gpu,
  it,
  normals,
  range,
  records,
  runKernel,
  split,
} from "../gpu.ts";
import type { Activation } from "../oracle/critic.ts";
import { batchOf, logMeanExp, mean, parameters, scoreGradient } from "../oracle/estimators.ts";
import { slots } from "../oracle/pairs.ts";
import { backward, forward, type Perceptron } from "../oracle/perceptron.ts";
import { tableDraw } from "../oracle/sources.ts";

interface Case {
  replicas: number;
  joint: number;
  marginals: number;
  independent?: boolean;
  /** Dx, Dy, and the hidden widths. */
  widths: [number, number, number, number];
  activation: Activation;
  outputBias?: boolean;
  estimator?: EstimatorName;
}

const cases: Case[] = [
  { replicas: 1, joint: 1, marginals: 1, independent: true, widths: [1, 1, 1, 1], activation: "relu" },
  { replicas: 3, joint: 11, marginals: 2, widths: [3, 2, 33, 64], activation: "silu", outputBias: false },
  { replicas: 2, joint: 5, marginals: 4, widths: [4, 4, 64, 30], activation: "tanh", estimator: "js" },
];

const { constants } = kernels.train_replica.variants["table/remine"]!;
const RATE = 0.25;
const DECAY = 0.125;
const STEPS = 2;
const FIRST_STEP = 3;
const CAPACITY = 4;

// lavapipe compiles this kernel for half a minute, and never trains with it: resident.ts.
describe.skipIf(!gpu || /llvmpipe/.test(gpu.name))("train_replica", () => {
  it.each(cases)("R $replicas, N $joint, K $marginals, widths $widths, $activation, $estimator", async (c) => {
    const { replicas, joint, marginals, independent = false, activation, outputBias = true } = c;
    const [xWidth, yWidth, ...hidden] = c.widths;
    const name = c.estimator ?? "remine";
    const perceptron: Perceptron = { widths: [xWidth + yWidth, ...hidden], activation, outputBias };
    const sizes = [...perceptron.widths, 1];
    const count = sizes.slice(1).reduce((sum, out, l) => sum + (sizes[l]! + 1) * out, outputBias ? 0 : -1);
    const stride = Math.ceil(count / 64) * 64;
    const list = slots(joint, marginals, independent);
    const start = normals(3, replicas * stride).map((v) => 0.4 * v);
    const [tableRows, columns] = [19, 9];
    const table = normals(4, tableRows * columns);
    const inputs = xWidth + yWidth;
    const picks = Uint32Array.from({ length: replicas * inputs }, (_, i) => (5 * i + 1) % columns);
    const hyper = range(replicas).map((r) => ({
      ...{ ...hyperOf(parameters, 1), seed: 7, stream: r },
      ...{ learning_rate: RATE, weight_decay: DECAY },
    }));
    const { params, clock, history } = await runKernel(
      "train_replica",
      {
        dims: {
          ...{ joint, marginals, rows: independent ? list.length : joint, independent: Number(independent) },
          ...{ x_width: xWidth, y_width: yWidth, stride, capacity: CAPACITY },
        },
        stretch: { steps: STEPS },
        hyper: records("Hyper", hyper),
        clock: records(
          "Clock",
          range(replicas).map(() => clockWith({ step: FIRST_STEP })),
        ),
        params: start,
        ...{ m_params: 1, v_params: 1 },
        stats: replicas * words("ScoreStats"),
        history: replicas * CAPACITY * words("StepRecord"),
        source_dims: { columns, inputs, pair_stride: 1 + 2 * tableRows },
        table,
        columns: picks,
        row_pairs: Uint32Array.from(
          range(replicas).flatMap(() => [tableRows, ...range(tableRows).flatMap((i) => [i, i])]),
        ),
      },
      [replicas, 1, 1],
      `table/${estimators[name].slot}`,
      {
        ...{ HIDDEN_1: hidden[0]!, HIDDEN_2: hidden[1]!, OUTPUT_BIAS: Number(outputBias) },
        ...{ OPTIMIZER: constants.OPTIMIZER_SGD!, ACTIVATION: activationCode[activation] },
      },
    );
    const clocks = unpackArray<Clock>("Clock", clock!.buffer as ArrayBuffer);
    const kept = unpackArray<StepRecord>("StepRecord", history!.buffer as ArrayBuffer);
    range(replicas).forEach((r) => {
      const own = Float64Array.from(split(start, replicas)[r]!);
      let tolerance = 0;
      const scale = new Float64Array(count).fill(1);
      for (let step = FIRST_STEP; step < FIRST_STEP + STEPS; step++) {
        const at = (row: number, first: number, width: number) =>
          range(width).map((d) => table[row * columns + picks[r * inputs + first + d]!]!);
        const drawn = (row: number) => tableDraw([7, r], step, row, row < joint, tableRows);
        const passes = list.map(({ x, y }) =>
          forward(perceptron, own, [...at(drawn(x).x, 0, xWidth), ...at(drawn(y).y, xWidth, yWidth)]),
        );
        const t = passes.map((pass) => pass.t);
        const batch = batchOf(t, marginals);
        const record = kept[r * CAPACITY + (step % CAPACITY)]!;
        // T sums 64 terms a layer, after two activations; then comes exp. What the step before was off by comes on top.
        const top = Math.max(1, ...t.map(Math.abs));
        const ofT = (32 * EPS + 4 * activationError(activation) + 16 * tolerance) * top;
        expectClose([record.joint_mean], [mean(batch.joint)], { tolerance: ofT, what: `joint_mean of step ${step}` });
        const lme = { tolerance: ofT + 4 * EXP, what: `marginal_lme of step ${step}` };
        expectClose([record.marginal_lme], [logMeanExp(batch.marginal)], lme);

        const d_scores = scoreGradient(name, t, marginals);
        const gradient = new Float64Array(count);
        passes.forEach((pass, s) => {
          backward(perceptron, own, pass, d_scores[s]!, gradient, scale);
        });
        gradient.forEach((d, i) => {
          own[i]! += RATE * d - RATE * DECAY * own[i]!;
        });
        tolerance += RATE * (4 * ofT + 8 * EXP + 4 * activationError(activation) + list.length * EPS);
      }
      const got = split(params!, replicas)[r]!;
      expectClose(got.subarray(0, count), own.subarray(0, count), { tolerance, scale, what: "params" });
      expect(got.subarray(count)).toEqual(split(start, replicas)[r]!.subarray(count));
      expect(clocks[r]).toMatchObject({ step: FIRST_STEP + STEPS, bad_step: 0 });
      // Steps 3 and 4 lie at 3 and 0; between them nothing was written.
      expect(kept[r * CAPACITY + 1]!.value).toBe(CANARY);
    });
  });
});
