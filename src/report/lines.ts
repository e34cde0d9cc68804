/** Panels of curves. */
import { linearScale, logScale, type Scale } from "./scales.ts";
import type { Box, Ink, LegendItem } from "./svg.ts";
import { axes, bandPath, dots, figure, legend, linePath, path, px, SERIES_INKS, text } from "./svg.ts";
import { fitText, formatNumber, textWidth } from "./text.ts";
import { decades, robustDomain, smooth, sortedFinite, stairs } from "./values.ts";

/** One curve over the x values of its panel; non-finite values are gaps. */
export interface LineSeries {
  name: string;
  values: ArrayLike<number>;
  /** An area around the curve, such as an interval over seeds. */
  band?: { lo: ArrayLike<number>; hi: ArrayLike<number> };
  /** A single dashed series, such as the truth, is drawn in the colour of text. */
  dashed?: boolean;
  /** Draws a moving average over about this many points on top of the band, or else of the faint raw curve. */
  smooth?: number;
  /** Instead of the next colour of the palette, which is then left to the next series. */
  ink?: Ink;
  /** Of the curve, in pixels. */
  width?: number;
  opacity?: number;
  /** A dot at every point, for curves of few points. */
  marks?: boolean;
  /**
   * Stairs, such as the top of a histogram: each value holds from its x up to the next. The last x may go without a
   * value. The band has stairs too; where it goes down to 0, so does the axis.
   */
  steps?: boolean;
  /** For all but the first of many curves of one kind. */
  inLegend?: false;
}

/** What one plot shows. Values are drawn as they come: the unit belongs in the label. */
export interface LinesPanel {
  title: string;
  subtitle?: string;
  /** On a logarithmic axis values that are not positive are gaps, and a domain that starts at one goes unheard. */
  x: { label: string; values: ArrayLike<number>; log?: boolean };
  y: { label: string; domain?: readonly [number, number]; log?: boolean };
  series: LineSeries[];
  /** Horizontal dashed lines, such as a known truth. */
  references?: { label: string; y: number }[];
}

/** Several plots in a grid. */
export interface PanelsFigure {
  title: string;
  subtitle?: string;
  panels: LinesPanel[];
  /** Plots per row. */
  columns?: number;
}

/** A faint trace to draw beneath a smoothed curve: the curve itself, or the area that it covers when it is dense. */
export function rawTrace(xs: ArrayLike<number>, ys: ArrayLike<number>, x: Scale, y: Scale, ink: Ink): string {
  const pixels = Math.abs(x.at(x.domain[1]) - x.at(x.domain[0]));
  if (xs.length < 4 * pixels) return path(linePath(xs, ys, x, y), { stroke: ink, width: 1, opacity: 0.25 });
  return path(bandPath(xs, ys, ys, x, y, 2), { fill: ink, opacity: 0.16 });
}

/** Content cut off at the edges of a box. A nested viewport needs no id, which could clash between inlined figures. */
export function clipped({ left, top, width, height }: Box, content: string): string {
  const box = [left, top, width, height].map(px);
  const place = `x="${box[0]}" y="${box[1]}" width="${box[2]}" height="${box[3]}"`;
  return `<svg ${place} viewBox="${box.join(" ")}">${content}</svg>`;
}

/**
 * Notes at the edges of a plot that say how far the data goes where it leaves the axis by more than its length. On an axis
 * in decades, the data is in decades too.
 */
export function beyondNotes(box: Box, y: Scale, arrays: ArrayLike<number>[], log = false): string {
  const [lo, hi] = y.domain;
  const all = sortedFinite(...arrays);
  const [least = lo, most = hi] = [all[0], all.at(-1)];
  const shown = (value: number) => formatNumber(log ? 10 ** value : value, 2);
  const note = (content: string, at: number) => text(content, box.left + 8, at, { size: 11, ink: "muted", halo: true });
  const up = most > 2 * hi - lo ? note(`↑ up to ${shown(most)}`, box.top + 13) : "";
  return up + (least < 2 * lo - hi ? note(`↓ down to ${shown(least)}`, box.top + box.height - 7) : "");
}

/** The heading of a figure: `ending` is never shortened. */
export function heading(title: string, subtitle: string | undefined, width: number, ending = ""): string {
  const room = width - 40;
  // Bold letters are wider; in the size that they are given here they are measured as regular ones.
  const fitted = fitText(title, 21, room - textWidth(ending, 21)) + ending;
  const below = subtitle ? text(fitText(subtitle, 12.5, room), 20, 53, { size: 12.5, ink: "muted" }) : "";
  return text(fitted, 20, 33, { size: 18, weight: 600 }) + below;
}

type Look = { ink: Ink; dash: string | undefined };

// Colours repeat after eight series; dashes tell the rounds apart.
function styles(series: LineSeries[]): Look[] {
  const lone = series.filter((s) => s.dashed).length === 1;
  let next = 0;
  return series.map((s) => {
    if (s.ink || (s.dashed && lone)) return { ink: s.ink ?? "ink", dash: s.dashed ? "6 4" : undefined };
    const round = Math.floor(next / SERIES_INKS.length) % 3;
    const ink = SERIES_INKS[next++ % SERIES_INKS.length]!;
    return { ink, dash: s.dashed ? "6 4" : [undefined, "2 3", "9 3 2 3"][round] };
  });
}

const named = (panel: LinesPanel) => panel.series.filter((s) => s.inLegend !== false).map((s) => s.name);

function legendItems(series: LineSeries[]): LegendItem[] {
  const look = styles(series);
  const items = series.map((s, i) => ({ ...look[i]!, name: s.name, mark: s.band ? "band" : "line" }) as const);
  return items.filter((_, i) => series[i]!.inLegend !== false);
}

function referenceLines(panel: LinesPanel, box: Box, y: Scale): { lines: string; labels: string } {
  const shown = (panel.references ?? []).filter((r) => r.y >= y.domain[0] && r.y <= y.domain[1]);
  shown.sort((a, b) => a.y - b.y);
  const right = box.left + box.width;
  let ceiling = box.top + box.height;
  let [lines, labels] = ["", ""];
  for (const reference of shown) {
    const at = y.at(reference.y);
    lines += path(`M${px(box.left)} ${px(at)}H${px(right)}`, {
      stroke: "ink",
      dash: "5 4",
      width: 1.25,
      opacity: 0.75,
    });
    const baseline = Math.max(box.top + 11, Math.min(at - 5, ceiling));
    ceiling = baseline - 13;
    const label = fitText(reference.label, 11, box.width / 2);
    labels += text(label, right - 4, baseline, { size: 11, anchor: "end", halo: true });
  }
  return { lines, labels };
}

/** The same panel with what belongs to logarithmic axes in decades. */
function inDecades(panel: LinesPanel): LinesPanel {
  const { x, y, series, references = [] } = panel;
  const across = { ...panel, x: { ...x, values: x.log ? decades(x.values) : x.values } };
  if (!y.log) return across;
  const [lo, hi] = decades(y.domain ?? []);
  return {
    ...across,
    y: { label: y.label, log: true, ...(Number.isFinite(lo) && { domain: [lo!, hi!] }) },
    series: series.map((s) => ({
      ...s,
      values: decades(s.values),
      ...(s.band && { band: { lo: decades(s.band.lo), hi: decades(s.band.hi) } }),
    })),
    references: references.map((reference) => ({ ...reference, y: Math.log10(reference.y) })),
  };
}

function scalesOf({ x: across, y: up, series, references = [] }: LinesPanel, box: Box, drawn: ArrayLike<number>[]) {
  const sorted = sortedFinite(across.values);
  const ends = [sorted[0] ?? 0, sorted.at(-1) ?? 1] as const;
  const [wide, high] = [[box.left, box.left + box.width] as const, [box.top + box.height, box.top] as const];
  const whole = sorted.every(Number.isInteger) ? 1 : 0;
  const x = across.log
    ? logScale(ends, wide, box.width / 80, [...new Set(sorted)])
    : linearScale(ends, wide, box.width / 80, whole);
  const include = references.map((r) => r.y);
  const domain = [...(up.domain ?? robustDomain(drawn, include, 8))] as [number, number];
  // Stairs stand on the axis.
  const standing = series.some((s) => s.steps) && sortedFinite(...drawn, include)[0] === 0;
  if (standing && !up.domain && !up.log) domain[0] = 0;
  return { x, y: (up.log ? logScale : linearScale)(domain, high, box.height / 50) };
}

// `column` is the width in pixels of the columns that long curves are decimated to.
function drawSeries(s: LineSeries, { ink, dash }: Look, xs: ArrayLike<number>, x: Scale, y: Scale, column: number) {
  const { values, band, smooth: span = 1, width = 1.75, opacity = 1 } = s;
  const corners = (ys: ArrayLike<number>) => (s.steps ? stairs(xs, ys) : { x: xs, y: ys });
  const area = ({ lo, hi }: NonNullable<typeof band>) => {
    const [bottom, top] = [corners(lo), corners(hi)];
    // What goes down to minus infinity, such as to 0 on a logarithmic axis, leaves the plot.
    const floor = 2 * y.domain[0] - y.domain[1];
    const ends = Float64Array.from(bottom.y, (value) => (value === Number.NEGATIVE_INFINITY ? floor : value));
    const d = bandPath(bottom.x, ends, top.y, x, y, s.steps ? 0 : column);
    return path(d, { fill: ink, opacity: 0.18 * opacity });
  };
  const shown = corners(span > 1 ? smooth(values, span, y.domain) : values);
  return {
    area: band ? area(band) : "",
    raw: span > 1 && !band ? rawTrace(xs, values, x, y, ink) : "",
    curve: path(linePath(shown.x, shown.y, x, y, column), { stroke: ink, dash, width, opacity }),
    marks: s.marks ? dots(xs, values, x, y, ink, 5) : "",
  };
}

function drawPanel(given: LinesPanel, outer: Box, withLegend: boolean, column: number): string {
  const panel = inDecades(given);
  const inner = { left: outer.left + 70, width: outer.width - 90 };
  const key = legend(withLegend ? legendItems(panel.series) : [], outer.left + 20, outer.top, outer.width - 40);
  const top = outer.top + key.height + 6;
  const box = { ...inner, top, height: outer.top + outer.height - 48 - top };
  const bands = panel.series.flatMap((s) => (s.band ? [s.band.lo, s.band.hi] : []));
  const drawn = [...panel.series.map((s) => s.values), ...bands];
  const { x, y } = scalesOf(panel, box, drawn);
  const look = styles(panel.series);
  const parts = panel.series.map((s, i) => drawSeries(s, look[i]!, panel.x.values, x, y, column));
  const all = (part: "area" | "raw" | "curve" | "marks") => parts.map((p) => p[part]).join("");
  const { lines, labels } = referenceLines(panel, box, y);
  return [
    key.svg,
    axes(box, x, y, { x: panel.x.label, y: panel.y.label }),
    clipped(box, all("area") + all("raw") + all("curve") + lines),
    all("marks") + labels,
    beyondNotes(box, y, drawn, panel.y.log),
  ].join("\n");
}

// Keeps a figure of many curves near the size of one with few.
function columnFor(panels: LinesPanel[]): number {
  const curves = panels.reduce((sum, panel) => sum + panel.series.length, 0);
  return Math.min(1.5, Math.max(1, curves / 4));
}

function describe(panel: LinesPanel): string {
  return `${panel.title}: ${panel.y.label} over ${panel.x.label}, ${named(panel).join(", ")}.`;
}

/** A line chart with bands and reference lines as a standalone SVG. */
export function linesFigure(panel: LinesPanel, size: { width?: number; height?: number } = {}): string {
  const { width = 760, height = 420 } = size;
  const top = panel.subtitle ? 66 : 50;
  const plot = drawPanel(panel, { left: 0, top, width, height: height - top }, true, columnFor([panel]));
  const frame = { width, height, title: panel.title, description: describe(panel) };
  return figure(frame, `${heading(panel.title, panel.subtitle, width)}\n${plot}`);
}

type Captioned = { title: string; subtitle?: string };
type Place = { top: number; columns: number; width: number; panelHeight: number };

/** Panels in rows, each below its caption; `height` is what all of them take. */
export function panelGrid<Panel extends Captioned>(
  panels: Panel[],
  { top, columns, width, panelHeight }: Place,
  draw: (panel: Panel, outer: Box) => string,
): { svg: string; height: number } {
  const cell = width / columns;
  const plots = panels.map((panel, i) => {
    const [left, up] = [(i % columns) * cell, top + Math.floor(i / columns) * panelHeight];
    const caption = [panel.title, panel.subtitle].filter(Boolean).join(", ");
    const label = text(fitText(caption, 13, cell - 90), left + 70, up + 20, { size: 13, weight: 600 });
    return label + draw(panel, { left, top: up + 28, width: cell, height: panelHeight - 28 });
  });
  return { svg: plots.join("\n"), height: Math.ceil(panels.length / columns) * panelHeight };
}

/** Line charts in a grid as a standalone SVG; series that all panels share have one legend. */
export function panelsFigure(data: PanelsFigure, size: { width?: number; panelHeight?: number } = {}): string {
  const { title, subtitle, panels } = data;
  const columns = Math.max(1, data.columns ?? Math.min(3, Math.ceil(Math.sqrt(panels.length))));
  const { width = Math.max(480, columns * 400), panelHeight = 300 } = size;
  const items = panels.map((panel) => legendItems(panel.series));
  const looks = items.map((list) => JSON.stringify(list.map(({ name, ink, dash }) => [name, ink, dash])));
  const shared = new Set(looks).size === 1;
  const key = legend(shared ? items[0]! : [], 20, subtitle ? 64 : 46, width - 40);
  const top = (subtitle ? 64 : 46) + key.height;
  const plots = panelGrid(panels, { top, columns, width, panelHeight }, (panel, outer) =>
    drawPanel(panel, outer, !shared, columnFor(panels)),
  );
  return figure(
    { width, height: top + plots.height + 6, title, description: panels.map(describe).join(" ") },
    `${heading(title, subtitle, width)}${key.svg}\n${plots.svg}`,
  );
}
