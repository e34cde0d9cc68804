/** Whether X and Y are independent, or independent given Z, by permutations of the rows of X. */

import { areExchangedWhole, independentRows, type Units } from "../data/units.ts";
import type { Gpu } from "../gpu/device.ts";
import { groupedBy } from "../math/grouped.ts";
import { everyRow } from "../sources/table.ts";
import { correlatedAtOnce, correlateFeatures } from "./correlate.ts";
import { withLikeness } from "./design.ts";
import { evidenceOf, type Form, formsOf, logMean, reaches, standings, withNeighbors } from "./evidence.ts";
import { type Features, packed, unpacked } from "./features.ts";
import { NeighborTest } from "./neighbors.ts";
import { basisOf, coarsest, lessGiven, reordered, sideFeatures, type TestedSides } from "./sides.ts";

export interface TestSettings {
  permutations: number;
  /** Orders of the rows that are as likely as that of the data under the null, numbered from 1 on. */
  order: (permutation: number) => Uint32Array;
  /**
   * Whether the rows of X are near in Z to those whose places they take. Where they are not, only what Z leaves of X takes
   * another place, and neighbours are not asked.
   */
  isLocal?: boolean;
  /** Which rows depend on each other. */
  units?: Units | undefined;
  onProgress?: (done: number) => void;
}

/** The p-value: (1 + permutations in which as much speaks against independence as was observed) / (1 + permutations). */
export const shareReaching = (permuted: readonly number[], observed: number): number =>
  (1 + permuted.filter((evidence) => reaches(evidence, observed)).length) / (1 + permuted.length);

/**
 * How much speaks against independence in the data, and then in each permutation; 0 is nothing. What speaks: every
 * column of x with every one of y by itself, all of them together, and nearest neighbours among all columns; each is a harmonic mean of
 * p-values, and so is the whole (evidence.ts).
 */
export async function evidencesOf(gpu: Gpu, sides: TestedSides, settings: TestSettings): Promise<number[]> {
  const { permutations, onProgress } = settings;
  const { x, y, given } = sides;
  await gpu.turn();
  const { units } = settings;
  const worth = units && independentRows(units);
  const basis = given && basisOf(sideFeatures(given), worth);
  const [ofX, ofY] = [x, y].map((columns) => {
    const features = sideFeatures(columns);
    return given && worth ? features.map((column) => coarsest(column, worth)) : features;
  }) as [Features[], Features[]];
  const [left, right] = [ofX, ofY].map((features) =>
    (basis ? lessGiven(features, basis) : features.map((column) => withLikeness(column, units))).filter(
      ({ count }) => count > 0,
    ),
  ) as [Features[], Features[]];
  // All that a side says, Z says.
  if (left.length === 0 || right.length === 0) return new Array<number>(1 + permutations).fill(0);
  // A row that is there twice is its own nearest neighbour.
  const isAsked = settings.isLocal !== false && (!units || areExchangedWhole(units));
  const neighbors = isAsked ? NeighborTest.of(sides) : undefined;
  const rows = x[0]!.values.length;
  const identity = everyRow(rows);
  const pairs = left.length * right.length;
  const fours = Math.max(...[...left, ...right].map((side) => side.fours));
  const again = settings.isLocal === false ? basis : undefined;
  const step = Math.max(1, Math.floor(correlatedAtOnce(gpu, rows, fours, again !== undefined) / pairs));
  const evidences: number[] = [];
  const byNeighbors: number[] = [];
  for (let first = 0; first <= permutations; first += step) {
    const orders = Array.from({ length: Math.min(step, permutations + 1 - first) }, (_, i) =>
      first + i === 0 ? identity : settings.order(first + i),
    );
    const sides = again
      ? await lessTwice(gpu, ofX, orders, again, settings.order(permutations + 1))
      : orders.map((order) => ({ features: left, order }));
    evidences.push(...(await ofFeatures(gpu, sides, right, again !== undefined)));
    if (neighbors) byNeighbors.push(...(await neighbors.values(gpu, orders)));
    onProgress?.(Math.min(1, evidences.length / (1 + permutations)));
    await gpu.turn();
  }
  if (!neighbors) return evidences;
  const z = standardized(byNeighbors);
  return evidences.map((evidence, i) => withNeighbors(evidence, z[i]!));
}

/** The features of x in one order of their rows. */
interface Ordered {
  features: readonly Features[];
  order: Uint32Array;
}

/**
 * The features of X in each order, less what Z says of them both in that order and in the order of Y. What a rotation leaves of
 * X then knows nothing of its own Z, nor by chance of that of Y: two slow series agree by chance in much. The data's X
 * loses as much, to Z as it is and to Z in one order by chance, so that all orders are treated alike.
 */
async function lessTwice(
  gpu: Gpu,
  features: readonly Features[],
  orders: readonly Uint32Array[],
  basis: readonly Float64Array[],
  byChance: Uint32Array,
): Promise<Ordered[]> {
  const identity = everyRow(orders[0]!.length);
  const all: Ordered[] = [];
  for (const order of orders) {
    await gpu.turn();
    const isData = order.every((row, i) => row === i);
    const own = isData ? byChance : order;
    const turned = basis.map((feature) => Float64Array.from(own, (row) => feature[row]!));
    const both = unpacked(packed([...basis, ...turned], [], true));
    const left = lessGiven(reordered(features, order), both);
    all.push({ features: left.filter(({ count }) => count > 0), order: identity });
  }
  return all;
}

/** The evidence of features in each order of the rows of x. */
async function ofFeatures(
  gpu: Gpu,
  sides: readonly Ordered[],
  right: readonly Features[],
  areOwn: boolean,
): Promise<number[]> {
  const identity = everyRow(sides[0]!.order.length);
  const rows = identity.length;
  const tallies = sides.map(() => new Tally());
  const pairs = sides.flatMap(({ features, order: orderX }, r) =>
    features.flatMap((x) => right.map((y) => ({ x, y, orderX, orderY: identity, r }))),
  );
  // Those that go together are equally wide.
  for (const alike of groupedBy(pairs, ({ x, y }) => `${x.fours} ${y.fours}`)) {
    const together = correlatedAtOnce(gpu, rows, Math.max(alike[0]!.x.fours, alike[0]!.y.fours), areOwn);
    for (let start = 0; start < alike.length; start += together) {
      const some = alike.slice(start, start + together);
      const products = await correlateFeatures(gpu, some);
      const size = products.length / some.length;
      for (const [i, { x, y, r }] of some.entries())
        tallies[r]!.add(products.subarray(i * size, (i + 1) * size), x, y, rows);
    }
  }
  return tallies.map((tally) => tally.evidence);
}

/** The evidence of one order, while one pair of columns after the other is added. */
class Tally {
  #each: number[] = [];
  /** The forms of all pairs together. */
  #sums: Form[] = [];

  add(products: Float32Array, x: Features, y: Features, rows: number): void {
    const forms = formsOf(products, x, y, rows);
    this.#each.push(evidenceOf(standings(forms)));
    this.#sums = forms.map((form, i) => {
      const { square, expected, scatter } = this.#sums[i] ?? { square: 0, expected: 0, scatter: 0 };
      return {
        ...form,
        square: square + form.square,
        expected: expected + form.expected,
        scatter: scatter + form.scatter,
      };
    });
  }

  get evidence(): number {
    if (this.#each.length === 0) return 0;
    if (this.#each.length === 1) return this.#each[0]!;
    return logMean([logMean(this.#each), evidenceOf(standings(this.#sums))]);
  }
}

/** By the mean and the scatter of all of them, the data's among them: then all orders are treated alike. */
function standardized(values: readonly number[]): number[] {
  const center = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
  return values.map((value) => (spread > 0 ? (value - center) / spread : 0));
}
