/** Mesa's lavapipe for this user alone: out of the distribution's own packages into the cache, without root. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CONTENTS, type Contents, lavapipeDir } from "../../gpu/driver-cache.node.ts";
import { readLibrary } from "./elf.ts";
import { Apt, unpack } from "./packages.ts";
import { beside, putInPlace, run } from "./process.ts";

/** What was put into the cache. */
export interface Kept {
  /** Bytes that were downloaded, and that are kept. */
  downloaded: number;
  kept: number;
}

/** Hears what is done meanwhile. */
export interface Told {
  /** Work begins that may take seconds. */
  onWait(what: string): void;
  /** Bytes of a download that are there, of how many; the first time 0. */
  onDownload(done: number, total: number): void;
}

const LOADER = "libvulkan.so.1";
const DRIVER = "libvulkan_lvp.so";
const MANIFEST = "lvp_icd.json";

/** What has to be of one piece with this Node, and is there because it runs. */
const SYSTEM = /^(ld-linux.*|lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+))\.so/;

/** Whether this system has apt. */
export const hasPackages = (): boolean => process.platform === "linux" && existsSync("/usr/bin/apt-get");

/**
 * Fetches lavapipe, a Vulkan loader, and of what they need that which the system lacks; keeps the libraries alone. The cache
 * has all of it or what it had before. Throws an error that says what went wrong.
 */
export async function keepLavapipe({ onWait, onDownload }: Told): Promise<Kept> {
  const work = beside(lavapipeDir());
  onWait("reading the lists of packages");
  const apt = await Apt.update(join(work, "apt"));
  const packages = await apt.missing("mesa-vulkan-drivers", "libvulkan1");
  if (packages.length === 0) throw new Error("apt lists no package mesa-vulkan-drivers");
  const downloaded = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  onDownload(0, downloaded);
  await apt.download(packages, (bytes) => onDownload(bytes, downloaded));
  onWait("unpacking");
  const unpacked = join(work, "unpacked");
  mkdirSync(unpacked);
  await unpack(packages, unpacked);

  const kept = join(work, "kept");
  mkdirSync(kept);
  const contents = collect(unpacked, kept);
  await refuseIncomplete(kept);
  writeFileSync(join(kept, CONTENTS), JSON.stringify(contents));
  putInPlace(kept, lavapipeDir());
  rmSync(work, { recursive: true, force: true });
  return { downloaded, kept: Object.values(contents.sizes).reduce((sum, size) => sum + size, 0) };
}

/** Moves the driver, the loader and all that they need out of `unpacked`, under the names by which they are asked for. */
function collect(unpacked: string, kept: string): Contents {
  const paths = readdirSync(unpacked, { recursive: true, encoding: "utf8" }).map((path) => join(unpacked, path));
  const found = new Map<string, { path: string; needed: string[] }>();
  for (const path of paths.filter(
    (path) => /\.so(\.|$)/.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile(),
  )) {
    const library = readLibrary(path);
    if (library) found.set(library.name || basename(path), { path, needed: library.needed });
  }
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string) => {
    const library = found.get(name);
    if (!library || seen.has(name) || SYSTEM.test(name)) return;
    seen.add(name);
    for (const other of library.needed) visit(other);
    order.push(name);
  };
  for (const name of [DRIVER, LOADER]) visit(name);
  const absent = [DRIVER, LOADER].filter((name) => !seen.has(name));
  if (absent.length > 0) throw new Error(`the packages lack ${absent.join(" and ")}`);
  for (const name of order) renameSync(found.get(name)!.path, join(kept, name));

  const manifest = paths.find((path) => /\/lvp_icd[^/]*\.json$/.test(path));
  if (!manifest) throw new Error("the packages lack lavapipe's manifest");
  const { file_format_version, ICD } = JSON.parse(readFileSync(manifest, "utf8"));
  // A path with no slash would be searched for in the system's folders.
  const own = { file_format_version, ICD: { ...ICD, library_path: `./${DRIVER}` } };
  writeFileSync(join(kept, MANIFEST), JSON.stringify(own));
  const sizes = Object.fromEntries([...order, MANIFEST].map((name) => [name, statSync(join(kept, name)).size]));
  return { manifest: MANIFEST, libraries: order.filter((name) => name !== DRIVER && name !== LOADER), sizes };
}

/** Asks the system's own loader whether it has what the packages did not. */
async function refuseIncomplete(kept: string): Promise<void> {
  const env = { ...process.env, LD_LIBRARY_PATH: kept };
  const { output } = await run("ldd", [join(kept, DRIVER)], { env });
  const lacking = [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
  if (lacking.length > 0) throw new Error(`this system lacks ${lacking.join(", ")}, which lavapipe needs`);
  const other = /version `?([^' ]+)'? not found/.exec(output)?.[1];
  if (other) throw new Error(`lavapipe needs ${other}, which this system's libraries do not have`);
}

/** Removes what the cache holds of lavapipe, as after a driver that does not answer. */
export function dropLavapipe(): void {
  rmSync(lavapipeDir(), { recursive: true, force: true });
}
