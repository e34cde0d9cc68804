/** The page's controls: how each stands for a setting, both ways, and as text beside it. */
import { count } from "../kit/format.ts";
import { element, say } from "../kit/page.ts";
import { choices, comparesRows, offered, type Settings } from "./settings.ts";
import { keys } from "./view.ts";

type Name = Exclude<keyof Settings, "seed">;
type Control = HTMLInputElement | HTMLSelectElement;

export const control = (id: string) => element<Control>(id);

const table: Record<
  Name,
  { write: (value: never) => string; read: (text: string) => unknown; text?: (value: never) => string }
> = {
  a: plain(),
  b: plain(),
  data: plain(),
  optimizer: plain(),
  setup: plain(),
  batch: number(),
  speed: number(),
  n: number(String),
  dims: number(String),
  rho: number((v) => v.toFixed(2)),
  noise: number((v) => v.toFixed(2)),
  lambda: number((v) => v.toFixed(2)),
  C: number((v) => v.toFixed(1).replace("-", "−")),
  // The slider moves in tenths of a decade.
  learningRate: {
    write: (value: number) => String(Math.round(10 * Math.log10(value))),
    read: (text) => Number((10 ** (Number(text) / 10)).toPrecision(2)),
    text: (value: number) => String(Number(value.toPrecision(2))),
  },
};

function plain() {
  return { write: (value: string) => value, read: (text: string) => text };
}

function number(text?: (value: number) => string) {
  return { write: String, read: Number, ...(text ? { text } : {}) };
}

const names = Object.keys(table) as Name[];

/** Fills the lists. */
export function fillControls(): void {
  for (const key of keys) control(key).replaceChildren(...choices.map(({ name, title }) => new Option(title, name)));
  control("batch").replaceChildren(...offered.batch.map((size) => new Option(String(size))));
  const speed = (limit: number) => (limit ? `${count(limit)} steps a second` : "As fast as it goes");
  control("speed").replaceChildren(...offered.speed.map((limit) => new Option(speed(limit), String(limit))));
}

/** @param change what the visitor has changed */
export function listen(change: (changes: Partial<Settings>) => void): void {
  for (const name of names) {
    control(name).addEventListener("input", () => change({ [name]: table[name].read(control(name).value) }));
  }
}

/** Puts the settings into the controls. */
export function writeControls(settings: Settings): void {
  for (const name of names) control(name).value = table[name].write(settings[name] as never);
}

/** What stands beside the controls, and which of them there are. */
export function showControls(settings: Settings): void {
  for (const name of names) {
    const text = table[name].text?.(settings[name] as never);
    if (text === undefined) continue;
    say(`${name}-value`, text);
    control(name).setAttribute("aria-valuetext", text);
  }
  for (const node of document.querySelectorAll<HTMLElement>("[data-for]")) {
    node.hidden = !node.dataset.for!.split(" ").includes(settings.data);
  }
  refuseOne(settings);
}

/** One pair a step and an estimator that compares rows refuse each other. */
function refuseOne(settings: Settings): void {
  const options = (id: string) => [...(control(id) as HTMLSelectElement).options];
  for (const key of keys) {
    for (const option of options(key)) option.disabled = settings.batch === 1 && comparesRows(option.value);
  }
  options("batch").find(({ value }) => value === "1")!.disabled = keys.some((key) => comparesRows(settings[key]));
}

/** Where nothing is trained, nothing can be changed. */
export function disableControls(): void {
  for (const node of document.querySelectorAll<Control | HTMLButtonElement>("#controls :is(input, select, button)")) {
    if (node.id !== "pause") node.disabled = true;
  }
}
