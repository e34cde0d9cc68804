// worker_threads: the library runs in the thread alone, which is started as anyone would.
import { isMainThread, parentPort, Worker } from "node:worker_threads";

if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url));
  thread.once("message", (found) => console.log(JSON.stringify(found)));
} else {
  const { smoke } = await import("./smoke.mjs");
  parentPort?.postMessage(await smoke());
}
