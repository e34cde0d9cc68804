/** Rows of a table: shaders/sources/table.wgsl draws them. */
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Owner, Tensor } from "../gpu/tensor.ts";
import { checkOptions, keysOf } from "../options.ts";
import { type BoundSource, forEachReplica, refuseOther, type SourceKind } from "./bound.ts";

/** Rows of a table, which lie on the device once; a replica has columns and rows of its own. Made by `sources.rows`. */
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

/** Row numbers 0 … count − 1. */
export const everyRow = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);

/** The pairs (i, i) of some rows: each row with itself. */
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

export const tableKind: SourceKind<TableSource> = {
  maker: "rows",
  keys: keysOf<TableSource>()("kind xWidth yWidth data rows columns picks pairs"),
  bind,
};

/** @throws {InputError} for values, picks or pairs that are not of this table: a kernel would read others in their place */
export function checkTable({ data, rows, columns, xWidth, yWidth, picks, pairs }: TableSource): void {
  if (data.length !== rows * columns) {
    throw new InputError(
      `a table of ${rows} rows and ${columns} columns has ${rows * columns} values, got ${data.length}`,
    );
  }
  const inputs = xWidth + yWidth;
  for (const pick of picks) {
    if (pick.length !== inputs) {
      throw new InputError(`"picks" names ${pick.length} columns for ${inputs} of x and y together. Name one for each`);
    }
    checkWithin("picks", pick, columns, "columns");
  }
  for (const list of new Set(pairs)) {
    if (list.length === 0 || list.length % 2 === 1) {
      throw new InputError(
        `"pairs" has ${list.length} row numbers. Give two for each pair: the row of x, the row of y`,
      );
    }
    checkWithin("pairs", list, rows, "rows");
  }
}

function checkWithin(name: string, places: ArrayLike<number>, count: number, what: string): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (!(Number.isInteger(place) && place >= 0 && place < count)) {
      throw new InputError(`"${name}" has ${place}, and the table's ${count} ${what} are 0 to ${count - 1}`);
    }
  }
}

function bind(gpu: Gpu, own: Owner, source: TableSource, replicas: number): BoundSource {
  const { data, rows, columns: tableColumns } = source;
  const pairs = forEachReplica(source.pairs, replicas, "pairs");
  const picks = forEachReplica(source.picks, replicas, "picks");
  checkTable(source);
  const { row_pairs, stride } = writePairs(gpu, own, pairs);
  const table = own(gpu.tensor("table", data));
  const columns = own(gpu.tensor("columns", Uint32Array.from(picks.flat())));
  const source_dims = { columns: tableColumns, inputs: source.xWidth + source.yWidth, pair_stride: stride };
  return {
    bindings: { source_dims, table, columns, row_pairs },
    table: { table, columns, tableColumns },
    forSteps: row_pairs,
    change(changes) {
      refuseOther(changes, "table");
      const values = changes.table;
      if (!values) return () => {};
      if (values.length !== rows * tableColumns) {
        throw new InputError(`"table" must keep its ${rows} × ${tableColumns} values, got ${values.length}`);
      }
      return () => gpu.write(table, values);
    },
  };
}

/** Each replica's number of pairs and the pairs, one replica after the other: all at once would be a second copy on the host. */
function writePairs(gpu: Gpu, own: Owner, pairs: readonly Uint32Array[]): { row_pairs: Tensor; stride: number } {
  const stride = 1 + Math.max(...pairs.map((list) => list.length));
  const row_pairs = own(gpu.tensor("row_pairs", pairs.length * stride));
  const words = new Uint32Array(stride);
  pairs.forEach((list, r) => {
    words[0] = list.length / 2;
    words.set(list, 1);
    gpu.write(row_pairs, words, 4 * r * stride);
  });
  return { row_pairs, stride };
}
