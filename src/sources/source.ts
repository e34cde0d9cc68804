/** Where a trainer's pairs come from: every kind of source. */
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Owner } from "../gpu/tensor.ts";
import { checkCounts, checkOptions } from "../options.ts";
import type { BoundSource, SourceKind } from "./bound.ts";
import { type GaussianSource, gaussianKind } from "./gaussian.ts";
import { type OneHotSource, oneHotKind } from "./one-hot.ts";
import { type TableSource, tableKind } from "./table.ts";

/** Made by `sources.gaussian`, `oneHot` or `rows`. */
export type Source = GaussianSource | OneHotSource | TableSource;

/** By the name of their WGSL in shaders/sources/. */
const kinds: { [K in Source["kind"]]: SourceKind<Extract<Source, { kind: K }>> } = {
  gaussian: gaussianKind,
  one_hot: oneHotKind,
  table: tableKind,
};

const kindOf = (source: Source) => kinds[source?.kind] as SourceKind<Source> | undefined;

/** @throws {InputError} for what is no source, one with a key that its kind does not have, or without inputs */
export function checkSource(source: Source): void {
  const kind = kindOf(source);
  if (!kind) {
    const makers = Object.values(kinds).map(({ maker }) => `sources.${maker}`);
    throw new InputError(`"source" must be made by one of ${makers.join(", ")}`);
  }
  checkOptions(`a source of kind "${source.kind}"`, source, kind.keys);
  checkCounts({ xWidth: source.xWidth, yWidth: source.yWidth });
}

/** The source on the GPU, which {@link checkSource} has seen. */
export const bindSource = (gpu: Gpu, own: Owner, source: Source, replicas: number): BoundSource =>
  kindOf(source)!.bind(gpu, own, source, replicas);
