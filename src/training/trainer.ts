/** `createTrainer`: R estimators that train side by side. */

import { type Critic, layersOf } from "../critics/critic.ts";
import { mlp } from "../critics/mlp.ts";
import type { Shape } from "../critics/shape.ts";
import { layoutOf } from "../critics/shape.ts";
import { InputError, InterruptedError, NonFiniteError, RemineError } from "../errors.ts";
import {
  changedEstimator,
  type Estimator,
  type EstimatorName,
  type EstimatorParameters,
  estimatorByName,
  remine,
} from "../estimators/estimator.ts";
import type { Gpu } from "../gpu/device.ts";
import { type Dispatch, Program, tileForm } from "../gpu/program.ts";
import { type Clock, estimators, type StepRecord, structs, type WindowAverages } from "../gpu/shaders.gen.ts";
import { packArray, unpackArray } from "../gpu/structs.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { checkOptions, checkSeed, keysOf } from "../options.ts";
import type { Source, TableSource } from "../sources/source.ts";
import { baselineOf } from "./baseline.ts";
import { type Batch, batchTensors, type Training, trainingTensors } from "./buffers.ts";
import { chooseEngine, type Engine, type Trains } from "./engines/choose.ts";
import { ManySteps } from "./engines/many-steps.ts";
import { differentiateBatch } from "./engines/one-step.ts";
import { hyperRecords } from "./hyper.ts";
import { adam, changedOptimizer, momentsOf, type Optimizer, type OptimizerChanges, stepKernelOf } from "./optimizer.ts";
import { Scorer } from "./scorer.ts";
import { packState, type Trained, unpackState } from "./state.ts";
import { averagePlan, initialPlan, type StepParts, stepPlan } from "./step.ts";

export interface TrainerOptions {
  source: Source;
  pairs: {
    /** N: joint pairs a step. */
    joint: number;
    /** Where marginal pairs come from: every other pairing of the batch, a shift of it, or draws of their own. */
    negatives: "all" | "shuffle" | "independent";
    /** K: marginal pairs per joint pair, for `shuffle` and `independent`. Default 1. */
    perJoint?: number;
  };
  /** Default `mlp([256, 256])`. */
  critic?: Critic;
  /** By name, or as a value, whose parameters may have one number for each replica. Default `remine()`. */
  estimator?: EstimatorName | Estimator;
  /** Default `adam()`. */
  optimizer?: Optimizer;
  /** R: estimators trained side by side. Default 1. */
  replicas?: number;
  /** Key of all random numbers. Same seed, same adapter: the same bits. Default 0. */
  seed?: number;
  /** Random stream of each replica; default 0 … R−1. A replica's numbers depend on (seed, stream) and nothing else. */
  streams?: readonly number[];
  /** Steps that the averages look back. Default 1000. */
  window?: number;
  /** Keep every step's record on the host. Default true up to 64 replicas. */
  trace?: boolean;
  /** What a score or gradient that is not finite does: end the run (default), or skip that step's update. */
  nonFinite?: "throw" | "skip";
  /** Form of the matrix product and of the resident engine; default: what suits the adapter. `portable` runs on all. */
  tile?: "subgroup" | "portable";
  /**
   * `layered` takes a few dispatches a layer and fits everything. `resident` is for small critics with two hidden layers. On
   * lavapipe it is one dispatch for both passes (`oneStepMisfit` says what fits), which steps 2 to 3 times as fast; on other
   * adapters one for many whole steps (`manyStepsMisfit`), twice as fast on an H200. `auto` is `resident` where it fits and is
   * expected to pay. Default: `auto` on lavapipe if replicas × scores a step × `expectedSteps` reach 4 million, which pays for
   * its compilation, else `layered`. Both draw the same numbers and agree up to rounding, not to the bit.
   */
  engine?: Engine;
  /** Steps that will be taken, as far as known, for the choice of an engine. Default 1000. */
  expectedSteps?: number;
}

const KEYS = keysOf<TrainerOptions>()(
  "source pairs critic estimator optimizer replicas seed streams window trace nonFinite tile engine expectedSteps",
);
const PAIR_KEYS = keysOf<TrainerOptions["pairs"]>()("joint negatives perJoint");

/** What {@link Trainer.set} can change. */
export interface TrainerChanges {
  estimator?: Omit<EstimatorParameters, "baseline">;
  optimizer?: OptimizerChanges;
  /** Correlation of a Gaussian source without a staircase. */
  rho?: number;
  /** New values for a table source, as many as it has: rows × columns. */
  table?: Float32Array;
}

const CHANGE_KEYS = keysOf<TrainerChanges>()("estimator optimizer rho table");

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

/** One number per step, nats. */
export interface Trace {
  joint: Float32Array;
  logPartition: Float32Array;
  value: Float32Array;
  objective: Float32Array;
}

export interface StepOptions {
  onProgress?: (progress: { done: number; total: number; stepsPerSecond: number }) => void;
  signal?: AbortSignal | undefined;
}

/** What {@link Trainer.scorer} is asked for. */
export interface ScorerOptions {
  /** Pairs that pass through the critic at once, or rows of a block. */
  batch: number;
  /** Marginal pairs of each row of a block, for `scoreBlocks`; default 0, for named pairs. */
  marginals?: number;
  /** Default: those of the trainer, (R, P). */
  params?: Tensor;
  /** Default: the source's, rows × columns. */
  table?: Tensor;
  /** The critic (default), or the estimator's baseline network, whose score of a pair is that of its row. */
  of?: "critic" | "baseline";
  /** Some replicas in a row; default all. */
  part?: { first: number; count: number } | undefined;
}

const SCORER_KEYS = keysOf<ScorerOptions>()("batch marginals params table of part");
const STEP_KEYS = keysOf<StepOptions>()("onProgress signal");

/**
 * Makes a trainer: R critics and their estimators on one GPU, ready to step. Free it with `dispose()` or `using`.
 *
 * @throws {InputError} for options that do not fit each other, {LimitError} for buffers the adapter cannot hold
 */
export async function createTrainer(gpu: Gpu, options: TrainerOptions): Promise<Trainer> {
  return Trainer.create(gpu, options);
}

const RECORD_WORDS = structs.StepRecord.size / 4;

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
  #table: { table: Tensor; columns: Tensor; rowPairs: Tensor } | undefined;
  #rho: Tensor | undefined;
  #ended = false;
  #steps = 0;
  #chunk = 1;
  #records: Float32Array[] = [];
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
    this.shape = {
      replicas,
      joint: pairs.joint,
      marginals,
      independent: pairs.negatives === "independent",
      xWidth: source.xWidth,
      yWidth: source.yWidth,
      layout: layoutOf([...critic.layers(...widths), ...(baselineOf(estimator)?.layers(...widths) ?? [])]),
    };
    this.#trains = chooseEngine(gpu, options, critic, estimator, this.shape);
    this.engine = this.#trains === "layered" ? "layered" : "resident";
    this.#choice = {
      source: source.kind,
      estimator: estimators[estimator.name].slot,
      optimizer: stepKernelOf(optimizer),
      tile: tileForm(gpu, options.tile),
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
    const sourceBindings = this.#bindSource(own);
    const engine = this.#buildEngine(own, { capacity, sourceBindings });
    this.#parts = { shape, choice: this.#choice, sourceBindings, engine, window, capacity };
    gpu.write(this.#training.hyper, new Uint32Array(packArray("Hyper", hyperRecords(this.options))));
    this.#writeClock();
    // The first step waits for its kernels: until then the first weights can be scored.
    this.#stepProgram = this.#compile(this.plan());
    (await this.#compile(initialPlan(shape, options.critic, this.#training))).run(gpu);
  }

  /** The dispatches from a batch to d_params, or of whole steps. */
  #buildEngine(
    own: (tensor: Tensor) => Tensor,
    made: { capacity: number; sourceBindings: object },
  ): StepParts["engine"] {
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
        this.#manySteps = new ManySteps({ gpu, own, critic, shape }, this.#choice, made, this.#training);
        return { trains, steps: this.#manySteps.dispatch };
    }
  }

  /** The passes of the critic, and of the estimator's baseline network if it has one. */
  #passes(own: (tensor: Tensor) => Tensor, sourceBindings: object) {
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

  #bindSource(own: (tensor: Tensor) => Tensor): object {
    const { source, replicas } = this.options;
    const perReplica = <T>(list: readonly T[], name: string): T[] => {
      if (list.length !== 1 && list.length !== replicas) {
        throw new InputError(
          `"${name}" has ${list.length} entries; give one for all replicas, or one for each of the ${replicas}`,
        );
      }
      return Array.from({ length: replicas }, (_, r) => list[list.length === 1 ? 0 : r]!);
    };
    switch (source.kind) {
      case "one_hot":
        return {};
      case "gaussian": {
        const rho = perReplica(source.rho, "rho");
        const levels = rho[0]!.length;
        this.#rho = own(this.gpu.tensor("rho", Float32Array.from(rho.flat())));
        return { source_dims: { levels, level_steps: source.levelSteps }, rho: this.#rho };
      }
      case "table": {
        const pairs = perReplica(source.pairs, "pairs");
        const stride = 1 + Math.max(...pairs.map((list) => list.length));
        // One replica after the other: all of them would be a second copy of a long table's.
        const row_pairs = own(this.gpu.tensor("row_pairs", replicas * stride));
        const words = new Uint32Array(stride);
        pairs.forEach((list, r) => {
          words[0] = list.length / 2;
          words.set(list, 1);
          this.gpu.write(row_pairs, words, 4 * r * stride);
        });
        const table = own(this.gpu.tensor("table", source.data));
        const columns = own(this.gpu.tensor("columns", Uint32Array.from(perReplica(source.picks, "picks").flat())));
        this.#table = { table, columns, rowPairs: row_pairs };
        const inputs = source.xWidth + source.yWidth;
        return {
          source_dims: { columns: source.columns, inputs, pair_stride: stride },
          table,
          columns,
          row_pairs,
        };
      }
    }
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
    const { rho, table } = changes;
    const estimator = changedEstimator(this.options.estimator, changes.estimator);
    const optimizer = changedOptimizer(this.options.optimizer, changes.optimizer);
    const hyper = hyperRecords({ ...this.options, estimator, optimizer });
    const stairs = rho === undefined ? undefined : this.#stairsOf(rho);
    const values = table && this.#valuesOf(table);
    // Nothing has changed so far, and from here on nothing is refused.
    if (stairs) this.gpu.write(this.#rho!, stairs);
    if (values) this.gpu.write(this.#table!.table, values);
    Object.assign(this.options, { estimator, optimizer });
    this.gpu.write(this.#training.hyper, new Uint32Array(packArray("Hyper", hyper)));
  }

  /** `rho` for every stair of every replica. */
  #stairsOf(rho: number): Float32Array {
    const { source, replicas } = this.options;
    if (source.kind !== "gaussian" || !this.#rho) throw new InputError('only a Gaussian source has a "rho" to change');
    if (!(Math.abs(rho) < 1)) throw new InputError(`"rho" must lie between -1 and 1, got ${rho}`);
    return new Float32Array(replicas * source.rho[0]!.length).fill(rho);
  }

  #valuesOf(data: Float32Array): Float32Array {
    const { source } = this.options;
    if (source.kind !== "table" || !this.#table) throw new InputError('only a table source has a "table" to change');
    if (data.length !== source.data.length) {
      throw new InputError(`"table" must keep its ${source.rows} × ${source.columns} values, got ${data.length}`);
    }
    return data;
  }

  /** Gives back what only steps need of a table: rows can be scored still, and a step is refused. */
  endSteps(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { source } = this.options;
    const pairs = this.#table?.rowPairs;
    pairs?.buffer.destroy();
    this.#tensors = this.#tensors.filter((tensor) => tensor !== pairs);
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
      await this.gpu.done();
      const milliseconds = performance.now() - before;
      this.#steps += size;
      done += size;
      await this.#collect(size);
      const wanted = this.gpu.profile.trainingMilliseconds;
      this.#chunk = Math.max(1, Math.min(4 * this.#chunk, Math.round((size * wanted) / Math.max(milliseconds, 0.1))));
      onProgress?.({ done, total: count, stepsPerSecond: (1000 * done) / (performance.now() - began) });
    }
  }

  async #collect(size: number): Promise<void> {
    const { replicas, trace, nonFinite } = this.options;
    if (nonFinite === "throw") {
      const clocks = unpackArray<Clock>("Clock", await this.gpu.read(this.#training.clock));
      const r = clocks.findIndex((clock) => clock.bad_step > 0);
      if (r >= 0) {
        throw new NonFiniteError(
          `a score or gradient was not finite at step ${clocks[r]!.bad_step - 1} in replica ${r}. ` +
            "Lower the learning rate, clip the gradient (clipNorm: 1), or use the remine estimator.",
        );
      }
    }
    if (!trace) return;
    const { capacity } = this.#parts;
    const history = new Float32Array(await this.gpu.read(this.#training.history));
    const records = new Float32Array(size * replicas * RECORD_WORDS);
    for (let i = 0; i < size; i++) {
      const slot = (this.#steps - size + i) % capacity;
      for (let r = 0; r < replicas; r++) {
        const from = (r * capacity + slot) * RECORD_WORDS;
        records.set(history.subarray(from, from + RECORD_WORDS), (i * replicas + r) * RECORD_WORDS);
      }
    }
    this.#records.push(records);
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
    const { replicas, trace } = this.options;
    if (!trace) return [];
    const fields = structs.StepRecord.fields.map(([name]) => name) as (keyof StepRecord)[];
    const column = (r: number, field: keyof StepRecord) => {
      const at = fields.indexOf(field);
      const out = new Float32Array(this.#steps).fill(Number.NaN);
      let step = this.#steps - this.#records.reduce((sum, part) => sum + part.length / (replicas * RECORD_WORDS), 0);
      for (const part of this.#records) {
        for (let i = r * RECORD_WORDS + at; i < part.length; i += replicas * RECORD_WORDS) out[step++] = part[i]!;
      }
      return out;
    };
    return Array.from({ length: replicas }, (_, r) => ({
      joint: column(r, "joint_mean"),
      logPartition: column(r, "marginal_lme"),
      value: column(r, "value"),
      objective: column(r, "objective"),
    }));
  }

  /**
   * A scorer over the source's table, with the parameters as they are whenever it is used.
   */
  async scorer(options: ScorerOptions): Promise<Scorer> {
    this.#alive();
    checkOptions("trainer.scorer", options, SCORER_KEYS);
    if (!this.#table) throw new InputError("only a trainer on a table can score rows");
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
      table: options.table ?? this.#table.table,
      columns: this.#table.columns,
      tableColumns: (source as TableSource).columns,
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
    this.#records = [];
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

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const program of this.#programs) program.dispose();
    for (const { buffer } of this.#tensors.reverse()) buffer.destroy();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** K: marginal pairs per joint pair. @throws {InputError} for sizes that cannot be */
function marginalsOf({ replicas = 1, window = 1000, expectedSteps = 1, pairs }: TrainerOptions): number {
  const { joint, perJoint = 1, negatives } = checkOptions('"pairs" of createTrainer', pairs, PAIR_KEYS);
  const positive = { replicas, window, expectedSteps, "pairs.joint": joint, "pairs.perJoint": perJoint };
  for (const [name, value] of Object.entries(positive)) {
    if (!Number.isInteger(value) || value < 1)
      throw new InputError(`"${name}" must be a positive integer, got ${value}`);
  }
  if (!["all", "shuffle", "independent"].includes(negatives)) {
    throw new InputError(`"pairs.negatives" must be "all", "shuffle" or "independent", got "${negatives}"`);
  }
  const marginals = negatives === "all" ? joint - 1 : perJoint;
  if (negatives !== "independent" && (marginals < 1 || marginals > joint - 1)) {
    throw new InputError(
      `${joint} joint pairs leave at most ${joint - 1} other pairings, but "perJoint" is ${marginals}. ` +
        'Raise "joint", lower "perJoint", or use negatives: "independent".',
    );
  }
  return marginals;
}

/** The estimator of this name, or with these parameters, which may have been written by hand. */
function checkedEstimator(asked: EstimatorName | Estimator): Estimator {
  if (typeof asked === "string") return estimatorByName(asked);
  const { name, ...parameters } = asked;
  return estimatorByName(name, parameters);
}

/** @throws {InputError} when the estimator cannot work with this critic or these pairs */
function checkFit(estimator: Estimator, critic: Critic, negatives: string): void {
  const facts = estimators[estimator.name];
  if (facts.critic === "density" && !critic.density) {
    throw new InputError(
      `the estimator "${estimator.name}" needs a critic that is a density log q(y | x), and "${critic.kind}" is none. ` +
        "Use conditional(), or another estimator, such as remine.",
    );
  }
  if (facts.rows && negatives === "independent") {
    throw new InputError(
      `the estimator "${estimator.name}" compares the pairs of a row, which share x; with negatives: "independent" every ` +
        'pair has an x of its own. Use negatives: "all" or "shuffle", or another estimator, such as remine.',
    );
  }
}
