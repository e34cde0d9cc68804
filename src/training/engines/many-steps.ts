/** The resident engine for many steps: small critics train whole steps in one dispatch (shaders/resident/train_replica.wgsl). */
import { activationCode, type Critic } from "../../critics/critic.ts";
import { rowsOf, type Shape, slotsOf } from "../../critics/shape.ts";
import type { Gpu } from "../../gpu/device.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { type EstimatorName, type KernelBindings, kernels } from "../../gpu/shaders.gen.ts";
import { pack } from "../../gpu/structs.ts";
import type { Owner, Tensor } from "../../gpu/tensor.ts";
import { grid } from "../../gpu/workgroups.ts";
import type { Training } from "../buffers.ts";
import { optimizerCode, type StepKernel } from "../optimizer.ts";
import { criticMisfit, type Fitted } from "./fit.ts";
import { oneSweep } from "./one-step.ts";

const { variants } = kernels.train_replica;
const { constants, bindings } = variants["table/remine"]!;
const { REPLICA_WIDTH, REPLICA_INPUTS, REPLICA_BYTES, REPLICA_THREADS } = constants as Record<string, number>;

/** `table` binds the most of all sources. */
const MOST_BUFFERS = bindings.filter(({ access }) => access !== "uniform").length;

/** Scores a step. A step is one workgroup's work and cannot be cut; this many take a few milliseconds (an estimate). */
const MOST_SCORES = 16384;

/** Why this form cannot train that on this device, or nothing where it can. */
export function manyStepsMisfit({ device: { limits } }: Pick<Gpu, "device">, ...fitted: Fitted): string | undefined {
  if (limits.maxComputeWorkgroupStorageSize < REPLICA_BYTES!)
    return `needs ${REPLICA_BYTES} bytes of workgroup memory for its weights, and this device gives ${limits.maxComputeWorkgroupStorageSize} (maxComputeWorkgroupStorageSize)`;
  if (limits.maxComputeInvocationsPerWorkgroup < REPLICA_THREADS!)
    return `needs workgroups of ${REPLICA_THREADS} threads, and this device takes ${limits.maxComputeInvocationsPerWorkgroup}`;
  if (limits.maxStorageBuffersPerShaderStage < MOST_BUFFERS)
    return `binds ${MOST_BUFFERS} buffers, and this device takes ${limits.maxStorageBuffersPerShaderStage} (maxStorageBuffersPerShaderStage)`;
  const most = { width: REPLICA_WIDTH!, inputs: REPLICA_INPUTS!, scores: MOST_SCORES };
  return criticMisfit(fitted, most, (slot) => `table/${slot}` in variants);
}

/**
 * Whether this form can be expected to beat the layered engine on a GPU. A replica is one workgroup, so with fewer than a
 * large card has units it leaves some idle, and wins only where a step is so short that the layered engine's dispatches are
 * most of it: 512 scores take it 100 µs. With more, activations that never leave the chip are its advantage at any number.
 * Both lines are estimates; what was measured, of the kernel before this one, is in bench/NOTES.md.
 */
export const manyStepsPay = (shape: Pick<Shape, "replicas" | "joint" | "marginals">): boolean =>
  shape.replicas >= 128 || slotsOf(shape) <= 512;

/** What the kernel is compiled for besides the activation, the optimizer and an output bias. */
export const replicaForm = (hidden: readonly number[], inputs: number, estimator: EstimatorName) => ({
  INPUTS: inputs,
  HIDDEN_1: hidden[0]!,
  HIDDEN_2: hidden[1]!,
  FOURS: REPLICA_WIDTH! / (Math.max(...hidden) > REPLICA_WIDTH! / 2 ? 4 : 8),
  ONE_SWEEP: oneSweep(estimator),
});

/** The dispatch that is many whole steps, and where it reads how many. */
export class ManySteps {
  readonly dispatch: Dispatch;
  readonly #chunk: Tensor;

  constructor(
    {
      gpu,
      own,
      critic,
      estimator,
      shape: s,
    }: { gpu: Gpu; own: Owner; critic: Critic; estimator: EstimatorName; shape: Shape },
    choice: { source: string; estimator: string; optimizer: StepKernel },
    { capacity, sourceBindings }: { capacity: number; sourceBindings: object },
    { hyper, clock, params, m_params, v_params, stats, history }: Training,
  ) {
    this.#chunk = own(gpu.uniform("train_replica/chunk", pack("Chunk", { steps: 1 })));
    const { hidden, activation, outputBias } = critic.perceptron!;
    const dims = {
      ...{ joint: s.joint, marginals: s.marginals, rows: rowsOf(s), independent: Number(s.independent) },
      ...{ x_width: s.xWidth, y_width: s.yWidth, stride: s.layout.stride, capacity },
    };
    const tensors = { hyper, clock, params, m_params, v_params, stats, history };
    this.dispatch = dispatch(
      "train_replica",
      { dims, chunk: this.#chunk, ...tensors, ...sourceBindings } as unknown as KernelBindings["train_replica"],
      grid(s.replicas, 1, 1),
      `${choice.source}/${choice.estimator}`,
      {
        ...replicaForm(hidden, s.xWidth + s.yWidth, estimator),
        OUTPUT_BIAS: Number(outputBias),
        OPTIMIZER: optimizerCode[choice.optimizer],
        ACTIVATION: activationCode[activation],
      },
    );
  }

  /** How many steps the next dispatch takes. */
  take(gpu: Gpu, steps: number): void {
    gpu.write(this.#chunk, Uint32Array.of(steps));
  }
}
