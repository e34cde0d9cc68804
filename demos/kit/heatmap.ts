/** A (rows, cols) buffer as colours on a canvas. */
import type { Gpu, Tensor } from "../../src/index.ts";
import code from "./heatmap.wgsl";
import { inkVector } from "./inks.ts";
import { Painter } from "./painter.ts";

export class Heatmap {
  #painter: Painter;

  private constructor(painter: Painter) {
    this.#painter = painter;
  }

  static async create(gpu: Gpu, canvas: HTMLCanvasElement): Promise<Heatmap> {
    return new Heatmap(await Painter.create(gpu, canvas, { code, floats: 20, buffers: 1 }));
  }

  /** @param reach the value that gets the full colour; its negative gets the other */
  draw(values: Tensor, { cols, rows, reach }: { cols: number; rows: number; reach: number }): void {
    const [cold, middle, warm] = [inkVector("cold"), inkVector("paper"), inkVector("warm")];
    this.#painter.draw([cols, rows, ...cold, ...middle, ...warm, reach], [values]);
  }
}
