/** The rows of two columns as points, coloured by their pointwise MI once that is known. */
import { tick } from "../kit/format.ts";
import { inkOf, inkVector } from "../kit/inks.ts";

export interface Side {
  name: string;
  values: ArrayLike<number>;
  /** What codes stand for, in a category. */
  levels: readonly string[] | undefined;
}

const MARGIN = { left: 58, right: 12, top: 10, bottom: 44 };
/** Nats that get the full colour. */
export const REACH = 2;

export function drawScatter(canvas: HTMLCanvasElement, x: Side, y: Side, pointwise?: ArrayLike<number>): void {
  const context = canvas.getContext("2d");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!context || !width || !height) return;
  const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const across = axisOf(x, MARGIN.left, width - MARGIN.right, (width - 70) / 80);
  const up = axisOf(y, height - MARGIN.bottom, MARGIN.top, (height - 54) / 45);
  drawAxes(context, { width, height }, [x, across], [y, up]);

  const rows = x.values.length;
  const [cold, paper, warm] = [inkVector("cold"), inkVector("muted"), inkVector("warm")];
  const radius = rows > 3000 ? 1.5 : rows > 800 ? 2 : 2.75;
  context.globalAlpha = 0.75;
  context.fillStyle = inkOf("muted");
  for (let i = 0; i < rows; i++) {
    const share = pointwise && Math.min(1, Math.max(-1, pointwise[i]! / REACH));
    if (share !== undefined) context.fillStyle = mixed(paper, share < 0 ? cold : warm, Math.abs(share));
    context.beginPath();
    context.arc(across.at(x.values[i]!, i), up.at(y.values[i]!, i + 0.5), radius, 0, 2 * Math.PI);
    context.fill();
  }
}

function mixed(a: readonly number[], b: readonly number[], share: number): string {
  const part = (k: number) => Math.round(255 * (a[k]! + (b[k]! - a[k]!) * share));
  return `rgb(${part(0)} ${part(1)} ${part(2)})`;
}

interface Axis {
  at(value: number, i?: number): number;
  ticks: { value: number; text: string }[];
}

function axisOf({ values, levels }: Side, from: number, to: number, most: number): Axis {
  if (levels) {
    const place = (code: number, i?: number) => {
      // A category's points are spread over its band: on one line they would hide each other.
      const spread = i === undefined ? 0 : 0.7 * ((i * 0.618034) % 1) - 0.35;
      return from + ((code + 0.5 + spread) / levels.length) * (to - from);
    };
    const every = Math.ceil(levels.length / Math.max(1, most));
    const ticks = levels.map((text, value) => ({ value, text })).filter(({ value }) => value % every === 0);
    return { at: place, ticks };
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const room = 0.03 * (high - low);
  const place = (value: number) => from + ((value - low + room) / (high - low + 2 * room)) * (to - from);
  const step = niceStep(high - low, Math.max(2, most));
  const ticks = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++)
    ticks.push({ value: k * step, text: tick(k * step, step) });
  return { at: place, ticks };
}

/** The least of 1, 2, 5 × 10^k that cuts `span` into at most `parts`. */
function niceStep(span: number, parts: number): number {
  const rough = span / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999)!;
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { width, height }: { width: number; height: number },
  [x, across]: [Side, Axis],
  [y, up]: [Side, Axis],
): void {
  const below = height - MARGIN.bottom;
  context.font = `12px ${getComputedStyle(context.canvas).fontFamily}`;
  context.fillStyle = inkOf("muted");
  context.strokeStyle = inkOf("grid");
  context.textAlign = "center";
  for (const { value, text } of across.ticks) {
    line(context, across.at(value), MARGIN.top, across.at(value), below);
    context.fillText(clip(text, 14), across.at(value), below + 16);
  }
  context.fillText(clip(x.name, 60), (MARGIN.left + width) / 2, height - 8);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { value, text } of up.ticks) {
    line(context, MARGIN.left, up.at(value), width - MARGIN.right, up.at(value));
    context.fillText(clip(text, 6), MARGIN.left - 6, up.at(value));
  }
  context.save();
  context.translate(9, (MARGIN.top + below) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(clip(y.name, 40), 0, 0);
  context.restore();
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

const clip = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
