/** The user's cache of software drivers: what `remine setup` writes there, and `adapter.node.ts` looks for. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Mesa's lavapipe with the libraries that it needs and this system lacks. */
export interface UnpackedDriver {
  /** Path of the manifest that the Vulkan loader reads. */
  manifest: string;
  /** Paths of the libraries, each after those that it needs itself. The driver is not among them. */
  libraries: string[];
}

/** The file in a folder of {@link lavapipeDir} that lists the others. It is written last. */
export const CONTENTS = "contents.json";

/** What {@link CONTENTS} holds. */
export interface Contents {
  manifest: string;
  /** In the order in which they are to be loaded. */
  libraries: string[];
  /** Bytes of each file. */
  sizes: Record<string, number>;
}

/** The folder of everything that is kept for the user. */
export const cacheDir = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "remine");

/** Where SwiftShader is kept, with a Vulkan loader beside it. */
export const swiftShaderDir = (): string => join(cacheDir(), "vulkan");

/** Where lavapipe is kept. A home that several systems share has one for each, because libraries differ. */
export function lavapipeDir(): string {
  const { id, version } = osRelease();
  const system = [id || process.platform, version, process.arch].filter(Boolean).join("-");
  return join(cacheDir(), "lavapipe", system.replace(/[^\w.-]/g, "_"));
}

/** The lavapipe in the cache. A file that is missing or has another size than it was written with makes it none. */
export function cachedLavapipe(): UnpackedDriver | undefined {
  const folder = lavapipeDir();
  try {
    const { manifest, libraries, sizes } = JSON.parse(readFileSync(join(folder, CONTENTS), "utf8")) as Contents;
    // To map a library that was cut off ends in SIGBUS, which nothing catches.
    if (Object.entries(sizes).some(([name, size]) => statSync(join(folder, name)).size !== size)) return undefined;
    return { manifest: join(folder, manifest), libraries: libraries.map((name) => join(folder, name)) };
  } catch {
    return undefined;
  }
}

/** What /etc/os-release says: the system, it and those that it is like, and its version. Empty where there is none. */
export function osRelease(): { id: string; family: string[]; version: string; codename: string } {
  let text = "";
  try {
    text = readFileSync("/etc/os-release", "utf8");
  } catch {}
  const field = (key: string) => new RegExp(`^${key}="?(.*?)"?$`, "m").exec(text)?.[1] ?? "";
  return {
    id: field("ID"),
    family: [field("ID"), ...field("ID_LIKE").split(" ")],
    version: field("VERSION_ID"),
    codename: field("VERSION_CODENAME"),
  };
}
