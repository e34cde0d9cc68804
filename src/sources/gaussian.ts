/** Correlated normals: shaders/sources/gaussian.wgsl draws them. */
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Owner } from "../gpu/tensor.ts";
import { checkCounts, checkOptions, keysOf } from "../options.ts";
import { type BoundSource, forEachReplica, refuseOther, type SourceKind } from "./bound.ts";

export interface GaussianSource {
  kind: "gaussian";
  xWidth: number;
  yWidth: number;
  /** Correlations, `[replica][stair]`; one list serves all replicas. */
  rho: readonly (readonly number[])[];
  /** Steps that each stair lasts. */
  levelSteps: number;
}

/** Correlation that gives `mi` nats over `dims` independent pairs: I = -(d/2) ln(1 - rho²). */
export const correlationFor = (mi: number, dims: number): number => Math.sqrt(1 - Math.exp((-2 * mi) / dims));

export interface GaussianOptions {
  dims: number;
  mi?: number | readonly number[] | readonly (readonly number[])[];
  rho?: number | readonly number[] | readonly (readonly number[])[];
  levelSteps?: number;
}

const GAUSSIAN_KEYS = keysOf<GaussianOptions>()("dims mi rho levelSteps");

/**
 * Correlated normals, fresh every step: x ~ N(0, I), y = ρ x + √(1−ρ²) ε in `dims` dimensions.
 *
 * @param options.mi true MI in nats; one number, one per stair of the staircase, or `[replica][stair]`
 * @param options.levelSteps steps that each stair lasts
 */
export function gaussian(options: GaussianOptions): GaussianSource {
  const { dims, mi, rho, levelSteps = 1 } = checkOptions("gaussian", options, GAUSSIAN_KEYS);
  checkCounts({ dims });
  if ((mi === undefined) === (rho === undefined)) throw new InputError('gaussian() needs either "mi" or "rho"');
  const given = (mi ?? rho)!;
  const first = Array.isArray(given) ? given : [given];
  const levels = (Array.isArray(first[0]) ? first : [first]) as number[][];
  const correlations = levels.map((row) => row.map((v) => (mi === undefined ? v : correlationFor(v, dims))));
  const source = { kind: "gaussian", xWidth: dims, yWidth: dims, rho: correlations, levelSteps } as const;
  check(source);
  return source;
}

export const gaussianKind: SourceKind<GaussianSource> = {
  maker: "gaussian",
  keys: keysOf<GaussianSource>()("kind xWidth yWidth rho levelSteps"),
  bind,
};

function check({ rho, levelSteps }: GaussianSource): void {
  checkCounts({ levelSteps });
  const levels = rho[0]?.length ?? 0;
  for (const stairs of rho) {
    if (stairs.length !== levels || levels === 0) {
      throw new InputError(`every replica needs as many levels, at least 1; got ${levels} and ${stairs.length}`);
    }
    for (const r of stairs) {
      if (!(Math.abs(r) < 1)) throw new InputError(`a correlation must lie between -1 and 1, got ${r}`);
    }
  }
}

function bind(gpu: Gpu, own: Owner, source: GaussianSource, replicas: number): BoundSource {
  const stairs = forEachReplica(source.rho, replicas, "rho");
  check(source);
  const levels = stairs[0]!.length;
  const rho = own(gpu.tensor("rho", Float32Array.from(stairs.flat())));
  return {
    bindings: { source_dims: { levels, level_steps: source.levelSteps }, rho },
    change(changes) {
      refuseOther(changes, "rho");
      const value = changes.rho;
      if (value === undefined) return () => {};
      if (!(Math.abs(value) < 1)) throw new InputError(`"rho" must lie between -1 and 1, got ${value}`);
      return () => gpu.write(rho, new Float32Array(replicas * levels).fill(value));
    },
  };
}
