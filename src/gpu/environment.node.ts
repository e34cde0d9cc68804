/**
 * Environment variables for native code, which reads those of the process. A thread of `worker_threads` has a copy in its
 * `process.env`, so what is set there never reaches the Vulkan loader; the main thread sets it then, asked through the
 * inspector that Node has for all its threads. Other runtimes have no such thing, and go on without.
 */
import { isMainThread } from "node:worker_threads";

/** The main thread answers within a millisecond unless it computes or waits. */
const PATIENCE = 2000;

/** For how many threads a variable is set now, and what it was before: `lent` in the main thread. */
const LEND = `(env) => {
  const lent = (globalThis[Symbol.for("remine.environment")] ??= new Map());
  for (const [key, value] of Object.entries(env)) {
    const entry = lent.get(key) ?? { before: process.env[key], threads: 0 };
    lent.set(key, { ...entry, threads: entry.threads + 1 });
    process.env[key] = value;
  }
}`;
const TAKE_BACK = `(env) => {
  const lent = globalThis[Symbol.for("remine.environment")];
  for (const key of Object.keys(env)) {
    const { before, threads } = lent.get(key);
    if (threads > 1) lent.set(key, { before, threads: threads - 1 });
    else {
      lent.delete(key);
      if (before === undefined) delete process.env[key];
      else process.env[key] = before;
    }
  }
}`;

/**
 * Sets variables of the process from a thread of it. On the main thread, where `process.env` is that of the process, and
 * where no variable is asked for, nothing is done.
 *
 * @returns what takes them back
 */
export async function lendEnvironment(env: Readonly<Record<string, string>>): Promise<() => void> {
  if (isMainThread || Object.keys(env).length === 0) return () => {};
  try {
    const { Session } = await import("node:inspector");
    const session = new Session();
    session.connectToMainThread();
    const evaluate = (code: string) =>
      new Promise<void>((resolve) => {
        session.post("Runtime.evaluate", { expression: `(${code})(${JSON.stringify(env)})` }, () => resolve());
      });
    // A session alone does not keep a thread alive; the timer does.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE);
    });
    await Promise.race([evaluate(LEND), late]);
    clearTimeout(timer);
    // Messages keep their order, so that a main thread that is late takes back what it has set.
    return () => void evaluate(TAKE_BACK).then(() => session.disconnect());
  } catch {
    return () => {}; // no inspector, or none for threads
  }
}
