/** Ctrl-C, and the signal by which others end a process. */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Milliseconds after which a process whose work does not stop ends without it. */
const PATIENCE = 900;

/**
 * Runs `work` with a signal that Ctrl-C or SIGTERM aborts; its reason is that name. Work stops at its next look at the signal; if
 * it has not within a second, or at a second Ctrl-C, the process ends as an interrupted one does.
 *
 * @param isLate whether `work` calls `listen` itself, once there is something to stop. Until then a signal ends the process at
 *   once, also in the middle of long work on the host, which looks at nothing
 */
export async function interruptible<T>(
  work: (signal: AbortSignal, listen: () => void) => Promise<T>,
  isLate = false,
): Promise<T> {
  const controller = new AbortController();
  let late: NodeJS.Timeout | undefined;
  const leave = () => {
    for (const name of SIGNALS) process.removeListener(name, stop);
  };
  const stop = (name: NodeJS.Signals) => {
    const end = () => {
      leave();
      process.kill(process.pid, name);
    };
    if (controller.signal.aborted) return end();
    controller.abort(name);
    late = setTimeout(end, PATIENCE).unref();
  };
  const listen = () => {
    for (const name of SIGNALS) process.on(name, stop);
  };
  if (!isLate) listen();
  try {
    const result = await work(controller.signal, listen);
    clearTimeout(late); // it was done before it looked: that is to be printed and written
    return result;
  } finally {
    leave();
  }
}
