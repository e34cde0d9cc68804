/** The work itself, on whatever there is to do it: all pairs of a table, and one pair closer. */
import {
  type EstimateResult,
  estimate,
  type Gpu,
  InterruptedError,
  type MatrixChunk,
  matrix,
  type PairRecord,
} from "../../src/index.ts";
import type { TestedColumn } from "./independence.ts";
import { falseDiscovery } from "./independence.ts";
import type { Reader } from "./reader.ts";
import type { Side } from "./scatter.ts";
import type { Ready } from "./table.ts";

const PERMUTATIONS = 200;

export interface Hooks {
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
  /** Awaited: what goes before the next pairs is done here. */
  onChunk: (chunk: MatrixChunk) => void | Promise<void>;
}

/** What is known of all pairs in the end. */
export interface Found {
  /** The adjusted p of each pair, named by the places of its columns. */
  q: Map<string, number>;
  seconds: number;
  /** Columns and pairs of which nothing can be told, with the reason. */
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
  return {
    name: gpu.name,
    rows: isSoftware ? 400 : 5000,
    brief: isSoftware
      ? "This adapter computes on the CPU, so that the networks train about a quarter as long as usual: on a GPU they find more."
      : "",
    pairs: (ready, done, hooks) => pairsOnGpu(gpu, ready, done, hooks),
    look: (x, y, { signal, onProgress }) =>
      estimate(Float64Array.from(x.values), Float64Array.from(y.values), {
        ...{ gpu, signal, fast: isSoftware, names: { x: [x.name], y: [y.name] } },
        categories: { x: [x.levels !== undefined], y: [y.levels !== undefined] },
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
  const place = new Map(report.columns.map((name, c) => [name, c]));
  return {
    q: new Map(report.pairs.map(({ x, y, q }) => [`${place.get(x)} ${place.get(y)}`, q!])),
    seconds: report.seconds,
    leftOut: [
      ...report.leftOut.map(({ column, reason }) => `“${column}” is left out: it is ${reason}.`),
      ...report.leftOutPairs.map(({ x, y, reason }) => `“${x}” with “${y}” is left out: ${reason}.`),
    ],
  };
}

export function cpuWork(reader: Reader): Work {
  return {
    name: "none",
    rows: 400,
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
  const records = new Map(known.map((record) => [`${record.x} ${record.y}`, record]));
  const total = (columns.length * (columns.length - 1)) / 2;
  const tested = columns.map(({ kind = "numeric", values }) => ({ kind, values }) as TestedColumn);
  await reader.ask(
    "pairs",
    { columns: tested, permutations: PERMUTATIONS, known },
    (record) => {
      records.set(`${record.x} ${record.y}`, record);
      onProgress(records.size, total);
      void onChunk({ pairs: [record], largest: [] });
    },
    signal,
  );
  if (signal.aborted) throw new InterruptedError("interrupted");
  return { q: falseDiscovery([...records.values()]), seconds: (performance.now() - began) / 1000, leftOut: [] };
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
