/** Numbers and names at the edges of the box. A label that would touch one placed before is left out. */
import { tick } from "../kit/format.ts";
import { heights, type Spot } from "./landscape.ts";
import type { Frame, View } from "./view.ts";

export interface Label {
  text: string;
  /** A symbol after the text, in italics. */
  symbol: string;
  /** Its middle, in pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Axis {
  name: string;
  symbol: string;
  at(value: number): Spot;
  low: number;
  high: number;
}

type Measure = (text: string, symbol: string) => number;

const LINE = 16;
/** Between an edge and its numbers, and between the numbers and the name, in pixels. */
const GAP = 6;
/** Between a name and the edge of the canvas, in pixels. */
const EDGE = 6;
/** Between two labels, in pixels. */
const ROOM = 4;

/** A round number of which some `parts` fit into `span`. */
export function roundStep(span: number, parts: number): number {
  const rough = span / parts;
  const ten = 10 ** Math.floor(Math.log10(rough));
  return ten * ([1, 2, 5].find((n) => n * ten >= rough) ?? 10);
}

/** Some five round numbers from `low` to `high`. */
export function roundNumbers(low: number, high: number): number[] {
  const step = roundStep(high - low, 5);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

export function labelsOf(view: View, reach: number, frame: Frame, measure: Measure): Label[] {
  const placed: Label[] = [];
  const middle = view.place([0, 0, heights({ reach })[0]]);
  const axes = axesOf(view, reach);
  for (const axis of axes) place(placed, nameOf(axis, view, middle, measure, frame), frame);
  for (const axis of axes) for (const label of ticksOf(axis, view, middle, measure)) place(placed, label, frame);
  return placed;
}

/** The edges of the floor that are turned to the eye, and the upright edge at the left. */
function axesOf(view: View, reach: number): Axis[] {
  const [floor, lid] = heights({ reach });
  const [j, jbar] = view.side;
  const corners: [number, number][] = [
    [-j * reach, jbar * reach],
    [j * reach, -jbar * reach],
  ];
  const [upright] = corners.sort((a, b) => view.place([...a, floor])[0] - view.place([...b, floor])[0]);
  const level = { low: -reach, high: reach };
  return [
    { name: "T on true pairs", symbol: "j", at: (value) => [value, jbar * reach, floor], ...level },
    { name: "T on shuffled pairs", symbol: "j̄", at: (value) => [j * reach, value, floor], ...level },
    { name: "loss", symbol: "", at: (value) => [...upright!, value], low: floor, high: lid },
  ];
}

/** The way from an edge to the outside of the box, across it, one pixel long. */
function outwards({ at, low, high }: Axis, view: View, middle: readonly [number, number]): [number, number] {
  const [a, b] = [view.place(at(low)), view.place(at(high))];
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  const across: [number, number] = [(a[1] - b[1]) / length, (b[0] - a[0]) / length];
  const away = across[0] * (a[0] + b[0] - 2 * middle[0]) + across[1] * (a[1] + b[1] - 2 * middle[1]);
  return away < 0 ? [-across[0], -across[1]] : across;
}

/** A label beyond an edge, so far that `skip` pixels lie between. */
function beyond(
  [x, y]: readonly [number, number],
  [dx, dy]: readonly [number, number],
  skip: number,
  label: Pick<Label, "text" | "symbol" | "width">,
): Label {
  const half = (Math.abs(dx) * label.width + Math.abs(dy) * LINE) / 2;
  return { ...label, x: x + dx * (skip + half), y: y + dy * (skip + half), height: LINE };
}

function ticksOf(axis: Axis, view: View, middle: readonly [number, number], measure: Measure): Label[] {
  const way = outwards(axis, view, middle);
  const step = roundStep(axis.high - axis.low, 5);
  return roundNumbers(axis.low, axis.high).map((value) => {
    const text = tick(value, step);
    return beyond(view.place(axis.at(value)), way, GAP, { text, symbol: "", width: measure(text, "") });
  });
}

function nameOf(axis: Axis, view: View, middle: readonly [number, number], measure: Measure, frame: Frame): Label {
  const { name, symbol, at, low, high } = axis;
  const width = measure(name, symbol);
  const label = { text: name, symbol, width };
  if (name === "loss") {
    const [x, y] = view.place(at(high));
    return within({ ...label, x, y: y - LINE / 2 - 2, height: LINE }, frame);
  }
  const way = outwards(axis, view, middle);
  const numbers = Math.abs(way[0]) * measure(tick(-high, 1), "") + Math.abs(way[1]) * LINE;
  return within(beyond(view.place(at((low + high) / 2)), way, numbers + 2 * GAP, label), frame);
}

const within = (label: Label, { width, height }: Frame): Label => ({
  ...label,
  x: Math.min(width - label.width / 2 - EDGE, Math.max(label.width / 2 + EDGE, label.x)),
  y: Math.min(height - label.height / 2 - EDGE, Math.max(label.height / 2 + EDGE, label.y)),
});

export const touches = (a: Label, b: Label): boolean =>
  Math.abs(a.x - b.x) < (a.width + b.width) / 2 + ROOM && Math.abs(a.y - b.y) < (a.height + b.height) / 2;

function place(placed: Label[], label: Label, { width, height }: Frame): void {
  const outside = Math.abs(label.x - width / 2) > (width - label.width) / 2;
  const beside = Math.abs(label.y - height / 2) > (height - label.height) / 2;
  if (!outside && !beside && !placed.some((other) => touches(other, label))) placed.push(label);
}
