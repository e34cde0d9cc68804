/** What a source is to a trainer: kernels that bind its tensors, and values that may change between steps. */
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Owner, Tensor } from "../gpu/tensor.ts";

/** A source on the GPU, for a number of replicas. */
export interface BoundSource {
  /** What `gather_batch` binds of it besides the batch, by the names of the WGSL. */
  readonly bindings: object;
  /** What scores rows of a table; undefined for a source that has none. */
  readonly table?: { table: Tensor; columns: Tensor; tableColumns: number };
  /** What only steps need, which {@link SourceChanges} and scores do without. */
  readonly forSteps?: Tensor;
  /**
   * Checks new values.
   *
   * @returns what writes them
   * @throws {InputError} for values that this source does not have or cannot take; then nothing has changed
   */
  change(changes: SourceChanges): () => void;
}

/** Values of a source that can change between steps. */
export interface SourceChanges {
  /** Correlation of a Gaussian source without a staircase. */
  rho?: number | undefined;
  /** New values for a table source, as many as it has: rows × columns. */
  table?: Float32Array | undefined;
}

/** @throws {InputError} for changes that another source would take */
export function refuseOther(changes: SourceChanges, own?: keyof SourceChanges): void {
  if (own !== "rho" && changes.rho !== undefined) throw new InputError('only a Gaussian source has a "rho" to change');
  if (own !== "table" && changes.table) throw new InputError('only a table source has a "table" to change');
}

/** A kind of source: what a value of it may have, and how it is bound. */
export interface SourceKind<S extends { kind: string }> {
  /** What makes a value of this kind, in `sources`. */
  maker: string;
  keys: readonly string[];
  /**
   * Writes to the GPU what the kind's kernel reads.
   *
   * @param own takes each tensor as it is made: whoever gives it frees them
   * @throws {InputError} for lists that do not fit the replicas or each other: a value may have been written by hand
   */
  bind(gpu: Gpu, own: Owner, source: S, replicas: number): BoundSource;
}

/** One entry for each replica, of a list of one for all or of one for each. */
export function forEachReplica<T>(list: readonly T[], replicas: number, name: string): T[] {
  if (list.length !== 1 && list.length !== replicas) {
    throw new InputError(
      `"${name}" has ${list.length} entries; give one for all replicas, or one for each of the ${replicas}`,
    );
  }
  return Array.from({ length: replicas }, (_, r) => list[list.length === 1 ? 0 : r]!);
}
