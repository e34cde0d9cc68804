import type { CrossFit } from "./crossfit.ts";
import { type ArrayInput, toColumns } from "./data/check.ts";
import { matrixOf, type Transform } from "./data/transform.ts";
import { type Gpu, open } from "./device.ts";
import { InputError } from "./errors.ts";
import { tileForm } from "./kernel.ts";
import { Scorer } from "./scorer.ts";
import { identityPairs } from "./source.ts";

/** Takes the trained critics off the GPU and returns what scores new rows with them. */
export async function createPointwise(
  fit: CrossFit,
  transforms: readonly [readonly Transform[], readonly Transform[]],
  where: { gpu: Gpu | undefined; adapter: string | undefined },
): Promise<(x: ArrayInput, y: ArrayInput) => Promise<Float64Array>> {
  const { trainer, folds } = fit;
  const parameters = new Float32Array(await trainer.gpu.read(fit.best));
  const { shape, options } = trainer;

  return async (x, y) => {
    const sides = [toColumns(x, "x"), toColumns(y, "y")] as const;
    sides.forEach((side, s) => {
      const name = s === 0 ? "x" : "y";
      if (side.columns.length !== transforms[s]!.length) {
        throw new InputError(
          `${name} has ${side.columns.length} columns, but the critics were trained on ${transforms[s]!.length}`,
        );
      }
    });
    const rows = sides[0].rows;
    if (rows !== sides[1].rows)
      throw new InputError(`x has ${rows} rows and y has ${sides[1].rows}; give both the same rows`);

    const { data, columns } = matrixOf(transforms.flat(), [...sides[0].columns, ...sides[1].columns], rows);
    const gpu = where.gpu ?? (await open({ adapter: where.adapter }));
    const picks = Array.from({ length: shape.replicas }, () => Array.from({ length: columns }, (_, c) => c)).flat();
    const tensors = [
      gpu.tensor("score/params", parameters),
      gpu.tensor("score/table", data),
      gpu.tensor("score/columns", Uint32Array.from(picks)),
    ] as const;
    let scorer: Scorer | undefined;
    try {
      scorer = await Scorer.create(gpu, {
        shape,
        critic: options.critic,
        source: options.source,
        tile: tileForm(gpu),
        params: tensors[0],
        table: tensors[1],
        columns: tensors[2],
        tableColumns: columns,
        batch: Math.min(rows, 2048),
      });
      const pairs = identityPairs(Uint32Array.from({ length: rows }, (_, i) => i));
      const scores = await scorer.score(Array.from({ length: shape.replicas }, () => pairs));
      const restarts = shape.replicas / folds.length;
      const sum = new Float64Array(rows);
      scores.forEach((values, r) => {
        const { weights, constant } = folds[Math.floor(r / restarts)]!;
        for (let i = 0; i < rows; i++) sum[i]! += weights[r % restarts]! * values[i]! - constant / restarts;
      });
      return sum.map((value) => value / folds.length);
    } finally {
      scorer?.dispose();
      for (const { buffer } of tensors) buffer.destroy();
      if (!where.gpu) gpu.dispose();
    }
  };
}
