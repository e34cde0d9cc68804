/** One pair of columns, looked at closely. */
import type { EstimateResult, PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";
import { element, say } from "../kit/page.ts";
import { drawScatter, type Side } from "./scatter.ts";

export class PairPanel {
  #canvas: HTMLCanvasElement;
  #sides: [Side, Side] | undefined;
  same: string | undefined;
  #pointwise: ArrayLike<number> | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  show(x: Side, y: Side, record: PairRecord): void {
    this.#sides = [x, y];
    this.#pointwise = undefined;
    element("pair").hidden = false;
    say("pair-title", `${x.name} and ${y.name}`);
    say("pair-knn", nats(Math.max(0, record.raw)));
    for (const id of ["pair-mi", "pair-bound", "pair-interval"]) say(id, "–");
    say("pair-note", "");
    this.draw();
  }

  test(_chance: unknown): void {}

  progress(share: number, estimate?: number): void {
    element<HTMLProgressElement>("pair-progress").value = share;
    if (estimate !== undefined) say("pair-mi", nats(Math.max(0, estimate)));
  }

  result(result: EstimateResult, _record: PairRecord): void {
    if ("pointwise" in result) this.#pointwise = result.pointwise;
    say("pair-mi", nats(result.mi));
    this.draw();
  }

  neighborsOnly(record: PairRecord): void {
    say("pair-mi", nats(Math.max(0, record.raw)));
  }

  refused(message: string): void {
    say("pair-note", message);
  }

  draw(): void {
    if (this.#sides) drawScatter(this.#canvas, ...this.#sides, this.#pointwise);
  }
}
