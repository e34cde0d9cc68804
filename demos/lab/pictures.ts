/** The pictures of one critic, one below the other over the same steps: every output, and the curves. */
import { Curves } from "../kit/curves.ts";
import { COLUMNS, GAP, HISTOGRAM_WIDTH, Outputs } from "../kit/outputs.ts";
import { element } from "../kit/page.ts";
import type { Moment } from "./side.ts";

const series = {
  partition: { label: "log-partition", ink: "partition" },
  joint: { label: "joint term", ink: "joint" },
  estimate: { label: "estimate", ink: "estimate", width: 3.5 },
  truth: { label: "truth", ink: "truth", width: 1.75, dash: [6, 4] },
};
const lines = Object.keys(series) as (keyof typeof series)[];

export class Pictures {
  #moments: Moment[] = [];
  #spacing: number;
  #leastSpan: number;
  #outputs: Outputs;
  #curves: Curves;

  /**
   * @param key fills canvas `outputs-key`, `axis-key` at its left, and `curves-key`
   * @param options.spacing milliseconds between two columns at least; `leastSpan` steps that the pictures span at least
   */
  constructor(key: string, { spacing = 0, leastSpan = 500 } = {}) {
    this.#spacing = spacing;
    this.#leastSpan = leastSpan;
    this.#outputs = new Outputs(element<HTMLCanvasElement>(`outputs-${key}`), element(`axis-${key}`));
    this.#curves = new Curves(
      element(`curves-${key}`),
      lines.map((line) => series[line]),
      { rightPad: HISTOGRAM_WIDTH + GAP, leastSpan },
    );
  }

  /** Takes what comes next; an earlier step begins anew. */
  take(moment: Moment): void {
    if (moment.step < (this.#moments.at(-1)?.step ?? 0)) this.clear();
    const [previous, last] = this.#moments.slice(-2);
    const isYoung = last !== undefined && last.time - previous!.time < this.#spacing;
    // The last one moves along until it is old enough to stay.
    if (isYoung || this.#moments.at(-1)?.step === moment.step) this.#moments.pop();
    this.#moments.push(moment);
    if (this.#moments.length > COLUMNS) this.#moments.shift();
  }

  clear(): void {
    this.#moments = [];
  }

  /** @param truth the one line there is before the first moment */
  draw(truth: number): void {
    const moments = this.#moments;
    if (moments.length > 0) {
      this.#curves.draw([moments.map(({ step }) => step), ...lines.map((line) => moments.map((m) => m[line]))]);
    } else {
      const at = (line: string) => (line === "truth" ? truth : Number.NaN);
      this.#curves.draw([[0, this.#leastSpan], ...lines.map((line) => [at(line), at(line)])]);
    }
    this.#outputs.draw(moments, this.#curves.span);
  }
}
