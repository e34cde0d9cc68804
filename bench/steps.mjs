// Training steps per second on fixed workloads, and where the time of one step goes.
//
//   node build.mjs && node bench/steps.mjs [--adapter NAME] [--only W1,W3x16] [--runs 5] [--seconds 1]
//                                          [--against other/dist/node.js] [--kernels] [--engine resident]
//
// The workloads are those of src/cli/bench/workloads.ts.
//
// --engine is that of the own build; with --against this very build, two engines run by turns.
// --against runs two builds by turns, so that a busy machine slows both. --kernels times each dispatch of a step alone.
import { existsSync } from "node:fs";
import os from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { chosen, commitOf, median, operations, optionsOf, rate, steps, usual } from "./dist/library.js";

const { values: options } = parseArgs({
  options: {
    adapter: { type: "string" },
    only: { type: "string" },
    runs: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    against: { type: "string" },
    engine: { type: "string" },
    kernels: { type: "boolean" },
  },
});

const seconds = Number(options.seconds);

/** Milliseconds (of CPU time on a software adapter) of each line of a step, alone, many times in one submit; medians. */
async function kernelTimes(m, gpu, trainer, w) {
  // A dispatch of whole steps takes as many as the last one did.
  await trainer.step(1);
  const lines = trainer.plan();
  const programs = await Promise.all(lines.map((line) => m.Program.compile(gpu, [line])));
  const times = lines.map(() => []);
  const counts = lines.map(() => 1);
  for (let round = 0; round < 8; round++) {
    for (const [i, program] of programs.entries()) {
      const clock = performance.now();
      const before = process.cpuUsage();
      program.run(gpu, counts[i]);
      await gpu.done();
      const { user, system } = process.cpuUsage(before);
      const spent = gpu.isSoftware ? (user + system) / 1000 : performance.now() - clock;
      if (round > 2) times[i].push(spent / counts[i]);
      else counts[i] = Math.max(1, Math.min(2000, Math.round((counts[i] * 25) / spent)));
    }
  }
  for (const program of programs) program.dispose();
  const ms = times.map(median);
  const total = ms.reduce((a, b) => a + b, 0);
  for (const [i, line] of lines.entries()) {
    const rate = operations(line, w) / ms[i] / 1e6;
    console.log(
      `  ${line.kernel.padEnd(22)} ${line.workgroups.join(" x ").padEnd(16)} ${(1000 * ms[i]).toFixed(0).padStart(8)} µs` +
        `${((100 * ms[i]) / total).toFixed(0).padStart(5)} %${rate ? `${rate.toFixed(1).padStart(8)} GFLOP/s` : ""}`,
    );
  }
  console.log(`  ${"sum".padEnd(39)} ${(1000 * total).toFixed(0).padStart(8)} µs`);
}

/** All of a build's names; one from before the entries has them in one file, and no namespaces. */
async function buildAt(path) {
  const entries = ["research", "conv"].map((entry) => path.replace(/node\.js$/, `node.${entry}.js`));
  const files = [path, ...entries.filter((file) => existsSync(file))];
  const names = Object.assign({}, ...(await Promise.all(files.map((file) => import(file)))));
  return { critics: names, sources: names, ...names };
}

const own = resolve(import.meta.dirname, "../dist/node.js");
const builds = await Promise.all([own, ...(options.against ? [resolve(options.against)] : [])].map(buildAt));
const gpus = await Promise.all(builds.map((m) => m.open({ adapter: options.adapter, quiet: true })));
console.log(
  `${gpus[0].name}; ${os.cpus().length} x ${os.cpus()[0].model}; commit ${commitOf()}; load ${os.loadavg()[0]}`,
);

const wanted = chosen(options.only, usual(gpus[0].isSoftware), Object.keys(steps));
for (const name of wanted) {
  const trainers = [];
  const compiled = [];
  for (const [b, m] of builds.entries()) {
    const before = performance.now();
    const trainer = await m.createTrainer(gpus[b], {
      ...optionsOf(m, steps[name]),
      engine: b ? undefined : options.engine,
    });
    await trainer.step(1);
    compiled.push(performance.now() - before);
    trainers.push(trainer);
  }
  const rates = builds.map(() => []);
  for (const trainer of trainers) await rate(trainer, seconds);
  for (let run = 0; run < Number(options.runs); run++) {
    for (const [b, trainer] of trainers.entries()) rates[b].push(await rate(trainer, seconds));
  }
  const column = (b, which) => rates[b].map((r) => r[which]);
  for (const b of builds.keys()) {
    const [wall, cpu] = [column(b, "wall"), column(b, "cpu")];
    console.log(
      `${name.padEnd(6)} ${b ? "other" : "own  "} ${median(wall).toFixed(1).padStart(9)} steps/s ` +
        `(${Math.min(...wall).toFixed(1)} to ${Math.max(...wall).toFixed(1)}), ${median(cpu).toFixed(1)} per CPU second, ` +
        `ready in ${compiled[b].toFixed(0)} ms, load ${os.loadavg()[0].toFixed(1)}`,
    );
  }
  if (options.against) {
    const ratio = (which) => (median(column(0, which)) / median(column(1, which))).toFixed(2);
    console.log(`${name.padEnd(6)} own / other: ${ratio("wall")} by the clock, ${ratio("cpu")} by CPU time`);
  }
  if (options.kernels) {
    for (const [b, m] of builds.entries()) if (m.Program) await kernelTimes(m, gpus[b], trainers[b], steps[name]);
  }
  for (const trainer of trainers) trainer.dispose();
}
for (const gpu of gpus) gpu.dispose();
