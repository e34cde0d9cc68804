import type { Gpu } from "../src/device.ts";
import type { Trainer } from "../src/trainer.ts";

export interface Spread {
  median: number;
  least: number;
  most: number;
  runs: number;
}
export function spread(list: readonly number[]): Spread;
export function rate(trainer: Trainer, seconds: number): Promise<{ wall: number; cpu: number }>;
export function machineOf(gpu: Gpu): Record<string, string | number | boolean>;
