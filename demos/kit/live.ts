/** A page's life: open the GPU, work, fail aloud, start again; and work that leaves the page time to answer. */
import { type Gpu, open, type Trainer } from "../../src/index.ts";
import { say } from "./page.ts";
import { ProblemPanel, problemOf } from "./problem.ts";
import { loadRecording, type Recording } from "./recorded.ts";

export interface Life {
  /** What to change on this page when its training blows up. */
  diverged?: string;
  /** Plays the recorded run of this page where there is no WebGPU. */
  recorded?: (run: Recording) => Promise<void>;
  /** What the page does where there is no WebGPU, if it has no recording. */
  without?: () => Promise<void>;
}

/**
 * Opens the GPU and gives it to `work`. Whatever `work` throws is shown in `main` with a button that begins again.
 *
 * `main` says where it is in `data-state`: opening, running, paused, recorded, done or failed (kit.css then shows the panel
 * alone).
 */
export async function live(main: HTMLElement, work: (gpu: Gpu) => Promise<void>, life: Life = {}): Promise<void> {
  const panel = new ProblemPanel(main);
  const start = async (): Promise<void> => {
    panel.hide();
    delete main.dataset.error;
    showState(main, "opening");
    let gpu: Gpu | undefined;
    try {
      gpu = await open();
      say("adapter", nameOf(gpu));
      showState(main, "running");
      await work(gpu);
      showState(main, "done");
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      const problem = problemOf(error, life.diverged ?? "Choose other settings, then try again.");
      if (!gpu) {
        say("adapter", "none");
        if (await workWithout(main, life, () => panel.show(problem, cause, start, { folded: true }))) return;
      }
      main.dataset.error = cause;
      showState(main, "failed");
      panel.show(problem, cause, start);
    } finally {
      gpu?.dispose();
    }
  };
  return start();
}

/** What a page does without a GPU; false if it can do nothing. */
async function workWithout(main: HTMLElement, { recorded, without }: Life, tell: () => void): Promise<boolean> {
  if (recorded) {
    const run = await loadRecording();
    if (!run) return false;
    tell();
    showState(main, "recorded");
    await recorded(run);
    return true;
  }
  if (!without) return false;
  tell();
  showState(main, "running");
  await without();
  return true;
}

/** The adapter's name, and that it computes on the CPU if it does. */
export const nameOf = (gpu: Gpu): string => (gpu.profile.computesOn === "cpu" ? `${gpu.name} (software)` : gpu.name);

export function showState(
  main: HTMLElement,
  name: "opening" | "running" | "paused" | "recorded" | "done" | "failed",
): void {
  if (main.dataset.state !== name) main.dataset.state = name;
}

/** Resolves when the next frame is on its way: what is submitted then cannot hold it up. */
export const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/**
 * Milliseconds of training between two frames. A GPU draws the page too, which waits that long. A software adapter
 * computes beside the page, and every wait for it costs some 10 ms, so that it gets more at a time.
 */
const TRAINING = { gpu: 25, cpu: 80 };
/** And between two pictures. */
const DRAWING = { gpu: 30, cpu: 120 };

/** Trains as many steps at a time as leave the page smooth. */
export class Pace {
  #wanted: number;
  #latency: number;
  #drawEvery: number;
  #count = 1;
  #began = 0;
  #drawn = 0;
  #marks: { time: number; steps: number }[] = [];

  constructor(gpu: Gpu) {
    const { computesOn } = gpu.profile;
    this.#latency = gpu.latency;
    this.#wanted = Math.max(TRAINING[computesOn], gpu.latency);
    this.#drawEvery = DRAWING[computesOn];
  }

  /**
   * Trains every trainer the same number of steps.
   *
   * @param limit steps a second at most, where an eye is to follow
   */
  async step(trainers: readonly Pick<Trainer, "step">[], limit = Number.POSITIVE_INFINITY): Promise<void> {
    const began = performance.now();
    const allowed = Math.ceil((limit * Math.min(began - this.#began, 500)) / 1000);
    this.#began = began;
    const steps = Math.max(1, Math.min(this.#count, allowed));
    await Promise.all(trainers.map((trainer) => trainer.step(steps)));
    const time = performance.now();
    // One slow round says little on a busy machine: the count at most halves.
    const fits = Math.floor((steps * this.#wanted) / Math.max(time - began - this.#latency, 0.1));
    this.#count = Math.max(1, Math.ceil(this.#count / 2), Math.min(2 * this.#count, fits));
    this.#marks.push({ time, steps: (this.#marks.at(-1)?.steps ?? 0) + steps });
    while (this.#marks.length > 2 && this.#marks[0]!.time < time - 2000) this.#marks.shift();
  }

  /** Whether it is time to draw again; it is asked once a round. */
  due(): boolean {
    const time = performance.now();
    if (time - this.#drawn < this.#drawEvery) return false;
    this.#drawn = time;
    return true;
  }

  /** Steps a second over the last two seconds, or NaN. */
  get rate(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    return first && last && last.time > first.time
      ? (1000 * (last.steps - first.steps)) / (last.time - first.time)
      : Number.NaN;
  }

  /** After a pause, or with other trainers: begins with one step again, and forgets the rate. */
  restart(): void {
    this.#count = 1;
    this.#marks = [];
  }
}

/** Whether the visitor has stopped the clock, or asks all pages for less motion: then it begins stopped. */
export class PauseButton {
  paused = false;
  #button: HTMLButtonElement;
  #onchange = () => {};
  #wake = () => {};

  constructor(button: HTMLButtonElement, onchange = () => {}) {
    this.#button = button;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.pause();
    this.#onchange = onchange; // it is for changes
    button.addEventListener("click", () => (this.paused ? this.resume() : this.pause()));
  }

  pause(): void {
    this.#set(true);
  }

  resume(): void {
    this.#set(false);
    this.#wake();
  }

  #set(paused: boolean): void {
    if (this.paused === paused) return;
    this.paused = paused;
    this.#button.textContent = paused ? "Run" : "Pause";
    this.#onchange();
  }

  /** Resolves when it is let run again. */
  async wait(): Promise<void> {
    if (this.paused) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** At least this many milliseconds lie between two sentences. */
const QUIET = 3000;

/** Says what a screen reader should hear of figures that change all the time: when what they show is another, not how they move. */
export class Speaker {
  #id: string;
  #state = "";
  #last = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** @param state what the figures show, in a word; `text` is said when it is another than what was last spoken of */
  say(state: string, text: () => string): void {
    clearTimeout(this.#timer); // what waited is not so any more
    if (state === this.#state) return;
    const speak = () => {
      this.#state = state;
      this.#last = performance.now();
      say(this.#id, text());
    };
    const wait = this.#last + QUIET - performance.now();
    if (wait > 0) this.#timer = setTimeout(speak, wait);
    else speak();
  }
}
