/** The distributions of the plane that the pages know exactly: samples of each, its log density ratio, its MI. */
import { type Centre, densities, informationOf, nodes, normalTwo, TINY, uniforms as uniformsFrom } from "./mixture.ts";

/** The plane is shown from −REACH to REACH in both directions. */
export const REACH = 3.2;
/** A drawing stays so far inside. */
export const EDGE = 2.88;
/** Rows of the table that a critic draws its pairs from. */
export const SAMPLES = 32768;
/** Centres along a curve. */
export const ALONG = 200;

/** Curves over t in (0, 1), and the same as code for a visitor. */
export const curves = {
  ring: {
    at: (t) => [1.8 * Math.cos(2 * Math.PI * t), 1.8 * Math.sin(2 * Math.PI * t)],
    code: "(t) => [1.8 * Math.cos(2 * Math.PI * t), 1.8 * Math.sin(2 * Math.PI * t)]",
  },
  wave: {
    at: (t) => [4.8 * t - 2.4, 1.6 * Math.cos(12 * t - 6)],
    code: "(t) => [4.8 * t - 2.4, 1.6 * Math.cos(12 * t - 6)]",
  },
  spiral: {
    at: (t) => [2.2 * Math.sqrt(t) * Math.cos(11 * Math.sqrt(t)), 2.2 * Math.sqrt(t) * Math.sin(11 * Math.sqrt(t))],
    code: "(t) => [2.2 * Math.sqrt(t) * Math.cos(11 * Math.sqrt(t)), 2.2 * Math.sqrt(t) * Math.sin(11 * Math.sqrt(t))]",
  },
  line: {
    at: (t) => [4.2 * t - 2.1, 3.8 * t - 1.9],
    code: "(t) => [4.2 * t - 2.1, 3.8 * t - 1.9]",
  },
} satisfies Record<string, { at: (t: number) => Centre; code: string }>;

type Curve = keyof typeof curves;
/** `normal`: two normals with a correlation; `own`: a drawing. */
export type Kind = Curve | "normal" | "own";
export const kinds: readonly Kind[] = [...(Object.keys(curves) as Curve[]), "normal", "own"];

export interface Shape {
  kind: Kind;
  /** Standard deviation of the brush that thickens a curve or a drawing. */
  width: number;
  /** Correlation of the normals. */
  rho: number;
  /** Dabs of a drawing. */
  centres: readonly Centre[];
}

/** A distribution of (x, y) with known densities, on a grid of `size` × `size` nodes of the plane. */
export interface Pair {
  size: number;
  /** Mutual information, nats. */
  truth: number;
  /** log p(x, y) / p(x) p(y), nats; x along the rows. */
  ratio: Float32Array;
  /** How surely shuffled pairs fall near a node, 0 to 1: where none do, nothing says what the ratio is. */
  fade: Float32Array;
  /** Fills x and y from fixed random numbers, so that samples move smoothly with the distribution. */
  sample(x: Float32Array, y: Float32Array): void;
}

/** The distribution of a shape; none of a drawing without a dab. */
export function pairOf({ kind, width, rho, centres }: Shape, size: number): Pair | undefined {
  if (kind === "normal") return normalPair(rho, size);
  if (kind !== "own") return brushedPair(centresOf(kind), width, size);
  return centres.length > 0 ? brushedPair(centres, width, size) : undefined;
}

const centresOf = (kind: Curve): Centre[] =>
  Array.from({ length: ALONG }, (_, k) => curves[kind].at((k + 0.5) / ALONG));

/** p(x) p(y), relative to its peak, below which the plane counts as empty, and above which as full. */
const EMPTY = Math.log(0.003);
const FULL = Math.log(0.1);

function fadeOf(logDensity: number): number {
  const share = Math.min(1, Math.max(0, (logDensity - EMPTY) / (FULL - EMPTY)));
  return share * share * (3 - 2 * share);
}

/** Standard normals with correlation `rho`. */
function normalPair(rho: number, size: number): Pair {
  const at = nodes(size, REACH);
  const [ratio, fade] = [new Float32Array(size * size), new Float32Array(size * size)];
  const rest = 1 - rho * rho;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const [x, y] = [at[i]!, at[j]!];
      const n = j * size + i;
      ratio[n] = -0.5 * Math.log(rest) - (rho * rho * (x * x + y * y) - 2 * rho * x * y) / (2 * rest);
      fade[n] = fadeOf(-(x * x + y * y) / 2);
    }
  }
  return {
    ...{ size, truth: Math.max(0, -0.5 * Math.log(rest)), ratio, fade },
    sample(x, y) {
      const { normals } = draws(x.length);
      for (let i = 0; i < x.length; i++) {
        x[i] = normals[2 * i]!;
        y[i] = rho * normals[2 * i]! + Math.sqrt(1 - rho * rho) * normals[2 * i + 1]!;
      }
    },
  };
}

/** A curve or a drawing, thickened: an even mixture of normals of standard deviation `sigma` around the centres. */
export function brushedPair(centres: readonly Centre[], sigma: number, size: number): Pair {
  const shown = densities(centres, sigma, nodes(size, REACH));
  const [ratio, fade] = [new Float32Array(size * size), new Float32Array(size * size)];
  const peak = Math.log(Math.max(...shown.x)) + Math.log(Math.max(...shown.y));
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const n = j * size + i;
      const apart = logOf(shown.x[i]!) + logOf(shown.y[j]!);
      ratio[n] = logOf(shown.joint[n]!) - apart;
      fade[n] = fadeOf(apart - peak);
    }
  }
  return {
    ...{ size, truth: brushedInformation(centres, sigma), ratio, fade },
    sample(x, y) {
      const { normals, uniforms } = draws(x.length);
      for (let i = 0; i < x.length; i++) {
        const [middleX, middleY] = centres[Math.floor(uniforms[i]! * centres.length)]!;
        x[i] = middleX + sigma * normals[2 * i]!;
        y[i] = middleY + sigma * normals[2 * i + 1]!;
      }
    },
  };
}

const logOf = (density: number) => Math.log(Math.max(density, TINY));

/** Summed at nodes that lie closer than the brush is wide, and reach beyond it. */
function brushedInformation(centres: readonly Centre[], sigma: number): number {
  const reach = EDGE + 5 * sigma;
  return informationOf(centres, sigma, nodes(Math.ceil((2 * reach) / (0.6 * sigma)), reach));
}

let kept = { normals: new Float64Array(0), uniforms: new Float64Array(0) };

/** Two normals and a uniform for each sample: the first ones of a fixed list. */
function draws(count: number): typeof kept {
  if (kept.uniforms.length >= count) return kept;
  const next = uniformsFrom(1);
  const [normals, uniforms] = [new Float64Array(2 * count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    normals.set(normalTwo(next), 2 * i);
    uniforms[i] = next();
  }
  kept = { normals, uniforms };
  return kept;
}

/** Pearson's correlation; with weights, if there are any. NaN where one of the two does not vary. */
export function correlation(x: ArrayLike<number>, y: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let [w, sumX, sumY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [weight, a, b] = [weights?.[i] ?? 1, x[i]!, y[i]!];
    w += weight;
    sumX += weight * a;
    sumY += weight * b;
    xx += weight * a * a;
    yy += weight * b * b;
    xy += weight * a * b;
  }
  const [varX, varY] = [xx - (sumX * sumX) / w, yy - (sumY * sumY) / w];
  return Math.min(varX / xx, varY / yy) > 1e-12 ? (xy - (sumX * sumY) / w) / Math.sqrt(varX * varY) : Number.NaN;
}

const LIMITS = { width: [0.12, 0.5], rho: [-0.95, 0.95] } as const;

/** The shape that an address says after its #; where it says nothing, or nonsense, the default. */
export function shapeFrom(hash: string, otherwise: Shape): Shape {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const kind = kinds.find((kind) => kind === given.get("kind")) ?? otherwise.kind;
  const number = (name: "width" | "rho") => {
    const value = Number(given.get(name) || Number.NaN);
    const [least, most] = LIMITS[name];
    return value >= least && value <= most ? Math.round(100 * value) / 100 : otherwise[name];
  };
  return { kind, width: number("width"), rho: number("rho"), centres: [] };
}
