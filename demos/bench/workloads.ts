/** What the page times: workloads of src/cli/bench/workloads.ts, so that its figures can stand beside those of Node. */
import { LAMBDA, type StepWorkload, steps } from "../../src/cli/bench/workloads.ts";
import { adam, critics, remine, sgd, sources, type TrainerOptions } from "../../src/index.ts";

export interface Workload {
  /** In addresses. */
  id: string;
  title: string;
  about: string;
  steps: StepWorkload;
}

/** The one whose steps per second are the page's figure. */
export const standard: Workload = {
  id: "standard",
  title: "Standard network",
  about: "two layers of 256 on 20 + 20 numbers, 64 true and 64 shuffled pairs, Adam",
  steps: steps.W1!,
};

export const workloads: readonly Workload[] = [
  standard,
  {
    id: "all-pairs",
    title: "All pairs",
    about: "the same network, 64 true and all 4032 other pairs",
    steps: steps.W2!,
  },
  {
    id: "sixteen",
    title: "Sixteen at once",
    about: "16 networks of two layers of 64 on 1 + 1 numbers, each with 128 true and 128 shuffled pairs",
    steps: steps.W3x16!,
  },
  {
    id: "categories",
    title: "Categories",
    about: "one layer of 256 on 16 categories, 100 true and 100 independent pairs, plain descent",
    steps: steps.W4x1!,
  },
];

export function optionsOf({ steps: w }: Workload): TrainerOptions {
  return {
    source: w.source === "one-hot" ? sources.oneHot(w.x) : sources.gaussian({ dims: w.x, rho: 0.5 }),
    critic: critics.mlp([...w.hidden], { outputBias: w.outputBias }),
    pairs: { joint: w.joint, negatives: w.negatives },
    estimator: remine({ lambda: LAMBDA }),
    optimizer: w.optimizer === "adam" ? adam({ learningRate: w.rate }) : sgd({ learningRate: w.rate }),
    replicas: w.replicas,
    trace: false,
  };
}

/** Names in an address, such as #with=standard,sixteen; all where it names none that there is. */
export function chosenIn(hash: string): string[] {
  const given = new URLSearchParams(hash.replace(/^#/, "")).get("with");
  const all = workloads.map(({ id }) => id);
  const known = given?.split(",").filter((id) => all.includes(id)) ?? [];
  return known.length > 0 || given === "" ? known : all;
}

/** A module that times steps of the standard network as the page does. */
export const snippetOf = (count: number): string =>
  `import { adam, createTrainer, critics, open, remine, sources } from "remine";

const trainer = await createTrainer(await open(), {
  source: sources.gaussian({ dims: ${standard.steps.x}, rho: 0.5 }),
  pairs: { joint: ${standard.steps.joint}, negatives: "${standard.steps.negatives}" },
  critic: critics.mlp([${standard.steps.hidden.join(", ")}]),
  estimator: remine({ lambda: ${LAMBDA} }),
  optimizer: adam({ learningRate: ${standard.steps.rate} }),
  trace: false,
});
await trainer.step(${count}); // compiles, and finds how many steps to send at once
const rates = [];
for (let run = 0; run < 5; run++) {
  const began = performance.now();
  await trainer.step(${count});
  rates.push((1000 * ${count}) / (performance.now() - began));
}
console.log(rates.sort((a, b) => a - b)[2]); // steps a second, the median of five runs
`;
