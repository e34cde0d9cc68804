/** The lab: two estimators side by side on the same data, with everything that can be changed while they run. */
import type { Gpu, Source } from "../../src/index.ts";
import { FigureLine, toHash } from "../kit/figures.ts";
import { count, nats } from "../kit/format.ts";
import { onThemeChange } from "../kit/inks.ts";
import { frame, live, Pace, PauseButton, Speaker, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { about, sourceOf, truthOf } from "./data.ts";
import { figures, settingsAt } from "./figures.ts";
import { choices, comparesRows, defaults, fromHash, type Settings } from "./settings.ts";
import { type Key, Side, SideCurves } from "./side.ts";

const demo = element("demo");
const control = (id: string) => element<HTMLInputElement | HTMLSelectElement>(id);
const pause = new PauseButton(element<HTMLButtonElement>("pause"));
const speaker = new Speaker("spoken");
const figure = new FigureLine(figures);
const keys = ["a", "b"] as const satisfies readonly Key[];

for (const key of keys) {
  control(key).replaceChildren(...choices.map(({ name, title }) => new Option(title, name)));
}

let settings = settingsAt(location.hash);
/** Nats; of a curve it is an integral, so it is taken when settings change and not when they are drawn. */
let truth = 0;
let restarts = 0;

/** How a control stands for a setting: both ways, and as text beside it. */
const controls: Record<
  Exclude<keyof Settings, "seed">,
  { write: (value: never) => string; read: (text: string) => unknown; text?: (value: never) => string }
> = {
  a: plain(),
  b: plain(),
  data: plain(),
  optimizer: plain(),
  setup: plain(),
  batch: number(),
  speed: number(),
  n: number(String),
  dims: number(String),
  rho: number((v) => v.toFixed(2)),
  noise: number((v) => v.toFixed(2)),
  lambda: number((v) => v.toFixed(2)),
  C: number((v) => v.toFixed(1).replace("-", "−")),
  // The slider moves in tenths of a decade.
  learningRate: {
    write: (value: number) => String(Math.round(10 * Math.log10(value))),
    read: (text) => Number((10 ** (Number(text) / 10)).toPrecision(2)),
    text: (value: number) => String(Number(value.toPrecision(2))),
  },
};

function plain() {
  return { write: (value: string) => value, read: (text: string) => text };
}

function number(text?: (value: number) => string) {
  return { write: String, read: Number, ...(text ? { text } : {}) };
}

/** The three that the page is about, for who meets them here; the others state their bound. */
const inWords: Record<string, string> = {
  "donsker-varadhan":
    "MINE with its plain gradient: the difference of the two terms. Nothing holds the outputs in place.",
  mine: "The same difference, with a moving average in its gradient against the bias of small batches.",
  remine: "The same difference, minus λ times the squared distance of the log-partition from C.",
};

const setupInWords: Record<Settings["setup"], string> = {
  lab: "The networks have two hidden layers of 64, and each pair is set against four shuffled ones.",
  paper:
    "As in the paper, the networks have one hidden layer of 256, and each pair is set against one that is drawn anew.",
};

const names = Object.keys(controls) as (keyof typeof controls)[];

function writeControls(): void {
  for (const name of names) control(name).value = controls[name].write(settings[name] as never);
  showControls();
}

function showControls(): void {
  for (const name of names) {
    const text = controls[name].text?.(settings[name] as never);
    if (text === undefined) continue;
    say(`${name}-value`, text);
    control(name).setAttribute("aria-valuetext", text);
  }
  for (const node of document.querySelectorAll<HTMLElement>("[data-for]")) {
    node.hidden = !node.dataset.for!.split(" ").includes(settings.data);
  }
  refuseOne();
  figure.show();
  truth = truthOf(settings);
  demo.dataset.truth = truth.toFixed(5);
  for (const key of keys) {
    say(`truth-${key}`, nats(truth));
    say(`use-${key}`, inWords[settings[key]] ?? choices.find(({ name }) => name === settings[key])!.statement);
  }
  say("about", `${about[settings.data]} ${setupInWords[settings.setup]}`);
}

/** One pair a step and an estimator that compares rows refuse each other. */
function refuseOne(): void {
  const options = (id: string) => [...(control(id) as HTMLSelectElement).options];
  for (const key of keys) {
    for (const option of options(key)) option.disabled = settings.batch === 1 && comparesRows(option.value);
  }
  options("batch").find(({ value }) => value === "1")!.disabled = keys.some((key) => comparesRows(settings[key]));
}

/** Takes up a change and puts it into the address. */
function change(changes: Partial<Settings>): void {
  settings = { ...settings, ...changes };
  writeAddress();
  showControls();
}

const writeAddress = () => history.replaceState(null, "", `#${toHash(settings)}`);

/** Begins anew, with other random numbers. A figure stays the figure that it is. */
function restart(): void {
  if (figure.current) settings = { ...settings, seed: settings.seed + 1 };
  else change({ seed: settings.seed + 1 });
  restarts++;
  pause.resume();
}

/** A figure that was asked for stands where its pictures are in sight. */
function showFigure(): void {
  if (figure.current) element("paper").scrollIntoView();
}

for (const name of names) {
  control(name).addEventListener("input", () => change({ [name]: controls[name].read(control(name).value) }));
}
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-try]")) {
  button.addEventListener("click", () => {
    change({ ...defaults, ...fromHash(button.dataset.try!), seed: settings.seed });
    writeControls();
    if (button.dataset.restart !== undefined) restarts++;
    pause.resume();
  });
}
element("restart").addEventListener("click", restart);
element("share").addEventListener("click", async () => {
  if (!figure.current) writeAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    say("said", "The link is on the clipboard. It opens the lab as it is set now.");
  } catch {
    say("said", "The link is in the address bar. It opens the lab as it is set now.");
  }
});
addEventListener("hashchange", () => {
  settings = settingsAt(location.hash);
  writeControls();
  if (!figure.current) return;
  restarts++;
  pause.resume();
  showFigure();
});
element("controls").addEventListener("submit", (event) => event.preventDefault());

const curves = { a: new SideCurves("a"), b: new SideCurves("b") };

/** What needs new data; and what needs a new trainer that goes on with the same network. */
const dataKey = (s: Settings) =>
  [s.data, s.seed, s.setup, restarts, s.data === "one-hot" ? s.n : s.data === "gaussian" ? s.dims : s.noise].join();
const trainerKey = (s: Settings, key: Key) => [s[key], s.batch, s.optimizer].join();
const liveKey = (s: Settings) => [s.lambda, s.C, s.learningRate, s.rho].join();

/** A paused page is drawn again when its colours or its size change. */
let redraw = () => {};
onThemeChange(() => redraw());
addEventListener("resize", () => redraw());

async function work(gpu: Gpu): Promise<void> {
  const sides = { a: await Side.create(gpu, "a", curves.a), b: await Side.create(gpu, "b", curves.b) };
  const both = keys.map((key) => sides[key]);
  const pace = new Pace(gpu);
  let source: Source | undefined;
  const made = { data: "", a: "", b: "", live: "" };
  redraw = () => {
    if (pause.paused) for (const side of both) side.draw();
  };
  try {
    for (;;) {
      const now = settings;
      const fresh = made.data !== dataKey(now);
      if (fresh) {
        if (made.data) say("said", "Both networks start again, from the same random weights, on the same data.");
        source = sourceOf(now);
      }
      for (const key of keys) {
        if (!fresh && made[key] === trainerKey(now, key)) continue;
        if (!fresh) say("said", "The networks keep what they have learned; the average over 300 steps begins anew.");
        await sides[key].make(now, source!, fresh);
        made[key] = trainerKey(now, key);
        pace.restart();
      }
      made.data = dataKey(now);
      if (made.live !== liveKey(now)) {
        for (const side of both) side.set(now);
        made.live = liveKey(now);
      }
      if (pause.paused) {
        showState(demo, "paused");
        await pause.wait();
        pace.restart();
        continue;
      }
      showState(demo, "running");
      await pace.step(both, now.speed || undefined);
      if (pace.due()) {
        await Promise.all(both.map((side) => side.show(now, truth)));
        demo.dataset.steps = String(sides.a.steps);
        say("steps", count(sides.a.steps));
        say("rate", Number.isFinite(pace.rate) ? count(pace.rate) : "–");
        speaker.say(() => {
          const texts = keys.map(
            (key) => `${(control(key) as HTMLSelectElement).selectedOptions[0]!.text}: ${sides[key].describe()}`,
          );
          for (const [i, key] of keys.entries()) {
            element(`outputs-${key}`).setAttribute("aria-label", `Outputs of ${texts[i]}`);
          }
          return `Truth ${nats(truth)} nats. ${texts.join(". ")}.`;
        });
      }
      await frame();
    }
  } finally {
    redraw = () => {};
  }
}

writeControls();
showFigure();
live(demo, work, { diverged: "Lower the learning rate, then try again." });
