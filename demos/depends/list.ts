/** The pairs as a list. Rows stay where the focus is while their numbers change. One stop for Tab; arrow keys walk. */
import type { EstimateResult, PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";
import { element, say } from "../kit/page.ts";
import { type Copies, SAME, SAME_BRIEFLY } from "./copies.ts";
import { asCorrelation, chanceOf, keyOf, miOf, type Order, ranked, unseenOf } from "./order.ts";
import { walkList } from "./walk.ts";
import { chance, correlation } from "./words.ts";

const MOST_LISTED = 100;

/** What is known of the pairs so far. */
export interface Shown {
  records: readonly PairRecord[];
  /** Pairs that there are. */
  total: number;
  /** Adjusted p by keyOf of a pair, when all are tested. */
  q?: ReadonlyMap<string, number> | undefined;
  /** p where permutations of other pairs count too; else it is by a pair's own. */
  p?: ReadonlyMap<string, number> | undefined;
  /** What the library has to say of the rows. */
  diagnostics?: EstimateResult["diagnostics"] | undefined;
}

interface Row {
  row: HTMLTableRowElement;
  button: HTMLButtonElement;
  cells: { p: Text; q: Text; mi: Bar; r: Bar; unseen: Bar };
  x: number;
  y: number;
}

interface Bar {
  text: Text;
  mark: HTMLElement;
}

export class List {
  readonly #body = element("list");
  readonly #choose: (x: number, y: number) => void;
  readonly #rows = new Map<string, Row>();
  #names: readonly string[] = [];
  #copies: Copies | undefined;
  #stop: HTMLButtonElement | undefined;

  constructor(choose: (x: number, y: number) => void) {
    this.#choose = choose;
    this.#body.addEventListener("keydown", (event) => this.#walk(event));
    this.#body.addEventListener("focusin", ({ target }) => this.#moveStop(target as HTMLButtonElement));
  }

  begin(names: readonly string[], copies: Copies): void {
    [this.#names, this.#copies, this.#stop] = [names, copies, undefined];
    this.#rows.clear();
    this.#body.replaceChildren();
  }

  show({ records, total, q, p }: Shown, order: Order, selected?: { x: number; y: number }): void {
    const focused = document.activeElement?.closest("tr");
    const first = ranked(records, order).slice(0, MOST_LISTED);
    // Whoever stands on a row keeps it.
    const kept = records.filter((record) => {
      const isHeld = selected?.x === record.x && selected.y === record.y;
      return (isHeld || this.#rows.get(keyOf(record))?.row === focused) && !first.includes(record);
    });
    const rows = [...first, ...kept].map((record) => {
      const row = this.#rows.get(keyOf(record)) ?? this.#make(record);
      this.#fill(row, record, { q, p });
      row.button.setAttribute("aria-pressed", String(selected?.x === record.x && selected.y === record.y));
      return row;
    });
    this.#arrange(rows.map(({ row }) => row));
    if (!this.#stop?.isConnected && rows[0]) this.#moveStop(rows[0].button);
    say("listed", records.length > rows.length ? `The first ${rows.length} of ${total} pairs.` : "");
  }

  #make(record: PairRecord): Row {
    const { x, y } = record;
    const row = document.createElement("tr");
    const pair = Object.assign(document.createElement("th"), { scope: "row" });
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1 });
    button.append(bdi(this.#names[x]!), " – ", bdi(this.#names[y]!));
    button.addEventListener("click", () => this.#choose(x, y));
    pair.append(button);
    const same = this.#copies?.of(x, y);
    if (same)
      pair.append(
        Object.assign(document.createElement("small"), {
          className: "same",
          textContent: SAME_BRIEFLY[same],
          title: SAME[same],
        }),
      );
    const cells = { p: new Text(), q: new Text(), mi: bar("warm"), r: bar("cold"), unseen: bar("warm") };
    row.append(pair, cellOf(cells.p), cellOf(cells.q), ...[cells.mi, cells.r, cells.unseen].map(barCell));
    const made = { row, button, cells, x, y };
    this.#rows.set(keyOf(record), made);
    return made;
  }

  #fill({ cells, x, y }: Row, record: PairRecord, { q, p }: Pick<Shown, "q" | "p">): void {
    const { pearson } = record;
    const key = keyOf(record);
    write(cells.p, chance(p?.get(key) ?? chanceOf(record)));
    const adjusted = q?.get(key);
    write(cells.q, adjusted === undefined ? "–" : chance(adjusted));
    const isSame = record.raw === Number.POSITIVE_INFINITY || this.#copies?.of(x, y) !== undefined;
    const mi = isSame ? Number.POSITIVE_INFINITY : miOf(record);
    fill(cells.mi, isSame ? "∞" : nats(mi), asCorrelation(mi));
    fill(cells.r, correlation(pearson), Math.abs(pearson) || 0);
    fill(cells.unseen, isSame ? "–" : nats(unseenOf(record)), isSame ? 0 : asCorrelation(unseenOf(record)));
  }

  /** Brings rows in order by moving all but the one that has the focus: a row that moves loses it. */
  #arrange(rows: readonly HTMLTableRowElement[]): void {
    const now = this.#body.children;
    if (rows.length === now.length && rows.every((row, i) => now[i] === row)) return;
    for (const row of [...now]) if (!rows.includes(row as HTMLTableRowElement)) row.remove();
    const fixed = rows.findIndex((row) => row.contains(document.activeElement));
    if (fixed > 0) rows[fixed]!.before(...rows.slice(0, fixed));
    this.#body.append(...rows.slice(fixed + 1));
  }

  #walk(event: KeyboardEvent): void {
    const buttons = [...this.#body.querySelectorAll("button")];
    const to = walkList(event.key, buttons.indexOf(event.target as HTMLButtonElement), buttons.length);
    if (to === undefined) return;
    event.preventDefault();
    buttons[to]!.focus();
  }

  #moveStop(button: HTMLButtonElement): void {
    if (this.#stop) this.#stop.tabIndex = -1;
    this.#stop = button;
    button.tabIndex = 0;
  }
}

const bdi = (name: string): HTMLElement => Object.assign(document.createElement("bdi"), { textContent: name });

function bar(ink: string): Bar {
  return { text: new Text(), mark: Object.assign(document.createElement("i"), { className: ink }) };
}

function cellOf(...parts: Node[]): HTMLTableCellElement {
  const cell = document.createElement("td");
  cell.append(...parts);
  return cell;
}

const barCell = ({ text, mark }: Bar): HTMLTableCellElement => cellOf(text, mark);

function write(node: Text, text: string): void {
  if (node.data !== text) node.data = text;
}

function fill({ text, mark }: Bar, words: string, share: number): void {
  write(text, words);
  mark.style.width = `${Math.round(100 * share)}%`;
}
