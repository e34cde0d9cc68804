/** Gaussian copulas as members: a closed form for each fold and each map of the columns. */

import { fitGaussian, scorePairs, scoreRows } from "./gaussian-copula.ts";
import type { Table32 } from "./inputs.ts";
import type { KeptGaussians } from "./kept.ts";
import type { Members, NewRows } from "./member.ts";

/** What the closed forms of one fold are fitted on: the inputs by each map, without the radius, and the training rows. */
export interface GaussianFold {
  x: readonly Table32[];
  y: readonly Table32[];
  train: Uint32Array;
}

/** The ratios of all folds, one for each map. */
export function gaussianMembers(folds: readonly GaussianFold[]): Members {
  const ratios = folds.map(({ x, y, train }) => x.map((table, m) => fitGaussian(table, y[m]!, train)));
  return {
    names: folds[0]!.x.map((_, m) => `gaussian copula ${m + 1}`),
    async score(rows, pairing, first, scratch) {
      return rows.map((list, i) => {
        const { x, y } = folds[first + i]!;
        return ratios[first + i]!.map((ratio, m) => scoreRows(ratio, x[m]!, y[m]!, list, pairing, scratch));
      });
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
