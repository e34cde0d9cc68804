import type { Layout } from "./critic.ts";
import type { Gpu, Tensor } from "./device.ts";
import { structs } from "./shaders.gen.ts";

/** The sizes that shape every buffer. Symbols as in shaders/lib/geometry.wgsl. */
export interface Shape {
  /** R */
  replicas: number;
  /** N */
  joint: number;
  /** K */
  marginals: number;
  /** Marginal pairs have rows of their own. */
  independent: boolean;
  /** Dx, Dy */
  xWidth: number;
  yWidth: number;
  /** Widths of the hidden layers. */
  hidden: readonly number[];
  layout: Layout;
}

/** S: scores a step. */
export const slotsOf = (s: Pick<Shape, "joint" | "marginals">): number => s.joint * (1 + s.marginals);

/** B: rows drawn a step. */
export const rowsOf = (s: Pick<Shape, "joint" | "marginals" | "independent">): number =>
  s.independent ? slotsOf(s) : s.joint;

const words = (name: keyof typeof structs): number => structs[name].size / 4;

/** What the critic's forward pass writes. */
export function activationTensors(gpu: Gpu, own: Owner, s: Shape) {
  const { replicas: R } = s;
  const S = slotsOf(s);
  const B = rowsOf(s);
  const first = s.hidden[0]!;
  return {
    batch_x: own(gpu.tensor("batch_x", R * B * s.xWidth)), //      (R, B, Dx)
    batch_y: own(gpu.tensor("batch_y", R * B * s.yWidth)), //      (R, B, Dy)
    part_x: own(gpu.tensor("part_x", R * B * first)), //           (R, B, H)
    part_y: own(gpu.tensor("part_y", R * B * first)), //           (R, B, H)
    output: s.hidden.map((H, l) => own(gpu.tensor(`output${l + 1}`, R * S * H))), //  (R, S, H) per layer
    slope: s.hidden.map((H, l) => own(gpu.tensor(`slope${l + 1}`, R * S * H))), //    (R, S, H) per layer
    scores: own(gpu.tensor("scores", R * S)), //                   (R, N, 1+K)
    no_slope: own(gpu.tensor("no_slope", 1)), //                   bound where a layer has no activation
  };
}

/** What a training step needs besides. */
export function trainingTensors(gpu: Gpu, own: Owner, s: Shape, capacity: number, moments: boolean) {
  const { replicas: R } = s;
  const S = slotsOf(s);
  const B = rowsOf(s);
  const P = s.layout.stride;
  const first = s.hidden[0]!;
  return {
    hyper: own(gpu.tensor("hyper", R * words("Hyper"))), //        (R)
    clock: own(gpu.tensor("clock", R * words("Clock"))), //        (R)
    stats: own(gpu.tensor("stats", R * words("ScoreStats"))), //   (R)
    update: own(gpu.tensor("update", R * words("Update"))), //     (R)
    history: own(gpu.tensor("history", R * capacity * words("StepRecord"))), // (R, W)
    averages: own(gpu.tensor("averages", R * words("WindowAverages"))), //      (R)
    params: own(gpu.tensor("params", R * P)), //                   (R, P)
    d_params: own(gpu.tensor("d_params", R * P)), //               (R, P)
    m_params: own(gpu.tensor("m_params", moments ? R * P : 1)), // (R, P), Adam only
    v_params: own(gpu.tensor("v_params", moments ? R * P : 1)), // (R, P), Adam only
    d_scores: own(gpu.tensor("d_scores", R * S)), //               (R, N, 1+K)
    d_hidden: s.hidden.map((H, l) => own(gpu.tensor(`d_hidden${l + 1}`, R * S * H))), // (R, S, H) per layer
    d_part_x: own(gpu.tensor("d_part_x", R * B * first)), //       (R, B, H)
    d_part_y: own(gpu.tensor("d_part_y", R * B * first)), //       (R, B, H)
  };
}

export type Activations = ReturnType<typeof activationTensors>;
export type Training = ReturnType<typeof trainingTensors>;

/** Takes a tensor into the care of whoever will destroy it. */
export type Owner = (tensor: Tensor) => Tensor;
