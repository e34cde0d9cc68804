/** Every output of a critic over time, and their histogram, drawn from the trainer's own buffer. */
import type { Gpu, Tensor, Trainer } from "../../src/index.ts";
import binCode from "./bin_outputs.wgsl";
import { tick } from "./format.ts";
import { inkVector } from "./inks.ts";
import { PageKernel } from "./kernel.ts";
import code from "./outputs.wgsl";
import { Painter, pixelScale } from "./painter.ts";
import recordCode from "./record_outputs.wgsl";

/** As in the shaders. */
const KEEP = 128;
const ROWS = 96;
/** Columns of the picture. */
export const COLUMNS = 256;
/** The histogram sums this many of the newest columns. */
const RECENT = 8;
/** Width of the histogram, and of the gap before it, in CSS pixels. */
export const HISTOGRAM_WIDTH = 72;
export const GAP = 8;

export interface Extent {
  least: number;
  largest: number;
}

/** The picture of one critic. The host keeps the order of the columns; the outputs stay on the GPU. */
export class Outputs {
  #gpu: Gpu;
  #canvas: HTMLCanvasElement;
  #axis: HTMLElement;
  #painter: Painter;
  #record: PageKernel;
  #bin: PageKernel;
  #tensors: Record<"columns" | "extent" | "order" | "steps" | "counts" | "recordDims" | "binDims", Tensor>;
  /** The oldest first. */
  #shown: ({ slot: number; step: number } & Extent)[] = [];
  #kept = 1;

  /** @param axis gets the numbers at the left of the picture */
  static async create(gpu: Gpu, canvas: HTMLCanvasElement, axis: HTMLElement): Promise<Outputs> {
    const [painter, record, bin] = await Promise.all([
      Painter.create(gpu, canvas, { code, floats: 24, buffers: 2 }),
      PageKernel.create(gpu, "record_outputs", recordCode, ["uniform", "read", "write", "write"]),
      PageKernel.create(gpu, "bin_outputs", binCode, ["uniform", "read", "read", "write"]),
    ]);
    return new Outputs(gpu, canvas, axis, painter, record, bin);
  }

  private constructor(
    gpu: Gpu,
    canvas: HTMLCanvasElement,
    axis: HTMLElement,
    painter: Painter,
    record: PageKernel,
    bin: PageKernel,
  ) {
    this.#gpu = gpu;
    this.#canvas = canvas;
    this.#axis = axis;
    this.#painter = painter;
    this.#record = record;
    this.#bin = bin;
    this.#tensors = {
      columns: gpu.tensor("outputs/columns", COLUMNS * 2 * KEEP),
      extent: gpu.tensor("outputs/extent", 2),
      order: gpu.tensor("outputs/order", COLUMNS),
      steps: gpu.tensor("outputs/steps", COLUMNS),
      counts: gpu.tensor("outputs/counts", (COLUMNS + 1) * ROWS * 2),
      recordDims: gpu.uniform("outputs/record", new ArrayBuffer(16)),
      binDims: gpu.uniform("outputs/bin", new ArrayBuffer(16)),
    };
  }

  clear(): void {
    this.#shown = [];
  }

  /**
   * Takes the outputs of the trainer's last batch as the newest column.
   *
   * @param step where it stands on the axis
   * @param replace overwrites the newest column instead
   * @returns the least and the largest of them
   */
  async take(trainer: Trainer, step: number, replace: boolean): Promise<Extent> {
    const { columns, extent, recordDims } = this.#tensors;
    if (replace) this.#shown.pop();
    else if (this.#shown.length === COLUMNS) this.#shown.shift();
    const used = new Set(this.#shown.map(({ slot }) => slot));
    let slot = 0;
    while (used.has(slot)) slot++;
    const { joint, marginals } = trainer.shape;
    this.#kept = Math.min(KEEP, joint * marginals);
    this.#gpu.write(recordDims, Uint32Array.of(slot, joint, marginals));
    this.#gpu.submit((encoder) => {
      const pass = encoder.beginComputePass();
      const { scores } = trainer.tensors.batch;
      this.#record.encode(pass, [recordDims.buffer, scores.buffer, columns.buffer, extent.buffer], [1]);
      pass.end();
    });
    const [least, largest] = new Float32Array(await this.#gpu.read(extent)) as unknown as [number, number];
    const found = { least, largest };
    this.#shown.push({ slot, step, ...found });
    return found;
  }

  /** @param span training steps at the left and at the right edge of the part over time */
  draw([first, last]: readonly [number, number]): void {
    const { columns, order, steps, counts, binDims } = this.#tensors;
    const shown = this.#shown;
    const { low, high } = this.#range();
    this.#label(low, high);
    if (shown.length > 0) {
      this.#gpu.write(
        order,
        Uint32Array.from(shown, ({ slot }) => slot),
      );
      this.#gpu.write(
        steps,
        Float32Array.from(shown, ({ step }) => step),
      );
      const dims = new DataView(new ArrayBuffer(16));
      dims.setUint32(0, shown.length, true);
      dims.setUint32(4, RECENT, true);
      dims.setFloat32(8, low, true);
      dims.setFloat32(12, high, true);
      this.#gpu.write(binDims, new Uint32Array(dims.buffer));
      this.#gpu.submit((encoder) => {
        encoder.clearBuffer(counts.buffer);
        const pass = encoder.beginComputePass();
        const buffers = [binDims, order, columns, counts].map(({ buffer }) => buffer);
        this.#bin.encode(pass, buffers, [shown.length]);
        pass.end();
      });
    }
    const scale = pixelScale();
    const plot = (this.#canvas.clientWidth - HISTOGRAM_WIDTH - GAP) * scale;
    this.#painter.draw(
      [
        ...[plot, GAP * scale, shown.length, first, last, this.#kept, Math.min(RECENT, shown.length), low, high, 0],
        ...[...inkVector("joint"), ...inkVector("partition"), ...inkVector("line")],
      ],
      [counts, steps],
    );
  }

  /** What the picture spans: all outputs in it, in round numbers, and always a little around 0. */
  #range(): { low: number; high: number } {
    const low = Math.min(-1, ...this.#shown.map(({ least }) => least));
    const high = Math.max(4, ...this.#shown.map(({ largest }) => largest));
    const unit = 10 ** Math.floor(Math.log10(high - low)) / 2;
    return { low: Math.floor(low / unit) * unit, high: Math.ceil(high / unit) * unit };
  }

  #label(low: number, high: number): void {
    const step = high - low > 2 ? 1 : 0.1;
    const at = [high, 0, low].filter((_, i) => i !== 1 || Math.min(high, -low) > 0.12 * (high - low));
    const wanted = at.map((value) => tick(value, step));
    if (this.#axis.textContent === wanted.join("")) return;
    this.#axis.replaceChildren(
      ...at.map((value, i) => {
        const label = Object.assign(document.createElement("span"), { textContent: wanted[i] });
        label.style.top = `${(100 * (high - value)) / (high - low)}%`;
        return label;
      }),
    );
  }
}
