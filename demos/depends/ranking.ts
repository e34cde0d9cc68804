/** The pairs as a list, strongest evidence first, and as a square: MI above the diagonal, Pearson's correlation below. */
import type { PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";
import { element } from "../kit/page.ts";
import type { Order } from "./order.ts";

/** The p-value: the share of the permutations, with the data, in which as much speaks against independence. */
export const chanceOf = ({ exceed, permutations }: PairRecord) => (1 + exceed) / (1 + permutations);

/** The correlation that a normal pair with this MI would have: a number to hold beside Pearson's. */
export const asCorrelation = (mi: number) => Math.sqrt(1 - Math.exp(-2 * Math.max(0, mi)));

/** The strongest evidence first. */
export const ranked = (records: readonly PairRecord[]): PairRecord[] =>
  records.toSorted((a, b) => (a.evidence === b.evidence ? b.raw - a.raw : b.evidence - a.evidence));

/** The pair to open on. */
export const opening = (records: readonly PairRecord[], _q?: ReadonlyMap<string, number>): PairRecord | undefined =>
  ranked(records).toSorted((a, b) => gap(b) - gap(a))[0]!;

const gap = ({ raw, pearson }: PairRecord) => asCorrelation(raw) - Math.abs(pearson || 0);

const MOST_LISTED = 100;

export class Ranking {
  order: Order = "evidence";
  onorder = () => {};
  #names: readonly string[] = [];
  #cells = new Map<string, HTMLButtonElement>();
  #choose: (x: number, y: number) => void;
  #list = element("list");
  #square = element<HTMLTableElement>("square");

  constructor(choose: (x: number, y: number) => void) {
    this.#choose = choose;
  }

  /** An empty square and an empty list for these columns. */
  begin(
    columns: readonly { name: string; levels?: readonly string[] | undefined; values?: ArrayLike<number> }[],
  ): void {
    const names = columns.map(({ name }) => name);
    this.#names = names;
    this.#cells.clear();
    this.#list.replaceChildren();
    const head = document.createElement("tr");
    head.append(document.createElement("td"), ...names.map((name, x) => header(name, "col", x)));
    const rows = names.map((name, y) => {
      const row = document.createElement("tr");
      row.append(header(name, "row", y), ...names.map((_, x) => this.#cell(x, y)));
      return row;
    });
    this.#square.replaceChildren(head, ...rows);
  }

  #cell(x: number, y: number): HTMLTableCellElement {
    const cell = document.createElement("td");
    if (x === y) return cell;
    const button = Object.assign(document.createElement("button"), { type: "button", disabled: true });
    button.setAttribute("aria-label", `${this.#names[y]} and ${this.#names[x]}, not yet computed`);
    button.addEventListener("click", () => this.#choose(Math.min(x, y), Math.max(x, y)));
    button.addEventListener("keydown", (event) => this.#walk(event, x, y));
    this.#cells.set(`${x} ${y}`, button);
    cell.append(button);
    return cell;
  }

  /** The arrow keys walk from cell to cell, over those that are not there yet. */
  #walk(event: KeyboardEvent, x: number, y: number): void {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    const size = this.#names.length;
    for (let k = 1; k < size; k++) {
      const next = this.#cells.get(`${x + k * dx} ${y + k * dy}`);
      if (!next || next.disabled) continue;
      next.focus();
      return;
    }
  }

  /** Fills in what is known so far. */
  show(
    {
      records,
    }: {
      records: readonly PairRecord[];
      total: number;
      q?: ReadonlyMap<string, number> | undefined;
      p?: ReadonlyMap<string, number> | undefined;
    },
    selected?: { x: number; y: number },
  ): void {
    for (const record of records) {
      const { x, y, raw, pearson } = record;
      const [a, b] = [this.#names[x]!, this.#names[y]!];
      const mi = Math.max(0, raw);
      const isSelected = selected?.x === x && selected.y === y;
      this.#fill(`${y} ${x}`, asCorrelation(raw), "warm", `${a} and ${b}: MI ${mi.toFixed(2)} nats`, isSelected);
      const known = Number.isFinite(pearson);
      const words = known ? `Pearson ${pearson.toFixed(2)}` : "no Pearson correlation, one is a category";
      this.#fill(`${x} ${y}`, known ? Math.abs(pearson) : 0, "cold", `${a} and ${b}: ${words}`, isSelected);
    }
    this.#list.replaceChildren(
      ...ranked(records)
        .slice(0, MOST_LISTED)
        .map((record) => this.#line(record, selected)),
    );
  }

  #fill(key: string, strength: number, ink: string, words: string, selected: boolean): void {
    const button = this.#cells.get(key)!;
    button.disabled = false;
    button.title = words;
    button.setAttribute("aria-label", words);
    button.setAttribute("aria-pressed", String(selected));
    button.style.backgroundColor = `color-mix(in srgb, var(--${ink}) ${Math.round(100 * strength)}%, var(--raised))`;
  }

  #line(record: PairRecord, selected?: { x: number; y: number }): HTMLTableRowElement {
    const { x, y, raw, pearson } = record;
    const row = document.createElement("tr");
    const pair = document.createElement("th");
    pair.scope = "row";
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      textContent: `${this.#names[x]} – ${this.#names[y]}`,
    });
    button.setAttribute("aria-pressed", String(selected?.x === x && selected.y === y));
    button.addEventListener("click", () => this.#choose(x, y));
    pair.append(button);
    const text = (value: string) => Object.assign(document.createElement("td"), { textContent: value });
    const mi = raw === Number.POSITIVE_INFINITY ? "∞" : nats(Math.max(0, raw));
    const p = chanceOf(record);
    row.append(pair, text(p < 0.001 ? "< .001" : p.toFixed(3)), bar(mi, asCorrelation(raw), "warm"));
    row.append(bar(Number.isFinite(pearson) ? nats(pearson).slice(0, -1) : "–", Math.abs(pearson) || 0, "cold"));
    return row;
  }
}

function header(name: string, scope: "row" | "col", index: number): HTMLTableCellElement {
  const cell = document.createElement("th");
  cell.scope = scope;
  // Columns are numbered at the top and named at the side: names would not fit over narrow cells.
  cell.textContent = scope === "row" ? `${index + 1} ${name}` : String(index + 1);
  cell.title = name;
  if (scope === "col") cell.setAttribute("aria-label", name);
  return cell;
}

function bar(text: string, share: number, ink: string): HTMLTableCellElement {
  const cell = document.createElement("td");
  const mark = document.createElement("i");
  mark.className = ink;
  mark.style.width = `${Math.round(100 * share)}%`;
  cell.append(text, mark);
  cell.className = "bar";
  return cell;
}
