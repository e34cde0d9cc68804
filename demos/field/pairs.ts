/** The distributions of the plane that the page knows exactly: samples of each, its log density ratio, its MI. */
import { type Centre, densities, informationOf, nodes, normalTwo, uniforms as uniformsFrom } from "../kit/mixture.ts";

/** The plane is shown from −REACH to REACH in both directions. */
export const REACH = 3.2;

/** Where the MI is summed. Its spacing is below the finest brush. */
const FINE = nodes(96, 1.4 * REACH);

/** A distribution of (x, y) with known densities. */
export interface Pair {
  /** Mutual information, nats. */
  truth: number;
  /** log p(x, y) / p(x) p(y), nats. */
  ratio: Float32Array;
  /** How surely marginal pairs fall near a node, 0 to 1: where none do, nothing says what the ratio is. */
  support: Float32Array;
  /** Fills (x, y), (x, y), … from fixed random numbers, so that samples move smoothly with the distribution. */
  sample(into: Float32Array): void;
}

/** Marginal density, relative to its peak, below which a node counts as empty, and above which as full. */
const EMPTY = Math.log(1e-5);
const FULL = Math.log(1e-3);
const shareOf = (logDensity: number) => Math.min(1, Math.max(0, (logDensity - EMPTY) / (FULL - EMPTY)));

/** Standard normals with correlation `rho`; x along the rows of the `size` × `size` grid. */
export function normalPair(rho: number, size: number): Pair {
  const at = nodes(size, REACH);
  const [ratio, support] = [new Float32Array(size * size), new Float32Array(size * size)];
  const rest = 1 - rho * rho;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const [x, y] = [at[i]!, at[j]!];
      const n = j * size + i;
      ratio[n] = -0.5 * Math.log(rest) - (rho * rho * (x * x + y * y) - 2 * rho * x * y) / (2 * rest);
      support[n] = shareOf(-(x * x + y * y) / 2);
    }
  }
  return {
    ...{ truth: -0.5 * Math.log(rest), ratio, support },
    sample(into) {
      const { normals } = draws(into.length / 2);
      for (let k = 0; k < into.length; k += 2) {
        into[k] = normals[k]!;
        into[k + 1] = rho * normals[k]! + Math.sqrt(rest) * normals[k + 1]!;
      }
    },
  };
}

/** A curve or a drawing, thickened: an even mixture of normals of standard deviation `sigma` around the centres. */
export function brushedPair(centres: readonly Centre[], sigma: number, size: number): Pair {
  const shown = densities(centres, sigma, nodes(size, REACH));
  const [ratio, support] = [new Float32Array(size * size), new Float32Array(size * size)];
  const peak = Math.log(Math.max(...shown.x) * Math.max(...shown.y));
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const n = j * size + i;
      const apart = logOf(shown.x[i]!) + logOf(shown.y[j]!);
      ratio[n] = logOf(shown.joint[n]!) - apart;
      support[n] = shareOf(apart - peak);
    }
  }
  return {
    ...{ truth: informationOf(centres, sigma, FINE), ratio, support },
    sample(into) {
      const { normals, uniforms } = draws(into.length / 2);
      for (let k = 0; k < into.length; k += 2) {
        const [x, y] = centres[Math.floor(uniforms[k / 2]! * centres.length)]!;
        into[k] = x + sigma * normals[k]!;
        into[k + 1] = y + sigma * normals[k + 1]!;
      }
    },
  };
}

const logOf = (density: number) => Math.log(Math.max(density, 1e-300));

let kept = { normals: new Float32Array(0), uniforms: new Float32Array(0) };

/** Two normals and a uniform for each sample: the first ones of a fixed list. */
function draws(count: number): typeof kept {
  if (kept.uniforms.length >= count) return kept;
  const next = uniformsFrom(1);
  const [normals, uniforms] = [new Float32Array(2 * count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    normals.set(normalTwo(next), 2 * i);
    uniforms[i] = next();
  }
  kept = { normals, uniforms };
  return kept;
}

/** Centres at even distances along a curve over t in [0, 1]. */
function along(curve: (t: number) => Centre, count = 200): Centre[] {
  const fine = Array.from({ length: 2001 }, (_, i) => curve(i / 2000));
  const length = [0];
  for (let i = 1; i < fine.length; i++) {
    length.push(length[i - 1]! + Math.hypot(fine[i]![0] - fine[i - 1]![0], fine[i]![1] - fine[i - 1]![1]));
  }
  let i = 0;
  return Array.from({ length: count }, (_, k) => {
    while (length[i]! < ((k + 0.5) / count) * length.at(-1)!) i++;
    return fine[i]!;
  });
}

const turn = (t: number, radius: number): Centre => [
  radius * Math.cos(2 * Math.PI * t),
  radius * Math.sin(2 * Math.PI * t),
];

export const curves = {
  ring: along((t) => turn(t, 1.8)),
  sine: along((t) => [4.6 * t - 2.3, 1.6 * Math.sin(2.2 * (4.6 * t - 2.3))]),
  spiral: along((t) => turn(1.75 * t + 0.1, 0.25 + 1.95 * t)),
} satisfies Record<string, Centre[]>;
