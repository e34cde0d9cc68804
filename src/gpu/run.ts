/** How a public call gets a GPU, random numbers and an end, and what it hands to all that works for it. */
import { DeviceLostError } from "../errors.ts";
import { type Gpu, open } from "./device.ts";

/** What every call takes that needs a GPU for itself. */
export interface RunOptions<Progress = unknown> {
  /** An open GPU to use; it stays open. Default: one is opened and closed again. */
  gpu?: Gpu | undefined;
  /** Part of the name of the adapter to open. */
  adapter?: string | undefined;
  /** Hides what drivers print on stderr while they are looked for. */
  quiet?: boolean | undefined;
  /** Same seed, same adapter: the same number. An integer from 0 to 4294967295, default 0. */
  seed?: number | undefined;
  /** Ends the call within a fifth of a second; it rejects with InterruptedError, whose cause is the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Told how far the call is, some times a second. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Asked when a GPU that was opened for this call is lost. Whether to open it again and go on: what is finished (pairs of a
   * matrix, lags, estimators that are compared) stays, what was being done begins anew, with the same result. Default: the call
   * rejects with the error, whose cause is what the driver said.
   */
  onDeviceLost?: ((error: DeviceLostError) => boolean) | undefined;
}

/** Lets others have a turn in long work on the host; {@link Gpu.turn} also looks whether it is to end. */
export type Turn = () => Promise<void>;

/** One call's work: first argument of everything below the public calls. */
export interface Run<Progress = unknown> {
  /** Every wait of it ends when the caller's signal aborts; host work between waits calls its `turn()`. */
  readonly gpu: Gpu;
  /** Key of all random numbers. */
  readonly seed: number;
  readonly report: (progress: Progress) => void;
}

/**
 * Does `work` with the caller's GPU, or with one that is opened for it and closed after it. Where that one is lost and the caller
 * wishes so, all of `work` is done again with another.
 *
 * @param options whose seed the call has checked, before it opens anything
 * @throws {AdapterError} when there is no GPU, {InterruptedError} after an abort
 */
export async function running<T, Progress = unknown>(
  { gpu, adapter, quiet = false, seed = 0, signal, onProgress = () => {}, onDeviceLost }: RunOptions<Progress>,
  work: (run: Run<Progress>) => Promise<T>,
): Promise<T> {
  if (gpu) return work({ gpu: gpu.until(signal), seed, report: onProgress });
  for (let before: string | undefined; ; ) {
    using own = await open({ adapter, quiet, signal });
    refuseOther(own.name, before);
    before = own.name;
    try {
      return await work({ gpu: own.until(signal), seed, report: onProgress });
    } catch (error) {
      if (!(error instanceof DeviceLostError && onDeviceLost?.(error))) throw error;
    }
  }
}

/** @throws {DeviceLostError} if not the adapter of before answers: what it finds has other bits */
function refuseOther(name: string, before: string | undefined): void {
  if (before === undefined || before === name) return;
  throw new DeviceLostError(
    `the GPU device was lost, and "${before}" does not answer any more. "${name}" does: name it to begin again there`,
  );
}
