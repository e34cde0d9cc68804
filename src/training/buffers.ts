/** Every buffer of a trainer: name, shape, use. */

import { rowsOf, type Shape, slotsOf } from "../critics/shape.ts";
import type { Gpu } from "../gpu/device.ts";
import { structs } from "../gpu/shaders.gen.ts";
import { sideBySide } from "../gpu/sides.ts";
import type { Owner, Tensor } from "../gpu/tensor.ts";
import { gradientGroups } from "./engines/groups.ts";

const words = (name: keyof typeof structs): number => structs[name].size / 4;

/** What the critic's forward pass reads and writes; what lies between is its own (critics/). */
export function batchTensors(gpu: Gpu, own: Owner, s: Shape) {
  const { replicas: R } = s;
  const B = rowsOf(s);
  const [batch_x, batch_y] =
    s.xWidth === s.yWidth
      ? (sideBySide(gpu, own, ["batch_x", "batch_y"], R * B * s.xWidth) as [Tensor, Tensor])
      : [own(gpu.tensor("batch_x", R * B * s.xWidth)), own(gpu.tensor("batch_y", R * B * s.yWidth))];
  return {
    batch_x, //                                                    (R, B, Dx)
    batch_y, //                                                    (R, B, Dy)
    scores: own(gpu.tensor("scores", R * slotsOf(s))), //          (R, N, 1+K)
  };
}

/** What a training step needs besides. A tensor that nothing uses is a vector of four, the least that a kernel can bind. */
export function trainingTensors(gpu: Gpu, own: Owner, s: Shape, capacity: number, moments: number) {
  const { replicas: R } = s;
  const P = s.layout.stride;
  return {
    hyper: own(gpu.tensor("hyper", R * words("Hyper"))), //        (R)
    clock: own(gpu.tensor("clock", R * words("Clock"))), //        (R)
    stats: own(gpu.tensor("stats", R * words("ScoreStats"))), //   (R)
    update: own(gpu.tensor("update", R * words("Update"))), //     (R)
    history: own(gpu.tensor("history", R * capacity * words("StepRecord"))), // (R, W)
    averages: own(gpu.tensor("averages", R * words("WindowAverages"))), //      (R)
    params: own(gpu.tensor("params", R * P)), //                   (R, P)
    d_params: own(gpu.tensor("d_params", s.parts * R * P)), //     (M, R, P)
    ahead: own(gpu.tensor("ahead", gpu.profile.fullAt > 1 ? R * words("Clock") : 4)), // (R), on a GPU
    squares: own(gpu.tensor("squares", Math.max(4, R * gradientGroups(gpu.profile.fullAt, s)))), // (R, G), on a GPU
    m_params: own(gpu.tensor("m_params", moments >= 1 ? R * P : 4)), // (R, P), Adam and momentum
    v_params: own(gpu.tensor("v_params", moments >= 2 ? R * P : 4)), // (R, P), Adam only
    d_scores: own(gpu.tensor("d_scores", R * slotsOf(s))), //      (R, N, 1+K)
    rows: own(gpu.tensor("rows", R * s.joint * words("RowStats"))), // (R, N), zeros unless the estimator looks at rows
    baseline: own(gpu.tensor("baseline", R * s.joint)), //         (R, N), zeros without a baseline network
    d_baseline: own(gpu.tensor("d_baseline", R * s.joint)), //     (R, N)
  };
}

/** The buffers of one batch, by their names in the WGSL: R replicas of B rows. */
export type Batch = ReturnType<typeof batchTensors>;
/** All buffers of a training, by their names in the WGSL; the first axis of each is R, the replicas, but of d_params. */
export type Training = ReturnType<typeof trainingTensors>;
