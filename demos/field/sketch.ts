/** The samples over the critic's field, and the pen with which a visitor draws some: a pointer, or the arrow keys. */
import { inkOf } from "../kit/inks.ts";
import type { Centre } from "../kit/mixture.ts";
import { REACH } from "./pairs.ts";

/** When there are more, the oldest go. */
const MOST_CENTRES = 300;
/** Dabs lie at least this far apart, so that a slow hand does not weigh more than a quick one. */
const APART = 0.05;
const SHOWN = 600;
/** Dabs and the pen stay inside, with room for the brush. */
const EDGE = 0.9 * REACH;
const KEYS: Record<string, Centre> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Sketch {
  centres: Centre[] = [];
  #canvas: HTMLCanvasElement;
  #changed: () => void;
  #samples: Float32Array | undefined;
  #pen: Centre = [0, 0];
  #keys = false;
  #open = false;

  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    this.#canvas = canvas;
    this.#changed = changed;
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.#open || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#keys = false;
      this.#dab(this.#place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.#open || !canvas.hasPointerCapture(event.pointerId)) return;
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.#dab(this.#place(part));
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.draw(this.#samples)).observe(canvas);
  }

  /** Whether the pen draws. */
  set open(open: boolean) {
    this.#open = open;
    this.#canvas.tabIndex = open ? 0 : -1;
    this.#canvas.setAttribute(
      "aria-label",
      open
        ? `Where you draw, ${this.centres.length} dabs so far. The arrow keys move the pen, with Shift further, and Space puts a dab.`
        : "Samples of x and y over the critic's output",
    );
  }

  clear(): void {
    this.centres = [];
    this.#changed();
  }

  #place(event: PointerEvent): Centre {
    const box = this.#canvas.getBoundingClientRect();
    const along = (part: number) => REACH * (2 * part - 1);
    return [along((event.clientX - box.left) / box.width), -along((event.clientY - box.top) / box.height)];
  }

  #key(event: KeyboardEvent): void {
    if (!this.#open) return;
    const way = KEYS[event.key];
    if (!way && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    this.#keys = true;
    if (way) {
      const stride = event.shiftKey ? 0.6 : 0.15;
      this.#pen = [inside(this.#pen[0] + stride * way[0]), inside(this.#pen[1] + stride * way[1])];
      this.draw(this.#samples);
    } else this.#dab(this.#pen);
  }

  /** A line of dabs from the last one, if that is near. */
  #dab(at: Centre): void {
    const [x, y] = [inside(at[0]), inside(at[1])];
    const last = this.centres.at(-1);
    if (last && Math.hypot(x - last[0], y - last[1]) < APART) return;
    this.centres.push([x, y]);
    if (this.centres.length > MOST_CENTRES) this.centres.shift();
    this.#changed();
  }

  /** @param samples (x, y), (x, y), …; none when nothing is drawn */
  draw(samples: Float32Array | undefined): void {
    this.#samples = samples;
    const canvas = this.#canvas;
    const scale = Math.min(globalThis.devicePixelRatio || 1, 2);
    const side = canvas.clientWidth;
    canvas.width = Math.round(side * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    const context = canvas.getContext("2d");
    if (!context || side === 0) return;
    context.scale(scale, scale);
    const at = ([x, y]: Centre) => [((x / REACH + 1) * side) / 2, ((1 - y / REACH) * side) / 2] as const;
    context.fillStyle = inkOf("ink");
    context.globalAlpha = 0.55;
    for (let k = 0; samples && k < 2 * SHOWN; k += 2) {
      const [x, y] = at([samples[k]!, samples[k + 1]!]);
      context.beginPath();
      context.arc(x, y, 1, 0, 2 * Math.PI);
      context.fill();
    }
    if (!this.#open || !this.#keys) return;
    const [x, y] = at(this.#pen);
    context.globalAlpha = 1;
    context.strokeStyle = inkOf("ink");
    context.lineWidth = 2;
    context.strokeRect(x - 6, y - 6, 12, 12);
  }
}

const inside = (value: number) => Math.min(EDGE, Math.max(-EDGE, value));
