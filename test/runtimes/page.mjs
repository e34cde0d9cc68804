// Browsers: what the page finds, or with #worker what its worker finds.
import { smoke } from "./smoke.mjs";

if (location.hash === "#worker") {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => {
    globalThis.found = data;
  };
  worker.onerror = ({ message }) => {
    globalThis.found = { error: message };
  };
} else {
  globalThis.found = await smoke().catch((error) => ({ error: String(error) }));
}
