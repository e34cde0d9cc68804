/** What the pages are told of results: plain values, in nats. */
import type { Diagnostic } from "../../diagnostic.ts";

/** What an estimate says, as far as its page shows it. An `EstimateResult` is one. */
export interface Told {
  kind: "trained" | "neighbors";
  mi: number;
  bound: number;
  interval: readonly [number, number];
  upperFrom: string;
  standardError: number;
  estimator: string;
  rows: number;
  dropped: number;
  seconds: number;
  adapter: string;
  transforms: { x: string[]; y: string[]; given?: string[] | undefined };
  opinions: readonly { method: string; mi: number; standardError: number; remark?: string | undefined }[];
  diagnostics: readonly Diagnostic[];
  checks?: readonly Diagnostic[] | undefined;
  independence?: { p: number; permutations: number; permuted: string } | undefined;
  units?: { count: number; correlationTime?: number } | undefined;
  weights?: { effective: number; unused: number } | undefined;
  sample?: { reason: string } | undefined;
  terms?: Record<string, { raw: number; standardError: number }> | undefined;
  members?: readonly { name: string; weight: number }[] | undefined;
}

/** What is known of an estimator: an entry of the catalogue. */
export interface Method {
  title: string;
  bound: "lower" | "upper" | "none";
  statement: string;
  paper: string;
}

/** The names of the columns of each side. */
export interface Names {
  x: readonly string[];
  y: readonly string[];
  given?: readonly string[] | undefined;
  versus?: readonly string[] | undefined;
}

/** How to have the same again. */
export interface Repeat {
  /** As a POSIX shell takes it. */
  command: string;
  /** The same from JavaScript; absent where it cannot be written down, and `why` says so. */
  library?: string | undefined;
  why?: string | undefined;
  /** What was set, or chosen, by name. */
  settings: readonly (readonly [name: string, value: string])[];
}
