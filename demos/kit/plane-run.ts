/** A network that learns a shape of the plane while somebody watches, changes it, stops it, and begins again. */
import type { Gpu } from "../../src/index.ts";
import { Learner, type Samples, SIZES, sizeOf } from "./learner.ts";
import { frame, Pace, PauseButton, showState } from "./live.ts";
import type { Centre } from "./mixture.ts";
import { FULL_COLOUR } from "./plane.ts";
import { packed, play, type Recording, record, unpacked } from "./recorded.ts";
import { correlation, type Pair, pairOf, SAMPLES, type Shape } from "./shapes.ts";

/** What is learned, and what the page knows of it. */
export interface Given extends Samples {
  shape: Shape;
  pair: Pair;
  /** Pearson's correlation of the samples. */
  r: number;
}

/** A moment of learning, as plain values. */
export interface Moment {
  shape: Omit<Shape, "centres"> & { centres: Centre[] };
  seed: number;
  steps: number;
  /** Steps a second, or null. */
  rate: number | null;
  /** nats; null before the first step */
  estimate: number | null;
  /** Whether the network has seen this shape only. */
  pure: boolean;
  /** T at `nodes` × `nodes` places, packed between ±FULL_COLOUR. */
  nodes: number;
  learned: string;
}

const isMoment = (frame: unknown): frame is Moment => (frame as Partial<Moment>).learned !== undefined;

export const learnedOf = ({ learned }: Moment): Float32Array => unpacked(learned, -FULL_COLOUR, FULL_COLOUR);

const table: Samples = { x: new Float32Array(SAMPLES), y: new Float32Array(SAMPLES) };

/** The samples of a shape and what is known of it; none of an empty drawing. */
export function given(shape: Shape, nodes: number): Given | undefined {
  const pair = pairOf(shape, nodes);
  pair?.sample(table.x, table.y);
  return pair && { shape, pair, ...table, r: correlation(table.x, table.y) };
}

export interface PlaneView {
  main: HTMLElement;
  /** Stops and goes on. */
  button: HTMLButtonElement;
  /** The shape that the controls say. */
  shape(): Shape;
  /** There are other samples, or none. */
  begin(given: Given | undefined): void;
  draw(moment: Moment, given: Given): void;
}

export class PlaneRun {
  readonly pause: PauseButton;
  readonly #view: PlaneView;
  #given: Given | undefined;
  /** The samples, or the network too, are to be made anew before the next step. */
  #stale = true;
  #fresh = true;
  #seed = 0;
  #seen = true;
  /** Steps of the moment that was drawn last. */
  #shown = 0;
  /** Counts what plays here: another GPU, or a recording again. */
  #player = 0;
  #wake = () => {};

  constructor(view: PlaneView) {
    this.#view = view;
    this.pause = new PauseButton(view.button, () => this.#wake());
    new IntersectionObserver(([entry]) => {
      this.#seen = entry!.isIntersecting;
      this.#wake();
    }).observe(view.main.querySelector("canvas")!);
  }

  /** The shape is another: the network goes on from where it is, or begins anew. */
  change({ fresh = false } = {}): void {
    this.#stale = true;
    this.#fresh ||= fresh;
    this.#wake();
  }

  /** The same from other first weights. */
  again(): void {
    this.#seed++;
    this.change({ fresh: true });
    this.pause.resume();
  }

  /** Shows what is known before anything is learned. */
  open(): void {
    this.#view.begin(given(this.#view.shape(), SIZES.cpu.nodes));
  }

  /** Shows the moments in a recording, which may hold frames of other figures. */
  async play({ adapter, frames, times }: Recording): Promise<void> {
    const own = frames.flatMap((frame, i) => (isMoment(frame) ? [{ frame, time: times[i]! }] : []));
    const recording = { adapter, frames: own.map(({ frame }) => frame), times: own.map(({ time }) => time) };
    let shown = "";
    let known: Given | undefined;
    const player = ++this.#player;
    await play(recording, this.pause, (moment) => {
      if (player !== this.#player) return;
      const shape = JSON.stringify(moment.shape);
      if (shape !== shown) {
        known = given(moment.shape, moment.nodes);
        this.#view.begin(known);
        shown = shape;
      }
      if (known) this.#view.draw(moment, known);
    });
  }

  async run(gpu: Gpu): Promise<void> {
    this.#player++;
    const pace = new Pace(gpu);
    let learner: Learner | undefined;
    this.change({ fresh: true });
    try {
      for (;;) {
        if (this.#stale) {
          learner = await this.#take(gpu, learner);
          pace.restart();
          if (learner && (this.pause.paused || learner.trainer.steps === 0)) await this.#show(learner, Number.NaN);
          continue;
        }
        if (!learner || this.pause.paused || !this.#seen) {
          if (learner && learner.trainer.steps !== this.#shown) await this.#show(learner, Number.NaN);
          await this.#rest();
          pace.restart();
          continue;
        }
        showState(this.#view.main, "running");
        await pace.step([learner]);
        if (pace.due()) await this.#show(learner, pace.rate);
        await frame();
      }
    } finally {
      learner?.dispose();
    }
  }

  /** Gives the samples of the shape to the network, or to a new one; none where there are no samples. */
  async #take(gpu: Gpu, learner: Learner | undefined): Promise<Learner | undefined> {
    const fresh = this.#fresh;
    this.#stale = false;
    this.#fresh = false;
    this.#given = given(this.#view.shape(), sizeOf(gpu).nodes);
    this.#view.begin(this.#given);
    if (learner && !fresh && this.#given) {
      learner.take(this.#given);
      return learner;
    }
    learner?.dispose();
    return this.#given && (await Learner.create(gpu, this.#given, this.#seed));
  }

  async #show(learner: Learner, rate: number): Promise<void> {
    const { learned, estimate = null } = await learner.look();
    if (this.#stale || !this.#given) return;
    const { shape, pair } = this.#given;
    const moment: Moment = {
      shape: { ...shape, centres: [...shape.centres] },
      ...{ seed: this.#seed, steps: learner.trainer.steps, estimate, pure: learner.pure },
      ...{ rate: Number.isFinite(rate) ? rate : null, nodes: pair.size },
      learned: packed(learned, -FULL_COLOUR, FULL_COLOUR),
    };
    this.#shown = moment.steps;
    record(moment);
    this.#view.draw(moment, this.#given);
  }

  async #rest(): Promise<void> {
    showState(this.#view.main, this.pause.paused ? "paused" : "running");
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = () => {};
  }
}
