/** The picture of one moment, on a 2D canvas: box, land, dashed line and path. */
import { contextOf, inkOf, inkVector, pixelScale } from "../kit/inks.ts";
import { type Label, labelsOf, roundNumbers, roundStep } from "./labels.ts";
import { heights, levelsOn, lossAt, type Piece, piecesOf, type Spot, shoreOf } from "./landscape.ts";
import type { Point } from "./path.ts";
import { type Turn, type View, viewOf } from "./view.ts";

/** Everything that the picture shows. */
export interface Scene {
  lambda: number;
  C: number;
  reach: number;
  turn: Turn;
  path: readonly Point[];
}

type Colour = readonly number[];
const FONT = 12;

export class Picture {
  #canvas: HTMLCanvasElement;
  /** Land and box: they change less often than the path. */
  #ground = document.createElement("canvas");
  #drawn = "";

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  draw(scene: Scene): void {
    const scale = pixelScale();
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    if (!width || !height) return;
    for (const canvas of [this.#canvas, this.#ground]) {
      if (canvas.width === Math.round(width * scale) && canvas.height === Math.round(height * scale)) continue;
      [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
      this.#drawn = "";
    }
    const view = viewOf(scene.turn, scene, { width, height });
    const { path: _, ...still } = scene;
    const wanted = JSON.stringify([still, inkOf("paper")]);
    if (wanted !== this.#drawn) this.#drawGround(scene, view, scale);
    this.#drawn = wanted;
    const context = contextOf(this.#canvas);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.drawImage(this.#ground, 0, 0);
    context.scale(scale, scale);
    drawPath(context, scene, view);
  }

  #drawGround(scene: Scene, view: View, scale: number): void {
    const context = contextOf(this.#ground);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const frame = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
    context.clearRect(0, 0, frame.width, frame.height);
    context.lineJoin = context.lineCap = "round";
    drawBox(context, scene.reach, view);
    drawLand(context, scene, view);
    drawShore(context, scene, view);
    const family = getComputedStyle(this.#canvas).fontFamily;
    const fonts = { text: `${FONT}px ${family}`, symbol: `italic ${FONT + 3}px Georgia, "Liberation Serif", serif` };
    const widthIn = (text: string, font: string) => {
      context.font = font;
      return text ? context.measureText(text).width : 0;
    };
    const measure = (text: string, symbol: string) =>
      widthIn(text, fonts.text) + (symbol ? 5 + widthIn(symbol, fonts.symbol) : 0);
    for (const label of labelsOf(view, scene.reach, frame, measure)) drawLabel(context, label, fonts);
  }
}

function stroke(context: CanvasRenderingContext2D, spots: readonly Spot[], view: View, close = false): void {
  context.beginPath();
  for (const spot of spots) context.lineTo(...view.place(spot));
  if (close) context.closePath();
  context.stroke();
}

/** Floor and the two walls behind, with lines at round numbers. */
function drawBox(context: CanvasRenderingContext2D, reach: number, view: View): void {
  const [floor, lid] = heights({ reach });
  const [j, jbar] = [-view.side[0] * reach, -view.side[1] * reach];
  context.lineWidth = 1;
  context.strokeStyle = inkOf("grid");
  for (const at of roundNumbers(-reach, reach)) {
    const alongJbar: Spot[] = [
      [at, -jbar, floor],
      [at, jbar, floor],
      [at, jbar, lid],
    ];
    stroke(context, alongJbar, view);
    const alongJ: Spot[] = [
      [-j, at, floor],
      [j, at, floor],
      [j, at, lid],
    ];
    stroke(context, alongJ, view);
  }
  const ring = (loss: number): Spot[] => [
    [-j, jbar, loss],
    [j, jbar, loss],
    [j, -jbar, loss],
  ];
  for (const at of roundNumbers(floor, lid)) stroke(context, ring(at), view);
  context.strokeStyle = inkOf("edge-line");
  stroke(context, [...ring(floor), [-j, -jbar, floor]], view, true);
  for (const [x, y] of ring(floor)) {
    const upright: Spot[] = [
      [x, y, floor],
      [x, y, lid],
    ];
    stroke(context, upright, view);
  }
}

const mix = (a: Colour, b: Colour, share: number): Colour => a.map((v, i) => v + share * (b[i]! - v));
const css = (colour: Colour) => `rgb(${colour.slice(0, 3).map((v) => Math.round(255 * v))})`;
const middleOf = (corners: readonly Spot[], axis: 0 | 1 | 2) =>
  corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length;

function drawLand(context: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const [floor, lid] = heights(scene);
  const [cold, paper, warm, ink] = ["cold", "paper", "warm", "ink"].map(inkVector) as unknown as [
    Colour,
    Colour,
    Colour,
    Colour,
  ];
  const middle = ({ corners }: Piece): Spot => [middleOf(corners, 0), middleOf(corners, 1), middleOf(corners, 2)];
  const sorted = piecesOf(scene)
    .map((piece) => ({ ...piece, near: view.nearness(middle(piece)) }))
    .sort((a, b) => a.near - b.near);
  const spacing = roundStep(lid - floor, 12);
  for (const { corners, cliff } of sorted) {
    const loss = middleOf(corners, 2);
    const tint = loss < 0 ? mix(paper, cold, (0.85 * loss) / floor) : mix(paper, warm, (0.85 * loss) / lid);
    const shade = 0.3 * (1 - view.light(corners));
    const colour = css(cliff ? mix(paper, ink, 0.22) : mix(tint, ink, shade));
    context.fillStyle = context.strokeStyle = colour;
    context.lineWidth = 0.8; // closes the hair between two pieces
    stroke(context, corners, view, true);
    context.fill();
    if (cliff) continue;
    context.strokeStyle = css(mix(tint, ink, 0.35));
    for (const level of levelsOn(corners, spacing)) stroke(context, level, view);
  }
}

function drawShore(context: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const spots = shoreOf(scene);
  context.lineWidth = 5;
  context.strokeStyle = inkOf("paper");
  stroke(context, spots, view);
  context.lineWidth = 2.5;
  context.strokeStyle = inkOf("truth");
  context.setLineDash([9, 6]);
  stroke(context, spots, view);
  context.setLineDash([]);
}

/** The path on the land, held inside the box; what is old is pale. */
function drawPath(context: CanvasRenderingContext2D, scene: Scene, view: View): void {
  const [floor, lid] = heights(scene);
  const hold = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  const places = scene.path.map(({ j, jbar }) => {
    const [x, y] = [hold(j, -scene.reach, scene.reach), hold(jbar, -scene.reach, scene.reach)];
    return view.place([x, y, hold(lossAt(scene, x, y), floor, lid)]);
  });
  const head = places.at(-1);
  if (!head) return;
  context.lineJoin = context.lineCap = "round";
  for (const [ink, width, least] of [
    ["paper", 6, 0.15],
    ["estimate", 3.5, 0.35],
  ] as const) {
    context.strokeStyle = inkOf(ink);
    context.lineWidth = width;
    for (let i = 1; i < places.length; i++) {
      context.globalAlpha = least + (1 - least) * (i / places.length) ** 2;
      context.beginPath();
      context.moveTo(...places[i - 1]!);
      context.lineTo(...places[i]!);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  context.beginPath();
  context.arc(...head, 7, 0, 2 * Math.PI);
  context.fillStyle = inkOf("estimate");
  context.strokeStyle = inkOf("paper");
  context.lineWidth = 3;
  context.stroke();
  context.fill();
}

function drawLabel(context: CanvasRenderingContext2D, label: Label, fonts: { text: string; symbol: string }): void {
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillStyle = inkOf(label.symbol || label.text === "loss" ? "ink" : "muted");
  context.font = fonts.text;
  context.fillText(label.text, label.x - label.width / 2, label.y);
  context.font = fonts.symbol;
  context.textAlign = "right";
  context.fillText(label.symbol, label.x + label.width / 2, label.y);
}
