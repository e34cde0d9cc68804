/** `createTrainer`: R estimators that train side by side. */

import { layersOf } from "../critics/critic.ts";
import { mlp } from "../critics/mlp.ts";
import { layoutOf, partsOf, type Shape } from "../critics/shape.ts";
import { InputError, InterruptedError, NonFiniteError, RemineError } from "../errors.ts";
import { changedEstimator, type Estimator, remine } from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import { type Dispatch, Program, tileForm } from "../gpu/program.ts";
import { type Clock, estimators, structs, type WindowAverages } from "../gpu/shaders.gen.ts";
import { packArray, unpackArray } from "../gpu/structs.ts";
import type { Owner, Tensor } from "../gpu/tensor.ts";
import { checkOptions, checkSeed } from "../options.ts";
import type { BoundSource } from "../sources/bound.ts";
import { bindSource, checkSource } from "../sources/source.ts";
import { baselineOf } from "./baseline.ts";
import { type Batch, batchTensors, type Training, trainingTensors } from "./buffers.ts";
import { chooseEngine, type Trains } from "./engines/choose.ts";
import { ManySteps } from "./engines/many-steps.ts";
import { differentiateBatch } from "./engines/one-step.ts";
import { hyperRecords } from "./hyper.ts";
import { adam, changedOptimizer, momentsOf, stepKernelOf } from "./optimizer.ts";
import {
  CHANGE_KEYS,
  checkedEstimator,
  checkFit,
  KEYS,
  marginalsOf,
  SCORER_KEYS,
  type ScorerOptions,
  STEP_KEYS,
  type StepOptions,
  type TrainerChanges,
  type TrainerOptions,
} from "./options.ts";
import { Scorer } from "./scorer.ts";
import { packState, type Trained, unpackState } from "./state.ts";
import { averagePlan, initialPlan, type StepParts, stepPlan } from "./step.ts";
import { Records, type Trace } from "./trace.ts";

/** One replica's averages over the window, nats. */
export interface Averages {
  /** Mean of the batches' values. */
  macro: number;
  /** Value of all outputs of the window taken as one batch. */
  micro: number;
  /** Mean of T over the window's joint pairs. */
  joint: number;
  /** log E[e^T] over the window's marginal pairs. */
  logPartition: number;
  steps: number;
}

/** @throws {NonFiniteError} for the first replica whose clock stands at a bad step */
function refuseNonFinite(bytes: ArrayBuffer): void {
  // Once a submit, while the adapter waits: thousands of replicas' clocks as objects would take it milliseconds.
  const { size, fields } = structs.Clock;
  const [, , offset] = fields.find(([name]) => name === "bad_step")!;
  const words = new Uint32Array(bytes);
  for (let at = offset / 4; at < words.length; at += size / 4) {
    if (words[at] === 0) continue;
    throw new NonFiniteError(
      `a score or gradient was not finite at step ${words[at]! - 1} in replica ${Math.floor((4 * at) / size)}. ` +
        "Lower the learning rate, clip the gradient (clipNorm: 1), or use the remine estimator.",
    );
  }
}

/**
 * Makes a trainer: R critics and their estimators on one GPU, ready to step. Free it with `dispose()` or `using`.
 *
 * @throws {InputError} for options that do not fit each other, {LimitError} for buffers the adapter cannot hold
 */
export async function createTrainer(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
  return Trainer.create(gpu, options);
}

/**
 * R critics in training, side by side on one GPU. Made by {@link createTrainer}; free it with `dispose()` or
 * `using`.
 */
export class Trainer {
  readonly gpu: Gpu;
  readonly shape: Shape;
  readonly options: Required<Omit<TrainerOptions, "estimator" | "tile" | "engine" | "expectedSteps">> & {
    estimator: Estimator;
  };
  /** What computes the gradient. */
  readonly engine: "layered" | "resident";
  #trains: Trains;
  #choice: StepParts["choice"];
  #parts!: StepParts;
  #batch!: Batch;
  #training!: Training;
  #tensors: Tensor[] = [];
  #programs: Program[] = [];
  #stepProgram!: Promise<Program>;
  #manySteps: ManySteps | undefined;
  #averageProgram: Promise<Program> | undefined;
  #source!: BoundSource;
  #ended = false;
  #steps = 0;
  #chunk = 1;
  #records: Records;
  #disposed = false;

  static async create(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
    const trainer = new Trainer(gpu, options);
    try {
      await trainer.#build();
      return trainer;
    } catch (error) {
      trainer.dispose();
      throw error;
    }
  }

  private constructor(gpu: Gpu, options: TrainerOptions) {
    checkOptions("createTrainer", options, KEYS);
    const { replicas = 1, window = 1000, seed = 0, pairs } = options;
    checkSeed(seed);
    checkSource(options.source);
    const marginals = marginalsOf(options);
    this.gpu = gpu;
    this.options = {
      ...options,
      critic: options.critic ?? mlp([256, 256]),
      estimator: checkedEstimator(options.estimator ?? remine()),
      optimizer: options.optimizer ?? adam(),
      replicas,
      seed,
      window,
      streams: options.streams ?? Array.from({ length: replicas }, (_, r) => r),
      trace: options.trace ?? replicas <= 64,
      nonFinite: options.nonFinite ?? "throw",
    };
    const { source, critic, estimator, optimizer, streams } = this.options;
    if (streams.length !== replicas)
      throw new InputError(`"streams" names ${streams.length} streams for ${replicas} replicas`);
    checkFit(estimator, critic, pairs.negatives);
    const widths = [source.xWidth, source.yWidth] as const;
    const shape = {
      replicas,
      joint: pairs.joint,
      marginals,
      independent: pairs.negatives === "independent",
      xWidth: source.xWidth,
      yWidth: source.yWidth,
      layout: layoutOf([...critic.layers(...widths), ...(baselineOf(estimator)?.layers(...widths) ?? [])]),
    };
    this.#records = new Records(replicas);
    this.#trains = chooseEngine(gpu, options, critic, estimator, shape);
    this.engine = this.#trains === "layered" ? "layered" : "resident";
    const tile = tileForm(gpu, options.tile);
    this.shape = { ...shape, parts: this.engine === "layered" ? partsOf(tile.fullAt, shape) : 1 };
    this.#choice = {
      source: source.kind,
      estimator: estimators[estimator.name].slot,
      optimizer: stepKernelOf(optimizer),
      tile,
    };
  }

  async #build(): Promise<void> {
    const { gpu, shape, options } = this;
    const own = (tensor: Tensor) => {
      this.#tensors.push(tensor);
      return tensor;
    };
    const { window, optimizer } = options;
    const capacity = Math.max(window, 1024);
    this.#batch = batchTensors(gpu, own, shape);
    this.#training = trainingTensors(gpu, own, shape, capacity, momentsOf(optimizer));
    this.#source = bindSource(gpu, own, options.source, options.replicas);
    const sourceBindings = this.#source.bindings;
    const engine = this.#buildEngine(own, { capacity, sourceBindings });
    const { fullAt } = gpu.profile;
    this.#parts = { shape, choice: this.#choice, sourceBindings, engine, fullAt, window, capacity };
    gpu.write(this.#training.hyper, new Uint32Array(packArray("Hyper", hyperRecords(this.options))));
    this.#writeClock();
    // The first step waits for its kernels: until then the first weights can be scored.
    this.#stepProgram = this.#compile(this.plan());
    (await this.#compile(initialPlan(shape, options.critic, this.#training))).run(gpu);
  }

  /** The dispatches from a batch to d_params, or of whole steps. */
  #buildEngine(own: Owner, made: { capacity: number; sourceBindings: object }): StepParts["engine"] {
    const { gpu, shape } = this;
    const { critic, estimator } = this.options;
    const trains = this.#trains;
    switch (trains) {
      case "layered":
        return { trains, ...this.#passes(own, made.sourceBindings) };
      case "one step": {
        const gradient = differentiateBatch(critic, estimator.name, shape, this.#batch, this.#training);
        return { trains, gradient };
      }
      case "many steps":
        this.#manySteps = new ManySteps(
          { gpu, own, critic, estimator: estimator.name, shape },
          this.#choice,
          made,
          this.#training,
        );
        return { trains, steps: this.#manySteps.dispatch };
    }
  }

  /** The passes of the critic, and of the estimator's baseline network if it has one. */
  #passes(own: Owner, sourceBindings: object) {
    const { gpu, shape, options } = this;
    const { params, clock, d_params, d_scores, baseline, d_baseline } = this.#training;
    const context = {
      ...{ gpu, own, shape, params, clock, tile: this.#choice.tile },
      ...{ source: options.source, sourceBindings },
      ...this.#batch,
    };
    const layers = layersOf(options.critic, shape);
    const critic = options.critic.passes({ ...context, layers, gradients: { d_scores, d_params } });
    const network = baselineOf(options.estimator)?.passes({
      ...context,
      layers: shape.layout.layers.slice(layers.length),
      scores: baseline,
      gradients: { d_scores: d_baseline, d_params },
    });
    return { critic, ...(network && { baseline: network }) };
  }

  #compile(plan: readonly Dispatch[]): Promise<Program> {
    const made = Program.compile(this.gpu, plan).then((program) => {
      if (this.#disposed) program.dispose();
      else this.#programs.push(program);
      return program;
    });
    made.catch(() => {}); // whoever awaits it is told
    return made;
  }

  #writeClock(): void {
    const start: Clock = { step: 0, beta1_power: 1, beta2_power: 1, ema_lse: 0, bad_step: 0 };
    const clocks = Array.from({ length: this.options.replicas }, () => start);
    this.gpu.write(this.#training.clock, new Uint32Array(packArray("Clock", clocks)));
  }

  /**
   * Changes parameters between steps; the critic goes on from where it is.
   *
   * @throws {InputError} for what `createTrainer` would refuse; then nothing has changed
   */
  set(changes: TrainerChanges): void {
    this.#alive();
    checkOptions("trainer.set", changes, CHANGE_KEYS);
    const estimator = changedEstimator(this.options.estimator, changes.estimator);
    const optimizer = changedOptimizer(this.options.optimizer, changes.optimizer);
    const hyper = hyperRecords({ ...this.options, estimator, optimizer });
    const write = this.#source.change(changes);
    // Nothing has changed so far, and from here on nothing is refused.
    write();
    Object.assign(this.options, { estimator, optimizer });
    this.gpu.write(this.#training.hyper, new Uint32Array(packArray("Hyper", hyper)));
  }

  /** Gives back what only steps need of a table: rows can be scored still, and a step is refused. */
  endSteps(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { source } = this.options;
    const { forSteps } = this.#source;
    forSteps?.buffer.destroy();
    this.#tensors = this.#tensors.filter((tensor) => tensor !== forSteps);
    if (source.kind === "table") this.options.source = { ...source, pairs: [] };
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Trains `count` steps. Many steps go to the GPU at once; how many does not change a bit of the result.
   *
   * @throws {NonFiniteError} naming step and replica, {InterruptedError} when `signal` aborts: what was trained stays
   */
  async step(count: number, options: StepOptions = {}): Promise<void> {
    this.#alive();
    checkOptions("trainer.step", options, STEP_KEYS);
    const { onProgress, signal } = options;
    if (this.#ended) throw new RemineError("the steps of this trainer were ended; make a new one to train on");
    const program = await this.gpu.until(signal).patiently(this.#stepProgram);
    this.#alive();
    const began = performance.now();
    for (let done = 0; done < count; ) {
      if (signal?.aborted) {
        throw new InterruptedError(`interrupted after ${this.#steps} steps`, { cause: signal.reason });
      }
      const size = Math.min(this.#chunk, count - done, this.#parts.capacity);
      const before = performance.now();
      this.#manySteps?.take(this.gpu, size);
      program.run(this.gpu, this.#manySteps ? 1 : size);
      const [clock, history] = await this.#answers();
      const milliseconds = performance.now() - before;
      this.#steps += size;
      done += size;
      if (clock) refuseNonFinite(clock);
      if (history) this.#records.keep(new Float32Array(history), this.#steps, size);
      this.#chunk = this.#nextChunk(size, milliseconds);
      onProgress?.({ done, total: count, stepsPerSecond: (1000 * done) / (performance.now() - began) });
    }
  }

  /** Waits, once, for the steps submitted, and for the clocks and the records if these are looked at. */
  async #answers(): Promise<[clock: ArrayBuffer | undefined, history: ArrayBuffer | undefined]> {
    const { trace, nonFinite } = this.options;
    const { clock, history } = this.#training;
    return Promise.all([
      nonFinite === "throw" ? this.gpu.read(clock) : this.gpu.done().then(() => undefined),
      trace ? this.gpu.read(history) : undefined,
    ]);
  }

  /** Steps to submit next, after `size` of them took so long: as many as keep the GPU at work longer than its answer takes. */
  #nextChunk(size: number, milliseconds: number): number {
    const { latency, profile } = this.gpu;
    const wanted = Math.max(profile.trainingMilliseconds, latency);
    const spent = Math.max(milliseconds - latency, 0.1);
    return Math.max(1, Math.min(4 * this.#chunk, Math.round((size * wanted) / spent)));
  }

  /** The averages over the last `window` steps of every replica, and the trace if it is kept. */
  async read(): Promise<{ averages: Averages[]; trace: Trace[] }> {
    this.#alive();
    this.#averageProgram ??= this.#compile(averagePlan(this.#parts, this.#training));
    const program = await this.#averageProgram;
    this.#alive();
    program.run(this.gpu);
    const averages = unpackArray<WindowAverages>("WindowAverages", await this.gpu.read(this.#training.averages));
    return {
      averages: averages.map((a) => ({
        macro: a.macro_value,
        micro: a.micro_value,
        joint: a.joint_mean,
        logPartition: a.marginal_lme,
        steps: a.steps,
      })),
      trace: this.trace,
    };
  }

  /** Every step of every replica; empty unless the trace is kept. */
  get trace(): Trace[] {
    this.#alive();
    return this.options.trace ? this.#records.traces(this.#steps) : [];
  }

  /**
   * A scorer over the source's table, with the parameters as they are whenever it is used.
   */
  async scorer(options: ScorerOptions): Promise<Scorer> {
    this.#alive();
    checkOptions("trainer.scorer", options, SCORER_KEYS);
    const held = this.#source.table;
    if (!held) throw new InputError("only a trainer on a table can score rows");
    const { critic, estimator, source } = this.options;
    const network = options.of === "baseline" ? baselineOf(estimator) : critic;
    if (!network) throw new InputError(`the estimator "${estimator.name}" of this trainer has no baseline network`);
    const { layers } = this.shape.layout;
    const own = layersOf(critic, this.shape).length;
    return Scorer.create(this.gpu, {
      ...this.shape,
      critic: network,
      layers: network === critic ? layers.slice(0, own) : layers.slice(own),
      source,
      tile: this.#choice.tile,
      params: options.params ?? this.#training.params,
      ...held,
      table: options.table ?? held.table,
      batch: options.batch,
      marginals: options.marginals,
      part: options.part,
    });
  }

  /** The parameters of all replicas, (R, P), as they are on the GPU. */
  get params(): Tensor {
    return this.#training.params;
  }

  /** The dispatches of one training step, as step.ts lists them. For tests and measurements. */
  plan(): Dispatch[] {
    return stepPlan(this.#parts, this.#batch, this.#training);
  }

  /** Buffers for a kernel-level look, by the names of the WGSL. For tests and research. */
  get tensors(): { batch: Batch; training: Training } {
    return { batch: this.#batch, training: this.#training };
  }

  /** Everything that the next step depends on. `load` it into a trainer with the same options to go on, to the same bits. */
  async save(): Promise<Uint8Array> {
    this.#alive();
    const buffers: Uint32Array[] = [];
    for (const tensor of this.#state()) buffers.push(new Uint32Array(await this.gpu.read(tensor)));
    return packState({ trained: this.#trained(), steps: this.#steps, buffers });
  }

  /** @throws {InputError} when `bytes` are no state, or that of another estimator, critic or optimizer; names both */
  load(bytes: Uint8Array): void {
    this.#alive();
    const { steps, buffers } = unpackState(bytes, this.#trained());
    this.#state().forEach((tensor, i) => {
      this.gpu.write(tensor, buffers[i]!);
    });
    this.#steps = steps;
    this.#records.clear();
  }

  #trained(): Trained {
    const { critic, estimator, optimizer, replicas, window } = this.options;
    const layers = layersOf(critic, this.shape).map(({ inputs, outputs }) => `${inputs}x${outputs}`);
    return {
      ...{ estimator: estimator.name, critic: `${critic.kind} (${layers.join(" ")})` },
      ...{ optimizer: stepKernelOf(optimizer).replace("step_", ""), replicas, window },
    };
  }

  #state(): Tensor[] {
    const { clock, stats, history, params, m_params, v_params } = this.#training;
    return [clock, stats, history, params, m_params, v_params];
  }

  #alive(): void {
    if (this.#disposed) throw new RemineError("this trainer was disposed; make a new one");
    this.gpu.check();
  }

  /** Frees its buffers; the GPU stays open. Calls throw after it. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const program of this.#programs) program.dispose();
    for (const { buffer } of this.#tensors.reverse()) buffer.destroy();
  }

  /** The same as {@link dispose}, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
