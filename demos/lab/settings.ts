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
  ...{ a: "donsker-varadhan", b: "remine", lambda: 0.1, C: 0, batch: 20, learningRate: 6.3e-3, optimizer: "adam" },
  ...{ data: "one-hot", n: 16, dims: 1, rho: 0.9, noise: 0.1, seed: 0, speed: 400, setup: "lab" },
};

/** The buttons beside the pictures: what each sets, and whether both networks begin anew. */
export const tries = {
  drift: { set: { batch: 20, learningRate: 6.3e-3, lambda: 0.1, C: 0 }, anew: true },
  explode: { set: { batch: 10, learningRate: 2e-2, lambda: 0.1, C: 0 }, anew: true },
  release: { set: { lambda: 0 }, anew: false },
  hold: { set: { lambda: 0.1 }, anew: false },
} satisfies Record<string, { set: Partial<Settings>; anew: boolean }>;

/** Those that need nothing but a critic of the log ratio. */
export const choices = catalogue.filter(({ name }) => {
  const facts = name in estimators ? estimators[name as keyof typeof estimators] : undefined;
  return facts && facts.critic === "any" && facts.baseline === "none";
});

export const titleOf = (name: string): string => choices.find((choice) => choice.name === name)!.title;

/** Whether an estimator compares the pairs of a row, so that a step needs two rows at least. */
export const comparesRows = (name: string): boolean => estimators[name as keyof typeof estimators].rows;

/** What the lists of the page offer. */
export const offered = { batch: [1, 10, 20, 50, 100, 200, 500], speed: [100, 400, 0] } as const;

/** The ends of what can be asked for, and the digits that a control takes. */
const ranges: Record<string, readonly [least: number, most: number, digits: number]> = {
  ...{ lambda: [0, 1, 2], C: [-5, 5, 1], learningRate: [1e-4, 0.32, 6] },
  ...{ n: [2, 64, 0], dims: [1, 20, 0], rho: [0, 0.99, 2], noise: [0.05, 0.5, 2], seed: [0, 2 ** 32 - 1, 0] },
};
const whole = new Set(["n", "dims", "seed"]);

/** What an address says; where it says nothing, or what no control can show, the default. */
export function fromHash(hash: string): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const settings = { ...defaults };
  for (const [name, [least, most, digits]] of Object.entries(ranges)) {
    const text = given.get(name);
    const value = Number(text);
    if (!text || !(value >= least && value <= most) || (whole.has(name) && !Number.isInteger(value))) continue;
    Object.assign(settings, { [name]: Number(value.toFixed(digits)) });
  }
  for (const [name, values] of Object.entries(offered)) {
    const text = given.get(name);
    if (text && (values as readonly number[]).includes(Number(text))) Object.assign(settings, { [name]: Number(text) });
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
