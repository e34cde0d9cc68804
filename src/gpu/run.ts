/** How a public call gets a GPU, random numbers and an end, and what it hands to all that works for it. */
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
  onProgress?: ((progress: Progress) => void) | undefined;
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
 * Does `work` with the caller's GPU, or with one that is opened for it and closed after it.
 *
 * @param options whose seed the call has checked, before it opens anything
 * @throws {AdapterError} when there is no GPU, {InterruptedError} after an abort
 */
export async function running<T, Progress = unknown>(
  { gpu, adapter, quiet = false, seed = 0, signal, onProgress }: RunOptions<Progress>,
  work: (run: Run<Progress>) => Promise<T>,
): Promise<T> {
  const own = gpu ? undefined : await open({ adapter, quiet, signal });
  try {
    return await work({ gpu: (gpu ?? own!).until(signal), seed, report: onProgress ?? (() => {}) });
  } finally {
    own?.dispose();
  }
}
