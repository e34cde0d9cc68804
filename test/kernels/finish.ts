/** What ends a step, whatever kernels it is cut into, against the optimizers and the estimator by their definitions, in float64. */
import { expect } from "vitest";
import type { Clock, StepRecord } from "../../src/gpu/shaders.gen.ts";
import { packArray, unpackArray } from "../../src/gpu/structs.ts";
import { optimizerCode, type StepKernel } from "../../src/training/optimizer.ts";
import { hyperOf, words } from "../evaluate.ts";
import { awkward, clockWith, EPS, EXP, expectClose, normals, range, records } from "../gpu.ts";
import { batchOf, oracles, parameters, termsOf } from "../oracle/estimators.ts";
import { adamStep, clipScale, momentumStep, norm } from "../oracle/optimizer.ts";

const CAPACITY = 3;

/** Steps taken before: the record goes to another slot of each replica. */
const stepOf = (r: number) => 7 + r;
/** The second replica's gradient overflows when it is squared. */
export const finite = (r: number) => r !== 1;

export interface FinishCase {
  kernel: StepKernel;
  replicas: number;
  count: number;
  /** M; default 1. */
  parts?: number;
}

type Written = Record<string, Float32Array>;

/** Inputs of a kernel that ends a step, and what must come out. */
export function finishCase({ kernel, replicas, count, parts = 1 }: FinishCase) {
  const stride = 4 * Math.ceil(count / 4) + 4;
  const size = replicas * stride;
  const moments = { step_sgd: 0, step_momentum: 1, step_adam: 2 }[kernel];
  const params = normals(2, size);
  const m_params = normals(3, moments >= 1 ? size : 4);
  const v_params = normals(4, moments >= 2 ? size : 4).map((v) => v * v);
  const d_params = awkward(1, parts * size);
  // What is not a parameter must not count.
  range(parts * size).forEach((at) => {
    if (at % stride >= count) d_params[at] = Number.NaN;
  });
  if (replicas > 1) d_params[stride + count - 1] = 1e30;
  /** The sum of all parts, and of their magnitudes, to which its rounding is relative. */
  const summed = (of: (value: number) => number) =>
    Float64Array.from({ length: size }, (_, at) =>
      range(parts).reduce((sum, part) => sum + of(d_params[part * size + at]!), 0),
    );
  const gradient = summed((d) => d);
  const magnitude = summed(Math.abs);
  const gradients = range(replicas).map((r) => gradient.subarray(r * stride, r * stride + count));
  const settings = range(replicas).map((r) => ({
    rate: Math.fround(0.1 / (r + 1)),
    weightDecay: Math.fround(0.1 * r),
    betas: [[0.9, 0.999] as const, [0.5, 0.9] as const, [0, 0.99] as const][r]!.map(Math.fround) as [number, number],
    epsilon: Math.fround([1e-8, 1e-8, 1e-3][r]!),
    nesterov: r === 2,
    // The first replica's gradient is clipped, the last one's is not.
    clip: r === 0 ? Math.fround(norm(gradients[0]!) / 3) : 0,
  }));
  const power = (beta: number, step: number) => range(step).reduce((p) => Math.fround(p * beta), 1);
  const clocks = settings.map(({ betas }, r) =>
    clockWith({
      ...{ step: stepOf(r), beta1_power: power(betas[0], stepOf(r)), beta2_power: power(betas[1], stepOf(r)) },
      ema_lse: -9,
    }),
  );
  const ahead = clocks.map(({ step, beta1_power, beta2_power }, r) => {
    const [beta1, beta2] = settings[r]!.betas;
    const powers = { beta1_power: Math.fround(beta1_power * beta1), beta2_power: Math.fround(beta2_power * beta2) };
    return clockWith({ step: step + 1, ...powers, ema_lse: 0.25 });
  });
  const hyper = settings.map(({ rate, weightDecay, betas, epsilon, nesterov, clip }) => ({
    ...hyperOf(parameters),
    ...{ learning_rate: rate, weight_decay: weightDecay, clip_norm: clip, epsilon, nesterov: Number(nesterov) },
    ...{ beta1: betas[0], beta2: betas[1] },
  }));
  const batches = range(replicas).map((r) => batchOf([1 + r, 0.5 - r], 1));
  const stats = batches.map(({ joint, marginal }, r) => ({
    ...{ joint_mean: joint[0]!, marginal_lme: marginal[0]!, joint_count: 1, marginal_count: 1, ema_lse: 0.25 },
    ...termsOf(oracles.remine!, batches[r]!, parameters),
  }));
  const isStepped = (at: number) => at % stride < count && finite(Math.floor(at / stride));

  /** What a parameter becomes, and what its rounding is relative to. */
  const stepped = (at: number) => {
    const r = Math.floor(at / stride);
    const old = { p: params[at]!, m: m_params[at] ?? 0, v: v_params[at] ?? 0 };
    if (!isStepped(at)) return { ...old, scale: { p: 0, m: 0, v: 0 } }; // to the bit
    const { clip, betas, ...others } = settings[r]!;
    const clipped = clipScale(norm(gradients[r]!), clip);
    const [d, size] = [clipped * gradient[at]!, clipped * magnitude[at]!];
    if (kernel === "step_adam") {
      const next = adamStep(old, d, stepOf(r) + 1, { ...others, betas });
      // m may cancel: its rounding is relative to its terms, and so is the step's, and that of v to the parts'.
      const m = Math.abs(old.m) + size;
      const step = (Math.abs(next.p - old.p) * m) / Math.max(Math.abs(next.m), 1e-30);
      const v = next.v + (1 - betas[1]) * size * Math.abs(d);
      return { ...next, scale: { p: Math.abs(old.p) + step + (Math.abs(next.p - old.p) * v) / next.v, m, v } };
    }
    const momentum = kernel === "step_momentum" ? betas[0] : 0;
    const nesterov = kernel === "step_momentum" && others.nesterov;
    const next = momentumStep(old, d, { ...others, momentum, nesterov });
    const terms = Math.abs(momentum * old.m) + size;
    return { ...next, v: 0, scale: { p: Math.abs(old.p) + 2 * others.rate * terms, m: terms, v: 0 } };
  };
  return {
    ...{ stride, size, gradient, magnitude, gradients, d_params },
    overrides: { OPTIMIZER: optimizerCode[kernel] },
    inputs: {
      dims: { count, stride, replicas, parts, capacity: CAPACITY },
      hyper: records("Hyper", hyper),
      stats: records("ScoreStats", stats),
      clock: new Float32Array(new Uint32Array(packArray("Clock", clocks as Clock[])).buffer),
      ahead: records("Clock", ahead),
      ...{ d_params, params, m_params, v_params },
      history: replicas * CAPACITY * words("StepRecord"),
    },

    /** The parameters and the moments after the step. */
    expectStep(got: Written): void {
      const want = range(size).map(stepped);
      // The gradient's length sums P squares; beta^t rounds once a step and is subtracted from 1. Then a dozen roundings.
      const tolerance = (count / 2 + 40 + parts) * EPS;
      for (const [i, name] of (["p", "m", "v"] as const).entries()) {
        const written = { p: got.params!, m: got.m_params!, v: got.v_params! }[name];
        if (i > moments) {
          expect([...written], name).toEqual([...{ p: params, m: m_params, v: v_params }[name]]);
          continue;
        }
        const scale = want.map((w) => w.scale[name] + (w.scale[name] === 0 ? 0 : 1e-30));
        expectClose(
          written,
          want.map((w) => w[name]),
          { tolerance, scale, what: name },
        );
      }
    },

    /** The step's record. */
    expectRecord(got: Written): void {
      const slots = unpackArray<StepRecord>("StepRecord", got.history!.buffer as ArrayBuffer);
      range(replicas).forEach((r) => {
        const record = slots[r * CAPACITY + (stepOf(r) % CAPACITY)]!;
        const close = { tolerance: 100 * EPS + 4 * EXP, what: `record of replica ${r}` };
        const { value, objective } = oracles.remine!;
        expectClose(
          [record.joint_mean, record.marginal_lme, record.value, record.objective],
          [
            stats[r]!.joint_mean,
            stats[r]!.marginal_lme,
            value(batches[r]!, parameters),
            objective(batches[r]!, parameters, 0.25),
          ],
          close,
        );
      });
    },

    /** Where the clock stands after the step. */
    expectClock(got: Written): void {
      const clock = unpackArray<Clock>("Clock", got.clock!.buffer as ArrayBuffer);
      range(replicas).forEach((r) => {
        const { step, beta1_power, ema_lse, bad_step } = clock[r]!;
        expect({ step, bad_step }).toEqual({ step: stepOf(r) + 1, bad_step: finite(r) ? 0 : stepOf(r) + 1 });
        expect(ema_lse).toBe(finite(r) ? 0.25 : -9);
        expectClose([beta1_power], [settings[r]!.betas[0] * clocks[r]!.beta1_power], {
          tolerance: EPS,
          what: "beta^t",
        });
      });
    },

    /** Part 0 holds the sum of all parts; the others, and what is padding, are as they were. */
    expectSum(got: Float32Array): void {
      for (const r of range(replicas)) {
        const at = r * stride;
        const scale = magnitude.subarray(at, at + count);
        const what = `sum of replica ${r}`;
        expectClose(got.subarray(at, at + count), gradients[r]!, { tolerance: parts * EPS, scale, what });
      }
      expect(got.subarray(size)).toEqual(d_params.subarray(size));
    },
  };
}
