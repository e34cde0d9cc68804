/** Trained critics as members: folds × restarts replicas of one trainer, at their best look. */

import { layoutOf, type Shape } from "../critics/shape.ts";
import type { Gpu } from "../gpu/device.ts";
import { BYTES_AT_ONCE } from "../gpu/profile.ts";
import { tileForm } from "../gpu/program.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { RowScores, Scores } from "../math/statistics.ts";
import { everyRow, identityPairs, type TableSource } from "../sources/table.ts";
import { type Pairing, pairsOf } from "../training/pairing.ts";
import { Scorer } from "../training/scorer.ts";
import type { Trainer } from "../training/trainer.ts";
import type { Split } from "./folds.ts";
import { beside, type Table32 } from "./inputs.ts";
import { type CriticRecipe, criticOf, type KeptNetworks } from "./kept.ts";
import type { Members, NewRows } from "./member.ts";
import type { Scratch } from "./scratch.ts";

/** Critics of all folds of one fit or several, trained side by side: replica = (fit × folds + fold) × restarts + restart. */
export interface Critics {
  /** Has the parameters as they are now. */
  trainer: Trainer;
  /** (R, P): the parameters at each critic's best look at validation rows. */
  best: Tensor;
  /** Of the rows of the table, in the mean 1: how much of the population each stands for. Default: all alike. */
  weights?: Float64Array | undefined;
  /** One for each fold of each fit. */
  splits: readonly Split[];
  recipe: CriticRecipe;
  restarts: number;
  /** How many maps of the columns the restarts take turns with. */
  maps: number;
}

/** What each critic is given of its fold. */
export const ofEachCritic = <T>({ splits, restarts }: Critics, pick: (split: Split) => T): T[] =>
  splits.flatMap((split) => Array<T>(restarts).fill(pick(split)));

/** A list with an entry for each critic, cut by folds. */
export const byFold = <T>({ splits, restarts }: Pick<Critics, "splits" | "restarts">, list: readonly T[]): T[][] =>
  splits.map((_, f) => list.slice(f * restarts, (f + 1) * restarts));

/** Pairs of each critic that are scored at once where they are named, the fewer the more inputs; how many changes no bit. */
export const pairsAtOnce = (replicas: number, { xWidth, yWidth }: Pick<Shape, "xWidth" | "yWidth">): number => {
  const fit = BYTES_AT_ONCE / (4 * replicas * Math.max(xWidth, yWidth));
  return Math.max(64, Math.min(2048, Math.floor(Math.min(2 ** 18 / replicas, fit))));
};

/** Scores rows and their marginal partners by every replica. */
export interface RowScorer {
  /**
   * @param rows of each replica
   * @param scratch where the scores stand; default: each in an array of its own
   */
  score(rows: readonly Uint32Array[], scratch?: Scratch): Promise<RowScores[]>;
  dispose(): void;
}

/**
 * Makes a scorer of rows for one pairing. Blocks of rows go through the critic as a training batch does; where that would
 * take too much memory, pairs are named.
 *
 * @param params (R, P)
 * @param part some replicas in a row; default all
 */
export async function rowScorer(
  trainer: Trainer,
  params: Tensor,
  pairing: Pairing,
  part?: { first: number; count: number },
): Promise<RowScorer> {
  const { count } = part ?? { count: trainer.shape.replicas };
  const blocked = count * blockBytes(trainer, pairing) <= BYTES_AT_ONCE;
  const scorer = await trainer.scorer({
    ...(blocked ? { batch: pairing.size, marginals: pairing.perRow } : { batch: pairsAtOnce(count, trainer.shape) }),
    ...{ params, part },
  });
  return {
    score: (rows, scratch) =>
      blocked
        ? scorer.scoreBlocks(rows, scratch && ((length) => scratch.single(length)))
        : scoreNamed(scorer, rows, pairing),
    dispose: () => scorer.dispose(),
  };
}

/** Bytes of the widest layer's outputs for a block of rows and their marginal partners, of each replica. */
function blockBytes({ shape: { layout, xWidth, yWidth } }: Trainer, { size, perRow }: Pairing): number {
  const widest = Math.max(xWidth, yWidth, ...layout.layers.map((layer) => layer.outputs));
  return 4 * size * (1 + perRow) * widest;
}

async function scoreNamed(scorer: Scorer, rows: readonly Uint32Array[], pairing: Pairing): Promise<RowScores[]> {
  const scores = await scorer.score(padded(rows.map((list) => pairsOf(list, pairing))));
  return scores.map((all, r) => {
    const n = rows[r]!.length;
    return { joint: all.subarray(0, n), marginal: all.subarray(n, n * (1 + pairing.perRow)) };
  });
}

/** Lists of one length: shorter ones are filled up with zeros. */
export function padded(lists: readonly Uint32Array[]): Uint32Array[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return lists.map((list) => {
    const full = new Uint32Array(longest);
    full.set(list);
    return full;
  });
}

/**
 * T may not say more of a pair than its training rows can: of n rows, a density ratio above n is an accident of a few of
 * them, and one such marginal pair would outweigh all others.
 */
export const clipped = ({ joint, marginal }: RowScores, most: number): RowScores => ({
  joint: atMost(joint, most),
  marginal: atMost(marginal, most),
});

/** A copy in double precision, which `most` needs, only where something is cut off. */
function atMost(values: Scores, most: number): Scores {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > most) return Float64Array.from(values, (t) => Math.min(most, t));
  }
  return values;
}

/** No T of a fold's critics above it, nats. */
export const mostOf = ({ train }: Split): number => Math.log(train.length);

/** The trained critics of all folds. */
export function networks(critics: Critics): Members {
  const { trainer, best, splits, recipe, restarts, maps } = critics;
  return {
    names: Array.from({ length: restarts }, (_, r) => `network ${r + 1}`),
    async score(rows, pairing, first, scratch) {
      // As many folds at once as pass in blocks: to name their pairs takes the towers a pass for each of them.
      const together = Math.max(1, Math.floor(BYTES_AT_ONCE / (restarts * blockBytes(trainer, pairing))));
      const scores: RowScores[][] = [];
      for (let from = 0; from < rows.length; from += together) {
        const some = rows.slice(from, from + together);
        scores.push(...(await scoreFolds(critics, some, pairing, first + from, scratch)));
      }
      return scores;
    },
    async keep(): Promise<KeptNetworks> {
      const { xWidth, yWidth } = trainer.shape;
      const params = new Float32Array(await trainer.gpu.read(best));
      return { kind: "networks", recipe, xWidth, yWidth, restarts, maps, most: splits.map(mostOf), params };
    },
  };
}

/** Scores of rows of some folds in a row, from `first` on, by their critics at their best look. */
async function scoreFolds(
  { trainer, best, splits, restarts }: Critics,
  rows: readonly Uint32Array[],
  pairing: Pairing,
  first: number,
  scratch: Scratch,
): Promise<RowScores[][]> {
  const some = splits.slice(first, first + rows.length);
  const part = some.length < splits.length ? { first: first * restarts, count: some.length * restarts } : undefined;
  const scorer = await rowScorer(trainer, best, pairing, part);
  try {
    const scores = await scorer.score(
      rows.flatMap((list) => Array<Uint32Array>(restarts).fill(list)),
      scratch,
    );
    return byFold({ splits: some, restarts }, scores).map((list, f) => list.map((s) => clipped(s, mostOf(some[f]!))));
  } finally {
    scorer.dispose();
  }
}

/** T of new rows, nats: for each fold, by each of its critics. */
export async function scoreByNetworks(
  { recipe, xWidth, yWidth, restarts, maps, most, params }: KeptNetworks,
  { x, y, rows }: NewRows,
  gpu: Gpu,
): Promise<Float64Array[][]> {
  const source = tableOfMaps(x, y);
  const critic = criticOf(recipe);
  const layout = layoutOf(critic.layers(xWidth, yWidth));
  const replicas = most.length * restarts;
  const picks = Array.from({ length: replicas }, (_, r) => source.picks[(r % restarts) % maps]!).flat();
  const tensors = [
    gpu.tensor("score/params", params),
    gpu.tensor("score/table", source.data),
    gpu.tensor("score/columns", Uint32Array.from(picks)),
  ] as const;
  let scorer: Scorer | undefined;
  try {
    scorer = await Scorer.create(gpu, {
      ...{ replicas, xWidth, yWidth, layout, critic, layers: layout.layers, source },
      tile: tileForm(gpu),
      params: tensors[0],
      table: tensors[1],
      columns: tensors[2],
      tableColumns: source.columns,
      batch: Math.min(rows, 2048),
    });
    const pairs = identityPairs(everyRow(rows));
    const scores = await scorer.score(Array.from({ length: replicas }, () => pairs));
    return most.map((top, f) =>
      scores.slice(f * restarts, (f + 1) * restarts).map((list) => Float64Array.from(list, (v) => Math.min(top, v))),
    );
  } finally {
    scorer?.dispose();
    for (const { buffer } of tensors) buffer.destroy();
  }
}

/**
 * The table of all maps of both sides, side by side; `picks` has an entry for each map.
 *
 * @param x inputs of x by each map, equally many columns; `y` likewise, or by one map that serves all
 */
export function tableOfMaps(x: readonly Table32[], y: readonly Table32[]): TableSource {
  const { data, columns } = beside([...x, ...y]);
  const [xWidth, yWidth] = [x[0]!.columns, y[0]!.columns];
  const run = (from: number, count: number) => Array.from({ length: count }, (_, c) => from + c);
  const picks = Array.from({ length: Math.max(x.length, y.length) }, (_, m) => [
    ...run((m % x.length) * xWidth, xWidth),
    ...run(x.length * xWidth + (m % y.length) * yWidth, yWidth),
  ]);
  return { kind: "table", xWidth, yWidth, data, rows: data.length / columns, columns, picks, pairs: [] };
}
