/** Every output of a critic over time, and the histogram of the newest, on a 2D canvas. */
import type { Gpu, Trainer } from "../../src/index.ts";
import { tick } from "./format.ts";
import { contextOf, inkOf, inkVector, pixelScale } from "./inks.ts";
import { packed, unpacked } from "./recorded.ts";

/** At most so many outputs of each kind stand for a batch. */
const KEPT = 128;
/** Columns of the picture. */
export const COLUMNS = 256;
/** The histogram sums this many of the newest columns. */
const RECENT = 8;
/** Width of the histogram, and of the gap before it, in CSS pixels. */
export const HISTOGRAM_WIDTH = 72;
export const GAP = 8;
/** Height of a row of the picture, in CSS pixels. */
const ROW_HEIGHT = 2;

/** Outputs of one batch: some of each kind, and the extent of all. */
export interface BatchOutputs {
  joint: ArrayLike<number>;
  marginal: ArrayLike<number>;
  least: number;
  largest: number;
}

/** The outputs of a batch at a step. */
export interface Column {
  step: number;
  outputs: BatchOutputs;
}

/** The largest output in size. */
export const reachOf = ({ least, largest }: BatchOutputs): number => Math.max(Math.abs(least), Math.abs(largest));

/** The outputs of the trainer's last batch. */
export async function readOutputs(gpu: Gpu, trainer: Trainer): Promise<BatchOutputs> {
  const { joint: rows, marginals } = trainer.shape;
  const width = 1 + marginals;
  const scores = new Float32Array(await gpu.read(trainer.tensors.batch.scores, 0, 4 * rows * width));
  const joint: number[] = [];
  const marginal: number[] = [];
  let [least, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  scores.forEach((score, i) => {
    least = Math.min(least, score);
    largest = Math.max(largest, score);
    const kind = i % width === 0 ? joint : marginal;
    if (kind.length < KEPT) kind.push(score);
  });
  return { joint, marginal, least, largest };
}

/** Outputs as a recording holds them. */
export interface PackedOutputs {
  joint: string;
  marginal: string;
  least: number;
  largest: number;
}

/** @param most outputs of each kind */
export function packOutputs({ joint, marginal, least, largest }: BatchOutputs, most = KEPT): PackedOutputs {
  const pack = (values: ArrayLike<number>) => packed(Array.from(values).slice(0, most), least, largest);
  return { joint: pack(joint), marginal: pack(marginal), least, largest };
}

export const unpackOutputs = ({ joint, marginal, least, largest }: PackedOutputs): BatchOutputs => ({
  joint: unpacked(joint, least, largest),
  marginal: unpacked(marginal, least, largest),
  least,
  largest,
});

/** How many outputs of each kind stand in each row, joint and marginal by turns. */
function binned({ joint, marginal }: BatchOutputs, counts: Uint32Array, { low, high }: Range): Uint32Array {
  const rows = counts.length / 2;
  for (const [kind, values] of [joint, marginal].entries()) {
    for (let i = 0; i < values.length; i++) {
      const row = Math.floor(((high - values[i]!) / (high - low)) * rows);
      counts[2 * Math.min(rows - 1, Math.max(0, row)) + kind]!++;
    }
  }
  return counts;
}

interface Range {
  low: number;
  high: number;
}

type Ink = readonly [number, number, number, number];

/** Joint outputs over marginal ones, as the four bytes of a pixel. */
function blend(joint: Ink, strength: number, marginal: Ink, under: number): number {
  const alpha = strength + under * (1 - strength);
  const part = (i: number) =>
    Math.round((255 * (joint[i]! * strength + marginal[i]! * under * (1 - strength))) / alpha);
  const bytes = Uint8Array.of(part(0), part(1), part(2), Math.round(255 * alpha));
  return new Uint32Array(bytes.buffer)[0]!;
}

/** The picture of one critic. */
export class Outputs {
  #canvas: HTMLCanvasElement;
  #axis: HTMLElement;
  #buffer = document.createElement("canvas");

  /** @param axis gets the numbers at the left of the picture */
  constructor(canvas: HTMLCanvasElement, axis: HTMLElement) {
    this.#canvas = canvas;
    this.#axis = axis;
  }

  /** @param span training steps at the left and at the right edge of the part over time */
  draw(columns: readonly Column[], span: readonly [number, number]): void {
    const scale = pixelScale();
    const canvas = this.#canvas;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((size) => Math.round(size * scale)) as [
      number,
      number,
    ];
    if (!width || !height) return;
    canvas.width = width;
    canvas.height = height;
    const range = rangeOf(columns);
    this.#label(range);
    canvas.style.background = columns.length > 0 ? "" : "none";
    const context = contextOf(canvas);
    context.fillStyle = inkOf("line");
    context.fillRect(0, Math.round((height * range.high) / (range.high - range.low)), width, Math.ceil(scale));
    if (columns.length === 0) return;
    const plot = Math.max(1, width - Math.round((HISTOGRAM_WIDTH + GAP) * scale));
    const rows = Math.max(16, Math.round(canvas.clientHeight / ROW_HEIGHT));
    const counts = columns.map(({ outputs }) => binned(outputs, new Uint32Array(2 * rows), range));
    const largest = Math.max(...columns.map(({ outputs }) => Math.max(outputs.joint.length, outputs.marginal.length)));
    this.#fill(counts, columnsAt(columns, span, plot), largest);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#buffer, 0, 0, plot, rows, 0, 0, plot, height);
    drawHistogram(context, counts.slice(-RECENT), largest, { left: width - HISTOGRAM_WIDTH * scale, width, height });
  }

  /**
   * One pixel a step and a row.
   *
   * @param at the column that stands at each pixel, or −1
   */
  #fill(counts: readonly Uint32Array[], at: Int32Array, largest: number): void {
    const [joint, marginal] = [inkVector("joint"), inkVector("partition")];
    const rows = counts[0]!.length / 2;
    const colours = new Map<number, number>();
    // A single output still shows; a quarter of the batch in one row is full colour.
    const strength = (count: number) => (count ? Math.min(1, 0.35 + (0.65 * count) / (0.25 * largest)) : 0);
    const image = new ImageData(at.length, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let x = 0; x < at.length; x++) {
      const column = counts[at[x]!];
      if (!column) continue;
      for (let row = 0; row < rows; row++) {
        const [j, m] = [column[2 * row]!, column[2 * row + 1]!];
        if (j + m === 0) continue;
        const name = j * 1024 + m;
        if (!colours.has(name)) colours.set(name, blend(joint, strength(j), marginal, strength(m)));
        pixels[row * at.length + x] = colours.get(name)!;
      }
    }
    this.#buffer.width = at.length;
    this.#buffer.height = rows;
    this.#buffer.getContext("2d")!.putImageData(image, 0, 0);
  }

  #label({ low, high }: Range): void {
    const at = [high, 0, low].filter((_, i) => i !== 1 || Math.min(high, -low) > 0.12 * (high - low));
    const wanted = at.map((value) => short(value, high - low > 2 ? 1 : 0.1));
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

/** However large, short enough for the axis. */
const short = (value: number, step: number) =>
  Math.abs(value) < 1e5 ? tick(value, step) : value.toExponential(0).replace("+", "").replace("-", "−");

/** What the picture spans: all outputs in it, in round numbers, and always a little around 0. */
function rangeOf(columns: readonly Column[]): Range {
  const low = Math.min(-1, ...columns.map(({ outputs }) => outputs.least));
  const high = Math.max(4, ...columns.map(({ outputs }) => outputs.largest));
  const unit = 10 ** Math.floor(Math.log10(high - low)) / 2;
  return { low: Math.floor(low / unit) * unit, high: Math.ceil(high / unit) * unit };
}

/** The first column that is not before each pixel's step, or −1 where there is none. */
function columnsAt(columns: readonly Column[], [first, last]: readonly [number, number], pixels: number): Int32Array {
  let column = 0;
  return Int32Array.from({ length: pixels }, (_, x) => {
    const step = first + ((last - first) * (x + 0.5)) / pixels;
    while (column < columns.length && columns[column]!.step < step) column++;
    return column < columns.length ? column : -1;
  });
}

function drawHistogram(
  context: CanvasRenderingContext2D,
  recent: readonly Uint32Array[],
  largest: number,
  { left, width, height }: { left: number; width: number; height: number },
): void {
  const rows = recent[0]!.length / 2;
  context.globalAlpha = 0.8;
  for (const [kind, ink] of [
    [1, "partition"],
    [0, "joint"],
  ] as const) {
    context.fillStyle = inkOf(ink);
    for (let row = 0; row < rows; row++) {
      const count = recent.reduce((sum, counts) => sum + counts[2 * row + kind]!, 0);
      if (count === 0) continue;
      // Square roots, so that a few outputs far away are seen beside the many.
      const share = Math.min(1, Math.sqrt(count / (largest * recent.length)));
      const [top, bottom] = [row, row + 1].map((edge) => Math.round((edge * height) / rows)) as [number, number];
      context.fillRect(left, top, (width - left) * share, bottom - top);
    }
  }
  context.globalAlpha = 1;
}
