/** Pointwise MI of new rows, by critics that were trained before. */

import { scoreByGaussians } from "../crossfit/gaussian-members.ts";
import { type InputMap, lasting, mapsOf, tablesOf } from "../crossfit/inputs.ts";
import { scoreByNetworks } from "../crossfit/networks.ts";
import type { CrossFit } from "../crossfit/options.ts";
import type { Column, Side, SideName } from "../data/columns.ts";
import { type ColumnsInput, toColumns } from "../data/input.ts";
import { InputError } from "../errors.ts";
import { type Gpu, open } from "../gpu/device.ts";

interface NamedSide {
  name: SideName;
  maps: readonly InputMap[];
}

/** Takes the members off the GPU and returns what scores new rows with them: the mean log ratio of all folds, nats. */
export async function criticScores(
  { members, folds }: CrossFit,
  left: readonly NamedSide[],
  right: readonly NamedSide[],
): Promise<(columns: Record<SideName, Column[]>, rows: number, gpu: Gpu) => Promise<Float64Array>> {
  const kept = await Promise.all(members.map((kind) => kind.keep()));
  const [ofX, ofY] = [left, right].map((sides) =>
    sides.map(({ name, maps }): NamedSide => ({ name, maps: maps.map(lasting) })),
  ) as [NamedSide[], NamedSide[]];
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
      const input = { x: tables(ofX, radius), y: tables(ofY, radius), rows };
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
  sides: readonly Side[],
  where: { gpu: Gpu | undefined; adapter: string | undefined },
): (x: ColumnsInput, y: ColumnsInput, given?: ColumnsInput) => Promise<Float64Array> {
  // Only what is asked of new rows is kept, and not the rows themselves.
  const known = sides.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }));
  return async (x, y, given) => {
    const inputs = { x, y, given };
    const columns: Record<SideName, Column[]> = { x: [], y: [], given: [] };
    let rows = 0;
    if (given !== undefined && known.length === 2)
      throw new InputError("the critics were trained without given columns; leave out the third argument of score()");
    for (const { name, columns: names } of known) {
      const input = inputs[name];
      if (input === undefined)
        throw new InputError("the critics were trained with given columns; call score(x, y, given)");
      const side = toColumns(input, name);
      if (side.columns.length !== names.length) {
        throw new InputError(
          `${name} has ${side.columns.length} columns, but the critics were trained on ${names.length}`,
        );
      }
      rows ||= side.rows;
      if (side.rows !== rows)
        throw new InputError(`x has ${rows} rows and ${name} has ${side.rows}; give both the same rows`);
      columns[name] = inOrder(side, names);
    }
    const gpu = where.gpu ?? (await open({ adapter: where.adapter }));
    try {
      return await score(columns, rows, gpu);
    } finally {
      if (!where.gpu) gpu.dispose();
    }
  };
}

/** The columns as critics know them: by name where both have names, else as they stand. */
function inOrder({ name, columns }: Side, known: readonly (string | undefined)[]): Column[] {
  if (columns.some((column) => column.name === undefined)) return columns;
  return known.map((wanted, c) => {
    if (wanted === undefined) return columns[c]!;
    const found = columns.find((column) => column.name === wanted);
    if (found) return found;
    throw new InputError(
      `${name} has no column "${wanted}", on which the critics were trained. Give the same columns: ${known.join(", ")}`,
    );
  });
}
