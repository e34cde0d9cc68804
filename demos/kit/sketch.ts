/** The samples over a map of the plane, and the pen with which a visitor draws some: a pointer, or the arrow keys. */
import { contextOf, inkOf, pixelScale } from "./inks.ts";
import type { Centre } from "./mixture.ts";
import { EDGE, REACH } from "./shapes.ts";

/** When there are more, the oldest go. */
const MOST_CENTRES = 300;
/** A stroke puts its dabs so far apart, whether the hand is slow or quick. */
const APART = 0.08;
const SHOWN = 600;
const KEYS: Record<string, Centre> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Sketch {
  /** The dabs of the drawing. */
  centres: Centre[] = [];
  /** Whether the samples are those of the drawing. The first dab over other samples begins a new one. */
  own = false;
  #canvas: HTMLCanvasElement;
  #changed: () => void;
  #samples: { x: Float32Array; y: Float32Array } | undefined;
  #enabled = true;
  #pen: Centre = [0, 0];
  #keys = false;
  /** Where the stroke of the pointer has come to. */
  #stroke: Centre | undefined;

  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    this.#canvas = canvas;
    this.#changed = changed;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.#enabled || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#keys = false;
      this.#stroke = this.#place(event);
      this.#dab([this.#stroke]);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.#enabled || !canvas.hasPointerCapture(event.pointerId)) return;
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.#drawTo(this.#place(part));
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => {
      this.#keys = false;
      this.draw(this.#samples);
    });
    new ResizeObserver(() => this.draw(this.#samples)).observe(canvas);
    this.enabled = true;
  }

  /** Where nothing can be learned, nothing can be drawn. */
  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    this.#canvas.tabIndex = enabled ? 0 : -1;
    // To draw, the arrow keys are the page's.
    this.#canvas.setAttribute("role", enabled ? "application" : "img");
    this.#label();
  }

  /** An empty drawing. */
  clear(): void {
    this.own = true;
    this.centres = [];
    this.#label();
  }

  #place(event: PointerEvent): Centre {
    const box = this.#canvas.getBoundingClientRect();
    const along = (part: number) => REACH * (2 * part - 1);
    return [along((event.clientX - box.left) / box.width), -along((event.clientY - box.top) / box.height)];
  }

  #key(event: KeyboardEvent): void {
    if (!this.#enabled || event.ctrlKey || event.altKey || event.metaKey) return;
    const way = KEYS[event.key];
    if (!way && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    this.#keys = true;
    if (way) {
      const stride = event.shiftKey ? 0.6 : 0.15;
      this.#pen = [inside(this.#pen[0] + stride * way[0]), inside(this.#pen[1] + stride * way[1])];
      this.draw(this.#samples);
    } else this.#dab([this.#pen]);
  }

  /** Dabs at even distances from where the stroke was. */
  #drawTo([x, y]: Centre): void {
    const [fromX, fromY] = this.#stroke!;
    const length = Math.hypot(x - fromX, y - fromY);
    const count = Math.floor(length / APART);
    if (count === 0) return;
    const dabs = Array.from({ length: count }, (_, i): Centre => {
      const part = ((i + 1) * APART) / length;
      return [fromX + part * (x - fromX), fromY + part * (y - fromY)];
    });
    this.#stroke = dabs.at(-1)!;
    this.#dab(dabs);
  }

  #dab(dabs: readonly Centre[]): void {
    if (!this.own) this.clear();
    this.centres.push(...dabs.map(([x, y]): Centre => [inside(x), inside(y)]));
    this.centres.splice(0, this.centres.length - MOST_CENTRES);
    this.#label();
    this.#changed();
  }

  #label(): void {
    const dabs = `${this.centres.length} ${this.centres.length === 1 ? "dab" : "dabs"}`;
    this.#canvas.setAttribute(
      "aria-label",
      !this.#enabled
        ? "Samples of x and y over the map that the network learned"
        : `Where you draw${this.own ? `, ${dabs} so far` : ""}. The arrow keys move the pen, with Shift further, and Space puts a dab.`,
    );
  }

  /** None when nothing is drawn. */
  draw(samples: { x: Float32Array; y: Float32Array } | undefined): void {
    this.#samples = samples;
    const canvas = this.#canvas;
    const scale = pixelScale();
    const side = canvas.clientWidth;
    canvas.width = Math.round(side * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    const context = contextOf(canvas);
    if (side === 0) return;
    context.scale(scale, scale);
    const across = (value: number) => ((value / REACH + 1) * side) / 2;
    context.fillStyle = inkOf("ink");
    context.globalAlpha = 0.55;
    const radius = Math.max(0.8, side / 380);
    for (let k = 0; samples && k < SHOWN; k++) {
      context.beginPath();
      context.arc(across(samples.x[k]!), side - across(samples.y[k]!), radius, 0, 2 * Math.PI);
      context.fill();
    }
    if (!this.#keys) return;
    context.globalAlpha = 1;
    context.strokeStyle = inkOf("ink");
    context.lineWidth = 2;
    context.strokeRect(across(this.#pen[0]) - 6, side - across(this.#pen[1]) - 6, 12, 12);
  }
}

/** Inside the plane with room for the brush, to a hundredth: less than a pixel. */
const inside = (value: number) => Math.round(100 * Math.min(EDGE, Math.max(-EDGE, value))) / 100;
