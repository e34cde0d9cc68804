/** What a moment of learning shows, in words: only what was measured. */

import { FULL_COLOUR } from "./plane.ts";
import type { Given, Moment } from "./plane-run.ts";
import { learnedOf } from "./plane-run.ts";
import { correlation } from "./shapes.ts";

/** Two digits; no zero has a sign. */
export const hundredths = (value: number): string => {
  const text = value.toFixed(2);
  return Number(text) === 0 ? "0.00" : text.replace("-", "−");
};

/** Nats that a shape shares at least, to have something to be found. */
const SOMETHING = 0.03;
/** |r| that says nothing. */
const NOTHING = 0.1;

export interface Reading {
  /** In a word: it is spoken when this changes. */
  state: string;
  text: string;
}

/** The sentence beside the figures. */
export function readingOf({ estimate, steps }: Pick<Moment, "estimate" | "steps">, { pair, r }: Given): Reading {
  const { truth } = pair;
  const pearson =
    Math.abs(r) < NOTHING ? `Pearson’s r sees nothing: ${hundredths(r)}.` : `Pearson’s r is ${hundredths(r)}.`;
  if (estimate === null || steps === 0)
    return { state: "begun", text: `${pearson} The network has not learned this shape yet.` };
  const found = `${hundredths(estimate)} nats`;
  if (truth < SOMETHING) {
    return { state: "none", text: `${pearson} The network finds ${found}: here x tells nothing about y.` };
  }
  const share = estimate / truth;
  if (share < 0.9)
    return { state: "rising", text: `${pearson} The network has found ${found} so far, of ${hundredths(truth)}.` };
  if (share > 1.1) {
    return {
      state: "above",
      text: `${pearson} The network’s estimate is ${found}, above the truth; more steps settle it.`,
    };
  }
  return { state: "found", text: `${pearson} The network found ${found}: ${Math.round(100 * share)} % of the truth.` };
}

/** How well the learned map matches the true one where pairs can fall, in the colours that are shown: their correlation. */
export function matchOf(moment: Moment, { pair }: Given): number {
  const clamped = pair.ratio.map((value) => Math.min(FULL_COLOUR, Math.max(-FULL_COLOUR, value)));
  return correlation(learnedOf(moment), clamped, pair.fade);
}
