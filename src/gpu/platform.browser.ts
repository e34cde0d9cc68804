/** What the library asks of a browser. */
import { AdapterError } from "../errors.ts";

/** The browser's adapter. */
export async function requestAdapter(_options: object = {}): Promise<{ adapter: GPUAdapter; instance: unknown }> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    throw new AdapterError(
      "this browser has no WebGPU here. Use a current Chrome, Edge, Safari or Firefox, over https:// or localhost.",
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) {
    throw new AdapterError(
      "this browser found no GPU for WebGPU. Look at chrome://gpu, and update the graphics driver.",
    );
  }
  return { adapter, instance: gpu };
}

/** Browsers wait without polling. */
export const nap: (() => Promise<void>) | undefined = undefined;
