/** The theme's colours, for what is not drawn by CSS. They are written #rrggbb in kit.css. */

export const inkOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Red, green, blue in [0, 1] as the screen takes them, and 1. */
export function inkVector(name: string): [number, number, number, number] {
  const hex = inkOf(name);
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5), 1];
}

/** Calls back whenever the theme turns light or dark. */
export function onThemeChange(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

/** For drawing on the CPU: where the GPU is software, it takes seconds over shapes that a CPU draws in milliseconds. */
export const contextOf = (canvas: HTMLCanvasElement) => canvas.getContext("2d", { willReadFrequently: true })!;

/** Canvas pixels to a CSS pixel. */
export const pixelScale = () => Math.min(globalThis.devicePixelRatio || 1, 2);
