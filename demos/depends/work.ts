/** The work itself, on whatever there is to do it: all pairs of a table, and one pair closer. */
import {
  type EstimateResult,
  estimate,
  type Gpu,
  InterruptedError,
  type MatrixChunk,
  type MatrixReport,
  matrix,
  type PairRecord,
} from "../../src/index.ts";
import { categoriesOf, type Training } from "./code.ts";
import { falseDiscovery, type Told } from "./independence.ts";
import type { Reader } from "./reader.ts";
import type { Side } from "./scatter.ts";
import type { Ready } from "./table.ts";
import { Refusal } from "./text.ts";
import { plural, quoted } from "./words.ts";

const PERMUTATIONS = 200;

export interface Hooks {
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
  /** Awaited: what goes before the next pairs is done here. */
  onChunk: (chunk: MatrixChunk) => void | Promise<void>;
}

/** What is known of all pairs in the end. */
export interface Found {
  /** The p of each pair, named by the places of its columns; and what that is worth among so many. */
  p?: ReadonlyMap<string, number>;
  q: ReadonlyMap<string, number>;
  seconds: number;
  /** What there is to say against the rows as independent samples. */
  diagnostics?: MatrixReport["diagnostics"];
  /** Pairs of which nothing can be told, with the reason. */
  leftOut: string[];
}

export interface Work {
  name: string;
  /** Rows that are taken. */
  rows: number;
  /** @param done chunks of earlier work on the same rows */
  pairs: (ready: Ready, done: readonly MatrixChunk[], hooks: Hooks) => Promise<Found>;
  /** Networks on one pair; absent where there is no GPU for them. */
  look?: (x: Side, y: Side, hooks: LookHooks) => Promise<EstimateResult>;
  training: Training;
  /** What a visitor should know of how a pair is looked at here. */
  brief: string;
}

export interface LookHooks {
  signal: AbortSignal;
  onProgress: (share: number, estimate?: number) => void;
}

export const joined = (chunks: readonly MatrixChunk[]): PairRecord[] => {
  const records = new Map<string, PairRecord>();
  // A pair that was tested by more permutations comes again.
  for (const record of chunks.flatMap(({ pairs }) => pairs)) records.set(`${record.x} ${record.y}`, record);
  return [...records.values()];
};

export function gpuWork(gpu: Gpu): Work {
  // What keeps a software adapter at work for seconds keeps a GPU at it for less.
  const isSoftware = gpu.profile.computesOn === "cpu";
  const training: Training = isSoftware ? { fast: true, batch: 32, steps: 200 } : {};
  return {
    ...{ name: gpu.name, training },
    rows: isSoftware ? 400 : 5000,
    brief: isSoftware
      ? "This adapter computes on the CPU, so that the networks train about a quarter as long as usual: on a GPU they find more."
      : "",
    pairs: (ready, done, hooks) => pairsOnGpu(gpu, ready, done, hooks),
    look: (x, y, { signal, onProgress }) =>
      estimate(Float64Array.from(x.values), Float64Array.from(y.values), {
        ...{ gpu, signal, ...training, names: { x: [x.name], y: [y.name] }, categories: categoriesOf(x, y) },
        onProgress: ({ done, total, estimate }) => onProgress(done / total, estimate),
      }),
  };
}

async function pairsOnGpu(
  gpu: Gpu,
  { columns }: Ready,
  done: readonly MatrixChunk[],
  { signal, onProgress, onChunk }: Hooks,
): Promise<Found> {
  const report = await matrix(columns, {
    ...{ gpu, permutations: PERMUTATIONS, signal, done, onChunk },
    onProgress: ({ done, total }) => onProgress(done, total),
  });
  if (report.leftOut[0]) {
    const { column, reason } = report.leftOut[0];
    throw new Refusal(`${quoted(column)} is ${reason}. Untick it`);
  }
  const place = new Map(report.columns.map((name, c) => [name, c]));
  const mapped = (of: "p" | "q") =>
    new Map(report.pairs.map((pair) => [`${place.get(pair.x)} ${place.get(pair.y)}`, pair[of]!]));
  return {
    ...{ p: mapped("p"), q: mapped("q"), seconds: report.seconds, diagnostics: report.diagnostics },
    leftOut: report.leftOutPairs.map(({ x, y, reason }) => `${quoted(x)} with ${quoted(y)} is left out: ${reason}.`),
  };
}

export function cpuWork(reader: Reader): Work {
  return {
    ...{ name: "none", training: {}, rows: 400 },
    brief: "Without a GPU a pair has its number by neighbours alone: networks, which give an interval too, need one.",
    pairs: (ready, done, hooks) => pairsOnCpu(reader, ready, done, hooks),
  };
}

async function pairsOnCpu(
  reader: Reader,
  { columns }: Ready,
  done: readonly MatrixChunk[],
  { signal, onProgress, onChunk }: Hooks,
): Promise<Found> {
  const began = performance.now();
  const known = joined(done);
  const total = (columns.length * (columns.length - 1)) / 2;
  const tested = columns.map(({ kind = "numeric", values }) => ({ kind, values }));
  const tell = (told: Told[]) => {
    const pairs = told.flatMap(({ record }) => record ?? []);
    if (told.length > 0) onProgress(total * told.at(-1)!.share, total);
    if (pairs.length > 0) void onChunk({ pairs, largest: [] });
    found.push(...pairs);
  };
  const found = [...known];
  await reader.ask("pairs", { columns: tested, known }, tell, signal);
  if (signal.aborted) throw new InterruptedError("interrupted");
  const q = falseDiscovery(joined([{ pairs: found, largest: [] }]));
  const leftOut = q.size < total ? [`${plural(total - q.size, "pair")} share too few rows that vary.`] : [];
  return { q, seconds: (performance.now() - began) / 1000, leftOut };
}

/** What of earlier chunks holds for other columns of the same rows. */
export function carried(chunks: readonly MatrixChunk[], from: Ready, to: Ready): MatrixChunk[] {
  const isSame = from.rows.length === to.rows.length && from.rows.every((row, i) => row === to.rows[i]);
  if (!isSame) return [];
  const placeOf = from.keys.map((key) => to.keys.indexOf(key));
  return chunks.map(({ pairs, ...chunk }) => ({
    ...chunk,
    pairs: pairs
      .map((record) => ({ ...record, x: placeOf[record.x]!, y: placeOf[record.y]! }))
      .filter(({ x, y }) => x >= 0 && y >= 0),
  }));
}
