/** The p-value of an estimate: whether X and Y could be independent, given Z if there is one. */

import type { Column } from "../data/columns.ts";
import { asTaken, isDiscrete } from "../data/kinds.ts";
import { permutedRows, type Units } from "../data/units.ts";
import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { localOrders, NEAREST } from "../independence/local-orders.ts";
import { evidencesOf, shareReaching } from "../independence/test.ts";
import { hashOf } from "../math/random.ts";
import { inWords } from "../options.ts";

/** What permutations say of independence. */
export interface Independence {
  /**
   * (1 + permutations in which as much speaks against independence as in the data) / (1 + permutations). What speaks is not the
   * estimate itself but what many statistics say together (independence/evidence.ts): it sees lines, curves and what
   * several columns show only together, and is small where the estimate's own error hides a weak dependence.
   */
  p: number;
  permutations: number;
  /** What was permuted and how, in words. */
  permuted: string;
}

const MOST = 1_000_000;

/** @throws {InputError} for what is no number of permutations */
export function checkPermutations(permutations: unknown): asserts permutations is number {
  const isNumber = Number.isInteger(permutations) && (permutations as number) >= 0 && (permutations as number) <= MOST;
  if (isNumber) return;
  throw new InputError(`"permutations" must be a whole number from 0 to ${MOST}, got ${inWords(permutations)}`);
}

/** How the columns of X and Y, given those of Z, are tested. */
export interface TestOptions {
  units: Units | undefined;
  permutations: number;
  seed: number;
  onProgress?: (share: number) => void;
}

type TestedColumns = readonly { columns: readonly Column[] }[];

/** Tests the columns of X and Y, given those of Z, by so many permutations. */
export async function independenceOf(gpu: Gpu, sides: TestedColumns, options: TestOptions): Promise<Independence> {
  const [observed, ...permuted] = await evidences(gpu, sides, options);
  return {
    p: shareReaching(permuted, observed!),
    permutations: options.permutations,
    permuted: permutedBy(sides[2]?.columns, options.units),
  };
}

/** How much speaks against independence in the data, and in each permutation; the same orders for equal options and rows. */
export async function evidences(
  gpu: Gpu,
  [x, y, z]: TestedColumns,
  { units, permutations, seed, onProgress }: TestOptions,
): Promise<number[]> {
  const rows = x!.columns[0]!.values.length;
  const given = z && asTaken(z.columns);
  const isLocal = given !== undefined && units === undefined;
  const orderOf = isLocal
    ? await localOrders(given, () => gpu.turn())
    : (seed: number) => permutedRows(rows, units, seed);
  const sides = { x: x!.columns, y: y!.columns, given };
  const order = (permutation: number) => orderOf(hashOf([seed, permutation]));
  return evidencesOf(gpu, sides, {
    ...{ permutations, order, isLocal: isLocal || !given, units },
    ...(onProgress && { onProgress }),
  });
}

/** What was permuted and how, in words. */
export function permutedBy(given: readonly Column[] | undefined, units: Units | undefined): string {
  const what = given && units ? "what Z leaves of X" : "X";
  if (units?.inTime) return `${what} rotated in time against Y`;
  if (units) return `${what} exchanged between whole groups of rows`;
  if (!given) return "rows of X shuffled";
  if (given.every(isDiscrete)) return "rows of X shuffled within the levels of Z";
  return `rows of X exchanged with one of the ${NEAREST} nearest in Z`;
}
