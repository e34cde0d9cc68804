// A few minutes on a card, in which everything is settled: is it right there, how fast is it beside others, which engine and
// form wins where, how near is each kernel to the card's limits, and what should src/gpu/profile.ts say.
//
//   npm run gpu-day -- [SECONDS]                                on a machine with Node and a network
//   .gpu-kit/enter.sh bash bench/gpu-day.sh [SECONDS]           on one with neither, from a packed kit
//
// SECONDS are for all of it, default 480. REMINE_ADAPTER names another adapter than the best, PYTHON the Python that has torch
// and jax, OUT the folder for what is found, default output/gpu-day:
//
//   1-machine.txt   the card, limits, features, self-test      2-tests.txt     kernels and engines against float64
//   3-bench.json    steps, kernels, matrices                   4-log.txt       what all parts said
//   5-figures.json  engines, forms, products, budgets, jobs    CARD.json, .md  all of that, for bench/results/, and its page
//
// Each part has a share of what is left when it begins, what it does not need goes to those after it, and files are written as
// figures come: a stop half-way loses only the rest. `node bench/gpu-day/summary.mjs FOLDER` writes CARD.json and CARD.md anew.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { figuresOf, sourcesOf } from "./gpu-day/figures.mjs";

process.chdir(resolve(import.meta.dirname, ".."));
const total = Number(process.argv[2] ?? 480);
if (!(total > 0)) throw new Error("gpu-day: how many seconds? A number is wanted");
const out = resolve(process.env.OUT ?? "output/gpu-day");
const python = process.env.PYTHON ?? "python3";
const [machineText, testsText, bench, log, figures] = [
  ...["1-machine.txt", "2-tests.txt", "3-bench.json", "4-log.txt", "5-figures.json"],
].map((name) => join(out, name));
mkdirSync(out, { recursive: true });
for (const file of [machineText, testsText, bench, log, figures]) rmSync(file, { force: true });
/** Caches begin empty; what peers compile while the tests run they find again. */
const caches = mkdtempSync(join(tmpdir(), "gpu-day-"));
const shadersIn = (folder) => ({ MESA_SHADER_CACHE_DIR: folder, __GL_SHADER_DISK_CACHE_PATH: folder });

const now = () => performance.now() / 1000;
const left = () => total - now();
const say = (text) => console.log(`[${now().toFixed(0).padStart(3)} s] ${text}`);

const env = {
  ...process.env,
  ...{ TESTS_OUTPUT: testsText, BENCH_COMMIT: process.env.BENCH_COMMIT ?? commit() },
  ...shadersIn(mkdtempSync(join(caches, "shaders-"))),
  ...{ TORCHINDUCTOR_CACHE_DIR: join(caches, "inductor"), TRITON_CACHE_DIR: join(caches, "triton") },
  ...{ JAX_COMPILATION_CACHE_DIR: join(caches, "jax"), JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS: "0.2" },
};

function commit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return `sources ${sourcesOf()}`;
  }
}

const running = new Set();
for (const name of ["SIGINT", "SIGTERM"])
  process.on(name, async () => {
    for (const child of running) end(child);
    await summarise();
    rmSync(caches, { recursive: true, force: true });
    process.exit(1);
  });

/** Ends a process and all that it started, also what is asleep; those on a GPU get a moment to leave it. */
function end(child) {
  const signal = (name) => {
    try {
      process.kill(process.platform === "win32" ? child.pid : -child.pid, name);
    } catch {} // all of them have ended
  };
  for (const name of ["SIGTERM", "SIGCONT"]) signal(name);
  setTimeout(() => signal("SIGKILL"), 3000).unref();
}

function start(command, seconds, file, more = {}) {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    ...{ env: { ...env, PART_SECONDS: String(seconds), ...more }, stdio: ["ignore", "pipe", "pipe"] },
    detached: process.platform !== "win32",
  });
  // What Dawn says of limits that it lowers itself helps nobody.
  const write = (text) => appendFileSync(file, String(text).replaceAll(/^Warning: max\w+ artificially.*\n/gm, ""));
  child.stdout.on("data", write);
  child.stderr.on("data", write);
  running.add(child);
  child.ended = new Promise((done) => {
    child.on("error", (error) => done(error.message));
    child.on("exit", (code, signal) => done(code ?? signal));
  }).finally(() => running.delete(child));
  return child;
}

/** Runs a command within so many seconds, in an environment with `more`. */
async function within(seconds, command, file = log, more = {}) {
  const began = now();
  appendFileSync(file, `$ ${command.join(" ")}\n`);
  const child = start(command, seconds, file, more);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child);
  }, 1000 * seconds);
  const code = await child.ended;
  clearTimeout(timer);
  const how = late ? "the limit" : `rc ${code}`;
  appendFileSync(file, `[${how}, ${(now() - began).toFixed(1)} s]\n`);
  return how;
}

const node = (...args) => [process.execPath, ...args];
const measure = (only, ...more) =>
  node("bench/run.mjs", "--only", only, "--runs", "3", "--seconds", "0.3", "--output", bench, ...more);
const adding = () => (existsSync(bench) ? ["--add"] : []);

const STEPS = ["W1", "W2", "W3x4096", "W3x1", "W3x256", "W3x16", "W4x1", "W4x64"];

/** Vitest's files one by one, and beside them the peers compile. */
async function tests(seconds) {
  const warming = start(node("bench/gpu-day/warm.mjs", STEPS.join(","), python), seconds, log);
  const done = await within(
    seconds,
    node("node_modules/vitest/vitest.mjs", "run", "--config", "bench/gpu-day/tests.config.mjs"),
  );
  end(warming);
  await warming.ended;
  failuresLast();
  return done;
}

/** What failed in full stands at the end of the file, after a line for each file of tests. */
function failuresLast() {
  if (!existsSync(testsText)) return;
  const lines = readFileSync(testsText, "utf8").trimEnd().split("\n");
  const [files, failures] = [false, true].map((within) => lines.filter((line) => line.startsWith("  ") === within));
  writeFileSync(testsText, `${[...files, ...failures].join("\n")}\n`);
}

/** With peers; then alone what there was no time for. */
async function steps(seconds) {
  const began = now();
  const beside = await within(0.8 * seconds, measure(STEPS.join(","), "--peers", "torch,jax", "--python", python));
  const { steps: measured = {}, absent = [] } = figuresOf(bench);
  const missing = STEPS.filter((name) => !measured[name] && !absent.some((text) => text.startsWith(`${name}: `)));
  if (missing.length === 0) return beside;
  return within(seconds - (now() - began), measure(missing.join(","), "--peers", "none", ...adding()));
}

/** In the order of what a card alone can show, with what each may take of the time that is left. */
const parts = [
  ["build and self-test", 30, machine],
  ["tests against float64", 80, tests],
  ["steps beside PyTorch and JAX", 140, steps],
  ["engines and forms by name", 55, forms],
  ["kernels of the steps", 20, (s) => within(s, measure("kernels", "--peers", "none", ...adding()))],
  ["products by name", 30, (s) => within(s, node("bench/gpu-day/products.mjs", figures))],
  ["what people do", 35, (s) => within(s, node("bench/gpu-day/jobs.mjs", figures))],
  ["the profile's numbers", 20, (s) => within(s, node("bench/gpu-day/budgets.mjs", figures))],
  ["first answer, KSG", 10, (s) => within(s, measure("W6,first", "--peers", "none", ...adding()))],
  ["matrices", 20, (s) => within(s, measure("W5", "--peers", "none", ...adding()))],
  ["W7", 20, (s) => within(s, measure("W7", "--peers", "torch", "--python", python, ...adding()))],
];

/** With empty shader caches, for they say how long each is in getting ready. */
function forms(seconds) {
  const empty = shadersIn(mkdtempSync(join(caches, "shaders-")));
  return within(seconds, node("bench/gpu-day/forms.mjs", figures), log, empty);
}

/** All else needs the build, so it takes what it takes. */
async function machine(seconds) {
  await within(10, ["nvidia-smi"], machineText);
  const built = await within(Math.max(60, seconds), node("bench/gpu-day/build.mjs"), machineText);
  if (built !== "rc 0" && !existsSync("bench/dist/library.js")) {
    console.error(readFileSync(machineText, "utf8"));
    throw new Error("gpu-day: nothing is built, and building it failed");
  }
  if (built !== "rc 0") say(`the build failed (${machineText}); what was built before is measured`);
  await within(30, node("bench/gpu-day/machine.mjs", figures), machineText);
  return within(30, node("dist/cli.js", "doctor"), machineText);
}

/** Written after each part, so that there is a page whenever it ends. */
async function summarise() {
  try {
    const { summarise: write } = await import("./gpu-day/summary.mjs");
    return write(out);
  } catch (error) {
    appendFileSync(log, `summary: ${error.stack}\n`);
  }
}

let written;
for (const [i, [name, share, run]] of parts.entries()) {
  const shares = parts.slice(i).reduce((sum, [, each]) => sum + each, 0);
  const seconds = ((left() - 4) * share) / shares;
  if (seconds < 3) {
    say(`${name}: no time left`);
    continue;
  }
  const began = now();
  const how = await run(seconds);
  say(`${name}: ${how}, ${(now() - began).toFixed(0)} of ${seconds.toFixed(0)} s`);
  written = (await summarise()) ?? written;
}
rmSync(caches, { recursive: true, force: true });
if (written) console.log(readFileSync(written.markdown, "utf8"));
say(written ? `for bench/results/: ${written.json}, ${written.markdown}` : `no figures; ${log} says why`);
