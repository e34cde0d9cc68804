/** From a line of a plan to a dispatch: pipelines, bind groups, programs. */

import { InputError, ShaderError } from "../errors.ts";
import { inWords } from "../options.ts";
import type { Gpu } from "./device.ts";
import { type KernelBindings, kernels, modules, type Variant } from "./shaders.gen.ts";
import { pack, type StructName } from "./structs.ts";
import type { Tensor } from "./tensor.ts";

/** The name of a kernel: that of its file in shaders/. */
export type KernelName = keyof KernelBindings;

/** One line of a plan: a kernel, what it binds (by the names of its WGSL), and how many workgroups run it. */
export interface Dispatch {
  kernel: KernelName;
  /** What fills the kernel's slot: the name of an estimator, a source or a tile form. */
  slot: string;
  overrides: Record<string, number>;
  bindings: Record<string, Tensor | object>;
  workgroups: readonly [number, number, number];
}

/** Makes a line of a plan. Structs in `bindings` become uniform buffers; a uniform that is a tensor can be written to later. */
export function dispatch<K extends KernelName>(
  kernel: K,
  bindings: KernelBindings[K],
  workgroups: readonly [number, number, number],
  slot = "only",
  overrides: Record<string, number> = {},
): Dispatch {
  return { kernel, slot, overrides, bindings: bindings as Dispatch["bindings"], workgroups };
}

/** A form of the matrix product, and the block of the result that a workgroup makes. */
export interface TileForm {
  slot: string;
  rows: number;
  cols: number;
  /** Rows that the last workgroup takes besides, where it would leave no more than these. */
  spareRows: number;
  /** Workgroups that fill the adapter it is for: with fewer, a tile is smaller, or a sum is cut into parts. */
  fullAt: number;
  overrides: Record<string, number>;
}

/** Forms of the matrix product that can be asked for: for GPUs, for software adapters, and for anything. */
export type TileName = "tiled" | "subgroup" | "portable";

/** All of them. */
export const tileNames: readonly TileName[] = ["tiled", "subgroup", "portable"];

/**
 * The form of the matrix product that suits the adapter, or the one that is asked for. `tiled`, which is made for GPUs, and
 * `portable` run everywhere.
 *
 * @throws {InputError} when there is no such form, or it needs what the adapter lacks
 */
export function tileForm(gpu: Gpu, force?: TileName): TileForm {
  if (force !== undefined && !tileNames.includes(force)) {
    throw new InputError(`"tile" must be "tiled", "subgroup" or "portable", got ${inWords(force)}`);
  }
  const slot = force === "portable" ? "register" : (force ?? gpu.profile.matrixProduct);
  const { constants } = kernels.forward_linear.variants[slot]!;
  const form = { slot, spareRows: constants.TILE_SPARE ?? 0, fullAt: gpu.profile.fullAt };
  if (slot === "register") return { ...form, rows: constants.TILE_ROWS!, cols: constants.TILE_COLS!, overrides: {} };
  if (slot === "tiled") return { ...form, ...tiledAt(2) };
  const lanes = gpu.subgroupSize;
  if (lanes === 0) throw new InputError('this adapter has no subgroups of one size, which tile: "subgroup" needs');
  const cols = constants.TILE_COLS_PER_LANE! * lanes;
  return { ...form, rows: constants.TILE_ROWS!, cols, fullAt: 1, overrides: { TILE_LANES: lanes } };
}

/** The size of a tile in workgroup memory, where each thread has so many blocks along an axis. */
export function tiledAt(blocks: 1 | 2): Pick<TileForm, "rows" | "cols" | "overrides"> {
  const side = blocks * kernels.forward_linear.variants.tiled!.constants.TILE_SIDE!;
  return { rows: side, cols: side, overrides: { TILE_BLOCKS: blocks } };
}

interface BoundDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  workgroups: readonly [number, number, number];
}

/** A compiled plan: encode it as often as you like. */
export class Program {
  #steps: BoundDispatch[];
  #uniforms: Tensor[];

  private constructor(steps: BoundDispatch[], uniforms: Tensor[]) {
    this.#steps = steps;
    this.#uniforms = uniforms;
  }

  /** Compiles the pipelines of a plan, all at once, and binds what its lines name. */
  static async compile(gpu: Gpu, plan: readonly Dispatch[]): Promise<Program> {
    const pipelines = await gpu.patiently(Promise.all(plan.map((line) => pipelineOf(gpu, line))));
    gpu.check();
    const uniforms: Tensor[] = [];
    const steps = plan.map((line, i) => {
      const { bindings } = kernels[line.kernel].variants[line.slot]!;
      const entries = bindings.map(({ name, binding, access, struct }) => {
        let value = line.bindings[name];
        if (value === undefined) throw new ShaderError(`the plan gives ${line.kernel} no "${name}"`);
        if (access === "uniform" && !("buffer" in value)) {
          value = gpu.uniform(`${line.kernel}/${name}`, pack(struct as StructName, value as Record<string, number>));
          uniforms.push(value as Tensor);
        }
        const { buffer, offset = 0, bytes } = value as Tensor;
        return { binding, resource: { buffer, offset, size: bytes } };
      });
      const pipeline = pipelines[i]!;
      const bindGroup = gpu.device.createBindGroup({
        label: `mi/${line.kernel}`,
        layout: pipeline.getBindGroupLayout(0),
        entries,
      });
      return { pipeline, bindGroup, workgroups: line.workgroups };
    });
    return new Program(steps, uniforms);
  }

  /** WebGPU orders the dispatches of a pass and makes their writes visible, so nothing stands between them. */
  encode(pass: GPUComputePassEncoder): void {
    for (const { pipeline, bindGroup, workgroups } of this.#steps) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
  }

  /** Submits the whole plan, so many times. */
  run(gpu: Gpu, times = 1): void {
    gpu.submit((encoder) => {
      const pass = encoder.beginComputePass();
      for (let i = 0; i < times; i++) this.encode(pass);
      pass.end();
    });
  }

  /** Frees its uniforms; tensors that it binds are their owners'. */
  dispose(): void {
    for (const { buffer } of this.#uniforms) buffer.destroy();
  }
}

/** The WGSL of a kernel with its slot filled. `// ---- file` lines say where each part came from. */
export function sourceOf(variant: Variant): string {
  const enables = variant.features.map((feature) => `enable ${feature};\n`).join("");
  return enables + variant.files.map((file) => `// ---- ${file}\n${modules[file]}\n`).join("");
}

/** Shared by all who ask for it, so no signal of theirs ends its compilation: they wait in {@link Program.compile}. */
function pipelineOf(gpu: Gpu, { kernel, slot, overrides }: Dispatch): Promise<GPUComputePipeline> {
  const variant = kernels[kernel].variants[slot];
  if (!variant) throw new ShaderError(`"${kernel}" has no form for "${slot}"`);
  const constants = Object.fromEntries(Object.entries(overrides).filter(([name]) => variant.overrides.includes(name)));
  const key = `${kernel}/${slot}/${JSON.stringify(constants)}`;
  let pipeline = gpu.pipelines.get(key);
  if (!pipeline) {
    pipeline = compile(gpu, `mi/${kernel}/${slot}`, variant, constants);
    gpu.pipelines.set(key, pipeline);
    pipeline.catch(() => gpu.pipelines.delete(key));
  }
  return pipeline;
}

async function compile(
  gpu: Gpu,
  label: string,
  variant: Variant,
  constants: Record<string, number>,
): Promise<GPUComputePipeline> {
  const { device } = gpu;
  const code = sourceOf(variant);
  const layout = device.createBindGroupLayout({
    label,
    entries: variant.bindings.map(({ binding, access }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === "uniform" ? "uniform" : access === "read" ? "read-only-storage" : "storage" },
    })),
  });
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label, code });
  const made = device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main", constants },
  });
  const scope = device.popErrorScope();
  try {
    const pipeline = await made;
    await scope;
    return pipeline;
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const first = messages.find((m) => m.type === "error");
    const where = first
      ? `${locate(code, first.lineNum)}: ${first.message}`
      : ((await scope)?.message ?? (cause as Error).message);
    throw new ShaderError(where, { cause });
  }
}

/** The shader file and line that a line of linked code came from. */
function locate(code: string, line: number): string {
  const lines = code.split("\n").slice(0, line);
  const marker = lines.findLastIndex((text) => text.startsWith("// ---- "));
  return marker < 0 ? "shaders" : `shaders/${lines[marker]!.slice(8)}:${line - marker - 1}`;
}
