/** What the GPU tests share: one adapter a file, one dispatch from arrays to arrays, and a comparison that names the worst element. */
import { afterAll, expect, it as test } from "vitest";
import { type Gpu, open } from "../src/gpu/device.ts";
import { profileOf } from "../src/gpu/profile.ts";
import {
  type Dispatch,
  dispatch,
  type KernelName,
  Program,
  type TileName,
  tileForm,
  tileNames,
} from "../src/gpu/program.ts";
import { type Clock, type Hyper, type KernelBindings, kernels, structs } from "../src/gpu/shaders.gen.ts";
import { packArray, type StructName } from "../src/gpu/structs.ts";
import type { Tensor } from "../src/gpu/tensor.ts";
import type { Activation } from "./oracle/critic.ts";

/** A missing adapter fails every file that needs one. Only ALLOW_NO_GPU=1 turns that into skipped tests. */
const opened = await open().catch((error: unknown) => {
  if (process.env.ALLOW_NO_GPU === "1") return undefined;
  throw error;
});
export const gpu = opened as Gpu;
export const it = test.skipIf(!opened);

/** The same adapter, taken for a GPU: forms, parts and dispatches are those that a card gets. */
export function asCard(): Gpu {
  const handle = gpu.until(new AbortController().signal);
  return Object.assign(handle, { profile: profileOf({ isSoftware: false, subgroupSize: gpu.subgroupSize }) });
}
afterAll(() => opened?.dispose());

/** The forms of the matrix product that this adapter can run; all must meet the same oracle. */
export const tileForms = tileNames.filter((form) => form !== "subgroup" || opened?.subgroupSize);

/** Those that a software adapter compiles within a second. */
export const quickForms = tileForms.filter((form) => form !== "tiled");

/** The forms of a pass that serve rows of this width: elements by fours where it allows, and one by one. */
export const cellForms = (...counts: number[]) =>
  counts.every((n) => n % 4 === 0) ? (["one", "four"] as const) : (["one"] as const);
export const formOf = (form: TileName) => tileForm(gpu, form);

/** Relative error of one exp() on the software adapters (docs/performance.md#numerics). WGSL allows a GPU (3 + 2|x|) ulp. */
export const EXP = 4e-6;

/** Absolute error of sin() and cos(): what WGSL allows, and SwiftShader nearly takes; lavapipe is far better. */
export const TRIG = /llvmpipe/.test(opened?.name ?? "") ? 1e-5 : 2 ** -11;

/**
 * Relative error of an activation, and absolute error of its slope: SiLU takes one exp(), whose error its slope adds to
 * that of 1 - sigmoid; ELU and tanh bring their own e^x - 1 and round a dozen times.
 */
export const activationError = (activation: Activation): number =>
  ({ identity: 0, relu: 0, "leaky-relu": 2 * EPS, silu: 2 * EXP, elu: 6 * EPS, tanh: 6 * EPS })[activation];
/** Half a unit in the last place of 1: the relative error of one f32 operation. */
export const EPS = 2 ** -24;

export type Values = Float32Array | Uint32Array | number;

/** An array of WGSL structs as a tensor's content. */
export const records = (name: StructName, list: readonly object[]) => new Uint32Array(packArray(name, list));

/** A Hyper record; what a test does not name is neutral. */
export const hyperWith = (some: Partial<Hyper>): Hyper => ({
  ...(Object.fromEntries(structs.Hyper.fields.map(([field]) => [field, 0])) as unknown as Hyper),
  ...{ ema_rate: 1, tau: 10, alpha: 0.5, decay_steps: 1, decay_factor: 1 },
  ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...some,
});

/** A Clock record at step 0, or where a test says. */
export const clockWith = (some: Partial<Clock>): Clock => ({
  ...{ step: 0, beta1_power: 1, beta2_power: 1, ema_lse: 0, bad_step: 0 },
  ...some,
});

/** Runs `body` in error scopes: whatever WebGPU objects to fails the test. */
export async function scoped<T>(body: () => Promise<T>): Promise<T> {
  const filters = ["internal", "out-of-memory", "validation"] as const;
  for (const filter of filters) gpu.device.pushErrorScope(filter);
  try {
    return await body();
  } finally {
    for (const error of await Promise.all(filters.map(() => gpu.device.popErrorScope()))) {
      expect(error?.message ?? "no WebGPU error").toBe("no WebGPU error");
    }
    gpu.check();
  }
}

/** Stands where a kernel must not write. */
export const CANARY = 12345.5;
const GUARD = 64;

/**
 * Runs one kernel once. Structs become uniforms, arrays become tensors; a number is a tensor of that many canaries.
 *
 * @returns every tensor that the kernel may write, by name. A write past the end of one fails the test.
 */
export function runKernel(
  kernel: KernelName,
  inputs: Record<string, Values | object>,
  workgroups: readonly [number, number, number],
  slot = "only",
  overrides: Record<string, number> = {},
): Promise<Record<string, Float32Array>> {
  return scoped(async () => {
    const { bindings } = kernels[kernel].variants[slot]!;
    const tensors = new Map<string, Tensor>();
    const bound = bindings.map(({ name, access }) => {
      const value = inputs[name];
      if (value === undefined) throw new Error(`the test gives ${kernel} no "${name}"`);
      if (access === "uniform") return [name, value];
      const tensor = gpu.tensor(name, access === "read" ? (value as Float32Array) : guarded(value as Values));
      tensors.set(name, tensor);
      return [name, tensor];
    });
    const line = dispatch(kernel, Object.fromEntries(bound) as KernelBindings[KernelName], workgroups, slot, overrides);
    const program = await Program.compile(gpu, [line as Dispatch]);
    try {
      program.run(gpu);
      const written: Record<string, Float32Array> = {};
      for (const { name, access } of bindings) {
        if (access !== "read_write") continue;
        const all = new Float32Array(await gpu.read(tensors.get(name)!));
        expect(
          all.subarray(-GUARD).every((word) => word === CANARY),
          `${kernel} wrote past the end of ${name}`,
        ).toBe(true);
        written[name] = all.slice(0, -GUARD);
      }
      return written;
    } finally {
      program.dispose();
      for (const { buffer } of tensors.values()) buffer.destroy();
    }
  });
}

function guarded(value: Values): Float32Array {
  const words = typeof value === "number" ? new Float32Array(value).fill(CANARY) : new Float32Array(value.buffer);
  const out = new Float32Array(words.length + GUARD).fill(CANARY);
  // Words, not numbers: a NaN need not keep its bits through a float.
  new Uint32Array(out.buffer).set(new Uint32Array(words.buffer, words.byteOffset, words.length));
  return out;
}

/**
 * |got − want| ≤ tolerance × scale for every element. `scale` defaults to 1; for a sum it is the sum of the terms'
 * magnitudes, because that is what rounding errors are relative to.
 */
export function expectClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { tolerance, scale = 1, what = "" }: { tolerance: number; scale?: number | ArrayLike<number>; what?: string },
): void {
  expect(got.length, `length ${what}`).toBe(want.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < want.length; i++) {
    const allowed = tolerance * (typeof scale === "number" ? scale : scale[i]!);
    const error = Math.abs(got[i]! - want[i]!);
    const ratio = error === 0 ? 0 : error / allowed;
    if (Number.isNaN(ratio) || ratio > worst) {
      worst = Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio;
      at = i;
    }
  }
  if (worst > 1) {
    throw new Error(`${what} [${at}]: got ${got[at]}, want ${want[at]}, ${worst.toPrecision(3)} times the tolerance`);
  }
}

/** Uniform numbers in (0, 1) from a seed (mulberry32); nothing to do with the library's own. */
export function prng(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32 + 2 ** -33;
  };
}

/** Standard normals as f32. */
export function normals(seed: number, count: number): Float32Array {
  const random = prng(seed);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** Normals with what real data has: outliers (× 20), exact zeros, tiny and large magnitudes. */
export function awkward(seed: number, count: number): Float32Array {
  const random = prng(seed ^ 0x5bd1e995);
  const magnitudes = [20, 0, 1e-6, 1e3];
  return normals(seed, count).map((x) => x * (magnitudes[Math.floor(40 * random())] ?? 1));
}

/** The part of each replica. */
export function split(data: Float32Array, replicas: number): Float32Array[] {
  const size = data.length / replicas;
  return Array.from({ length: replicas }, (_, r) => data.subarray(r * size, (r + 1) * size));
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
