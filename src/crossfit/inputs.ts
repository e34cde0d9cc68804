/**
 * What critics see of a column: the one rule of the maps. Every map is one-to-one on (almost) all values, so MI stays as it
 * is; a map only decides how easily a critic learns. There are two, and the critics of a fold take turns:
 *
 * - `ranks`: every number becomes its normal score by rank. Tails and scales vanish.
 * - `scales`: numbers are standardised, or where tails call for it (`fitTransform`) asinh of (x − median) / (1.4826 MAD).
 *   Distances stay what they were.
 *
 * Each adds one input a side, the log of the distance from the centre: a scale that two sides share shows in it at once.
 * Categories are one-hot in both. All inputs are clipped at ±5, which merges what lies further out. A map that
 * the user asked for stays as it is: alone, without a radius, not clipped.
 */

import type { Column } from "../data/columns.ts";
import {
  applyTransform,
  describeTransform,
  fitTransform,
  type Transform,
  type TransformOptions,
  transformWidth,
  unitsApart,
} from "../data/transform.ts";
import type { Turn } from "../gpu/run.ts";
import { median } from "../math/statistics.ts";
import type { TableSource } from "../sources/table.ts";

/** One map of the columns of one side. */
export interface InputMap {
  name: "ranks" | "scales" | "asked";
  /** One for each column. */
  transforms: Transform[];
  /** The log radius of the columns that are numbers, in units of its own spread. */
  radius?: { scales: (Scale | undefined)[] | undefined; mean: number; spread: number };
}

interface Scale {
  center: number;
  scale: number;
}

/** A row-major table, or a few columns of one. */
export interface Table32 {
  data: Float32Array;
  columns: number;
  /** Values from one row to the next; default `columns`. */
  stride?: number;
  /** Place of the first column; default 0. */
  start?: number;
}

/** How many rows a table has. */
export const rowsOf = ({ data, columns, stride = columns }: Table32): number => data.length / stride;

const MOST = 5;

/** Keeps the logarithm finite at the centre. */
const LEAST_RADIUS = 1e-3;

/**
 * The maps of one side's columns, one for each critic of a fold in turn.
 *
 * @param usual the one map of each column that {@link fitTransform} chooses, if it is known
 * @param kind a map that the user asked for: then it is the only one, without a radius
 * @param density for a critic that is a density of y, which has none along a radius that y determines
 */
export function fitInputs(
  columns: readonly Float64Array[],
  {
    categories,
    kind = "auto",
    density = false,
    usual = columns.map((values, c) =>
      fitTransform(values, { category: categories?.[c], ...(!categories?.[c] && { kind }) }),
    ),
  }: {
    categories?: readonly boolean[] | undefined;
    kind?: TransformOptions["kind"];
    density?: boolean;
    usual?: Transform[];
  } = {},
): InputMap[] {
  if (kind !== "auto" || density) return [{ name: "asked", transforms: usual }];
  if (usual.every((t) => t.kind === "one-hot")) return [{ name: "ranks", transforms: usual }];
  const scales = columns.map((values, c) => (usual[c]!.kind === "one-hot" ? undefined : robustScale(values)));
  const ranks = usual.map((t, c) => (t.kind === "one-hot" ? t : ranked(columns[c]!)));
  const scaled = usual.map((t, c) => (t.kind === "normal-scores" ? curved(t.reason, scales[c]!) : t));
  return [
    withRadius({ name: "ranks", transforms: ranks }, columns, undefined),
    withRadius({ name: "scales", transforms: scaled }, columns, scales),
  ];
}

type NormalScores = Extract<Transform, { kind: "normal-scores" }>;

/** Ranks of the values; found once more whenever they are asked for, for they take twice as much memory as these. */
function ranked(values: Float64Array): NormalScores {
  const fitted = () => fitTransform(values, { kind: "normal-scores" }) as NormalScores;
  // Whoever reads the knots reads the scores next.
  let next: Float64Array | undefined;
  return {
    ...{ kind: "normal-scores", reason: "" },
    get knots() {
      const { knots, scores } = fitted();
      next = scores;
      return knots;
    },
    get scores() {
      const scores = next ?? fitted().scores;
      next = undefined;
      return scores;
    },
  };
}

/** The map by itself, for when the values that it was fitted on are gone. Others have a turn before each column's ranks. */
export async function lasting({ transforms, ...map }: InputMap, turn: Turn): Promise<InputMap> {
  const own: Transform[] = [];
  for (const transform of transforms) {
    await turn();
    own.push({ ...transform });
  }
  return { ...map, transforms: own };
}

const curved = (reason: string, { center, scale }: Scale): Transform => ({ kind: "asinh", center, scale, reason });

function robustScale(values: Float64Array): Scale {
  const center = median(values);
  const spread = 1.4826 * median(values.map((v) => Math.abs(v - center)));
  if (spread > 0) return { center, scale: spread };
  const { mean, scale } = fitTransform(values, { kind: "standardize" }) as Extract<Transform, { kind: "standardize" }>;
  return { center: mean, scale };
}

function withRadius(
  map: InputMap,
  columns: readonly Float64Array[],
  scales: (Scale | undefined)[] | undefined,
): InputMap {
  const values = logRadius(map.transforms, columns, scales);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { ...map, radius: { scales, mean, spread: Math.sqrt(variance) || 1 } };
}

/** Log of the root of the sum of squares of a row's numbers, transformed or in units of their `scales`. */
function logRadius(
  transforms: readonly Transform[],
  columns: readonly Float64Array[],
  scales: (Scale | undefined)[] | undefined,
): Float64Array {
  const squares = new Float64Array(columns[0]!.length).fill(LEAST_RADIUS ** 2);
  transforms.forEach((transform, c) => {
    if (transform.kind === "one-hot") return;
    const { center, scale } = scales?.[c] ?? { center: 0, scale: 1 };
    const values = scales ? columns[c]! : applyTransform(transform, columns[c]!)[0]!;
    for (let i = 0; i < squares.length; i++) squares[i]! += unitsApart(values[i]!, center, scale) ** 2;
  });
  return squares.map((square) => Math.min(700, Math.log(square) / 2));
}

/** Inputs of all rows, clipped, row-major (rows × inputs); the radius, if there is one, comes last. */
export function inputsOf(map: InputMap, columns: readonly Float64Array[]): Table32 {
  const rows = columns[0]!.length;
  const width = widthOf(map);
  const table = { data: new Float32Array(rows * width), columns: width };
  let place = 0;
  for (const c of columns.keys()) place = writeColumn(map, c, columns[c]!, table, place);
  if (map.radius) writeRadius(map, columns, table, width - 1);
  return table;
}

/** Inputs of a map, with the radius if there is one. */
const widthOf = ({ transforms, radius }: InputMap): number =>
  transforms.reduce((sum, transform) => sum + transformWidth(transform), radius ? 1 : 0);

/** Writes the inputs of a column from one place of a table on. @returns the next place */
function writeColumn(map: InputMap, c: number, values: Float64Array, table: Table32, from: number): number {
  let place = from;
  for (const inputs of applyTransform(map.transforms[c]!, values)) writeClipped(map, inputs, table, place++);
  return place;
}

function writeRadius(map: InputMap, columns: readonly Float64Array[], table: Table32, place: number): void {
  const { mean, spread, scales } = map.radius!;
  const values = logRadius(map.transforms, columns, scales);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / spread;
  writeClipped(map, values, table, place);
}

function writeClipped(
  { name }: InputMap,
  values: Float64Array | Float32Array,
  { data, columns }: Table32,
  place: number,
): void {
  const most = name === "asked" ? Number.POSITIVE_INFINITY : MOST;
  for (let i = 0; i < values.length; i++) data[i * columns + place] = Math.max(-most, Math.min(most, values[i]!));
}

/** The same map without the log radius. */
export const withoutRadius = ({ name, transforms }: InputMap): InputMap => ({ name, transforms });

/** Tables of equally many rows side by side. */
export function beside(tables: readonly Table32[]): Table32 {
  if (tables.length === 1) return tables[0]!;
  const columns = tables.reduce((sum, table) => sum + table.columns, 0);
  const rows = rowsOf(tables[0]!);
  const data = new Float32Array(rows * columns);
  let place = 0;
  for (const table of tables) {
    const { stride = table.columns, start = 0 } = table;
    for (let c = 0; c < table.columns; c++, place++) {
      for (let i = 0; i < rows; i++) data[i * columns + place] = table.data[i * stride + start + c]!;
    }
  }
  return { data, columns };
}

/** One column of a table. */
export function columnOf(table: Table32, c: number): Float32Array {
  const { data, columns, stride = columns, start = 0 } = table;
  const values = new Float32Array(rowsOf(table));
  for (let i = 0; i < values.length; i++) values[i] = data[i * stride + start + c]!;
  return values;
}

/** The chosen rows of a table, or all, as a table of its own. */
export function partOf(table: Table32, chosen?: Uint32Array): Table32 {
  const { data, columns, stride = columns, start = 0 } = table;
  if (!chosen && stride === columns) return table;
  const rows = chosen?.length ?? rowsOf(table);
  const kept = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const at = (chosen ? chosen[i]! : i) * stride + start;
    for (let c = 0; c < columns; c++) kept[i * columns + c] = data[at + c]!;
  }
  return { data: kept, columns };
}

/** The columns of some sides, and their maps. */
export interface MappedSide {
  maps: readonly InputMap[];
  columns: readonly Column[];
}

/** How many maps the restarts take turns with; a side of categories has one that serves all. */
export const mapsOf = (sides: readonly Pick<MappedSide, "maps">[]): number =>
  Math.max(...sides.map(({ maps }) => maps.length));

/** The inputs of sides put beside each other, a table for each of `count` maps. */
export const tablesOf = (sides: readonly MappedSide[], count: number, radius: boolean): Table32[] =>
  Array.from({ length: count }, (_, m) =>
    beside(
      sides.map(({ maps, columns }) => {
        const map = maps[m % maps.length]!;
        return inputsOf(
          radius ? map : withoutRadius(map),
          columns.map(({ values }) => values),
        );
      }),
    ),
  );

/** A side in the table of all maps. */
export interface SideInputs {
  /** Without the radius, for each map. */
  plain: Table32[];
  /** The log radius by the last map, of one side alone; absent where no column is a number. */
  radius: Float32Array | undefined;
}

/**
 * The one table of all maps of X and of Y that critics train on, and windows on it. `picks` has an entry for each map; a side
 * with fewer maps than the other takes turns.
 */
export async function tableOfSides(
  x: readonly MappedSide[],
  y: readonly MappedSide[],
  turn: Turn,
): Promise<{ source: TableSource; x: SideInputs; y: SideInputs }> {
  const blocks = [x, y].map((sides) =>
    Array.from({ length: mapsOf(sides) }, (_, m) => sides.map(({ maps }) => maps[m % maps.length]!)),
  );
  const columns = blocks.flat(2).reduce((sum, map) => sum + widthOf(map), 0);
  const rows = x[0]!.columns[0]!.values.length;
  const table = { data: new Float32Array(rows * columns), columns };
  let place = 0;
  const write = async (sides: readonly MappedSide[], block: readonly InputMap[][]) => {
    const plain: Table32[] = [];
    const picks: number[][] = [];
    for (const maps of block) {
      const written = await writeMaps(sides, maps, table, { from: place, turn });
      plain.push({ ...table, columns: written.plain, stride: columns, start: place });
      picks.push(written.picks);
      place += written.picks.length;
    }
    const hasRadius = sides.length === 1 && sides[0]!.maps.at(-1)!.radius !== undefined;
    return { picks, plain, radius: hasRadius ? columnOf(table, place - 1) : undefined };
  };
  const ofX = await write(x, blocks[0]!);
  const ofY = await write(y, blocks[1]!);
  const inTurn = (side: { picks: number[][] }, m: number) => side.picks[m % side.picks.length]!;
  const picks = Array.from({ length: Math.max(ofX.picks.length, ofY.picks.length) }, (_, m) => [
    ...inTurn(ofX, m),
    ...inTurn(ofY, m),
  ]);
  const [xWidth, yWidth] = [ofX.picks[0]!.length, ofY.picks[0]!.length];
  return { source: { kind: "table", xWidth, yWidth, ...table, rows, picks, pairs: [] }, x: ofX, y: ofY };
}

/**
 * Writes one map of some sides from a place on: all columns, then the radii. The picks are in the order in which critics see
 * them, each side's radius after its columns.
 */
async function writeMaps(
  sides: readonly MappedSide[],
  maps: readonly InputMap[],
  table: Table32,
  { from, turn }: { from: number; turn: Turn },
) {
  const widths = maps.map((map) => widthOf(withoutRadius(map)));
  const plain = widths.reduce((sum, width) => sum + width, 0);
  const picks: number[] = [];
  let [place, radius] = [from, from + plain];
  for (const [s, map] of maps.entries()) {
    const columns = sides[s]!.columns.map(({ values }) => values);
    for (const [c, values] of columns.entries()) {
      await turn();
      const next = writeColumn(map, c, values, table, place);
      while (place < next) picks.push(place++);
    }
    if (!map.radius) continue;
    await turn();
    writeRadius(map, columns, table, radius);
    picks.push(radius++);
  }
  return { plain, picks };
}

/** A line for each column's treatment, for a report. */
export function describeInputs(maps: readonly InputMap[]): string[] {
  return maps.map(({ name, transforms, radius }) => {
    const words = [...new Set(transforms.map(describeTransform))].join("; ");
    return `${name === "asked" ? "" : `${name}: `}${words}${radius ? ", and the log radius" : ""}`;
  });
}
