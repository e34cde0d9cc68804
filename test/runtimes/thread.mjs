// worker_threads: the library runs in the thread alone, which is started as anyone would. With a word, it only opens the
// adapter of that name, and says what the main thread's environment has of drivers afterwards.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  const thread = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  thread.once("message", (found) => {
    const drivers = Object.keys(process.env).filter((name) => name.startsWith("VK_"));
    console.log(JSON.stringify({ ...found, drivers }));
  });
} else if (workerData) {
  const { open } = await import("remine");
  const gpu = await open({ adapter: workerData });
  parentPort?.postMessage({ adapter: gpu.name });
  gpu.dispose();
} else {
  const { smoke } = await import("./smoke.mjs");
  parentPort?.postMessage(await smoke());
}
