/**
 * A plane on which a visitor draws, with the map that a network learns of it, its figures, curve and snippet: what the start and
 * the page of maps share. The elements have the same ids on both.
 */
import type { Gpu } from "../../src/index.ts";
import { Curves } from "./curves.ts";
import { count } from "./format.ts";
import { onThemeChange } from "./inks.ts";
import { type PauseButton, Speaker } from "./live.ts";
import { element, say } from "./page.ts";
import { clearMap, drawMap } from "./plane.ts";
import { codeNote, planeCode } from "./plane-code.ts";
import { type Given, learnedOf, type Moment, PlaneRun } from "./plane-run.ts";
import type { Reading } from "./reading.ts";
import type { Recording } from "./recorded.ts";
import type { Shape } from "./shapes.ts";
import { Sketch } from "./sketch.ts";
import { Snippet } from "./snippet.ts";

/** What is another on each page. */
export interface BoardPage {
  /** The shape that the controls say, but for the dabs of a drawing. */
  shape(): Shape;
  /** Sets the controls to a drawing. */
  drawOwn(): void;
  /** Numbers as the page writes them. */
  format(nats: number): string;
  /** There are other samples; none where nothing is drawn. */
  begin(given: Given | undefined): void;
  /** @returns what to say to who cannot see it */
  draw(moment: Moment, given: Given): Reading;
}

/** What to change when the training blows up. */
export const DIVERGED = "Choose another shape or a wider brush, then try again.";

/** What cannot work where nothing is learned. */
const CONTROLS = "#controls :is(input, select), #again, #clear";

/** The curve shows this many redraws. */
const MOST_POINTS = 600;

export class Board {
  readonly #page: BoardPage;
  readonly #main = element("demo");
  readonly #learned = element<HTMLCanvasElement>("learned");
  readonly #sketch: Sketch;
  readonly #run: PlaneRun;
  readonly #speaker = new Speaker("spoken");
  readonly #snippet = new Snippet("use", "The code of this very number");
  readonly #curves: Curves;
  /** steps, truth, estimate */
  #points: [number[], number[], number[]] = [[], [], []];
  #given: Given | undefined;
  #moment: Moment | undefined;

  constructor(page: BoardPage) {
    this.#page = page;
    this.#curves = new Curves(
      element("curves"),
      [
        { label: "truth", ink: "truth", dash: [6, 4] },
        { label: "estimate", ink: "estimate", width: 3 },
      ],
      { rightPad: 18 },
    );
    this.#sketch = new Sketch(element<HTMLCanvasElement>("sketch"), () => this.#dabbed());
    this.#run = new PlaneRun({
      main: this.#main,
      button: element<HTMLButtonElement>("pause"),
      shape: () => ({ ...page.shape(), centres: this.#sketch.centres }),
      begin: (given) => this.#begin(given),
      draw: (moment, given) => this.#draw(moment, given),
    });
    element("again").addEventListener("click", () => this.#run.again());
    element("clear").addEventListener("click", () => {
      page.drawOwn();
      this.choose();
    });
    onThemeChange(() => this.#redraw());
    new ResizeObserver(() => this.#redraw()).observe(this.#learned);
    this.#begin(undefined);
    this.choose();
    this.#run.open();
  }

  get pause(): PauseButton {
    return this.#run.pause;
  }

  /** Learns, for good. */
  work(gpu: Gpu): Promise<void> {
    return this.#run.run(gpu);
  }

  /** Plays this figure's part of a recording; nothing can be drawn then. */
  recorded(recording: Recording): Promise<void> {
    this.#sketch.disable();
    for (const control of document.querySelectorAll<HTMLInputElement>(CONTROLS)) control.disabled = true;
    return this.#run.play(recording);
  }

  /** Another kind of shape was chosen: a drawing begins empty. */
  choose(): void {
    if (this.#page.shape().kind === "own") this.#sketch.clear();
    else this.#sketch.own = false;
    this.#run.change({ fresh: true });
  }

  /** The same kind of shape is another: the network goes on from where it is. */
  change(): void {
    this.#run.change();
  }

  #dabbed(): void {
    this.#page.drawOwn();
    this.#run.change({ fresh: this.#given?.shape.kind !== "own" });
  }

  #begin(given: Given | undefined): void {
    this.#given = given;
    this.#moment = undefined;
    const { dataset } = this.#main;
    dataset.truth = given ? given.pair.truth.toFixed(5) : "";
    dataset.kind = this.#page.shape().kind;
    delete dataset.estimate;
    say("truth", given ? this.#page.format(given.pair.truth) : "–");
    element("hint").hidden = given !== undefined;
    if (!given) this.#empty();
    this.#sketch.draw(given);
    this.#page.begin(given);
  }

  #empty(): void {
    clearMap(this.#learned);
    this.#clearCurve();
    for (const id of ["estimate", "rate"]) say(id, "–");
    this.#main.dataset.steps = "0";
  }

  #draw(moment: Moment, given: Given): void {
    this.#moment = moment;
    const { steps, estimate, rate, nodes } = moment;
    drawMap(this.#learned, learnedOf(moment), given.pair.fade, nodes);
    if (steps < (this.#points[0].at(-1) ?? 0) || steps === 0) this.#clearCurve();
    if (estimate !== null) this.#point(steps, given.pair.truth, estimate);
    const { dataset } = this.#main;
    dataset.steps = String(steps);
    if (estimate === null) delete dataset.estimate;
    else dataset.estimate = estimate.toPrecision(7);
    say("estimate", estimate === null ? "–" : this.#page.format(estimate));
    say("steps", count(steps));
    say("rate", rate === null ? "–" : count(rate));
    const curve =
      estimate === null ? "" : `: ${this.#page.format(estimate)} of ${this.#page.format(given.pair.truth)} nats`;
    element("curves").setAttribute("aria-label", `Curve of the estimate over ${count(steps)} steps${curve}`);
    this.#showCode(moment);
    const { state, text } = this.#page.draw(moment, given);
    this.#speaker.say(state, () => text);
  }

  #point(...values: [number, number, number]): void {
    this.#points.forEach((list, i) => {
      list.push(values[i]!);
      if (list.length > MOST_POINTS) list.shift();
    });
    this.#curves.draw(this.#points);
  }

  #clearCurve(): void {
    this.#points = [[], [], []];
    this.#curves.draw(this.#points);
  }

  /** Code that is being read stays as it is while the network learns on. */
  #showCode(moment: Moment): void {
    const read = element("use").querySelector("details")!.open && !this.#run.pause.paused;
    if (!read || moment.steps === 0) this.#snippet.show(planeCode(moment), codeNote(moment));
  }

  #redraw(): void {
    this.#sketch.draw(this.#given);
    if (!this.#given) clearMap(this.#learned);
    else {
      this.#page.begin(this.#given);
      if (this.#moment) this.#draw(this.#moment, this.#given);
    }
  }
}
