/** The surface: ReMINE's loss over j and j̄ in three dimensions, with the optimizer's path on it. */
import { createTrainer, critics, type Gpu, remine, sgd, sources, type Trainer } from "../../src/index.ts";
import { FigureLine, toHash } from "../kit/figures.ts";
import { count, nats } from "../kit/format.ts";
import { onThemeChange } from "../kit/inks.ts";
import { frame, live, Pace, PauseButton, Speaker, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { cameraMatrix, project, type Turn } from "./camera.ts";
import { Scene } from "./scene.ts";
import { choices, figures, type Settings, settingsAt } from "./settings.ts";

const demo = element("demo");
const canvas = element<HTMLCanvasElement>("scene");
const lambda = element<HTMLInputElement>("lambda");
const target = element<HTMLInputElement>("target");
const batch = element<HTMLSelectElement>("batch");
const pause = new PauseButton(element<HTMLButtonElement>("pause"));
const speaker = new Speaker("spoken");
const figure = new FigureLine(figures);

const CATEGORIES = 16;
const INFORMATION = Math.log(CATEGORIES);
/** An eye can follow this many steps a second. */
const LIMIT = 400;
const LEAST_REACH = 5;
const FIRST_TURN: Turn = { yaw: -0.6, pitch: 0.5, distance: 4.6 };

const state = {
  restart: true,
  seed: 0,
  turn: { ...FIRST_TURN },
  /** j and j̄ are shown from −reach to reach. */
  reach: LEAST_REACH,
  stale: false,
};
let scene: Scene | undefined;

/** What the controls say. */
const settings = (): Settings => ({
  lambda: choices.lambda[Number(lambda.value)]!,
  C: Number(target.value),
  batch: Number(batch.value),
});

/** What training can change while it goes on. */
function penalty(): { lambda: number; C: number } {
  const { lambda, C } = settings();
  return { lambda, C };
}

function writeControls(wanted: Settings): void {
  lambda.value = String(choices.lambda.indexOf(wanted.lambda));
  target.value = String(wanted.C);
  batch.value = String(wanted.batch);
  showControls();
}

function makeTrainer(gpu: Gpu): Promise<Trainer> {
  return createTrainer(gpu, {
    source: sources.oneHot(CATEGORIES),
    pairs: { joint: settings().batch, negatives: "independent" }, // as in the paper
    critic: critics.mlp([64]),
    estimator: remine(penalty()),
    optimizer: sgd({ learningRate: 0.1 }),
    window: 100,
    seed: state.seed,
    trace: false,
  });
}

async function run(gpu: Gpu): Promise<void> {
  const pace = new Pace(gpu);
  let trainer: Trainer | undefined;
  state.restart = true;
  scene = await Scene.create(gpu, canvas);
  try {
    for (;;) {
      if (!trainer || state.restart) {
        state.restart = false;
        trainer?.dispose();
        trainer = await makeTrainer(gpu);
        scene.clear();
        state.reach = LEAST_REACH;
        demo.dataset.steps = "0";
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
        trainer.set({ estimator: penalty() });
      }
      await pace.step([trainer], LIMIT);
      if (pace.due()) {
        scene.follow(trainer);
        draw();
        const { joint, logPartition } = (await trainer.read()).averages[0]!;
        if (!state.restart) show(joint, logPartition, trainer.steps, pace.rate);
      }
      await frame();
    }
  } finally {
    scene = undefined;
    trainer?.dispose();
  }
}

function draw(): void {
  if (!scene || !canvas.clientHeight) return;
  const camera = cameraMatrix(state.turn, canvas.clientWidth / canvas.clientHeight);
  const { reach } = state;
  scene.draw({ camera, ...penalty(), information: INFORMATION, reach, height: 2.6 * reach });
  placeLabels(camera);
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

/** Axis labels stand at the edges of the floor that are turned to the viewer. */
function placeLabels(camera: Float32Array): void {
  const { yaw } = state.turn;
  const [side, front] = [Math.sin(yaw) > 0 ? 1 : -1, Math.cos(yaw) > 0 ? 1 : -1];
  const floor = -0.62;
  const put = (id: string, text: string, at: readonly [number, number, number]) => {
    const label = element(id);
    const [x, y] = project(camera, at);
    label.style.left = `${Math.min(92, Math.max(8, 100 * x))}%`;
    label.style.top = `${Math.min(97, Math.max(3, 100 * y))}%`;
    if (label.textContent !== text) label.textContent = text;
  };
  const reach = state.reach.toFixed(0);
  put("axis-j", "j →", [0, floor, 1.25 * front]);
  put("axis-j-low", `−${reach}`, [-1, floor, 1.15 * front]);
  put("axis-j-high", reach, [1, floor, 1.15 * front]);
  put("axis-jbar", "j̄ →", [1.25 * side, floor, 0]);
  put("axis-jbar-low", `−${reach}`, [1.15 * side, floor, 1]);
  put("axis-jbar-high", reach, [1.15 * side, floor, -1]);
}

function show(joint: number, logPartition: number, steps: number, rate: number): void {
  const { lambda, C } = settings();
  const wanted = Math.max(LEAST_REACH, 1.3 * Math.max(Math.abs(joint), Math.abs(logPartition)));
  state.reach += 0.1 * (wanted - state.reach);
  const loss = logPartition - joint + lambda * (logPartition - C) ** 2;
  Object.assign(demo.dataset, {
    steps: String(steps),
    joint: joint.toFixed(4),
    partition: logPartition.toFixed(4),
    estimate: (joint - logPartition).toFixed(4),
  });
  say("joint", nats(joint));
  say("partition", nats(logPartition));
  say("estimate", nats(joint - logPartition));
  say("steps", count(steps));
  say("rate", Number.isFinite(rate) ? count(rate) : "–");
  const where = `After ${steps} steps the path is at j ${nats(joint)}, j bar ${nats(logPartition)}, loss ${nats(loss)}.`;
  canvas.setAttribute("aria-label", `${shape()} ${where} Arrow keys turn the picture, plus and minus zoom.`);
  speaker.say(() => where);
}

/** The surface in words. */
function shape(): string {
  const { lambda, C } = settings();
  if (lambda === 0) return "The loss surface is a tilted plane: all points with the same j − j̄ are equally good.";
  return `The loss surface is a tilted trough, lowest along j̄ = ${nats(C)} and steeper to its sides the larger λ, now ${lambda}.`;
}

const ABOUT = {
  plane:
    "λ = 0: the surface is a plane. Along the dashed line every point is as good as any other, so nothing holds the " +
    "path in place: each batch kicks it, and it wanders. That is drift.",
  trough:
    "λ > 0: the surface is a trough with its floor at j̄ = C. The path falls into it, runs to where the floor meets the " +
    "line, and stays.",
};

function showControls(): void {
  const { lambda: value, C } = settings();
  say("lambda-value", String(value));
  lambda.setAttribute("aria-valuetext", String(value));
  say("target-value", C.toFixed(1).replace("-", "−"));
  say("about", value === 0 ? ABOUT.plane : ABOUT.trough);
  say("shape", shape());
  figure.show();
  redraw();
}

function turn(yaw: number, pitch: number, zoom = 1): void {
  const { turn } = state;
  turn.yaw += yaw;
  turn.pitch = Math.min(1.5, Math.max(0.05, turn.pitch + pitch));
  turn.distance = Math.min(9, Math.max(3.4, turn.distance * zoom));
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
  "+": [0, 0, 0.9],
  "-": [0, 0, 1.1],
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
live(demo, run, { diverged: "Raise λ, or take a larger batch, then try again." });
