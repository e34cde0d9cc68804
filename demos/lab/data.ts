/** The data that the lab trains on, each with its true MI. */
import { type Source, sources } from "../../src/index.ts";
import { type Centre, informationOf, nodes, normalTwo, uniforms } from "../kit/mixture.ts";

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

/** Curves of (x, y) over t in [0, 1), t uniform. */
const curves: Record<Exclude<DataName, "one-hot" | "gaussian">, (t: number) => Centre> = {
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
      return sources.oneHot(settings.n);
    case "gaussian":
      return sources.gaussian({ dims: settings.dims, rho: settings.rho });
    default: {
      const [x, y] = sampleCurve(curves[settings.data], settings.noise, settings.seed);
      return sources.rows({ data: x, columns: 1 }, { data: y, columns: 1 });
    }
  }
}

/** True mutual information, nats. */
export function truthOf({ data, n, dims, rho, noise }: DataSettings): number {
  if (data === "one-hot") return Math.log(n);
  if (data === "gaussian") return -(dims / 2) * Math.log1p(-rho * rho);
  return curveInformation(curves[data], noise);
}

/** What the data are, and where the truth comes from. */
export const about: Record<DataName, string> = {
  "one-hot": "x is one of N categories, all equally likely, and y is the same one. Truth: ln N.",
  gaussian: "x and y are normal, each dimension of y correlated with its own of x. Truth: −(d/2) ln(1 − ρ²).",
  ring: "Centres on a circle, with normal noise: no correlation at all, yet y follows from x up to its sign. Truth: a numerical integral.",
  spiral: "Centres along a spiral, with normal noise. Truth: a numerical integral.",
  sine: "Centres along a sine wave, with normal noise. Truth: a numerical integral.",
};

function sampleCurve(curve: (t: number) => Centre, noise: number, seed: number): [Float32Array, Float32Array] {
  const next = uniforms(seed);
  const [xs, ys] = [new Float32Array(ROWS), new Float32Array(ROWS)];
  for (let i = 0; i < ROWS; i++) {
    const [x, y] = curve(next());
    const [a, b] = normalTwo(next);
    xs[i] = x + noise * a;
    ys[i] = y + noise * b;
  }
  return [xs, ys];
}

/** MI of a curve with normal noise, nats. Centres and nodes lie closer than the noise is wide. */
function curveInformation(curve: (t: number) => Centre, noise: number): number {
  const reach = 1 + 5 * noise;
  const centres = Array.from({ length: 400 }, (_, k) => curve((k + 0.5) / 400));
  return informationOf(centres, noise, nodes(Math.min(400, Math.ceil((4 * reach) / noise)), reach));
}
