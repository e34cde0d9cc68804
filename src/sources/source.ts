/** Where a trainer's pairs come from: every kind of source, and how each is bound. */
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { checkOptions, keysOf } from "../options.ts";
import type { BoundSource } from "./bound.ts";
import { bindGaussian, type GaussianSource } from "./gaussian.ts";
import { bindOneHot, type OneHotSource } from "./one-hot.ts";
import { bindTable, type TableSource } from "./table.ts";

/** Made by `gaussian`, `oneHot` or `rows`. Its kind is the name of the WGSL in shaders/sources/. */
export type Source = GaussianSource | OneHotSource | TableSource;

const KEYS = {
  gaussian: keysOf<GaussianSource>()("kind xWidth yWidth rho levelSteps"),
  one_hot: keysOf<OneHotSource>()("kind xWidth yWidth"),
  table: keysOf<TableSource>()("kind xWidth yWidth data rows columns picks pairs"),
};

/** @throws {InputError} for what is no source, or one with a key that its kind does not have */
export function checkSource(source: Source): void {
  const keys = KEYS[source?.kind];
  if (!keys) throw new InputError('"source" must be one that sources.gaussian, sources.oneHot or sources.rows makes');
  checkOptions(`a source of kind "${source.kind}"`, source, keys);
}

/** Writes to the GPU what the source's kernel reads. */
export function bindSource(gpu: Gpu, source: Source, replicas: number): BoundSource {
  switch (source.kind) {
    case "gaussian":
      return bindGaussian(gpu, source, replicas);
    case "one_hot":
      return bindOneHot();
    case "table":
      return bindTable(gpu, source, replicas);
  }
}
