/** Whether an adapter computes rightly. */
import { mlp } from "../critics/mlp.ts";
import { remine } from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import { rows } from "../sources/source.ts";
import { sgd } from "./optimizer.ts";
import { createTrainer } from "./trainer.ts";

export interface SelfCheck {
  ok: boolean;
  message: string;
}

/**
 * One training step of a small critic, checked against float64 on the host: scores, the bound, and the change of every
 * weight by central differences. It runs every stage of the walk.
 */
export async function selfTest(gpu: Gpu): Promise<SelfCheck[]> {
  const N = 8;
  const widths = [3, 7, 5, 1];
  const lambda = 0.3;
  const data = Float32Array.from({ length: 40 * 3 }, (_, i) => Math.sin(1.7 * i * i + 0.3));
  const x = { data: data.filter((_, i) => i % 3 < 2), columns: 2 };
  const y = { data: data.filter((_, i) => i % 3 === 2), columns: 1 };
  using trainer = await createTrainer(gpu, {
    source: rows(x, y),
    pairs: { joint: N, negatives: "shuffle", perJoint: 2 },
    critic: mlp(widths.slice(1, -1), { activation: "silu" }),
    estimator: remine({ lambda }),
    optimizer: sgd({ learningRate: 1 }),
    seed: 5,
  });
  const { layers, count } = trainer.shape.layout;
  const { batch, training } = trainer.tensors;
  const read = async (tensor: typeof training.params) => new Float32Array(await gpu.read(tensor));
  const before = (await read(training.params)).subarray(0, count);
  await trainer.step(1);
  const after = (await read(training.params)).subarray(0, count);
  const batchX = await read(batch.batch_x);
  const batchY = await read(batch.batch_y);
  const scores = await read(batch.scores);

  const scoreOf = (params: ArrayLike<number>, i: number, j: number): number => {
    let values = [batchX[2 * i]!, batchX[2 * i + 1]!, batchY[j]!];
    layers.forEach(({ inputs, outputs, offset }, l) => {
      const next: number[] = [];
      for (let o = 0; o < outputs; o++) {
        let z = params[offset + inputs * outputs + o]!;
        for (let k = 0; k < inputs; k++) z += values[k]! * params[offset + k * outputs + o]!;
        next.push(l < layers.length - 1 ? z / (1 + Math.exp(-z)) : z);
      }
      values = next;
    });
    return values[0]!;
  };
  const allScores = (params: ArrayLike<number>) =>
    Array.from({ length: N * 3 }, (_, s) => scoreOf(params, Math.floor(s / 3), (Math.floor(s / 3) + (s % 3)) % N));
  const terms = (params: ArrayLike<number>) => {
    const all = allScores(params);
    const joint = all.filter((_, s) => s % 3 === 0).reduce((a, b) => a + b) / N;
    const exponentials = all.filter((_, s) => s % 3 !== 0).map(Math.exp);
    return { joint, g: Math.log(exponentials.reduce((a, b) => a + b) / exponentials.length) };
  };
  const objective = (params: ArrayLike<number>) => {
    const { joint, g } = terms(params);
    return joint - g - lambda * g * g;
  };

  const worstScore = Math.max(...allScores(before).map((t, s) => Math.abs(t - scores[s]!)));
  const { joint, g } = terms(before);
  const value = (await trainer.read()).trace[0]!.value[0]!;
  let worstGradient = 0;
  for (let p = 0; p < count; p++) {
    const moved = Float64Array.from(before);
    moved[p] = before[p]! + 1e-5;
    const up = objective(moved);
    moved[p] = before[p]! - 1e-5;
    const slope = (up - objective(moved)) / 2e-5;
    worstGradient = Math.max(worstGradient, Math.abs(slope - (after[p]! - before[p]!)));
  }
  const check = (what: string, error: number, tolerance: number): SelfCheck => ({
    ok: error <= tolerance,
    message: `${what}: off by at most ${error.toExponential(1)}, ${tolerance.toExponential(0)} allowed`,
  });
  return [
    check(`${scores.length} scores of the critic`, worstScore, 1e-5),
    check("the Donsker-Varadhan value", Math.abs(joint - g - value), 1e-5),
    check(`${count} gradients, by central differences`, worstGradient, 1e-5),
  ];
}
