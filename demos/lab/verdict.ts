/** What the pictures of one side show, in a word for the style sheet and a sentence for the visitor. */

import { estimators } from "../../src/research.ts";
import { nats, percent } from "../kit/format.ts";
import { reachOf } from "../kit/outputs.ts";
import type { Settings } from "./settings.ts";
import { isHeld, type Moment } from "./side.ts";

export type Level = "wait" | "good" | "off" | "drift" | "explosion";

/** log E[e^T] farther from its place than this: drifted. Nats. */
const DRIFTED = 1;
/** An output larger than this: exploded. Nats. */
const EXPLODED = 100;
/** Steps that an average needs before it is judged. */
const LEAST_STEPS = 50;
/** An estimate this near to the truth is right: a share of it, or nats where the truth is small. */
const NEAR = { share: 0.1, nats: 0.05 };

/** Estimators whose objective itself holds the log-partition, and where. */
const holdsItself: Record<string, number> = { nwj: 1, js: 0, "smile-js": 0, ccmi: 0, "dime-gan": 0, "dime-hd": 0 };

const isNear = ({ estimate, truth }: Moment) => Math.abs(estimate - truth) <= Math.max(NEAR.share * truth, NEAR.nats);

/** As exact as an eye needs it. */
export const roughly = (value: number): string =>
  Math.abs(value) < 1000 ? value.toFixed(1).replace("-", "−") : nats(value);

/** The error in words. */
function error(moment: Moment): string {
  const { estimate, truth } = moment;
  if (isNear(moment)) {
    return NEAR.share * truth > NEAR.nats ? "within 10 % of the truth" : `within ${nats(NEAR.nats)} nats of the truth`;
  }
  const size = truth > 0 ? percent(100 * Math.abs(estimate / truth - 1)).slice(1) : `${nats(Math.abs(estimate))} nats`;
  return `${size} too ${estimate > truth ? "high" : "low"}`;
}

export type Judged = Pick<Settings, "lambda" | "C" | "batch"> & { estimator: string };

/** @param moment undefined before there is one */
export function verdictOf(now: Judged, moment: Moment | undefined, overflowed = false): [level: Level, text: string] {
  if (overflowed) {
    return ["explosion", "Explosion: the outputs left the range of floating-point numbers. Press Restart."];
  }
  if (!moment || moment.averaged < LEAST_STEPS) return ["wait", "Just begun: too few steps to judge by."];
  if (estimators[now.estimator as keyof typeof estimators].output !== "log-ratio") return byErrorAlone(moment);
  const held = isHeld(now.estimator) && now.lambda > 0;
  const home = held ? now.C : (holdsItself[now.estimator] ?? 0);
  const off = moment.partition - home;
  if (held && now.batch === 1 && off < 0 && Math.abs(moment.joint - home) < DRIFTED / 2) return swinging;
  const reach = reachOf(moment.outputs);
  if (reach > EXPLODED) {
    return [
      "explosion",
      `Explosion: an output of ${roughly(reach)}. The estimate, made of such large and noisy numbers, is ` +
        `${error(moment)}.`,
    ];
  }
  if (Math.abs(off) > DRIFTED) {
    const where = home === 0 ? "" : ` at ${roughly(home)}`;
    return [
      "drift",
      `Drift: the outputs have moved ${off > 0 ? "up" : "down"} together, the log-partition ${roughly(Math.abs(off))} nats ` +
        `${off > 0 ? "above" : "below"} its place${where}. The estimate is ${error(moment)}.`,
    ];
  }
  return steady(moment, { held: held || now.estimator in holdsItself, home });
}

const swinging: [Level, string] = [
  "good",
  "Settled: with one pair a step, the penalty holds pairs that belong together at C and all others far below. Only many " +
    "steps together give the estimate.",
];

const byErrorAlone = (moment: Moment): [Level, string] => [
  isNear(moment) ? "good" : "off",
  `The estimate is ${error(moment)}. The outputs of this estimator are on a scale of their own, so they say no more.`,
];

function steady(moment: Moment, { held, home }: { held: boolean; home: number }): [Level, string] {
  if (!isNear(moment)) return ["off", `Steady, but not right: the estimate is ${error(moment)}.`];
  const place = `the log-partition is near ${home === 0 ? "0" : roughly(home)}`;
  return held
    ? ["good", `Steady: ${place}, where it belongs, and the estimate is ${error(moment)}.`]
    : ["good", `Steady for now: ${place}, though nothing holds it there. The estimate is ${error(moment)}.`];
}
