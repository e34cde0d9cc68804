/** Axes of a plot: numbers with ticks at 1, 2 or 5 times a power of ten, or categories in bands. */
import { tick } from "../kit/format.ts";
import { inkOf } from "../kit/inks.ts";
import { isolated } from "./words.ts";

export interface Side {
  name: string;
  values: ArrayLike<number>;
  /** What codes stand for, in a category. */
  levels: readonly string[] | undefined;
}

export interface Axis {
  /** The pixel of a value; of a category the middle of its band. */
  at(value: number): number;
  /** Pixels from one category to the next; of numbers 0. */
  band: number;
  ticks: { value: number; text: string }[];
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const FONT = 12;
const MOST_LETTERS = 18;

/** Pixels from one tick to the next at least: across names need their width, upwards a line. */
const SPACE = { across: 72, up: 26 };

/** Both axes, and the frame that their words leave. */
export function axesOf(context: CanvasRenderingContext2D, x: Side, y: Side): { frame: Frame; across: Axis; up: Axis } {
  const { clientWidth: width, clientHeight: height } = context.canvas;
  context.font = `${FONT}px ${getComputedStyle(context.canvas).fontFamily}`;
  const frame = { left: 0, right: width - 14, top: 10, bottom: height - 46 };
  const up = axisOf(y, frame.bottom, frame.top, SPACE.up);
  const widest = Math.max(...up.ticks.map(({ text }) => context.measureText(text).width));
  frame.left = Math.min(0.35 * width, Math.max(40, widest + 34));
  return { frame, up, across: axisOf(x, frame.left, frame.right, SPACE.across) };
}

/** The categories that the rows have, each with its place. */
export function presentLevels({ values, levels }: Side): { code: number; text: string }[] {
  const codes = new Set(Array.from(values));
  return (levels ?? []).map((text, code) => ({ code, text })).filter(({ code }) => codes.has(code));
}

function axisOf(side: Side, from: number, to: number, space: number): Axis {
  const most = Math.max(1, Math.abs(to - from) / space);
  return side.levels ? bands(side, from, to, most) : numbers(side.values, from, to, most);
}

function bands(side: Side, from: number, to: number, most: number): Axis {
  const levels = presentLevels(side);
  const place = new Map(levels.map(({ code }, i) => [code, i]));
  const band = (to - from) / levels.length;
  const every = Math.ceil(levels.length / most);
  return {
    at: (code) => from + (place.get(code)! + 0.5) * band,
    band: Math.abs(band),
    ticks: levels.filter((_, i) => i % every === 0).map(({ code, text }) => ({ value: code, text: clip(text) })),
  };
}

function numbers(values: ArrayLike<number>, from: number, to: number, most: number): Axis {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const room = 0.03 * (high - low);
  const step = niceStep(high - low, Math.max(2, most));
  const ticks: Axis["ticks"] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++)
    ticks.push({ value: k * step, text: tick(k * step, step) });
  return { at: (value) => from + ((value - low + room) / (high - low + 2 * room)) * (to - from), band: 0, ticks };
}

/** The least of 1, 2, 5 × 10^k that cuts `span` into at most `parts`. */
function niceStep(span: number, parts: number): number {
  const rough = span / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999)!;
}

const clip = (text: string, most = MOST_LETTERS): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export function drawAxes(
  context: CanvasRenderingContext2D,
  { left, right, top, bottom }: Frame,
  [x, across]: [Side, Axis],
  [y, up]: [Side, Axis],
): void {
  context.fillStyle = inkOf("muted");
  context.strokeStyle = inkOf("grid");
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const { value, text } of across.ticks) {
    if (across.band === 0) line(context, across.at(value), top, across.at(value), bottom);
    context.fillText(isolated(text), across.at(value), bottom + 17, Math.max(SPACE.across - 6, across.band - 6));
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, text } of up.ticks) {
    if (up.band === 0) line(context, left, up.at(value), right, up.at(value));
    context.fillText(isolated(text), left - 7, up.at(value), left - 30);
  }
  context.fillStyle = inkOf("ink");
  context.textAlign = "center";
  context.fillText(isolated(clip(x.name, 60)), (left + right) / 2, bottom + 36, right - left);
  context.translate(10, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(isolated(clip(y.name, 40)), 0, 0, bottom - top);
  context.rotate(Math.PI / 2);
  context.translate(-10, -(top + bottom) / 2);
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
