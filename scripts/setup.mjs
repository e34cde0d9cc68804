/**
 * Makes a checkout ready to run: packages, build, and an adapter that answers. `npm start` and `npm test` begin with it.
 * It needs Node and nothing else, says nothing when nothing was to be done, and changes the system only with --system.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { installPackages } from "./packages.mjs";

const USAGE = `node scripts/setup.mjs [options]
  --system     install drivers with apt-get (root): lavapipe, from backports on Debian 12
  --browser    with --system: Chromium and Firefox too, for the browser tests
  --queues     with --system: Slurm, Redis and GNU parallel too, for the tests of examples/
  --tools      install the packages of tools/ too, which tests and documentation need
  --start      install only the packages that npm start needs
  --no-build   leave out build.mjs
  --verbose    say more`;

const root = fileURLToPath(new URL("..", import.meta.url));
const BROWSERS = ["chromium", "firefox-esr"];
const QUEUES = ["slurmctld", "slurmd", "slurm-client", "munge", "redis-server", "parallel"];

/** What the user has to act on: its message is all they see. */
class SetupError extends Error {}

const began = performance.now();
const seconds = () => Math.round((performance.now() - began) / 1000);
const say = (text) => console.log(`setup: ${text}`);
const children = new Set();
const scratch = new Set();
/** src/cli/driver, once the packages that bundle it are there. */
let driver;

async function main(argv) {
  const known = ["--system", "--browser", "--queues", "--tools", "--start", "--no-build", "--verbose", "--help"];
  const wrong = argv.find((flag) => !known.includes(flag));
  if (wrong) console.error(`setup: unknown option ${wrong}`);
  if (wrong || argv.includes("--help")) {
    console.log(USAGE);
    return wrong ? 2 : 0;
  }
  const has = (flag) => argv.includes(flag);
  checkRuntime();
  const changes = [await install(root, has("--start"))];
  if (has("--tools")) await install(join(root, "tools"));
  driver = await loadDriver();
  const beside = [...(has("--browser") ? BROWSERS : []), ...(has("--queues") ? QUEUES : [])];
  if (has("--system")) changes.push(await installSystem(beside));
  // Both at once: while a driver is downloaded, the build computes.
  const built = has("--no-build") ? Promise.resolve() : build(has("--verbose"));
  const [{ probed, fetched }] = await Promise.all([findAdapter(), built]);
  if (fetched || changes.includes(true) || has("--verbose")) {
    say(`adapter: ${probed.description || probed.name} (${probed.found}); ready after ${seconds()} s`);
  }
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

async function install(cwd, part = false) {
  try {
    return await installPackages(cwd, { part, npm, say, scratch });
  } catch (error) {
    throw new SetupError(error.message);
  }
}

async function build(verbose) {
  const { code, output } = await run(process.execPath, ["build.mjs"], { cwd: root });
  if (verbose || code !== 0) process.stdout.write(output);
  if (code !== 0) throw new SetupError("build.mjs failed.");
}

// The adapter

/** What `remine setup` is made of, bundled here, so that it needs no build and is written once. */
async function loadDriver() {
  const { buildSync } = await import("esbuild");
  const outfile = `${root}node_modules/.cache/remine/driver-${process.pid}.mjs`;
  const files = ["cli/driver/install", "cli/driver/process", "cli/driver/apt-sources", "cli/download", "errors"];
  const contents = files.map((file) => `export * from "./${file}.ts";`).join("\n");
  const stdin = { contents, resolveDir: join(root, "src") };
  try {
    buildSync({ stdin, outfile, bundle: true, format: "esm", platform: "node", external: ["webgpu"] });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

async function findAdapter() {
  const shown = driver.downloadProgress(process.stderr, { print: say });
  try {
    return await driver.installDriver({ probe, ...shown, again: false });
  } catch (error) {
    throw error instanceof driver.AdapterError ? new SetupError(error.message) : error;
  } finally {
    shown.finish();
  }
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
  const source = driver.backportsSource(driver.machineSources(), "bookworm");
  if (source === "present") return;
  if (!source) throw new SetupError("no apt source for bookworm was found to derive bookworm-backports from.");
  const path = `/etc/apt/sources.list.d/remine-backports.${source.kind}`;
  writeFileSync(path, source.text);
  say(`added ${path}`);
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

// Processes

/** Runs a command to its end, and says every few seconds that it runs if it has a `name`. A command that cannot start has code 127. */
function run(command, args, { name, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    children.add(child);
    const timer = name && setInterval(() => say(`${name} … ${seconds()} s`), 5000);
    const stdout = [];
    const both = [];
    child.stdout?.on("data", (chunk) => stdout.push(chunk) && both.push(chunk));
    child.stderr?.on("data", (chunk) => both.push(chunk));
    const done = (code, signal, text = "") => {
      clearInterval(timer);
      children.delete(child);
      resolve({ code, signal, stdout: Buffer.concat(stdout), output: text || Buffer.concat(both) });
    };
    child.on("error", (error) => done(127, null, error.message));
    child.on("close", done);
  });
}

function npm(args, options) {
  const script = process.env.npm_execpath ?? "";
  const settings = { cwd: root, name: `npm ${args[0]}`, ...options };
  if (script.endsWith("npm-cli.js")) return run(process.execPath, [script, ...args], settings);
  return run("npm", args, { shell: process.platform === "win32", ...settings });
}

function cleanUp() {
  driver?.cleanUp();
  for (const child of children) child.kill();
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
}

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
