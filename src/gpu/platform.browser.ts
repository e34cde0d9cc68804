/** What the library asks of a browser, and of Deno, which has WebGPU as browsers have it. */
import { AdapterError } from "../errors.ts";

const NO_ADAPTER =
  "Deno" in globalThis
    ? "Deno found no adapter for WebGPU. On Linux install a Vulkan driver: apt-get install mesa-vulkan-drivers libvulkan1."
    : "this browser found no GPU for WebGPU. Look at chrome://gpu, and update the graphics driver.";

/** The browser's adapter. */
export async function requestAdapter(_options: object = {}): Promise<{ adapter: GPUAdapter; instance: unknown }> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    throw new AdapterError(
      "this browser has no WebGPU here. Use a current Chrome, Edge, Safari or Firefox, over https:// or localhost.",
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new AdapterError(NO_ADAPTER);
  return { adapter, instance: gpu };
}

/** Browsers wait without polling. */
export const nap: (() => Promise<void>) | undefined = undefined;
