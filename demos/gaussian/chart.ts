/** What the page knew at one redraw. */
export interface Point {
  /** Milliseconds of the page's clock. */
  time: number;
  step: number;
  estimate: number;
  joint: number;
  logPartition: number;
  truth: number;
}

interface Plot {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
}

/** The canvas at the screen's resolution, cleared, in CSS pixels. */
function begin(canvas: HTMLCanvasElement): Plot | undefined {
  const context = canvas.getContext("2d");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!context || width === 0 || height === 0) return undefined;
  const scale = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

const inks = ["ink", "muted", "grid", "estimate", "joint", "partition", "truth"] as const;
type Inks = Record<(typeof inks)[number], string>;

function readInks(element: Element): Inks {
  const style = getComputedStyle(element);
  return Object.fromEntries(inks.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Inks;
}

/** The least of 1, 2, 5 × 10^k that cuts `span` into at most `parts`. */
export function niceStep(span: number, parts: number): number {
  const rough = span / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999)!;
}

const MARGIN = { left: 44, right: 10, top: 10, bottom: 40 };
/** The curve is at least this many steps wide, so that it grows from the left at first. */
const LEAST_STEPS = 500;

/** Draws estimate, both terms and the truth over the training steps. */
export function drawCurve(canvas: HTMLCanvasElement, points: readonly Point[]): void {
  const plot = begin(canvas);
  if (!plot) return;
  const { context, width, height } = plot;
  const ink = readInks(canvas);
  const box = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };

  const start = points[0]?.step ?? 0;
  const first = start < LEAST_STEPS ? 0 : start;
  const last = Math.max(points.at(-1)?.step ?? 0, first + LEAST_STEPS);
  let [low, high] = [0, 0.1];
  for (const p of points) {
    for (const value of [p.estimate, p.joint, p.logPartition, p.truth]) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const yStep = niceStep((high - low) * 1.08, 5);
  low = low < -0.05 * (high - low) ? Math.floor(low / yStep) * yStep : Math.min(low, 0) - 0.03 * (high - low);
  high = Math.ceil((high * 1.03) / yStep) * yStep;
  const x = (step: number) => MARGIN.left + ((step - first) / (last - first)) * box.width;
  const y = (value: number) => MARGIN.top + ((high - value) / (high - low)) * box.height;

  const font = getComputedStyle(canvas).fontFamily;
  context.font = `12px ${font}`;
  context.fillStyle = ink.muted;
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const digits = Math.max(0, -Math.floor(Math.log10(yStep) + 1e-9));
  for (let i = Math.ceil(low / yStep - 1e-9); i * yStep <= high + 1e-9; i++) {
    const at = Math.round(y(i * yStep)) + 0.5;
    context.strokeStyle = i === 0 ? ink.muted : ink.grid;
    context.beginPath();
    context.moveTo(MARGIN.left, at);
    context.lineTo(width - MARGIN.right, at);
    context.stroke();
    context.fillText((i * yStep).toFixed(digits).replace("-", "−"), MARGIN.left - 9, at);
  }
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const below = MARGIN.top + box.height;
  const xStep = niceStep(last - first, box.width / 90);
  for (let step = Math.ceil(first / xStep) * xStep; step <= last; step += xStep) {
    if (x(step) < width - 24) context.fillText(step.toLocaleString("en"), x(step), below + 18);
  }
  context.fillText("training steps", MARGIN.left + box.width / 2, below + 36);

  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top - 2, box.width + 2, box.height + 4);
  context.clip();
  context.lineJoin = "round";
  const line = (value: (p: Point) => number, colour: string, thickness: number) => {
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.beginPath();
    for (const p of points) context.lineTo(x(p.step), y(value(p)));
    context.stroke();
  };
  line((p) => p.logPartition, ink.partition, 1.5);
  line((p) => p.estimate, ink.estimate, 4);
  line((p) => p.joint, ink.joint, 1.5);

  context.strokeStyle = ink.truth;
  context.lineWidth = 1.75;
  context.setLineDash([6, 4]);
  context.beginPath();
  let level: number | undefined;
  for (const p of points) {
    if (level !== undefined && level !== p.truth) context.lineTo(x(p.step), y(level));
    context.lineTo(x(p.step), y(p.truth));
    level = p.truth;
  }
  if (level !== undefined) context.lineTo(x(last), y(level));
  context.stroke();
  context.restore();

  const tip = points.at(-1);
  if (tip) {
    context.fillStyle = ink.estimate;
    context.beginPath();
    context.arc(x(tip.step), y(tip.estimate), 4.5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Fixed normal draws (a, b), so that the cloud turns smoothly with ρ. */
const cloud = Array.from({ length: 300 }, (_, i) => {
  const uniform = (k: number) => {
    let h = Math.imul(2 * i + k + 1, 0x9e3779b9);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
  const radius = Math.sqrt(-2 * Math.log(uniform(0)));
  const angle = 2 * Math.PI * uniform(1);
  return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
});

/** Draws samples of one pair (x, y) with correlation `rho`. */
export function drawSample(canvas: HTMLCanvasElement, rho: number): void {
  const plot = begin(canvas);
  if (!plot) return;
  const { context, width, height } = plot;
  context.fillStyle = readInks(canvas).muted;
  const unit = width / 6.4;
  for (const [a, b] of cloud) {
    context.beginPath();
    context.arc(width / 2 + unit * a, height / 2 - unit * (rho * a + Math.sqrt(1 - rho * rho) * b), 1, 0, 2 * Math.PI);
    context.fill();
  }
}
