/** Everything that the page can be told, and its form in the address. */

import { catalogue } from "../../src/index.ts";
import { estimators } from "../../src/research.ts";
import { type DataName, type DataSettings, dataNames } from "./data.ts";

export const optimizers = ["adam", "sgd", "momentum"] as const;
export type OptimizerName = (typeof optimizers)[number];

/** The network and how pairs are drawn: the lab's own way, or the paper's. */
export const setups = ["lab", "paper"] as const;
export type SetupName = (typeof setups)[number];

export interface Settings extends DataSettings {
  /** Estimators of the two sides. */
  a: string;
  b: string;
  lambda: number;
  C: number;
  setup: SetupName;
  /** Joint pairs a step. */
  batch: number;
  learningRate: number;
  optimizer: OptimizerName;
  /** Steps a second at most; 0 as fast as it goes. */
  speed: number;
}

export const defaults: Settings = {
  ...{ a: "donsker-varadhan", b: "remine", lambda: 0.1, C: 0, batch: 10, learningRate: 3e-3, optimizer: "adam" },
  ...{ data: "one-hot", n: 16, dims: 1, rho: 0.9, noise: 0.1, seed: 0, speed: 400, setup: "lab" },
};

/** Those that need nothing but a critic of the log ratio. */
export const choices = catalogue.filter(({ name }) => {
  const facts = name in estimators ? estimators[name as keyof typeof estimators] : undefined;
  return facts && facts.critic === "any" && facts.baseline === "none";
});

/** Whether an estimator compares the pairs of a row, so that a step needs two rows at least. */
export const comparesRows = (name: string): boolean => estimators[name as keyof typeof estimators].rows;

const ranges: Record<string, readonly [least: number, most: number]> = {
  ...{ lambda: [0, 1], C: [-5, 5], batch: [1, 1000], learningRate: [1e-5, 1], speed: [0, 1e6] },
  ...{ n: [2, 64], dims: [1, 20], rho: [0, 0.99], noise: [0.05, 0.5], seed: [0, 2 ** 32 - 1] },
};
const whole = new Set(["batch", "n", "dims", "seed", "speed"]);

/** What an address says; where it says nothing, or nonsense, the default. */
export function fromHash(hash: string): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const settings = { ...defaults };
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const text = given.get(name);
    const value = Number(text);
    if (!text || !(value >= least && value <= most) || (whole.has(name) && !Number.isInteger(value))) continue;
    Object.assign(settings, { [name]: value });
  }
  const word = (name: "a" | "b" | "data" | "optimizer" | "setup", words: readonly string[]) => {
    const text = given.get(name);
    if (text && words.includes(text)) Object.assign(settings, { [name]: text });
  };
  const names = choices.map(({ name }) => name);
  word("a", names);
  word("b", names);
  word("data", dataNames satisfies readonly DataName[]);
  word("optimizer", optimizers);
  word("setup", setups);
  if (settings.batch === 1 && [settings.a, settings.b].some(comparesRows)) settings.batch = defaults.batch;
  return settings;
}
