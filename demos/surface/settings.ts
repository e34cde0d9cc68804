/** Everything that the page can be told, its form in the address, the λ of the paper's figure 5, and what is trained. */
import { createTrainer, critics, type Gpu, remine, sgd, sources, type Trainer } from "../../src/index.ts";
import { type Figures, figureOf } from "../kit/figures.ts";

export interface Settings {
  lambda: number;
  C: number;
  /** Pairs a step. */
  batch: number;
}

/** What the controls can be set to. */
export const choices: Readonly<Record<keyof Settings, readonly number[]>> = {
  lambda: [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
  C: Array.from({ length: 9 }, (_, i) => -2 + i / 2),
  batch: [10, 32, 100],
};

export const defaults: Settings = { lambda: 0.1, C: 0, batch: 100 };

/** X is one of so many equally likely categories, and Y = X. */
export const CATEGORIES = 16;
/** I(X;Y), nats. */
export const TRUTH = Math.log(CATEGORIES);

const figure5 = (lambda: number, look: string) => ({
  text: `Figure 5 of the paper, λ = ${lambda}: ${look}`,
  settings: { lambda, C: 0, batch: 100 },
});
/** Each sentence is held by test/pages-surface.test.ts, over six runs of 3000 steps. */
const held = figure5(0.1, "the path falls to the dashed line within 1000 steps, and stays where the line is lowest.");

export const figures: Figures<Settings> = {
  fig5: held,
  "fig5-0": figure5(0, "the dashed line is level. The path comes to it within 1000 steps, then drifts along it."),
  "fig5-0.01": figure5(
    0.01,
    "the dashed line sags a little. The path comes back along it, but misses its lowest point: j̄ ends some 0.3 below 0.",
  ),
  "fig5-0.1": held,
  "fig5-1": figure5(
    1,
    "the walls are steep. The path keeps within 1 of j̄ = 0 from the first step on; now and then a batch throws it aside.",
  ),
};

/** What an address opens: a figure, or what it says; where it says nothing, or nonsense, the default. */
export function settingsAt(hash: string): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const settings = { ...defaults, ...figureOf(figures, hash)?.settings };
  for (const name of Object.keys(choices) as (keyof Settings)[]) {
    const text = given.get(name);
    if (text && choices[name].includes(Number(text))) settings[name] = Number(text);
  }
  return settings;
}

/** The released notebooks' network; plain gradient descent, as in the paper's figure. */
export const trainerOptions = ({ lambda, C, batch }: Settings, seed: number) => ({
  source: sources.oneHot(CATEGORIES),
  pairs: { joint: batch, negatives: "independent" as const },
  critic: critics.mlp([64], { outputBias: false }),
  estimator: remine({ lambda, C }),
  optimizer: sgd({ learningRate: 0.1 }),
  window: 100,
  seed,
  trace: false,
});

export const makeTrainer = (gpu: Gpu, settings: Settings, seed: number): Promise<Trainer> =>
  createTrainer(gpu, trainerOptions(settings, seed));

/** A module that prints the page's estimate after `steps` steps. */
export const snippetOf = ({ lambda, C, batch }: Settings, seed: number, steps: number): string =>
  `import { createTrainer, critics, open, remine, sgd, sources } from "remine";

const trainer = await createTrainer(await open(), {
  source: sources.oneHot(${CATEGORIES}), // X is one of ${CATEGORIES} categories, Y = X
  pairs: { joint: ${batch}, negatives: "independent" },
  critic: critics.mlp([64], { outputBias: false }),
  estimator: remine({ lambda: ${lambda}, C: ${C} }),
  optimizer: sgd({ learningRate: 0.1 }),
  window: 100, // steps whose outputs are pooled
  seed: ${seed},
});
await trainer.step(${steps});
const { joint, logPartition } = (await trainer.read()).averages[0];
console.log(joint - logPartition); // nats; the truth is ln ${CATEGORIES} = ${TRUTH.toFixed(3)}
`;
