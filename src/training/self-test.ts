/** Whether an adapter computes rightly. */

import { mlp } from "../critics/mlp.ts";
import type { Layer } from "../critics/shape.ts";
import { remine } from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { logMeanExp, mean } from "../math/statistics.ts";
import { rows } from "../sources/table.ts";
import { sgd } from "./optimizer.ts";
import { createTrainer } from "./trainer.ts";

/** One check of {@link selfTest}: whether the adapter computes as float64 does, and by how much it is off. */
export interface SelfCheck {
  ok: boolean;
  message: string;
}

/** Rows of the batch, and a joint pair and two marginal ones of each. */
const ROWS = 8;
const COLUMNS = 3;
const LAMBDA = 0.3;

/** What f32 may lose in a score, and in a gradient that central differences know to seven digits. */
const TOLERANCE = 1e-5;

/**
 * One training step of a small critic, checked against float64 on the host: scores, the bound, and the change of every
 * weight by central differences. It runs every stage of the step.
 */
export async function selfTest(gpu: Gpu): Promise<SelfCheck[]> {
  const { layers, before, after, x, y, scores, value } = await oneStep(gpu);
  const scoresOf = (params: ArrayLike<number>) =>
    Array.from({ length: ROWS * COLUMNS }, (_, s) => {
      const i = Math.floor(s / COLUMNS);
      const j = (i + (s % COLUMNS)) % ROWS;
      return scoreOf(layers, params, [x[2 * i]!, x[2 * i + 1]!, y[j]!]);
    });
  const { bound } = termsOf(scoresOf(before));
  const worstScore = Math.max(...scoresOf(before).map((t, s) => Math.abs(t - scores[s]!)));
  const slopes = centralDifferences((params) => termsOf(scoresOf(params)).objective, before);
  const worstSlope = Math.max(...slopes.map((slope, p) => Math.abs(slope - (after[p]! - before[p]!))));
  return [
    check(`${scores.length} scores of the critic`, worstScore),
    check("the Donsker-Varadhan value", Math.abs(bound - value)),
    check(`${slopes.length} gradients, by central differences`, worstSlope),
  ];
}

const check = (what: string, error: number): SelfCheck => ({
  ok: error <= TOLERANCE,
  message: `${what}: off by at most ${error.toExponential(1)}, ${TOLERANCE.toExponential(0)} allowed`,
});

/** A step at a learning rate of 1, by which the weights move by their gradient. */
async function oneStep(gpu: Gpu) {
  const data = Float32Array.from({ length: 40 * 3 }, (_, i) => Math.sin(1.7 * i * i + 0.3));
  using trainer = await createTrainer(gpu, {
    source: rows(
      { data: data.filter((_, i) => i % 3 < 2), columns: 2 },
      { data: data.filter((_, i) => i % 3 === 2), columns: 1 },
    ),
    pairs: { joint: ROWS, negatives: "shuffle", perJoint: COLUMNS - 1 },
    critic: mlp([7, 5], { activation: "silu" }),
    estimator: remine({ lambda: LAMBDA }),
    optimizer: sgd({ learningRate: 1 }),
    seed: 5,
  });
  const { layers, count } = trainer.shape.layout;
  const { batch, training } = trainer.tensors;
  const read = async (tensor: Tensor) => new Float32Array(await gpu.read(tensor));
  const before = (await read(training.params)).subarray(0, count);
  await trainer.step(1);
  return {
    ...{ layers, before, after: (await read(training.params)).subarray(0, count) },
    ...{ x: await read(batch.batch_x), y: await read(batch.batch_y), scores: await read(batch.scores) },
    value: (await trainer.read()).trace[0]!.value[0]!,
  };
}

/** T of one pair. */
function scoreOf(layers: readonly Layer[], params: ArrayLike<number>, pair: number[]): number {
  const silu = (z: number) => z / (1 + Math.exp(-z));
  return layers.reduce(
    (values, { inputs, outputs, offset }, l) =>
      Array.from({ length: outputs }, (_, o) => {
        let z = params[offset + inputs * outputs + o]!;
        for (let k = 0; k < inputs; k++) z += values[k]! * params[offset + k * outputs + o]!;
        return l < layers.length - 1 ? silu(z) : z;
      }),
    pair,
  )[0]!;
}

/** The Donsker-Varadhan bound of (N, 1+K) scores, and what ReMINE ascends. */
function termsOf(scores: readonly number[]): { bound: number; objective: number } {
  const joint = mean(scores.filter((_, s) => s % COLUMNS === 0));
  const logPartition = logMeanExp(scores.filter((_, s) => s % COLUMNS !== 0));
  return { bound: joint - logPartition, objective: joint - logPartition - LAMBDA * logPartition ** 2 };
}

function centralDifferences(f: (at: Float64Array) => number, at: ArrayLike<number>): number[] {
  const step = 1e-5;
  const moved = Float64Array.from(at);
  return Array.from(at, (value, p) => {
    moved[p] = value + step;
    const up = f(moved);
    moved[p] = value - step;
    const slope = (up - f(moved)) / (2 * step);
    moved[p] = value;
    return slope;
  });
}
