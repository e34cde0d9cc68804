/** An estimator's own value of scores that no training step saw, through the same kernels that training uses. */

import type { Estimator } from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import { dispatch, Program } from "../gpu/program.ts";
import {
  estimators,
  kernels,
  type ScoreStats,
  type StepRecord,
  structs,
  type WindowAverages,
} from "../gpu/shaders.gen.ts";
import { packArray, unpackArray } from "../gpu/structs.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { elements, grid } from "../gpu/workgroups.ts";
import { hyperRecords } from "../training/hyper.ts";

/** Scores of `joint` rows with `marginals` others each, (N, 1+K), and what the baseline network says of the rows, (N). */
export interface Block {
  scores: Float32Array;
  baseline?: Float32Array | undefined;
}

const words = (name: keyof typeof structs) => structs[name].size / 4;

/**
 * Statistics, value and objective (nats) of every block.
 *
 * @param blocks all of `joint` rows with `marginals` marginal pairs each
 */
export async function evaluateBlocks(
  gpu: Gpu,
  estimator: Estimator,
  { joint, marginals }: { joint: number; marginals: number },
  blocks: readonly Block[],
): Promise<{ stats: ScoreStats[]; records: StepRecord[] }> {
  const { slot } = estimators[estimator.name];
  const R = blocks.length;
  const own: Tensor[] = [];
  const tensor = (label: string, data: number | Uint32Array | Float32Array) => {
    own.push(gpu.tensor(`held/${label}`, data));
    return own.at(-1)!;
  };
  const repeated = (name: "Hyper" | "Clock" | "Update", record: object) =>
    tensor(name, new Uint32Array(packArray(name, Array(R).fill(record))));
  let program: Program | undefined;
  try {
    const dims = { joint, marginals };
    const perBlock = joint * (1 + marginals);
    const scores = tensor("scores", oneAfterTheOther(blocks, perBlock, "scores"));
    const baseline = tensor("baseline", oneAfterTheOther(blocks, joint, "baseline"));
    const hyper = repeated("Hyper", hyperRecords({ estimator, streams: [0] })[0]!);
    const clock = repeated("Clock", { step: 0, beta1_power: 1, beta2_power: 1, ema_lse: 0, bad_step: 0 });
    const update = repeated("Update", Object.fromEntries(structs.Update.fields.map(([field]) => [field, 1])));
    const rows = tensor("rows", R * joint * words("RowStats"));
    const stats = tensor("stats", R * words("ScoreStats"));
    const history = tensor("history", R * words("StepRecord"));
    program = await Program.compile(gpu, [
      ...(slot in kernels.reduce_rows.variants
        ? [dispatch("reduce_rows", { dims, hyper, scores, baseline, rows }, grid(joint, R, 1), slot)]
        : []),
      dispatch("reduce_scores", { dims, hyper, clock, scores, rows, stats }, grid(R, 1, 1), slot),
      dispatch(
        "push_window",
        { dims: { replicas: R, capacity: 1, window: 1 }, hyper, stats, update, clock, history },
        elements(R, 1),
        slot,
      ),
    ]);
    program.run(gpu);
    return {
      stats: unpackArray<ScoreStats>("ScoreStats", await gpu.read(stats)),
      records: unpackArray<StepRecord>("StepRecord", await gpu.read(history)),
    };
  } finally {
    program?.dispose();
    for (const { buffer } of own) buffer.destroy();
  }
}

/** A part of all blocks in one array, `size` numbers of each; zeros where a block has none. */
function oneAfterTheOther(blocks: readonly Block[], size: number, name: keyof Block): Float32Array {
  const all = new Float32Array(blocks.length * size);
  blocks.forEach((block, r) => {
    const part = block[name];
    if (part) all.set(part, r * size);
  });
  return all;
}

/**
 * The estimator's value of all blocks taken as one batch, and its standard error by the delete-one-block jackknife
 * (Tukey 1958): blocks share no row, so given the critics they are independent.
 *
 * @param blocks at least 2, whose marginal pairs stay within the block
 * @returns nats; `without` is the value without each block in turn
 */
export async function valueOfBlocks(
  gpu: Gpu,
  estimator: Estimator,
  size: { joint: number; marginals: number },
  blocks: readonly Block[],
): Promise<{ value: number; standardError: number; without: number[] }> {
  const { stats, records } = await evaluateBlocks(gpu, estimator, size, blocks);
  const count = blocks.length;
  const all = records.map((_, b) => b);
  const lists = [all, ...all.map((left) => all.filter((b) => b !== left))];
  const [value, ...without] = await pooledValues(
    gpu,
    estimator,
    stats[0]!,
    lists.map((list) => list.map((b) => records[b]!)),
  );
  const center = without.reduce((sum, v) => sum + v, 0) / count;
  const squares = without.reduce((sum, v) => sum + (v - center) ** 2, 0);
  return {
    value: value!,
    standardError: Math.sqrt(((count - 1) / count) * squares),
    without,
  };
}

/** The value of several batches taken as one (average_window, micro), for several such lists. */
async function pooledValues(
  gpu: Gpu,
  estimator: Estimator,
  stats: ScoreStats,
  lists: readonly (readonly StepRecord[])[],
): Promise<number[]> {
  const R = lists.length;
  const capacity = Math.max(...lists.map((list) => list.length));
  const empty: StepRecord = Object.fromEntries(
    structs.StepRecord.fields.map(([field]) => [field, 0]),
  ) as unknown as StepRecord;
  const padded = lists.flatMap((list) => [...list, ...Array<StepRecord>(capacity - list.length).fill(empty)]);
  const clocks = lists.map((list) => ({ step: list.length, beta1_power: 1, beta2_power: 1, ema_lse: 0, bad_step: 0 }));
  const own = Object.fromEntries(
    (
      [
        ["hyper", "Hyper", lists.flatMap(() => hyperRecords({ estimator, streams: [0] }))],
        ["clock", "Clock", clocks],
        ["stats", "ScoreStats", lists.map(() => stats)],
        ["history", "StepRecord", padded],
      ] as const
    ).map(([label, name, list]) => [label, gpu.tensor(`held/${label}`, new Uint32Array(packArray(name, list)))]),
  ) as Record<"hyper" | "clock" | "stats" | "history", Tensor>;
  const averages = gpu.tensor("held/averages", R * words("WindowAverages"));
  let program: Program | undefined;
  try {
    const dims = { replicas: R, capacity, window: capacity };
    program = await Program.compile(gpu, [
      dispatch("average_window", { dims, ...own, averages }, [R, 1, 1], estimators[estimator.name].slot),
    ]);
    program.run(gpu);
    const read = unpackArray<WindowAverages>("WindowAverages", await gpu.read(averages));
    return read.map((a) => a.micro_value);
  } finally {
    program?.dispose();
    for (const { buffer } of [...Object.values(own), averages]) buffer.destroy();
  }
}
