import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { type EstimateFigure, estimateFigure, histogram } from "../src/report/estimate.ts";
import { linesFigure, panelsFigure, robustDomain, smooth } from "../src/report/lines.ts";
import { createProgress, progressLine, timeLeft } from "../src/report/progress.ts";
import { bandPath, linearScale, linePath } from "../src/report/svg.ts";
import { table } from "../src/report/table.ts";
import { formatDuration, formatEstimate, formatNumber, fromNats, sparkline } from "../src/report/text.ts";

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
    const names = parseXml(svg);
    expect(names).toEqual(expect.arrayContaining(["svg", "title", "desc", "style"]));
    expect(names).not.toContain("script");
    expect(svg).toContain('role="img"');
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|href|url\(| id=/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
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

  it("only prints messages when the stream is no terminal, and nothing when quiet", () => {
    const piped = setUp({ isTTY: false });
    piped.progress.update(state);
    piped.progress.message("warning");
    piped.progress.finish();
    expect(piped.written).toEqual(["warning\n"]);
    const quiet = setUp({ quiet: true });
    quiet.progress.update(state);
    quiet.progress.message("warning");
    quiet.progress.finish();
    expect(quiet.written).toEqual([]);
  });
});
