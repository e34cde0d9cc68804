/** One pair looked at closely: the rows, one number for it, and what is to be said of that. */
import type { EstimateResult, PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";
import { element, say } from "../kit/page.ts";
import { presentLevels } from "./axes.ts";
import { Copies, SAME, type Sameness } from "./copies.ts";
import { describe } from "./describe.ts";
import { miOf, seenBy } from "./order.ts";
import { drawScatter, type Side } from "./scatter.ts";
import {
  believe,
  byNeighbors,
  type Chance,
  certaintyOf,
  complaints,
  hasInterval,
  intervalWords,
  isNeighborsOwn,
  type Other,
  ofRows,
  others,
  sees,
  verdict,
} from "./verdict.ts";

export class PairPanel {
  readonly #canvas: HTMLCanvasElement;
  #sides: readonly [Side, Side] | undefined;
  #pointwise: Float64Array | undefined;
  #record: PairRecord | undefined;
  #chance: Chance | undefined;
  /** The number, once it is known. */
  #mi: number | undefined;
  /** What is wrong with the rows, once it is known. */
  #rows: string | undefined;
  /** Why networks have nothing to find here. */
  same: Sameness | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  get mi(): number | undefined {
    return this.#mi;
  }

  /** Another pair, before it is estimated. */
  show(x: Side, y: Side, record: PairRecord): void {
    this.#sides = [x, y];
    this.#rows = undefined;
    [this.#record, this.#mi, this.#pointwise, this.#chance] = [record, undefined, undefined, undefined];
    const found = record.raw === Number.POSITIVE_INFINITY ? "equal" : undefined;
    this.same = new Copies([x, y]).of(0, 1) ?? found;
    element("pair").hidden = false;
    title(x.name, y.name);
    for (const id of ["pair-verdict", "pair-sees", "pair-note", "pair-believe", "pair-upper"]) say(id, "");
    this.#say("–", "");
    element<HTMLProgressElement>("pair-progress").value = 0;
    this.#canvas.setAttribute("aria-label", describe(x, y));
    showScale();
    showOthers(others(record), []);
    if (this.same) this.refused(SAME[this.same], "∞");
    this.draw();
  }

  /** What the tests say of the pair so far. */
  test(chance: Chance): void {
    this.#chance = chance;
    this.#judge();
  }

  /** @param estimate what the networks have found so far, nats */
  progress(share: number, estimate?: number): void {
    if (this.same) return;
    element<HTMLProgressElement>("pair-progress").value = share;
    this.#say(estimate === undefined ? "–" : nats(Math.max(0, estimate)), "");
    say("pair-share", `so far, ${Math.floor(100 * share)} % trained`);
  }

  result(result: EstimateResult, record: PairRecord): void {
    if (this.same) return;
    this.#pointwise = result.pointwise;
    this.#rows = ofRows(result);
    const own = isNeighborsOwn(record, result, this.#cells());
    this.#mi = own ? record.raw : result.mi;
    this.#say(nats(this.#mi), own ? byNeighbors(result) : intervalWords(result));
    say("pair-believe", believe(record, result));
    const isHeld = hasInterval(result) && !own;
    say("pair-upper", isHeld ? `Where the interval’s upper end comes from: ${result.upperFrom}.` : "");
    showOthers(others(record, result), complaints(result));
    showScale({ mi: this.#mi, record, interval: isHeld ? result.interval : undefined });
    this.#judge();
    this.draw();
  }

  /** Without a GPU: what neighbours say is all there is. */
  neighborsOnly(record: PairRecord): void {
    if (this.same) return;
    this.#mi = miOf(record);
    const error = 1.96 * record.standardError;
    this.#say(nats(this.#mi), `by nearest neighbours, give or take ${nats(error)} for so few rows`);
    say(
      "pair-believe",
      "Neighbours see any shape, but too little of what is strong: networks, which say how far to trust it, need a GPU.",
    );
    showOthers(others(record), []);
    showScale({ mi: this.#mi, record, interval: undefined });
    this.#judge();
    this.draw();
  }

  refused(message: string, mi = "–"): void {
    this.#say(mi, message);
  }

  draw(): void {
    if (this.#sides) drawScatter(this.#canvas, ...this.#sides, this.#pointwise);
  }

  /** Cells of a table of both, if they are categories. */
  #cells(): number {
    const [x, y] = this.#sides!.map((side) => (side.levels ? presentLevels(side).length - 1 : 0));
    return x! * y!;
  }

  #say(mi: string, interval: string): void {
    say("pair-mi", mi);
    say("pair-interval", interval);
  }

  #judge(): void {
    if (!this.#chance) return;
    const certainty = certaintyOf(this.#chance);
    element("pair").dataset.certainty = certainty;
    say("pair-verdict", verdict({ ...this.#chance, rows: this.#rows ?? this.#chance.rows }));
    const depends = certainty === "certain" || certainty === "likely";
    say("pair-sees", depends && this.#mi !== undefined ? sees(this.#mi, this.#record!.pearson) : "");
  }
}

function title(x: string, y: string): void {
  const [a, b] = [x, y].map((name) => Object.assign(document.createElement("bdi"), { textContent: name }));
  element("pair-title").replaceChildren(a!, " and ", b!);
}

interface Scaled {
  mi: number;
  record: PairRecord;
  interval: readonly [number, number] | undefined;
}

/** The number, its interval and what r stands for, along a line from 0. */
function showScale(scaled?: Scaled): void {
  element("pair-scale").hidden = !scaled;
  if (!scaled) return;
  const { mi, record, interval } = scaled;
  const r = seenBy(record.pearson);
  const end = 1.05 * Math.max(mi, interval?.[1] ?? 0, Math.min(r, 3 * mi), 0.05);
  const at = (value: number) => `${((100 * value) / end).toFixed(2)}%`;
  const [dot, span, mark] = ["scale-mi", "scale-interval", "scale-r"].map((id) => element(id)) as [
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ];
  dot.style.left = at(mi);
  span.hidden = !interval;
  if (interval) Object.assign(span.style, { left: at(interval[0]), width: at(interval[1] - interval[0]) });
  mark.hidden = element("scale-r-key").hidden = !(Number.isFinite(record.pearson) && r <= end);
  mark.style.left = at(r);
  element("scale-interval-key").hidden = !interval;
}

function showOthers(list: readonly Other[], failed: readonly string[]): void {
  const text = (tag: string, words: string) => Object.assign(document.createElement(tag), { textContent: words });
  element("pair-others").replaceChildren(
    ...list.map(({ name, mi, remark }) => {
      const row = document.createElement("tr");
      const head = Object.assign(text("th", name), { scope: "row" });
      row.append(head, text("td", Number.isFinite(mi) ? nats(mi) : "∞"), text("td", remark));
      return row;
    }),
  );
  element("pair-failed").replaceChildren(...failed.map((words) => text("li", words)));
}
