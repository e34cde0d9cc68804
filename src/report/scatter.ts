/** The rows of two columns as points, or as counted squares where both are categories, coloured by pointwise MI. */
import { linearScale, type Scale } from "./scales.ts";
import { axes, type Box, figure, px, text } from "./svg.ts";
import { fitText, formatNumber, fromNats, textWidth, type Unit } from "./text.ts";

/** One axis of a scatter plot. */
export interface ScatterSide {
  name: string;
  /** One finite number per row; of a category a code. */
  values: ArrayLike<number>;
  /** What the codes of a category stand for; absent for numbers. */
  levels?: readonly string[] | undefined;
  /** The numbers are days since 1970-01-01. */
  isDate?: boolean | undefined;
}

/** What {@link scatterFigure} draws. */
export interface ScatterFigure {
  title: string;
  x: ScatterSide;
  y: ScatterSide;
  /** Of each row, nats; without them, and where one is NaN, dots have no colour. */
  pointwise?: ArrayLike<number> | undefined;
  unit: Unit;
  width?: number;
  height?: number;
}

/** Nats that get the full colour. */
const REACH = 2;
/** Steps of colour, from what chance alone would rather make to what it would rather not. */
const STEPS = 9;
const MIDDLE = (STEPS - 1) / 2;
/** Categories that get a band of their own; the rest of them, the rarest, share the last. */
const MOST_BANDS = 24;

type Rgb = readonly [number, number, number];
const ENDS: readonly (readonly [cold: Rgb, grey: Rgb, warm: Rgb])[] = [
  [
    [0, 90, 200],
    [150, 158, 168],
    [205, 70, 0],
  ],
  [
    [88, 166, 255],
    [110, 118, 129],
    [255, 138, 61],
  ],
];

/** The colour of a step in light or dark. */
function colourOf(step: number, scheme: 0 | 1): string {
  const [cold, grey, warm] = ENDS[scheme]!;
  const share = Math.abs(step - MIDDLE) / MIDDLE;
  const end = step < MIDDLE ? cold : warm;
  const parts = grey.map((from, i) => Math.round(from + (end[i]! - from) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

const steps = Array.from({ length: STEPS }, (_, step) => step);
const rampOf = (scheme: 0 | 1) => steps.map((step) => `--t${step}:${colourOf(step, scheme)}`).join(";");

/** The rules of the colours of {@link scatterFigure}, which belong beside those of every figure. */
export const RAMP_STYLE = `.remine{${rampOf(0)}}@media (prefers-color-scheme:dark){.remine{${rampOf(1)}}}${steps
  .map((step) => `.remine .t${step}{stroke:var(--t${step})}.remine .a${step}{fill:var(--t${step})}`)
  .join("")}`;

const stepOf = (nats: number | undefined): number =>
  nats === undefined || Number.isNaN(nats)
    ? MIDDLE
    : Math.round(MIDDLE + MIDDLE * Math.max(-1, Math.min(1, nats / REACH)));

/** Where values lie along an axis; of a category the middle of its band. */
interface Axis {
  scale: Scale;
  /** The place of a value among the scale's own. */
  of: (value: number) => number;
  /** Pixels of a category's band; of numbers 0. */
  band: number;
}

/** Both axes, as they stand in a box. */
function axisOf(side: ScatterSide, range: readonly [number, number], most: number): Axis {
  if (side.levels) return bands(side, side.levels, range, most);
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < side.values.length; i++) {
    lo = Math.min(lo, side.values[i]!);
    hi = Math.max(hi, side.values[i]!);
  }
  const room = 0.03 * (hi - lo);
  const scale = linearScale([lo - room, hi + room], range, most);
  return { scale: side.isDate ? ofDates(scale) : scale, of: (value) => value, band: 0 };
}

const day = (days: number) => {
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 10);
};

/** Ticks where years begin if there are some, or else at days. */
function ofDates(scale: Scale): Scale {
  const [lo, hi] = scale.domain;
  const [first, last] = [lo, hi].map((days) => new Date(days * 86_400_000).getUTCFullYear()) as [number, number];
  if (!(last - first >= 2)) return { ...scale, label: day };
  const every = Math.max(1, Math.ceil((last - first) / 6));
  const years = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((year) => year % every === 0);
  const ticks = years.map((year) => Date.UTC(year, 0, 1) / 86_400_000).filter((tick) => tick >= lo && tick <= hi);
  return { ...scale, ticks, label: (tick) => day(tick).slice(0, 4) };
}

/** The categories that the rows have, in their order; the rarest of many together. */
function bands(side: ScatterSide, levels: readonly string[], range: readonly [number, number], most: number): Axis {
  const counts = new Map<number, number>();
  for (let i = 0; i < side.values.length; i++) counts.set(side.values[i]!, (counts.get(side.values[i]!) ?? 0) + 1);
  const codes = [...counts.keys()].sort((a, b) => a - b);
  const kept = codes.length <= MOST_BANDS ? codes : frequent(counts, codes);
  const place = new Map(kept.map((code, i) => [code, i]));
  const rest = codes.length - kept.length;
  const names = kept.map((code) => levels[code] ?? String(code));
  if (rest > 0) names.push(`${rest} others`);
  const band = Math.abs(range[1] - range[0]) / names.length;
  const scale = linearScale([-0.5, names.length - 0.5], range, 5);
  const every = range[0] < range[1] ? Math.ceil(names.length / Math.max(1, most)) : Math.ceil(14 / band);
  const ticks = names.map((_, i) => i).filter((i) => i % every === 0);
  const width = range[0] < range[1] ? every * band - 6 : 110;
  const label = (tick: number) => fitText(names[tick] ?? "", 11, width);
  return { scale: { ...scale, ticks, label }, of: (code) => place.get(code) ?? kept.length, band };
}

function frequent(counts: ReadonlyMap<number, number>, codes: readonly number[]): number[] {
  const by = codes.toSorted((a, b) => counts.get(b)! - counts.get(a)! || a - b);
  return by.slice(0, MOST_BANDS - 1).sort((a, b) => a - b);
}

/** Where in its band a row's point lies, −.35 to .35: by a hash, so that rows in order make no pattern. */
function jitter(row: number, axis: 0 | 1): number {
  let h = Math.imul(2 * row + axis + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return 0.7 * (((h ^ (h >>> 16)) >>> 0) / 2 ** 32 - 0.5);
}

/** Dots in the colour of each row, the greyest first. */
function points({ x, y, pointwise }: ScatterFigure, across: Axis, up: Axis): string {
  const rows = Math.min(x.values.length, y.values.length);
  const paths = steps.map(() => new Set<string>());
  for (let i = 0; i < rows; i++) {
    const left = across.scale.at(across.of(x.values[i]!)) + across.band * jitter(i, 0);
    const top = up.scale.at(up.of(y.values[i]!)) + up.band * jitter(i, 1);
    paths[stepOf(pointwise?.[i])]!.add(`M${Math.round(left * 5) / 5} ${Math.round(top * 5) / 5}h.01`);
  }
  const size = rows > 1500 ? 3.4 : rows > 500 ? 4.2 : 5;
  const order = steps.toSorted((a, b) => Math.abs(a - MIDDLE) - Math.abs(b - MIDDLE));
  return order
    .filter((step) => paths[step]!.size > 0)
    .map(
      (step) =>
        `<path d="${[...paths[step]!].join("")}" fill="none" stroke="${colourOf(step, 0)}" class="t${step}" stroke-width="${size}" stroke-linecap="round" stroke-opacity=".8"/>`,
    )
    .join("");
}

/** How many rows have each two categories, as the area of a square in the colour of their mean. */
function squares({ x, y, pointwise }: ScatterFigure, across: Axis, up: Axis): string {
  const cells = new Map<string, { left: number; top: number; count: number; sum: number }>();
  for (let i = 0; i < Math.min(x.values.length, y.values.length); i++) {
    const [left, top] = [across.scale.at(across.of(x.values[i]!)), up.scale.at(up.of(y.values[i]!))];
    const cell = cells.get(`${left} ${top}`) ?? { left, top, count: 0, sum: 0 };
    cell.count++;
    cell.sum += pointwise?.[i] ?? Number.NaN;
    cells.set(`${left} ${top}`, cell);
  }
  const most = [...cells.values()].reduce((largest, { count }) => Math.max(largest, count), 1);
  const room = Math.min(across.band, up.band);
  return [...cells.values()]
    .map(({ left, top, count, sum }) => {
      const side = 0.92 * room * Math.sqrt(count / most);
      const step = stepOf(sum / count);
      const square = `M${px(left - side / 2)} ${px(top - side / 2)}h${px(side)}v${px(side)}h${px(-side)}z`;
      const shape = `<path d="${square}" fill="${colourOf(step, 0)}" class="a${step}"/>`;
      if (room < 22) return shape;
      const inside = side > textWidth(String(count), 11) + 6;
      return (
        shape +
        text(String(count), left, inside ? top + 4 : top + side / 2 + 11, { size: 11, anchor: "middle", halo: true })
      );
    })
    .join("");
}

/** The scale of colour, below the plot. */
function key(left: number, top: number, unit: Unit): string {
  const swatch = 13;
  const bars = steps.map(
    (step) =>
      `<path d="M${px(left + step * swatch)} ${px(top)}h${swatch}v9h${-swatch}z" fill="${colourOf(step, 0)}" class="a${step}"/>`,
  );
  const small = { size: 10.5, ink: "muted" } as const;
  const reach = formatNumber(fromNats(REACH, unit), 2);
  const end = left + STEPS * swatch;
  return [
    ...bars,
    text(`−${reach}`, left - 5, top + 9, { ...small, anchor: "end" }),
    text(`+${reach} ${unit} of pointwise MI`, end + 5, top + 9, small),
  ].join("");
}

/** The rows of two columns as an SVG; its colours need {@link RAMP_STYLE} to follow the reader's scheme. */
export function scatterFigure(data: ScatterFigure): string {
  const { x, y, pointwise, unit, title, width = 460, height = 380 } = data;
  const box: Box = { left: 60, top: 14, width: width - 76, height: height - 14 - (pointwise ? 74 : 52) };
  const upwards = [box.top + box.height, box.top] as const;
  const first = axisOf(y, upwards, box.height / 46);
  const widest = Math.max(0, ...first.scale.ticks.map((tick) => textWidth(first.scale.label(tick), 11)));
  box.left = Math.min(0.4 * width, widest + 40);
  box.width = width - box.left - 16;
  const across = axisOf(x, [box.left, box.left + box.width], Math.max(2, Math.floor(box.width / 74)));
  const both = x.levels !== undefined && y.levels !== undefined;
  const frame = axes(box, across.scale, first.scale, { x: x.name, y: y.name });
  const body = both ? squares(data, across, first) : points(data, across, first);
  const rows = Math.min(x.values.length, y.values.length);
  const description = `${both ? "Counted squares" : "Scatter plot"} of ${rows} rows: ${fitText(x.name, 12, 400)} across, ${fitText(y.name, 12, 400)} upwards${pointwise ? ", coloured by pointwise mutual information" : ""}.`;
  const scale = pointwise ? key(box.left + 26, height - 18, unit) : "";
  return figure({ width, height, title, description }, [frame, body, scale].join("\n"));
}
