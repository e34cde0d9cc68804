/** The rows of a pair: points, or counted squares where both columns are categories. Each row's colour is its own share of MI. */
import { contextOf, inkOf, inkVector, pixelScale } from "../kit/inks.ts";
import { type Axis, axesOf, drawAxes, type Frame, presentLevels, type Side } from "./axes.ts";
import { css, inkOn, mixed } from "./shade.ts";

export type { Side } from "./axes.ts";

/** Nats that get the full colour. */
export const REACH = 2;

export function drawScatter(canvas: HTMLCanvasElement, x: Side, y: Side, pointwise?: ArrayLike<number>): void {
  const context = contextOf(canvas);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return;
  const scale = pixelScale();
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const { frame, across, up } = axesOf(context, x, y);
  drawAxes(context, frame, [x, across], [y, up]);
  if (x.levels && y.levels) drawCells(context, [x, across], [y, up], pointwise);
  else drawPoints(context, frame, [x, across], [y, up], pointwise);
}

type Along = [Side, Axis];

function drawPoints(
  context: CanvasRenderingContext2D,
  { left, right }: Frame,
  [x, across]: Along,
  [y, up]: Along,
  pointwise?: ArrayLike<number>,
): void {
  const rows = x.values.length;
  const color = colors();
  const radius = (rows > 3000 ? 1.5 : rows > 800 ? 2 : 2.75) * (right - left < 400 ? 0.85 : 1);
  context.globalAlpha = 0.75;
  for (let i = 0; i < rows; i++) {
    context.fillStyle = css(color(pointwise?.[i]));
    const [atX, atY] = [across.at(x.values[i]!), up.at(y.values[i]!)];
    context.beginPath();
    context.arc(atX + across.band * jitter(i, 0), atY + up.band * jitter(i, 1), radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Grey where nothing is known, to the cold colour for what surprises and the warm one for what tells. */
function colors(): (nats: number | undefined) => [number, number, number] {
  const [cold, grey, warm] = [inkVector("cold"), inkVector("muted"), inkVector("warm")];
  return (nats) => {
    const share = nats === undefined || Number.isNaN(nats) ? 0 : Math.min(1, Math.max(-1, nats / REACH));
    return mixed(grey, share < 0 ? cold : warm, Math.abs(share));
  };
}

/** Share of a category's band over which its points are spread: on one line they would hide each other. */
const SPREAD = 0.7;

/** Where in its band a row's point lies, −.35 to .35: by a hash, so that rows in order make no pattern, nor x and y together. */
export function jitter(row: number, axis: 0 | 1): number {
  let h = Math.imul(2 * row + axis + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return SPREAD * (((h ^ (h >>> 16)) >>> 0) / 2 ** 32 - 0.5);
}

export interface Cell {
  x: number;
  y: number;
  count: number;
  /** Rows that chance would put here. */
  expected: number;
  /** The mean share of its rows, nats; NaN before it is known. */
  share: number;
}

/** How many rows have each two categories. */
export function cellsOf(x: Side, y: Side, pointwise?: ArrayLike<number>): Cell[] {
  const rows = x.values.length;
  const [left, right] = [x, y].map((side) => presentLevels(side).map(({ code }) => code)) as [number[], number[]];
  const sums = new Map<string, { count: number; share: number }>();
  const counts = { x: new Map<number, number>(), y: new Map<number, number>() };
  for (let i = 0; i < rows; i++) {
    const [a, b] = [x.values[i]!, y.values[i]!];
    const { count, share } = sums.get(`${a} ${b}`) ?? { count: 0, share: 0 };
    sums.set(`${a} ${b}`, { count: count + 1, share: share + (pointwise?.[i] ?? Number.NaN) });
    counts.x.set(a, (counts.x.get(a) ?? 0) + 1);
    counts.y.set(b, (counts.y.get(b) ?? 0) + 1);
  }
  return left.flatMap((a) =>
    right.map((b) => {
      const { count, share } = sums.get(`${a} ${b}`) ?? { count: 0, share: Number.NaN };
      const expected = (counts.x.get(a)! * counts.y.get(b)!) / rows;
      return { x: a, y: b, count, expected, share: share / count };
    }),
  );
}

/** Each cell's number of rows as the area of a square, and written in it where there is room. */
function drawCells(
  context: CanvasRenderingContext2D,
  [x, across]: Along,
  [y, up]: Along,
  pointwise?: ArrayLike<number>,
): void {
  const cells = cellsOf(x, y, pointwise);
  const most = Math.max(...cells.map(({ count }) => count));
  const room = Math.min(across.band, up.band);
  const color = colors();
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { x: a, y: b, count, share } of cells) {
    if (count === 0) continue;
    const [atX, atY] = [across.at(a), up.at(b)];
    const side = 0.94 * room * Math.sqrt(count / most);
    const paper = color(share);
    context.fillStyle = css(paper);
    context.fillRect(atX - side / 2, atY - side / 2, side, side);
    if (room < 20) continue;
    const isInside = side > context.measureText(String(count)).width + 4 && side > 14;
    context.fillStyle = isInside ? inkOn(paper) : inkOf("ink");
    // Beside a square that is too small for it.
    context.fillText(String(count), atX, isInside ? atY : atY + side / 2 + 8);
  }
}
