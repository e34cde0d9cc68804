/** The field: the critic's output over the plane beside the true log density ratio, while it learns. */
import { adam, createTrainer, critics, type Gpu, remine, sources, type Tensor, type Trainer } from "../../src/index.ts";
import { Curves } from "../kit/curves.ts";
import { count, nats, percent } from "../kit/format.ts";
import { inkVector, onThemeChange } from "../kit/inks.ts";
import { frame, live, Pace, PauseButton, Speaker, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { Painter } from "../kit/painter.ts";
import code from "./draw.wgsl";
import { brushedPair, curves, normalPair, type Pair, REACH } from "./pairs.ts";
import { Sketch } from "./sketch.ts";

const demo = element("demo");
const kind = element<HTMLSelectElement>("kind");
const rho = element<HTMLInputElement>("rho");
const width = element<HTMLInputElement>("width");
const pause = new PauseButton(element<HTMLButtonElement>("pause"));
const speaker = new Speaker("spoken");
const sketch = new Sketch(element<HTMLCanvasElement>("sketch"), () => changed());
const plot = new Curves(element("curves"), [
  { label: "truth", ink: "truth", dash: [6, 4] },
  { label: "estimate", ink: "estimate", width: 3 },
]);

/** Rows of the table that the critic draws its pairs from. */
const SAMPLES = 32768;
/** Nats that get the full colour. */
const REACH_NATS = 3;
/** The curve shows this many redraws. */
const MOST_POINTS = 600;

const state = {
  /** What is being learned; none while nothing is drawn. */
  pair: undefined as Pair | undefined,
  samples: new Float32Array(2 * SAMPLES),
  nodes: 64,
  /** The rows, or the whole trainer, are to be made anew before the next step. */
  stale: true,
  restart: true,
  seed: 0,
  /** step, truth, estimate */
  points: [[], [], []] as [number[], number[], number[]],
};

function makePair(): Pair | undefined {
  const sigma = Number(width.value);
  switch (kind.value) {
    case "normal":
      return normalPair(Number(rho.value), state.nodes);
    case "own":
      return sketch.centres.length > 0 ? brushedPair(sketch.centres, sigma, state.nodes) : undefined;
    default:
      return brushedPair(curves[kind.value as keyof typeof curves], sigma, state.nodes);
  }
}

/** The distribution is another: the critic goes on from where it is. */
function changed(): void {
  state.stale = true;
  showControls();
}

function restart(): void {
  state.restart = true;
  state.seed++;
  pause.resume();
}

/** What draws one trainer's fields: T as the scorer leaves it on the GPU, and the truth. */
class Fields {
  #critic: Painter;
  #truth: Painter;
  ratio: Tensor;
  support: Tensor;

  private constructor(critic: Painter, truth: Painter, ratio: Tensor, support: Tensor) {
    this.#critic = critic;
    this.#truth = truth;
    this.ratio = ratio;
    this.support = support;
  }

  static async create(gpu: Gpu): Promise<Fields> {
    const paint = (id: string) => Painter.create(gpu, element<HTMLCanvasElement>(id), { code, floats: 20, buffers: 2 });
    const grid = (name: string) => gpu.tensor(`field/${name}`, state.nodes ** 2);
    return new Fields(await paint("critic"), await paint("ratio"), grid("ratio"), grid("support"));
  }

  draw(scores: Tensor): void {
    const inks = ["cold", "paper", "warm", "ink"].flatMap(inkVector);
    const words = [state.nodes, REACH_NATS, ...inks];
    this.#critic.draw(words, [scores, this.support]);
    this.#truth.draw(words, [this.ratio, this.support]);
  }
}

/** Row i of the table is (x, y) of the i-th node of either axis: pair (i, j) of its rows is a node of the grid. */
function grid(): { table: Float32Array; pairs: Uint32Array } {
  const G = state.nodes;
  const table = new Float32Array(2 * G);
  const pairs = new Uint32Array(2 * G * G);
  for (let j = 0; j < G; j++) {
    table.fill(REACH * ((2 * j) / (G - 1) - 1), 2 * j, 2 * j + 2);
    for (let i = 0; i < G; i++) pairs.set([i, j], 2 * (j * G + i));
  }
  return { table, pairs };
}

type Scorer = Awaited<ReturnType<Trainer["scorer"]>>;

/** What a CPU and a GPU train while somebody watches, and the points a side at which they draw it. */
const SIZES = {
  cpu: { joint: 128, perJoint: 2, hidden: [32, 32], learningRate: 5e-3, window: 300, nodes: 48 },
  gpu: { joint: 512, perJoint: 4, hidden: [64, 64], learningRate: 2e-3, window: 1000, nodes: 128 },
};

async function makeTrainer(gpu: Gpu, nodes: Tensor): Promise<{ trainer: Trainer; scorer: Scorer }> {
  const { joint, perJoint, hidden, learningRate, window } = SIZES[gpu.profile.computesOn];
  const empty = { data: new Float32Array(SAMPLES), columns: 1 };
  const trainer = await createTrainer(gpu, {
    source: sources.rows(empty, empty),
    pairs: { joint, negatives: "shuffle", perJoint },
    critic: critics.mlp(hidden, { activation: "silu" }),
    estimator: remine(),
    optimizer: adam({ learningRate, clipNorm: 1 }),
    window,
    seed: state.seed,
    trace: false,
    engine: "auto",
  });
  const scorer = await trainer.scorer({ batch: state.nodes ** 2, table: nodes });
  scorer.name(grid().pairs);
  return { trainer, scorer };
}

async function run(gpu: Gpu): Promise<void> {
  state.nodes = SIZES[gpu.profile.computesOn].nodes;
  state.restart = true;
  const pace = new Pace(gpu);
  const fields = await Fields.create(gpu);
  const nodes = gpu.tensor("field/nodes", grid().table);
  let made: { trainer: Trainer; scorer: Scorer } | undefined;
  try {
    for (;;) {
      if (!made || state.restart) {
        state.restart = false;
        state.stale = true;
        clear();
        made?.scorer.dispose();
        made?.trainer.dispose();
        made = await makeTrainer(gpu, nodes);
        pace.restart();
      }
      const { trainer, scorer } = made;
      if (state.stale) {
        state.stale = false;
        refreshPair(gpu, trainer, fields);
      }
      if (!state.pair) {
        await frame();
        continue;
      }
      if (pause.paused) {
        showState(demo, "paused");
        await pause.wait();
        pace.restart();
        continue;
      }
      showState(demo, "running");
      await pace.step([trainer]);
      if (pace.due()) {
        scorer.refresh();
        fields.draw(scorer.scores);
        const { micro } = (await trainer.read()).averages[0]!;
        if (!state.restart) show(micro, trainer.steps, pace.rate);
      }
      await frame();
    }
  } finally {
    made?.scorer.dispose();
    made?.trainer.dispose();
  }
}

function refreshPair(gpu: Gpu, trainer: Trainer, fields: Fields): void {
  state.pair = makePair();
  demo.dataset.truth = state.pair ? state.pair.truth.toFixed(5) : "";
  say("truth", state.pair ? nats(state.pair.truth) : "–");
  if (state.pair) {
    state.pair.sample(state.samples);
    trainer.set({ table: state.samples });
    gpu.write(fields.ratio, state.pair.ratio);
    gpu.write(fields.support, state.pair.support);
  }
  sketch.draw(state.pair && state.samples);
}

function clear(): void {
  state.points = [[], [], []];
  plot.draw(state.points);
  demo.dataset.steps = "0";
  delete demo.dataset.estimate;
  for (const id of ["estimate", "error"]) say(id, "–");
}

function show(estimate: number, steps: number, rate: number): void {
  const truth = state.pair!.truth;
  const { points } = state;
  for (const [i, value] of [steps, truth, estimate].entries()) {
    points[i]!.push(value);
    if (points[i]!.length > MOST_POINTS) points[i]!.shift();
  }
  plot.draw(points);
  const error = truth > 0.02 ? percent(100 * (estimate / truth - 1)) : `${nats(estimate - truth)} nats`;
  demo.dataset.estimate = estimate.toFixed(5);
  demo.dataset.steps = String(steps);
  say("estimate", nats(estimate));
  say("error", error);
  say("steps", count(steps));
  say("rate", Number.isFinite(rate) ? count(rate) : "–");
  speaker.say(() => `Estimate ${nats(estimate)} nats, truth ${nats(truth)}, after ${steps} steps. ${describe()}`);
}

const SHAPES: Record<string, string> = {
  normal: "Both fields rise along the diagonal and fall away from it",
  ring: "Both fields are high along the ring and low inside it",
  sine: "Both fields are high along the wave and low beside it",
  spiral: "Both fields are high along the arms of the spiral and low between them",
  own: "Both fields are high where the drawing is and low beside it",
};
const describe = () => `${SHAPES[kind.value]}.`;

function showControls(): void {
  const normal = kind.value === "normal";
  demo.dataset.kind = kind.value;
  element("rho-field").hidden = !normal;
  element("width-field").hidden = normal;
  say("rho-value", Number(rho.value).toFixed(2).replace("-", "−"));
  say("width-value", Number(width.value).toFixed(2));
  sketch.open = kind.value === "own";
  element("clear").hidden = kind.value !== "own";
  element("hint").hidden = kind.value !== "own" || sketch.centres.length > 0;
  element("ratio").setAttribute("aria-label", `The true log density ratio over the plane. ${describe()}`);
}

kind.addEventListener("change", () => {
  changed();
  restart();
});
rho.addEventListener("input", changed);
width.addEventListener("input", changed);
element("clear").addEventListener("click", () => sketch.clear());
element("restart").addEventListener("click", restart);
element("controls").addEventListener("submit", (event) => event.preventDefault());
onThemeChange(() => sketch.draw(state.pair && state.samples));

showControls();
live(demo, run, { diverged: "Choose another shape or a wider brush, then try again." });
