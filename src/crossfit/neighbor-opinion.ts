/** What nearest neighbours see in the rows: KSG over several k, or Mixed KSG where numbers repeat. */

import { checkPair } from "../data/check.ts";
import { sideBySide } from "../data/transform.ts";
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Run } from "../gpu/run.ts";
import { shuffled } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
import { comparable, Lane, type SearchTable } from "../neighbors/comparable.ts";
import { neighborsBatch, standardErrorOf } from "../neighbors/local-values.ts";
import { neighborsOf } from "../neighbors/neighbors.ts";
import { rows as tableOf } from "../sources/table.ts";
import { partOf, type Table32 } from "./inputs.ts";

/** Columns of both sides up to which neighbours see sharply. */
export const FEW_COLUMNS = 4;

/** Rows among which neighbours are looked for, in the plane and in more columns, where they cost n². */
const MOST_ROWS = [20_000, 5_000] as const;

/** Neighbours that are looked at. */
export const K = 5;

/**
 * KSG takes the density as even out to the k-th neighbour. Where it is not (edges, thin lines, many columns), the value
 * falls with k, and what it loses from 3 to 12 neighbours tells what it has lost at 5 already. About two thirds of that are
 * given back, where the loss is beyond doubt: .56 would be lost in the plane if the loss grew with k, more if with the
 * distance of the k-th neighbour, as it does at edges.
 */
const NEAR_AND_FAR = [3, 12] as const;
const GIVEN_BACK = 0.65;

/** Standard errors beyond which a loss is beyond doubt, and those from which on the interval takes it as likely. */
const DOUBT = 4;
const LIKELY = 2;

/**
 * In the plane x or y is stretched by each of these: along a curve that runs up and down, rows that belong together are near
 * in x and far in y. A stretch counts where it sees more than none beyond doubt; KSG is too low at each, least at the best.
 */
const STRETCHES = [4, 16, 64];

/** An opinion by neighbours, nats. */
export interface NeighborOpinion {
  method: "ksg" | "mixed-ksg";
  mi: number;
  standardError: number;
  /** The mean of what they see more than the members, row by row, if more than twice its standard error, else 0. */
  excess: number;
  /** What KSG loses from 3 to 12 neighbours; 0 where that is in doubt. */
  loss: number;
  /**
   * What KSG would say of no neighbours at all if the loss grew with their distance, k^(1/d) in d columns; 0 where no loss
   * is likely.
   */
  finest: number;
}

/** What an opinion needs of a run. */
export type OpinionRun = Pick<Run, "gpu" | "seed">;

/**
 * KSG; where numbers repeat, Mixed KSG; nothing where neither is at home.
 *
 * @param pointwise log density ratios of the rows by the members, nats
 * @param plain KSG as it is: what was chosen among many as the largest is compared with what chance makes of plain KSG
 */
export async function neighborOpinion(
  run: OpinionRun,
  x: Table32,
  y: Table32,
  pointwise: Float64Array,
  plain = false,
): Promise<NeighborOpinion | undefined> {
  return (await opinionBy("ksg", run, x, y, pointwise, plain)) ?? opinionBy("mixed-ksg", run, x, y, pointwise, plain);
}

/** One method on at most {@link MOST_ROWS}; nothing where its own diagnostic says that it is not for such data. */
export async function opinionBy(
  method: NeighborOpinion["method"],
  { gpu, seed }: OpinionRun,
  x: Table32,
  y: Table32,
  pointwise: Float64Array,
  plain = false,
): Promise<NeighborOpinion | undefined> {
  const rows = pointwise.length;
  const isPlane = x.columns + y.columns === 2;
  const most = MOST_ROWS[isPlane ? 0 : 1];
  const chosen = rows > most ? shuffled(rows, seed).slice(0, most).sort() : undefined;
  const sides = [partOf(x, chosen), partOf(y, chosen)] as const;
  try {
    const fine = method === "ksg" && !plain;
    const [left, right] = fine && isPlane ? await stretched(gpu, ...sides) : sides;
    const found = await neighborsOf(searchTable(left, right), { method, k: K, gpu });
    if (found.diagnostics.some(({ name, ok }) => name === "ties" && !ok)) return undefined;
    const losses = fine ? await lossesOf(gpu, left, right) : undefined;
    const [loss, error] = losses ? [mean(losses), standardErrorOf(losses)] : [0, 0];
    const certain = loss > DOUBT * error;
    const local = certain ? found.pointwise.map((value, i) => value + GIVEN_BACK * losses![i]!) : found.pointwise;
    const more = local
      .map((value, i) => value - pointwise[chosen ? chosen[i]! : i]!)
      .filter((difference) => Number.isFinite(difference));
    const center = mean(more);
    return {
      ...{ method, mi: mean(local), loss: certain ? loss : 0 },
      finest: loss > LIKELY * error ? found.raw + atNone(x.columns + y.columns) * loss : 0,
      standardError: Math.hypot(found.standardError, certain ? GIVEN_BACK * error : 0),
      excess: center > 2 * standardErrorOf(more) ? center : 0,
    };
  } catch (error) {
    // Copies of rows leave KSG without radii; then it has no opinion.
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** @throws {InputError} where a column is constant, or on both sides */
function searchTable(x: Table32, y: Table32): SearchTable {
  const lanes = ({ data, columns }: Table32) => Array.from({ length: columns }, (_, c) => new Lane(data, columns, c));
  const checked = (name: "x" | "y", values: readonly Lane[]) => ({
    ...{ name, rows: values[0]!.length },
    columns: values.map((lane) => ({ kind: "numeric" as const, values: lane })),
  });
  const spaces = { x: lanes(x), y: lanes(y) };
  checkPair(checked("x", spaces.x), checked("y", spaces.y));
  return comparable(spaces);
}

/**
 * Both sides, one of them stretched so that KSG sees the most. The stretched one comes first: rows in its order are near
 * each other, and their neighbours are soon found.
 */
async function stretched(gpu: Gpu, x: Table32, y: Table32): Promise<readonly [Table32, Table32]> {
  const by = (side: Table32, factor: number): Table32 => ({ data: side.data.map((v) => factor * v), columns: 1 });
  const choices: (readonly [Table32, Table32])[] = [
    [x, y],
    ...STRETCHES.flatMap((factor) => [[by(x, factor), y] as const, [by(y, factor), x] as const]),
  ];
  const columnsOf = (side: 0 | 1) =>
    sideBySide(
      choices.map((choice) => choice[side].data),
      x.data.length,
    );
  const picks = choices.map((_, i) => [i, choices.length + i]);
  const source = { ...tableOf(columnsOf(0), columnsOf(1)), xWidth: 1, yWidth: 1, picks };
  const { pointwise, zeroRadii } = await neighborsBatch(gpu, source, { k: K, pointwise: true });
  if (zeroRadii.some((count) => count > 0)) return [x, y];
  const gains = pointwise!.map((local) => local.map((value, i) => value - pointwise![0]![i]!));
  const certain = gains.map((gain) => (mean(gain) > DOUBT * standardErrorOf(gain) ? mean(gain) : 0));
  return choices[certain.indexOf(Math.max(...certain))]!;
}

/** What is lost at {@link K} neighbours, of what is lost between the near and the far ones, if it grows with k^(1/d). */
function atNone(dimensions: number): number {
  const [near, far] = NEAR_AND_FAR;
  const distance = (k: number) => k ** (1 / dimensions);
  return distance(K) / (distance(far) - distance(near));
}

/** What KSG loses of each row's local value from near to far, nats; nothing where a row has no radius. */
async function lossesOf(gpu: Gpu, x: Table32, y: Table32): Promise<Float64Array | undefined> {
  const local: Float64Array[] = [];
  for (const k of NEAR_AND_FAR) {
    const { pointwise, zeroRadii } = await neighborsBatch(gpu, tableOf(x, y), { k, pointwise: true });
    if (zeroRadii[0]) return undefined;
    local.push(pointwise![0]!);
  }
  return local[0]!.map((near, i) => near - local[1]![i]!);
}
