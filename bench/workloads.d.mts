import type { TrainerOptions } from "../src/trainer.ts";

export interface StepWorkload {
  replicas: number;
}
export const steps: Record<string, StepWorkload>;
export const names: string[];
export function usual(isSoftware: boolean): string[];
export function chosen(list: string | undefined, fallback: string[], known?: string[]): string[];
export function optionsOf(m: object, w: StepWorkload): TrainerOptions;
export function operationsOf(w: StepWorkload): number;
