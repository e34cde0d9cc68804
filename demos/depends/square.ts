/** All pairs as a square of colours: MI above the diagonal, Pearson's |r| below it. One stop for Tab; arrow keys walk. */
import type { PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";
import { inkVector, onThemeChange } from "../kit/inks.ts";
import { element, say } from "../kit/page.ts";
import { type Copies, SAME_BRIEFLY } from "./copies.ts";
import type { Shown } from "./list.ts";
import { asCorrelation, keyOf, miOf, RATE } from "./order.ts";
import { css, inkOn, mixed } from "./shade.ts";
import { walkSquare } from "./walk.ts";
import { brief, correlation, isolated } from "./words.ts";

interface Cell {
  button: HTMLButtonElement;
  /** Of a normal pair both halves of the square would be equally dark; what chance makes, too, is pale. */
  strength: number;
  ink: "warm" | "cold";
  words: string;
}

/** Share of its colour that a pair keeps that is not told from chance. */
const PALE = 0.2;

const INVITATION = "Point at a square, or walk through them with the arrow keys.";

export class Square {
  #names: readonly string[] = [];
  #copies: Copies | undefined;
  readonly #cells = new Map<string, Cell>();
  readonly #drawn = new Map<string, { record: PairRecord; isChance: boolean }>();
  readonly #table = element<HTMLTableElement>("square");
  readonly #choose: (x: number, y: number) => void;
  #stop: Cell | undefined;
  #selected: Cell[] = [];

  constructor(choose: (x: number, y: number) => void) {
    this.#choose = choose;
    // To a screen reader it is one thing to walk through, with its own keys.
    this.#table.setAttribute("role", "grid");
    this.#table.addEventListener("click", (event) => {
      const place = placeOf(event.target);
      if (place) this.#choose(Math.min(...place), Math.max(...place));
    });
    this.#table.addEventListener("keydown", (event) => this.#walk(event));
    this.#table.addEventListener("focusin", (event) => this.#pointAt(event.target, true));
    this.#table.addEventListener("pointerover", (event) => this.#pointAt(event.target, false));
    this.#table.addEventListener("pointerleave", () => this.#pointAt(document.activeElement, false));
    onThemeChange(() => {
      for (const cell of this.#cells.values()) paint(cell);
    });
  }

  /** An empty square. */
  begin(names: readonly string[], copies: Copies): void {
    [this.#names, this.#copies] = [names, copies];
    this.#cells.clear();
    this.#drawn.clear();
    [this.#stop, this.#selected] = [undefined, []];
    this.#table.style.setProperty("--columns", String(names.length));
    const head = document.createElement("thead");
    const first = document.createElement("tr");
    first.append(document.createElement("td"), ...names.map((name) => header(name, "col")));
    head.append(first);
    const body = document.createElement("tbody");
    body.append(
      ...names.map((name, y) => {
        const row = document.createElement("tr");
        row.append(header(name, "row"), ...names.map((_, x) => this.#cell(x, y)));
        return row;
      }),
    );
    this.#table.replaceChildren(head, body);
    say("square-says", INVITATION);
  }

  #cell(x: number, y: number): HTMLTableCellElement {
    const cell = document.createElement("td");
    if (x === y) return cell;
    const button = Object.assign(document.createElement("button"), { type: "button", disabled: true, tabIndex: -1 });
    button.dataset.place = `${x} ${y}`;
    const words = `${isolated(this.#names[y]!)} and ${isolated(this.#names[x]!)}, not yet computed`;
    button.setAttribute("aria-label", words);
    this.#cells.set(`${x} ${y}`, { button, words, strength: 0, ink: x > y ? "warm" : "cold" });
    cell.append(button);
    return cell;
  }

  /** Fills in what is known so far. */
  show({ records, q }: Shown, selected?: { x: number; y: number }): void {
    for (const record of records) {
      const isChance = (q?.get(keyOf(record)) ?? 0) > RATE;
      const drawn = this.#drawn.get(keyOf(record));
      if (drawn?.record === record && drawn.isChance === isChance) continue;
      this.#drawn.set(keyOf(record), { record, isChance });
      this.#showPair(record, isChance);
    }
    this.#select(selected);
    this.#stop ??= this.#selected[0] ?? [...this.#cells.values()].find(({ button }) => !button.disabled);
    if (this.#stop) this.#stop.button.tabIndex = 0;
  }

  #showPair({ x, y, pearson, ...record }: PairRecord, isChance: boolean): void {
    const pair = `${isolated(this.#names[x]!)} and ${isolated(this.#names[y]!)}`;
    const same = this.#copies?.of(x, y);
    const mi = same ? Number.POSITIVE_INFINITY : miOf(record);
    const amount = same
      ? `infinite, ${SAME_BRIEFLY[same]}`
      : `${nats(mi)} nats${isChance ? ", not told from chance" : ""}`;
    const strength = asCorrelation(mi) * (isChance && !same ? PALE : 1);
    this.#fill(`${y} ${x}`, strength, brief(mi), `${pair}: MI ${amount}`);
    const known = Number.isFinite(pearson);
    const words = known ? `Pearson’s r ${correlation(pearson)}` : "no Pearson’s r, one is a category";
    const [r, text] = known ? [Math.abs(pearson), brief(Math.abs(pearson))] : [0, ""];
    this.#fill(`${x} ${y}`, r, text, `${pair}: ${words}`);
  }

  #fill(key: string, strength: number, text: string, words: string): void {
    const cell = this.#cells.get(key)!;
    Object.assign(cell, { strength, words });
    const { button } = cell;
    button.disabled = false;
    button.textContent = text;
    button.setAttribute("aria-label", words);
    button.setAttribute("aria-pressed", "false");
    paint(cell);
  }

  #select(selected?: { x: number; y: number }): void {
    const cells = selected ? [`${selected.y} ${selected.x}`, `${selected.x} ${selected.y}`] : [];
    const now = cells.map((key) => this.#cells.get(key)!);
    for (const { button } of this.#selected) button.setAttribute("aria-pressed", "false");
    for (const { button } of now) button.setAttribute("aria-pressed", "true");
    // Tab finds the pair that is looked at, unless somebody walks here.
    if (now[0] && now[0] !== this.#selected[0] && !this.#table.contains(document.activeElement)) this.#moveStop(now[0]);
    this.#selected = now;
  }

  #moveStop(cell: Cell): void {
    if (this.#stop) this.#stop.button.tabIndex = -1;
    this.#stop = cell;
    cell.button.tabIndex = 0;
  }

  #walk(event: KeyboardEvent): void {
    const place = placeOf(event.target);
    if (!place) return;
    const isThere = ([x, y]: readonly [number, number]) => this.#cells.get(`${x} ${y}`)?.button.disabled === false;
    const to = walkSquare(event, place, this.#names.length, isThere);
    if (event.key in KEYS) event.preventDefault();
    if (to) this.#cells.get(to.join(" "))!.button.focus();
  }

  /** Says what a square stands for; the one that has the focus is where Tab comes back to. */
  #pointAt(target: EventTarget | null, isFocus: boolean): void {
    const place = placeOf(target);
    const cell = place && this.#cells.get(place.join(" "));
    say("square-says", cell ? cell.words : INVITATION);
    if (cell && isFocus) this.#moveStop(cell);
  }
}

/** The page does not scroll by keys that walk. */
const KEYS = { ArrowLeft: 0, ArrowRight: 0, ArrowUp: 0, ArrowDown: 0, Home: 0, End: 0 };

function placeOf(target: EventTarget | null): [number, number] | undefined {
  const place = target instanceof HTMLElement ? target.dataset.place : undefined;
  return place?.split(" ").map(Number) as [number, number] | undefined;
}

function paint({ button, strength, ink }: Cell): void {
  if (button.disabled) return;
  const paper = mixed(inkVector("raised"), inkVector(ink), strength);
  button.style.backgroundColor = css(paper);
  button.style.color = inkOn(paper);
}

function header(name: string, scope: "row" | "col"): HTMLTableCellElement {
  const cell = document.createElement("th");
  const text = Object.assign(document.createElement("bdi"), { textContent: name });
  cell.scope = scope;
  cell.title = name;
  cell.append(text);
  return cell;
}
