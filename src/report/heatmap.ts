/** The picture of a matrix: MI above the diagonal, below it what Pearson's correlation alone would tell. */
import { asCorrelation } from "../math/scale.ts";
import { heading } from "./lines.ts";
import { figure, path, px, text } from "./svg.ts";
import { fitText, formatNumber, fromNats, textWidth, type Unit } from "./text.ts";

/** What {@link heatmapFigure} draws. Square matrices are row-major and symmetric; NaN is drawn as empty. */
export interface HeatmapFigure {
  title: string;
  subtitle?: string;
  unit: Unit;
  columns: readonly string[];
  /** Mutual information, nats. */
  mi: Float64Array;
  /** Pearson's correlation. */
  pearson: Float64Array;
  /** Draw MI as the correlation of two normals with as much, from 0 to 1. */
  normalize?: boolean;
}

/** What cells show of nats, and what that is called. */
interface Scale {
  of: (nats: number) => number;
  name: string;
}

/** More columns than this would be dust: those with the strongest pairs are drawn. */
const MOST_COLUMNS = 100;
const SHADES = 32;

/** What the MI of two jointly normal variables would be: −½ ln(1 − r²), nats. */
export const normalMi = (r: number): number => -0.5 * Math.log1p(-Math.min(1, r * r));

/**
 * The order of the leaves of a tree by average linkage: the two groups whose members share most information, on average,
 * are joined until one is left, each turned so that the ends that meet share most.
 */
export function clusterOrder(size: number, similarity: (a: number, b: number) => number): number[] {
  const groups = Array.from({ length: size }, (_, i) => [i]);
  const means = groups.map((_, a) => groups.map((_, b) => similarity(a, b)));
  const alive = groups.map((_, i) => i);
  while (alive.length > 1) {
    let [best, a, b] = [Number.NEGATIVE_INFINITY, alive[0]!, alive[1]!];
    for (const [i, u] of alive.entries()) {
      for (const v of alive.slice(i + 1)) if (means[u]![v]! > best) [best, a, b] = [means[u]![v]!, u, v];
    }
    const [left, right] = [groups[a]!, groups[b]!];
    for (const c of alive) {
      const mean = (means[a]![c]! * left.length + means[b]![c]! * right.length) / (left.length + right.length);
      means[a]![c] = mean;
      means[c]![a] = mean;
    }
    groups[a] = joined(left, right, similarity);
    alive.splice(alive.indexOf(b), 1);
  }
  return groups[alive[0] ?? 0] ?? [];
}

function joined(left: number[], right: number[], similarity: (a: number, b: number) => number): number[] {
  const turns = [left, left.toReversed()].flatMap((l) => [right, right.toReversed()].map((r) => ({ l, r })));
  const touch = ({ l, r }: { l: number[]; r: number[] }) => similarity(l.at(-1)!, r[0]!);
  const { l, r } = turns.reduce((best, turn) => (touch(turn) > touch(best) ? turn : best));
  return [...l, ...r];
}

/**
 * Mutual information of all pairs as a standalone SVG: above the diagonal as estimated, below it what it would be if the
 * two were jointly normal, on one scale of colour. Where the halves differ, the dependence is no straight line.
 */
export const heatmapFigure = (data: HeatmapFigure): string => heatmapDrawing(data).svg;

/** A heatmap, and where its cells are. */
export interface HeatmapDrawing {
  svg: string;
  /** The columns that are drawn, by their places, from left to right and from top to bottom. */
  order: number[];
  /** The corner of the first cell and the side of each, in the picture's own pixels. */
  left: number;
  top: number;
  cell: number;
}

/** The picture of {@link heatmapFigure} with the places of its cells. */
export function heatmapDrawing(data: HeatmapFigure): HeatmapDrawing {
  const { unit, columns, normalize } = data;
  const scale: Scale = normalize
    ? { of: asCorrelation, name: "r" }
    : { of: (nats) => fromNats(Math.max(0, nats), unit), name: unit };
  const all = columns.length;
  const shown = strongest(data);
  const finite = shown.flatMap((a) => shown.map((b) => data.mi[a * all + b]!)).filter(Number.isFinite);
  const largest = finite.reduce((most, value) => Math.max(most, value), 0) || 1;
  const similarity = (a: number, b: number) => {
    const value = data.mi[a * all + b]!;
    return Number.isNaN(value) ? 0 : Math.min(Math.max(0, value), 2 * largest);
  };
  const order = clusterOrder(shown.length, (a, b) => similarity(shown[a]!, shown[b]!)).map((i) => shown[i]!);

  const cell = Math.max(9, Math.min(46, 640 / order.length));
  const size = Math.min(12, cell - 1);
  const labels = order.map((c) => fitText(columns[c]!, size, 150));
  const room = Math.max(30, ...labels.map((label) => textWidth(label, size))) + 10;
  const [left, top] = [20 + room, 74 + room];
  const extent = cell * order.length;
  const width = Math.max(560, left + extent + 130);
  const height = Math.max(top + extent + 50, top + 200);

  const shades = Array.from({ length: SHADES + 1 }, () => "");
  let [empty, numbers] = ["", ""];
  for (const [row, a] of order.entries()) {
    for (const [column, b] of order.entries()) {
      const at = a * all + b;
      const value = column > row ? data.mi[at]! : column < row ? normalMi(data.pearson[at]!) : Number.NaN;
      const [x, y] = [left + column * cell, top + row * cell];
      const square = `M${px(x + 0.5)} ${px(y + 0.5)}h${px(cell - 1)}v${px(cell - 1)}h${px(1 - cell)}z`;
      if (Number.isNaN(value)) {
        empty += square;
        continue;
      }
      const shade = Math.sqrt(Math.min(1, scale.of(value) / scale.of(largest)));
      shades[Math.round(shade * SHADES)] += square;
      if (cell < 34) continue;
      const shownValue = Number.isFinite(value) || normalize ? scale.of(value).toFixed(2) : "∞";
      const style = { size: 11, anchor: "middle", ink: shade > 0.6 ? "paper" : "ink" } as const;
      numbers += text(shownValue, x + cell / 2, y + cell / 2 + 4, style);
    }
  }
  const small = { size, ink: "muted" } as const;
  const hidden = all - order.length;
  const content = [
    heading(
      data.title,
      [data.subtitle, hidden ? `${hidden} weaker columns not drawn` : ""].filter(Boolean).join(", "),
      width,
    ),
    path(empty, { fill: "grid" }),
    ...shades.map((d, i) => path(d, { fill: "blue", opacity: opacityOf(i / SHADES) })),
    numbers,
    ...labels.map((label, i) => text(label, left - 6, top + (i + 0.5) * cell + size / 3, { ...small, anchor: "end" })),
    ...labels.map((label, i) => text(label, left + (i + 0.5) * cell + size / 3, top - 6, { ...small, upright: true })),
    colourScale(left + extent + 24, top, scale.of(largest), scale.name),
    text(
      `above the diagonal: mutual information${normalize ? ", as the r of two normals" : ""}`,
      left,
      top + extent + 20,
      { ink: "muted" },
    ),
    text("below: what it would be, by Pearson's r, if jointly normal", left, top + extent + 37, { ink: "muted" }),
  ].join("\n");
  const description = `Heatmap of the mutual information between ${order.length} columns; the largest is ${formatNumber(fromNats(largest, unit), 3)} ${unit}.`;
  return { svg: figure({ width, height, title: data.title, description }, content), order, left, top, cell };
}

/** Faint at 0, so that an estimate of 0 still differs from an empty cell. */
const opacityOf = (shade: number) => Math.round((0.04 + 0.96 * shade) * 100) / 100;

/** The columns to draw: those with the strongest pair. */
function strongest({ columns, mi }: HeatmapFigure): number[] {
  const everyone = [...columns.keys()];
  if (everyone.length <= MOST_COLUMNS) return everyone;
  const best = everyone.map((a) =>
    everyone.reduce((most, b) => Math.max(most, mi[a * columns.length + b]! || 0), Number.NEGATIVE_INFINITY),
  );
  return everyone.toSorted((a, b) => best[b]! - best[a]! || a - b).slice(0, MOST_COLUMNS);
}

/** Shades go with the square root, so that weak dependence is told from none. */
function colourScale(left: number, top: number, largest: number, name: string): string {
  const [steps, height, width] = [24, 160, 16];
  const bars = Array.from({ length: steps }, (_, i) => {
    const y = top + height - ((i + 1) * height) / steps;
    const d = `M${px(left)} ${px(y)}h${width}v${px(height / steps)}h${-width}z`;
    return path(d, { fill: "blue", opacity: opacityOf((i + 0.5) / steps) });
  });
  const marks = [0, 0.0625, 0.25, 0.5625, 1].map((share) => {
    const y = top + height * (1 - Math.sqrt(share));
    return text(formatNumber(share * largest, 2), left + width + 6, y + 4, { size: 11, ink: "muted" });
  });
  return [text(name, left, top - 8, { size: 11, ink: "muted" }), ...bars, ...marks].join("");
}
