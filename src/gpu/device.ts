/** The GPU: opening it, buffers, submitting, waiting, what is lost. */
import { nap, requestAdapter } from "#platform";
import {
  AdapterError,
  DeviceLostError,
  InterruptedError,
  LimitError,
  OutOfMemoryError,
  RemineError,
  ShaderError,
} from "../errors.ts";
import { checkOptions, keysOf } from "../options.ts";
import { type Profile, profileOf } from "./profile.ts";
import type { Tensor } from "./tensor.ts";

/** Which device {@link open} takes. */
export interface OpenOptions {
  /** Part of the name of the wanted adapter, e.g. `"llvmpipe"` or `"NVIDIA"`. Default: the best one there is. */
  adapter?: string | undefined;
  /** Hides what the drivers print on stderr while they are looked for (Node on Linux). For command lines. */
  quiet?: boolean;
  /** A device of your own. It is used as it is and never destroyed. */
  device?: GPUDevice;
  /** Ends the wait for an adapter and its device; the call rejects with InterruptedError. */
  signal?: AbortSignal | undefined;
}

const OPEN_KEYS = keysOf<OpenOptions>()("adapter quiet device signal");

/**
 * Opens a GPU. Close it with `dispose()` or `using`.
 *
 * @throws {AdapterError} when no adapter answers; the message says how to get one.
 * @throws {UnknownAdapterError} when none has the name that was asked for; the message lists those that are there.
 * @example
 * using gpu = await open();
 */
export async function open(options: OpenOptions = {}): Promise<Gpu> {
  checkOptions("open", options, OPEN_KEYS);
  const { device, signal } = options;
  if (device) return opened(device, device.adapterInfo, false, undefined);
  const opening = openOwn(options);
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    // Nobody waits any more for a device that opens after an abort.
    if (signal?.aborted) opening.then((gpu) => gpu.dispose()).catch(() => {});
    throw error;
  }
}

async function openOwn(options: OpenOptions): Promise<Gpu> {
  const { adapter, instance } = await requestAdapter(options);
  const wanted: GPUFeatureName[] = ["subgroups", "timestamp-query"];
  const names = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
  ] as const;
  const requiredLimits = Object.fromEntries(names.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  try {
    const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
    return await opened(device, adapter.info, true, instance);
  } catch (cause) {
    throw new AdapterError(`the adapter "${adapter.info.description}" gave no device: ${(cause as Error).message}`, {
      cause,
    });
  }
}

async function opened(device: GPUDevice, info: GPUAdapterInfo, owned: boolean, instance: unknown): Promise<Gpu> {
  return new Gpu(new Opened(device, info, owned, instance, await latencyOf(device)));
}

/** What waiting for nothing takes, milliseconds: the second time, since the first may end a wait that others began. */
async function latencyOf({ queue }: GPUDevice): Promise<number> {
  await queue.onSubmittedWorkDone();
  const began = performance.now();
  await queue.onSubmittedWorkDone();
  return performance.now() - began;
}

/** The promise's value, unless the signal aborts first: then InterruptedError, with the signal's reason as its cause. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  refuseAborted(signal);
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(interruption(signal));
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** @throws {InterruptedError} when the signal has aborted */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruption(signal);
}

/** Host work that goes on so long makes way, milliseconds. */
const TURN = 20;
let lastTurn = 0;

/** See {@link Gpu.turn}. */
export async function turn(signal: AbortSignal | undefined): Promise<void> {
  if (performance.now() - lastTurn > TURN) {
    const later = typeof setImmediate === "function" ? setImmediate : setTimeout;
    await new Promise<void>((resolve) => later(resolve));
    lastTurn = performance.now();
  }
  refuseAborted(signal);
}

const interruption = ({ reason }: AbortSignal) => new InterruptedError("interrupted", { cause: reason });

/** A device as it was opened, and what became of it: what all handles of one GPU share. */
class Opened {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  /** Kept alive: Dawn must not collect what created the device. */
  readonly instance: unknown;
  readonly latency: number;
  readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly lost: Promise<never>;
  disposed = false;
  failure: RemineError | undefined;
  /** Bytes of the buffer that was last asked for under each label. */
  readonly asked = new Map<string, number>();
  #owned: boolean;

  constructor(device: GPUDevice, info: GPUAdapterInfo, owned: boolean, instance: unknown, latency: number) {
    this.device = device;
    this.info = info;
    this.instance = instance;
    this.latency = latency;
    this.#owned = owned;
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault(); // it is thrown, so nobody else need print it
      this.failure ??= this.#failureOf(event.error);
    });
    this.lost = device.lost.then((info) => {
      const why = (info.message || info.reason).replace(/\.+$/, "");
      this.failure = this.disposed
        ? new DeviceLostError("the GPU was closed while it was in use")
        : new DeviceLostError(`the GPU device was lost: ${why}. Open it again and resume.`, { cause: why });
      throw this.failure;
    });
    this.lost.catch(() => {});
  }

  /** What a user is told of what WebGPU objects to. */
  #failureOf(error: GPUError): RemineError {
    if (!(error instanceof GPUOutOfMemoryError)) return new ShaderError(error.message);
    // The labels of our buffers are in what Dawn says; other implementations may name none.
    const [label, bytes] = [...this.asked].find(([label]) => error.message.includes(`mi/${label}"`)) ?? [];
    return outOfMemory(label === undefined ? "what this work takes" : `"${label}", ${inUnits(bytes!)}`);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (!this.#owned) return;
    // While it compiles, destroy() would hold up everything until that is done: seconds with a software driver.
    Promise.allSettled(this.pipelines.values()).then(() => this.device.destroy());
  }
}

/** An open GPU: its device, what is known of its adapter, and the few things one does with a queue. */
export class Gpu {
  readonly device: GPUDevice;
  /** Name of the adapter, for people. */
  readonly name: string;
  /** The adapter computes on the CPU (lavapipe, SwiftShader, WARP). */
  readonly isSoftware: boolean;
  /** Lanes of a subgroup where that is one fixed number and subgroups are there, else 0. */
  readonly subgroupSize: number;
  /** What suits this adapter. */
  readonly profile: Profile;
  /** Milliseconds that an answer takes where there is nothing to do: as a rule less than one, in Firefox 100. */
  readonly latency: number;
  /** Every wait of this handle ends when it aborts. */
  readonly signal: AbortSignal | undefined;
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  #opened: Opened;

  /** Use {@link open}. */
  constructor(opened: Opened, signal?: AbortSignal) {
    const { device, info } = opened;
    this.#opened = opened;
    this.device = device;
    this.latency = opened.latency;
    this.pipelines = opened.pipelines;
    this.signal = signal;
    this.name = info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unnamed adapter";
    this.isSoftware = info.isFallbackAdapter ?? false;
    const fixed = info.subgroupMinSize === info.subgroupMaxSize ? info.subgroupMinSize : 0;
    this.subgroupSize = device.features.has("subgroups") ? fixed : 0;
    this.profile = profileOf(this);
  }

  /**
   * The same GPU for work that `signal` can end: every wait of the handle rejects with InterruptedError within milliseconds
   * of an abort, and so does everything that is begun after it. Buffers and pipelines are shared; there is nothing to dispose.
   */
  until(signal: AbortSignal | undefined): Gpu {
    return signal ? new Gpu(this.#opened, signal) : this;
  }

  /** Throws what went wrong since the last call, if anything did, or that the signal has aborted. */
  check(): void {
    const { disposed, failure } = this.#opened;
    if (disposed) throw new RemineError("this GPU was disposed; open a new one");
    if (failure) throw failure;
    refuseAborted(this.signal);
  }

  /** A storage buffer of `words` 32-bit words, zero at first, or filled with `data`. */
  tensor(label: string, data: number | Uint32Array | Float32Array): Tensor {
    this.check();
    const bytes = Math.max(4, typeof data === "number" ? data * 4 : data.byteLength);
    this.#refuseLarge(label, bytes);
    this.#opened.asked.set(label, bytes);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = this.device.createBuffer({
      label: `mi/${label}`,
      size: bytes,
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
    if (typeof data !== "number") this.device.queue.writeBuffer(buffer, 0, data as GPUAllowSharedBufferSource);
    return { label, buffer, bytes };
  }

  /** Bytes that a storage buffer may have: what one binding takes, or a whole buffer where that is less. */
  get largestBuffer(): number {
    return this.device.limits[this.#scarcest];
  }

  get #scarcest(): "maxStorageBufferBindingSize" | "maxBufferSize" {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    return maxBufferSize < maxStorageBufferBindingSize ? "maxBufferSize" : "maxStorageBufferBindingSize";
  }

  #refuseLarge(label: string, bytes: number): void {
    const limit = this.largestBuffer;
    if (bytes <= limit) return;
    throw new LimitError(
      `"${label}" would take ${inUnits(bytes)}, but this adapter binds at most ${inUnits(limit)} (${this.#scarcest}). ` +
        `It would fit with 1/${Math.ceil(bytes / limit)} of what it holds. ${LESS}.`,
    );
  }

  /** A uniform buffer with these bytes. */
  uniform(label: string, data: ArrayBuffer): Tensor {
    const size = Math.ceil(data.byteLength / 16) * 16;
    const buffer = this.device.createBuffer({
      label: `mi/${label}`,
      size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.device.queue.writeBuffer(buffer, 0, data);
    return { label, buffer, bytes: size };
  }

  /** Writes words into a tensor, from its word number `offset` on. */
  write(tensor: Tensor, data: Uint32Array | Float32Array, offset = 0): void {
    this.device.queue.writeBuffer(tensor.buffer, (tensor.offset ?? 0) + offset, data as GPUAllowSharedBufferSource);
  }

  /** Records commands with `encode` and submits them. */
  submit(encode: (encoder: GPUCommandEncoder) => void): void {
    this.check();
    const encoder = this.device.createCommandEncoder();
    encode(encoder);
    this.device.queue.submit([encoder.finish()]);
  }

  /** Resolves when everything submitted so far is done. */
  async done(): Promise<void> {
    await this.#wait(this.device.queue.onSubmittedWorkDone());
    this.check();
  }

  /** Copies a tensor (or a part of it) back. */
  async read(tensor: Tensor, offset = 0, bytes = tensor.bytes - offset): Promise<ArrayBuffer> {
    this.check();
    const staging = this.device.createBuffer({
      label: `mi/read/${tensor.label}`,
      size: bytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    try {
      this.submit((encoder) =>
        encoder.copyBufferToBuffer(tensor.buffer, (tensor.offset ?? 0) + offset, staging, 0, bytes),
      );
      await this.#wait(staging.mapAsync(GPUMapMode.READ));
      return staging.getMappedRange().slice(0);
    } catch (error) {
      if (error instanceof RemineError) throw error;
      this.check();
      throw outOfMemory(`a copy of "${tensor.label}", ${inUnits(bytes)}`, error);
    } finally {
      staging.destroy();
    }
  }

  /** Awaits what the device promised, or the abort. */
  async patiently<T>(promise: Promise<T>): Promise<T> {
    const wanted = unlessAborted(promise, this.signal);
    if (nap && this.profile.napsWhileWaiting) await settled(wanted, nap);
    return wanted;
  }

  /**
   * Lets everybody else have a turn between two pieces of work on the host: an abort, Ctrl-C, a page.
   *
   * @throws {InterruptedError} when the signal has aborted by then
   */
  async turn(): Promise<void> {
    await turn(this.signal);
  }

  async #wait<T>(promise: Promise<T>): Promise<T> {
    const { lost } = this.#opened;
    try {
      return await this.patiently(Promise.race([promise, lost]));
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      // A browser may fail the work before it says that the device is lost.
      await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 500))]);
      throw error;
    }
  }

  /** Ends every handle of this GPU. A device that was handed in stays open. */
  dispose(): void {
    this.#opened.dispose();
  }

  /** The same as {@link dispose}, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Resolves when `promise` is settled, with a nap between one look and the next. */
export async function settled(promise: Promise<unknown>, nap: (ms: number) => Promise<void>): Promise<void> {
  const began = performance.now();
  let pending = true;
  const mark = () => {
    pending = false;
  };
  promise.then(mark, mark);
  // A turn of the event loop costs 30 µs, so a long wait has longer naps: a fiftieth of it so far.
  while (pending) await nap(Math.max(0.2, Math.min((performance.now() - began) / 50, 2)));
}

/** What makes buffers smaller. */
const LESS = "Use fewer rows or columns, a smaller batch or width, or fewer replicas (folds, restarts)";

const outOfMemory = (what: string, cause?: unknown) =>
  new OutOfMemoryError(`there is no memory for ${what}. ${LESS}, or close what else uses the GPU.`, { cause });

const inUnits = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${Math.ceil(bytes / 2 ** 10)} KiB`;
