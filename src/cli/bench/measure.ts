/** What every measurement shares: medians, rates, and how a machine is described. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import type { Gpu } from "../../gpu/device.ts";
import type { Trainer } from "../../training/trainer.ts";

export const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1]!;

/** Median, smallest and largest of some runs. */
export interface Spread {
  median: number;
  least: number;
  most: number;
  runs: number;
}

export const spread = (list: readonly number[]): Spread => ({
  median: median(list),
  least: Math.min(...list),
  most: Math.max(...list),
  runs: list.length,
});

/** Steps per second of all replicas over about `seconds`, and steps per second of CPU time, which neighbours slow less. */
export async function rate(trainer: Trainer, seconds: number): Promise<{ wall: number; cpu: number }> {
  const began = performance.now();
  const before = process.cpuUsage();
  let steps = 0;
  for (let size = 1; performance.now() - began < 1000 * seconds; ) {
    await trainer.step(size);
    steps += size;
    if (performance.now() - began < 250 * seconds) size = Math.min(2 * size, 4096);
  }
  const { user, system } = process.cpuUsage(before);
  const all = steps * (trainer.options.replicas ?? 1);
  return { wall: (1000 * all) / (performance.now() - began), cpu: (1e6 * all) / (user + system) };
}

/** The commit, with "-dirty" where files differ from it; outside a repository BENCH_COMMIT, or "unknown". */
export function commitOf(): string {
  if (process.env.BENCH_COMMIT) return process.env.BENCH_COMMIT;
  try {
    const args = ["describe", "--always", "--dirty"];
    return execFileSync("git", args, { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return "unknown";
  }
}

/** What figures depend on besides the code. */
export function machineOf(gpu: Gpu) {
  const { vendor, architecture, description } = gpu.device.adapterInfo;
  const nvidia = "/proc/driver/nvidia/version";
  const driver = existsSync(nvidia) ? readFileSync(nvidia, "utf8").split("\n")[0] : description;
  return {
    adapter: gpu.name,
    software: gpu.isSoftware,
    driver: driver || [vendor, architecture].join(" "),
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    node: process.version,
    commit: commitOf(),
    date: new Date().toISOString(),
    loadBefore: os.loadavg()[0]!,
  };
}

/** A rate as people read it: three figures, and none after the point from 100 on. */
export const figure = (value: number): string =>
  value >= 100 ? String(Math.round(Number(value.toPrecision(3)))) : String(Number(value.toPrecision(3)));
