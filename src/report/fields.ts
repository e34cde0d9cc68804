/** Filled contours of functions over the plane, panel by panel on one scale of colour. */
import { contours } from "d3-contour";
import { clipped, heading, panelGrid } from "./lines.ts";
import { linearScale, type Scale } from "./scales.ts";
import {
  axes,
  type Box,
  dots,
  figure,
  type Ink,
  type LegendItem,
  legend,
  type Point,
  path,
  px,
  runsPath,
  text,
} from "./svg.ts";
import { fitText, formatNumber, textWidth } from "./text.ts";
import { robustDomain, sortedFinite } from "./values.ts";

/** Places in the plane, by name: those of one name look alike in all panels. */
export interface FieldMarks {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  ink?: Ink;
}

/** A function over a rectangle, and what lies on it. */
export interface FieldPanel {
  title: string;
  subtitle?: string;
  x: { label: string; domain: readonly [number, number] };
  y: { label: string; domain: readonly [number, number] };
  /**
   * Values on a regular grid that spans both domains, whose ends are grid points too: row by row, the first at the least y.
   * Non-finite values are gaps.
   */
  field: { columns: number; rows: number; values: ArrayLike<number> };
  /** Curves over the field, such as the path of a training run, from a dot to a ring. Non-finite points interrupt them. */
  paths?: FieldMarks[];
  /** Scattered points. */
  points?: FieldMarks[];
}

/** What {@link fieldsFigure} draws. */
export interface FieldsFigure {
  title: string;
  subtitle?: string;
  panels: FieldPanel[];
  /** Panels per row. */
  columns?: number;
  /** What the field is, for the scale of colour, such as "loss, nats". */
  scale: string;
  /** What the colours span, in all panels; without it, the bulk of all values. Beyond it, colours stay those of its ends. */
  domain?: readonly [number, number];
  /** A value, such as 0, on whose two sides colours differ in hue. */
  middle?: number;
}

/** A step of colour, which lies on those before it: it covers what is above its level, or below it. */
interface Layer {
  /** Infinite where all is covered. */
  level: number;
  side: "above" | "below";
  ink: Ink;
  opacity: number;
}

const LEVELS = 12;
/** At this share of the steps a hue is full; those after it go on towards the colour of text. */
const FULL = 0.7;
const FAINTEST = 0.06;
/** What marks take; on a field of two hues, not that of one of them. */
const INKS: Ink[] = ["vermillion", "ink", "green", "purple", "orange"];
/** Of a curve; with more, those close to others are left out. */
const MOST_POINTS = 1500;
const SCALE_ROOM = 100;
const ISOLINE = { stroke: "ink", width: 0.6, strokeOpacity: 0.22 } as const;

/**
 * The layers of one side, the shares of whose depths go from `first / last` up to 1. Each adds what its step is deeper than
 * the one before: of the hue, and then of the colour of text over it.
 */
function layersOn(side: Layer["side"], levels: number[], hue: Ink, first: number, last: number): Layer[] {
  const full = last < 5 ? 1 : FULL;
  let shown = { hue: 0, ink: 0 };
  return levels.map((level, step) => {
    const share = (first + step) / last;
    const deep = share > full;
    const next = {
      hue: Math.min(1, FAINTEST + ((1 - FAINTEST) * share) / full),
      ink: deep ? (0.6 * (share - full)) / (1 - full) : 0,
    };
    const over = deep ? "ink" : "hue";
    const opacity = (next[over] - shown[over]) / (1 - shown[over]);
    shown = next;
    return { level, side, ink: deep ? "ink" : hue, opacity: Math.round(opacity * 1000) / 1000 };
  });
}

function layersOf(scale: Scale, middle: number | undefined): Layer[] {
  const [lo, hi] = scale.domain;
  const [first = lo, second = hi] = scale.ticks;
  const levels = scale.ticks.filter((tick) => tick > lo && tick < hi);
  if (middle === undefined) {
    const all = [Number.NEGATIVE_INFINITY, ...levels];
    return layersOn("above", all, "blue", 0, Math.max(1, levels.length));
  }
  const apart = levels.filter((level) => Math.abs(level - middle) > (second - first) / 4);
  const up = [middle, ...apart.filter((level) => level > middle)];
  const down = [Number.POSITIVE_INFINITY, ...apart.filter((level) => level < middle).reverse()];
  const last = Math.max(up.length, down.length);
  // The hue of below is everywhere at first, and then put away above, so that no seam is left between the two.
  return [
    ...layersOn("below", down, "blue", 1, last),
    { level: middle, side: "above", ink: "paper", opacity: 1 },
    ...layersOn("above", up, "vermillion", 1, last),
  ];
}

/** Values with gaps closed from beside them, so that contours run up to a gap, and 1 where those gaps are. */
function closed({ columns, rows, values }: FieldPanel["field"]): { values: number[]; gaps: number[] } {
  const whole = Array.from({ length: columns * rows }, (_, i) => values[i] ?? Number.NaN);
  const gaps = whole.map((value) => (Number.isFinite(value) ? 0 : 1));
  const close = (i: number, by: number) => {
    if (Number.isFinite(whole[i])) return;
    const beside = Math.floor((i + by) / columns) === Math.floor(i / columns) ? whole[i + by] : Number.NaN;
    whole[i] = Number.isFinite(beside) ? beside! : (whole[i + by * columns] ?? Number.NaN);
  };
  for (let i = 0; i < whole.length; i++) close(i, -1);
  for (let i = whole.length - 1; i >= 0; i--) close(i, 1);
  return { values: whole, gaps };
}

const styleOf = ({ level, ink, opacity }: Layer) => ({
  fill: ink,
  opacity,
  ...(Number.isFinite(level) && ink !== "paper" ? ISOLINE : {}),
});

/** Path data of where values reach a level. At the ends of the grid it sticks out by half a cell, to be cut off. */
type Region = (values: number[], level: number) => string;

function regionsOf({ x: across, y: up, field }: FieldPanel, x: Scale, y: Scale): Region {
  const { columns, rows } = field;
  const between = (scale: Scale, [from, to]: readonly [number, number], share: number) =>
    scale.at(from) + share * (scale.at(to) - scale.at(from));
  const place = (at: number[]): Point => [
    between(x, across.domain, (at[0]! - 0.5) / (columns - 1)),
    between(y, up.domain, (at[1]! - 0.5) / (rows - 1)),
  ];
  const grid = contours().size([columns, rows]);
  return (values, level) => {
    const rings = grid.contour(values, level).coordinates.flat();
    return runsPath(rings.map((ring) => ring.map(place)));
  };
}

function drawField(panel: FieldPanel, { left, top, width, height }: Box, x: Scale, y: Scale, layers: Layer[]): string {
  const { columns, rows } = panel.field;
  const { values, gaps } = closed(panel.field);
  const everywhere = `M${px(left)} ${px(top)}h${px(width)}v${px(height)}H${px(left)}z`;
  if (columns < 2 || rows < 2 || !gaps.includes(0)) return path(everywhere, { fill: "grid" });
  const region = regionsOf(panel, x, y);
  const turned = values.map((value) => -value);
  const steps = layers.map((layer) => {
    const { level, side } = layer;
    if (!Number.isFinite(level)) return path(everywhere, styleOf(layer));
    return path(side === "above" ? region(values, level) : region(turned, -level), styleOf(layer));
  });
  // A contour of where gaps are: it reaches almost to the values beside them.
  const holes = gaps.includes(1) ? path(region(gaps, 0.001), { fill: "grid" }) : "";
  return [path(everywhere, { fill: "paper" }), ...steps, holes].join("");
}

/** A curve as runs of points in pixels; of many points, those are left out that are close to the one before. */
function trail({ x: xs, y: ys }: FieldMarks, x: Scale, y: Scale): Point[][] {
  const thinned = (apart: number): Point[][] => {
    const runs: Point[][] = [[]];
    for (let i = 0; i < Math.min(xs.length, ys.length); i++) {
      const run = runs.at(-1)!;
      if (!Number.isFinite(xs[i]! + ys[i]!)) {
        if (run.length) runs.push([]);
        continue;
      }
      const next: Point = [x.at(xs[i]!), y.at(ys[i]!)];
      const last = run.at(-1);
      if (!last || Math.hypot(next[0] - last[0], next[1] - last[1]) >= apart) run.push(next);
    }
    return runs;
  };
  let apart = 0.4;
  let runs = thinned(apart);
  while (apart < 50 && runs.reduce((sum, run) => sum + run.length, 0) > MOST_POINTS) {
    apart *= 2;
    runs = thinned(apart);
  }
  return runs;
}

/** The first and the last point of a curve that are finite, as marks of one point each. */
function endsOf({ x, y }: FieldMarks): { x: number[]; y: number[] }[] {
  const finite = Array.from(x).flatMap((value, i) => (Number.isFinite(value + (y[i] ?? Number.NaN)) ? [i] : []));
  return [finite[0], finite.at(-1)].flatMap((i) => (i === undefined ? [] : [{ x: [x[i]!], y: [y[i]!] }]));
}

function drawTrail(marks: FieldMarks, ink: Ink, x: Scale, y: Scale): string {
  const d = runsPath(trail(marks, x, y));
  const [start, end] = endsOf(marks);
  return [
    path(d, { stroke: "paper", width: 4, opacity: 0.75 }),
    path(d, { stroke: ink, width: 1.75 }),
    start ? dots(start.x, start.y, x, y, ink, 6) : "",
    end ? dots(end.x, end.y, x, y, ink, 10) + dots(end.x, end.y, x, y, "paper", 5) : "",
  ].join("");
}

/** One entry for each name. */
function legendItems({ panels, middle }: FieldsFigure): LegendItem[] {
  const free = INKS.filter((ink) => middle === undefined || ink !== "vermillion");
  const marks = [
    ...panels.flatMap(({ paths = [] }) => paths.map((each) => ({ ...each, mark: "line" as const }))),
    ...panels.flatMap(({ points = [] }) => points.map((each) => ({ ...each, mark: "dot" as const }))),
  ];
  const items = new Map<string, LegendItem>();
  let next = 0;
  for (const { name, mark } of marks) {
    if (items.has(name)) continue;
    const asked = marks.find((each) => each.name === name && each.ink)?.ink;
    items.set(name, { name, mark, ink: asked ?? free[next++ % free.length]! });
  }
  return [...items.values()];
}

function drawPanel(panel: FieldPanel, outer: Box, layers: Layer[], inks: Map<string, Ink>): string {
  const box = { left: outer.left + 70, top: outer.top + 6, width: outer.width - 90, height: outer.height - 54 };
  const x = linearScale(panel.x.domain, [box.left, box.left + box.width], box.width / 60);
  const y = linearScale(panel.y.domain, [box.top + box.height, box.top], box.height / 50);
  const { paths = [], points = [] } = panel;
  const plane = [
    drawField(panel, box, x, y, layers),
    ...points.map((marks) => dots(marks.x, marks.y, x, y, inks.get(marks.name)!, 3)),
    ...paths.map((marks) => drawTrail(marks, inks.get(marks.name)!, x, y)),
  ];
  return `${axes(box, x, y, { x: panel.x.label, y: panel.y.label })}\n${clipped(box, plane.join(""))}`;
}

/** The colours from least to most; a tip at an end says that values go on beyond it, and how far. */
function colourScale(bar: Box, scale: Scale, layers: Layer[], name: string, values: Float64Array): string {
  const [bottom, right] = [bar.top + bar.height, bar.left + bar.width];
  const [least = scale.domain[0], most = scale.domain[1]] = [values[0], values.at(-1)];
  const [under, over] = [least < scale.domain[0], most > scale.domain[1]];
  const tip = (end: number, by: number) => `L${px(bar.left + bar.width / 2)} ${px(end + by)}`;
  const [up, down] = [over ? tip(bar.top, -9) : "", under ? tip(bottom, 9) : ""];
  const parts = layers.map((layer) => {
    const at = Math.min(bottom, Math.max(bar.top, scale.at(layer.level)));
    const [end, peak, foot] = layer.side === "above" ? [bar.top, up, down] : [bottom, down, up];
    const base = Number.isFinite(layer.level) ? "" : foot;
    const d = `M${px(right)} ${px(at)}${base}L${px(bar.left)} ${px(at)}V${px(end)}${peak}L${px(right)} ${px(end)}z`;
    return path(d, { fill: layer.ink, opacity: layer.opacity });
  });
  const edges = scale.ticks.map((tick) => `M${px(bar.left)} ${px(scale.at(tick))}h${px(bar.width)}`).join("");
  const small = { size: 11, ink: "muted" } as const;
  const labels = scale.ticks.map((tick) => text(scale.label(tick), right + 6, scale.at(tick) + 4, small));
  const widest = Math.max(0, ...scale.ticks.map((tick) => textWidth(scale.label(tick), 11)));
  const title = text(fitText(name, 12, bar.height), right + widest + 26, bar.top + bar.height / 2, {
    anchor: "middle",
    ink: "muted",
    upright: true,
  });
  const note = (way: string, value: number, at: number) =>
    text(`${way} to ${formatNumber(value, 2).replace("-", "−")}`, bar.left, at, small);
  const notes = (over ? note("up", most, bar.top - 14) : "") + (under ? note("down", least, bottom + 22) : "");
  return [...parts, path(edges, ISOLINE), ...labels, notes, title].join("");
}

function describe({ title, x, y, paths = [], points = [] }: FieldPanel): string {
  const marks = [...paths, ...points].map(({ name }) => name);
  return `${title}: over ${x.label} and ${y.label}${marks.length ? `, with ${marks.join(", ")}` : ""}.`;
}

/** Functions over the plane in a grid of panels as a standalone SVG: filled contours with one scale of colour. */
export function fieldsFigure(data: FieldsFigure, size: { width?: number; panelHeight?: number } = {}): string {
  const { title, subtitle, panels, middle } = data;
  const columns = Math.max(
    1,
    data.columns ?? (panels.length < 4 ? panels.length : Math.ceil(Math.sqrt(panels.length))),
  );
  const { width = Math.max(480, columns * 340 + SCALE_ROOM), panelHeight = 340 } = size;
  const items = legendItems(data);
  const inks = new Map(items.map(({ name, ink }) => [name, ink]));
  const key = legend(items, 20, subtitle ? 64 : 46, width - 40);
  const top = (subtitle ? 64 : 46) + key.height;
  const values = panels.map(({ field }) => field.values);
  const domain = data.domain ?? robustDomain(values, middle === undefined ? [] : [middle], 4, 0);
  const bar = { left: width - SCALE_ROOM + 6, top: top + 34, width: 14, height: panelHeight - 82 };
  const scale = linearScale(domain, [bar.top + bar.height, bar.top], LEVELS);
  const layers = layersOf(scale, middle);
  const place = { top, columns, width: width - SCALE_ROOM, panelHeight };
  const plots = panelGrid(panels, place, (panel, outer) => drawPanel(panel, outer, layers, inks));
  const range = scale.domain.map((end) => formatNumber(end, 2)).join(" to ");
  return figure(
    {
      width,
      height: top + Math.max(panelHeight, plots.height) + 6,
      title,
      description: `Contours of ${data.scale}, from ${range}. ${panels.map(describe).join(" ")}`,
    },
    [
      heading(title, subtitle, width),
      key.svg,
      plots.svg,
      colourScale(bar, scale, layers, data.scale, sortedFinite(...values)),
    ].join("\n"),
  );
}
