/** The settings of the paper's figures, "Regularized Mutual Information Neural Estimation", which links such as #fig1 open. */
import { type Figures, figureOf } from "../kit/figures.ts";
import { defaults, fromHash, type Settings } from "./settings.ts";

/** One-hot data of 16 categories, MINE with its plain gradient at the left, ReMINE at the right. */
const paper: Partial<Settings> = {
  ...{ a: "donsker-varadhan", b: "remine", lambda: 0.1, C: 0, data: "one-hot", n: 16 },
  ...{ setup: "paper", batch: 100, optimizer: "sgd", learningRate: 0.1 },
};

export const figures: Figures<Settings> = {
  fig1: {
    text:
      "Figure 1 of the paper: both terms of MINE, left, drift together while their difference, the estimate, stays. " +
      "ReMINE, right, holds them.",
    settings: paper,
  },
  "fig1-batch10": {
    text:
      "Figure 1 of the paper, at batch 10: the terms of MINE, left, grow until they leave the range of floating-point " +
      "numbers. Those of ReMINE, right, swing by some ten nats and go no farther.",
    settings: { ...paper, batch: 10 },
  },
  fig3: {
    text:
      "Figure 3 of the paper, batch 10 with Adam: the average over many steps brings ReMINE, right, near the truth, " +
      "while MINE, left, drifts off and loses it.",
    settings: { ...paper, batch: 10, optimizer: "adam", learningRate: 5e-4 },
  },
  fig4: {
    text:
      "Figure 4 of the paper: ReMINE, right, holds the log-partition at C, here 2. Move C: both of its terms follow, and " +
      "the estimate stays.",
    settings: { ...paper, C: 2 },
  },
  fig8: {
    text:
      "Figure 8 of the paper, one pair a step: MINE, left, explodes. ReMINE, right, swings far too, but comes back: after " +
      "some 6,000 steps its outputs stand near 0 and −50, and their average over steps gives ln 16.",
    settings: { ...paper, batch: 1, lambda: 0.01 },
  },
};

/** What an address opens: a figure, or what it says in full. */
export function settingsAt(hash: string): Settings {
  const figure = figureOf(figures, hash);
  return figure ? { ...defaults, ...figure.settings } : fromHash(hash);
}
