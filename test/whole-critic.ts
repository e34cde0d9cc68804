/** The gradient of an objective through a whole critic, against finite differences in float64. */
import { expect } from "vitest";
import type { Critic } from "../src/critics/critic.ts";
import { type Estimator, type EstimatorParameters, estimatorByName, parameterOf } from "../src/estimators/estimator.ts";
import type { TileName } from "../src/gpu/program.ts";
import { type Clock, type EstimatorName, estimators } from "../src/gpu/shaders.gen.ts";
import { unpackArray } from "../src/gpu/structs.ts";
import type { Tensor } from "../src/gpu/tensor.ts";
import { rows } from "../src/sources/table.ts";
import { baselineOf } from "../src/training/baseline.ts";
import { sgd } from "../src/training/optimizer.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { differences, largest } from "./evaluate.ts";
import { expectClose, gpu, normals, range, split } from "./gpu.ts";
import { type Activation, joint, type Score } from "./oracle/critic.ts";
import { type Batch, batchOf, nextEma, oracles, parameters } from "./oracle/estimators.ts";
import { slots } from "./oracle/pairs.ts";

/** Parameters for estimatorByName: those of the oracle that this estimator takes, and a small baseline network. */
function taken(name: EstimatorName): EstimatorParameters {
  const all = { ...parameters, emaRate: 0.3, baseline: [4] };
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in estimators[name].parameters));
}

/** The baseline network in float64, or undefined: what it says of (x, y), from the parameters behind the critic's. */
function naiveBaseline(estimator: Estimator, critic: Critic, widths: [number, number]): Score | undefined {
  if (!baselineOf(estimator)) return undefined;
  const sees = estimators[estimator.name].baseline;
  const first = critic.layers(...widths).reduce((n, l) => n + (l.inputs + Number(l.bias)) * l.outputs, 0);
  const input = widths[0] + (sees === "pair" ? widths[1] : 0);
  const network = joint({
    widths: [input, ...parameterOf(estimator, "baseline")!],
    activation: "relu",
    outputBias: true,
  });
  return (params, x, y, onHidden) => network(Array.from(params).slice(first), x, sees === "pair" ? y : [], onHidden);
}

// A few exp of 4e-6 each, relative to the largest gradient.
export const GRADIENT = 2e-5;

/** Every kind of marginal pairs, with K. */
export const kinds = [
  ["shuffle", 1],
  ["shuffle", 2],
  ["all", 1],
  ["independent", 2],
] as const;

export interface WholeCritic {
  name: EstimatorName;
  critic: Critic;
  /** The same critic in float64. */
  score: Score;
  activation: Activation;
  negatives: (typeof kinds)[number][0];
  perJoint: number;
  tile: TileName;
}

/** The d_params that a trainer computed, beside the float64 ones through the naive critic on the same batch. */
export async function checkWholeCritic(options: WholeCritic): Promise<void> {
  const { name, critic, score, activation, negatives, perJoint, tile } = options;
  const [N, xWidth, yWidth] = [6, 3, 2];
  const oracle = oracles[name];
  const estimator = estimatorByName(name, taken(name));
  const network = naiveBaseline(estimator, critic, [xWidth, yWidth]);
  using trainer = await createTrainer(gpu, {
    source: rows(
      { data: normals(6, 40 * xWidth), columns: xWidth },
      { data: normals(7, 40 * yWidth), columns: yWidth },
    ),
    tile,
    pairs: { joint: N, negatives, perJoint },
    critic,
    estimator,
    optimizer: sgd({ learningRate: 0.2 }),
    replicas: 2,
    seed: 11,
  });
  const { batch, training } = trainer.tensors;
  const read = async (tensor: Tensor) => split(new Float32Array(await gpu.read(tensor)), 2);
  await trainer.step(3); // away from the start, and MINE's average away from its first batch
  const params = await read(training.params);
  const emas = unpackArray<Clock>("Clock", await gpu.read(training.clock)).map((clock) => clock.ema_lse);
  await trainer.step(1);
  const [d_params, xs, ys] = [await read(training.d_params), await read(batch.batch_x), await read(batch.batch_y)];

  const K = negatives === "all" ? N - 1 : perJoint;
  const list = slots(N, K, negatives === "independent");
  const { count } = trainer.shape.layout;
  range(2).forEach((r) => {
    const row = (data: Float32Array, index: number, width: number) => data.subarray(index * width, (index + 1) * width);
    let kink = Number.POSITIVE_INFINITY;
    const onHidden = (z: number) => {
      kink = Math.min(kink, Math.abs(z));
    };
    const batch = (p: ArrayLike<number>): Batch => {
      const t = list.map(({ x, y }) => score(p, row(xs[r]!, x, xWidth), row(ys[r]!, y, yWidth), onHidden));
      const ofRow = (i: number) => network!(p, row(xs[r]!, i, xWidth), row(ys[r]!, i, yWidth), onHidden);
      return batchOf(t, K, network && range(N).map(ofRow));
    };
    const own = params[r]!.subarray(0, count);
    const ema = nextEma(emas[r]!, batch(own), Math.fround(0.3));
    // A difference of 1e-5 in a weight moves z by at most 4e-5: no unit crosses a kink.
    if (/relu/.test(activation) || network) expect(kink).toBeGreaterThan(4e-5);
    const want = differences((p) => oracle.objective(batch(p), parameters, ema), own);
    expect(largest(want)).toBeGreaterThan(0.005);
    expectClose(d_params[r]!.subarray(0, count), want, {
      tolerance: GRADIENT * largest(want),
      what: `d_params of replica ${r}`,
    });
  });
}
