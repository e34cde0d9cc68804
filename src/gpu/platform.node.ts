/** What the library asks of Node. */
import { requestNodeAdapter } from "./adapter.node.ts";

/** The adapter that Node finds through Dawn. */
export const requestAdapter = requestNodeAdapter;

const never = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps so many milliseconds without spinning, then lets the event loop turn once. */
export const nap: ((ms: number) => Promise<void>) | undefined = (ms) => {
  Atomics.wait(never, 0, 0, ms);
  return new Promise((resolve) => setImmediate(resolve));
};
