/** The picture: surface, bound and path, drawn by the GPU from the records that training leaves there. */

import type { Gpu, Tensor, Trainer } from "../../src/index.ts";
import { structs } from "../../src/research.ts";
import { inkVector } from "../kit/inks.ts";
import { layoutOf } from "../kit/kernel.ts";
import code from "./scene.wgsl";

/** Steps that the path remembers. */
const CAPACITY = 8192;
const STRIDE = structs.StepRecord.size / 4;
const CELLS = 72;
const SAMPLES = 4;
const VIEW_WORDS = 16 + 6 * 4 + 12;

export interface Look {
  camera: Float32Array;
  lambda: number;
  C: number;
  information: number;
  reach: number;
  height: number;
}

export class Scene {
  #gpu: Gpu;
  #canvas: HTMLCanvasElement;
  #context: GPUCanvasContext;
  #pipelines: Record<"surface" | "bound" | "path" | "head", GPURenderPipeline>;
  #group: GPUBindGroup;
  #view: Tensor;
  #records: Tensor;
  #steps = 0;
  #targets: { colour: GPUTexture; depth: GPUTexture } | undefined;

  private constructor(
    gpu: Gpu,
    canvas: HTMLCanvasElement,
    context: GPUCanvasContext,
    pipelines: Record<"surface" | "bound" | "path" | "head", GPURenderPipeline>,
    layout: GPUBindGroupLayout,
  ) {
    this.#gpu = gpu;
    this.#canvas = canvas;
    this.#context = context;
    this.#pipelines = pipelines;
    this.#view = gpu.uniform("scene/view", new ArrayBuffer(VIEW_WORDS * 4));
    this.#records = gpu.tensor("scene/records", CAPACITY * STRIDE);
    const buffers = [this.#view.buffer, this.#records.buffer];
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    this.#group = gpu.device.createBindGroup({ layout, entries });
  }

  static async create(gpu: Gpu, canvas: HTMLCanvasElement): Promise<Scene> {
    const { device } = gpu;
    const context = canvas.getContext("webgpu");
    if (!context) throw new Error("this canvas gives no WebGPU context");
    const format = navigator.gpu.getPreferredCanvasFormat();
    context.configure({ device, format, alphaMode: "premultiplied" });
    const layout = layoutOf(gpu, "scene", ["uniform", "read"], GPUShaderStage.VERTEX | GPUShaderStage.FRAGMENT);
    const module = device.createShaderModule({ label: "scene", code });
    const over: GPUBlendComponent = { srcFactor: "one", dstFactor: "one-minus-src-alpha" };
    const make = (vertex: string, fragment: string, topology: GPUPrimitiveTopology, solid: boolean) =>
      device.createRenderPipelineAsync({
        label: `scene/${vertex}`,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        vertex: { module, entryPoint: vertex },
        fragment: { module, entryPoint: fragment, targets: [{ format, blend: { color: over, alpha: over } }] },
        primitive: { topology },
        depthStencil: { format: "depth24plus", depthWriteEnabled: solid, depthCompare: "less-equal" },
        multisample: { count: SAMPLES },
      });
    const [surface, bound, path, head] = await Promise.all([
      make("surface", "shade", "triangle-list", true),
      make("bound", "paint", "triangle-strip", false),
      make("path", "paint", "triangle-strip", false),
      make("head", "disc", "triangle-strip", true),
    ]);
    return new Scene(gpu, canvas, context, { surface, bound, path, head }, layout);
  }

  /** Begins the path anew. */
  clear(): void {
    this.#steps = 0;
  }

  /** Copies the records of the steps since the last call: all of them, unless more were taken than the trainer keeps. */
  follow(trainer: Trainer): void {
    const { history } = trainer.tensors.training;
    const bytes = STRIDE * 4;
    const kept = history.bytes / bytes;
    this.#gpu.submit((encoder) => {
      for (let step = this.#steps; step < trainer.steps; ) {
        const [from, to] = [step % kept, step % CAPACITY];
        const size = Math.min(trainer.steps - step, kept - from, CAPACITY - to);
        encoder.copyBufferToBuffer(history.buffer, from * bytes, this.#records.buffer, to * bytes, size * bytes);
        step += size;
      }
    });
    this.#steps = trainer.steps;
  }

  draw({ camera, lambda, C, information, reach, height }: Look): void {
    const targets = this.#fit();
    if (!targets) return;
    const { width, height: rows } = this.#canvas;
    const count = Math.min(this.#steps, CAPACITY);
    const words = new Float32Array(VIEW_WORDS);
    const inks = ["cold", "paper", "warm", "ink", "estimate", "truth"].flatMap(inkVector);
    const pixel = width / this.#canvas.clientWidth;
    words.set([...camera, ...inks, width, rows, pixel, lambda, C, information, reach, height]);
    new Uint32Array(words.buffer).set([this.#steps - count, count, CAPACITY, STRIDE], VIEW_WORDS - 4);
    this.#gpu.write(this.#view, words);
    const { surface, bound, path, head } = this.#pipelines;
    this.#gpu.submit((encoder) => {
      const pass = encoder.beginRenderPass({
        colorAttachments: [
          {
            view: targets.colour.createView(),
            resolveTarget: this.#context.getCurrentTexture().createView(),
            ...{ loadOp: "clear", storeOp: "discard" },
          },
        ],
        depthStencilAttachment: {
          view: targets.depth.createView(),
          ...{ depthClearValue: 1, depthLoadOp: "clear", depthStoreOp: "discard" },
        },
      });
      pass.setBindGroup(0, this.#group);
      pass.setPipeline(surface);
      pass.draw(6 * CELLS * CELLS);
      pass.setPipeline(bound);
      pass.draw(4, 24);
      if (count > 1) {
        pass.setPipeline(path);
        pass.draw(4, count - 1);
        pass.setPipeline(head);
        pass.draw(4);
      }
      pass.end();
    });
  }

  /** The textures to draw into, as large as the canvas on this screen. */
  #fit() {
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    const canvas = this.#canvas;
    const size = [canvas.clientWidth, canvas.clientHeight].map((x) => Math.round(x * scale)) as [number, number];
    if (!size[0] || !size[1]) return undefined;
    if (this.#targets && canvas.width === size[0] && canvas.height === size[1]) return this.#targets;
    [canvas.width, canvas.height] = size;
    this.#targets?.colour.destroy();
    this.#targets?.depth.destroy();
    const make = (format: GPUTextureFormat) =>
      this.#gpu.device.createTexture({ size, format, sampleCount: SAMPLES, usage: GPUTextureUsage.RENDER_ATTACHMENT });
    this.#targets = { colour: make(navigator.gpu.getPreferredCanvasFormat()), depth: make("depth24plus") };
    return this.#targets;
  }
}
