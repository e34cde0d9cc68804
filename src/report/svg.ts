/** The parts of every picture: curves, axes, legends, colours for light and dark. */
import type { Scale } from "./scales.ts";
import { escapeText, fitText, textWidth } from "./text.ts";

/** Light and dark colour of each role: the Okabe-Ito palette plus neutrals. */
const INKS = {
  blue: ["#0072b2", "#56b4e9"],
  orange: ["#e69f00", "#e69f00"],
  green: ["#009e73", "#009e73"],
  vermillion: ["#d55e00", "#d55e00"],
  purple: ["#cc79a7", "#cc79a7"],
  sky: ["#56b4e9", "#f0e442"],
  ink: ["#1f2328", "#e6edf3"],
  muted: ["#59636e", "#9198a1"],
  grid: ["#e7eaee", "#272e38"],
  paper: ["#ffffff", "#0d1117"],
} as const;

/** A colour role; its value follows the reader's colour scheme. */
export type Ink = keyof typeof INKS;

/** The colours that successive series take. */
export const SERIES_INKS: readonly Ink[] = ["blue", "vermillion", "green", "purple", "orange", "sky", "ink", "muted"];

/** A rectangle in pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A number with at most two decimals, as path data and attributes hold it. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}

// Presentation attributes carry the light colours for renderers without CSS variables; the classes override them.
function colours(inks: { fill?: Ink | undefined; stroke?: Ink | undefined }): string {
  const fill = inks.fill ? `fill="${INKS[inks.fill][0]}" class="f-${inks.fill}` : `fill="none" class="`;
  return inks.stroke ? `stroke="${INKS[inks.stroke][0]}" ${fill} s-${inks.stroke}"` : `${fill}"`;
}

type PathStyle = {
  stroke?: Ink;
  fill?: Ink;
  width?: number;
  dash?: string | undefined;
  opacity?: number;
  /** Of the stroke alone, where the fill has an opacity too. */
  strokeOpacity?: number;
};

/** A path element, stroked, filled or both. */
export function path(d: string, style: PathStyle): string {
  const { stroke, fill, width = 1.5, dash, opacity = 1, strokeOpacity } = style;
  if (d === "") return "";
  const line = stroke
    ? ` stroke-width="${width}" stroke-linejoin="round" stroke-linecap="${dash ? "butt" : "round"}"`
    : "";
  const faint = strokeOpacity
    ? ` stroke-opacity="${strokeOpacity}" fill-opacity="${opacity}"`
    : ` opacity="${opacity}"`;
  const extra = `${dash ? ` stroke-dasharray="${dash}"` : ""}${opacity < 1 || strokeOpacity ? faint : ""}`;
  return `<path d="${d}" ${colours({ stroke, fill })}${line}${extra}/>`;
}

type Anchor = "start" | "middle" | "end";
type TextStyle = { size?: number; anchor?: Anchor; ink?: Ink; weight?: number; upright?: boolean; halo?: boolean };

/** A text element at a baseline position; a halo keeps it readable on top of curves. */
export function text(content: string, x: number, y: number, style: TextStyle = {}): string {
  const { size = 12, anchor = "start", ink = "ink", weight, upright, halo } = style;
  const turn = upright ? ` transform="rotate(-90 ${px(x)} ${px(y)})"` : "";
  const bold = weight ? ` font-weight="${weight}"` : "";
  const edge = halo ? ` stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"` : "";
  const place = `x="${px(x)}" y="${px(y)}" font-size="${size}" text-anchor="${anchor}"`;
  return `<text ${place}${bold}${turn}${edge} ${colours({ fill: ink, stroke: halo ? "paper" : undefined })}>${escapeText(content)}</text>`;
}

type Values = ArrayLike<number>;

/** A place in pixels. */
export type Point = [number, number];

// Path data in tenths of a pixel, relative, so that rounding cannot add up and points stay short.
function tracer() {
  let [d, x, y] = ["", 0, 0];
  const tenth = (v: number) => `${v < 0 ? "-" : " "}${Math.abs(v) / 10}`.replace(/^([ -])0\./, "$1.");
  return {
    to(nextX: number, nextY: number, pen: boolean): void {
      const [a, b] = [Math.round(nextX * 10), Math.round(nextY * 10)];
      if (!pen) d += `M${a / 10} ${b / 10}l0 0`;
      else if (a !== x || b !== y) d += tenth(a - x) + tenth(b - y);
      [x, y] = [a, b];
    },
    data: () => d,
  };
}

/**
 * Path data of a curve. Of each `column` pixels only the lowest and the highest point are kept (one of them where they
 * look the same), so the width of the plot bounds the size. Non-finite values interrupt the curve.
 */
export function linePath(xs: Values, ys: Values, x: Scale, y: Scale, column = 1): string {
  const out = tracer();
  let [pen, bin, low, high] = [false, Number.NaN, -1, -1];
  const point = (i: number) => {
    if (i >= 0) out.to(x.at(xs[i]!), y.at(ys[i]!), pen);
    pen ||= i >= 0;
  };
  const flush = () => {
    point(Math.min(low, high));
    if (low !== high && Math.abs(y.at(ys[low]!) - y.at(ys[high]!)) > 0.3) point(Math.max(low, high));
    [low, high, bin] = [-1, -1, Number.NaN];
  };
  for (let i = 0; i < Math.min(xs.length, ys.length); i++) {
    const value = ys[i]!;
    if (!Number.isFinite(value) || !Number.isFinite(xs[i])) {
      flush();
      pen = false;
      continue;
    }
    const next = Math.floor(x.at(xs[i]!) / column);
    if (next !== bin) flush();
    bin = next;
    if (low < 0 || value < ys[low]!) low = i;
    if (high < 0 || value > ys[high]!) high = i;
  }
  flush();
  return out.data();
}

/** Path data of the area between two curves, decimated like {@link linePath}; columns of 0 keep every point. */
export function bandPath(xs: Values, lo: Values, hi: Values, x: Scale, y: Scale, column = 1): string {
  const out = tracer();
  let run: { at: number; lo: number; hi: number }[] = [];
  const flush = () => {
    for (const [i, p] of run.entries()) out.to(p.at, y.at(p.hi), i > 0);
    for (const p of run.reverse()) out.to(p.at, y.at(p.lo), true);
    run = [];
  };
  for (let i = 0; i < Math.min(xs.length, lo.length, hi.length); i++) {
    const point = { at: x.at(xs[i]!), lo: Math.min(lo[i]!, hi[i]!), hi: Math.max(lo[i]!, hi[i]!) };
    const last = run.at(-1);
    if (!Number.isFinite(xs[i]! + point.lo + point.hi)) flush();
    else if (last && column > 0 && Math.floor(last.at / column) === Math.floor(point.at / column)) {
      last.lo = Math.min(last.lo, point.lo);
      last.hi = Math.max(last.hi, point.hi);
    } else run.push(point);
  }
  flush();
  return out.data();
}

/** Path data of dots to be stroked, those of them that lie within both domains; dots that look the same are drawn once. */
function dotPath(xs: Values, ys: Values, x: Scale, y: Scale): string {
  const shown = new Set<string>();
  const within = ({ domain }: Scale, value: number) => value >= domain[0] && value <= domain[1];
  for (let i = 0; i < Math.min(xs.length, ys.length); i++)
    if (within(x, xs[i]!) && within(y, ys[i]!))
      shown.add(`M${Math.round(x.at(xs[i]!) * 5) / 5} ${Math.round(y.at(ys[i]!) * 5) / 5}h.01`);
  return [...shown].join("");
}

/** Dots with an edge in the colour of paper. */
export function dots(xs: Values, ys: Values, x: Scale, y: Scale, ink: Ink, size: number): string {
  const d = dotPath(xs, ys, x, y);
  return path(d, { stroke: "paper", width: size * 1.5 }) + path(d, { stroke: ink, width: size });
}

/** Whether the points between two of a run are within a tenth of a pixel of the straight line from one to the other. */
function straight(run: readonly Point[], from: number, to: number): boolean {
  const [[x, y], [endX, endY]] = [run[from]!, run[to]!];
  const [dx, dy] = [endX - x, endY - y];
  return run.slice(from + 1, to).every(([px, py]) => {
    const share = ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy) || 0;
    const near = Math.min(1, Math.max(0, share));
    return Math.hypot(px - x - near * dx, py - y - near * dy) < 0.1;
  });
}

/** Path data of runs of points, without points that a straight line passes. */
export function runsPath(runs: Iterable<readonly Point[]>): string {
  const out = tracer();
  for (const run of runs) {
    let kept = 0;
    for (const [i, [x, y]] of run.entries()) {
      if (i > 0 && i < run.length - 1 && straight(run, kept, i + 1)) continue;
      out.to(x, y, i > 0);
      kept = i;
    }
  }
  return out.data();
}

/** Grid, baseline, tick labels and axis titles of a plot. */
export function axes(box: Box, x: Scale, y: Scale, titles: { x: string; y: string }): string {
  const { left, top, width, height } = box;
  const bottom = top + height;
  const rows = y.ticks.map((t) => `M${px(left)} ${px(y.at(t))}h${px(width)}`).join("");
  const columns = x.ticks.map((t) => `M${px(x.at(t))} ${px(bottom)}v4`).join("");
  const small = { size: 11, ink: "muted" } as const;
  const widest = (scale: Scale) => Math.max(0, ...scale.ticks.map((t) => textWidth(scale.label(t), 11)));
  const [first = 0, second = Number.POSITIVE_INFINITY] = x.ticks;
  const every = Math.ceil((widest(x) + 6) / (x.at(second) - x.at(first)));
  const labelled = x.ticks.filter((t) => !(Math.round(t / (second - first)) % every));
  const away = left - Math.min(60, 20 + widest(y));
  return [
    path(rows, { stroke: "grid", width: 1 }),
    path(`M${px(left)} ${px(bottom)}h${px(width)}${columns}`, { stroke: "muted", width: 1 }),
    ...y.ticks.map((t) => text(y.label(t), left - 7, y.at(t) + 4, { ...small, anchor: "end" })),
    ...labelled.map((t) => text(x.label(t), x.at(t), bottom + 17, { ...small, anchor: "middle" })),
    text(fitText(titles.x, 12, width), left + width / 2, bottom + 36, { anchor: "middle", ink: "muted" }),
    text(fitText(titles.y, 12, height), away, top + height / 2, { anchor: "middle", ink: "muted", upright: true }),
  ].join("");
}

/** One entry of a {@link legend}. */
export interface LegendItem {
  name: string;
  ink: Ink;
  mark?: "line" | "dot" | "band";
  dash?: string | undefined;
}

/** A legend that flows from left to right and wraps; `height` is what it takes. */
export function legend(items: LegendItem[], left: number, top: number, width: number): { svg: string; height: number } {
  let [svg, x, y] = ["", left, top + 12];
  for (const { name, ink, mark = "line", dash } of items) {
    const label = fitText(name, 12, width - 24);
    const advance = 22 + textWidth(label, 12) + 14;
    if (x > left && x + advance - 14 > left + width) [x, y] = [left, y + 18];
    if (mark === "band") svg += path(`M${px(x)} ${y - 9}h16v10h-16z`, { fill: ink, opacity: 0.2 });
    const [from, length, thick] = mark === "dot" ? [x + 8, 0.01, 7] : [x, 16, 2.5];
    svg += path(`M${px(from)} ${y - 4}h${length}`, { stroke: ink, width: thick, dash });
    svg += text(label, x + 22, y);
    x += advance;
  }
  return { svg, height: items.length ? y - top + 8 : 0 };
}

type Frame = { width: number; height: number; title: string; description: string };

const all = Object.keys(INKS) as Ink[];
const inksOf = (scheme: 0 | 1) => all.map((ink) => `--${ink}:${INKS[ink][scheme]}`).join(";");
const ruleOf = (ink: Ink) => `.remine .f-${ink}{fill:var(--${ink})}.remine .s-${ink}{stroke:var(--${ink})}`;

/** The rules that every {@link figure} carries: the colours of its roles in light and dark. */
export const FIGURE_STYLE = `.remine{${inksOf(0)}}@media (prefers-color-scheme:dark){.remine{${inksOf(1)}}}${all.map(ruleOf).join("")}`;

/** A standalone SVG in light and dark, without scripts, ids or external resources; screen readers say its description. */
export function figure({ width, height, title, description }: Frame, content: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="remine" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">`,
    `<title>${escapeText(title)}</title><desc>${escapeText(description)}</desc><style>${FIGURE_STYLE}</style>`,
    `<rect width="${width}" height="${height}" rx="8" ${colours({ fill: "paper" })}/>`,
    content,
    "</svg>",
  ].join("\n");
}
