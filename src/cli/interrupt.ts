/** Ctrl-C. */

/**
 * Runs `work` with a signal that Ctrl-C aborts. Work stops at its next look at the signal; if it has not within a second,
 * or on a second Ctrl-C, the process ends as an interrupted one does.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = () => {
    process.removeListener("SIGINT", stop);
    process.kill(process.pid, "SIGINT");
  };
  const stop = () => {
    if (controller.signal.aborted) return end();
    controller.abort();
    setTimeout(end, 900).unref();
  };
  process.on("SIGINT", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.removeListener("SIGINT", stop);
  }
}
