/** Pointwise MI of new rows, by critics that were trained before. */

import { scoreByGaussians } from "../crossfit/gaussian-members.ts";
import { type InputMap, mapsOf, tablesOf } from "../crossfit/inputs.ts";
import { scoreByNetworks } from "../crossfit/networks.ts";
import type { CrossFit } from "../crossfit/options.ts";
import { type ArrayInput, toColumns } from "../data/check.ts";
import { InputError } from "../errors.ts";
import { type Gpu, open } from "../gpu/device.ts";

export type SideName = "x" | "y" | "given";

interface NamedSide {
  name: SideName;
  maps: readonly InputMap[];
}

/** Takes the members off the GPU and returns what scores new rows with them: the mean log ratio of all folds, nats. */
export async function criticScores(
  { members, folds }: CrossFit,
  left: readonly NamedSide[],
  right: readonly NamedSide[],
): Promise<(columns: Record<SideName, Float64Array[]>, rows: number, gpu: Gpu) => Promise<Float64Array>> {
  const kept = await Promise.all(members.map((kind) => kind.keep()));
  const maps = mapsOf([...left, ...right]);
  return async (columns, rows, gpu) => {
    const tables = (sides: readonly NamedSide[], radius: boolean) =>
      tablesOf(
        sides.map(({ name, maps: own }) => ({ maps: own, columns: columns[name] })),
        maps,
        radius,
      );
    const scores: Float64Array[][][] = [];
    for (const members of kept) {
      // The trained networks alone look at the radius.
      const radius = members.kind === "networks";
      const input = { x: tables(left, radius), y: tables(right, radius), rows };
      scores.push(radius ? await scoreByNetworks(members, input, gpu) : scoreByGaussians(members, input));
    }
    const sum = new Float64Array(rows);
    folds.forEach(({ weights, constant }, f) => {
      const own = scores.flatMap((list) => list[f]!);
      for (let i = 0; i < rows; i++)
        sum[i]! += own.reduce((total, list, m) => total + weights[m]! * list[i]!, 0) - constant;
    });
    return sum.map((value) => value / folds.length);
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
