// Starts the peers, each in a process of its own, and asks them for steps; bench/peers/serve.mjs has the protocol.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const folder = join(import.meta.dirname, "peers");
/** What --peers can name. */
export const families = ["tfjs", "jaxjs", "torch", "jax"];

const scopes = { tfjs: "@tensorflow", jaxjs: "@jax-js" };

/** Installs what TensorFlow.js and jax-js need, unless something is installed. Says what is missing of the wanted ones. */
function installPeers(wanted, log) {
  const missing = () => wanted.filter((family) => !existsSync(join(folder, "node_modules", scopes[family])));
  if (existsSync(join(folder, "node_modules")))
    return missing().map((family) => `bench/peers has no ${scopes[family]}`);
  log("installing bench/peers (TensorFlow.js, jax-js) …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, stderr, error } = spawnSync(npm, ["ci", "--prefix", folder, "--no-audit", "--no-fund"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return [];
  const why =
    error?.message ??
    stderr
      .trim()
      .split("\n")
      .find((line) => line.includes("npm error")) ??
    "npm failed";
  return [
    `no TensorFlow.js and jax-js: "npm ci --prefix bench/peers" failed (${why}). Without a network leave them out: --peers torch,jax`,
  ];
}

/** Whether a Python has a module and numpy. It looks for them only: to import them takes seconds, which the peer spends anyway. */
const has = (python, module) => {
  const look = `import importlib.util as u; assert all(map(u.find_spec, ["numpy", "${module}"]))`;
  try {
    execFileSync(python, ["-c", look], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** The Python that has a module: the named one, or the first of python3 and python. */
export function pythonWith(module, named) {
  return (named ? [named] : ["python3", "python"]).find((python) => has(python, module));
}

/** The commands of each family: what runs on which device. Missing ones are said in `absent`. */
export function commandsOf(wanted, { adapter, python, log }) {
  const commands = [];
  const absent = [];
  const scripts = ["tfjs", "jaxjs"].filter((family) => wanted.includes(family));
  if (scripts.length > 0) absent.push(...installPeers(scripts, log));
  for (const family of scripts.filter((name) => existsSync(join(folder, "node_modules", scopes[name])))) {
    for (const backend of ["webgpu", "wasm"]) {
      const command = [process.execPath, join(folder, `${family}.mjs`), backend, adapter];
      commands.push({ group: `${family}-${backend}`, command });
    }
  }
  for (const family of ["torch", "jax"].filter((name) => wanted.includes(name))) {
    const found = pythonWith(family, python);
    const script = found && [found, join(folder, `${family}_steps.py`)];
    if (!found) absent.push(`no Python with numpy and ${family} was found; name one: --python PATH`);
    else if (family === "torch") commands.push({ group: family, command: script });
    else
      for (const n of new Set([1, os.cpus().length]))
        commands.push({ group: family, command: [...script, "--threads", String(n)] });
  }
  return { commands, absent };
}

/** A running peer. */
export class Peer {
  #child;
  #lines;
  #errors = "";

  constructor(group, [file, ...args]) {
    this.group = group;
    this.#child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#child.on("error", () => {});
    this.#child.stdin.on("error", () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it and reads what it says of itself: name, version, device, variants. */
  static async start(group, command) {
    const peer = new Peer(group, command);
    peer.facts = await peer.#answer();
    peer.#rest(true);
    return peer;
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended: ${this.#errors.trim().split("\n").at(-1) || "no message"}`);
    const answer = JSON.parse(value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  /** Some peers' threads go on spinning when they have nothing to do, and take up to half of what others could do. */
  #rest(resting) {
    if (process.platform !== "win32") this.#child.kill(resting ? "SIGSTOP" : "SIGCONT");
  }

  async ask(message) {
    this.#rest(false);
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    try {
      return await this.#answer();
    } finally {
      this.#rest(true);
    }
  }

  /** Steps of all replicas per second over about `seconds`. */
  async rate(w, seconds) {
    const { steps, seconds: spent } = await this.ask({ run: seconds });
    return (steps * w.replicas) / spent;
  }

  /** Lets it end by itself, which work on a GPU needs. */
  async close() {
    this.#rest(false);
    this.#child.stdin.end();
    if (this.#child.exitCode === null) {
      const timer = setTimeout(() => this.#child.kill(), 10_000);
      await new Promise((resolve) => this.#child.once("exit", resolve));
      clearTimeout(timer);
    }
  }
}
