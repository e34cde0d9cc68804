/** Speeds on a scale where each mark is ten times the last, as a list whose words say it all. */
import { element } from "../kit/page.ts";
import { type Known, known } from "./known.ts";
import { perSecond } from "./timing.ts";

/** The ends of the scale, as powers of ten. */
const [LEAST, MOST] = [1, 5];
const shareOf = (rate: number) => Math.min(1, Math.max(0, (Math.log10(rate) - LEAST) / (MOST - LEAST)));

function row({ name, about, rate }: Omit<Known, "rate"> & { rate?: number }): HTMLLIElement {
  const item = document.createElement("li");
  const title = Object.assign(document.createElement("b"), { textContent: name });
  const words = Object.assign(document.createElement("span"), { className: "who" });
  words.append(title, ` ${about}`);
  const track = Object.assign(document.createElement("span"), { className: "track" });
  const bar = Object.assign(document.createElement("i"), { className: "bar" });
  bar.style.setProperty("--share", String(rate === undefined ? 0 : shareOf(rate)));
  track.append(bar);
  const value = Object.assign(document.createElement("span"), { className: "value" });
  value.textContent = rate === undefined ? "–" : perSecond(rate);
  item.append(words, track, value);
  return item;
}

/** @param adapter and its rate, once measured */
export function showBars(adapter: string, rate?: number): void {
  const here = row({ name: "This GPU", about: adapter, ...(rate !== undefined && { rate }) });
  here.className = "here";
  element("bars").replaceChildren(here, ...known.map(row));
  const marks = Array.from({ length: MOST - LEAST + 1 }, (_, i) =>
    Object.assign(document.createElement("span"), { textContent: (10 ** (LEAST + i)).toLocaleString("en") }),
  );
  element("scale").replaceChildren(...marks);
}
