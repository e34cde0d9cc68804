/** What the adapter can do at most, measured by two small probes, and how close each kernel of a step comes to it. */
import { RemineError } from "../../errors.ts";
import type { Gpu } from "../../gpu/device.ts";
import type { Program } from "../../gpu/program.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import type { Trainer } from "../../training/trainer.ts";
import { bytes, operations } from "./costs.ts";
import type { Machine } from "./machines.ts";
import { median } from "./measure.ts";
import { predict } from "./predict.ts";
import type { StepWorkload } from "./workloads.ts";

/** Encodes one dispatch into a pass. */
type Encode = (pass: GPUComputePassEncoder) => void;

const CHAINS = 16;
const ROUNDS = 256;

/** Chains of multiply-adds that stay near `start`, without a memory access between. One vec or scalar per chain. */
const arithmetic = (type: string, unroll: number) => `
@group(0) @binding(0) var<storage, read_write> out: array<${type}>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = ${type}(0.9999);
  let b = ${type}(0.0001);
${Array.from({ length: CHAINS }, (_, c) => `  var v${c} = ${type}(f32(id.x % 64u) / 64.0 + ${c / CHAINS});`).join("\n")}
  for (var i = 0u; i < ${ROUNDS / unroll}u; i++) {
${Array.from({ length: unroll * CHAINS }, (_, k) => `    v${k % CHAINS} = fma(v${k % CHAINS}, a, b);`).join("\n")}
  }
  out[id.x] = ${Array.from({ length: CHAINS }, (_, c) => `v${c}`).join(" + ")};
}`;

/** Every thread copies elements a grid apart, so that neighbours touch neighbours. */
const copying = (type: string, each: number) => `
@group(0) @binding(0) var<storage, read> source: array<${type}>;
@group(0) @binding(1) var<storage, read_write> copy: array<${type}>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let stride = arrayLength(&source) / ${each}u;
  for (var i = 0u; i < ${each}u; i++) { copy[i * stride + id.x] = source[i * stride + id.x]; }
}`;

/** A probe that can be encoded with any number of workgroups. */
async function pipelineOf(gpu: Gpu, code: string, buffers: readonly Tensor[]): Promise<(groups: number) => Encode> {
  const module = gpu.device.createShaderModule({ code });
  const pipeline = await gpu.device.createComputePipelineAsync({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const entries = buffers.map(({ buffer }, binding) => ({ binding, resource: { buffer } }));
  const group = gpu.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (groups) => (pass) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(groups);
  };
}

/** Times passes of many equal dispatches by the adapter's own clock where it has one, else by the wall's. */
export class Stopwatch {
  readonly #gpu: Gpu;
  readonly #runs: number;
  readonly #milliseconds: number;
  readonly #set: GPUQuerySet | undefined;
  readonly #buffer: GPUBuffer | undefined;

  /** The median of `runs` passes of about `milliseconds` each counts. */
  constructor(gpu: Gpu, { runs = 5, milliseconds = 25 } = {}) {
    this.#gpu = gpu;
    this.#runs = runs;
    this.#milliseconds = milliseconds;
    if (!gpu.device.features.has("timestamp-query")) return;
    this.#set = gpu.device.createQuerySet({ type: "timestamp", count: 2 });
    const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
    this.#buffer = gpu.device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
  }

  get method(): string {
    return this.#set ? "timestamp queries" : "wall time of many dispatches";
  }

  /** Seconds of one of `count` dispatches in one pass. */
  async once(encode: Encode, count: number): Promise<number> {
    const [querySet, buffer] = [this.#set, this.#buffer];
    const began = performance.now();
    this.#gpu.submit((encoder) => {
      const timestampWrites = querySet && { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
      const pass = encoder.beginComputePass(timestampWrites && { timestampWrites });
      for (let i = 0; i < count; i++) encode(pass);
      pass.end();
      if (querySet && buffer) encoder.resolveQuerySet(querySet, 0, 2, buffer, 0);
    });
    await this.#gpu.done();
    const wall = (performance.now() - began) / 1000 / count;
    if (!buffer) return wall;
    const times = new BigUint64Array(await this.#gpu.read({ label: "timestamps", buffer, bytes: 16 }));
    return Number(times[1]! - times[0]!) / 1e9 / count;
  }

  /** Seconds of one dispatch. */
  async time(encode: Encode): Promise<number> {
    let count = 1;
    for (let warm = 0; warm < 3; warm++) {
      const seconds = Math.max(await this.once(encode, count), 1e-7);
      count = Math.max(1, Math.min(5000, Math.round(this.#milliseconds / 1000 / seconds)));
    }
    const seconds: number[] = [];
    for (let run = 0; run < this.#runs; run++) seconds.push(await this.once(encode, count));
    return median(seconds);
  }

  dispose(): void {
    this.#set?.destroy();
    this.#buffer?.destroy();
  }
}

/** The most that any form of the probes reached, and what each form did. */
export interface Peaks {
  /** Operations a second; a multiply-add is two. */
  flops: number;
  /** Bytes a second, read and written. */
  bytes: number;
  /** The same, of what does not stay in a cache. */
  memory: number;
  /** Seconds of a dispatch that does next to nothing. */
  dispatch: number;
  arithmetic: Record<string, number>;
  copies: Record<string, number>;
}

/**
 * Measures {@link Peaks}; each probe's result is checked first.
 *
 * @throws {RemineError} when a probe computes wrongly
 */
export async function peaks(gpu: Gpu, stopwatch: Stopwatch): Promise<Peaks> {
  const found: Peaks = {
    flops: 0,
    bytes: 0,
    memory: 0,
    dispatch: Number.POSITIVE_INFINITY,
    arithmetic: {},
    copies: {},
  };
  await probeArithmetic(gpu, stopwatch, found);
  await probeCopies(gpu, stopwatch, found);
  return found;
}

async function probeArithmetic(gpu: Gpu, stopwatch: Stopwatch, found: Peaks): Promise<void> {
  const out = gpu.tensor("probe", 4 * 64 * 4096);
  let want = 0;
  for (let c = 0; c < CHAINS; c++) want += 1 + (5 / 64 + c / CHAINS - 1) * 0.9999 ** ROUNDS;
  try {
    for (const [type, width] of [["f32", 1] as const, ["vec2f", 2] as const, ["vec4f", 4] as const]) {
      for (const unroll of [1, 4]) {
        const encode = await pipelineOf(gpu, arithmetic(type, unroll), [out]);
        await stopwatch.once(encode(1), 1);
        const got = new Float32Array(await gpu.read(out))[5 * width]!;
        if (!(Math.abs(got - want) < 1e-4 * want)) {
          throw new RemineError(`the arithmetic probe says ${got}, not ${want}`);
        }
        const groups = gpu.isSoftware ? 32 : 4096;
        const operations = 2 * CHAINS * ROUNDS * width * 64 * groups;
        const rate = operations / (await stopwatch.time(encode(groups)));
        found.arithmetic[`${type}, ${unroll} rounds unrolled`] = rate;
        found.flops = Math.max(found.flops, rate);
      }
    }
  } finally {
    out.buffer.destroy();
  }
}

async function probeCopies(gpu: Gpu, stopwatch: Stopwatch, found: Peaks): Promise<void> {
  const numbers = Float32Array.from({ length: 1 << 18 }, (_, i) => i % 977);
  const small = [gpu.tensor("probe/from", numbers), gpu.tensor("probe/to", numbers.length)] as const;
  const size = gpu.isSoftware ? 1 << 23 : 1 << 25;
  const large = [gpu.tensor("probe/from", size), gpu.tensor("probe/to", size)] as const;
  try {
    for (const [type, width] of [["f32", 1] as const, ["vec4f", 4] as const]) {
      for (const each of [1, 8]) {
        for (const tensors of [small, large]) {
          const [from, to] = tensors;
          const groups = from.bytes / 4 / width / each / 64;
          if (groups > 65535) continue;
          const encode = await pipelineOf(gpu, copying(type, each), tensors);
          if (tensors === small && each === 1) {
            found.dispatch = Math.min(found.dispatch, await stopwatch.time(encode(1)));
          }
          await stopwatch.once(encode(groups), 1);
          const copied = new Float32Array(await gpu.read(to, 0, 4096));
          if (tensors === small && copied.some((v, i) => v !== i % 977)) {
            throw new RemineError("the bandwidth probe copied wrongly");
          }
          const rate = (2 * from.bytes) / (await stopwatch.time(encode(groups)));
          found.copies[`${type}, ${each} a thread, ${from.bytes >> 20} MiB`] = rate;
          found.bytes = Math.max(found.bytes, rate);
          // What does not stay in a cache is the memory's.
          if (tensors === large) found.memory = Math.max(found.memory, rate);
        }
      }
    }
  } finally {
    for (const { buffer } of [...small, ...large]) buffer.destroy();
  }
}

/** What one dispatch of a step does alone. */
export interface KernelRate {
  kernel: string;
  workgroups: string;
  microseconds: number;
  gflops: number;
  gbytes: number;
  /** Share of the peak of arithmetic. */
  ofFlops: number;
  /** Share of the peak of copying. */
  ofBytes: number;
  /** Microseconds on paper. */
  predicted: number;
}

/**
 * Time, GFLOP/s and GB/s of each dispatch of a step alone, its share of the machine's peaks, and what it takes there on paper;
 * `build` is a build of the library. The trainer is spent afterwards.
 */
export async function kernelRates(
  build: { Program: Pick<typeof Program, "compile"> },
  gpu: Gpu,
  stopwatch: Stopwatch,
  trainer: Trainer,
  w: StepWorkload,
  machine: Machine,
): Promise<KernelRate[]> {
  const rates: KernelRate[] = [];
  // A dispatch of whole steps takes as many as the last one did.
  await trainer.step(1);
  for (const line of trainer.plan()) {
    const program = await build.Program.compile(gpu, [line]);
    try {
      const seconds = await stopwatch.time((pass) => program.encode(pass));
      const [flops, moved] = [operations(line, w) / seconds, bytes(line, w) / seconds];
      rates.push({
        kernel: line.kernel,
        workgroups: line.workgroups.join(" x "),
        microseconds: 1e6 * seconds,
        gflops: flops / 1e9,
        gbytes: moved / 1e9,
        ofFlops: flops / machine.flops,
        ofBytes: moved / machine.cache.bytes,
        predicted: predict(line, w, machine).microseconds,
      });
    } finally {
      program.dispose();
    }
  }
  return rates;
}
