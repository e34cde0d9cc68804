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
import {
  applyTransform,
  describeTransform,
  fitTransform,
  sideBySide,
  type Transform,
  type TransformOptions,
} from "../data/transform.ts";
import { median } from "../math/statistics.ts";

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

/** A row-major table. */
export interface Table32 {
  data: Float32Array;
  columns: number;
}

const MOST = 5;

/** Keeps the logarithm finite at the centre. */
const LEAST_RADIUS = 1e-3;

/**
 * The maps of one side's columns, one for each critic of a fold in turn.
 *
 * @param kind a map that the user asked for: then it is the only one, without a radius
 * @param density for a critic that is a density of y, which has none along a radius that y determines
 */
export function fitInputs(
  columns: readonly Float64Array[],
  {
    categories,
    kind = "auto",
    density = false,
  }: { categories?: readonly boolean[] | undefined; kind?: TransformOptions["kind"]; density?: boolean } = {},
): InputMap[] {
  const usual = columns.map((values, c) =>
    fitTransform(values, { category: categories?.[c], ...(!categories?.[c] && { kind }) }),
  );
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

const ranked = (values: Float64Array) => Object.assign(fitTransform(values, { kind: "normal-scores" }), { reason: "" });

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
    for (let i = 0; i < squares.length; i++) squares[i]! += ((values[i]! - center) / scale) ** 2;
  });
  return squares.map((square) => Math.min(700, Math.log(square) / 2));
}

/** Inputs of all rows, clipped, row-major (rows × inputs); the radius, if there is one, comes last. */
export function inputsOf({ name, transforms, radius }: InputMap, columns: readonly Float64Array[]): Table32 {
  const lists = transforms.flatMap((transform, c) => applyTransform(transform, columns[c]!));
  if (radius) {
    const values = logRadius(transforms, columns, radius.scales);
    lists.push(Float32Array.from(values, (v) => (v - radius.mean) / radius.spread));
  }
  const most = name === "asked" ? Number.POSITIVE_INFINITY : MOST;
  const kept = lists.map((values) => values.map((v) => Math.max(-most, Math.min(most, v))));
  return sideBySide(kept, columns[0]!.length);
}

/** The same map without the log radius. */
export const withoutRadius = ({ name, transforms }: InputMap): InputMap => ({ name, transforms });

/** Tables of equally many rows side by side. */
export function beside(tables: readonly Table32[]): Table32 {
  if (tables.length === 1) return tables[0]!;
  const columns = tables.reduce((sum, table) => sum + table.columns, 0);
  const rows = tables[0]!.data.length / tables[0]!.columns;
  const data = new Float32Array(rows * columns);
  let start = 0;
  for (const table of tables) {
    for (let i = 0; i < rows; i++) {
      data.set(table.data.subarray(i * table.columns, (i + 1) * table.columns), i * columns + start);
    }
    start += table.columns;
  }
  return { data, columns };
}

/** One column of a table. */
export const columnOf = ({ data, columns }: Table32, c: number): Float32Array =>
  data.filter((_, i) => i % columns === c);

/** The columns of some sides, and their maps. */
export interface MappedSide {
  maps: readonly InputMap[];
  columns: readonly Float64Array[];
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
        return inputsOf(radius ? map : withoutRadius(map), columns);
      }),
    ),
  );

/** A line for each column's treatment, for a report. */
export function describeInputs(maps: readonly InputMap[]): string[] {
  return maps.map(({ name, transforms, radius }) => {
    const words = [...new Set(transforms.map(describeTransform))].join("; ");
    return `${name === "asked" ? "" : `${name}: `}${words}${radius ? ", and the log radius" : ""}`;
  });
}
