/** What other methods see in the same rows, and how far they disagree. */

import type { Column } from "../data/columns.ts";
import { applyTransform, sideBySide, type Transform } from "../data/transform.ts";
import { shuffled } from "../math/random.ts";
import { neighborsBatch } from "../neighbors/local-values.ts";
import { everyRow, identityPairs, rows as tableOf } from "../sources/table.ts";
import { fitGaussian } from "./gaussian-copula.ts";
import { columnOf, partOf, rowsOf, type Table32 } from "./inputs.ts";
import type { Evidence } from "./interval.ts";
import {
  FEW_COLUMNS,
  K,
  type NeighborOpinion,
  neighborOpinion,
  type OpinionRun,
  opinionBy,
} from "./neighbor-opinion.ts";

/** A second opinion on the same rows, nats. */
export interface Opinion {
  /**
   * By KSG, `"radius"`: of the two sides' distances from their centres alone; `"pair"`: of the one column of x and the one
   * of y that share most; `"triple"`: of two columns of one side and one of the other.
   */
  method: "ksg" | "mixed-ksg" | "gaussian-copula" | "radius" | "pair" | "triple";
  mi: number;
  standardError: number;
  /** What the largest of as many choices reaches by chance, nats, with the rows of y shuffled. */
  chance?: number;
  /** Where it disagrees with the interval: which way, and what that may mean. */
  remark?: string;
}

/** What the opinions are about: both sides as ranks, and their log radii. */
export interface OpinionSide {
  /** By the map of ranks, without the radius; a category is one-hot. */
  ranks: Table32;
  /** One column; absent where no column is a number. */
  radius: Float32Array | undefined;
  /** Columns as they were given, and the map of ranks of each. */
  columns: readonly Column[];
  transforms: readonly Transform[];
}

export interface SecondOpinions {
  opinions: Opinion[];
  /** The mean of KSG's local values less the members', nats, in few columns (neighbor-opinion.ts). */
  excess: number;
  /** What KSG would say of no neighbours at all, in few columns, nats; 0 where it does not change with their number. */
  finest: number;
  /** What it loses from 3 to 12 neighbours, nats. */
  loss: number;
  /** The largest MI between one direction of x and one of y by the Gaussian copula, nats; 0 without one. */
  strongest: number;
}

/** Columns of both sides up to which what neighbours see is there, though not all of what is. */
const MOST_COLUMNS = 12;

/** Columns a row up to which the copula's correlations are those of the data and not of its shrinkage. */
const MOST_COPULA = 0.005;

/** Categories lie further apart than normal scores of any number of rows can. */
const APART = 64;

/** Share of the rows that may lie in cells of the categories with too few others to be neighbours. */
const MOST_SPARSE = 0.05;

/**
 * All that can be said of these rows. The Gaussian copula and the radius only speak of numbers. In more columns than
 * {@link FEW_COLUMNS} neighbours miss much, but hardly see what is not there.
 *
 * @param pointwise log density ratios by the members, nats
 */
export async function secondOpinions(
  run: OpinionRun,
  x: OpinionSide,
  y: OpinionSide,
  pointwise: Float64Array,
): Promise<SecondOpinions> {
  const found: SecondOpinions = { opinions: [], excess: 0, finest: 0, loss: 0, strongest: 0 };
  const columns = x.columns.length + y.columns.length;
  const few = columns <= FEW_COLUMNS;
  const mixed = [x, y].some(hasCategory);
  const tables = mixed ? spacedTables(x, y) : { x: x.ranks, y: y.ranks };
  const near = (a: Table32, b: Table32, plain = false) =>
    mixed ? opinionBy("mixed-ksg", run, a, b, pointwise) : neighborOpinion(run, a, b, pointwise, plain);
  const whole = tables && (few || (!mixed && columns <= MOST_COLUMNS)) && (await near(tables.x, tables.y));
  if (whole) {
    const { method, mi, standardError, excess, loss, finest } = whole;
    found.opinions.push({ method, mi, standardError });
    // The rules of the interval were measured on few columns of numbers.
    if (few && !mixed) Object.assign(found, { excess, loss, finest });
  }
  if (!mixed && Math.max(x.columns.length, y.columns.length) <= Math.max(1, MOST_COPULA * pointwise.length)) {
    const { opinion, strongest } = gaussianOpinion(x.ranks, y.ranks, pointwise.length);
    found.opinions.push(opinion);
    found.strongest = strongest;
  }
  for (const [method, size] of [
    ["pair", 2],
    ["triple", 3],
  ] as const) {
    if (!tables || columns <= size) continue;
    const strongest = await strongestPart(run, tables.x, tables.y, { size, mixed });
    const part = strongest && (await near(strongest.x, strongest.y, true));
    if (part) found.opinions.push({ ...partOpinion(method, part), chance: strongest.chance });
  }
  if (x.radius && y.radius) {
    const column = (data: Float32Array): Table32 => ({ data, columns: 1 });
    const radius = await neighborOpinion(run, column(x.radius), column(y.radius), pointwise);
    if (radius) found.opinions.push(partOpinion("radius", radius));
  }
  return found;
}

const partOpinion = (method: "pair" | "triple" | "radius", { mi, standardError }: NeighborOpinion): Opinion => ({
  ...{ method, mi, standardError },
});

const hasCategory = ({ transforms }: OpinionSide) => transforms.some(({ kind }) => kind === "one-hot");

/** Both sides with categories far apart; nothing where too many rows have too few others with the same ones. */
const spacedTables = (x: OpinionSide, y: OpinionSide) =>
  sparseShare([x, y]) > MOST_SPARSE ? undefined : { x: spaced(x), y: spaced(y) };

/** Rows on which parts are compared, where these are few and where they are many. */
const PART_ROWS = [2000, 500] as const;

/** So many are many, of two columns, whose neighbours are found in order, and of three. */
const MANY_PARTS = { 2: 100, 3: 10 } as const;

/** Parts of three columns that are compared at most: 10 + 10 columns have 900. */
const MOST_TRIPLES = 1000;

/** Columns of each side that together share most. */
interface Part {
  x: Table32;
  y: Table32;
  /** See {@link Opinion.chance}. */
  chance: number;
}

/**
 * The one column of x and one of y, or two of one side and one of the other, with most MI by KSG on a part of the rows. Among
 * many columns an interaction of two drowns for critics and neighbours alike.
 */
async function strongestPart(
  { gpu, seed }: OpinionRun,
  x: Table32,
  y: Table32,
  { size, mixed }: { size: 2 | 3; mixed: boolean },
): Promise<Part | undefined> {
  const shapes = (
    size === 2
      ? [[1, 1]]
      : [
          [2, 1],
          [1, 2],
        ]
  ) as [number, number][];
  const choices = shapes.map(([ofX, ofY]) =>
    subsets(x.columns, ofX).flatMap((left) => subsets(y.columns, ofY).map((right) => [left, right] as const)),
  );
  const count = choices.flat().length;
  if (size === 3 && count > MOST_TRIPLES) return undefined;
  const all = rowsOf(x);
  const chosen = shuffled(all, seed).slice(0, PART_ROWS[count <= MANY_PARTS[size] ? 0 : 1]);
  const table = tableOf(partOf(x, chosen), partOf(y, chosen));
  const strongest = async (pairs: Uint32Array) => {
    let [best, most] = [choices.flat()[0]!, 0];
    for (const [s, [xWidth, yWidth]] of shapes.entries()) {
      if (choices[s]!.length === 0) continue;
      const picks = choices[s]!.map(([left, right]) => [...left, ...right.map((c) => x.columns + c)]);
      const source = { ...table, xWidth, yWidth, picks, pairs: [pairs] };
      const { mi } = await neighborsBatch(gpu, source, { method: mixed ? "mixed-ksg" : "ksg", k: K });
      // Where numbers repeat so often that KSG has no value, it is NaN.
      for (const [i, value] of mi.entries()) if (value > most) [best, most] = [choices[s]![i]!, value];
    }
    return { best, most };
  };
  const rows = everyRow(chosen.length);
  const { best } = await strongest(identityPairs(rows));
  // Each row of x with the next one of y in their shuffled order; the error of a mean falls with the root of the rows.
  const unrelated = identityPairs(rows).map((row, i) => (i % 2 === 0 ? row : rows[((i + 1) / 2) % rows.length]!));
  const { most } = await strongest(unrelated);
  const columnsOf = (side: Table32, places: readonly number[]) =>
    sideBySide(
      places.map((c) => columnOf(side, c)),
      all,
    );
  const chance = most * Math.sqrt(rows.length / all);
  return { x: columnsOf(x, best[0]), y: columnsOf(y, best[1]), chance };
}

/** All choices of one or two of `count` places. */
function subsets(count: number, size: number): number[][] {
  const places = Array.from({ length: count }, (_, i) => i);
  if (size === 1) return places.map((a) => [a]);
  return places.flatMap((a) => places.slice(a + 1).map((b) => [a, b]));
}

/** One column for each given one: ranks of numbers, places of categories. */
function spaced({ columns, transforms }: OpinionSide): Table32 {
  const lists = transforms.map((transform, c) => {
    if (transform.kind !== "one-hot") return applyTransform(transform, columns[c]!.values)[0]!;
    const place = new Map(Array.from(transform.levels, (level, i) => [level, i * APART]));
    return Float32Array.from(columns[c]!.values, (value) => place.get(value)!);
  });
  return sideBySide(lists, lists[0]!.length);
}

/** Share of the rows whose categories, taken together, fewer than 4 k rows have. */
function sparseShare(sides: readonly OpinionSide[]): number {
  const categories = sides.flatMap(({ columns, transforms }) =>
    columns.filter((_, c) => transforms[c]!.kind === "one-hot").map(({ values }) => values),
  );
  const rows = categories[0]!.length;
  let counts = Uint32Array.of(rows);
  const cells = new Uint32Array(rows);
  for (const values of categories) {
    const levels = new Map<number, number>();
    const known = new Map<number, number>();
    counts = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) {
      const level = placeIn(levels, values[i]!);
      cells[i] = placeIn(known, cells[i]! * rows + level);
      counts[cells[i]!]!++;
    }
  }
  let sparse = 0;
  for (const count of counts) if (count < 4 * K) sparse += count;
  return sparse / rows;
}

/** The number of a key among those that came before. */
function placeIn(known: Map<number, number>, key: number): number {
  const place = known.get(key) ?? known.size;
  known.set(key, place);
  return place;
}

/**
 * −½ Σ log(1 − ρ²) over all rows, less what as many correlations make of none, and its largest part. Its sampling error is
 * that of a normal's: √(Σ ρ² / n).
 */
function gaussianOpinion(x: Table32, y: Table32, rows: number): { opinion: Opinion; strongest: number } {
  const { correlations } = fitGaussian(x, y, everyRow(rows));
  const parts = Array.from(correlations, (rho) => -(Math.log1p(-rho) + Math.log1p(rho)) / 2);
  const squares = correlations.reduce((sum, rho) => sum + rho * rho, 0);
  return {
    opinion: {
      method: "gaussian-copula",
      mi: parts.reduce((sum, part) => sum + part, 0) - (x.columns * y.columns) / (2 * rows),
      standardError: Math.sqrt(squares / rows),
    },
    strongest: Math.max(0, ...parts),
  };
}

/** What an opinion says at least, nats: `z` standard errors less, and less what chance reaches where it was chosen. */
export const leastOf = ({ mi, standardError, chance = 0 }: Opinion, z: number): number =>
  mi - z * standardError - chance;

/** What an opinion has to say beyond its own sampling error before it counts, nats. */
const LEAST_BEYOND = 0.05;

/**
 * How much more other methods see than the bound, nats. The radius and a few columns are functions of the sides, so they
 * cannot know more (data processing), and in many columns neighbours see less than there is: what they say is a lower bound
 * too, up to their error. So is the Gaussian copula of one column with one, the least that normal scores of such a
 * correlation can share; of more columns it speaks where it carries the members, whose bound is out of its depth at many nats.
 */
export function beyond(
  { opinions, excess }: Pick<SecondOpinions, "opinions" | "excess">,
  { held, columns, closed }: Pick<Evidence, "held" | "columns" | "closed">,
  z: number,
): number {
  const certain = Math.max(0, held);
  const more = opinions
    .filter(({ method }) => method !== "gaussian-copula" || columns === 2 || closed > 0.5)
    .filter((opinion) => leastOf(opinion, z) > certain + LEAST_BEYOND)
    .map(({ mi }) => mi - certain);
  return Math.max(excess, ...more);
}

/**
 * The opinions with a remark where they disagree with the interval by more than sampling. The Gaussian copula, the radius
 * and neighbours in many columns see a part of what there is: they can only say that an interval is too low.
 *
 * @param columns of both sides
 */
export function remarked(
  opinions: readonly Opinion[],
  [low, high]: readonly [number, number],
  { z, columns }: { z: number; columns: number },
): Opinion[] {
  return opinions.map((opinion) => {
    const { method, mi, standardError } = opinion;
    if (leastOf(opinion, z) > high) return { ...opinion, remark: `above the interval: ${ABOVE[method]}` };
    const below = columns <= FEW_COLUMNS && BELOW[method];
    if (below && mi + z * standardError < low) return { ...opinion, remark: `below the interval: ${below}` };
    return opinion;
  });
}

const ABOVE: Record<Opinion["method"], string> = {
  ksg: "there may be structure too sharp for the critics; more steps or rows would show",
  "mixed-ksg": "there may be structure too sharp for the critics, or too few rows for each category",
  "gaussian-copula": "the critics miss dependence that correlations show, or the columns only look normal",
  pair: "one column of x and one of y show more by themselves than the critics see in all of them",
  triple: "three columns show more by themselves than the critics see in all of them",
  radius: "the two sides' scales move together more than the critics see, as volatilities do",
};
const NEAR = "neighbours miss what is strong or spread over columns, so the interval is the likelier";
const BELOW: Partial<Record<Opinion["method"], string>> = { ksg: NEAR, "mixed-ksg": NEAR };
