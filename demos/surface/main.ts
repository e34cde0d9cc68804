/** The loss as a landscape: ReMINE's loss over j and j̄, and the path that training takes on it. */
import type { Gpu, Trainer } from "../../src/index.ts";
import { FigureLine, toHash } from "../kit/figures.ts";
import { count, nats } from "../kit/format.ts";
import { onThemeChange } from "../kit/inks.ts";
import { frame, live, Pace, PauseButton, Speaker, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { packed, play, type Recording, record, unpacked } from "../kit/recorded.ts";
import { Snippet } from "../kit/snippet.ts";
import { END, extended, hasExploded, type Point, type Verdict, verdictOf } from "./path.ts";
import { Picture } from "./picture.ts";
import { choices, figures, makeTrainer, type Settings, settingsAt, snippetOf } from "./settings.ts";
import { FIRST_TURN } from "./view.ts";

const demo = element("demo");
const canvas = element<HTMLCanvasElement>("scene");
const lambda = element<HTMLInputElement>("lambda");
const target = element<HTMLInputElement>("target");
const batch = element<HTMLSelectElement>("batch");
const speaker = new Speaker("spoken");
const figure = new FigureLine(figures);
const picture = new Picture(canvas);
const snippet = new Snippet("use");

/** An eye can follow this many steps a second. */
const LIMIT = 400;
const LEAST_REACH = 5;

/** What a moment shows. */
interface Moment extends Settings {
  path: Point[];
  /** j and j̄ are shown from −reach to reach. */
  reach: number;
  rate: number;
}

const state = {
  restart: true,
  seed: 0,
  turn: { ...FIRST_TURN },
  /** λ or C was changed while it ran: the trainer does not know, and the run cannot be had from one set of settings. */
  stale: false,
  mixed: false,
};
let shown: Moment = { ...settingsAt(location.hash), path: [], reach: LEAST_REACH, rate: Number.NaN };
const pause = new PauseButton(element<HTMLButtonElement>("pause"), () => {
  if (!pause.paused && hasExploded(lastOf(shown.path))) state.restart = true;
});

const lastOf = (path: readonly Point[]): Point => path.at(-1) ?? { steps: 0, j: 0, jbar: 0 };

/** What the controls say. */
const settings = (): Settings => ({
  lambda: choices.lambda[Number(lambda.value)]!,
  C: Number(target.value),
  batch: Number(batch.value),
});

function writeControls(wanted: Settings): void {
  lambda.value = String(choices.lambda.indexOf(wanted.lambda));
  target.value = String(wanted.C);
  batch.value = String(wanted.batch);
  showControls();
}

async function run(gpu: Gpu): Promise<void> {
  const pace = new Pace(gpu);
  let trainer: Trainer | undefined;
  state.restart = true;
  try {
    for (;;) {
      if (!trainer || state.restart) {
        state.restart = state.stale = state.mixed = false;
        trainer?.dispose();
        trainer = await makeTrainer(gpu, settings(), state.seed);
        show({ ...settings(), path: [{ steps: 0, j: 0, jbar: 0 }], reach: LEAST_REACH, rate: Number.NaN });
        pace.restart();
      }
      if (pause.paused) {
        showState(demo, "paused");
        await pause.wait();
        pace.restart();
        continue;
      }
      showState(demo, "running");
      if (state.stale) {
        state.stale = false;
        state.mixed = true;
        const { lambda, C } = settings();
        trainer.set({ estimator: { lambda, C } });
      }
      await pace.step([trainer], LIMIT);
      if (pace.due()) await follow(trainer, pace.rate);
      await frame();
    }
  } finally {
    trainer?.dispose();
  }
}

/** Shows where training is now. A run that has left the largest box ends. */
async function follow(trainer: Trainer, rate: number): Promise<void> {
  const { joint, logPartition } = (await trainer.read()).averages[0]!;
  if (state.restart) return;
  const path = extended(shown.path, { steps: trainer.steps, j: joint, jbar: logPartition });
  const farthest = Math.max(...path.flatMap(({ j, jbar }) => [Math.abs(j), Math.abs(jbar)]));
  const wanted = Math.min(END, Math.max(LEAST_REACH, 1.15 * farthest));
  const over = hasExploded(lastOf(path));
  const reach = over ? END : shown.reach + 0.15 * (wanted - shown.reach);
  show({ ...settings(), path, reach, rate });
  if (over) pause.pause();
}

/** Draws a moment, live or recorded, and says its numbers. */
function show(moment: Moment): void {
  shown = moment;
  draw();
  const { steps, j, jbar } = lastOf(moment.path);
  const verdict = verdictOf(moment.path, moment);
  const partOf = (value: number) => value.toFixed(4);
  Object.assign(demo.dataset, {
    ...{ steps: String(steps), joint: partOf(j), partition: partOf(jbar), estimate: partOf(j - jbar) },
    ...{ verdict: verdict.state, reach: moment.reach.toFixed(2), level: LEVELS[verdict.state] ?? "" },
  });
  say("joint", nats(j));
  say("partition", nats(jbar));
  say("estimate", nats(j - jbar));
  say("steps", count(steps));
  say("rate", Number.isFinite(moment.rate) ? count(moment.rate) : "–");
  say("verdict", verdict.text);
  speaker.say(verdict.state, () => `After ${count(steps)} steps: ${verdict.text}`);
  snippet.show(snippetOf(moment, state.seed, steps), state.mixed ? MIXED : "");
  record({ ...moment, path: packedPath(moment) });
}

const LEVELS: Partial<Record<Verdict["state"], string>> = { stays: "good", drifts: "drift", exploded: "explosion" };
const MIXED =
  "λ or C was changed while this ran: begun with what they are now, a run comes to another number. Restart, and both agree.";

/** A path as a recording has it: a byte a number, and the last point as it is. */
const packedPath = ({ path, reach }: Moment) => {
  const last = lastOf(path);
  const all = (of: (point: Point) => number, low: number, high: number) => packed(path.map(of), low, high);
  return {
    steps: all(({ steps }) => steps, 0, Math.max(1, last.steps)),
    j: all(({ j }) => j, -reach, reach),
    jbar: all(({ jbar }) => jbar, -reach, reach),
    last,
  };
};

type RecordedMoment = Omit<Moment, "path"> & { path: ReturnType<typeof packedPath> };

function unpackedPath({ path: { steps, j, jbar, last }, reach }: RecordedMoment): Point[] {
  const at = unpacked(steps, 0, Math.max(1, last.steps));
  const [js, jbars] = [unpacked(j, -reach, reach), unpacked(jbar, -reach, reach)];
  return [...at.slice(0, -1)].map((steps, i) => ({ steps, j: js[i]!, jbar: jbars[i]! })).concat(last);
}

/** Plays the recorded run. */
async function replay(run: Recording): Promise<void> {
  for (const control of [lambda, target, batch, element<HTMLButtonElement>("restart")]) control.disabled = true;
  say("adapter", `none; this run was recorded on ${run.adapter}`);
  await play(run as Recording<RecordedMoment>, pause, (moment) => {
    writeControls(moment);
    show({ ...moment, path: unpackedPath(moment) });
  });
}

function draw(): void {
  const { lambda, C } = settings();
  picture.draw({ lambda, C, reach: shown.reach, turn: state.turn, path: shown.path });
}

/** Draws at the next frame, running or paused. */
let asked = false;
function redraw(): void {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}

/** The landscape in words: what follows from the formula alone. */
function landInWords(): string {
  const { lambda, C } = settings();
  if (lambda === 0) {
    return (
      "With λ = 0 the ground is a tilted plane, and the dashed line is level: all its points are as good as each other. " +
      "Nothing holds the path in place along it, so that each batch may push it on. That is drift."
    );
  }
  return (
    `With λ = ${lambda} the ground is bent upwards away from j̄ = ${nats(C)}, and so is the dashed line: it has one lowest ` +
    "point. A path that drifts along the line has to climb."
  );
}

function showControls(): void {
  const { lambda: value, C } = settings();
  say("lambda-value", String(value));
  lambda.setAttribute("aria-valuetext", String(value));
  say("target-value", C.toFixed(1).replace("-", "−"));
  target.setAttribute("aria-valuetext", C.toFixed(1));
  say("about", landInWords());
  say("shape", `${landInWords()} Arrow keys turn the picture, plus and minus zoom, Home sets it back.`);
  figure.show();
  redraw();
}

function turn(yaw: number, pitch: number, zoom = 1): void {
  const { turn } = state;
  turn.yaw += yaw;
  turn.pitch = Math.min(1.5, Math.max(0.05, turn.pitch + pitch));
  turn.zoom = Math.min(3, Math.max(0.7, turn.zoom * zoom));
  redraw();
}

/** Takes up what the controls say, and puts it into the address. */
function change(): void {
  history.replaceState(null, "", `#${toHash(settings())}`);
  showControls();
}

function restart(): void {
  state.restart = true;
  state.seed++;
  pause.resume();
}

const KEYS: Record<string, [number, number, number?]> = {
  ArrowLeft: [0.1, 0],
  ArrowRight: [-0.1, 0],
  ArrowUp: [0, 0.1],
  ArrowDown: [0, -0.1],
  "+": [0, 0, 1.1],
  "-": [0, 0, 1 / 1.1],
};
canvas.addEventListener("keydown", (event) => {
  const way = KEYS[event.key];
  if (event.key === "Home") Object.assign(state.turn, FIRST_TURN);
  else if (!way) return;
  event.preventDefault();
  turn(...(way ?? [0, 0]));
});
canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  turn(-0.008 * event.movementX, event.pointerType === "touch" ? 0 : 0.008 * event.movementY);
});
for (const input of [lambda, target]) {
  input.addEventListener("input", () => {
    state.stale = true;
    change();
  });
}
batch.addEventListener("change", () => {
  change();
  restart();
});
element("restart").addEventListener("click", restart);
addEventListener("hashchange", () => {
  writeControls(settingsAt(location.hash));
  restart();
});
element("controls").addEventListener("submit", (event) => event.preventDefault());
new ResizeObserver(redraw).observe(canvas);
onThemeChange(redraw);

writeControls(settingsAt(location.hash));
live(demo, run, { diverged: "Raise λ, or take more pairs a step, then try again.", recorded: replay });
