/** Panels of curves. */
import { extent } from "d3-array";
import type { Box, Ink, LegendItem, Scale } from "./svg.ts";
import { axes, bandPath, figure, legend, linearScale, linePath, path, px, SERIES_INKS, text } from "./svg.ts";
import { fitText, formatNumber, textWidth } from "./text.ts";

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
}

/** What one plot shows. Values are drawn as they come: the unit belongs in the label. */
export interface LinesPanel {
  title: string;
  subtitle?: string;
  x: { label: string; values: ArrayLike<number> };
  y: { label: string; domain?: readonly [number, number] };
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

/** The value below which a share `q` of a sorted array lies. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  return below + ((sorted[Math.ceil(at)] ?? below) - below) * (at % 1);
}

/** The finite values of some arrays, sorted. */
export function sortedFinite(...arrays: ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let count = 0;
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) if (Number.isFinite(array[i])) all[count++] = array[i]!;
  return all.subarray(0, count).sort();
}

/**
 * An axis range that shows the bulk of the data and all of `include`: values further than `fence` interquartile ranges
 * from the quartiles do not stretch it.
 */
export function robustDomain(arrays: ArrayLike<number>[], include: number[] = [], fence = 4): [number, number] {
  const sorted = sortedFinite(...arrays);
  const must = include.filter(Number.isFinite);
  const at = (q: number) => quantile(sorted, q);
  const [least = 0, most = 0] = extent(must);
  const spread = fence * Math.max(at(0.75) - at(0.25), (at(0.95) - at(0.05)) / 4, most - least);
  const [floor, ceiling] = [at(0.25) - spread, at(0.75) + spread];
  const bulk = spread > 0 ? sorted.filter((value) => value >= floor && value <= ceiling) : sorted;
  const trim = bulk.length < 500 ? 0 : 0.002;
  const ends = bulk.length ? [quantile(bulk, trim), quantile(bulk, 1 - trim)] : [];
  const [lo, hi] = extent([...must, ...ends]);
  if (lo === undefined) return [0, 1];
  return [lo - (hi - lo) * 0.06, hi + (hi - lo) * 0.06];
}

/**
 * A moving average with two-sided exponential weights, without lag or start-up bias. Values are first limited to
 * `domain` and a quarter more, so that an explosion does not spread; gaps stay gaps.
 */
export function smooth(values: ArrayLike<number>, span: number, domain: readonly [number, number]): Float64Array {
  const keep = 1 - 2 / (Math.max(1, span) + 1);
  const margin = (domain[1] - domain[0]) / 4;
  const count = values.length;
  const [sums, weights] = [new Float64Array(count), new Float64Array(count)];
  // The second sweep leaves out the value itself, which the first has counted.
  const sweep = (first: number, by: number, own: number) => {
    let [sum, weight] = [0, 0];
    for (let i = first; i >= 0 && i < count; i += by) {
      if (!Number.isFinite(values[i])) continue;
      const value = Math.min(domain[1] + margin, Math.max(domain[0] - margin, values[i]!));
      [sum, weight] = [keep * sum, keep * weight];
      sums[i]! += sum + own * value;
      weights[i]! += weight + own;
      [sum, weight] = [sum + value, weight + 1];
    }
  };
  sweep(0, 1, 1);
  sweep(count - 1, -1, 0);
  return sums.map((sum, i) => sum / weights[i]!);
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

/** Notes at the edges of a plot that say how far the data goes where it leaves the axis by more than its length. */
export function beyondNotes(box: Box, y: Scale, arrays: ArrayLike<number>[]): string {
  const [lo, hi] = y.domain;
  const all = sortedFinite(...arrays);
  const [least = lo, most = hi] = [all[0], all.at(-1)];
  const note = (content: string, at: number) => text(content, box.left + 8, at, { size: 11, ink: "muted", halo: true });
  const up = most > 2 * hi - lo ? note(`↑ up to ${formatNumber(most, 2)}`, box.top + 13) : "";
  return up + (least < 2 * lo - hi ? note(`↓ down to ${formatNumber(least, 2)}`, box.top + box.height - 7) : "");
}

/** The heading of a figure: `ending` is never shortened. */
export function heading(title: string, subtitle: string | undefined, width: number, ending = ""): string {
  const room = width - 40;
  // Bold letters are wider; in the size that they are given here they are measured as regular ones.
  const fitted = fitText(title, 21, room - textWidth(ending, 21)) + ending;
  const below = subtitle ? text(fitText(subtitle, 12.5, room), 20, 53, { size: 12.5, ink: "muted" }) : "";
  return text(fitted, 20, 33, { size: 18, weight: 600 }) + below;
}

// Colours repeat after eight series; dashes tell the rounds apart.
function styles(series: LineSeries[]): { ink: Ink; dash: string | undefined }[] {
  const lone = series.filter((s) => s.dashed).length === 1;
  let next = 0;
  return series.map((s) => {
    if (s.dashed && lone) return { ink: "ink", dash: "6 4" };
    const round = Math.floor(next / SERIES_INKS.length) % 3;
    const ink = SERIES_INKS[next++ % SERIES_INKS.length]!;
    return { ink, dash: s.dashed ? "6 4" : [undefined, "2 3", "9 3 2 3"][round] };
  });
}

function legendItems(series: LineSeries[]): LegendItem[] {
  return styles(series).map((style, i) => ({
    ...style,
    name: series[i]!.name,
    mark: series[i]!.band ? "band" : "line",
  }));
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

// `column` is the width in pixels of the columns that long curves are decimated to.
function drawPanel(panel: LinesPanel, outer: Box, withLegend: boolean, column: number): string {
  const inner = { left: outer.left + 70, width: outer.width - 90 };
  const key = legend(withLegend ? legendItems(panel.series) : [], outer.left + 20, outer.top, outer.width - 40);
  const top = outer.top + key.height + 6;
  const box = { ...inner, top, height: outer.top + outer.height - 48 - top };
  const xs = panel.x.values;
  const sorted = sortedFinite(xs);
  const whole = sorted.every(Number.isInteger) ? 1 : 0;
  const x = linearScale([sorted[0] ?? 0, sorted.at(-1) ?? 1], [box.left, box.left + box.width], box.width / 80, whole);
  const bands = panel.series.flatMap((s) => (s.band ? [s.band.lo, s.band.hi] : []));
  const drawn = [...panel.series.map((s) => s.values), ...bands];
  const domain = panel.y.domain ?? robustDomain(drawn, panel.references?.map((r) => r.y) ?? [], 8);
  const y = linearScale(domain, [box.top + box.height, box.top], box.height / 50);
  const look = styles(panel.series);
  const [areas, raw, curves] = [[] as string[], [] as string[], [] as string[]];
  panel.series.forEach(({ values, band, smooth: span = 1 }, i) => {
    const { ink, dash } = look[i]!;
    if (band) areas.push(path(bandPath(xs, band.lo, band.hi, x, y, column), { fill: ink, opacity: 0.18 }));
    else if (span > 1) raw.push(rawTrace(xs, values, x, y, ink));
    const shown = span > 1 ? smooth(values, span, y.domain) : values;
    curves.push(path(linePath(xs, shown, x, y, column), { stroke: ink, dash, width: 1.75 }));
  });
  const { lines, labels } = referenceLines(panel, box, y);
  return [
    key.svg,
    axes(box, x, y, { x: panel.x.label, y: panel.y.label }),
    clipped(box, [...areas, ...raw, ...curves, lines].join("")),
    labels,
    beyondNotes(box, y, drawn),
  ].join("\n");
}

// Keeps a figure of many curves near the size of one with few.
function columnFor(panels: LinesPanel[]): number {
  const curves = panels.reduce((sum, panel) => sum + panel.series.length, 0);
  return Math.min(1.5, Math.max(1, curves / 4));
}

function describe(panel: LinesPanel): string {
  return `${panel.title}: ${panel.y.label} over ${panel.x.label}, ${panel.series.map((s) => s.name).join(", ")}.`;
}

/** A line chart with bands and reference lines as a standalone SVG. */
export function linesFigure(panel: LinesPanel, size: { width?: number; height?: number } = {}): string {
  const { width = 760, height = 420 } = size;
  const top = panel.subtitle ? 66 : 50;
  const plot = drawPanel(panel, { left: 0, top, width, height: height - top }, true, columnFor([panel]));
  const frame = { width, height, title: panel.title, description: describe(panel) };
  return figure(frame, `${heading(panel.title, panel.subtitle, width)}\n${plot}`);
}

/** Line charts in a grid as a standalone SVG; series that all panels share have one legend. */
export function panelsFigure(data: PanelsFigure, size: { width?: number; panelHeight?: number } = {}): string {
  const { title, subtitle, panels } = data;
  const columns = Math.max(1, data.columns ?? Math.min(3, Math.ceil(Math.sqrt(panels.length))));
  const { width = Math.max(480, columns * 400), panelHeight = 300 } = size;
  const names = panels.map((panel) => JSON.stringify(panel.series.map((s) => s.name)));
  const shared = new Set(names).size === 1;
  const key = legend(shared ? legendItems(panels[0]!.series) : [], 20, subtitle ? 64 : 46, width - 40);
  const top = (subtitle ? 64 : 46) + key.height;
  const cell = width / columns;
  const plots = panels.map((panel, i) => {
    const [left, up] = [(i % columns) * cell, top + Math.floor(i / columns) * panelHeight];
    const caption = [panel.title, panel.subtitle].filter(Boolean).join(", ");
    const label = text(fitText(caption, 13, cell - 90), left + 70, up + 20, { size: 13, weight: 600 });
    const outer = { left, top: up + 28, width: cell, height: panelHeight - 28 };
    return label + drawPanel(panel, outer, !shared, columnFor(panels));
  });
  const height = top + Math.ceil(panels.length / columns) * panelHeight + 6;
  return figure(
    { width, height, title, description: panels.map(describe).join(" ") },
    `${heading(title, subtitle, width)}${key.svg}\n${plots.join("\n")}`,
  );
}
