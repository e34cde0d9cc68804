/** The dispatches of every workload as adapters get them, listed without one, and what they come to. */

import { bytes, operations } from "../src/cli/bench/costs.ts";
import { type Build, optionsOf, steps } from "../src/cli/bench/workloads.ts";
import type { createTrainer, open, Trainer } from "../src/index.ts";
import { paperAdapters, paperDevice } from "./paper-device.ts";

type Kind = keyof typeof paperAdapters;
export type Plans = Record<Kind, Record<string, ReturnType<Trainer["plan"]>>>;

/** Dispatches of a step, and what all of them move and compute. */
export interface Counts {
  dispatches: number;
  bytes: number;
  operations: number;
}

/** Plans of all workloads, by kind of adapter, as a build of the library lists them. */
export async function plansOf(
  build: Build & { createTrainer: typeof createTrainer; open: typeof open },
): Promise<Plans> {
  const plans: Plans = { gpu: {}, software: {} };
  for (const [kind, adapter] of Object.entries(paperAdapters)) {
    const gpu = await build.open({ device: paperDevice(adapter) });
    for (const [name, w] of Object.entries(steps)) {
      const trainer = await build.createTrainer(gpu, { ...optionsOf(build, w), engine: "auto" });
      plans[kind as Kind][name] = trainer.plan();
    }
  }
  return plans;
}

/** What each plan comes to. */
export function countsOf(plans: Plans): Record<Kind, Record<string, Counts>> {
  const counts: Record<Kind, Record<string, Counts>> = { gpu: {}, software: {} };
  for (const [kind, ofKind] of Object.entries(plans)) {
    for (const [name, plan] of Object.entries(ofKind)) {
      const total = (of: typeof bytes) => plan.reduce((sum, line) => sum + of(line, steps[name]!), 0);
      const sums = { bytes: total(bytes), operations: total(operations) };
      counts[kind as Kind][name] = { dispatches: plan.length, ...sums };
    }
  }
  return counts;
}
