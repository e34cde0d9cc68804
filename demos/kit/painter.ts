/** A canvas that the GPU paints from buffers; nothing is read back. */
import type { Gpu, Tensor } from "../../src/index.ts";
import { Binding, layoutOf } from "./kernel.ts";
import prelude from "./painter.wgsl";

export class Painter {
  #gpu: Gpu;
  #canvas: HTMLCanvasElement;
  #context: GPUCanvasContext;
  #pipeline: GPURenderPipeline;
  #binding: Binding;
  #view: Tensor;

  private constructor(
    gpu: Gpu,
    canvas: HTMLCanvasElement,
    context: GPUCanvasContext,
    pipeline: GPURenderPipeline,
    layout: GPUBindGroupLayout,
    view: Tensor,
  ) {
    this.#gpu = gpu;
    this.#canvas = canvas;
    this.#context = context;
    this.#pipeline = pipeline;
    this.#binding = new Binding(gpu, layout);
    this.#view = view;
  }

  /**
   * @param options.code WGSL that declares binding 0, a uniform struct of `floats` 32-bit words that begins with the
   *   canvas' size in pixels (vec2f), bindings 1 … `buffers` (var<storage, read>), and `fn colour(pixel: vec2f) -> vec4f`
   */
  static async create(
    gpu: Gpu,
    canvas: HTMLCanvasElement,
    options: { code: string; floats: number; buffers: number },
  ): Promise<Painter> {
    const { device } = gpu;
    const context = canvas.getContext("webgpu");
    if (!context) throw new Error("this canvas gives no WebGPU context");
    const format = navigator.gpu.getPreferredCanvasFormat();
    context.configure({ device, format, alphaMode: "premultiplied" });
    const label = canvas.id;
    const reads = Array.from({ length: options.buffers }, () => "read" as const);
    const layout = layoutOf(gpu, label, ["uniform", ...reads], GPUShaderStage.FRAGMENT);
    const module = device.createShaderModule({ label, code: prelude + options.code });
    const pipeline = await device.createRenderPipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      vertex: { module, entryPoint: "cover" },
      fragment: { module, entryPoint: "paint", targets: [{ format }] },
    });
    const view = gpu.uniform(`${label}/view`, new ArrayBuffer(options.floats * 4));
    return new Painter(gpu, canvas, context, pipeline, layout, view);
  }

  /**
   * Paints at the screen's resolution.
   *
   * @param words what follows the canvas' size in the uniform struct
   */
  draw(words: readonly number[], buffers: readonly Tensor[]): void {
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight].map((x) => Math.round(x * scale));
    if (!width || !height) return;
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#gpu.write(this.#view, Float32Array.from([width, height, ...words]));
    this.#gpu.submit((encoder) => {
      const pass = encoder.beginRenderPass({
        colorAttachments: [{ view: this.#context.getCurrentTexture().createView(), loadOp: "clear", storeOp: "store" }],
      });
      pass.setPipeline(this.#pipeline);
      pass.setBindGroup(0, this.#binding.group([this.#view.buffer, ...buffers.map(({ buffer }) => buffer)]));
      pass.draw(3);
      pass.end();
    });
  }
}
