/**
 * Finds an adapter in Node, through npm's `webgpu` (Dawn). On Linux without a graphics driver it looks for a software
 * one: lavapipe, a browser's SwiftShader, or what `remine setup` put into the cache. A real GPU always comes first.
 *
 * Call it on the main thread or in a child process: a worker's `process.env` never reaches the Vulkan loader.
 */
import { closeSync, existsSync, fstatSync, openSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { AdapterError, UnknownAdapterError } from "../errors.ts";
import {
  cacheDir,
  cachedLavapipe,
  lavapipeDir,
  osRelease,
  swiftShaderDir,
  type UnpackedDriver,
} from "./driver-cache.node.ts";

export interface NodeAdapterOptions {
  /** Part of the adapter's name, in any case: "llvmpipe", "SwiftShader", "NVIDIA". Default: `REMINE_ADAPTER`. */
  adapter?: string | undefined;
  /**
   * Hides what Dawn and the drivers print while they look for adapters (Linux). It diverts descriptor 2 for a moment,
   * so it is for a command line at its start, not for a library inside a busy process.
   */
  quiet?: boolean | undefined;
}

export interface ListedAdapter {
  name: string;
  backend: string;
}

export interface NodeAdapter {
  adapter: GPUAdapter;
  /** What `create()` returned. A device crashes the process when this is collected before it. */
  instance: unknown;
  /** The adapter's name, as `adapter` matches it. */
  name: string;
  /** Where its driver was found: "environment", the path of a driver's manifest, or "cache". */
  found: string;
}

type Create = (flags: string[]) => GPU;
type Hit = Omit<NodeAdapter, "adapter" | "instance"> & { instance: GPU };

const SOFTWARE = /llvmpipe|swiftshader|basic render/i;

/**
 * A software driver zeroes workgroup memory with a store for each word, one after the other: seconds of compile time for
 * 16 KiB. Without that extension Dawn writes a loop.
 */
const ZEROED_IN_LOOPS = "disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension";
const LAVAPIPE_FOLDER = "/usr/share/vulkan/icd.d";
const SWIFTSHADER = "vk_swiftshader_icd.json";
const LOADER = "libvulkan.so.1";

/** Every `create()` result, for the life of the process: see {@link NodeAdapter.instance}. */
const instances: GPU[] = [];
const hits = new Map<string, Hit>();

export async function requestNodeAdapter(options: NodeAdapterOptions = {}): Promise<NodeAdapter> {
  const wanted = options.adapter || process.env.REMINE_ADAPTER || "";
  const known = hits.get(wanted);
  const again = await known?.instance.requestAdapter().catch(() => null);
  if (known && again) return { ...known, adapter: again };

  const seen: ListedAdapter[] = [];
  for await (const { setting, listed, create } of survey(seen, options.quiet)) {
    const picked = pick(listed, wanted);
    if (!picked) continue;
    const flags = [`adapter=${picked.name}`, ...(SOFTWARE.test(picked.name) ? [ZEROED_IN_LOOPS] : [])];
    const { instance, answer } = ask(create, flags, setting.env, options.quiet);
    const adapter = await answer;
    if (!adapter) continue;
    const hit = { instance, name: picked.name, found: origin(picked.name, setting.drivers) };
    hits.set(wanted, hit);
    return { ...hit, adapter };
  }
  throw complaint(wanted, seen);
}

/** All adapters that a name can choose, software ones included. Empty when there is none. */
export async function listNodeAdapters(options: Pick<NodeAdapterOptions, "quiet"> = {}): Promise<ListedAdapter[]> {
  const seen: ListedAdapter[] = [];
  for await (const _ of survey(seen, options.quiet));
  return seen;
}

/** What installs a driver on this system: one command, or one sentence. */
export function remedy(): string {
  if (process.platform === "darwin") return "macOS has Metal built in: update macOS, and run Node outside a sandbox.";
  if (process.platform === "win32") return "Update the graphics driver: Direct3D 12 is needed.";
  const release = osRelease();
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const is = (...names: string[]) => names.some((name) => release.family.includes(name));
  if (is("alpine")) return "Alpine is not supported: npm's webgpu needs glibc 2.34 or newer (Debian 12, Ubuntu 22.04).";
  if (release.id === "debian" && release.version === "12") return `${sudo}apt-get install chromium`;
  if (is("debian", "ubuntu")) return `${sudo}apt-get install mesa-vulkan-drivers libvulkan1`;
  if (is("fedora", "rhel")) return `${sudo}dnf install mesa-vulkan-drivers vulkan-loader`;
  if (is("arch")) return `${sudo}pacman -S vulkan-swrast vulkan-icd-loader`;
  if (is("suse")) return `${sudo}zypper install libvulkan_lvp libvulkan1`;
  return "Install a Vulkan loader and driver: Mesa's lavapipe (25 or newer) works on any machine.";
}

interface Setting {
  env: Record<string, string>;
  drivers: string[];
}

/** What to try on this system, in order. `seen` holds what the earlier settings found. */
function* settings(seen: readonly ListedAdapter[]): Generator<Setting> {
  yield { env: {}, drivers: [] };
  if (process.platform !== "linux") return;

  let setting: Setting = { env: {}, drivers: [] };
  const known = seen.some(({ name }) => /llvmpipe/i.test(name));
  const unpacked = known || chosenDrivers() ? undefined : cachedLavapipe();
  const drivers = chosenDrivers() ? [] : softwareDrivers(known, unpacked);
  if (drivers.length > 0) {
    for (const library of unpacked?.libraries ?? []) preload(library);
    // Adding keeps real drivers in sight. With nothing in sight to keep, the old name also reaches loaders before 1.3.207.
    const added = [process.env.VK_ADD_DRIVER_FILES, ...drivers].filter(Boolean).join(":");
    const env = seen.length > 0 ? { VK_ADD_DRIVER_FILES: added } : { VK_ICD_FILENAMES: drivers.join(":") };
    setting = { env: env as Record<string, string>, drivers };
    yield setting;
  }
  const loader = [lavapipeDir(), swiftShaderDir()].map((dir) => join(dir, LOADER)).find((file) => existsSync(file));
  if (seen.length === 0 && loader) {
    preload(loader);
    yield setting;
  }
}

async function* survey(seen: ListedAdapter[], quiet = false) {
  const create = await loadDawn();
  for (const setting of settings(seen)) {
    const listed = await list(create, setting.env, quiet);
    for (const a of listed) if (!seen.some((b) => b.name === a.name)) seen.push(a);
    yield { setting, listed, create };
  }
}

/** Dawn names its adapters only in the error that follows a name it does not have. */
async function list(create: Create, env: Record<string, string>, quiet: boolean): Promise<ListedAdapter[]> {
  try {
    await ask(create, ["adapter=\u0001"], env, quiet).answer;
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const lines = [...message.matchAll(/^ \* backend: '(.*)', name: '(.*)'$/gm)];
    if (lines.length === 0) throw new AdapterError(`Dawn cannot look for adapters: ${message}`, { cause: error });
    return lines.map(([, backend = "", name = ""]) => ({ name, backend }));
  }
}

function pick(listed: readonly ListedAdapter[], wanted: string): ListedAdapter | undefined {
  if (wanted) {
    const part = wanted.toLowerCase().replace("lavapipe", "llvmpipe");
    return listed.find(({ name }) => name.toLowerCase().includes(part));
  }
  const hardware = listed.find(({ name }) => !SOFTWARE.test(name));
  return hardware ?? listed.find(({ name }) => /llvmpipe/i.test(name)) ?? listed[0];
}

/** The environment is read, and the native chatter printed, before `requestAdapter` returns its promise. */
function ask(create: Create, flags: string[], env: Record<string, string>, quiet = false) {
  const run = () => {
    const instance = create(flags);
    instances.push(instance);
    return { instance, answer: instance.requestAdapter({ powerPreference: "high-performance" }) };
  };
  // lavapipe warns when XDG_RUNTIME_DIR is missing.
  const added = { XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? "/tmp", ...env };
  const before = Object.keys(added).map((key) => [key, process.env[key]] as const);
  Object.assign(process.env, added);
  try {
    return quiet ? quietly(run) : run();
  } finally {
    for (const [key, value] of before) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  }
}

function quietly<T>(run: () => T): T {
  // A regular file keeps its place in the descriptor: with `> log 2>&1` a second one would overwrite the first's lines.
  if (fstatSync(2).isFile()) return run();
  let kept: number;
  try {
    kept = openSync("/proc/self/fd/2", "a");
  } catch {
    return run(); // a socket, or not Linux
  }
  closeSync(2);
  const sink = openSync("/dev/null", "w"); // the lowest free descriptor: 2
  try {
    return run();
  } finally {
    closeSync(sink);
    openSync(`/proc/self/fd/${kept}`, "a");
    closeSync(kept);
  }
}

async function loadDawn(): Promise<Create> {
  try {
    const { create, globals } = await import("webgpu");
    for (const [name, value] of Object.entries(globals)) {
      if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    return create;
  } catch (cause) {
    const text = String(cause instanceof Error ? cause.message : cause);
    if (/Cannot find (package|module) 'webgpu'/.test(text)) {
      throw new AdapterError("The package webgpu is missing. Install it: npm install webgpu", { cause });
    }
    const needs =
      "It needs glibc 2.34 and GCC 12's libstdc++ or newer (Debian 12, Ubuntu 22.04), and not musl (Alpine).";
    const hint = process.platform === "linux" ? ` ${needs}` : "";
    throw new AdapterError(`The package webgpu does not load on this system: ${text}.${hint}`, { cause });
  }
}

/** After this, a search for a library of that name ends here. Node calls it no add-on, which is true. */
function preload(library: string): void {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {}
}

/** lavapipe where no loader found it yet, and one SwiftShader. */
function softwareDrivers(known: boolean, unpacked: UnpackedDriver | undefined): string[] {
  const folder = existsSync(LAVAPIPE_FOLDER) ? readdirSync(LAVAPIPE_FOLDER) : [];
  const installed = folder.filter((file) => /^lvp_icd.*\.json$/.test(file)).map((file) => join(LAVAPIPE_FOLDER, file));
  const lavapipe = unpacked ? [unpacked.manifest] : installed;
  const folders = ["/usr/lib/chromium", "/opt/google/chrome", swiftShaderDir()];
  const swiftShader = folders.map((dir) => join(dir, SWIFTSHADER)).filter((file) => existsSync(file));
  return [...(known ? [] : lavapipe), ...swiftShader.slice(0, 1)];
}

function origin(name: string, drivers: readonly string[]): string {
  const driver = drivers.find((file) => file.endsWith(SWIFTSHADER) === /swiftshader/i.test(name));
  if (!driver || !SOFTWARE.test(name)) return "environment";
  return driver.startsWith(cacheDir()) ? "cache" : driver;
}

/** The variable with which the user names the drivers, if one is set: then no others are tried. */
function chosenDrivers(): string | undefined {
  return ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].find((key) => process.env[key]);
}

function complaint(wanted: string, seen: readonly ListedAdapter[]): AdapterError {
  const chosen = chosenDrivers();
  const only = chosen
    ? ` Only the drivers in ${chosen} (${process.env[chosen]}) were tried: unset it to try others.`
    : "";
  if (wanted && seen.length > 0) {
    const names = seen.map(({ name }) => name).join("; ");
    return new UnknownAdapterError(`No adapter's name contains "${wanted}". Available: ${names}.${only}`);
  }
  const rest = "`npx remine setup` fetches one without root; this installs one for everybody:";
  return new AdapterError(
    process.platform === "linux"
      ? `No WebGPU adapter answers.${only} ${rest} ${remedy()}`
      : `No WebGPU adapter answers. ${remedy()}\n\`npx remine doctor\` shows what is missing.`,
  );
}
