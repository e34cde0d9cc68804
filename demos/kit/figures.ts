/** Links such as #fig1, which open a page on the settings of one of the paper's figures, and the line that says so. */
import { element, say } from "./page.ts";

export interface Figure<Settings> {
  /** Which figure it is, and what to look for. */
  text: string;
  settings: Partial<Settings>;
}

/** A page's figures, by the part of an address after #. Two names may have the same one. */
export type Figures<Settings> = Readonly<Record<string, Figure<Settings>>>;

/** The figure that a hash names, if there is such a one. */
export function figureOf<Settings>(figures: Figures<Settings>, hash: string): Figure<Settings> | undefined {
  const name = hash.replace(/^#/, "");
  return Object.hasOwn(figures, name) ? figures[name] : undefined;
}

/** The state of a page as the part of an address after #. */
export const toHash = (settings: object): string =>
  new URLSearchParams(Object.entries(settings).map(([name, value]) => [name, String(value)])).toString();

/** The line under the links to the figures. */
export class FigureLine<Settings> {
  #figures: Figures<Settings>;
  /** What the page says when it is on no figure. */
  #otherwise = element("figure").textContent ?? "";

  constructor(figures: Figures<Settings>) {
    this.#figures = figures;
  }

  /** The figure that the page's address names. */
  get current(): Figure<Settings> | undefined {
    return figureOf(this.#figures, location.hash);
  }

  /** Says what to look for in the figure that the page is on, and marks its link. */
  show(): void {
    const { current } = this;
    say("figure", current?.text ?? this.#otherwise);
    for (const link of document.querySelectorAll<HTMLAnchorElement>("#paper a")) {
      if (current && figureOf(this.#figures, link.hash) === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}
