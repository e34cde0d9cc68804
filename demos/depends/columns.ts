/** The columns of a table as a grid: which are used, how each is read, and why others cannot be. */
import { element, say } from "../kit/page.ts";
import { type Choice, MOST_COLUMNS, type Reading, type Sheet } from "./table.ts";
import { plural, quoted } from "./words.ts";

interface Callbacks {
  /** Other columns are used than before. */
  onchange: () => void;
  /** A column is to be read in another way. */
  read: (at: number, reading: Reading) => void;
}

export class ColumnGrid {
  #callbacks: Callbacks;
  #sheet: Sheet | undefined;
  #items: Item[] = [];
  #list = element("column-list");
  #search = element<HTMLInputElement>("columns-search");

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
    this.#search.addEventListener("input", () => this.#filter());
    element("columns-all").addEventListener("click", () => this.#all());
    element("columns-none").addEventListener("click", () => this.#none());
  }

  /** The columns of another table. */
  begin(sheet: Sheet): void {
    this.#sheet = sheet;
    this.#search.value = "";
    this.#items = sheet.columns.map((_, at) => new Item(sheet, at, { ...this.#callbacks, tick: () => this.#tick(at) }));
    this.#list.replaceChildren(...this.#items.map(({ node }) => node));
    element("columns-search-field").hidden = sheet.columns.length <= 12;
    const usable = sheet.columns.filter(({ problem, usual }) => problem === undefined && usual).length;
    const { used } = this;
    this.#say(used < usable ? `The first ${used} of the ${usable} columns that can be used are ticked.` : "");
    this.show();
  }

  get used(): number {
    return this.#sheet!.columns.filter(({ used }) => used).length;
  }

  /** After any change of the columns. */
  show(): void {
    const { columns } = this.#sheet!;
    say("columns-title", `Columns: ${this.used} of ${columns.length} used`);
    for (const item of this.#items) item.show();
  }

  #say(words: string): void {
    say("columns-note", words);
  }

  #tick(at: number): void {
    const choice = this.#sheet!.columns[at]!;
    if (!choice.used && this.used >= MOST_COLUMNS) {
      this.#say(`${MOST_COLUMNS} columns are used, the most at a time. Untick another one first.`);
      this.show();
      return;
    }
    choice.used = !choice.used;
    this.#say("");
    this.show();
    this.#callbacks.onchange();
  }

  #all(): void {
    const shown = this.#shown();
    const wanted = shown.filter((choice) => !choice.used && choice.problem === undefined && !choice.copyOf);
    const room = MOST_COLUMNS - this.used;
    for (const choice of wanted.slice(0, room)) choice.used = true;
    this.#say(
      wanted.length > room
        ? `${MOST_COLUMNS} columns are used, the most at a time: ${wanted.length - room} are not.`
        : "",
    );
    this.show();
    this.#callbacks.onchange();
  }

  #none(): void {
    for (const choice of this.#shown()) choice.used = false;
    this.#say(this.used < 2 ? "Tick at least two columns." : "");
    this.show();
    this.#callbacks.onchange();
  }

  #shown(): Choice[] {
    return this.#sheet!.columns.filter((_, at) => !this.#items[at]!.node.hidden);
  }

  #filter(): void {
    const wanted = this.#search.value.trim().toLowerCase();
    for (const [at, { name }] of this.#sheet!.columns.entries())
      this.#items[at]!.node.hidden = !name.toLowerCase().includes(wanted);
    const count = this.#shown().length;
    this.#say(count === 0 ? "No column has that in its name." : "");
  }
}

/** One column. Its nodes stay, so that focus does. */
class Item {
  readonly node = document.createElement("li");
  readonly #sheet: Sheet;
  readonly #at: number;
  readonly #box = Object.assign(document.createElement("input"), { type: "checkbox" });
  readonly #name = document.createElement("bdi");
  readonly #kind = document.createElement("select");
  readonly #why = document.createElement("small");
  readonly #undo = Object.assign(document.createElement("button"), { type: "button", textContent: "Undo" });

  constructor(sheet: Sheet, at: number, { tick, read }: { tick: () => void; read: Callbacks["read"] }) {
    this.#sheet = sheet;
    this.#at = at;
    const label = document.createElement("label");
    label.append(this.#box, this.#name);
    this.#why.id = `why-${at}`;
    this.#box.setAttribute("aria-describedby", this.#why.id);
    this.#box.addEventListener("change", tick);
    this.#kind.addEventListener("change", () => read(at, this.#kind.value as Reading));
    this.#undo.addEventListener("click", () => {
      if (this.#choice.reading !== "found") read(at, "found");
      else tick();
      this.#box.focus();
    });
    this.node.append(label, this.#kind, this.#undo, this.#why);
  }

  get #choice(): Choice {
    return this.#sheet.columns[this.#at]!;
  }

  show(): void {
    const { name, used, problem, reading, readings, strays, missing } = this.#choice;
    this.#name.textContent = name;
    this.#box.checked = used;
    this.#box.disabled = problem !== undefined;
    this.#kind.setAttribute("aria-label", `Kind of ${name}`);
    if (this.#kind.options.length !== readings.length) {
      this.#kind.replaceChildren(
        ...readings.map(({ reading, words }) =>
          Object.assign(document.createElement("option"), { value: reading, textContent: words }),
        ),
      );
    }
    this.#kind.value = reading;
    this.#kind.disabled = readings.length < 2;
    const isCounted = strays !== undefined && used;
    this.#undo.hidden = reading === "found" && !isCounted;
    this.#undo.setAttribute("aria-label", `Undo: ${name}`);
    this.#why.textContent = whyOf(this.#choice, missing);
  }
}

function whyOf({ problem, note, strays, copyOf, kind, levels }: Choice, missing: number): string {
  const words = [
    problem,
    copyOf && `${copyOf}, so each tells all of the other`,
    !problem &&
      strays &&
      `${plural(strays.rows, "cell")} such as ${quoted(strays.cell)}: no number, so taken as missing`,
    !problem && kind === "category" && levels && `${levels.length} kinds`,
    note,
    missing > 0 && missing < 1 && `missing in ${Math.ceil(100 * missing)} % of the rows`,
  ];
  return words.filter(Boolean).join("; ");
}
