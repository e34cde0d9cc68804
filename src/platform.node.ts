/** What the library asks of Node. */
import { requestNodeAdapter } from "./adapter.node.ts";

/** The adapter that Node finds through Dawn. */
export const requestAdapter = requestNodeAdapter;

const never = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps 0.2 ms without spinning, then lets the event loop turn once. */
export const nap: (() => Promise<void>) | undefined = () => {
  Atomics.wait(never, 0, 0, 0.2);
  return new Promise((resolve) => setImmediate(resolve));
};
