/** A batch of scores through the estimator's kernels, and central differences to hold their gradients against. */

import {
  type EstimatorName,
  estimators,
  parameters as facts,
  kernels,
  type RowStats,
  type StepRecord,
  structs,
} from "../src/gpu/shaders.gen.ts";
import { unpackArray } from "../src/gpu/structs.ts";
import { clockWith, hyperWith, range, records, runKernel } from "./gpu.ts";
import { type Parameters, parameters as usual } from "./oracle/estimators.ts";

export const words = (name: keyof typeof structs): number => structs[name].size / 4;

const neutral = { gradient_scale: 1, rate: 0, decay: 0, m_correction: 1, v_correction: 1, is_finite: 1 };

/** The parameters of an estimator as its kernels read them. */
export const hyperOf = (given: Parameters, emaRate = 0.3) => {
  const all = Object.entries({ ...given, emaRate }) as [keyof typeof facts, number][];
  return hyperWith(Object.fromEntries(all.map(([name, value]) => [facts[name].number!.field, value])));
};

/**
 * Scores (R, N, 1 + K) through the estimator's kernels.
 *
 * @param options.baseline (R, N), default zeros; `ema` of the batch before, default none; `parameters` and `batch` per replica
 */
export async function evaluate(
  name: EstimatorName,
  scores: Float32Array,
  options: {
    joint: number;
    marginals: number;
    ema?: number | undefined;
    baseline?: Float32Array | undefined;
    parameters?: readonly Parameters[];
    batch?: readonly number[];
    /** Statistics, record and gradient by one kernel, as on a GPU. */
    atOnce?: boolean;
  },
) {
  const { joint, marginals, ema, parameters } = options;
  const replicas = scores.length / (joint * (1 + marginals));
  const { slot } = estimators[name];
  const dims = { joint, marginals };
  const baseline = options.baseline ?? new Float32Array(replicas * joint);
  const hyper = records(
    "Hyper",
    range(replicas).map((r) => ({ ...hyperOf(parameters?.[r] ?? usual), batch: options.batch?.[r] ?? 0 })),
  );
  const each = (record: object) => range(replicas).map(() => record);
  const clock = records("Clock", each(clockWith(ema === undefined ? {} : { step: 1, ema_lse: ema })));
  let rows: Uint32Array = new Uint32Array(replicas * joint * words("RowStats"));
  if (slot in kernels.reduce_rows.variants) {
    const made = await runKernel(
      "reduce_rows",
      { dims, hyper, scores, baseline, rows: rows.length },
      [joint, replicas, 1],
      slot,
    );
    rows = new Uint32Array(made.rows!.buffer);
  }
  const reduced = await runKernel(
    options.atOnce ? "evaluate_scores" : "reduce_scores",
    {
      dims: { ...dims, capacity: 1 },
      ...{ hyper, clock, scores, rows },
      stats: words("ScoreStats") * replicas,
      d_scores: scores.length,
      history: words("StepRecord") * replicas,
      ahead: words("Clock") * replicas,
    },
    [replicas, 1, 1],
    slot,
    options.atOnce ? { DIFFERENTIATED: 1 } : {},
  );
  const stats = new Uint32Array(reduced.stats!.buffer);
  const { d_scores } = options.atOnce
    ? reduced
    : await runKernel(
        "differentiate_scores",
        { dims, hyper, scores, rows, stats, d_scores: scores.length },
        [Math.ceil((joint * (1 + marginals)) / 64), replicas, 1],
        slot,
      );
  let d_baseline: Float32Array | undefined;
  if (slot in kernels.differentiate_baseline.variants) {
    const workgroups = [Math.ceil(joint / 64), replicas, 1] as const;
    const inputs = { dims, hyper, rows, stats, d_baseline: replicas * joint };
    d_baseline = (await runKernel("differentiate_baseline", inputs, workgroups, slot)).d_baseline;
  }
  const pushed = {
    dims: { replicas, capacity: 1, window: 1 },
    hyper,
    stats,
    update: records("Update", each(neutral)),
    clock,
    history: words("StepRecord") * replicas,
  };
  const { history } = options.atOnce
    ? reduced
    : await runKernel("push_window", pushed, [Math.ceil(replicas / 64), 1, 1], slot);
  return {
    d_scores: d_scores!,
    d_baseline,
    rows: unpackArray<RowStats>("RowStats", rows.buffer as ArrayBuffer),
    steps: unpackArray<StepRecord>("StepRecord", history!.buffer as ArrayBuffer),
  };
}

/** Central differences of `f` by every element of `at`. */
export function differences(f: (at: Float64Array) => number, at: ArrayLike<number>): Float64Array {
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

export const largest = (list: ArrayLike<number>): number =>
  Array.from(list).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
