import {
  AdapterError,
  adam,
  createTrainer,
  DeviceLostError,
  donskerVaradhan,
  type Estimator,
  type Gpu,
  gaussian,
  mine,
  mlp,
  NonFiniteError,
  open,
  remine,
  type Trainer,
} from "../../src/index.ts";
import { drawCurve, drawSample, type Point } from "./chart.ts";

const element = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;
const demo = element("demo");
const curve = element<HTMLCanvasElement>("curve");
const sample = element<HTMLCanvasElement>("sample");
const rho = element<HTMLInputElement>("rho");
const dims = element<HTMLSelectElement>("dims");
const estimator = element<HTMLSelectElement>("estimator");
const pause = element<HTMLButtonElement>("pause");
const say = (id: string, text: string) => {
  element(id).textContent = text;
};

/**
 * Milliseconds of training between two frames. A GPU draws the page too, which waits that long. A software adapter
 * computes beside the page, and every wait for it costs some 10 ms, so that it gets more at a time.
 */
const CHUNK = { hardware: 25, software: 60 };
/** The curve shows this many milliseconds of training. */
const SPAN = 60_000;
const SPOKEN_EVERY = 10_000;

const estimators: Record<string, { make: () => Estimator; about: string }> = {
  remine: {
    make: () => remine(),
    about:
      "ReMINE adds a penalty that holds the log-partition at 0. The joint term is then the estimate by itself, " +
      "and the network's output is the log density ratio.",
  },
  mine: {
    make: () => mine(),
    about:
      "MINE, with a moving average in its gradient. Only the difference of the two terms means something: " +
      "nothing keeps them from drifting away together.",
  },
  "donsker-varadhan": {
    make: () => donskerVaradhan(),
    about:
      "The plain Donsker-Varadhan bound, the joint term minus the log-partition. " +
      "Its gradient is biased on small batches, and nothing holds the log-partition in place.",
  },
};

interface State {
  paused: boolean;
  /** The loop makes a new trainer before its next step. */
  restart: boolean;
  seed: number;
  /** Marginal pairs in a batch. */
  marginals: number;
  points: Point[];
  /** Ends the loop's sleep while paused. */
  wake: () => void;
}
const state: State = { paused: false, restart: true, seed: 0, marginals: 0, points: [], wake: () => {} };

const settings = () => ({ rho: Number(rho.value), dims: Number(dims.value) });
const truthOf = ({ rho, dims }: { rho: number; dims: number }) => -(dims / 2) * Math.log1p(-rho * rho);

function makeTrainer(gpu: Gpu): Promise<Trainer> {
  const { rho, dims } = settings();
  const wide = dims > 2;
  return createTrainer(gpu, {
    source: gaussian({ dims, rho }),
    pairs: { joint: gpu.isSoftware ? 128 : 512, negatives: "shuffle", perJoint: wide ? 8 : 4 },
    critic: mlp(dims === 20 ? [128] : wide ? [64, 64] : [64], { activation: "silu" }),
    estimator: estimators[estimator.value]!.make(),
    optimizer: adam({ learningRate: wide ? 2e-3 : 3e-3, clipNorm: 1 }),
    window: gpu.isSoftware ? 300 : 1000,
    seed: state.seed,
    trace: false,
  });
}

/** Trains until something fails: a few steps, a frame, a few steps. The only place that touches the GPU. */
async function train(gpu: Gpu): Promise<never> {
  let trainer: Trainer | undefined;
  let now = settings();
  let count = 1;
  let drawn = 0;
  let marks: { time: number; steps: number }[] = [];
  try {
    for (;;) {
      if (!trainer || state.restart) {
        state.restart = false;
        clear();
        trainer?.dispose();
        now = settings();
        trainer = await makeTrainer(gpu);
        state.marginals = trainer.shape.joint * trainer.shape.marginals;
        showControls();
        count = 1;
        marks = [];
      }
      if (state.paused) {
        showState("paused");
        await new Promise<void>((resolve) => {
          state.wake = resolve;
        });
        marks = [];
        continue;
      }
      showState("running");
      const { rho } = settings();
      if (rho !== now.rho) {
        now = { ...now, rho };
        trainer.set({ rho });
      }
      const began = performance.now();
      await trainer.step(count);
      const time = performance.now();
      const wanted = gpu.isSoftware ? CHUNK.software : CHUNK.hardware;
      count = Math.max(1, Math.min(2 * count, Math.floor((count * wanted) / (time - began))));
      if (time - drawn > (gpu.isSoftware ? 120 : 30)) {
        drawn = time;
        const { micro, joint, logPartition, steps } = (await trainer.read()).averages[0]!;
        marks.push({ time, steps: trainer.steps });
        while (marks.length > 2 && marks[0]!.time < time - 2000) marks.shift();
        const span = time - marks[0]!.time;
        const rate = span > 0 ? (1000 * (trainer.steps - marks[0]!.steps)) / span : Number.NaN;
        const point = { time, step: trainer.steps, estimate: micro, joint, logPartition, truth: truthOf(now) };
        if (!state.restart) show(point, steps, rate);
      }
      await frame();
    }
  } finally {
    trainer?.dispose();
  }
}

/** Resolves when the next frame is on its way: what is submitted then cannot hold it up. */
const frame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

const nats = (value: number) => value.toFixed(3).replace("-", "−");
const percent = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`;

function showState(name: "opening" | "running" | "paused" | "failed"): void {
  if (demo.dataset.state !== name) demo.dataset.state = name;
}

function showTruth(): void {
  const truth = truthOf(settings());
  demo.dataset.truth = truth.toFixed(5);
  say("truth", nats(truth));
}

function clear(): void {
  state.points = [];
  delete demo.dataset.estimate;
  demo.dataset.steps = "0";
  for (const id of ["estimate", "error", "rate"]) say(id, "–");
  for (const id of ["window", "joint", "partition"]) say(id, "");
  say("steps", "0");
}

let spoken = 0;

function show(point: Point, window: number, rate: number): void {
  const { points } = state;
  points.push(point);
  while (points[0]!.time < point.time - SPAN) points.shift();
  const { estimate, truth, step } = point;
  // At ρ = 0 there is nothing to be a percentage of.
  const error = truth > 0 ? percent(100 * (estimate / truth - 1)) : `${nats(estimate)} nats`;
  demo.dataset.estimate = estimate.toFixed(5);
  demo.dataset.steps = String(step);
  if (Number.isFinite(rate)) demo.dataset.rate = rate.toFixed(1);
  say("estimate", nats(estimate));
  say("window", `last ${window.toLocaleString("en")} steps`);
  say("error", error);
  say("joint", nats(point.joint));
  say("partition", nats(point.logPartition));
  say("steps", step.toLocaleString("en"));
  say("rate", Number.isFinite(rate) ? Math.round(rate).toLocaleString("en") : "–");
  showTruth();
  drawCurve(curve, points);
  if (point.time - spoken > SPOKEN_EVERY) {
    spoken = point.time;
    const summary = `Estimate ${nats(estimate)} nats, truth ${nats(truth)}, error ${error}, after ${step} steps.`;
    say("spoken", summary);
    curve.setAttribute("aria-label", `Curve of the estimate over training steps. ${summary}`);
  }
}

function showControls(): void {
  const now = settings();
  const truth = truthOf(now);
  say("rho-value", now.rho.toFixed(2));
  rho.setAttribute("aria-valuetext", `${now.rho.toFixed(2)}, true mutual information ${nats(truth)} nats`);
  const reach = Math.log(state.marginals);
  const beyond =
    `A bound from samples sees little beyond the logarithm of their number, here ln ${state.marginals} = ` +
    `${reach.toFixed(1)} nats a batch: expect an estimate below the truth.`;
  const { about } = estimators[estimator.value]!;
  say("about", state.marginals > 0 && truth > reach ? `${about} ${beyond}` : about);
  sample.setAttribute("aria-label", `Samples of x and y with correlation ${now.rho.toFixed(2)}`);
  drawSample(sample, now.rho);
  showTruth();
}

/** A list item; what stands between backticks is code. */
function listItem(text: string): HTMLLIElement {
  const item = document.createElement("li");
  text.split("`").forEach((part, i) => {
    const code = Object.assign(document.createElement("code"), { textContent: part });
    item.append(i % 2 === 1 ? code : part);
  });
  return item;
}

function showProblem(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const remedies: string[] = [];
  let title = "The page met an error";
  if (!globalThis.isSecureContext) {
    title = "WebGPU needs a secure address";
    remedies.push("Open this page over https://, or from this computer as http://127.0.0.1 or http://localhost.");
  } else if (error instanceof AdapterError) {
    title = "This browser gives no access to a GPU";
    remedies.push(
      "Use a current Chrome, Edge, Firefox or Safari.",
      "Chrome on Linux: start it with `--enable-unsafe-webgpu --enable-features=Vulkan`, or turn on " +
        "`chrome://flags/#enable-unsafe-webgpu`.",
      "Firefox on Linux: in `about:config`, turn on `dom.webgpu.enabled` and `gfx.webgpu.ignore-blocklist`.",
    );
  } else if (error instanceof DeviceLostError || error instanceof DOMException) {
    title = "The GPU stopped answering";
    remedies.push("This happens when the driver restarts or the computer sleeps. Try again.");
  } else if (error instanceof NonFiniteError) {
    title = "The training diverged";
    remedies.push("Lower ρ or the dimensions, or choose ReMINE, then try again.");
  }
  demo.dataset.error = message;
  say("problem-title", title);
  say("problem-cause", message.charAt(0).toUpperCase() + message.slice(1));
  element("problem-remedies").replaceChildren(...remedies.map(listItem));
  element("problem").hidden = false;
  showState("failed");
}

async function start(): Promise<void> {
  element("problem").hidden = true;
  delete demo.dataset.error;
  showState("opening");
  state.restart = true;
  let gpu: Gpu | undefined;
  try {
    gpu = await open();
    say("adapter", gpu.isSoftware ? `${gpu.name} (software)` : gpu.name);
    await train(gpu);
  } catch (error) {
    if (!gpu) say("adapter", "none");
    showProblem(error);
  } finally {
    gpu?.dispose();
  }
}

function restart(): void {
  state.restart = true;
  state.seed++;
  resume();
}

function resume(): void {
  state.paused = false;
  pause.textContent = "Pause";
  state.wake();
}

rho.addEventListener("input", showControls);
for (const select of [dims, estimator]) {
  select.addEventListener("change", () => {
    showControls();
    restart();
  });
}
pause.addEventListener("click", () => {
  if (state.paused) return resume();
  state.paused = true;
  pause.textContent = "Run";
});
element("restart").addEventListener("click", restart);
element("retry").addEventListener("click", start);
element("controls").addEventListener("submit", (event) => event.preventDefault());
const redraw = () => {
  drawCurve(curve, state.points);
  drawSample(sample, settings().rho);
};
new ResizeObserver(redraw).observe(curve);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

showControls();
start();
