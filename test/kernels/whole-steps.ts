/** Whole training steps in one dispatch, against the same steps in float64: draw, chain rule, ascent. */
import { expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { type Clock, type EstimatorName, estimators, type Hyper, type StepRecord } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { hyperOf, words } from "../evaluate.ts";
import {
  activationError,
  CANARY,
  clockWith,
  EPS,
  EXP,
  expectClose,
  normals,
  range,
  records,
  runKernel,
  split,
  type Values,
} from "../gpu.ts";
import type { Activation } from "../oracle/critic.ts";
import { batchOf, logMeanExp, mean, parameters, scoreGradient } from "../oracle/estimators.ts";
import { slots } from "../oracle/pairs.ts";
import { backward, forward, type Perceptron } from "../oracle/perceptron.ts";
import type { Key, Row } from "../oracle/sources.ts";

export interface Case {
  replicas: number;
  joint: number;
  marginals: number;
  independent?: boolean;
  /** Dx, Dy, and the hidden widths. */
  widths: [number, number, ...number[]];
  activation: Activation;
  outputBias?: boolean;
  estimator?: EstimatorName;
  /** Largest gradient norm; 0, the default, never clips. */
  clipNorm?: number;
  /** What the output weights are multiplied by, so that scores lie further apart than exp reaches; then one step is taken. */
  spread?: number;
}

interface Drawn {
  slot: string;
  /** What the source binds. */
  bindings: Record<string, Values | object>;
  row: (key: Key, step: number, row: number, isJoint: boolean) => Row;
}

const RATE = 0.25;
const DECAY = 0.125;
const SEED = 7;
const FIRST_STEP = 3;
const CAPACITY = 4;

/** @param overrides the widths and the optimizer, SGD without momentum */
export async function expectWholeSteps(c: Case, source: Drawn, overrides: Record<string, number>): Promise<void> {
  const {
    replicas,
    joint,
    marginals,
    independent = false,
    activation,
    outputBias = true,
    clipNorm = 0,
    spread = 1,
  } = c;
  const steps = c.spread ? 1 : 2;
  const [xWidth, yWidth, ...hidden] = c.widths;
  const name = c.estimator ?? "remine";
  const perceptron: Perceptron = { widths: [xWidth + yWidth, ...hidden], activation, outputBias };
  const sizes = [...perceptron.widths, 1];
  const count = sizes.slice(1).reduce((sum, out, l) => sum + (sizes[l]! + 1) * out, outputBias ? 0 : -1);
  const stride = Math.ceil(count / 64) * 64;
  const list = slots(joint, marginals, independent);
  const start = normals(3, replicas * stride).map((v) => 0.4 * v);
  const outputs = count - Number(outputBias);
  range(replicas).forEach((r) => {
    for (let at = outputs - hidden.at(-1)!; at < outputs; at++) start[r * stride + at]! *= spread;
  });
  const hyper = range(replicas).map(
    (r): Hyper => ({
      ...{ ...hyperOf(parameters, 1), seed: SEED, stream: r },
      ...{ learning_rate: RATE, weight_decay: DECAY, clip_norm: clipNorm },
    }),
  );
  const { params, clock, history } = await runKernel(
    "train_replica",
    {
      dims: {
        ...{ joint, marginals, rows: independent ? list.length : joint, independent: Number(independent) },
        ...{ x_width: xWidth, y_width: yWidth, stride, capacity: CAPACITY },
      },
      chunk: { steps },
      hyper: records("Hyper", hyper),
      clock: records(
        "Clock",
        range(replicas).map(() => clockWith({ step: FIRST_STEP })),
      ),
      params: start,
      ...{ m_params: 1, v_params: 1 },
      stats: replicas * words("ScoreStats"),
      history: replicas * CAPACITY * words("StepRecord"),
      ...source.bindings,
    },
    [replicas, 1, 1],
    `${source.slot}/${estimators[name].slot}`,
    { ...overrides, OUTPUT_BIAS: Number(outputBias), ACTIVATION: activationCode[activation] },
  );
  const clocks = unpackArray<Clock>("Clock", clock!.buffer as ArrayBuffer);
  const kept = unpackArray<StepRecord>("StepRecord", history!.buffer as ArrayBuffer);
  let farthest = 0;
  for (const r of range(replicas)) {
    const own = Float64Array.from(split(start, replicas)[r]!);
    let tolerance = 0;
    const scale = new Float64Array(count).fill(1);
    for (let step = FIRST_STEP; step < FIRST_STEP + steps; step++) {
      const drawn = (row: number) => source.row([SEED, r], step, row, row < joint);
      const passes = list.map(({ x, y }) => forward(perceptron, own, [...drawn(x).x, ...drawn(y).y]));
      const t = passes.map((pass) => pass.t);
      const batch = batchOf(t, marginals);
      farthest = Math.max(farthest, Math.max(...batch.marginal) - batch.marginal[0]!);
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
      const norm = Math.hypot(...gradient);
      if (clipNorm > 0) expect(norm).toBeGreaterThan(clipNorm);
      const rate = clipNorm > 0 ? (RATE * clipNorm) / norm : RATE;
      gradient.forEach((d, i) => {
        own[i]! += rate * d - RATE * DECAY * own[i]!;
      });
      tolerance += RATE * (4 * ofT + 8 * EXP + 4 * activationError(activation) + list.length * EPS);
    }
    const got = split(params!, replicas)[r]!;
    expectClose(got.subarray(0, count), own.subarray(0, count), { tolerance, scale, what: "params" });
    expect(got.subarray(count)).toEqual(split(start, replicas)[r]!.subarray(count));
    expect(clocks[r]).toMatchObject({ step: FIRST_STEP + steps, bad_step: 0 });
    // Steps 3 and 4 lie at 3 and 0; between them nothing was written.
    expect(kept[r * CAPACITY + 1]!.value).toBe(CANARY);
  }
  // Some replica's first marginal score must lie too far below the highest, which makes one sweep begin again.
  if (c.spread) expect(farthest).toBeGreaterThan(60);
}
