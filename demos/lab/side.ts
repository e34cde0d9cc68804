/** One of the two estimators: its trainer, its figures and its pictures. */

import {
  adam,
  catalogue,
  createTrainer,
  critics,
  type Estimator,
  estimatorByName,
  type Gpu,
  NonFiniteError,
  type Optimizer,
  type Source,
  sgd,
  type Trainer,
  type TrainerOptions,
} from "../../src/index.ts";
import { Curves } from "../kit/curves.ts";
import { nats, percent } from "../kit/format.ts";
import { COLUMNS, type Extent, GAP, HISTOGRAM_WIDTH, Outputs } from "../kit/outputs.ts";
import { element, say } from "../kit/page.ts";
import { comparesRows, type Settings } from "./settings.ts";

/** The pictures show this many milliseconds of training. */
const SPAN = 45_000;

/** log E[e^T] farther from its target than this: drifted; exploded. Nats. */
const DRIFTED = 1;
const EXPLODED = 8;

interface Point {
  time: number;
  step: number;
  estimate: number;
  joint: number;
  partition: number;
  truth: number;
}

/** However large, short enough for the lines that the page keeps for it. */
const size = (value: number) => (value < 1e5 ? value.toFixed(1) : value.toExponential(1));

/** The largest output in size. */
const reach = ({ least, largest }: Extent) => Math.max(Math.abs(least), Math.abs(largest));

export type Key = "a" | "b";

const isHeld = (name: string) => catalogue.some((entry) => entry.name === name && "lambda" in entry.parameters);

export const estimatorOf = (name: string, { lambda, C }: Settings): Estimator =>
  estimatorByName(name, isHeld(name) ? { lambda, C } : {});

export const optimizerOf = ({ optimizer, learningRate }: Settings): Optimizer =>
  optimizer === "adam" ? adam({ learningRate }) : sgd({ learningRate, momentum: optimizer === "momentum" ? 0.9 : 0 });

/** That of the paper has one hidden layer, and no constant at its output. */
const criticOf = ({ setup }: Settings) =>
  setup === "paper" ? critics.mlp([256], { outputBias: false }) : critics.mlp([64, 64], { activation: "silu" });

/** Shuffled pairs for each joint pair, in the lab's own set-up. */
const PER_JOINT = 4;

/**
 * The paper draws marginal pairs of their own, one for each joint pair. So does the lab where a batch is too small to
 * shuffle, unless the estimator compares the pairs of a row.
 */
function pairsOf({ batch, setup }: Settings, estimator: string): TrainerOptions["pairs"] {
  if (comparesRows(estimator)) {
    return { joint: batch, negatives: "shuffle", perJoint: Math.min(PER_JOINT, batch - 1) };
  }
  if (setup === "paper") return { joint: batch, negatives: "independent", perJoint: 1 };
  return { joint: batch, negatives: batch > PER_JOINT ? "shuffle" : "independent", perJoint: PER_JOINT };
}

export class Side {
  #gpu: Gpu;
  #key: Key;
  #outputs: Outputs | undefined;
  #curves: SideCurves;
  #trainer: Trainer | undefined;
  /** Steps of the trainers before this one, whose network it goes on with. */
  #before = 0;
  #points: Point[] = [];
  #overflow = "";

  /** A page without the canvas `outputs-key` shows no outputs. */
  static async create(gpu: Gpu, key: Key, curves: SideCurves): Promise<Side> {
    const canvas = document.getElementById(`outputs-${key}`) as HTMLCanvasElement | null;
    const outputs = canvas ? await Outputs.create(gpu, canvas, element(`axis-${key}`)) : undefined;
    return new Side(gpu, key, outputs, curves);
  }

  private constructor(gpu: Gpu, key: Key, outputs: Outputs | undefined, curves: SideCurves) {
    this.#gpu = gpu;
    this.#key = key;
    this.#outputs = outputs;
    this.#curves = curves;
  }

  /** Gets a new trainer. `fresh`: with new weights and empty pictures, else with the weights of the one before. */
  async make(settings: Settings, source: Source, fresh: boolean): Promise<void> {
    const old = this.#trainer;
    const trainer = await createTrainer(this.#gpu, {
      source,
      pairs: pairsOf(settings, settings[this.#key]),
      critic: criticOf(settings),
      estimator: estimatorOf(settings[this.#key], settings),
      optimizer: optimizerOf(settings),
      seed: settings.seed,
      window: 300,
      trace: false,
      engine: "layered", // the outputs are drawn from its buffer
    });
    if (fresh || !old || this.#overflow) {
      this.#before = 0;
      this.#points = [];
      this.#outputs?.clear();
      this.#overflow = "";
    } else {
      this.#before += old.steps;
      const [from, to] = [old.params, trainer.params];
      this.#gpu.submit((encoder) => encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 0, to.bytes));
    }
    old?.dispose();
    this.#trainer = trainer;
  }

  /** What takes effect without a new trainer. */
  set(settings: Settings): void {
    const { source } = this.#trainer!.options;
    this.#trainer!.set({
      estimator: isHeld(settings[this.#key]) ? pick(settings) : {},
      optimizer: { learningRate: settings.learningRate },
      ...(source.kind === "gaussian" ? { rho: settings.rho } : {}),
    });
  }

  get steps(): number {
    return this.#before + (this.#trainer?.steps ?? 0);
  }

  /** Trains. Numbers that leave the range of floats end this side, not the page. */
  async step(count: number): Promise<void> {
    if (this.#overflow) return;
    try {
      await this.#trainer!.step(count);
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error;
      this.#overflow = error.message;
    }
  }

  async show(settings: Settings, truth: number): Promise<void> {
    const trainer = this.#trainer!;
    if (this.#overflow || trainer.steps === 0) {
      this.#judge(settings, undefined, undefined);
      return;
    }
    const time = performance.now();
    // The last point moves along until it is old enough to stay.
    const previous = this.#points.at(-2);
    const replace = previous !== undefined && this.#points.at(-1)!.time - previous.time < SPAN / COLUMNS;
    const step = this.steps;
    const [{ averages }, extent] = await Promise.all([trainer.read(), this.#outputs?.take(trainer, step, replace)]);
    const { micro: estimate, joint, logPartition } = averages[0]!;
    if (replace) this.#points.pop();
    this.#points.push({ time, step, estimate, joint, partition: logPartition, truth });
    if (this.#points.length > COLUMNS) this.#points.shift();
    this.draw();
    say(`estimate-${this.#key}`, nats(estimate));
    say(`joint-${this.#key}`, nats(joint));
    say(`partition-${this.#key}`, nats(logPartition));
    say(`error-${this.#key}`, truth > 0 ? percent(100 * (estimate / truth - 1)) : "–");
    const { dataset } = element(`side-${this.#key}`);
    dataset.estimate = estimate.toFixed(5);
    dataset.steps = String(step);
    this.#judge(settings, this.#points.at(-1), extent);
  }

  draw(): void {
    this.#curves.draw(this.#points);
    this.#outputs?.draw(this.#curves.span);
  }

  /** What the visitor should see in the pictures, in words; a screen reader hears when it changes. */
  #judge(settings: Settings, point: Point | undefined, extent: Extent | undefined): void {
    const [level, text] = this.#verdict(settings, point, extent);
    const side = element(`side-${this.#key}`);
    if (side.dataset.level !== level) {
      side.dataset.level = level;
      say(`spoken-${this.#key}`, text);
    }
    say(`verdict-${this.#key}`, text);
  }

  #verdict(settings: Settings, point: Point | undefined, extent: Extent | undefined): [level: string, text: string] {
    if (this.#overflow) {
      return ["explosion", "Explosion: the outputs left the range of floating-point numbers. Press Restart."];
    }
    if (!point || !extent || this.steps < 50) return ["wait", "The network has just begun."];
    const { estimator } = this.#trainer!.options;
    const held = "lambda" in estimator && Number(estimator.lambda) > 0;
    const off = point.partition - (held ? settings.C : 0);
    const shift = size(Math.abs(off));
    if (held && settings.batch === 1 && off < 0 && Math.abs(point.joint - settings.C) < DRIFTED / 2) {
      return [
        "good",
        "Settled: with one pair a step, the penalty holds pairs that belong together at C and all others far below. Only " +
          "many steps together give the estimate.",
      ];
    }
    if (Math.abs(off) > EXPLODED) {
      return [
        "explosion",
        `Explosion: outputs reach ${size(reach(extent))} nats and the log-partition is ${shift} nats off. The ` +
          "estimate is a small difference of two large, noisy numbers.",
      ];
    }
    if (Math.abs(off) > DRIFTED) {
      return [
        "drift",
        `Drift: the outputs have moved ${off > 0 ? "up" : "down"} together, the log-partition by ${shift} nats. The ` +
          "estimate, a difference, hides it.",
      ];
    }
    return ["good", "Steady: the log-partition stays where it belongs, so each output means something."];
  }

  /** The pictures in words, for who cannot see them. */
  describe(): string {
    const last = this.#points.at(-1);
    if (!last) return "";
    return `estimate ${nats(last.estimate)} nats, joint term ${nats(last.joint)}, log-partition ${nats(last.partition)}`;
  }
}

const pick = ({ lambda, C }: Settings) => ({ lambda, C });

const series = {
  partition: { label: "log-partition", ink: "partition" },
  joint: { label: "joint term", ink: "joint" },
  estimate: { label: "estimate", ink: "estimate", width: 3.5 },
  truth: { label: "truth", ink: "truth", width: 1.75, dash: [6, 4] },
};
type Line = keyof typeof series;
const everyLine = Object.keys(series) as Line[];

/** The curves of one side, above which its outputs may stand. They outlive a GPU. */
export class SideCurves {
  readonly #lines: readonly Line[];
  readonly #curves: Curves;

  constructor(key: Key, lines: readonly Line[] = everyLine) {
    this.#lines = lines;
    this.#curves = new Curves(
      element(`curves-${key}`),
      lines.map((line) => series[line]),
      { rightPad: lines.length < everyLine.length ? 10 : HISTOGRAM_WIDTH + GAP, leastSpan: 500 },
    );
  }

  draw(points: readonly Point[]): void {
    this.#curves.draw([points.map(({ step }) => step), ...this.#lines.map((line) => points.map((p) => p[line]))]);
  }

  get span(): [number, number] {
    return this.#curves.span;
  }
}
