/** A small network that learns the map of the plane from samples of (x, y). */
import {
  adam,
  createTrainer,
  critics,
  type Gpu,
  remine,
  type Scorer,
  sources,
  type Tensor,
  type Trainer,
} from "../../src/index.ts";
import { REACH } from "./shapes.ts";

/**
 * What a CPU and a GPU train while somebody watches, and the points a side at which the map is drawn. A layer of 8 before one of
 * 64 has kernels that a software adapter compiles in a quarter of the time that two of 32 take, and learns as well.
 */
export const SIZES = {
  cpu: { joint: 128, perJoint: 2, hidden: [8, 64], learningRate: 2e-2, window: 300, nodes: 40 },
  gpu: { joint: 512, perJoint: 4, hidden: [64, 64], learningRate: 2e-3, window: 1000, nodes: 96 },
};
export type Size = (typeof SIZES)["cpu"];

export const sizeOf = (gpu: Gpu): Size => SIZES[gpu.profile.computesOn];

export class Learner {
  /** Whether the network has seen nothing but the samples that it has now. */
  pure = true;
  readonly trainer: Trainer;
  #scorer: Scorer;
  #nodes: Tensor;

  static async create(gpu: Gpu, samples: Samples, seed: number): Promise<Learner> {
    const { joint, perJoint, hidden, learningRate, window, nodes } = sizeOf(gpu);
    const trainer = await createTrainer(gpu, {
      source: sources.rows({ data: samples.x, columns: 1 }, { data: samples.y, columns: 1 }),
      pairs: { joint, negatives: "shuffle", perJoint },
      critic: critics.mlp(hidden, { activation: "silu" }),
      estimator: remine(),
      optimizer: adam({ learningRate, clipNorm: 1 }),
      ...{ window, seed, trace: false },
    });
    const { table, pairs } = grid(nodes);
    const places = gpu.tensor("plane/nodes", table);
    const scorer = await trainer.scorer({ batch: nodes ** 2, table: places });
    scorer.name(pairs);
    return new Learner(trainer, scorer, places);
  }

  private constructor(trainer: Trainer, scorer: Scorer, nodes: Tensor) {
    this.trainer = trainer;
    this.#scorer = scorer;
    this.#nodes = nodes;
  }

  /** Other samples: the network goes on from where it is, and its averages begin anew. */
  take({ x, y }: Samples): void {
    const { trainer } = this;
    const table = new Float32Array(2 * x.length);
    for (let i = 0; i < x.length; i++) table.set([x[i]!, y[i]!], 2 * i);
    trainer.set({ table });
    // The averages look back over the steps that the clock counts; `step` is its first word.
    trainer.gpu.write(trainer.tensors.training.clock, Uint32Array.of(0));
    if (trainer.steps > 0) this.pure = false;
  }

  step(count: number): Promise<void> {
    return this.trainer.step(count);
  }

  /** T at the nodes, and what the last steps say of the MI; undefined before the first step. */
  async look(): Promise<{ learned: Float32Array; estimate: number | undefined }> {
    const { gpu, steps: trained } = this.trainer;
    this.#scorer.refresh();
    if (trained === 0) {
      // The averages' kernel is compiled while the first map is drawn.
      this.trainer.read().catch(() => {});
      return { learned: new Float32Array(await gpu.read(this.#scorer.scores)), estimate: undefined };
    }
    const [{ averages }, learned] = await Promise.all([this.trainer.read(), gpu.read(this.#scorer.scores)]);
    const { micro, steps } = averages[0]!;
    return { learned: new Float32Array(learned), estimate: steps > 0 ? micro : undefined };
  }

  dispose(): void {
    this.#scorer.dispose();
    this.#nodes.buffer.destroy();
    this.trainer.dispose();
  }
}

export interface Samples {
  x: Float32Array;
  y: Float32Array;
}

/** Row i of the table is (x, y) of the i-th node of either axis: pair (i, j) of its rows is a node of the grid. */
function grid(size: number): { table: Float32Array; pairs: Uint32Array } {
  const table = new Float32Array(2 * size);
  const pairs = new Uint32Array(2 * size * size);
  for (let j = 0; j < size; j++) {
    table.fill(REACH * ((2 * j) / (size - 1) - 1), 2 * j, 2 * j + 2);
    for (let i = 0; i < size; i++) pairs.set([i, j], 2 * (j * size + i));
  }
  return { table, pairs };
}
