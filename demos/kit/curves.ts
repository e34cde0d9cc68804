/** Curves over training steps, by uPlot. */
import uPlot from "uplot";
import { count, tick } from "./format.ts";
import { inkOf, onThemeChange } from "./inks.ts";

export interface Series {
  label: string;
  /** A colour of kit.css, without its dashes. */
  ink: string;
  width?: number;
  dash?: number[];
}

/** Left edge of the plotting area in CSS pixels: what is drawn below it can stand under the same steps. */
export const AXIS_WIDTH = 52;

/** One set of curves that fills `host` (its height is CSS's), in the theme's colours. */
export class Curves {
  #host: HTMLElement;
  #series: readonly Series[];
  #options: { leastSpan: number; xLabel: string; rightPad: number };
  #plot!: uPlot;
  #data: number[][];

  /**
   * @param options.leastSpan the curve is at least this many steps wide, so that it grows from the left at first;
   *   `rightPad` pixels right of the plotting area
   */
  constructor(
    host: HTMLElement,
    series: readonly Series[],
    options: { leastSpan?: number; xLabel?: string; rightPad?: number } = {},
  ) {
    this.#host = host;
    this.#series = series;
    this.#options = { leastSpan: 500, xLabel: "training steps", rightPad: 10, ...options };
    this.#data = [[], ...series.map(() => [])];
    this.#make();
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(host);
    onThemeChange(() => this.#make());
  }

  /** Steps at the left and at the right edge. */
  get span(): [number, number] {
    const steps = this.#data[0]!;
    const first = steps[0] ?? 0;
    const { leastSpan } = this.#options;
    const from = first < leastSpan ? 0 : first;
    return [from, Math.max(steps.at(-1) ?? 0, from + leastSpan)];
  }

  /** @param data steps, then each series' values at them; what is not finite leaves a gap */
  draw(data: number[][]): void {
    this.#data = data;
    this.#plot.setData(this.#shown());
    this.#hideIfEmpty();
  }

  #shown(): uPlot.AlignedData {
    const [steps, ...rest] = this.#data;
    const shown = rest.map((values) => values.map((value) => (Number.isFinite(value) ? value : null)));
    return [steps!, ...shown];
  }

  /** Axes say nothing before there is a number on them. */
  #hideIfEmpty(): void {
    this.#plot.root.style.visibility = this.#data[0]!.length > 0 ? "" : "hidden";
  }

  #size() {
    return { width: Math.max(this.#host.clientWidth, 120), height: Math.max(this.#host.clientHeight, 80) };
  }

  #make(): void {
    this.#plot?.destroy();
    const [muted, grid] = [inkOf("muted"), inkOf("grid")];
    const font = `12px ${getComputedStyle(this.#host).fontFamily}`;
    const axis = { stroke: muted, font, labelFont: font, ticks: { show: false } };
    this.#plot = new uPlot(
      {
        ...this.#size(),
        padding: [8, this.#options.rightPad, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => this.span },
          y: { range: (_plot, low, high) => yRange(low, high) },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 28,
            label: this.#options.xLabel,
            labelSize: 18,
            space: 80,
            values: (_plot, at) => at.map(count),
          },
          {
            ...axis,
            grid: { stroke: grid, width: 1 },
            size: AXIS_WIDTH,
            values: (_plot, at) => at.map((value) => tick(value, at.length > 1 ? at[1]! - at[0]! : 1)),
          },
        ],
        series: [
          {},
          ...this.#series.map(({ label, ink, width = 1.5, dash }) => ({
            ...{ label, stroke: inkOf(ink), width, points: { show: false } },
            ...(dash ? { dash } : {}),
          })),
        ],
      },
      this.#shown(),
      this.#host,
    );
    this.#hideIfEmpty();
  }
}

function yRange(low: number | null, high: number | null): [number, number] {
  const [least, most] = [Math.min(low ?? 0, 0), Math.max(high ?? 0, 0.1)];
  const room = 0.06 * (most - least);
  return [least < 0 ? least - room : -room, most + room];
}
