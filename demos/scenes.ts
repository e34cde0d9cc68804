/** The scenes of drift on the start page: what is trained, and for how many steps. test/pages-scenes.test.ts holds what is said of them. */
import { adam, critics, remine, sources, type TrainerOptions } from "../src/index.ts";

const CATEGORIES = 16;

/** Mutual information of the scenes' data, nats. */
export const truth = Math.log(CATEGORIES);

/** The scenes differ in the pairs of a step alone. */
export const scenes = { drift: { batch: 64, steps: 1000 }, explosion: { batch: 10, steps: 900 } };
export type SceneName = keyof typeof scenes;

/** What holds the drift, and the steps that it is then watched for. */
export const hold = { lambda: 0.1, steps: 200 };

/** "Again" goes through so many runs with random numbers of their own. */
export const RUNS = 5;

/** Options of the trainer of a scene, with a replica for each run. */
export const sceneOptions = (name: SceneName, runs: readonly number[]) =>
  ({
    source: sources.oneHot(CATEGORIES),
    pairs: { joint: scenes[name].batch, negatives: "shuffle", perJoint: 1 },
    critic: critics.mlp([64, 64], { activation: "silu" }),
    estimator: remine({ lambda: 0, C: 0 }),
    optimizer: adam({ learningRate: 3e-3 }),
    replicas: runs.length,
    streams: runs,
    window: 50,
    trace: false,
    engine: "layered", // the outputs are read from its buffer
  }) satisfies TrainerOptions;
