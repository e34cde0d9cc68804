import stringWidth from "string-width";
import { describe, expect, it, vi } from "vitest";
import { type EstimateFigure, estimateFigure, histogram } from "../src/report/estimate.ts";
import { type FieldPanel, type FieldsFigure, fieldsFigure } from "../src/report/fields.ts";
import { type LinesPanel, linesFigure, panelsFigure } from "../src/report/lines.ts";
import { createProgress, progressLine, timeLeft } from "../src/report/progress.ts";
import { linearScale, logScale } from "../src/report/scales.ts";
import { bandPath, linePath } from "../src/report/svg.ts";
import { table } from "../src/report/table.ts";
import { formatDuration, formatEstimate, formatNumber, fromNats, sparkline } from "../src/report/text.ts";
import { robustDomain, smooth, stairs } from "../src/report/values.ts";

/** Throws unless tags balance, attributes are quoted and only known entities occur; returns the element names. */
function parseXml(xml: string): string[] {
  const [names, open]: [string[], string[]] = [[], []];
  const token = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<>]+)/gy;
  let end = 0;
  for (const match of xml.matchAll(token)) {
    const [whole, close, name, attributes = "", empty, content = ""] = match;
    if (/&(?!#\d+;)/.test(attributes + content)) throw new Error(`bare & in ${whole}`);
    if (name && !close) names.push(name);
    if (name && close && open.pop() !== name) throw new Error(`unexpected </${name}>`);
    if (name && !close && !empty) open.push(name);
    end = match.index + whole.length;
  }
  if (end !== xml.length || open.length) throw new Error(`not well-formed at ${end}: ${xml.slice(end, end + 60)}`);
  return names;
}

/** The points of relative path data, in pixels. */
function points(d: string): [number, number][] {
  const out: [number, number][] = [];
  for (const run of d.split("M").slice(1)) {
    const numbers = run.match(/-?(?:\d+\.?\d*|\.\d+)/g)!.map(Number);
    let [x, y] = [0, 0];
    for (let i = 0; i < numbers.length; i += 2) {
      [x, y] = [x + numbers[i]!, y + numbers[i + 1]!];
      out.push([x, y]);
    }
  }
  return out;
}

// A counter-based hash keeps the samples the same on every run.
const uniform = (i: number) => ((Math.imul(i + 1, 2654435761) ^ Math.imul(i + 7, 1597334677)) >>> 0) / 2 ** 32;
const noise = (count: number, offset = 0) => Float64Array.from({ length: count }, (_, i) => offset + uniform(i) - 0.5);
const range = (count: number) => Float64Array.from({ length: count }, (_, i) => i);

function example(count: number, rest: Partial<EstimateFigure> = {}): EstimateFigure {
  const curve = { step: range(count), joint: noise(count, 1), logPartition: noise(count), estimate: noise(count, 1) };
  return { title: "I(x; y)", unit: "nats", curve, estimate: 1, interval: [0.9, 1.1], scores: noise(900, 1), ...rest };
}

/** What holds of every picture: well-formed, accessible, without scripts and links, and every number a number. */
function expectPicture(svg: string): void {
  const names = parseXml(svg);
  expect(names).toEqual(expect.arrayContaining(["svg", "title", "desc", "style"]));
  expect(names).not.toContain("script");
  expect(svg).toContain('role="img"');
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|href|url\(| id=/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
}

const hostile = `</text><script>alert("1")</script> & ' \u0000\u001b[31m\u202e\ud800 ]]> 日本`;

describe("figures", () => {
  const empty = { step: [], joint: [], logPartition: [], estimate: [] };
  const bad = { step: [0, 1, 2], joint: [Number.NaN, 1, 1e300], logPartition: [-1e300, 0, 1], estimate: [1, 1, 1] };
  const cases: Record<string, EstimateFigure> = {
    full: example(4000, { subtitle: "ReMINE", truth: 1, validation: { step: [500, 900], estimate: [1, Infinity] } }),
    empty: example(0, { curve: empty, scores: [], estimate: Number.NaN, interval: [Number.NaN, Number.NaN] }),
    constant: example(3, {
      curve: { step: [0, 1, 2], joint: [0, 0, 0], logPartition: [0, 0, 0], estimate: [0, 0, 0] },
      scores: [1, 1, 1],
      interval: [1, 1],
    }),
    conditional: example(90, { terms: ["I(X;Y,Z)", "I(X;Z)"], scores: [Number.NaN, 1, 2] }),
    "one point": example(1, { scores: [2] }),
    "non-finite": example(3, { curve: bad, scores: [Infinity, -Infinity, Number.NaN, 1, 2] }),
    hostile: example(10, { title: hostile, subtitle: hostile }),
  };

  it.each(Object.entries(cases))("estimate, %s: is well-formed, accessible and self-contained", (_, data) => {
    const svg = estimateFigure(data);
    expectPicture(svg);
    expect(svg.match(/\.\d{3,}(?=[^<]*\/>)/)).toBeNull();
  });

  it("lines and panels are well-formed, whatever the names", () => {
    const panel = {
      title: hostile,
      x: { label: hostile, values: range(50) },
      y: { label: hostile },
      series: Array.from({ length: 20 }, (_, i) => ({ name: `${hostile}${i}`, values: noise(50, i), dashed: i === 3 })),
      references: [
        { label: hostile, y: 2 },
        { label: "near", y: 2.01 },
      ],
    };
    const banded = { name: "b", values: noise(50), band: { lo: noise(50, -1), hi: noise(50, 1) }, smooth: 5 };
    expect(parseXml(linesFigure(panel))).not.toContain("script");
    expect(parseXml(panelsFigure({ title: hostile, panels: [panel, { ...panel, series: [banded] }] }))).toContain(
      "path",
    );
    parseXml(panelsFigure({ title: "no panels", panels: [] }));
    parseXml(linesFigure({ ...panel, series: [], x: { label: "x", values: [] } }));
  });

  it("stay small with 100 000 steps", () => {
    const svg = estimateFigure(example(100_000, { scores: noise(100_000, 1) }));
    expect(svg.length).toBeLessThan(60_000);
    const values = noise(100_000);
    const series = [{ name: "a", values }];
    const lines = linesFigure({ title: "t", x: { label: "x", values: range(100_000) }, y: { label: "y" }, series });
    expect(lines.length).toBeLessThan(60_000);
  });

  it("show bits when asked to", () => {
    const svg = estimateFigure(example(500, { unit: "bits", estimate: Math.LN2, interval: [0.5, 0.9] }));
    expect(svg).toContain("= 1.00 bits [0.7, 1.3]");
    expect(svg).toContain("pointwise MI (bits)");
    const mean = [...noise(900, 1)].reduce((a, b) => a + b) / 900 / Math.LN2;
    expect(svg).toContain(`mean ${formatNumber(mean, 2)}`);
    expect(svg).not.toContain("nats");
  });

  it("keep the value of an estimate readable when names are long", () => {
    const drawn = estimateFigure(example(10, { title: `I(${"column, ".repeat(200)}; y)` })).replace(
      /<title>.*?<\/title>/,
      "",
    );
    expect(drawn).toContain("…");
    expect(drawn).toContain("= 1.000 nats [0.90, 1.10]");
    expect(drawn.match(/font-weight="600"[^>]*>([^<]*)</)![1]!.length).toBeLessThan(110);
  });
});

describe("panels of curves", () => {
  const xs = [1, 2, 5, 10, 100];
  const values = [1, 0.5, 0.2, 0.1, 0.01];
  const panel = (rest: Partial<LinesPanel>): LinesPanel => ({
    title: "t",
    x: { label: "x", values: xs },
    y: { label: "y" },
    series: [{ name: "a", values }],
    ...rest,
  });
  /** The path data of what is stroked at a width. */
  const strokes = (svg: string, width: number) =>
    [...svg.matchAll(/<path d="([^"]*)"[^>]* stroke-width="([\d.]+)"/g)]
      .filter((m) => m[2] === `${width}`)
      .map((m) => m[1]!);

  /** The path data of the first band in the plot. */
  const area = (svg: string) => svg.match(/<path d="(M[^"]*l0 0[^"]*)" fill="#0072b2"/)![1]!;

  it("take an ink of their own, which is not taken from the others", () => {
    const series = ["a", "b", "c"].map((name) => ({ name, values }));
    const plain = linesFigure(panel({ series }));
    const inked = linesFigure(
      panel({ series: [{ name: "own", values, ink: "ink", width: 0.7, opacity: 0.4 }, ...series] }),
    );
    for (const stroke of ["#0072b2", "#d55e00", "#009e73"])
      expect(inked.split(`stroke="${stroke}"`).length).toBe(plain.split(`stroke="${stroke}"`).length);
    expect(inked).toMatch(/stroke="#1f2328"[^>]*stroke-width="0.7"[^>]*opacity="0.4"/);
    expectPicture(inked);
  });

  it("name one of many curves of a kind", () => {
    const kind = { name: "seed", ink: "blue", width: 0.75, opacity: 0.4 } as const;
    const rest = Array.from({ length: 40 }, (_, i) => ({ ...kind, values: noise(5, i), inLegend: false as const }));
    const many = [{ ...kind, values: noise(5) }, ...rest];
    const svg = panelsFigure({ title: "f", panels: [panel({ series: many }), panel({ series: many })] });
    expect(svg.match(/>seed</g)).toHaveLength(1);
    expect(svg.match(/<desc>.*<\/desc>/)![0].match(/seed/g)).toHaveLength(2);
  });

  it("mark the finite points", () => {
    const series = [{ name: "a", values: [1, Number.NaN, 0.2, 0.1, Infinity], marks: true }];
    expect(strokes(linesFigure(panel({ series })), 5)[0]!.match(/M/g)).toHaveLength(3);
  });

  it("draw stairs, which stand on the axis", () => {
    expect(stairs([0, 1, 3], [5, 7])).toEqual({ x: Float64Array.of(0, 1, 1, 3), y: Float64Array.of(5, 5, 7, 7) });
    const counts = [3, 8, 2, 1];
    const series = [{ name: "a", values: counts, steps: true, width: 1.3, band: { lo: [0, 0, 0, 0], hi: counts } }];
    const svg = linesFigure(panel({ series }));
    for (const d of [strokes(svg, 1.3)[0]!, area(svg)]) {
      const corners = points(d);
      for (const [i, [x, y]] of corners.slice(1).entries())
        expect(Math.min(Math.abs(x - corners[i]![0]), Math.abs(y - corners[i]![1]))).toBeLessThan(1e-9);
    }
    expect(svg).toMatch(/y="376"[^>]*>0</);
  });

  it("have logarithmic axes, straight for a power, with gaps where nothing is positive", () => {
    const log = { x: { label: "x", values: xs, log: true }, y: { label: "y", log: true } };
    const svg = linesFigure(panel({ ...log, references: [{ label: "r", y: 0.05 }] }));
    expectPicture(svg);
    const line = points(strokes(svg, 1.75)[0]!).slice(1);
    expect(line).toHaveLength(5);
    const slopes = line.slice(1).map(([x, y], i) => (y - line[i]![1]) / (x - line[i]![0]));
    for (const slope of slopes) expect(slope).toBeCloseTo(slopes[0]!, 2);
    for (const label of [1, 2, 5, 10, 100, 0.1, 0.01]) expect(svg).toContain(`>${label}<`);
    const series = [
      { name: "a", values: [1, 0, 0.5, -1, 0.2], band: { lo: [0.5, 0.1, 0, -1, 0], hi: [2, 1, 1, 1, 1] } },
    ];
    const gaps = linesFigure(panel({ ...log, series }));
    expectPicture(gaps);
    expect(strokes(gaps, 1.75)[0]!.match(/M/g)).toHaveLength(3);
    expect(area(gaps).match(/M/g)).toHaveLength(1);
    for (const none of [[], [0, 0, 0], [-1, Number.NaN, 0]])
      expectPicture(
        linesFigure(
          panel({ x: { label: "x", values: none, log: true }, y: log.y, series: [{ name: "a", values: none }] }),
        ),
      );
  });

  it("say in values how far they go beyond a logarithmic axis", () => {
    const exploding = range(50).map((i) => (i === 49 ? 1e200 : 1 + i / 50));
    const svg = linesFigure(
      panel({
        x: { label: "x", values: range(50) },
        y: { label: "y", log: true },
        series: [{ name: "a", values: exploding }],
      }),
    );
    expect(svg).toContain("up to 1.0e200");
  });
});

describe("fields", () => {
  const unit: [number, number] = [0, 1];
  const panel = (size: number, f: (x: number, y: number) => number, rest: Partial<FieldPanel> = {}): FieldPanel => ({
    title: "p",
    x: { label: "x", domain: unit },
    y: { label: "y", domain: unit },
    field: {
      columns: size,
      rows: size,
      values: Float64Array.from({ length: size * size }, (_, i) =>
        f((i % size) / (size - 1), Math.floor(i / size) / (size - 1)),
      ),
    },
    ...rest,
  });
  const one = (only: FieldPanel, rest: Partial<FieldsFigure> = {}): FieldsFigure => ({
    title: "f",
    scale: "value, nats",
    panels: [only],
    ...rest,
  });
  const wave = (x: number, y: number) => Math.sin(5 * x) + y;
  const walk = { name: "run", x: [0.1, 0.2, Number.NaN, 0.5, 7], y: [0.1, 0.3, 0.3, 0.5, 0.6] };
  const cases: Record<string, FieldsFigure> = {
    full: one(panel(30, wave, { paths: [walk], points: [{ name: "rows", x: noise(90, 0.5), y: noise(90, 0.3) }] })),
    "two hues": one(panel(30, wave), { middle: 0.3 }),
    "middle outside": one(panel(30, wave), { middle: 9, domain: [0, 1] }),
    gaps: one(
      panel(20, (x, y) => (x > 0.7 ? Number.NaN : y > 0.8 ? Infinity : x * y)),
      { middle: 0.2 },
    ),
    "nothing but gaps": one(panel(9, () => Number.NaN)),
    constant: one(panel(9, () => 3)),
    "constant at the middle": one(
      panel(9, () => 0),
      { middle: 0 },
    ),
    "one level": one(
      panel(9, (x) => x),
      { domain: [0.45, 0.5500001], middle: 0.5 },
    ),
    huge: one(panel(9, (x, y) => (x > y ? 1e308 : -1e308))),
    "one cell": one(panel(2, (x) => x)),
    "one point": one(panel(1, () => 1)),
    "no marks": one(
      panel(9, wave, { paths: [{ name: "none", x: [], y: [] }], points: [{ name: "not", x: [9], y: [9] }] }),
    ),
    "no panels": { title: "f", scale: "s", panels: [] },
    hostile: one(panel(9, wave, { title: hostile, paths: [{ ...walk, name: hostile }] }), {
      title: hostile,
      scale: hostile,
    }),
  };
  /** The layers of colour of the only panel, or of the scale beside it: where they are, in which ink, how opaque. */
  const layers = (svg: string, of: "panel" | "scale" = "panel") => {
    const paths = svg.matchAll(
      /<path d="(M[^"]*)" (?:stroke="#1f2328" )?fill="(#\w+)"[^>]*? (?:fill-)?opacity="([\d.]+)"/g,
    );
    const all = [...paths].map((m) => ({ d: m[1]!, fill: m[2]!, opacity: Number(m[3]) }));
    return all.filter(({ d }) => (of === "panel" ? d.includes("l0 0") : d.includes("L")));
  };

  it.each(Object.entries(cases))("%s: are well-formed, accessible and self-contained", (_, data) => {
    const svg = fieldsFigure(data);
    expectPicture(svg);
    for (const name of data.panels.flatMap((p) => [...(p.paths ?? []), ...(p.points ?? [])]).map((marks) => marks.name))
      if (name !== hostile) expect(svg).toContain(`>${name}<`);
  });

  it("have contours where the levels are, and colours that get to the end", () => {
    const svg = fieldsFigure(one(panel(41, (x) => x)), { width: 500 });
    const [field, scale] = [layers(svg), layers(svg, "scale")];
    expect(field).toHaveLength(9);
    // What all values have is no contour.
    expect(scale).toHaveLength(10);
    // The plot is 310 pixels wide; what it cuts off is half a cell.
    for (const [i, { d }] of field.entries()) {
      const across = points(d).map(([x]) => x);
      expect(Math.min(...across)).toBeCloseTo(70 + (310 * (i + 1)) / 10, 0);
      expect(Math.max(...across)).toBeCloseTo(380 + 310 / 80, 0);
    }
    const hues = field.filter(({ fill }) => fill === "#0072b2");
    expect(field.slice(0, hues.length)).toEqual(hues);
    const left = hues.reduce((product, { opacity }) => product * (1 - opacity), 0.94);
    expect(left).toBeLessThan(0.1);
    expect(field.map(({ opacity }) => opacity)).toEqual(scale.slice(1).map(({ opacity }) => opacity));
  });

  it("turn to another hue at the middle", () => {
    const svg = fieldsFigure(
      one(
        panel(41, (x) => x - 0.5),
        { middle: 0 },
      ),
      { width: 500 },
    );
    const starts = (fill: string) =>
      layers(svg)
        .filter((layer) => layer.fill === fill)
        .map(({ d }) => points(d).map(([x]) => x));
    for (const across of starts("#d55e00")) expect(Math.min(...across)).toBeGreaterThan(224);
    for (const across of starts("#0072b2")) expect(Math.max(...across)).toBeLessThan(226);
    expect(starts("#d55e00").length).toBeGreaterThan(2);
  });

  it("cover gaps, up to the values beside them", () => {
    const svg = fieldsFigure(one(panel(11, (x, y) => (x > 0.55 ? Number.NaN : x + y))), { width: 500 });
    const hole = svg.match(/<path d="(M[^"]*)" fill="#e7eaee"/)![1]!;
    expect(Math.min(...points(hole).map(([x]) => x))).toBeCloseTo(70 + 310 / 2, 0);
    expect(fieldsFigure(cases.full!)).not.toContain('fill="#e7eaee"');
  });

  it("name what all panels share once, in one ink", () => {
    const both = { paths: [walk], points: [{ name: "rows", x: [0.5], y: [0.5] }] };
    const panels = [panel(9, wave, both), panel(9, wave, { ...both, paths: [{ ...walk, ink: "green" }] })];
    const svg = fieldsFigure({ title: "f", scale: "s", panels });
    expect(svg.match(/>run</g)).toHaveLength(1);
    expect(svg.match(/>rows</g)).toHaveLength(1);
    expect(svg.match(/stroke="#009e73"[^>]*stroke-width="1.75"/g)).toHaveLength(2);
  });

  it("say how far values go beyond the colours", () => {
    const svg = fieldsFigure(
      one(
        panel(30, (x) => 100 * x - 20),
        { domain: [0, 10] },
      ),
    );
    expect(svg).toContain(">up to 80<");
    expect(svg).toContain(">down to −20<");
    expect(fieldsFigure(one(panel(30, (x) => x)))).not.toContain("to 1.0<");
  });

  it("stay small: four fields of 60 by 60, and a path of 100 000 points", () => {
    const far = (p: number) => (x: number, y: number) => Math.log(Math.exp(p * (10 * x - 5)) + Math.exp(15 * y - 10));
    const panels = [1, 2, 3, 4].map((p) => panel(60, far(p)));
    expect(fieldsFigure({ title: "f", scale: "s", panels }).length).toBeLessThan(150_000);
    const count = 100_000;
    const long = (by: number) => Float64Array.from({ length: count }, (_, i) => i / count + 0.01 * uniform(by * i));
    const drawn = fieldsFigure(one(panel(9, wave, { paths: [{ name: "long", x: long(1), y: long(3) }] })));
    expect(drawn.length).toBeLessThan(60_000);
  });
});

describe("curves", () => {
  const x = linearScale([0, 100_000], [0, 400]);
  const y = linearScale([-10, 10], [200, 0]);

  it("keep extremes within half a pixel and stay small", () => {
    const values = noise(100_000);
    values[31_234] = 9;
    values[77_777] = -8;
    const d = linePath(range(100_000), values, x, y);
    const ys = points(d).map(([, at]) => at);
    expect(Math.abs(Math.min(...ys) - y.at(9))).toBeLessThan(0.5);
    expect(Math.abs(Math.max(...ys) - y.at(-8))).toBeLessThan(0.5);
    expect(points(d).length).toBeLessThanOrEqual(2 * 401 + 1);
    expect(d.length).toBeLessThan(10_000);
  });

  it("keep every point of a short curve where it belongs", () => {
    const xs = [0, 25_000, 50_000, 100_000];
    const ys = [0, 5, -5, 10];
    // The first point opens the path and is repeated, so that a lone point shows as a dot.
    const drawn = points(linePath(xs, ys, x, y)).slice(1);
    expect(drawn.map(([, at]) => at)).toEqual(ys.map((value) => expect.closeTo(y.at(value), 1)));
    expect(drawn.map(([at]) => at)).toEqual(xs.map((value) => expect.closeTo(x.at(value), 1)));
  });

  it("break at gaps and show lone points", () => {
    const d = linePath([0, 1e4, 2e4, 3e4, 4e4], [1, 2, Number.NaN, 3, Infinity], x, y);
    expect(d.split("M").length - 1).toBe(2);
    expect(bandPath([0, 1e4, 2e4], [0, Number.NaN, 0], [1, 1, 1], x, y).split("M").length - 1).toBe(2);
  });

  it("stop one axis length outside the plot", () => {
    expect(y.at(1e300)).toBe(-200);
    expect(y.at(-1e300)).toBe(400);
  });
});

describe("scales", () => {
  it("have round ticks", () => {
    expect(linearScale([0, 1], [0, 100]).ticks.map(linearScale([0, 1], [0, 100]).label)).toEqual([
      "0",
      "0.2",
      "0.4",
      "0.6",
      "0.8",
      "1.0",
    ]);
    const steps = linearScale([0, 19_999], [0, 500], 4);
    expect(steps.ticks.map(steps.label)).toEqual(["0", "5k", "10k", "15k", "20k"]);
    const small = linearScale([-0.003, 0.001], [0, 100], 4);
    expect(small.ticks.map(small.label)).toEqual(["−0.003", "−0.002", "−0.001", "0", "0.001"]);
    expect(linearScale([0, 2], [0, 100], 6, 1).ticks).toEqual([0, 1, 2]);
  });

  it("have ticks at powers of ten, and at round values between them where there are few", () => {
    const labels = (domain: [number, number], size: number, values?: number[]) => {
      const scale = logScale(domain.map(Math.log10) as [number, number], [0, size], size / 80, values?.map(Math.log10));
      return scale.ticks.map(scale.label);
    };
    expect(labels([1, 100], 400, [1, 2, 5, 10, 100])).toEqual(["1", "2", "5", "10", "100"]);
    expect(labels([64, 4096], 400, [64, 256, 1024, 4096])).toEqual(["64", "256", "1024", "4096"]);
    expect(labels([1, 1e5], 400, [1, 1.1, 1.2, 1e5])).toEqual(["1", "10", "100", "1000", "10k", "100k"]);
    expect(labels([1, 50], 400)).toEqual(["1", "2", "5", "10", "20", "50"]);
    expect(labels([1.1, 1.9], 400)).toEqual(["1.2", "1.4", "1.6", "1.8"]);
    expect(labels([1e-5, 1e5], 300)).toEqual(["1e-4", "0.01", "1", "100", "10k"]);
    expect(logScale([-400, 400], [0, 300], 4).ticks.length).toBeLessThan(10);
    expect(logScale([Number.NaN, 1], [0, 300]).at(1)).toBe(300);
  });

  it("survive degenerate domains", () => {
    for (const domain of [
      [1, 1],
      [0, 0],
      [Number.NaN, 1],
      [0, Infinity],
      [1e300, 1e300],
      [-1e308, 1e308],
    ] as const) {
      const scale = linearScale(domain, [0, 100]);
      expect(Number.isFinite(scale.at(1))).toBe(true);
      expect(scale.ticks.length).toBeLessThan(51);
      for (const tick of scale.ticks) expect(scale.label(tick)).not.toContain("NaN");
    }
  });

  it("show the bulk when a curve explodes, and always what must be seen", () => {
    const values = noise(1000, 1);
    values.fill(1e9, 950);
    const [lo, hi] = robustDomain([values], [3]);
    expect(lo).toBeGreaterThan(-1);
    expect(hi).toBeGreaterThanOrEqual(3);
    expect(hi).toBeLessThan(10);
    expect(robustDomain([[]])).toEqual([0, 1]);
    expect(estimateFigure(example(500, { validation: { step: [1], estimate: [1e6] } }))).toContain("up to 1.0e6");
  });
});

describe("smooth", () => {
  it("keeps constants and straight lines, skips gaps and limits explosions", () => {
    expect([...smooth([2, Number.NaN, 2, 2], 3, [0, 4])]).toEqual([2, Number.NaN, 2, 2]);
    expect(smooth(range(201), 9, [0, 200])[100]).toBeCloseTo(100, 6);
    expect(Math.max(...smooth([0, 0, 1e300, 0, 0], 3, [0, 4]))).toBeLessThanOrEqual(5);
    expect([...smooth([3, 1, 2], 1, [0, 4])]).toEqual([3, 1, 2]);
  });
});

describe("histogram", () => {
  it("counts every finite score, in bins as wide as Freedman and Diaconis say", () => {
    const { edges, counts, outside } = histogram(noise(1000));
    expect(counts.reduce((a, b) => a + b) + outside).toBe(1000);
    // Uniform on a unit interval: the interquartile range is 1/2, the width 2 · 1/2 / 10.
    expect(counts.length).toBeGreaterThanOrEqual(9);
    expect(counts.length).toBeLessThanOrEqual(11);
    expect(edges.length).toBe(counts.length + 1);
  });

  it("has at most 60 bins and sets outliers apart", () => {
    const values = Float64Array.from({ length: 200_000 }, (_, i) => uniform(i) + uniform(i + 1e6));
    values[0] = 1e6;
    const { edges, counts, outside } = histogram(values);
    expect(counts.length).toBeLessThanOrEqual(60);
    expect(outside).toBe(1);
    expect(edges.at(-1)!).toBeLessThan(3);
    expect(histogram([1, 1, 1]).counts.reduce((a, b) => a + b)).toBe(3);
    expect(histogram([Number.NaN]).counts.length).toBe(0);
  });
});

describe("text", () => {
  it("formats numbers", () => {
    const cases: [number, number, string][] = [
      [0.8123, 2, "0.81"],
      [0.9996, 3, "1.00"],
      [1234.5, 3, "1235"],
      [-0.00213, 2, "-0.0021"],
      [1.23e-7, 2, "1.2e-7"],
      [3.1e9, 2, "3.1e9"],
      [0, 3, "0"],
      [Number.NaN, 3, "nan"],
      [-Infinity, 3, "-inf"],
    ];
    for (const [value, digits, expected] of cases) expect(formatNumber(value, digits)).toBe(expected);
  });

  it("formats estimates by the width of their interval", () => {
    expect(formatEstimate(0.8123, [0.779, 0.851], "nats")).toBe("0.812 nats [0.78, 0.85]");
    expect(formatEstimate(0.00163, [0.0011, 0.0021], "nats")).toBe("0.00163 nats [0.0011, 0.0021]");
    expect(formatEstimate(2 * Math.LN2, [Math.LN2, 3 * Math.LN2], "bits")).toBe("2.00 bits [1.0, 3.0]");
    expect(formatEstimate(-0.00001, undefined, "nats")).toBe("0.000 nats");
    expect(formatEstimate(1, [Number.NaN, 2], "nats")).toBe("1.000 nats");
    expect(fromNats(Math.LN2, "bits")).toBe(1);
  });

  it("formats durations", () => {
    const cases: [number, string][] = [
      [0.2, "< 1 s"],
      [4, "4 s"],
      [59.7, "1 min"],
      [80, "1 min 20 s"],
      [3599.8, "1 h"],
      [7500, "2 h 5 min"],
      [200_000, "2 d 8 h"],
      [Number.NaN, "?"],
    ];
    for (const [seconds, expected] of cases) expect(formatDuration(seconds)).toBe(expected);
  });

  it("aligns tables: names left, numbers right, wide letters counted", () => {
    expect(table([["column", "mi"], ["age", "0.81"], ["日本", "-12.5"], ["x\u001b[2J\n"]])).toBe(
      ["column     mi", "age      0.81", "日本    -12.5", "x\ufffd[2J"].join("\n"),
    );
    expect(
      table(
        [
          ["a", "b"],
          ["cc", "dd"],
        ],
        { align: ["right", "left"] },
      ),
    ).toBe(" a  b\ncc  dd");
    expect(table([])).toBe("");
  });

  it("draws sparklines", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([0, 0, 7, 7], 2)).toBe("▁█");
    expect(sparkline([1, Number.NaN, 1], 10)).toBe("▄ ▄");
    expect(sparkline([], 5)).toBe("");
    expect(sparkline(noise(1e5), 40)).toHaveLength(40);
  });
});

describe("progress", () => {
  const setUp = (options: { isTTY?: boolean; columns?: number; quiet?: boolean } = {}) => {
    const { isTTY = true, columns = 100, quiet = false } = options;
    const written: string[] = [];
    const clock = { ms: 0 };
    const stream = { isTTY, columns, write: (s: string) => written.push(s) };
    return { written, clock, progress: createProgress({ stream, quiet, unit: "nats", now: () => clock.ms }) };
  };
  const state = { done: 250, total: 1000, stepsPerSecond: 10, estimate: 0.8123, note: "fold 2 of 5" };

  it("knows the time left", () => {
    expect(timeLeft(state)).toBe(75);
    expect(timeLeft({ ...state, done: 1000 })).toBe(0);
    expect(timeLeft({ ...state, stepsPerSecond: 0 })).toBeNaN();
    const line = progressLine(state, "nats", 100);
    for (const part of [" 25%", "10.0 steps/s", "0.812 nats", "1 min 15 s left", "fold 2 of 5"])
      expect(line).toContain(part);
    expect(progressLine({ ...state, stepsPerSecond: 0 }, "nats", 100)).not.toContain("left");
  });

  it("fits any width, the least important parts first to go", () => {
    for (let columns = 1; columns < 120; columns++)
      expect(stringWidth(progressLine(state, "nats", columns))).toBeLessThanOrEqual(columns);
    expect(progressLine(state, "nats", 45)).not.toContain("fold");
    expect(progressLine(state, "nats", 45)).toContain("0.812 nats");
    expect(progressLine({ ...state, total: 0 }, "nats", 10)).toContain("0%");
  });

  it("redraws one line at most ten times a second and clears it", () => {
    const { written, clock, progress } = setUp();
    for (clock.ms = 0; clock.ms < 1000; clock.ms += 5) progress.update({ ...state, done: clock.ms });
    expect(written).toHaveLength(10);
    expect(written.every((s) => s.startsWith("\r\u001b[2K") && !s.includes("\n"))).toBe(true);
    progress.finish();
    progress.finish();
    progress.update(state);
    expect(written.slice(10)).toEqual(["\r\u001b[2K"]);
  });

  it("prints messages above the line and draws it again", () => {
    const { written, progress } = setUp();
    progress.message("before");
    progress.update(state);
    progress.message("warning: heavy tails");
    progress.finish();
    progress.message("after");
    expect(written[0]).toBe("before\n");
    expect(written[2]).toBe("\r\u001b[2Kwarning: heavy tails\n");
    expect(written[3]).toBe(written[1]);
    expect(written.slice(4)).toEqual(["\r\u001b[2K", "after\n"]);
  });

  it("prints a line every five seconds when the stream is no terminal", () => {
    const { written, clock, progress } = setUp({ isTTY: false });
    progress.message("warning");
    for (clock.ms = 0; clock.ms < 12_000; clock.ms += 40) progress.update({ ...state, done: clock.ms / 12 });
    progress.finish();
    progress.update(state);
    expect(written).toEqual([
      "warning\n",
      "41%  83.3 steps/s  0.812 nats  7 s left  fold 2 of 5\n",
      "83%  83.3 steps/s  0.812 nats  2 s left  fold 2 of 5\n",
    ]);
  });

  it("takes the speed from the first update on: before it, shaders are compiled", () => {
    const { written, clock, progress } = setUp();
    progress.update({ ...state, done: 1, stepsPerSecond: 0.02 });
    expect(written.at(-1)).not.toMatch(/steps\/s|left/);
    clock.ms = 2000;
    progress.update({ ...state, done: 101, stepsPerSecond: 0.5 });
    expect(written.at(-1)).toContain("50.0 steps/s");
    expect(written.at(-1)).toContain("18 s left");
  });

  it("says what is done before the first update, once that takes long", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    try {
      const written: string[] = [];
      const stream = { write: (text: string) => written.push(text) };
      const progress = createProgress({ stream, unit: "nats", waiting: "compiling" });
      vi.advanceTimersByTime(11_000);
      progress.finish();
      vi.advanceTimersByTime(20_000);
      expect(written).toEqual(["compiling: 5 s so far\n", "compiling: 10 s so far\n"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([true, false])("prints nothing when quiet, terminal or not", (isTTY) => {
    const { written, clock, progress } = setUp({ isTTY, quiet: true });
    for (; clock.ms < 12_000; clock.ms += 40) progress.update(state);
    progress.message("warning");
    progress.finish();
    expect(written).toEqual([]);
  });
});
