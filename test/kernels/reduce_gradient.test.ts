import { describe, expect } from "vitest";
import type { Update } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import {
  constant,
  cosine,
  exponential,
  linear,
  type Schedule,
  scheduleHyper,
  staircase,
} from "../../src/training/schedule.ts";
import { awkward, clockWith, EPS, expectClose, hyperWith, it, range, records, runKernel, split, TRIG } from "../gpu.ts";
import { clipScale, norm, rateAt, type ScheduleSettings } from "../oracle/optimizer.ts";

/** The running products that push_window keeps: beta^step in f32. */
const power = (beta: number, step: number) => range(step).reduce((p) => Math.fround(p * Math.fround(beta)), 1);

/** Runs the kernel on one gradient per replica, with NaN in the padding, which must not count. */
async function reduce(gradients: Float32Array[], settings: object[], steps: number[]): Promise<Update[]> {
  const count = gradients[0]!.length;
  const stride = 4 * Math.ceil(count / 4) + 16;
  const d_params = new Float32Array(gradients.length * stride).fill(Number.NaN);
  gradients.forEach((gradient, r) => {
    d_params.set(gradient, r * stride);
  });
  const hyper = settings.map(hyperWith);
  const clocks = steps.map((step, r) => {
    const { beta1, beta2 } = hyper[r]!;
    return clockWith({ step, beta1_power: power(beta1, step), beta2_power: power(beta2, step) });
  });
  const { update } = await runKernel(
    "reduce_gradient",
    {
      dims: { count, stride },
      hyper: records("Hyper", hyper),
      clock: records("Clock", clocks),
      d_params,
      update: gradients.length * 6,
    },
    [gradients.length, 1, 1],
  );
  return unpackArray<Update>("Update", update!.buffer as ArrayBuffer);
}

describe("reduce_gradient", () => {
  it.each([
    { replicas: 1, count: 1 },
    { replicas: 3, count: 63 },
    { replicas: 1, count: 64 },
    { replicas: 3, count: 65 },
    { replicas: 1, count: 257 },
  ])("clips, decays and corrects: R $replicas, P $count", async ({ replicas, count }) => {
    const gradients = split(awkward(1, replicas * count), replicas);
    const settings = [
      { learning_rate: 0.1, weight_decay: 0, clip_norm: 1e-3, beta1: 0.9, beta2: 0.999 },
      { learning_rate: 0.02, weight_decay: 0.3, clip_norm: 1, beta1: 0.5, beta2: 0.9 },
      { learning_rate: 5e-4, weight_decay: 0.01, clip_norm: 1e9, beta1: 0, beta2: 0.99 },
    ];
    for (const step of [0, 1, 19, 20, 100]) {
      const got = await reduce(
        gradients,
        settings.slice(0, replicas),
        gradients.map(() => step),
      );
      got.forEach((update, r) => {
        const { learning_rate, weight_decay, clip_norm, beta1, beta2 } = settings[r]!;
        const close = (name: keyof Update, want: number, tolerance: number) =>
          expectClose([update[name]], [want], { tolerance, what: `${name} of replica ${r}, step ${step}` });
        // A sum of P squares, halved by the root, then a root and a quotient.
        const scale = clipScale(norm(gradients[r]!), clip_norm);
        close("gradient_scale", scale, scale * (count / 2 + 4) * EPS);
        close("rate", learning_rate, learning_rate * EPS);
        close("decay", learning_rate * weight_decay, learning_rate * weight_decay * 3 * EPS);
        // beta^t rounds once a step (t half ulps) and is subtracted from 1: at t = 1 that costs 1 / (1 - beta) half ulps.
        const t = step + 1;
        const correction = (beta: number) => 1 / (1 - beta ** t);
        close("m_correction", correction(beta1), correction(beta1) ** 2 * (t + 2) * EPS);
        close("v_correction", correction(beta2), correction(beta2) ** 2 * (t + 2) * EPS);
        expect(update.is_finite).toBe(1);
      });
    }
  });

  // pow() is exp2() of a product with log2(), which WGSL lets be off by 2^-21: at most 4e-6 here, at 0.97^33.
  const POW = 1e-5;
  const run = { steps: 20, warmup: 0, factor: 1 };
  const schedules: [Schedule, ScheduleSettings, number][] = [
    [constant(), { kind: "constant", ...run }, EPS],
    [constant({ warmup: 7 }), { kind: "constant", ...run, warmup: 7 }, 3 * EPS],
    [cosine({ steps: 20 }), { kind: "cosine", ...run }, TRIG + 1e-6], // near pi, where the rate reaches 0
    [cosine({ steps: 20, warmup: 5 }), { kind: "cosine", ...run, warmup: 5 }, TRIG + 1e-6],
    [linear({ steps: 20 }), { kind: "linear", ...run }, 4 * EPS],
    [linear({ steps: 20, warmup: 19 }), { kind: "linear", ...run, warmup: 19 }, 4 * EPS],
    [exponential({ steps: 7, factor: 0.5 }), { kind: "exponential", steps: 7, warmup: 0, factor: 0.5 }, POW],
    [
      exponential({ steps: 1, factor: 0.97, warmup: 3 }),
      { kind: "exponential", steps: 1, warmup: 3, factor: 0.97 },
      POW,
    ],
    [staircase({ steps: 10, factor: 0.1 }), { kind: "staircase", steps: 10, warmup: 0, factor: 0.1 }, POW],
    [staircase({ steps: 5, factor: 0.3, warmup: 4 }), { kind: "staircase", steps: 5, warmup: 4, factor: 0.3 }, POW],
  ];

  it("follows every schedule, one in each replica", async () => {
    for (const step of [0, 1, 4, 5, 6, 9, 10, 19, 20, 21, 100]) {
      const got = await reduce(
        schedules.map(() => Float32Array.of(1)),
        schedules.map(([schedule]) => ({ learning_rate: 0.25, weight_decay: 2, ...scheduleHyper(schedule) })),
        schedules.map(() => step),
      );
      schedules.forEach(([schedule, settings, tolerance], r) => {
        const want = 0.25 * rateAt(step, settings);
        const what = `${JSON.stringify(schedule)}, step ${step}`;
        expectClose([got[r]!.rate], [want], { tolerance: 0.25 * tolerance, what: `rate of ${what}` });
        expectClose([got[r]!.decay], [2 * want], { tolerance: 0.5 * tolerance, what: `decay of ${what}` });
      });
    }
  });

  it("clips lengths over clip_norm, and those alone", async () => {
    // Lengths 0.5 and 5, either side of the limit by 10 %.
    const gradients = [1, 1, 10, 10].map((size) => Float32Array.of(0.3 * size, 0, -0.4 * size));
    const updates = await reduce(
      gradients,
      [0.45, 0.55, 4.5, 5.5].map((clip_norm) => ({ clip_norm })),
      [0, 0, 0, 0],
    );
    const scales = updates.map((update) => update.gradient_scale);
    expectClose(scales, [0.9, 1, 0.9, 1], { tolerance: 8 * EPS, what: "gradient_scale" });
  });

  it("never clips at clip_norm 0", async () => {
    const [update] = await reduce([Float32Array.of(1e9, 1e9)], [{ clip_norm: 0 }], [0]);
    expect(update!.gradient_scale).toBe(1);
  });

  it("tells a gradient that is not finite, in its replica alone", async () => {
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30]; // 1e30 squared overflows
    const gradients = [0, ...bad].map((value) => new Float32Array(200).fill(0.5).fill(value, 130, 131));
    const updates = await reduce(
      gradients,
      gradients.map(() => ({ clip_norm: 1 })),
      gradients.map(() => 0),
    );
    expect(updates.map((update) => update.is_finite)).toEqual([1, 0, 0, 0, 0]);
  });
});
