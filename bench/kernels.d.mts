import type { Gpu } from "../src/device.ts";
import type { Trainer } from "../src/trainer.ts";
import type { StepWorkload } from "./workloads.mjs";

export interface Peaks {
  flops: number;
  bytes: number;
  memory: number;
}
export class Stopwatch {
  constructor(gpu: Gpu, settings?: { runs?: number; milliseconds?: number });
  readonly method: string;
  dispose(): void;
}
export function peaks(gpu: Gpu, stopwatch: Stopwatch): Promise<Peaks>;
export function kernelRates(
  m: object,
  gpu: Gpu,
  stopwatch: Stopwatch,
  trainer: Trainer,
  w: StepWorkload,
  peak: Peaks,
): Promise<object[]>;
