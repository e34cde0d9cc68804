/** Setting up: apt sources, archives, and which adapter is chosen. Each choice is made in a process of its own. */
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { AdapterError, UnknownAdapterError } from "../src/errors.ts";
import { requestNodeAdapter } from "../src/gpu/adapter.node.ts";

interface Setup {
  backportsSource(sources: { path: string; text: string }[], release: string): Source | "present" | null;
  untar(tar: Buffer): Iterable<{ path: string; body: Buffer }>;
  isStale(lock: Lock, installed: Lock): boolean;
}
type Source = { kind: string; text: string };
type Lock = { packages: Record<string, { version?: string; optional?: boolean }> };

const scripts = new URL("../scripts/", import.meta.url);
const { backportsSource, untar, isStale } = (await import(new URL("setup.mjs", scripts).href)) as Setup;

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
const hidden = [
  "unshare",
  "-m",
  "sh",
  "-c",
  `for folder in ${browsers.join(" ")} /usr/share/vulkan; do [ ! -d $folder ] || mount --bind ${temporary()} $folder; done
  for library in /usr/lib/*/libvulkan.so.1* /usr/lib/libvulkan.so.1*; do [ ! -e $library ] || mount --bind ${nothing} $library; done
  exec "$@"`,
  "sh",
];
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
    expect(error).toContain(`No WebGPU adapter answers. Install a driver: ${remedy}`);
    expect(error).toContain("npm start");
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
