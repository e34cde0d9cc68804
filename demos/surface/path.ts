/** Where training has been, and what that says. */
import { nats } from "../kit/format.ts";
import { type Settings, TRUTH } from "./settings.ts";

export interface Point {
  steps: number;
  /** Mean of T on true pairs, pooled over the window. */
  j: number;
  /** log E[e^T] on shuffled pairs, pooled over the window. */
  jbar: number;
}

/** More than this is thinned out: every other point goes. */
const MOST = 256;

/** Adds a point; however long the run, the path keeps its form and at most 256 points. */
export function extended(path: readonly Point[], point: Point): Point[] {
  const all = [...path, point];
  return all.length > MOST ? all.filter((_, i) => i % 2 === 0 || i === all.length - 1) : all;
}

/** A run whose j or j̄ is larger has exploded, and ends. */
export const END = 30;
/** So near to the truth an estimate counts as right, nats. */
const NEAR = 0.4;
/** So near to C, j̄ counts as held, nats. */
const HELD = 0.7;
/** Steps over which it has to hold. */
const SPAN = 1000;
/** Until then it may well be on its way still. */
const SETTLING = 1500;

export type State = "on its way" | "arrived" | "stays" | "drifts" | "off" | "exploded";

export interface Verdict {
  state: State;
  /** Of what was measured. */
  text: string;
}

export function verdictOf(path: readonly Point[], { lambda, C }: Pick<Settings, "lambda" | "C">): Verdict {
  const now = path.at(-1) ?? { steps: 0, j: 0, jbar: 0 };
  const estimate = now.j - now.jbar;
  const read = `the estimate is ${nats(estimate)}, the truth ${nats(TRUTH)}`;
  const say = (state: State, text: string) => ({ state, text });
  if (hasExploded(now)) {
    const advice = lambda === 0 ? "Raise λ, or take more pairs a step." : "Take more pairs a step, or another λ.";
    return say("exploded", `It exploded: the path has left the box for j̄ ${nats(now.jbar)}, and ${read}. ${advice}`);
  }
  if (Math.abs(estimate - TRUTH) > NEAR) {
    return now.steps < SETTLING
      ? say("on its way", `On its way: ${read}.`)
      : say("off", `It is off the dashed line: ${read}.`);
  }
  const late = path.filter(({ steps }) => steps > now.steps - SPAN && steps > SETTLING / 3);
  const away = Math.max(...late.map(({ jbar }) => Math.abs(jbar - C)));
  if (now.steps < SETTLING) return say("arrived", `It has come to the dashed line: ${read}.`);
  return away < HELD
    ? say("stays", `It stays: over the last ${SPAN} steps j̄ kept within ${nats(away)} of ${nats(C)}; ${read}.`)
    : say("drifts", `It drifts: ${read}, but j̄ has gone along the dashed line to ${nats(now.jbar)}.`);
}

export const hasExploded = ({ j, jbar }: Point): boolean => !(Math.abs(j) <= END && Math.abs(jbar) <= END);
