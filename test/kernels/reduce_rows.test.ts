import { describe, expect } from "vitest";
import { type EstimatorName, estimators } from "../../src/gpu/shaders.gen.ts";
import { evaluate } from "../evaluate.ts";
import { EPS, EXP, expectClose, it, normals, range, split } from "../gpu.ts";
import { logMeanExp, parameters } from "../oracle/estimators.ts";

const names = (Object.keys(estimators) as EstimatorName[]).filter((name) => estimators[name].rows);

/** log of the sum of exp */
const lse = (list: readonly number[]) => logMeanExp(list) + Math.log(list.length);

/** What an estimator sums over the marginal pairs of a row, where it does. */
const sums: Record<string, (joint: number, others: number[], base: number) => [number, number]> = {
  tuba: (_, others, base) => [others.reduce((sum, t) => sum + Math.exp(t - base - parameters.logBaseline), 0), 0],
  "i-alpha": (joint, others, base) => {
    const { alpha } = parameters;
    const mixture = (list: number[]) => Math.log(alpha * Math.exp(logMeanExp(list)) + (1 - alpha) * Math.exp(base));
    const all = lse([joint, ...others]);
    return [
      others.reduce((sum, _t, j) => sum + Math.exp(all - mixture([joint, ...others.filter((_, c) => c !== j)])), 0),
      others.reduce((sum, t) => sum + Math.exp(t - mixture(others)), 0),
    ];
  },
};

describe.each(names)("reduce_rows, %s", (name) => {
  it.each([
    { replicas: 1, joint: 1, marginals: 1, level: 0 },
    { replicas: 3, joint: 13, marginals: 63, level: 0 },
    { replicas: 1, joint: 5, marginals: 64, level: 50 },
    { replicas: 3, joint: 2, marginals: 65, level: -50 },
    { replicas: 1, joint: 65, marginals: 3, level: 0 },
    { replicas: 1, joint: 3, marginals: 257, level: 0 },
  ])("R $replicas, N $joint, K $marginals, scores around $level", async ({ replicas, joint, marginals, level }) => {
    const scores = normals(1, replicas * joint * (1 + marginals)).map((t) => 3 * t + level);
    const baseline = normals(2, replicas * joint).map((b) => b + level);
    const { rows } = await evaluate(name, scores, { joint, marginals, baseline });
    // Every lane folds its share, then a tree of six: each fold takes two exp. The result rounds like T does.
    const folds = Math.ceil(marginals / 64) + 6;
    const tolerance = 2 * EXP * folds + 8 * EPS * (10 + Math.abs(level));
    split(scores, replicas * joint).forEach((list, at) => {
      const [first, ...others] = Array.from(list) as [number, ...number[]];
      const got = rows[at]!;
      expect([got.joint, got.baseline, got.marginals]).toEqual([first, baseline[at], marginals]);
      expectClose([got.lse, got.marginal_lse], [lse([first, ...others]), lse(others)], {
        tolerance,
        what: `row ${at}`,
      });
      const want = sums[name]?.(first, others, baseline[at]!) ?? [0, 0];
      // exp of a difference of sums: as good as those, relative; alone of a pair that dominates its row, log1mexp loses more.
      const relative = 30 * tolerance;
      range(2).forEach((i) => {
        const value = [got.first, got.second][i]!;
        expectClose([value], [want[i]!], {
          tolerance: relative,
          scale: Math.abs(want[i]!) + 1e-6,
          what: `sum ${i} of row ${at}`,
        });
      });
    });
  });
});
