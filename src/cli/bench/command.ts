/** `remine bench`: steps per second and kernel by kernel, of an installed package. */
import os from "node:os";
import type { Command } from "commander";
import { InputError, RemineError } from "../../errors.ts";
import { Program } from "../../gpu/program.ts";
import * as library from "../../index.ts";
import { selfTest } from "../../training/self-test.ts";
import { type GpuOptions, gpuOptions, integer, number } from "../options.ts";
import { type KernelRate, kernelRates, peaks, Stopwatch } from "./kernels.ts";
import { machineBy } from "./machines.ts";
import { machineOf, rate, spread } from "./measure.ts";
import { predictStep } from "./predict.ts";
import { kernelTable, type StepRate, stepLine } from "./table.ts";
import { chosen, operationsOf, optionsOf, type StepWorkload, steps, usual } from "./workloads.ts";

export function addBench(program: Command): void {
  gpuOptions(program.command("bench"))
    .description("how fast training is here: whole steps, and each kernel beside what the adapter can do")
    .option("--only <names>", `of ${Object.keys(steps).join(", ")}, by commas`)
    .option("--runs <number>", "runs whose median is taken", integer, 5)
    .option("--seconds <number>", "length of a run", number, 0.4)
    .option("--json", "print one JSON object on stdout")
    .action(run);
}

interface BenchOptions extends GpuOptions {
  only?: string;
  runs: number;
  seconds: number;
  json?: boolean;
}

/** The whole benchmark, with peers and float64 checks of every workload, is `npm run bench` in a checkout. */
async function run({ only, runs, seconds, adapter, verbose, json }: BenchOptions): Promise<void> {
  if (!(runs >= 1 && seconds > 0)) throw new InputError('"--runs" must be at least 1 and "--seconds" more than 0');
  const named = picked(only);
  using gpu = await library.open({ adapter, quiet: !verbose });
  await refuseWrong(gpu);
  const say = (text: string) => json || console.log(text);
  say(`${gpu.name}, checked against float64; steps of all replicas are counted`);
  const stopwatch = new Stopwatch(gpu, { runs, milliseconds: Math.min(25, 1000 * seconds) });
  const result = {
    machine: machineOf(gpu),
    settings: { runs, seconds },
    steps: {} as Record<string, StepRate>,
    peaks: { ...(await peaks(gpu, stopwatch)), method: stopwatch.method },
    kernels: {} as Record<string, KernelRate[]>,
  };
  const machine = machineBy(gpu.profile, result.peaks, os.cpus().length);
  for (const name of named ?? usual(gpu.isSoftware)) {
    const w = steps[name]!;
    using trainer = await library.createTrainer(gpu, { ...optionsOf(library, w), engine: "auto" });
    const predicted = predictStep(trainer.plan(), w, machine).rate;
    result.steps[name] = { ...(await stepRate(trainer, w, runs, seconds)), predicted };
    say(stepLine(name, result.steps[name]));
    result.kernels[name] = await kernelRates({ Program }, gpu, stopwatch, trainer, w, machine);
  }
  stopwatch.dispose();
  say(kernelTable(result));
  if (json) console.log(JSON.stringify(result));
}

/** The workloads that `--only` names, if it is given. */
function picked(only: string | undefined): string[] | undefined {
  try {
    return only === undefined ? undefined : chosen(only, [], Object.keys(steps));
  } catch (error) {
    throw new InputError(`--only: ${(error as Error).message}`);
  }
}

async function refuseWrong(gpu: library.Gpu): Promise<void> {
  const wrong = (await selfTest(gpu)).filter((check) => !check.ok);
  if (wrong.length === 0) return;
  const all = wrong.map((check) => check.message).join("; ");
  throw new RemineError(`this adapter computes wrongly, so its speed means nothing: ${all}`);
}

/** Whole steps per second: `runs` runs, after one that warms up. */
async function stepRate(trainer: library.Trainer, w: StepWorkload, runs: number, seconds: number): Promise<StepRate> {
  await rate(trainer, seconds);
  const rates: { wall: number; cpu: number }[] = [];
  for (let i = 0; i < runs; i++) rates.push(await rate(trainer, seconds));
  const own = spread(rates.map((r) => r.wall));
  return {
    engine: trainer.engine,
    gflops: (own.median * operationsOf(w)) / 1e9,
    own: { ...own, perCpuSecond: spread(rates.map((r) => r.cpu)).median },
    peers: {},
  };
}
