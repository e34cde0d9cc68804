/** Progress on stderr. */
import { createProgress } from "../report/progress.ts";
import { fromNats, type Unit } from "../report/text.ts";
import type { CommonOptions } from "./options.ts";

/** A progress line for a command; until it computes, what it does instead. */
export const progressFor = ({ quiet = false, unit }: CommonOptions) =>
  createProgress({ stream: process.stderr, quiet, unit, waiting: "opening the adapter, compiling shaders" });

/** Feeds a progress line from training. */
export const onProgress =
  (progress: ReturnType<typeof progressFor>, unit: Unit) =>
  (p: { done: number; total: number; stepsPerSecond: number; estimate?: number | undefined }): void => {
    const { done, total, stepsPerSecond } = p;
    progress.update({
      done,
      total,
      stepsPerSecond,
      ...(p.estimate !== undefined && { estimate: fromNats(p.estimate, unit) }),
    });
  };
