/** Sources as a trainer takes them: where pairs come from. */
import { InputError } from "../errors.ts";
import { checkOptions, keysOf } from "../options.ts";

/** Where a trainer's pairs come from. Made by `gaussian`, `oneHot` or `table`. */
export type Source =
  | { kind: "gaussian"; xWidth: number; yWidth: number; rho: readonly (readonly number[])[]; levelSteps: number }
  | { kind: "one_hot"; xWidth: number; yWidth: number }
  | TableSource;

export interface TableSource {
  kind: "table";
  xWidth: number;
  yWidth: number;
  /** Row-major (rows × columns), finite. */
  data: Float32Array;
  rows: number;
  columns: number;
  /** Which columns each replica sees, x then y; one entry serves all replicas. */
  picks: readonly (readonly number[])[];
  /** The (row of x, row of y) pairs each replica draws from, flattened; one entry serves all replicas. */
  pairs: readonly Uint32Array[];
}

/** Correlation that gives `mi` nats over `dims` independent pairs: I = -(d/2) ln(1 - rho²). */
export const correlationFor = (mi: number, dims: number): number => Math.sqrt(1 - Math.exp((-2 * mi) / dims));

export interface GaussianOptions {
  dims: number;
  mi?: number | readonly number[] | readonly (readonly number[])[];
  rho?: number | readonly number[] | readonly (readonly number[])[];
  levelSteps?: number;
}

const GAUSSIAN_KEYS = keysOf<GaussianOptions>()("dims mi rho levelSteps");

/**
 * Correlated normals, fresh every step: x ~ N(0, I), y = ρ x + √(1−ρ²) ε in `dims` dimensions.
 *
 * @param options.mi true MI in nats; one number, one per stair of the staircase, or `[replica][stair]`
 * @param options.levelSteps steps that each stair lasts
 */
export function gaussian(options: GaussianOptions): Source {
  const { dims, mi, rho, levelSteps = 1 } = checkOptions("gaussian", options, GAUSSIAN_KEYS);
  if (!Number.isInteger(dims) || dims < 1) throw new InputError(`"dims" must be a positive integer, got ${dims}`);
  if ((mi === undefined) === (rho === undefined)) throw new InputError('gaussian() needs either "mi" or "rho"');
  const given = (mi ?? rho)!;
  const first = Array.isArray(given) ? given : [given];
  const levels = (Array.isArray(first[0]) ? first : [first]) as number[][];
  const correlations = levels.map((row) => row.map((v) => (mi === undefined ? v : correlationFor(v, dims))));
  for (const r of correlations.flat()) {
    if (!(Math.abs(r) < 1)) throw new InputError(`a correlation must lie between -1 and 1, got ${r}`);
  }
  return { kind: "gaussian", xWidth: dims, yWidth: dims, rho: correlations, levelSteps };
}

/** One of `categories` equally likely categories as a one-hot vector, y = x. True MI: ln(categories) nats. */
export function oneHot(categories: number): Source {
  if (!Number.isInteger(categories) || categories < 2) {
    throw new InputError(`"categories" must be an integer of at least 2, got ${categories}`);
  }
  return { kind: "one_hot", xWidth: categories, yWidth: categories };
}

/** The pairs (i, i) for i < rows: each row with itself. */
export function identityPairs(rows: ArrayLike<number>): Uint32Array {
  const pairs = new Uint32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) pairs.fill(rows[i]!, 2 * i, 2 * i + 2);
  return pairs;
}

const ROWS_KEYS = keysOf<Pick<TableSource, "pairs" | "picks">>()("pairs picks");

/**
 * Rows of a table, drawn with replacement.
 *
 * @param x row-major (rows × xWidth), `y` likewise: the same number of rows
 */
export function rows(
  x: { data: Float32Array; columns: number },
  y: { data: Float32Array; columns: number },
  options: Partial<Pick<TableSource, "pairs" | "picks">> = {},
): TableSource {
  checkOptions("rows", options, ROWS_KEYS);
  const count = x.data.length / x.columns;
  const columns = x.columns + y.columns;
  const data = new Float32Array(count * columns);
  for (let i = 0; i < count; i++) {
    data.set(x.data.subarray(i * x.columns, (i + 1) * x.columns), i * columns);
    data.set(y.data.subarray(i * y.columns, (i + 1) * y.columns), i * columns + x.columns);
  }
  const everyColumn = Array.from({ length: columns }, (_, c) => c);
  return {
    kind: "table",
    xWidth: x.columns,
    yWidth: y.columns,
    data,
    rows: count,
    columns,
    picks: options.picks ?? [everyColumn],
    pairs: options.pairs ?? [identityPairs(everyRow(count))],
  };
}

const everyRow = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);
