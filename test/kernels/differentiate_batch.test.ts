/** A small critic's whole gradient in one dispatch, against the chain rule in float64. */
import { describe, expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { type EstimatorName, estimators, kernels, type ScoreStats } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { oneSweep } from "../../src/training/engines/one-step.ts";
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

interface Case {
  replicas: number;
  joint: number;
  marginals: number;
  independent?: boolean;
  /** Dx, Dy, and the hidden widths. */
  widths: [number, number, number, number];
  activation?: Activation;
  outputBias?: boolean;
  estimator?: EstimatorName;
  /** What every x is multiplied by. */
  magnitude?: number;
  /** What the output weights are multiplied by, so that scores lie further apart than exp reaches. */
  spread?: number;
}

const cases: Case[] = [
  { replicas: 1, joint: 1, marginals: 1, independent: true, widths: [1, 1, 1, 1] },
  { replicas: 3, joint: 63, marginals: 1, widths: [1, 1, 5, 9], activation: "silu" },
  { replicas: 1, joint: 64, marginals: 2, independent: true, widths: [2, 6, 8, 7] },
  { replicas: 3, joint: 65, marginals: 1, widths: [3, 2, 17, 16], outputBias: false, activation: "tanh" },
  { replicas: 1, joint: 257, marginals: 3, widths: [1, 2, 4, 3], activation: "leaky-relu", estimator: "nwj" },
  { replicas: 2, joint: 6, marginals: 5, widths: [4, 4, 64, 63], estimator: "js" },
  { replicas: 1, joint: 32, marginals: 1, widths: [1, 1, 5, 9], activation: "silu", magnitude: 1e3 },
  { replicas: 3, joint: 33, marginals: 1, widths: [1, 1, 5, 9], activation: "silu", spread: 600 },
];

/** An adapter of any other subgroup size never runs this kernel: src/gpu/profile.ts. */
const runs = gpu?.subgroupSize === kernels.differentiate_batch.variants.remine!.constants.BATCH_LANES;

describe.skipIf(!runs)("differentiate_batch", () => {
  it.each(cases)("R $replicas, N $joint, K $marginals, widths $widths, $activation, $estimator", async (c) => {
    const { replicas, joint, marginals, independent = false, activation = "relu", outputBias = true } = c;
    const [xWidth, yWidth, ...hidden] = c.widths;
    const name = c.estimator ?? "remine";
    const perceptron: Perceptron = { widths: [xWidth + yWidth, ...hidden], activation, outputBias };
    const sizes = [...perceptron.widths, 1];
    const count = sizes.slice(1).reduce((sum, out, l) => sum + (sizes[l]! + 1) * out, outputBias ? 0 : -1);
    const stride = Math.ceil(count / 64) * 64;
    const rows = independent ? joint * (1 + marginals) : joint;
    const params = normals(3, replicas * stride).map((v) => 0.4 * v);
    const spread = c.spread ?? 1;
    const outputs = count - Number(outputBias) - hidden[1]!;
    range(replicas * hidden[1]!).forEach((at) => {
      params[Math.floor(at / hidden[1]!) * stride + outputs + (at % hidden[1]!)]! *= spread;
    });
    const batch_x = normals(4, replicas * rows * xWidth).map((v) => (c.magnitude ?? 1) * v);
    const batch_y = normals(5, replicas * rows * yWidth);
    const hyper = range(replicas).map(() => hyperOf(parameters, 1));
    const { stats, d_params } = await runKernel(
      "differentiate_batch",
      {
        dims: { joint, marginals, rows, independent: Number(independent), stride },
        hyper: records("Hyper", hyper),
        clock: records(
          "Clock",
          range(replicas).map(() => clockWith({})),
        ),
        ...{ batch_x, batch_y, params },
        stats: replicas * words("ScoreStats"),
        d_params: replicas * stride,
      },
      [replicas, 1, 1],
      estimators[name].slot,
      {
        ...{ X_WIDTH: xWidth, Y_WIDTH: yWidth, HIDDEN_1: hidden[0]!, HIDDEN_2: hidden[1]! },
        ...{ OUTPUT_BIAS: Number(outputBias), ACTIVATION: activationCode[activation], ONE_SWEEP: oneSweep(name) },
      },
    );
    const got = unpackArray<ScoreStats>("ScoreStats", stats!.buffer as ArrayBuffer);
    let farthest = 0;
    range(replicas).forEach((r) => {
      const own = split(params, replicas)[r]!;
      const [xs, ys] = [split(batch_x, replicas)[r]!, split(batch_y, replicas)[r]!];
      const list = slots(joint, marginals, independent);
      const passes = list.map(({ x, y }) =>
        forward(perceptron, own, [
          ...xs.subarray(x * xWidth, (x + 1) * xWidth),
          ...ys.subarray(y * yWidth, (y + 1) * yWidth),
        ]),
      );
      const t = passes.map((pass) => pass.t);
      const batch = batchOf(t, marginals);
      const top = Math.max(1, ...t.map(Math.abs));
      if (c.spread) {
        // Some replica's first marginal score must lie too far below the highest, which makes the kernel begin again.
        farthest = Math.max(farthest, Math.max(...batch.marginal) - batch.marginal[0]!);
      }
      // T sums 64 terms a layer, after two activations; then comes exp.
      const ofT = (32 * EPS + 4 * activationError(activation)) * top;
      expectClose([got[r]!.joint_mean], [mean(batch.joint)], { tolerance: ofT, what: "joint_mean" });
      const lme = { tolerance: ofT + 4 * EXP, what: "marginal_lme" };
      expectClose([got[r]!.marginal_lme], [logMeanExp(batch.marginal)], lme);

      const d_scores = scoreGradient(name, t, marginals);
      const want = new Float64Array(count);
      const scale = new Float64Array(count);
      passes.forEach((pass, s) => {
        backward(perceptron, own, pass, d_scores[s]!, want, scale);
      });
      const words = split(d_params!, replicas)[r]!;
      // A score's gradient is an exp of T, off by what T is off; the sums add rounding for each pair.
      const tolerance = 4 * ofT + 8 * EXP + 4 * activationError(activation) + list.length * EPS;
      expectClose(words.subarray(0, count), want, {
        tolerance,
        // Central differences of scores of hundreds are good to 1e-10.
        scale: [...scale].map((v) => v + (c.spread ? 1e-5 : 1e-7)),
        what: "d_params",
      });
      expect(words.subarray(count).every((word) => word === CANARY)).toBe(true);
    });
    if (c.spread) expect(farthest).toBeGreaterThan(60);
  });
});
