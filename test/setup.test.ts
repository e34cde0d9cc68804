/** Setting up: apt sources, archives, and which adapter is chosen. Each choice is made in a process of its own. */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { backportsSource, releaseSources } from "../src/cli/driver/apt-sources.ts";
import { readLibrary } from "../src/cli/driver/elf.ts";
import { installDriver, type Probed } from "../src/cli/driver/install.ts";
import { untar } from "../src/cli/driver/tar.ts";
import { AdapterError, UnknownAdapterError } from "../src/errors.ts";
import { requestNodeAdapter } from "../src/gpu/adapter.node.ts";
import { lavapipeDir, osRelease } from "../src/gpu/driver-cache.node.ts";
import { withoutProgress } from "./without-progress.ts";

type Entry = {
  version?: string;
  optional?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
};
type Lock = { packages: Record<string, Entry> };
interface Packages {
  isStale(lock: Lock, installed: Lock): boolean;
  partOf(lock: Lock, keeps: (name: string) => boolean): Lock;
}

const scripts = new URL("../scripts/", import.meta.url);
const { isStale, partOf } = (await import(new URL("packages.mjs", scripts).href)) as Packages;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "remine-test-"));
  folders.push(folder);
  return folder;
}

const linux = process.platform === "linux";
const icds = "/usr/share/vulkan/icd.d";
const lavapipe = existsSync(icds) && readdirSync(icds).some((file) => file.startsWith("lvp_icd"));
const browsers = ["/usr/lib/chromium", "/opt/google/chrome"];
const browserFolder = browsers.find((folder) => existsSync(join(folder, "vk_swiftshader_icd.json")));
const swiftShader = browserFolder && join(browserFolder, "vk_swiftshader_icd.json");

/** Runs what follows where no Vulkan loader or driver is in sight. Root can do that, in a mount namespace. */
const nothing = join(temporary(), "nothing");
writeFileSync(nothing, "");
const hiding = (more = "", ...flags: string[]) => [
  "unshare",
  "-m",
  ...flags,
  "sh",
  "-c",
  `for folder in ${browsers.join(" ")} /usr/share/vulkan; do [ ! -d $folder ] || mount --bind ${temporary()} $folder; done
  for library in /usr/lib/*/libvulkan.so.1* /usr/lib/libvulkan.so.1*; do [ ! -e $library ] || mount --bind ${nothing} $library; done
  ${more}
  exec "$@"`,
  "sh",
];
const hidden = hiding();
const canHide = linux && spawnSync("unshare", ["-m", "mount", "--bind", tmpdir(), tmpdir()]).status === 0;

/** Runs a script with a home of its own, so that no cache of the user takes part. */
function run(script: string, args: string[] = [], environment: Record<string, string> = {}, wrapper: string[] = []) {
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: temporary() };
  for (const key of ["XDG_CACHE_HOME", "REMINE_ADAPTER", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"]) delete env[key];
  const [command, ...rest] = [...wrapper, process.execPath, fileURLToPath(new URL(script, scripts)), ...args];
  const child = spawn(command!, rest, { env: { ...env, ...environment } });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

interface Report {
  ok: boolean;
  error: string;
  remedy: string;
  name: string;
  found: string;
  available: string[];
}

async function probe(environment: Record<string, string> = {}, wrapper: string[] = []) {
  const { code, stdout } = await run("probe.mjs", [], environment, wrapper);
  return { code, ...(JSON.parse(stdout) as Report) };
}

describe("apt source of the backports", () => {
  const deb822 = `# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;

  it("keeps address and keys of a deb822 source", () => {
    expect(backportsSource([{ path: "/etc/apt/sources.list.d/debian.sources", text: deb822 }], "bookworm")).toEqual({
      kind: "sources",
      text: `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm-backports
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
 -----END PGP PUBLIC KEY BLOCK-----
`,
    });
  });

  it("keeps address and options of a one-line source, and prefers Debian's own", () => {
    const text = `deb https://apt.other.example bookworm main
# deb http://mirror.example/debian bookworm-backports main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian/ bookworm main contrib # ours
deb-src http://mirror.example/debian/ bookworm main
`;
    expect(backportsSource([{ path: "/etc/apt/sources.list", text }], "bookworm")).toEqual({
      kind: "list",
      text: "deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian/ bookworm-backports main\n",
    });
  });

  it("adds nothing when it is there, or when there is nothing to derive it from", () => {
    const own = { path: "a.sources", text: deb822 };
    const there = { path: "b.list", text: "deb http://mirror.example/debian bookworm-backports main\n" };
    expect(backportsSource([own, there], "bookworm")).toBe("present");
    expect(backportsSource([{ path: "a.sources", text: deb822 }], "trixie")).toBeNull();
    expect(backportsSource([{ path: "a.sources", text: `Enabled: no\n${deb822}` }], "bookworm")).toBeNull();
  });
});

describe("apt sources of a release", () => {
  const lines = (...suites: string[]) => suites.map((suite) => `deb http://mirror.example/debian ${suite} main\n`);

  it("are its own with updates and security, in main alone", () => {
    const path = "/etc/apt/sources.list";
    const text = `deb http://mirror.example/debian bookworm main contrib
deb http://mirror.example/debian bookworm-updates main
deb http://mirror.example/debian bookworm-proposed main
deb https://apt.other.example nodistro main
deb https://apt.other.example bookworm stable
`;
    const texts = (backports: boolean) => releaseSources([{ path, text }], "bookworm", backports).map((s) => s.text);
    expect(texts(false)).toEqual(lines("bookworm", "bookworm-updates"));
    expect(texts(true)).toEqual(lines("bookworm", "bookworm-updates", "bookworm-backports"));
    const listed = [{ path, text: `${text}deb http://mirror.example/debian bookworm-backports main\n` }];
    expect(releaseSources(listed, "bookworm", true).map((source) => source.text)).toEqual(texts(true));
    expect(releaseSources([{ path, text }], "trixie", false)).toEqual([]);
  });
});

describe("shared libraries", () => {
  it.runIf(linux)("say what they need", () => {
    const library = readLibrary(process.execPath);
    expect(library?.needed).toContain("libc.so.6");
    expect(library?.name).toBe("");
  });

  it("are told from other files, also from those that are cut off", () => {
    const path = join(temporary(), "library.so");
    const start = linux ? readFileSync(process.execPath).subarray(0, 4096) : Buffer.alloc(64);
    for (const bytes of [Buffer.from("no library"), Buffer.alloc(64), start.subarray(0, 64), start.subarray(0, 200)]) {
      writeFileSync(path, bytes);
      expect(readLibrary(path)).toBeUndefined();
    }
  });
});

describe("tar reader", () => {
  /** One entry: header, body, padding. */
  function entry(path: string, body: string, type = "0", prefix = ""): Buffer {
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(type, 156);
    header.write("ustar\0", 257);
    header.write(prefix, 345);
    return Buffer.concat([header, Buffer.from(body), Buffer.alloc(-body.length & 511)]);
  }

  it("yields regular files with their whole names", () => {
    const long = `${"long/".repeat(30)}name`;
    const tar = Buffer.concat([
      entry("folder/", "", "5"),
      entry("folder/empty", ""),
      entry("block", "x".repeat(512)),
      entry("file", "some text", "0", "a/prefix"),
      entry("././@LongLink", `${long}\0`, "L"),
      entry(long.slice(0, 100), "deep"),
      entry("link", "", "2"),
      Buffer.alloc(1024),
    ]);
    const files = [...untar(tar)].map(({ path, body }) => [path, body.toString()]);
    expect(files).toEqual([
      ["folder/empty", ""],
      ["block", "x".repeat(512)],
      ["a/prefix/file", "some text"],
      [long, "deep"],
    ]);
  });

  it("refuses an archive that is cut off", () => {
    expect(() => [...untar(entry("file", "some text").subarray(0, 515))]).toThrow("cut off");
  });
});

it("installs packages only when the lock file asks for others", () => {
  const lock = { packages: { "": {}, a: { version: "1.0.0" }, other: { version: "1.0.0", optional: true } } };
  expect(isStale(lock, { packages: { a: { version: "1.0.0" } } })).toBe(false);
  expect(isStale(lock, { packages: { a: { version: "1.0.1" } } })).toBe(true);
  expect(isStale(lock, { packages: {} })).toBe(true);
});

it("leaves out of a part what only the packages need that are left out", () => {
  const lock: Lock = {
    packages: {
      "": { devDependencies: { a: "1", check: "1" } },
      "node_modules/a": { dependencies: { b: "1" } },
      "node_modules/a/node_modules/b": { dependencies: { c: "1" } },
      "node_modules/b": {},
      "node_modules/c": { dependencies: { a: "1" } },
      "node_modules/check": { dependencies: { b: "1", c: "1" } },
    },
  };
  const part = partOf(lock, (name) => name !== "check");
  expect(part.packages[""]).toEqual({ devDependencies: { a: "1" } });
  const [root, ...kept] = Object.keys(part.packages);
  expect(root).toBe("");
  expect(kept).toEqual(["node_modules/a", "node_modules/a/node_modules/b", "node_modules/c"]);
});

it("answers an unknown option with the usage and exit code 2", async () => {
  const { code, stdout, stderr } = await run("setup.mjs", ["--sytem"]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: "setup: unknown option --sytem\n" });
  expect(stdout).toContain("--system");
});

describe("choice of an adapter", { timeout: 30_000 }, () => {
  it.runIf(lavapipe)("finds lavapipe by name", async () => {
    const { ok, name } = await probe({ REMINE_ADAPTER: "llvmpipe" });
    expect({ ok, name }).toEqual({ ok: true, name: expect.stringContaining("llvmpipe") });
  });

  it.runIf(swiftShader)("finds SwiftShader by name, in any case", async () => {
    const { ok, name, found } = await probe({ REMINE_ADAPTER: "swiftshader" });
    expect({ ok, name, found }).toEqual({ ok: true, name: expect.stringContaining("SwiftShader"), found: swiftShader });
  });

  it.runIf(lavapipe && swiftShader)("prefers hardware to lavapipe, and lavapipe to SwiftShader", async () => {
    const { name, available } = await probe({ VK_ADD_DRIVER_FILES: swiftShader! });
    const hardware = available.find((other) => !/llvmpipe|swiftshader/i.test(other));
    expect(name).toEqual(hardware ?? expect.stringContaining("llvmpipe"));
  });

  it("lists the adapters when no name fits", async () => {
    const { code, error, available } = await probe({ REMINE_ADAPTER: "no such" });
    expect(code).toBe(1);
    expect(error).toBe(`No adapter's name contains "no such". Available: ${available.join("; ")}.`);
    const setup = await run("setup.mjs", ["--no-build"], { REMINE_ADAPTER: "no such" });
    expect({ code: setup.code, stderr: setup.stderr }).toEqual({ code: 1, stderr: `setup: ${error}\n` });
  });

  it("is an AdapterError of its own in the library", async () => {
    const error = await requestNodeAdapter({ adapter: "no such" }).catch((e) => e);
    expect(error).toBeInstanceOf(UnknownAdapterError);
    expect(error).toBeInstanceOf(AdapterError);
  });

  it("gives a fresh adapter at each call, and WebGPU's globals", async () => {
    const [first, second] = [await requestNodeAdapter(), await requestNodeAdapter()];
    expect(first.adapter).not.toBe(second.adapter);
    expect(first.name).toBe(second.name);
    expect(GPUBufferUsage.STORAGE).toBe(128);
  });

  it.runIf(linux)("leaves the user's choice of drivers alone", async () => {
    const { code, error } = await probe({ VK_DRIVER_FILES: "/nonexistent" });
    expect(code).toBe(1);
    expect(error).toContain("Only the drivers in VK_DRIVER_FILES (/nonexistent) were tried");
  });

  it.runIf(canHide)("names the line that mends it where there is no driver", async () => {
    const { code, error, remedy } = await probe({}, hidden);
    expect(code).toBe(1);
    expect(error).toMatch(/^No WebGPU adapter answers\. `npx remine setup` fetches one without root/);
    expect(error.endsWith(remedy)).toBe(true);
    expect(remedy).toMatch(/install|-S/);
  });

  it.runIf(canHide && browserFolder)("uses the cache where there is neither loader nor driver", async () => {
    const XDG_CACHE_HOME = temporary();
    const cache = join(XDG_CACHE_HOME, "remine", "vulkan");
    mkdirSync(cache, { recursive: true });
    for (const file of ["vk_swiftshader_icd.json", "libvk_swiftshader.so", "libvulkan.so.1"]) {
      copyFileSync(join(browserFolder!, file), join(cache, file));
    }
    const { ok, name, found } = await probe({ XDG_CACHE_HOME }, hidden);
    expect({ ok, name, found }).toEqual({ ok: true, name: expect.stringContaining("SwiftShader"), found: "cache" });
  });
});

/** The machine's own lavapipe: its driver, its loader, and LLVM, which stands for all that a bare machine lacks. */
const parts = (() => {
  const folder = lavapipe && realpathSync(`/usr/lib/${process.arch === "x64" ? "x86_64" : "aarch64"}-linux-gnu`);
  if (!folder) return undefined;
  const [driver, loader] = ["libvulkan_lvp.so", "libvulkan.so.1"].map((name) => join(folder, name)) as [string, string];
  const llvm = existsSync(driver) && readLibrary(driver)?.needed.find((name) => name.startsWith("libLLVM"));
  return llvm && existsSync(loader) ? { folder, llvm, names: ["libvulkan_lvp.so", "libvulkan.so.1", llvm] } : undefined;
})();
const withoutLlvm = () => hiding(`mount --bind ${nothing} ${realpathSync(join(parts!.folder, parts!.llvm))}`);

describe.runIf(canHide && parts)("lavapipe in the cache", { timeout: 60_000 }, () => {
  /** A cache as a setup leaves it. */
  function filled() {
    const XDG_CACHE_HOME = temporary();
    const folder = lavapipeDir().replace(/^.*(?=\/remine\/)/, XDG_CACHE_HOME);
    mkdirSync(folder, { recursive: true });
    for (const name of parts!.names) copyFileSync(join(parts!.folder, name), join(folder, name));
    const ICD = { library_path: "./libvulkan_lvp.so", api_version: "1.4.305" };
    writeFileSync(join(folder, "lvp_icd.json"), JSON.stringify({ file_format_version: "1.0.1", ICD }));
    const sizes = Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).size]));
    writeFileSync(
      join(folder, "contents.json"),
      JSON.stringify({ manifest: "lvp_icd.json", libraries: [parts!.llvm], sizes }),
    );
    return { XDG_CACHE_HOME, folder };
  }

  it("is found where there is neither loader, driver nor LLVM, and gives way to what the user chose", async () => {
    const { XDG_CACHE_HOME, folder } = filled();
    const { ok, name, found } = await probe({ XDG_CACHE_HOME }, withoutLlvm());
    expect({ ok, name, found }).toEqual({ ok: true, name: expect.stringContaining("llvmpipe"), found: "cache" });
    const chosen = await probe({ XDG_CACHE_HOME, VK_DRIVER_FILES: "/nonexistent" }, withoutLlvm());
    expect(chosen.error).toContain("Only the drivers in VK_DRIVER_FILES (/nonexistent) were tried");

    truncateSync(join(folder, parts!.llvm), 1e6); // to map such a file would end the process
    const broken = await probe({ XDG_CACHE_HOME }, withoutLlvm());
    expect({ ok: broken.ok, code: broken.code }).toEqual({ ok: false, code: 1 });
    expect(broken.error).toContain("No WebGPU adapter answers");
  });

  it.runIf(browserFolder)("comes before SwiftShader, which its name still chooses", async () => {
    const { XDG_CACHE_HOME } = filled();
    cpSync(browserFolder!, join(XDG_CACHE_HOME, "remine", "vulkan"), {
      recursive: true,
      filter: (path) => path === browserFolder || /vk_swiftshader_icd|libvk_swiftshader|libvulkan/.test(path),
    });
    expect((await probe({ XDG_CACHE_HOME }, hidden)).name).toContain("llvmpipe");
    const { name, found } = await probe({ XDG_CACHE_HOME, REMINE_ADAPTER: "SwiftShader" }, hidden);
    expect({ name, found }).toEqual({ name: expect.stringContaining("SwiftShader"), found: "cache" });
  });
});

describe.runIf(canHide && parts && existsSync("/usr/bin/apt-get"))("fetching lavapipe", { timeout: 60_000 }, () => {
  const { codename, id, version } = osRelease();
  const offline = (sources: string, more = "") => [
    ...hiding(`mount --bind ${sources} /etc/apt/sources.list.d; ${more}`, "-n"),
    // npm waits ten seconds before it tries again
    ...["env", "npm_config_fetch_retry_mintimeout=10", "npm_config_fetch_retry_maxtimeout=10"],
  ];

  /** A package with some files of this machine, and its paragraph of the index. */
  function pack(repository: string, name: string, files: readonly string[]): string {
    const folder = temporary();
    mkdirSync(join(folder, "DEBIAN"));
    const { stdout } = spawnSync("dpkg", ["--print-architecture"], { encoding: "utf8" });
    const control = `Package: ${name}\nVersion: 1:99-1\nArchitecture: ${stdout.trim()}\nMaintainer: a <a@example.org>\nDescription: x\n`;
    writeFileSync(join(folder, "DEBIAN", "control"), control);
    for (const file of files) cpSync(file, join(folder, file), { recursive: true });
    const archive = join(repository, `${name}.deb`);
    expect(spawnSync("dpkg-deb", ["-Znone", "-b", folder, archive]).status).toBe(0);
    const sum = createHash("sha256").update(readFileSync(archive)).digest("hex");
    return `${control}Filename: ./${name}.deb\nSize: ${statSync(archive).size}\nSHA256: ${sum}\n\n`;
  }

  /** A folder of sources whose one repository holds lavapipe and a loader. */
  function repository(): string {
    const folder = temporary();
    const { folder: libraries, names } = parts!;
    const [driver, loader, llvm] = names.map((name) => join(libraries, name)) as [string, string, string];
    const index = [
      pack(folder, "mesa-vulkan-drivers", [icds, driver, llvm]),
      pack(folder, "libvulkan1", [loader, realpathSync(loader)]),
    ].join("");
    const suites = id === "debian" && version === "12" ? [codename, `${codename}-backports`] : [codename];
    const lines = suites.map((suite) => {
      const { stdout } = spawnSync("dpkg", ["--print-architecture"], { encoding: "utf8" });
      const [place, file] = [join(folder, "dists", suite), `main/binary-${stdout.trim()}/Packages`];
      mkdirSync(join(place, file, ".."), { recursive: true });
      writeFileSync(join(place, file), index);
      const sum = createHash("sha256").update(index).digest("hex");
      const release = `Suite: ${suite}\nCodename: ${suite}\nArchitectures: ${stdout.trim()}\nComponents: main\n`;
      const date = "Date: Sat, 01 Jan 2022 00:00:00 UTC\n";
      writeFileSync(join(place, "Release"), `${release}${date}SHA256:\n ${sum} ${index.length} ${file}\n`);
      return `deb [trusted=yes] file:${folder} ${suite} main\n`;
    });
    const sources = temporary();
    writeFileSync(join(sources, "own.list"), lines.join(""));
    return sources;
  }

  it("takes it from the packages, keeps the libraries alone, and computes with it", async () => {
    const XDG_CACHE_HOME = temporary();
    const llvm = `mount --bind ${nothing} ${realpathSync(join(parts!.folder, parts!.llvm))}`;
    const wrapper = offline(repository(), llvm);
    const { code, stdout, stderr } = await run("setup.mjs", ["--no-build"], { XDG_CACHE_HOME }, wrapper);
    expect({ code, errors: withoutProgress(stderr) }).toEqual({ code: 0, errors: "" });
    expect(stdout).toMatch(/^setup: fetching lavapipe.*\nsetup: lavapipe: [\d.]+ MB downloaded, [\d.]+ MB kept\n/);
    expect(stdout).toMatch(/^setup: adapter: llvmpipe.* \(cache\)/m);
    const kept = readdirSync(XDG_CACHE_HOME, { recursive: true, encoding: "utf8" }).map((path) =>
      path.split("/").at(-1),
    );
    const files = kept.filter((name) => name?.includes("."));
    expect(files.sort()).toEqual(expect.arrayContaining(["contents.json", "lvp_icd.json", ...parts!.names].sort()));
    expect(files).not.toContain("libvulkan_radeon.so");
    const again = await run("setup.mjs", ["--no-build"], { XDG_CACHE_HOME }, wrapper);
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: "" });
  });

  it("names every cause and the remedy where nothing can be fetched, and leaves nothing half", async () => {
    const XDG_CACHE_HOME = temporary();
    const sources = temporary();
    writeFileSync(join(sources, "own.list"), `deb [trusted=yes] file:/nonexistent ${codename} main\n`);
    const { code, stderr } = await run("setup.mjs", ["--no-build"], { XDG_CACHE_HOME }, offline(sources));
    expect(code).toBe(1);
    const complaint = stderr.slice(stderr.indexOf("setup: no WebGPU"));
    expect(complaint.split("\n")).toEqual([
      "setup: no WebGPU adapter answers, and no driver can be fetched:",
      expect.stringMatching(/^ {2}lavapipe cannot be fetched: .*nonexistent/),
      expect.stringMatching(/^ {2}SwiftShader, through npm: .+/),
      expect.stringMatching(/^ {2}SwiftShader, through apt: .+/),
      expect.stringMatching(/^This installs one: .*(install|-S)/),
      "",
    ]);
    const left = readdirSync(XDG_CACHE_HOME, { recursive: true, encoding: "utf8" });
    expect(left.sort()).toEqual(["remine", "remine/lavapipe", "remine/lavapipe-failed.txt"]);
  });
});

describe("what is fetched", () => {
  const gpu: Probed = { ok: true, name: "NVIDIA H200", found: "environment", available: ["NVIDIA H200"] };
  const swift = { ...gpu, name: "SwiftShader Device", available: ["SwiftShader Device"] };

  async function install(probed: Probed, environment: Record<string, string>) {
    const said: string[] = [];
    const surroundings = {
      probe: async () => probed,
      say: (text: string) => void said.push(text),
      ...{ onWait() {}, onDownload() {}, again: false },
    };
    const before = { ...process.env };
    for (const key of ["REMINE_ADAPTER", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"]) delete process.env[key];
    Object.assign(process.env, { PATH: "/nonexistent", ...environment }); // no apt-get, no npm
    try {
      const done = await installDriver(surroundings).catch((error) => error as Error);
      return { done, said };
    } finally {
      process.env = before;
    }
  }

  it("is nothing where a GPU answers, where the user chose, or where another name is asked for", async () => {
    const XDG_CACHE_HOME = temporary();
    expect(await install(gpu, { XDG_CACHE_HOME })).toEqual({ done: { probed: gpu, fetched: false }, said: [] });
    for (const chosen of [{ VK_DRIVER_FILES: "/a.json" }, { REMINE_ADAPTER: "Swift" }])
      expect((await install(swift, { XDG_CACHE_HOME, ...chosen })).said).toEqual([]);
    const none = { ok: false, error: "no adapter has this name", available: ["NVIDIA H200"] };
    const { done, said } = await install(none, { XDG_CACHE_HOME, REMINE_ADAPTER: "AMD" });
    expect(done).toMatchObject({ name: "AdapterError", message: "no adapter has this name" });
    expect(said).toEqual([]);
    expect(readdirSync(XDG_CACHE_HOME)).toEqual([]);
  });

  it.runIf(linux && existsSync("/usr/bin/apt-get"))("is lavapipe beside SwiftShader, tried once a day", async () => {
    const XDG_CACHE_HOME = temporary();
    const first = await install(swift, { XDG_CACHE_HOME });
    expect(first.done).toEqual({ probed: swift, fetched: false });
    expect(first.said).toEqual([
      expect.stringMatching(/^fetching/),
      expect.stringMatching(/cannot be fetched: .*ENOENT/),
    ]);
    expect((await install(swift, { XDG_CACHE_HOME })).said).toEqual([]);
  });
});
