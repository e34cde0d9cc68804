/** The map that a network learns of the plane, beside the true one. */
import { Board, DIVERGED } from "../kit/board.ts";
import { toHash } from "../kit/figures.ts";
import { nats, percent } from "../kit/format.ts";
import { live } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { clearMap, drawMap } from "../kit/plane.ts";
import type { Given, Moment } from "../kit/plane-run.ts";
import { hundredths, matchOf, type Reading } from "../kit/reading.ts";
import { type Kind, pairOf, type Shape, shapeFrom } from "../kit/shapes.ts";

const controls = element<HTMLFormElement>("controls");
const kind = element<HTMLSelectElement>("kind");
const rho = element<HTMLInputElement>("rho");
const width = element<HTMLInputElement>("width");
const ratio = element<HTMLCanvasElement>("ratio");
const standard = { kind: "ring", width: 0.2, rho: 0.8, centres: [] } as const;

const shape = (): Shape => ({
  kind: kind.value as Kind,
  width: Number(width.value),
  rho: Number(rho.value),
  centres: [],
});

function setControls(to: Shape): void {
  kind.value = to.kind;
  width.value = String(to.width);
  rho.value = String(to.rho);
}

/** What the controls say, in words and in the address. */
function showControls(): void {
  const normal = kind.value === "normal";
  element("rho-field").hidden = !normal;
  element("width-field").hidden = normal;
  say("rho-value", hundredths(Number(rho.value)));
  say("width-value", width.value);
  const { centres, ...kept } = shape();
  const hash = `#${toHash(kept)}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
}

/** Nodes a side of the true map, which costs no network. */
const FINE = 128;
/** Below it the maps are said to differ. */
const LIKE = 0.9;

function tellMatch(moment: Moment, given: Given): Reading {
  const match = matchOf(moment, given);
  const text = Number.isFinite(match) ? hundredths(match) : "–";
  say("match", text);
  const { estimate } = moment;
  if (estimate === null) return { state: "begun", text: "The network has not learned this shape yet." };
  const { truth } = given.pair;
  say("error", truth > 0.02 ? percent(100 * (estimate / truth - 1)) : `${nats(estimate - truth)} nats`);
  const state = !Number.isFinite(match) ? "flat" : match < LIKE ? "unlike" : "like";
  const numbers = `Estimate ${nats(estimate)} nats, truth ${nats(truth)}.`;
  if (state === "flat")
    return { state, text: `The true map is the same everywhere: x tells nothing about y. ${numbers}` };
  const how =
    state === "like" ? "The learned map matches the true one" : "The learned map is still unlike the true one";
  return { state, text: `${how}, with a correlation of ${text}. ${numbers}` };
}

setControls(shapeFrom(location.hash, standard));
const board = new Board({
  shape,
  drawOwn() {
    kind.value = "own";
    showControls();
  },
  format: nats,
  begin(given) {
    for (const id of ["error", "match"]) say(id, "–");
    const pair = given && pairOf(given.shape, FINE);
    if (pair) drawMap(ratio, pair.ratio, pair.fade, FINE);
    else clearMap(ratio);
  },
  draw: tellMatch,
});

kind.addEventListener("change", () => board.choose());
for (const slider of [rho, width]) slider.addEventListener("input", () => board.change());
controls.addEventListener("input", showControls);
controls.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => {
  const to = shapeFrom(location.hash, standard);
  const other = to.kind !== shape().kind;
  setControls(to);
  showControls();
  if (other) board.choose();
  else board.change();
});
showControls();
live(element("demo"), (gpu) => board.work(gpu), {
  diverged: DIVERGED,
  recorded: (recording) => board.recorded(recording),
});
