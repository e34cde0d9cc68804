/** Gaussian copulas as members: a closed form for each fold and each map of the columns. */

import type { Gpu } from "../gpu/device.ts";
import type { RowScores } from "../math/statistics.ts";
import { fitGaussian, type GaussianRatio, scorePairs, scoreRows } from "./gaussian-copula.ts";
import type { Table32 } from "./inputs.ts";
import type { KeptGaussians } from "./kept.ts";
import type { Members, NewRows } from "./member.ts";

/** What the closed forms of one fold are fitted on: the inputs by each map, without the radius, and the training rows. */
export interface GaussianFold {
  x: readonly Table32[];
  y: readonly Table32[];
  train: Uint32Array;
  /** Of all rows of the tables; default: all count alike. */
  weights?: Float64Array | undefined;
}

/** The ratios of all folds, one for each map; fitted and scored on the host, with turns of the GPU in between. */
export async function gaussianMembers(gpu: Gpu, folds: readonly GaussianFold[]): Promise<Members> {
  const ratios: GaussianRatio[][] = [];
  for (const { x, y, train, weights } of folds) {
    await gpu.turn();
    ratios.push(x.map((table, m) => fitGaussian(table, y[m]!, train, weights)));
  }
  return {
    names: folds[0]!.x.map((_, m) => `gaussian copula ${m + 1}`),
    async score(rows, pairing, first, scratch) {
      const scores: RowScores[][] = [];
      for (const [i, list] of rows.entries()) {
        const { x, y } = folds[first + i]!;
        await gpu.turn();
        scores.push(ratios[first + i]!.map((ratio, m) => scoreRows(ratio, x[m]!, y[m]!, list, pairing, scratch)));
      }
      return scores;
    },
    async keep(): Promise<KeptGaussians> {
      return { kind: "gaussians", ratios };
    },
  };
}

/** The ratios of new rows, nats: for each fold, by each map. */
export function scoreByGaussians({ ratios }: KeptGaussians, { x, y, rows }: NewRows): Float64Array[][] {
  const pairs = Uint32Array.from({ length: 2 * rows }, (_, i) => i >> 1);
  return ratios.map((list) => list.map((ratio, m) => scorePairs(ratio, x[m]!, y[m]!, pairs)));
}
