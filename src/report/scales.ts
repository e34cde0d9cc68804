/** Maps from data to pixels, with their ticks. */
import { tickStep, ticks } from "d3-array";
import { format, formatPrefix, precisionFixed, precisionPrefix } from "d3-format";
import { textWidth } from "./text.ts";

/** The two ends of an axis. */
type Span = readonly [number, number];

/** A linear map from data to pixels with ticks at 1, 2 or 5 times a power of ten. */
export interface Scale {
  readonly domain: Span;
  readonly ticks: readonly number[];
  /** The pixel of a value; values far outside stop one axis length away. */
  at(value: number): number;
  label(tick: number): string;
}

/** Builds a scale with about `count` ticks, at least `minStep` apart; a domain without extent is widened. */
export function linearScale(domain: Span, range: Span, count = 5, minStep = 0): Scale {
  const [lo, hi] = widened(domain);
  const [from, to] = range;
  const [near, far] = [2 * Math.min(from, to) - Math.max(from, to), 2 * Math.max(from, to) - Math.min(from, to)];
  const about = Math.min(Math.max(1, count), (hi - lo) / minStep);
  const step = tickStep(lo, hi, about);
  const shown = tickFormat(step, Math.max(Math.abs(lo), Math.abs(hi)));
  return {
    domain: [lo, hi],
    // A run of 20 000 steps ends at 19 999 and should still show its last tick.
    ticks: ticks(lo, hi + step / 50, about),
    at: (value) => Math.min(far, Math.max(near, from + ((value - lo) / (hi - lo)) * (to - from))),
    label: (tick) => (Math.abs(tick) < step / 2 ? "0" : shown(tick)),
  };
}

/**
 * Builds a scale in decades: its domain and ticks are logarithms to base ten of what labels say. Ticks are at `values` if
 * they are short numbers with room for all, or else at powers of ten, in a short domain between them too.
 */
export function logScale(domain: Span, range: Span, count = 5, values: ArrayLike<number> = []): Scale {
  const scale = linearScale(domain, range, count, 1);
  const [lo, hi] = scale.domain;
  const steps = Array.from({ length: Math.min(20, Math.ceil(hi) - Math.floor(lo)) }, (_, i) => Math.floor(lo) + i);
  const inside = (numbers: number[]) => numbers.map(Math.log10).filter((t) => t > lo - 1e-9 && t < hi + 1e-9);
  const powers = scale.ticks.filter(Number.isInteger);
  const rounds = inside(steps.flatMap((step) => [1, 2, 5].map((digit) => digit * 10 ** step)));
  const label = (tick: number) => numberLabel(10 ** tick);
  // Labels beside each other need their width, labels above each other their height.
  const room = (tick: number) => (range[0] < range[1] ? textWidth(label(tick), 11) + 6 : 15);
  const fits = (list: readonly number[]) =>
    list.every((tick, i) => !i || Math.abs(scale.at(tick) - scale.at(list[i - 1]!)) >= room(tick));
  const lists = [powers, rounds, inside(ticks(10 ** lo, 10 ** hi, count))].filter((list) => list.length > 2);
  const given = [Array.from(values)].filter((list) => list.length && list.every((tick) => label(tick).length < 6));
  return { ...scale, ticks: [...given, ...lists].find(fits) ?? powers, label };
}

function numberLabel(value: number): string {
  if (value >= 1e9 || value < 1e-3) return format(".2~e")(value).replace("e+", "e");
  return format(value >= 1e4 ? ".3~s" : "~r")(value);
}

/** As many digits as tell ticks `step` apart; thousands as k and millions as M. */
function tickFormat(step: number, largest: number): (tick: number) => string {
  if (largest >= 1e10 || step <= 1e-5) return (tick) => format(".1e")(tick).replace("e+", "e");
  if (largest >= 1e4 && step >= 100) return formatPrefix(`.${precisionPrefix(step, largest)}`, largest);
  return format(`.${precisionFixed(step)}f`);
}

function widened([lo, hi]: Span): Span {
  if (!Number.isFinite(hi - lo)) return [0, 1];
  if (hi - lo > Math.abs(hi) * 1e-9) return [lo, hi];
  const pad = Math.max(Math.abs(lo) * 0.1, 0.5);
  return [Math.min(lo, hi) - pad, Math.max(lo, hi) + pad];
}
