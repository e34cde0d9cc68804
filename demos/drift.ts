/** The scenes of drift on the start page. Each begins when it is in sight, ends by itself, and stands still. */
import { createTrainer, type Gpu, type Trainer } from "../src/index.ts";
import { count, nats } from "./kit/format.ts";
import { onThemeChange } from "./kit/inks.ts";
import { frame, Pace, type PauseButton } from "./kit/live.ts";
import { type PackedOutputs, packOutputs, reachOf, readOutputs, unpackOutputs } from "./kit/outputs.ts";
import { element, say } from "./kit/page.ts";
import { type Recording, record } from "./kit/recorded.ts";
import { Pictures } from "./lab/pictures.ts";
import type { Moment } from "./lab/side.ts";
import { roughly } from "./lab/verdict.ts";
import { hold, RUNS, type SceneName, sceneOptions, scenes, truth } from "./scenes.ts";

/** What a scene can be asked to play. */
type Act = "begin" | "hold";

/** What it plays: from its first step to its last. */
type Source = (act: Act, run: number) => AsyncGenerator<Moment>;

interface SceneFrame {
  scene: SceneName;
  act: Act;
  moment: Omit<Moment, "outputs"> & { outputs: PackedOutputs };
}

/** Steps a second: an eye is to follow. */
const RATE = 130;
/** A scene begins when this share of it is in sight. */
const SHARE = 0.6;

const lessMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Trains a scene. Its trainer is kept from one act to the next. */
function liveSource(gpu: Gpu, name: SceneName): Source {
  let trainer: Trainer | undefined;
  return async function* (act, run) {
    if (act === "begin") {
      trainer?.dispose();
      trainer = await createTrainer(gpu, sceneOptions(name, [run]));
    }
    const scene = trainer!;
    if (act === "hold") scene.set({ estimator: { lambda: hold.lambda } });
    const last = scene.steps + (act === "begin" ? scenes[name].steps : hold.steps);
    const pace = new Pace(gpu);
    const toTheEnd = { step: (steps: number) => scene.step(Math.min(steps, last - scene.steps)) };
    while (scene.steps < last) {
      await pace.step([toTheEnd], lessMotion() ? undefined : RATE);
      if (pace.due() || scene.steps === last) {
        const [{ averages }, outputs] = await Promise.all([scene.read(), readOutputs(gpu, scene)]);
        const { macro: estimate, joint, steps: averaged } = averages[0]!;
        // Means over steps, as the estimate is: blue less orange is green.
        const partition = joint - estimate;
        yield { time: performance.now(), step: scene.steps, averaged, estimate, joint, partition, truth, outputs };
      }
      await frame();
    }
  };
}

/** Plays what was recorded of a scene. */
function recordedSource(frames: readonly SceneFrame[]): Source {
  return async function* (act) {
    let before = act === "begin" ? 0 : Number.NaN;
    for (const { moment, ...played } of frames) {
      if (played.act !== act) continue;
      const wait = (1000 * (moment.step - before)) / RATE;
      await new Promise((resolve) => setTimeout(resolve, lessMotion() || !(wait > 0) ? 0 : wait));
      before = moment.step;
      yield { ...moment, outputs: unpackOutputs(moment.outputs) };
    }
  };
}

class Scene {
  readonly name: SceneName;
  #pause: PauseButton;
  #pictures: Pictures;
  /** Its figure, and that with its words. */
  #root: HTMLElement;
  #scene: HTMLElement;
  #asked: Act | undefined;
  #run = 0;
  #last: Moment | undefined;
  #inSight = false;
  #wake = () => {};
  /** Counts what plays this scene: after a fault another GPU does. */
  #player = 0;

  constructor(name: SceneName, pause: PauseButton) {
    this.name = name;
    this.#pause = pause;
    this.#root = element(`scene-${name}`);
    this.#scene = this.#root.closest<HTMLElement>(".scene")!;
    const { batch, steps } = scenes[name];
    say(`batch-${name}`, String(batch));
    this.#pictures = new Pictures(name, { leastSpan: steps });
    this.#button("again")?.addEventListener("click", () => {
      this.#run = (this.#run + 1) % RUNS;
      this.#press("begin");
    });
    this.#button("hold")?.addEventListener("click", () => this.#press("hold"));
    this.#watch();
    this.#draw();
  }

  #button = (name: string) => this.#scene.querySelector<HTMLButtonElement>(`[data-act=${name}]`);

  #watch(): void {
    const observer = new IntersectionObserver(
      ([entry]) => {
        this.#inSight = entry!.isIntersecting;
        const begins = entry!.intersectionRatio >= SHARE && !this.#last && !this.#asked;
        if (begins) this.#ask("begin");
        else this.#wake();
      },
      { threshold: [0, SHARE] },
    );
    observer.observe(this.#root);
    new ResizeObserver(() => this.#draw()).observe(element(`outputs-${this.name}`));
    onThemeChange(() => this.#draw());
  }

  /** Whoever presses a button wants to see something. */
  #press(act: Act): void {
    if (!lessMotion()) this.#pause.resume();
    this.#ask(act);
  }

  #ask(act: Act): void {
    this.#asked = act;
    this.#wake();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Plays whatever is asked for, for good, or until another plays. */
  async play(source: Source): Promise<void> {
    const player = ++this.#player;
    const isOver = () => player !== this.#player;
    if (this.#root.dataset.act) this.#asked = "begin";
    if (globalThis.recorder) this.#ask("begin");
    for (;;) {
      await this.#until(() => isOver() || this.#asked !== undefined);
      await this.#clock();
      if (isOver()) return;
      const act = this.#asked!;
      this.#asked = undefined;
      this.#begin(act);
      let played = false;
      for await (const moment of source(act, this.#run)) {
        if (isOver()) return;
        played = true;
        this.#take(act, moment);
        if (!lessMotion()) this.#draw();
        if (!globalThis.recorder) await this.#until(() => isOver() || this.#inSight || this.#asked !== undefined);
        await this.#clock();
        if (this.#asked) break;
      }
      // A recording may lack an act.
      if (!this.#asked && played) this.#end(act);
    }
  }

  /** A recorder wants all of it, and who asks for less motion sees only ends. */
  async #clock(): Promise<void> {
    if (!lessMotion() && !globalThis.recorder) await this.#pause.wait();
  }

  #begin(act: Act): void {
    if (act === "begin") {
      this.#pictures.clear();
      this.#last = undefined;
    }
    this.#root.dataset.act = act;
    this.#enable(false);
    say(
      `state-${this.name}`,
      act === "begin" ? "It learns …" : `λ = ${hold.lambda}: each step pays for having drifted …`,
    );
  }

  #take(act: Act, moment: Moment): void {
    this.#pictures.take(moment);
    this.#last = moment;
    const { outputs, ...rest } = moment;
    record({ scene: this.name, act, moment: { ...rest, outputs: packOutputs(outputs, 32) } } satisfies SceneFrame);
  }

  #end(act: Act): void {
    this.#root.dataset.act = `${act} ended`;
    this.#draw();
    this.#enable(act === "begin");
    if (this.#last) {
      const sentence = this.#sentence(act, this.#last);
      say(`state-${this.name}`, sentence);
      element(`outputs-${this.name}`).setAttribute("aria-label", `Every output of the network over time. ${sentence}`);
    }
    if (globalThis.recorder && act === "begin" && this.#button("hold")) this.#ask("hold");
  }

  #enable(canHold: boolean): void {
    const button = this.#button("hold");
    if (button) button.disabled = !canHold;
  }

  /** What there is to see at the end of an act, as measured. */
  #sentence(act: Act, { step, estimate, partition, outputs }: Moment): string {
    const estimated = `The estimate is ${nats(estimate)} nats, the truth ${nats(truth)}.`;
    if (act === "hold") {
      return `${count(hold.steps)} steps later the log-partition is ${roughly(partition)}: the dots are home. ${estimated}`;
    }
    if (this.name === "explosion")
      return `${count(step)} steps: an output of ${roughly(reachOf(outputs))}. ${estimated}`;
    const way = partition > 0 ? "up" : "down";
    return `${count(step)} steps: the dots have moved ${way} together, by ${roughly(Math.abs(partition))} nats. ${estimated}`;
  }

  #draw(): void {
    this.#pictures.draw(truth);
    say(`estimate-${this.name}`, this.#last ? nats(this.#last.estimate) : "–");
    say(`step-${this.name}`, count(this.#last?.step ?? 0));
    say(`truth-${this.name}`, nats(truth));
  }
}

/**
 * The scenes, ready to be played.
 *
 * @returns `work` plays them on a GPU, `recorded` from the frames of theirs among a recording's
 */
export function driftScenes(pause: PauseButton) {
  const all = (Object.keys(scenes) as SceneName[]).map((name) => new Scene(name, pause));
  const play = async (source: (name: SceneName) => Source) => {
    await Promise.all(all.map((scene) => scene.play(source(scene.name))));
  };
  return {
    work: (gpu: Gpu) => play((name) => liveSource(gpu, name)),
    recorded: ({ frames }: Recording) => {
      const own = frames.filter((frame): frame is SceneFrame => (frame as Partial<SceneFrame>).scene !== undefined);
      return play((name) => recordedSource(own.filter(({ scene }) => scene === name)));
    },
  };
}
