/** A page's own small GPU programs: what turns the library's buffers into pictures. The library's kernels are in shaders/. */
import type { Gpu } from "../../src/index.ts";

export type Access = "uniform" | "read" | "write";

/** Bindings 0, 1, 2 … of group 0, as `access` lists them. */
export function layoutOf(gpu: Gpu, label: string, access: readonly Access[], visibility: GPUShaderStageFlags) {
  const type = { uniform: "uniform", read: "read-only-storage", write: "storage" } as const;
  return gpu.device.createBindGroupLayout({
    label,
    entries: access.map((kind, binding) => ({ binding, visibility, buffer: { type: type[kind] } })),
  });
}

/** A bind group that is made again only when a buffer is another. */
export class Binding {
  #gpu: Gpu;
  #layout: GPUBindGroupLayout;
  #buffers: readonly GPUBuffer[] = [];
  #group!: GPUBindGroup;

  constructor(gpu: Gpu, layout: GPUBindGroupLayout) {
    this.#gpu = gpu;
    this.#layout = layout;
  }

  group(buffers: readonly GPUBuffer[]): GPUBindGroup {
    const same = buffers.length === this.#buffers.length && buffers.every((buffer, i) => buffer === this.#buffers[i]);
    if (!same) {
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
      this.#group = this.#gpu.device.createBindGroup({ layout: this.#layout, entries });
      this.#buffers = buffers;
    }
    return this.#group;
  }
}

/** A compute shader of a page, entry point `main`. */
export class PageKernel {
  #pipeline: GPUComputePipeline;
  #binding: Binding;

  private constructor(pipeline: GPUComputePipeline, binding: Binding) {
    this.#pipeline = pipeline;
    this.#binding = binding;
  }

  static async create(gpu: Gpu, label: string, code: string, access: readonly Access[]): Promise<PageKernel> {
    const { device } = gpu;
    const layout = layoutOf(gpu, label, access, GPUShaderStage.COMPUTE);
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label, code }), entryPoint: "main" },
    });
    return new PageKernel(pipeline, new Binding(gpu, layout));
  }

  encode(pass: GPUComputePassEncoder, buffers: readonly GPUBuffer[], workgroups: readonly [number, number?]): void {
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#binding.group(buffers));
    pass.dispatchWorkgroups(...(workgroups as [number, number?]));
  }
}
