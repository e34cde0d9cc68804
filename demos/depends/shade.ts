/** Colours between the theme's own, and the ink that is read on them. */

type Color = readonly [red: number, green: number, blue: number, ...rest: number[]];

/** From a to b, parts in [0, 1]. */
export const mixed = (a: Color, b: Color, share: number): [number, number, number] => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
];

export const css = ([red, green, blue]: Color): string =>
  `rgb(${[red, green, blue].map((part) => Math.round(255 * part)).join(" ")})`;

/** Relative luminance (WCAG 2.2). */
function luminance([red, green, blue]: Color): number {
  const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast of two colours, 1 to 21. */
export function contrast(a: Color, b: Color): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((p, q) => p - q) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const BLACK: Color = [0, 0, 0];
const WHITE: Color = [1, 1, 1];

/** Black or white, whichever is read better on a colour: 4.5 to 1 at least. */
export const inkOn = (paper: Color): string => (contrast(paper, BLACK) >= contrast(paper, WHITE) ? "#000" : "#fff");
