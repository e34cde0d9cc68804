/** The pairs of a table as a list and as a square, which show the same and choose the same. */
import { element } from "../kit/page.ts";
import { type Column, Copies } from "./copies.ts";
import { List, type Shown } from "./list.ts";
import { ORDERS, type Order } from "./order.ts";
import { Square } from "./square.ts";

/** Which way the numbers of a sorted column go. */
const DIRECTION: Record<Order, "ascending" | "descending"> = {
  evidence: "ascending",
  mi: "descending",
  unseen: "descending",
};

/** More columns than this make a square that needs the whole width. */
const MOST_BESIDE = 12;

export class Ranking {
  /** Called when a visitor sorts the list. */
  onorder: (order: Order) => void = () => {};
  readonly #list: List;
  readonly #square: Square;
  #order: Order = "evidence";
  #shown: Shown = { records: [], total: 0 };
  #selected: { x: number; y: number } | undefined;

  constructor(choose: (x: number, y: number) => void) {
    this.#list = new List(choose);
    this.#square = new Square(choose);
    for (const order of ORDERS) {
      element(`by-${order}`).addEventListener("click", () => {
        this.order = order;
        this.onorder(order);
      });
    }
    this.order = "evidence";
  }

  get order(): Order {
    return this.#order;
  }

  /** Sorts the list. */
  set order(order: Order) {
    this.#order = order;
    for (const each of ORDERS) {
      const head = element(`by-${each}`).closest("th")!;
      if (each === order) head.setAttribute("aria-sort", DIRECTION[each]);
      else head.removeAttribute("aria-sort");
    }
    this.#list.show(this.#shown, order, this.#selected);
  }

  /** An empty square and an empty list for these columns; with their values copies are known. */
  begin(columns: readonly Column[]): void {
    const names = columns.map(({ name }) => name);
    [this.#shown, this.#selected] = [{ records: [], total: 0 }, undefined];
    element("both").classList.toggle("many", columns.length > MOST_BESIDE);
    const copies = new Copies(columns);
    this.#square.begin(names, copies);
    this.#list.begin(names, copies);
  }

  /** What is known so far. */
  show(shown: Shown, selected?: { x: number; y: number }): void {
    [this.#shown, this.#selected] = [shown, selected];
    this.#square.show(shown, selected);
    this.#list.show(shown, this.#order, selected);
  }
}
