// The benchmark: kernels, whole workloads and peers, each checked against float64 before it is timed.
//
//   npm run bench -- [--help] [--only W1,W3x16,W5,kernels,first] [--peers tfjs,jaxjs,torch,jax | none] [--python PATH]
//                    [--runs 5] [--seconds 0.4] [--quick] [--adapter NAME] [--output FILE.json] [--add]
//
// src/cli/bench/workloads.ts and bench/workloads.mjs say what is measured; bench/peers/ how the peers do it. Everybody's runs take turns, and everybody is
// waited for until the last step is done. --quick is one short run without compiled PyTorch; --add keeps what the file has
// of other workloads, so that a run can be made in parts. The figures go into bench/results/ADAPTER.json; node scripts/readme.mjs puts them
// into docs/performance.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { answerOf, checkPeer, checkTrainer, encoded, fixtureOf } from "./check.mjs";
import * as m from "./dist/library.js";
import {
  chosen,
  kernelRates,
  kernelTable,
  LAMBDA,
  machineBy,
  machineOf,
  operationsOf,
  optionsOf,
  peaks,
  predictStep,
  rate,
  Stopwatch,
  spread,
  steps,
  usual,
} from "./dist/library.js";
import { firstAnswer } from "./first-answer.mjs";
import { matrixRates } from "./matrix.mjs";
import { commandsOf, families, Peer } from "./peers.mjs";
import { added, fileNameOf, stepLines, summary } from "./table.mjs";
import { names } from "./workloads.mjs";

const { values: options } = parseArgs({
  options: {
    adapter: { type: "string" },
    only: { type: "string" },
    peers: { type: "string", default: families.join(",") },
    python: { type: "string" },
    runs: { type: "string" },
    seconds: { type: "string" },
    output: { type: "string" },
    add: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  const [head] = readFileSync(import.meta.filename, "utf8").split("\nimport ", 1);
  console.log(head.replaceAll(/^\/\/ ?/gm, ""));
  process.exit();
}
const runs = Number(options.runs ?? (options.quick ? 1 : 5));
const seconds = Number(options.seconds ?? (options.quick ? 0.1 : 0.4));
if (!(Number.isInteger(runs) && runs > 0 && seconds > 0)) throw new Error("--runs and --seconds take positive numbers");
const wantedPeers = options.peers === "none" ? [] : chosen(options.peers, [], families);
const log = (text) => console.log(text);
const began = performance.now();
const elapsed = () => `${((performance.now() - began) / 60_000).toFixed(1)} min`;

const gpu = await m.open({ adapter: options.adapter, quiet: true });
const wanted = chosen(
  options.only,
  [...usual(gpu.isSoftware, names), "kernels", "first"],
  [...names, "kernels", "first"],
);
const result = { machine: machineOf(gpu), settings: { runs, seconds }, peers: {}, absent: [], steps: {} };
log(
  `${gpu.name}; ${os.cpus().length} x ${result.machine.cpu}; commit ${result.machine.commit}; load ${os.loadavg()[0]}`,
);

const file = options.output ?? join(import.meta.dirname, "results", fileNameOf(result.machine.adapter));
const earlier = options.add && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
if (earlier) added(earlier, result); // refuses what does not belong together before anything is measured

/** Writes what there is so far: a run that is stopped keeps what it measured. */
function save() {
  result.machine.loadAfter = os.loadavg()[0];
  result.minutes = (performance.now() - began) / 60_000;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(earlier ? added(earlier, result) : result, null, 1)}\n`);
}

/** What a measurement says that failed: it is left out, the others go on. */
const failed = (what, error) => {
  result.absent.push(`${what}: ${error.message}`);
  log(`  ${what}: ${error.message}`);
};

const workloads = wanted.filter((name) => name in steps);
const { commands, absent } =
  workloads.length > 0
    ? commandsOf(wantedPeers, { adapter: options.adapter ?? "", python: options.python, log })
    : { commands: [], absent: [] };
result.absent.push(...absent);
for (const text of absent) log(text);
const peers = [];
// Each takes seconds to import what it needs: all at once.
const starting = commands.map(({ group, command }) => Peer.start(group, command));
await Promise.allSettled(starting);
for (const [i, { group, command }] of commands.entries()) {
  try {
    const peer = await starting[i];
    peers.push(peer);
    result.peers[group] ??= peer.facts;
    log(`${peer.facts.name} ${peer.facts.version} on ${peer.facts.device}`);
  } catch (error) {
    failed(
      command
        .slice(1)
        .map((arg) => arg.split("/").at(-1))
        .join(" "),
      error,
    );
  }
}

/** The best variant of a group of peers on a workload: each is checked, each gets one short run, the best is made ready. */
async function bestOf(group, w, name) {
  const answer = answers.get(name) ?? answers.set(name, answerOf(w)).get(name);
  const fixture = { ...encoded(fixtureOf(w)), lambda: LAMBDA };
  const tried = [];
  const last = new Map();
  const ready = async (peer, variant) => checkPeer(await peer.ask({ prepare: w, fixture, variant }), answer);
  for (const peer of peers.filter((p) => p.group === group)) {
    for (const named of variantsOf(peer, w)) {
      if (options.quick && named.mode?.includes("compiled")) continue;
      const variant = { ...(named.mode && tried.length > 0 && best(tried).variant), ...named };
      last.set(peer, variant);
      try {
        const off = await ready(peer, variant);
        await peer.rate(w, seconds / 2);
        tried.push({ peer, variant, off, rate: await peer.rate(w, seconds / 2) });
      } catch (error) {
        failed(`${name}, ${group} ${Object.values(variant).join(" ")}`, error);
      }
    }
  }
  if (tried.length === 0) return undefined;
  const winner = best(tried);
  if (winner.variant !== last.get(winner.peer)) {
    await ready(winner.peer, winner.variant);
    await winner.peer.rate(w, seconds / 2);
  }
  const memory = w.source === "images" && (await winner.peer.ask({ memory: true })).bytes;
  return { ...winner, ...(memory && { memory }), tried: tried.map(({ variant, rate }) => ({ ...variant, rate })) };
}
/** The settings of a peer that are tried; none where it does not know the network. */
const variantsOf = ({ facts }, w) => (w.source === "images" ? (facts.images ?? []) : (facts.variants ?? [{}]));
const best = (tried) => tried.reduce((a, b) => (b.rate > a.rate ? b : a));
const answers = new Map();

/** Bytes of all tensors that a step binds. */
function bytesOf(trainer) {
  const bound = trainer.plan().flatMap(({ bindings }) => Object.values(bindings));
  return [...new Set(bound)].reduce((sum, { buffer, bytes }) => sum + (buffer ? bytes : 0), 0);
}

async function measureSteps(name) {
  const w = steps[name];
  const make = performance.now();
  const trainer = await m.createTrainer(gpu, { ...optionsOf(m, w), engine: "auto" });
  try {
    const errors = await checkTrainer(m, gpu, trainer, w);
    const readyMs = performance.now() - make;
    await rate(trainer, seconds);
    const groups = [];
    const able = peers.filter((peer) => variantsOf(peer, w).length > 0);
    for (const group of new Set(able.map((peer) => peer.group))) {
      const found = await bestOf(group, w, name);
      if (found) groups.push({ group, ...found, rates: [] });
    }
    const own = [];
    for (let run = 0; run < runs; run++) {
      own.push(await rate(trainer, seconds));
      for (const entry of groups) entry.rates.push(await entry.peer.rate(w, seconds));
    }
    const wall = spread(own.map((r) => r.wall));
    result.steps[name] = {
      engine: trainer.engine,
      predicted: predictStep(trainer.plan(), w, machine).rate,
      gflops: (wall.median * operationsOf(w)) / 1e9,
      own: { ...wall, perCpuSecond: spread(own.map((r) => r.cpu)).median },
      readyMs,
      memory: bytesOf(trainer),
      errors,
      peers: Object.fromEntries(
        groups.map(({ group, variant, tried, off, rates, memory }) => [
          group,
          { ...spread(rates), ...variant, ...(memory && { memory }), tried, errors: off },
        ]),
      ),
      load: os.loadavg()[0],
    };
    log(`${stepLines(name, result.steps[name])}\n    after ${elapsed()}`);
  } finally {
    trainer.dispose();
  }
}

const stopwatch = new Stopwatch(gpu);
if (wanted.some((name) => name !== "first"))
  result.peaks = earlier?.peaks ?? { ...(await peaks(gpu, stopwatch)), method: stopwatch.method };
const machine = result.peaks && machineBy(gpu.profile, result.peaks, os.cpus().length);

try {
  for (const name of workloads) {
    await measureSteps(name).catch((error) => failed(name, error));
    save();
  }
  for (const peer of peers) await peer.close();
  log(`steps: ${elapsed()}`);
  for (const name of ["W5", "W6"].filter((n) => wanted.includes(n))) {
    result.matrix ??= {};
    Object.assign(result.matrix, await matrixRates(gpu, name, machine, { runs, quick: options.quick, log }));
    log(`${name}: ${elapsed()}`);
    save();
  }
  if (wanted.includes("kernels")) {
    result.kernels = {};
    for (const name of ["W1", "W2", "W3x16", "W4x1", "W7"].filter(
      (n) => options.only === undefined || workloads.length === 0 || workloads.includes(n),
    )) {
      const trainer = await m.createTrainer(gpu, { ...optionsOf(m, steps[name]), engine: "auto" });
      try {
        if (!result.steps[name]) await checkTrainer(m, gpu, trainer, steps[name]);
        result.kernels[name] = await kernelRates(m, gpu, stopwatch, trainer, steps[name], machine);
      } catch (error) {
        failed(`kernels of ${name}`, error);
      } finally {
        trainer.dispose();
      }
      save();
    }
    log(kernelTable(result));
    log(`kernels: ${elapsed()}`);
  }
  if (wanted.includes("first")) {
    result.first = firstAnswer(options.adapter ?? "");
    log(
      `first training step of a default estimate: ${result.first.cold.toFixed(2)} s with empty shader caches, ${result.first.warm.toFixed(2)} s with warm ones`,
    );
  }
} finally {
  for (const peer of peers) await peer.close();
  stopwatch.dispose();
  gpu.dispose();
}
save();
log(summary(result));
log(`${file}, ${elapsed()}`);
