/** Many whole steps in one dispatch: the resident engine's form for small critics on GPUs (shaders/resident/train_replica.wgsl). */
import { activationCode, type Critic } from "../../critics/critic.ts";
import { rowsOf, type Shape, slotsOf } from "../../critics/shape.ts";
import type { Gpu, Tensor } from "../../gpu/device.ts";
import { type Dispatch, dispatch } from "../../gpu/program.ts";
import { type EstimatorName, estimators, type KernelBindings, kernels } from "../../gpu/shaders.gen.ts";
import { pack } from "../../gpu/structs.ts";
import { grid } from "../../gpu/workgroups.ts";
import type { Training } from "../buffers.ts";
import { optimizerCode, type StepKernel } from "../optimizer.ts";

const { variants } = kernels.train_replica;
const { constants, bindings } = variants["table/remine"]!;
const { REPLICA_WIDTH, REPLICA_INPUTS, REPLICA_BYTES, WG_SIZE } = constants as Record<string, number>;

/** `table` binds the most of all sources. */
const MOST_BUFFERS = bindings.filter(({ access }) => access !== "uniform").length;

/** Scores a step. A step is one workgroup's work and cannot be cut; this many take a few milliseconds (an estimate). */
const MOST_SCORES = 16384;

/**
 * Why a kernel that keeps a whole small critic cannot train this one, or nothing where it can.
 *
 * @param most what the kernel holds: units of a hidden layer, inputs, and scores of a step
 * @param takes whether it was built for the estimator's slot; none is for those that look at rows or have a baseline network
 */
export function criticMisfit(
  { perceptron, kind }: Pick<Critic, "perceptron" | "kind">,
  estimator: EstimatorName,
  shape: Pick<Shape, "joint" | "marginals" | "xWidth" | "yWidth">,
  most: { width: number; inputs: number; scores: number },
  takes: (slot: string) => boolean,
): string | undefined {
  if (!perceptron) return `needs an mlp() critic, not "${kind}"`;
  const { hidden } = perceptron;
  if (hidden.length !== 2 || Math.max(...hidden) > most.width)
    return `needs two hidden layers of at most ${most.width} units, not [${hidden.join(", ")}]`;
  const inputs = shape.xWidth + shape.yWidth;
  if (inputs > most.inputs) return `takes at most ${most.inputs} inputs, not ${inputs}`;
  if (!takes(estimators[estimator].slot))
    return `takes no estimator that looks at rows or has a baseline network, as "${estimator}" does`;
  const scores = slotsOf(shape);
  if (scores > most.scores) return `takes at most ${most.scores} scores a step, not ${scores}`;
}

/** Why this form cannot train that, or nothing where it can. */
export function loopMisfit(
  gpu: Pick<Gpu, "device">,
  critic: Pick<Critic, "perceptron" | "kind">,
  estimator: EstimatorName,
  shape: Pick<Shape, "joint" | "marginals" | "xWidth" | "yWidth">,
): string | undefined {
  const { limits } = gpu.device;
  if (limits.maxComputeWorkgroupStorageSize < REPLICA_BYTES!)
    return `needs ${REPLICA_BYTES} bytes of workgroup memory for its weights, and this device gives ${limits.maxComputeWorkgroupStorageSize} (maxComputeWorkgroupStorageSize)`;
  if (limits.maxComputeInvocationsPerWorkgroup < WG_SIZE!)
    return `needs workgroups of ${WG_SIZE} threads, and this device takes ${limits.maxComputeInvocationsPerWorkgroup}`;
  if (limits.maxStorageBuffersPerShaderStage < MOST_BUFFERS)
    return `binds ${MOST_BUFFERS} buffers, and this device takes ${limits.maxStorageBuffersPerShaderStage} (maxStorageBuffersPerShaderStage)`;
  const most = { width: REPLICA_WIDTH!, inputs: REPLICA_INPUTS!, scores: MOST_SCORES };
  return criticMisfit(critic, estimator, shape, most, (slot) => `table/${slot}` in variants);
}

/**
 * Whether this form can be expected to beat the layered engine. On software adapters it is there to be tested. On a GPU it
 * leaves most compute units idle while replicas are few, and then wins only where a step is so short that the layered
 * engine's dispatches are most of it. Measured on an H200 with 256 scores a step: twice as fast from 1 to 256 replicas, no
 * faster from 4096 on; the line at 512 scores is an estimate (bench/NOTES.md).
 */
export const loopPays = (
  gpu: Pick<Gpu, "isSoftware">,
  shape: Pick<Shape, "replicas" | "joint" | "marginals">,
): boolean => !gpu.isSoftware && shape.replicas < 4096 && (shape.replicas >= 64 || slotsOf(shape) <= 512);

/** What the resident engine is told of a trainer besides its critic and shape. */
interface Told {
  source: string;
  estimator: string;
  optimizer: StepKernel;
  capacity: number;
  sourceBindings: object;
}

/** The dispatch that is many whole steps, and where it reads how many. */
export class Loop {
  readonly dispatch: Dispatch;
  readonly #steps: Tensor;

  constructor(
    gpu: Gpu,
    own: (tensor: Tensor) => Tensor,
    critic: Critic,
    s: Shape,
    told: Told,
    { hyper, clock, params, m_params, v_params, stats, history }: Training,
  ) {
    this.#steps = own(gpu.uniform("train_replica/chunk", pack("Chunk", { steps: 1 })));
    const { hidden, activation, outputBias } = critic.perceptron!;
    this.dispatch = dispatch(
      "train_replica",
      {
        dims: {
          joint: s.joint,
          marginals: s.marginals,
          rows: rowsOf(s),
          independent: Number(s.independent),
          x_width: s.xWidth,
          y_width: s.yWidth,
          stride: s.layout.stride,
          capacity: told.capacity,
        },
        chunk: this.#steps,
        ...{ hyper, clock, params, m_params, v_params, stats, history },
        ...told.sourceBindings,
      } as unknown as KernelBindings["train_replica"],
      grid(s.replicas, 1, 1),
      `${told.source}/${told.estimator}`,
      {
        HIDDEN_1: hidden[0]!,
        HIDDEN_2: hidden[1]!,
        OUTPUT_BIAS: Number(outputBias),
        OPTIMIZER: optimizerCode[told.optimizer],
        ACTIVATION: activationCode[activation],
      },
    );
  }

  /** How many steps the next dispatch takes. */
  take(gpu: Gpu, steps: number): void {
    gpu.write(this.#steps, Uint32Array.of(steps));
  }
}
