/** Packages of Debian and Ubuntu, fetched and unpacked without root: apt with lists and a cache of its own. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { osRelease } from "../../gpu/driver-cache.node.ts";
import { machineSources, releaseSources } from "./apt-sources.ts";
import { complaint, run } from "./process.ts";

/** A package to download. */
export interface Package {
  /** As apt-get takes it: name, architecture and version. */
  spec: string;
  file: string;
  bytes: number;
}

/** What every system has on which this Node runs, and drivers of OpenGL. */
const LEFT_OUT = /^(libc6|libc-bin|gcc-\d+-base|libgcc-s1|libstdc\+\+6|libgl1-mesa-dri|libglx-|libegl|libgbm)/;

/** apt with its own state in `folder`: it reads the machine's sources and what is installed, and changes neither. */
export class Apt {
  readonly #options: string[];
  readonly #archives: string;

  private constructor(folder: string) {
    this.#archives = join(folder, "archives");
    const [sources, lists, cache] = ["sources", "lists", "cache"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [sources, this.#archives, join(lists, "partial"), join(cache, "archives", "partial")])
      mkdirSync(path, { recursive: true });
    const { id, version, codename } = osRelease();
    const backports = id === "debian" && version === "12"; // Dawn turns down its own Mesa, 22.3.
    const own = codename ? releaseSources(machineSources(), codename, backports) : [];
    for (const [i, { kind, text }] of own.entries()) writeFileSync(join(sources, `${i}.${kind}`), text);
    const settings = [
      `Dir::State::Lists=${lists}`,
      `Dir::Cache=${cache}`,
      // Where the release has no source under its name, all sources are asked.
      ...(own.length > 0 ? ["Dir::Etc::SourceList=/dev/null", `Dir::Etc::SourceParts=${sources}`] : []),
      ...(backports ? ["APT::Default-Release=bookworm-backports"] : []),
      ...(process.getuid?.() === 0 ? ["APT::Sandbox::User=root"] : []),
      ...["Acquire::Languages=none", "Acquire::PDiffs=false", "APT::Update::Error-Mode=any", "Debug::NoLocking=true"],
      ...["Acquire::Retries=1", "Acquire::http::Timeout=20", "Acquire::https::Timeout=20"],
    ];
    this.#options = settings.flatMap((setting) => ["-o", setting]);
  }

  /** Reads the lists of the packages that there are. Throws an error that says why they cannot be had. */
  static async update(folder: string): Promise<Apt> {
    const apt = new Apt(folder);
    await apt.#get(["update", "-qq"]);
    return apt;
  }

  /** The packages of these names, and those that they need and the system has not installed. */
  async missing(...names: string[]): Promise<Package[]> {
    const flags = ["-qq", "--print-uris", "--reinstall", "--no-install-recommends"];
    const listed = await this.#get(["install", ...flags, ...names]);
    const lines = [...listed.matchAll(/^'[^']*' (\S+?)_(\S+)_(\S+)\.deb (\d+)/gm)];
    return lines
      .filter(([, name = ""]) => !LEFT_OUT.test(name))
      .map(([, name, version = "", architecture, bytes]) => ({
        spec: `${name}${architecture === "all" ? "" : `:${architecture}`}=${decodeURIComponent(version)}`,
        file: join(this.#archives, `${name}_${version}_${architecture}.deb`),
        bytes: Number(bytes),
      }));
  }

  /** Downloads packages; apt holds their signatures against the release's key. `onBytes` hears how much is there. */
  async download(packages: readonly Package[], onBytes: (bytes: number) => void): Promise<void> {
    const bytes = () => readdirSync(this.#archives).reduce((sum, name) => sum + sizeOf(join(this.#archives, name)), 0);
    const timer = setInterval(() => onBytes(bytes()), 250);
    try {
      await this.#get(["download", "-qq", ...packages.map(({ spec }) => spec)], this.#archives);
      onBytes(bytes());
    } finally {
      clearInterval(timer);
    }
  }

  async #get(args: readonly string[], cwd?: string): Promise<string> {
    const env = { ...process.env, LC_ALL: "C" };
    const { code, stdout, output } = await run("apt-get", [...this.#options, ...args], { env, ...(cwd && { cwd }) });
    if (code !== 0) throw new Error(complaint(output) || `apt-get ${args[0]} ended with code ${code}`);
    return stdout.toString();
  }
}

/** Unpacks packages into a folder, several at a time. */
export async function unpack(packages: readonly Package[], folder: string): Promise<void> {
  const waiting = packages.toSorted((a, b) => a.bytes - b.bytes);
  const worker = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { code, output } = await run("dpkg-deb", ["-x", next.file, folder]);
      if (code !== 0) throw new Error(`${next.spec} cannot be unpacked: ${complaint(output)}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
}

const sizeOf = (path: string) => (existsSync(path) ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : 0);
