/** The cloud of samples beside the start's correlation slider. */
import { inkOf } from "./kit/inks.ts";

/** Fixed normal draws (a, b), so that the cloud turns smoothly with ρ. */
const cloud = Array.from({ length: 400 }, (_, i) => {
  const uniform = (k: number) => {
    let h = Math.imul(2 * i + k + 1, 0x9e3779b9);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
  const radius = Math.sqrt(-2 * Math.log(uniform(0)));
  const angle = 2 * Math.PI * uniform(1);
  return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
});

/** Draws samples of one pair (x, y) with correlation `rho`. */
export function drawSample(canvas: HTMLCanvasElement, rho: number): void {
  const context = canvas.getContext("2d");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!context || width === 0) return;
  const scale = globalThis.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  context.fillStyle = inkOf("muted");
  const unit = width / 6.4;
  for (const [a, b] of cloud) {
    context.beginPath();
    context.arc(
      width / 2 + unit * a,
      height / 2 - unit * (rho * a + Math.sqrt(1 - rho * rho) * b),
      1.1,
      0,
      2 * Math.PI,
    );
    context.fill();
  }
}
