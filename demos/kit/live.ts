/** A page's life: open the GPU, work, fail aloud, start again; and work that leaves the page time to answer. */
import { type Gpu, open, type Trainer } from "../../src/index.ts";
import { say } from "./page.ts";
import { ProblemPanel, problemOf } from "./problem.ts";

/**
 * Opens the GPU and gives it to `work`. Whatever `work` throws is shown in `main` with a button that begins again.
 *
 * `main` says where it is in `data-state`: opening, running, paused, done or failed (kit.css then shows the panel alone).
 *
 * @param options.diverged what to change on this page when its training blows up
 */
export async function live(
  main: HTMLElement,
  work: (gpu: Gpu) => Promise<void>,
  options: { diverged?: string } = {},
): Promise<void> {
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
      if (!gpu) say("adapter", "none");
      const cause = error instanceof Error ? error.message : String(error);
      main.dataset.error = cause;
      showState(main, "failed");
      panel.show(problemOf(error, options.diverged ?? "Choose other settings, then try again."), cause, start);
    } finally {
      gpu?.dispose();
    }
  };
  return start();
}

/** The adapter's name, and that it computes on the CPU if it does. */
export const nameOf = (gpu: Gpu): string => (gpu.profile.computesOn === "cpu" ? `${gpu.name} (software)` : gpu.name);

export function showState(main: HTMLElement, name: "opening" | "running" | "paused" | "done" | "failed"): void {
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
  #drawEvery: number;
  #count = 1;
  #began = 0;
  #drawn = 0;
  #marks: { time: number; steps: number }[] = [];

  constructor(gpu: Gpu) {
    const { computesOn } = gpu.profile;
    this.#wanted = TRAINING[computesOn];
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
    const fits = Math.floor((steps * this.#wanted) / Math.max(time - began, 0.1));
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

/** Whether the visitor has stopped the clock. */
export class PauseButton {
  paused = false;
  #button: HTMLButtonElement;
  #wake = () => {};

  constructor(button: HTMLButtonElement) {
    this.#button = button;
    button.addEventListener("click", () => (this.paused ? this.resume() : this.pause()));
  }

  pause(): void {
    this.paused = true;
    this.#button.textContent = "Run";
  }

  resume(): void {
    this.paused = false;
    this.#button.textContent = "Pause";
    this.#wake();
  }

  /** Resolves when it is let run again. */
  async wait(): Promise<void> {
    if (this.paused) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/** Says what a screen reader should hear of figures that change all the time, at most every ten seconds. */
export class Speaker {
  #id: string;
  #last = 0;

  constructor(id: string) {
    this.#id = id;
  }

  say(text: () => string): void {
    const time = performance.now();
    if (time - this.#last < 10_000) return;
    this.#last = time;
    say(this.#id, text());
  }
}
