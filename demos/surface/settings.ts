/** Everything that the page can be told, its form in the address, and the λ of the paper's figure 5. */
import { type Figures, figureOf } from "../kit/figures.ts";

export interface Settings {
  lambda: number;
  C: number;
  batch: number;
}

/** What the controls can be set to. */
export const choices: Readonly<Record<keyof Settings, readonly number[]>> = {
  lambda: [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
  C: Array.from({ length: 17 }, (_, i) => -4 + i / 2),
  batch: [10, 32, 100],
};

const defaults: Settings = { lambda: 0.1, C: 0, batch: 32 };

const figure5 = (lambda: number, look: string) => ({
  text: `Figure 5 of the paper, λ = ${lambda}: ${look}`,
  settings: { lambda, C: 0, batch: 100 },
});
const trough = figure5(0.1, "the surface is a trough. The path falls in, and stays where the floor meets the line.");

export const figures: Figures<Settings> = {
  fig5: trough,
  "fig5-0": figure5(0, "the surface is a plane. The path comes to the dashed line, and drifts along it."),
  "fig5-0.01": figure5(0.01, "the plane is bent a little. The path still swings out, and comes back along the line."),
  "fig5-0.1": trough,
  "fig5-1": figure5(1, "the trough is steep. The path keeps to its floor from the first step to the line."),
};

/** What an address opens: a figure, or what it says; where it says nothing, or nonsense, the default. */
export function settingsAt(hash: string): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const settings = { ...defaults, ...figureOf(figures, hash)?.settings };
  for (const name of Object.keys(choices) as (keyof Settings)[]) {
    const text = given.get(name);
    if (text && choices[name].includes(Number(text))) settings[name] = Number(text);
  }
  return settings;
}
