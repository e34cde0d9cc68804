/** Trained critics that outlive their training: they score new rows, and can be saved. */

import type { FoldResult } from "../crossfit/folds.ts";
import { scoreByGaussians } from "../crossfit/gaussian-members.ts";
import { type InputMap, lasting, mapsOf, tablesOf } from "../crossfit/inputs.ts";
import type { KeptMembers } from "../crossfit/kept.ts";
import { scoreByNetworks } from "../crossfit/networks.ts";
import type { Column, Side, SideName } from "../data/columns.ts";
import { type ColumnsInput, toColumns } from "../data/input.ts";
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { type RunOptions, running, type Turn } from "../gpu/run.ts";
import { packed, unpacked } from "../saved.ts";

/** The members of one information, and how each fold weighs them. */
export interface KeptInformation {
  left: KnownSide[];
  right: KnownSide[];
  members: KeptMembers[];
  folds: { weights: number[]; constant: number }[];
}

/** The columns of a side as critics know them. */
interface KnownSide {
  name: SideName;
  /** Names of the columns; null for those of arrays. */
  columns: (string | null)[];
  maps: InputMap[];
}

type MappedSide = Side & { maps: readonly InputMap[] };

async function knownSides(sides: readonly MappedSide[], turn: Turn): Promise<KnownSide[]> {
  const known: KnownSide[] = [];
  for (const { name, columns, maps } of sides) {
    const own: InputMap[] = [];
    for (const map of maps) own.push(await lasting(map, turn));
    known.push({ name, columns: columns.map((column) => column.name ?? null), maps: own });
  }
  return known;
}

/** Members that left the GPU, with the maps of the columns that they were trained on: 16 bytes a rank. */
export async function keptInformation(
  { members, folds }: { members: KeptMembers[]; folds: readonly FoldResult[] },
  left: readonly MappedSide[],
  right: readonly MappedSide[],
  turn: Turn,
): Promise<KeptInformation> {
  return {
    ...{ left: await knownSides(left, turn), right: await knownSides(right, turn), members },
    folds: folds.map(({ weights, constant }) => ({ weights, constant })),
  };
}

/** The mean log density ratio of new rows over all folds, nats. */
async function scoreKept(
  { left, right, members, folds }: KeptInformation,
  columns: Partial<Record<SideName, Column[]>>,
  rows: number,
  gpu: Gpu,
): Promise<Float64Array> {
  const maps = mapsOf([...left, ...right]);
  const tables = (sides: readonly KnownSide[], radius: boolean) =>
    tablesOf(
      sides.map(({ name, maps: own }) => ({ maps: own, columns: columns[name]! })),
      maps,
      radius,
    );
  const scores: Float64Array[][][] = [];
  for (const kept of members) {
    // The trained networks alone look at the radius.
    const radius = kept.kind === "networks";
    const input = { x: tables(left, radius), y: tables(right, radius), rows };
    scores.push(radius ? await scoreByNetworks(kept, input, gpu) : scoreByGaussians(kept, input));
  }
  const sum = new Float64Array(rows);
  folds.forEach(({ weights, constant }, f) => {
    const own = scores.flatMap((list) => list[f]!);
    for (let i = 0; i < rows; i++)
      sum[i]! += own.reduce((total, list, m) => total + weights[m]! * list[i]!, 0) - constant;
  });
  return sum.map((value) => value / folds.length);
}

const FORMAT = { kind: "remine estimate", version: 2 };

/** Where new rows are scored. */
export type ScoreRun = Pick<RunOptions, "gpu" | "adapter" | "quiet" | "signal">;

/** Everything of an estimate that new rows are scored with. */
interface Kept {
  estimator: string;
  /** The information, or the two whose difference is that given columns. */
  terms: KeptInformation[];
}

/** The critics of an estimate, without its rows and without a GPU. */
export class TrainedCritics {
  /** Name of the estimator that trained them. */
  readonly estimator: string;
  readonly #kept: Kept;
  readonly #run: ScoreRun;

  /** Use {@link load}, or `critics` of a result. */
  constructor(kept: Kept, run: ScoreRun = {}) {
    this.estimator = kept.estimator;
    this.#kept = kept;
    this.#run = run;
  }

  /** Names of the columns that they were trained on; null for those of arrays. */
  get columns(): Partial<Record<SideName, readonly (string | null)[]>> {
    return Object.fromEntries(this.#sides().map(({ name, columns }) => [name, columns]));
  }

  /**
   * Pointwise MI of new rows, nats: log p(x,y) / p(x)p(y), given columns log p(x,y|z) / p(x|z)p(y|z); the mean of all
   * critics. Opens a GPU for the call unless one is given.
   *
   * @param x the same columns as before, by name if both have names; `y` likewise, and `given` if there was one
   * @throws {InputError} for columns that are not those of the training
   */
  async score(x: ColumnsInput, y: ColumnsInput, given?: ColumnsInput): Promise<Float64Array> {
    const { columns, rows } = this.#read({ x, y, given });
    return running(this.#run, async ({ gpu }) => {
      const [whole, part] = this.#kept.terms as [KeptInformation, KeptInformation?];
      const values = await scoreKept(whole, columns, rows, gpu);
      if (!part) return values;
      const less = await scoreKept(part, columns, rows, gpu);
      return values.map((value, i) => value - less[i]!);
    });
  }

  /** As bytes, for {@link load}: everything but the rows of the training. */
  save(): Uint8Array<ArrayBuffer> {
    return packed(FORMAT, this.#kept);
  }

  #sides(): KnownSide[] {
    const { left, right } = this.#kept.terms[0]!;
    return [...left, ...right];
  }

  #read(inputs: Partial<Record<SideName, ColumnsInput | undefined>>) {
    const columns: Partial<Record<SideName, Column[]>> = {};
    let rows = 0;
    const sides = this.#sides();
    if (inputs.given !== undefined && sides.length === 2)
      throw new InputError("the critics were trained without given columns; leave out the third argument of score()");
    for (const { name, columns: names } of sides) {
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
    return { columns, rows };
  }
}

/** The columns as critics know them: by name where both have names, else as they stand. */
function inOrder({ name, columns }: Side, names: readonly (string | null)[]): Column[] {
  if (columns.some((column) => column.name === undefined)) return columns;
  return names.map((wanted, c) => {
    if (wanted === null) return columns[c]!;
    const found = columns.find((column) => column.name === wanted);
    if (found) return found;
    throw new InputError(
      `${name} has no column "${wanted}", on which the critics were trained. Give the same columns: ${names.join(", ")}`,
    );
  });
}

/**
 * The critics that were saved: fit once, score later.
 *
 * @param run where they score; default: a GPU is opened for each call
 * @throws {InputError} for bytes that are no saved critics, or of another version, or were cut off
 * @example
 * await writeFile("critics.bin", result.critics.save());
 * const pointwise = await load(await readFile("critics.bin")).score(x, y);
 */
export function load(bytes: Uint8Array, run: ScoreRun = {}): TrainedCritics {
  return new TrainedCritics(unpacked<Kept>(FORMAT, bytes), run);
}
