/** The picture of an estimate: its curve and the histogram of pointwise MI. */
import { beyondNotes, clipped, heading, rawTrace } from "./lines.ts";
import { linearScale, type Scale } from "./scales.ts";
import type { Box, LegendItem } from "./svg.ts";
import { axes, dots, figure, legend, linePath, path, px, text } from "./svg.ts";
import { formatEstimate, formatNumber, fromNats, type Unit } from "./text.ts";
import { quantile, robustDomain, smooth, sortedFinite } from "./values.ts";

/** What {@link estimateFigure} draws. Every value is in nats; `unit` is the unit in which they are shown. */
export interface EstimateFigure {
  /** The quantity, such as `I(day_of_year; temp_max)`; its value and interval are added. */
  title: string;
  /** Estimator, rows, adapter. */
  subtitle?: string;
  unit: Unit;
  curve: {
    step: ArrayLike<number>;
    /** Mean critic output over joint pairs. */
    joint: ArrayLike<number>;
    /** Log of the mean of e^T over marginal pairs. */
    logPartition: ArrayLike<number>;
    estimate: ArrayLike<number>;
  };
  /** Of a conditional MI: the names of the two MI whose difference it is. They are drawn as `joint` and `logPartition`. */
  terms?: readonly [string, string];
  /** Estimates on rows that were held out to choose when to stop. */
  validation?: { step: ArrayLike<number>; estimate: ArrayLike<number> };
  estimate: number;
  interval: [number, number];
  /** The known value, for synthetic data. */
  truth?: number;
  /** Pointwise MI of held-out rows. */
  scores: ArrayLike<number>;
}

/** Equal bins over most of a sample; `outside` counts the values that no bin holds. */
export interface Histogram {
  edges: Float64Array;
  counts: Float64Array;
  outside: number;
}

const MAX_BINS = 60;

/** A histogram with the bin width of Freedman and Diaconis, at most 60 bins; distant outliers are only counted. */
export function histogram(values: ArrayLike<number>): Histogram {
  const sorted = sortedFinite(values);
  if (sorted.length === 0) return { edges: new Float64Array(1), counts: new Float64Array(0), outside: 0 };
  const [q1, q3] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const spread = q3 - q1;
  const fence = spread > 0 ? 6 * spread : Number.POSITIVE_INFINITY;
  const bulk = sorted.filter((value) => value >= q1 - fence && value <= q3 + fence);
  let [lo, hi] = [bulk[0]!, bulk.at(-1)!];
  // Rounding noise around one value is not a distribution.
  if (!(hi - lo > 1e-6 * Math.max(1, Math.abs(hi)))) [lo, hi] = [lo - 0.5, hi + 0.5];
  const rule = spread > 0 ? (2 * spread) / Math.cbrt(sorted.length) : (hi - lo) / (Math.log2(sorted.length) + 1);
  const bins = Math.max(1, Math.min(MAX_BINS, Math.ceil((hi - lo) / rule)));
  const counts = new Float64Array(bins);
  for (const value of bulk) counts[Math.min(bins - 1, Math.floor(((value - lo) / (hi - lo)) * bins))]!++;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => lo + ((hi - lo) * i) / bins);
  return { edges, counts, outside: sorted.length - bulk.length };
}

function bars(edges: ArrayLike<number>, counts: ArrayLike<number>, x: Scale, y: Scale): string {
  let d = "";
  for (let i = 0; i < counts.length; i++) {
    if (!(counts[i]! > 0)) continue;
    const [left, right] = [x.at(edges[i]!), x.at(edges[i + 1]!)];
    const gap = Math.min(0.5, (right - left) / 8);
    d += `M${px(left + gap)} ${px(y.at(0))}V${px(y.at(counts[i]!))}H${px(right - gap)}V${px(y.at(0))}z`;
  }
  return path(d, { fill: "blue" });
}

const caption = (content: string, left: number, at = 84) => text(content, left, at, { size: 13, weight: 600 });
const absent = (box: Box, content: string) =>
  text(content, box.left + box.width / 2, box.top + box.height / 2, { anchor: "middle", ink: "muted" });

function trainingPanel(data: EstimateFigure, outer: Box): string {
  const convert = (values: ArrayLike<number>) => Float64Array.from(values, (nats) => fromNats(nats, data.unit));
  const { curve, validation } = data;
  const step = curve.step;
  // Thick below thin: the estimate and the joint term coincide while the partition term is zero.
  const traces = [
    { ink: "green", width: 4, values: convert(curve.estimate) },
    { ink: "orange", width: 1.5, values: convert(curve.logPartition) },
    { ink: "blue", width: 1.5, values: convert(curve.joint) },
  ] as const;
  const checks = validation && { step: validation.step, values: convert(validation.estimate) };
  const [estimate, truth] = [fromNats(data.estimate, data.unit), fromNats(data.truth ?? Number.NaN, data.unit)];
  const interval = data.interval.map((bound) => fromNats(bound, data.unit));
  const hasInterval = interval.every(Number.isFinite);

  const [first, second] = data.terms ?? ["joint mean T", "log E[e^T]"];
  const items: LegendItem[] = [
    { name: first, ink: "blue" },
    { name: second, ink: "orange" },
    { name: data.terms ? "difference" : "estimate", ink: "green" },
  ];
  if (checks?.values.length) items.push({ name: "validation", ink: "purple", mark: "dot" });
  if (Number.isFinite(estimate))
    items.push({ name: "final", ink: "ink", dash: "6 3", mark: hasInterval ? "band" : "line" });
  if (Number.isFinite(truth)) items.push({ name: "truth", ink: "vermillion", dash: "2 3" });
  const key = legend(items, outer.left, outer.top, outer.width);
  const box = { left: outer.left + 52, top: outer.top + 30, width: outer.width - 52, height: outer.height - 30 };
  box.height -= Math.max(0, key.height - 20);
  box.top += Math.max(0, key.height - 20);

  const steps = sortedFinite(step, checks?.step ?? []);
  const arrays = [...traces.map((t) => t.values), ...(checks ? [checks.values] : [])];
  const x = linearScale([steps[0] ?? 0, steps.at(-1) ?? 1], [box.left, box.left + box.width], 6, 1);
  const domain = robustDomain(arrays, [estimate, truth, ...interval]);
  const y = linearScale(domain, [box.top + box.height, box.top], 6);
  const across = (value: number) => `M${px(box.left)} ${px(y.at(value))}h${px(box.width)}`;
  const span = step.length < 40 ? 1 : step.length / 80;
  const band = `${across(interval[0]!)}V${px(y.at(interval[1]!))}H${px(box.left)}z`;
  const content = [
    ...(span > 1 ? traces.map((t) => rawTrace(step, t.values, x, y, t.ink)) : []),
    hasInterval ? path(band, { fill: "ink", opacity: 0.18 }) : "",
    ...traces.map((t) =>
      path(linePath(step, smooth(t.values, span, y.domain), x, y), { stroke: t.ink, width: t.width }),
    ),
    Number.isFinite(truth) ? path(across(truth), { stroke: "vermillion", width: 1.75, dash: "2 3" }) : "",
    Number.isFinite(estimate) ? path(across(estimate), { stroke: "ink", width: 1.5, dash: "6 3" }) : "",
  ];
  const points = checks ? dots(checks.step, checks.values, x, y, "purple", 6) : "";
  const empty = steps.length ? "" : absent(box, "no training curve");
  const frame = axes(box, x, y, { x: "step", y: data.unit });
  return [
    caption("training", outer.left),
    key.svg,
    frame,
    clipped(box, content.join("")),
    points,
    beyondNotes(box, y, arrays),
    empty,
  ].join("\n");
}

function scoresPanel(data: EstimateFigure, outer: Box, alone?: { title: string; top: number }): string {
  const scores = Float64Array.from(data.scores, (nats) => fromNats(nats, data.unit)).filter(Number.isFinite);
  const { edges, counts, outside } = histogram(scores);
  const box = { left: outer.left + 52, top: outer.top + 30, width: outer.width - 52, height: outer.height - 30 };
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const tallest = counts.reduce((most, count) => Math.max(most, count), 1);
  const [first, last] = scores.length ? [edges[0]!, edges.at(-1)!] : [0, 1];
  const pad = (last - first) * 0.03;
  const x = linearScale([Math.min(first, mean) - pad, Math.max(last, mean) + pad], [box.left, box.left + box.width], 5);
  const y = linearScale([0, tallest * 1.1], [box.top + box.height, box.top], 6, 1);
  const at = x.at(mean);
  const leftward = at > box.left + box.width * 0.6;
  const line = `M${px(at)} ${px(box.top)}v${px(box.height)}`;
  const label = `mean ${formatNumber(mean, 2)}`;
  const rows = `${scores.length.toLocaleString("en-US")} rows`;
  const note = outside ? `${rows}, ${outside.toLocaleString("en-US")} off the axis` : rows;
  const body = scores.length
    ? [
        bars(edges, counts, x, y),
        path(line, { stroke: "paper", width: 4 }) + path(line, { stroke: "ink", width: 1.5, dash: "6 3" }),
        text(label, at + (leftward ? -6 : 6), box.top + 12, { anchor: leftward ? "end" : "start", halo: true }),
        text(note, outer.left, outer.top + 12, { ink: "muted" }),
      ]
    : [absent(box, "no held-out scores")];
  const name = data.terms ? "pointwise conditional MI" : "pointwise MI";
  const frame = axes(box, x, y, { x: `${name} (${data.unit})`, y: "rows" });
  return [caption(alone?.title ?? `${name} of held-out rows`, outer.left, alone?.top), frame, ...body].join("\n");
}

/** The pointwise MI of rows alone as a standalone SVG, where nothing was trained. */
export function scoresFigure(data: EstimateFigure): string {
  const [width, height] = [620, 360];
  const description = `A histogram of the pointwise mutual information of ${data.scores.length} rows.`;
  const panel = scoresPanel(
    data,
    { left: 20, top: 44, width: 580, height: 262 },
    { title: "pointwise MI of rows", top: 34 },
  );
  return figure({ width, height, title: data.title, description }, panel);
}

/** The picture of one estimate as a standalone SVG: its training curve, and the scores of its held-out rows. */
export function estimateFigure(data: EstimateFigure): string {
  const [width, height] = [960, 420];
  const known = Number.isFinite(data.estimate);
  const ending = known ? ` = ${formatEstimate(data.estimate, data.interval, data.unit)}` : "";
  const training = trainingPanel(data, { left: 20, top: 94, width: 560, height: 272 });
  const scores = scoresPanel(data, { left: 618, top: 94, width: 322, height: 272 });
  const description = `Training curve of the estimate over ${data.curve.step.length} recorded steps, and a histogram of the pointwise mutual information of ${data.scores.length} held-out rows.`;
  return figure(
    { width, height, title: data.title + ending, description },
    [heading(data.title, data.subtitle, width, ending), training, scores].join("\n"),
  );
}
