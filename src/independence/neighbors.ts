/** MI by nearest neighbours as a statistic of a test: it sees what only several columns show together. */

import type { Column } from "../data/columns.ts";
import { isTied, repeatsOf } from "../data/ties.ts";
import { applyTransform, fitTransform } from "../data/transform.ts";
import type { Gpu } from "../gpu/device.ts";
import { shuffled } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
import { localValues } from "../neighbors/local-values.ts";
import { everyRow, identityPairs } from "../sources/table.ts";
import type { TestedSides } from "./sides.ts";

/** Neighbours that a point is judged by: more than for an estimate, for here scatter matters and bias does not. */
const NEAREST = 8;

/** Rows that are looked at, at most: the work of all orders goes with their square. */
const MOST_ROWS = 500;

/** Of fewer rows the nearest are not near. */
const LEAST_ROWS = 4 * NEAREST;

export class NeighborTest {
  readonly #x: Float32Array[];
  readonly #y: Float32Array[];
  readonly #given: Float32Array[];
  readonly #rows: Uint32Array;
  readonly #method: "ksg" | "mixed-ksg";

  /** Undefined for rows and columns that neighbours cannot be asked of: too few, or with Z not all of them numbers without ties. */
  static of({ x, y, given = [] }: TestedSides): NeighborTest | undefined {
    const rows = x[0]!.values.length;
    const isMixed = [...x, ...y, ...given].some(hasTies);
    if (rows < LEAST_ROWS || (isMixed && given.length > 0)) return undefined;
    return new NeighborTest(x, y, given, isMixed ? "mixed-ksg" : "ksg");
  }

  private constructor(
    x: readonly Column[],
    y: readonly Column[],
    given: readonly Column[],
    method: "ksg" | "mixed-ksg",
  ) {
    const rows = x[0]!.values.length;
    [this.#x, this.#y, this.#given] = [x, y, given].map((columns) => columns.flatMap(coordinatesOf)) as [
      Float32Array[],
      Float32Array[],
      Float32Array[],
    ];
    this.#rows = shuffled(rows, 0).slice(0, MOST_ROWS);
    this.#method = method;
  }

  /** The MI of each order of the rows of x, nats. */
  async values(gpu: Gpu, orders: readonly Uint32Array[]): Promise<number[]> {
    const count = this.#rows.length;
    const permuted = orders.flatMap((order) =>
      this.#x.map((values) => Float32Array.from(this.#rows, (row) => values[order[row]!]!)),
    );
    const [given, y] = [this.#given, this.#y].map((columns) =>
      columns.map((values) => Float32Array.from(this.#rows, (row) => values[row]!)),
    ) as [Float32Array[], Float32Array[]];
    const columns = [...permuted, ...given, ...y];
    const data = new Float32Array(count * columns.length);
    for (const [c, values] of columns.entries())
      for (let i = 0; i < count; i++) data[i * columns.length + c] = values[i]!;
    const places = (first: number, list: readonly unknown[]) => list.map((_, i) => first + i);
    const z = places(permuted.length, given);
    const picks = orders.map((_, b) => [
      ...places(b * this.#x.length, this.#x),
      ...z,
      ...places(permuted.length + given.length, y),
      ...z,
    ]);
    const [xWidth, yWidth] = [this.#x.length + z.length, y.length + z.length];
    const source = {
      ...{ kind: "table" as const, xWidth, yWidth, data, rows: count, columns: columns.length, picks },
      pairs: [identityPairs(everyRow(count))],
    };
    const found = new Array<number>(orders.length).fill(0);
    const keep = (b: number, values: Float64Array) => {
      found[b] = mean(values);
    };
    await localValues(gpu, source, { method: this.#method, k: NEAREST }, keep, z.length);
    return found;
  }
}

const hasTies = ({ kind, values }: Column): boolean => kind === "category" || isTied(repeatsOf(values));

const coordinatesOf = ({ kind, values }: Column): Float32Array[] =>
  applyTransform(fitTransform(values, kind === "category" ? { category: true } : { kind: "normal-scores" }), values);
