/** The data that the lab trains on, each with its true MI. */
import { gaussian, oneHot, rows, type Source } from "../../src/index.ts";

export interface DataSettings {
  data: DataName;
  /** Categories of the one-hot data. */
  n: number;
  /** Dimensions and correlation of the Gaussian. */
  dims: number;
  rho: number;
  /** Standard deviation of the noise around a curve, in both coordinates. */
  noise: number;
  seed: number;
}

export const dataNames = ["one-hot", "gaussian", "ring", "spiral", "sine"] as const;
export type DataName = (typeof dataNames)[number];

type Point = readonly [number, number];

/** Curves of (x, y) over t in [0, 1), t uniform. */
const curves: Record<Exclude<DataName, "one-hot" | "gaussian">, (t: number) => Point> = {
  ring: (t) => [Math.cos(2 * Math.PI * t), Math.sin(2 * Math.PI * t)],
  // Even along its length: the angle grows as the root of t.
  spiral: (t) => {
    const angle = 4.5 * Math.PI * Math.sqrt(t);
    return [(angle / (4.5 * Math.PI)) * Math.cos(angle), (angle / (4.5 * Math.PI)) * Math.sin(angle)];
  },
  sine: (t) => [2 * t - 1, Math.sin(2 * Math.PI * t)],
};

/** Rows of a curve's table: enough that a small network does not learn them by heart. */
const ROWS = 1 << 15;

export function sourceOf(settings: DataSettings): Source {
  switch (settings.data) {
    case "one-hot":
      return oneHot(settings.n);
    case "gaussian":
      return gaussian({ dims: settings.dims, rho: settings.rho });
    default: {
      const [x, y] = sampleCurve(curves[settings.data], settings.noise, settings.seed);
      return rows({ data: x, columns: 1 }, { data: y, columns: 1 });
    }
  }
}

/** True mutual information, nats. */
export function truthOf({ data, n, dims, rho, noise }: DataSettings): number {
  if (data === "one-hot") return Math.log(n);
  if (data === "gaussian") return -(dims / 2) * Math.log1p(-rho * rho);
  return informationOf(curves[data], noise);
}

/** What the data are, and where the truth comes from. */
export const about: Record<DataName, string> = {
  "one-hot": "x is one of N categories, all equally likely, and y is the same one. Truth: ln N.",
  gaussian: "x and y are normal, each dimension of y correlated with its own of x. Truth: −(d/2) ln(1 − ρ²).",
  ring: "Points on a circle, with normal noise: no correlation at all, yet y follows from x up to its sign. Truth: a numerical integral.",
  spiral: "Points along a spiral, with normal noise. Truth: a numerical integral.",
  sine: "Points along a sine wave, with normal noise. Truth: a numerical integral.",
};

/** Counts up and mixes (SplitMix32). */
function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
}

function sampleCurve(curve: (t: number) => Point, noise: number, seed: number): [Float32Array, Float32Array] {
  const next = uniforms(seed);
  const [xs, ys] = [new Float32Array(ROWS), new Float32Array(ROWS)];
  for (let i = 0; i < ROWS; i++) {
    const [x, y] = curve(next());
    const radius = noise * Math.sqrt(-2 * Math.log(next()));
    const angle = 2 * Math.PI * next();
    xs[i] = x + radius * Math.cos(angle);
    ys[i] = y + radius * Math.sin(angle);
  }
  return [xs, ys];
}

/**
 * MI of the points of a curve with normal noise, nats: p(x, y) is a mixture of normals along the curve, summed over a
 * grid. Centres and nodes lie closer than the noise is wide, for which such sums of normals are good to six digits.
 */
export function informationOf(curve: (t: number) => Point, noise: number): number {
  const reach = 1 + 5 * noise;
  const cells = Math.min(400, Math.ceil((4 * reach) / noise));
  const step = (2 * reach) / cells;
  const centres = Array.from({ length: 400 }, (_, k) => curve((k + 0.5) / 400));
  const scale = 1 / (noise * Math.sqrt(2 * Math.PI));
  // A normal of the plane is a product of two: few exponentials.
  const along = (axis: 0 | 1) =>
    centres.map((centre) =>
      Float64Array.from({ length: cells }, (_, i) => {
        const at = (step * (i + 0.5) - reach - centre[axis]) / noise;
        return scale * Math.exp(-0.5 * at * at);
      }),
    );
  const [alongX, alongY] = [along(0), along(1)];
  const joint = new Float64Array(cells * cells);
  centres.forEach((_, k) => {
    const [px, py] = [alongX[k]!, alongY[k]!];
    for (let j = 0; j < cells; j++) {
      if (py[j]! < 1e-12) continue;
      const weight = py[j]! / centres.length;
      for (let i = 0; i < cells; i++) joint[j * cells + i]! += weight * px[i]!;
    }
  });
  const px = new Float64Array(cells);
  const py = new Float64Array(cells);
  joint.forEach((p, n) => {
    px[n % cells]! += p * step;
    py[Math.floor(n / cells)]! += p * step;
  });
  let sum = 0;
  joint.forEach((p, n) => {
    if (p > 1e-300) sum += p * Math.log(p / (px[n % cells]! * py[Math.floor(n / cells)]!));
  });
  return sum * step * step;
}
