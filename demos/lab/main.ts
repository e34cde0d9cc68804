/** Two estimators side by side on the same data, with everything that can be changed while they run. */
import type { Gpu } from "../../src/index.ts";
import { FigureLine, toHash } from "../kit/figures.ts";
import { count, nats } from "../kit/format.ts";
import { onThemeChange } from "../kit/inks.ts";
import { frame, live, Pace, PauseButton, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { play, type Recording, record } from "../kit/recorded.ts";
import { Snippet } from "../kit/snippet.ts";
import { codeOf } from "./code.ts";
import { disableControls, fillControls, listen, showControls, writeControls } from "./controls.ts";
import { about, truthOf } from "./data.ts";
import { figures, settingsAt } from "./figures.ts";
import { isRemade, Lab } from "./lab.ts";
import { choices, defaults, type Settings, tries } from "./settings.ts";
import type { Key } from "./side.ts";
import { keys, type PackedFrame, packFrame, unpackFrame, View } from "./view.ts";

const demo = element("demo");
const pause = new PauseButton(element<HTMLButtonElement>("pause"));
const figure = new FigureLine(figures);
const snippet = new Snippet("use", "Use it in a few lines");

fillControls();
let settings = settingsAt(location.hash);
/** Nats; of a curve it is an integral, so it is taken when settings change and not when they are drawn. */
let truth = 0;
/** How often both networks were asked to begin anew. */
let begins = 0;
const view = new View();

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

/** What each button of the row above the pictures begins. The tests hold these sentences. */
const tryInWords: Record<keyof typeof tries, string> = {
  drift:
    "20 pairs a step. The left outputs leave 0 together, and the estimate, a difference, hides it. λ holds the right ones.",
  explode:
    "10 pairs a step, and larger steps. Within 1,500 steps the left outputs pass 100 and the estimate is lost. The right " +
    "ones stay below 50.",
  release: "λ = 0: drifting now costs ReMINE and its like nothing.",
  hold: "λ = 0.1: each step of ReMINE and its like now pays for having drifted.",
};

function showSettings(): void {
  showControls(settings);
  figure.show();
  truth = truthOf(settings);
  demo.dataset.truth = truth.toFixed(5);
  say("truth", nats(truth));
  for (const key of keys) {
    say(`use-${key}`, inWords[settings[key]] ?? choices.find(({ name }) => name === settings[key])!.statement);
  }
  say("about", `${about[settings.data]} ${setupInWords[settings.setup]}`);
  view.redraw({ settings, truth });
}

/** Takes up settings. What stands still is no longer what another trainer would say. */
function take(next: Settings): void {
  const before = settings;
  settings = next;
  if (pause.paused) {
    for (const key of keys) if (isRemade(before, next, key)) view.forget(key, { pictures: false });
  }
  showSettings();
  showCode();
}

/** Takes up a change and puts it into the address. */
function change(changes: Partial<Settings>): void {
  const next = { ...settings, ...changes };
  history.replaceState(null, "", `#${toHash(next)}`);
  take(next);
}

/** Begins anew, with other random numbers. A figure stays the figure that it is. */
function restart(): void {
  if (figure.current) settings = { ...settings, seed: settings.seed + 1 };
  else change({ seed: settings.seed + 1 });
  begins++;
  pause.resume();
}

function tryOut(name: keyof typeof tries): void {
  const { set, anew } = tries[name];
  const { seed, speed } = settings;
  change(anew ? { ...defaults, ...set, seed, speed } : set);
  writeControls(settings);
  say("figure", tryInWords[name]);
  if (anew) begins++;
  pause.resume();
}

async function share(): Promise<void> {
  if (!figure.current) change({});
  try {
    await navigator.clipboard.writeText(location.href);
    say("said", "The link is on the clipboard. It opens this page as it is set now.");
  } catch {
    say("said", "The link is in the address bar. It opens this page as it is set now.");
  }
}

listen(change);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-try]")) {
  button.addEventListener("click", () => tryOut(button.dataset.try as keyof typeof tries));
}
element("restart").addEventListener("click", restart);
element("share").addEventListener("click", share);
addEventListener("hashchange", () => {
  if (demo.dataset.state === "recorded") return;
  take(settingsAt(location.hash));
  writeControls(settings);
  if (!figure.current) return;
  begins++;
  pause.resume();
  scrollTo({ top: 0 });
});
element("controls").addEventListener("submit", (event) => event.preventDefault());

/** Keeps the sides to what the page is told, while they run. */
let lab: Lab | undefined;

function showCode(): void {
  if (!lab || lab.steps === 0) return;
  const able = keys.filter((key) => !lab!.sides[key].overflowed);
  const note = lab.isAsBegun(settings)
    ? `Prints the left and the right estimate after the ${count(lab.steps)} steps taken so far; on the same browser and ` +
      "GPU, to the last bit."
    : "Settings were changed during this run. The code begins anew with those of now, so its numbers are others.";
  const left = able.length < keys.length ? " An estimate that left the range of numbers is left out." : "";
  snippet.show(codeOf(settings, lab.steps, able), note + left);
}

async function show(running: Lab, now: Settings): Promise<void> {
  const frame = await running.read(now, truth);
  view.draw(frame);
  record(packFrame(frame));
}

/** A page that stands still is drawn again when its colours or its size change. */
const redraw = () => view.redraw();
onThemeChange(redraw);
new ResizeObserver(redraw).observe(element("outputs-a"));

/** Who asks for less motion begins with a picture of so many steps, which stands still. */
const STILL_STEPS = 200;

async function work(gpu: Gpu): Promise<void> {
  const running = new Lab(gpu);
  lab = running;
  const pace = new Pace(gpu);
  let least = pause.paused ? STILL_STEPS : 0;
  let coded = 0;
  for (;;) {
    const now = settings;
    const { fresh, remade } = await running.follow(now, begins);
    if (remade.length > 0) {
      pace.restart();
      tell(remade, fresh);
    }
    if (pause.paused && running.steps >= least) {
      least = 0;
      await show(running, now);
      showCode();
      if (settings !== now) continue;
      showState(demo, "paused");
      await pause.wait();
      pace.restart();
      continue;
    }
    if (!pause.paused) showState(demo, "running");
    await pace.step(running.both, now.speed || undefined);
    const due = pace.due();
    if (due && pause.paused) view.take(await running.read(now, truth));
    else if (due) {
      await show(running, now);
      say("rate", Number.isFinite(pace.rate) ? count(pace.rate) : "–");
      if (performance.now() - coded > 1000) {
        coded = performance.now();
        showCode();
      }
    }
    await frame();
  }
}

/** What new trainers mean for the pictures, and for the visitor. */
function tell(remade: readonly Key[], fresh: "first" | "again" | false): void {
  for (const key of remade) view.forget(key, { pictures: fresh !== false });
  view.redraw();
  if (fresh === "again") say("said", "Both networks start again, from the same random weights, on the same data.");
  if (!fresh) say("said", "The networks keep what they have learned; the average over the last steps begins anew.");
}

async function playRecording(run: Recording): Promise<void> {
  settings = defaults;
  writeControls(settings);
  showSettings();
  disableControls();
  snippet.show(codeOf(settings, 1000, keys), "Trains both for 1,000 steps where there is WebGPU, and in Node.");
  await play(run as Recording<PackedFrame>, pause, (packed) => view.draw(unpackFrame(packed)));
}

writeControls(settings);
showSettings();
view.begin(settings, truth);
live(demo, work, { diverged: "Lower the learning rate, then try again.", recorded: playRecording });
