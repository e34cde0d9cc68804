/** A map of the plane in colours: how much likelier each point is than if x and y had nothing to do with each other. */
import { contextOf, inkOf, pixelScale } from "./inks.ts";

/** Nats, to both sides, that get the full colour. */
export const FULL_COLOUR = 1.5;

const channels = (ink: string) => [1, 3, 5].map((at) => Number.parseInt(inkOf(ink).slice(at, at + 2), 16));

/**
 * @param values nats at `size` × `size` nodes, x along the rows, y up
 * @param fade 0 where the map says nothing and paper shows, to 1
 */
export function drawMap(canvas: HTMLCanvasElement, values: ArrayLike<number>, fade: ArrayLike<number>, size: number) {
  const scale = pixelScale();
  const side = Math.round(canvas.clientWidth * scale);
  const context = contextOf(canvas);
  if (side === 0) return;
  const nodes = new OffscreenCanvas(size, size);
  nodes.getContext("2d")!.putImageData(coloured(values, fade, size), 0, 0);
  if (canvas.width !== side) canvas.width = side;
  if (canvas.height !== side) canvas.height = side;
  context.imageSmoothingQuality = "high";
  // The outermost nodes lie on the edges.
  context.drawImage(nodes, 0.5, 0.5, size - 1, size - 1, 0, 0, side, side);
}

export function clearMap(canvas: HTMLCanvasElement): void {
  contextOf(canvas).clearRect(0, 0, canvas.width, canvas.height);
}

function coloured(values: ArrayLike<number>, fade: ArrayLike<number>, size: number): ImageData {
  const [low, paper, high] = ["map-low", "paper", "map-high"].map(channels) as [number[], number[], number[]];
  const image = new ImageData(size, size);
  for (let n = 0; n < size * size; n++) {
    const share = Math.min(1, Math.max(-1, values[n]! / FULL_COLOUR));
    const full = share < 0 ? low : high;
    const part = Math.abs(share) * fade[n]!;
    const at = 4 * ((size - 1 - Math.floor(n / size)) * size + (n % size));
    for (let c = 0; c < 3; c++) image.data[at + c] = paper[c]! + part * (full[c]! - paper[c]!);
    image.data[at + 3] = 255;
  }
  return image;
}
