/** Pointwise MI of new rows, by critics that were trained before. */
import { layersOf } from "./critic.ts";
import type { CrossFit } from "./crossfit.ts";
import { type ArrayInput, toColumns } from "./data/check.ts";
import { matrixOf, type Transform } from "./data/transform.ts";
import { type Gpu, open } from "./device.ts";
import { InputError } from "./errors.ts";
import { tileForm } from "./kernel.ts";
import { Scorer } from "./scorer.ts";
import { identityPairs } from "./source.ts";

export type SideName = "x" | "y" | "given";

/** Takes the trained critics off the GPU and returns what scores new rows with them: the mean log ratio of all folds. */
export async function criticScores(
  fit: CrossFit,
  sides: readonly { name: SideName; transforms: readonly Transform[] }[],
): Promise<(columns: Record<SideName, Float64Array[]>, rows: number, gpu: Gpu) => Promise<Float64Array>> {
  const { trainer, folds } = fit;
  const parameters = new Float32Array(await trainer.gpu.read(fit.best));
  const { shape, options } = trainer;

  return async (input, rows, gpu) => {
    const { data, columns } = matrixOf(
      sides.flatMap((side) => side.transforms),
      sides.flatMap((side) => input[side.name]),
      rows,
    );
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
        layers: layersOf(options.critic, shape),
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
    }
  };
}

/** The `score` of a result: checks new rows against the columns that critics were trained on, and opens a GPU if none is given. */
export function scoreOfRows(
  score: Awaited<ReturnType<typeof criticScores>>,
  sides: readonly { name: SideName; columns: readonly Float64Array[] }[],
  where: { gpu: Gpu | undefined; adapter: string | undefined },
): (x: ArrayInput, y: ArrayInput, given?: ArrayInput) => Promise<Float64Array> {
  return async (x, y, given) => {
    const inputs = { x, y, given };
    const columns: Record<SideName, Float64Array[]> = { x: [], y: [], given: [] };
    let rows = 0;
    if (given !== undefined && !sides.some(({ name }) => name === "given"))
      throw new InputError("the critics were trained without given columns; leave out the third argument of score()");
    for (const { name, columns: known } of sides) {
      const input = inputs[name];
      if (input === undefined)
        throw new InputError("the critics were trained with given columns; call score(x, y, given)");
      const side = toColumns(input, name);
      if (side.columns.length !== known.length) {
        throw new InputError(
          `${name} has ${side.columns.length} columns, but the critics were trained on ${known.length}`,
        );
      }
      rows ||= side.rows;
      if (side.rows !== rows)
        throw new InputError(`x has ${rows} rows and ${name} has ${side.rows}; give both the same rows`);
      columns[name] = side.columns;
    }
    const gpu = where.gpu ?? (await open({ adapter: where.adapter }));
    try {
      return await score(columns, rows, gpu);
    } finally {
      if (!where.gpu) gpu.dispose();
    }
  };
}
