/** What a matrix says in the end: every pair with its p-values, from chunks of one run or of several. */

import { benjaminiHochberg } from "../math/false-discovery.ts";
import { largestOf } from "./permutations.ts";
import type { MatrixPlan } from "./plan.ts";
import { type MatrixChunk, type PairRecord, pairKey, reaches } from "./records.ts";

/** One pair of columns. Information in nats. */
export interface MatrixPair {
  x: string;
  y: string;
  /**
   * Mutual information, never negative; Infinity for two equal continuous columns. Of a trained estimator it is what
   * `estimate` calls the bound, over held-out rows: its point value needs more work than many pairs allow.
   */
  mi: number;
  /** The same; noise can take it below 0. */
  raw: number;
  /** As {@link NeighborBatch.standardError}; of a trained estimator as `estimate` has it. NaN where `mi` is infinite. */
  standardError: number;
  /** Pearson's correlation, for comparison; NaN where one of the two is a category. */
  pearson: number;
  /** The estimator that this pair was given. */
  estimator: string;
  /** (1 + permutations that reach `raw`) / (1 + permutations): valid for any number of permutations. */
  p?: number;
  /** Benjamini and Hochberg's adjusted p: among the pairs with q ≤ 0.05 about 5 % are expected to be false. */
  q?: number;
  /**
   * Probability that the largest MI of all pairs reaches `raw` when nothing depends on anything (Westfall and Young 1993,
   * max-T). Pairs with pFamily ≤ 0.05 hold together with probability 0.95.
   */
  pFamily?: number;
}

export interface MatrixResult {
  /** Names of the columns that were used; rows and columns of the matrices below. */
  columns: string[];
  /** All pairs, the strongest first. */
  pairs: MatrixPair[];
  /** Symmetric matrices, row-major; NaN on the diagonal and for pairs that were not asked for. */
  readonly mi: Float64Array;
  readonly standardError: Float64Array;
  /** NaN throughout without permutations. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly pFamily: Float64Array;
  permutations: number;
  /** Pairs of which a first look chose those in `pairs` (see {@link MatrixSettings.screen}); absent without one. */
  screened?: number;
  unit: "nats";
}

/**
 * Joins chunks of one plan, from one run or several, and adds what needs all of them: q and pFamily.
 *
 * @param screen of how many pairs a first look chose these
 */
export function assemble(
  columns: string[],
  chunks: readonly MatrixChunk[],
  permutations: number,
  screen?: MatrixPlan["screen"],
): MatrixResult {
  const records = strongestFirst(chunks);
  const pairs = tested(columns, records, largestOf(chunks, permutations), screen?.of);
  const square = (field: Square) => squareOf(columns.length, records, (i) => pairs[i]![field]);
  return {
    ...{ columns, pairs, permutations, unit: "nats" },
    ...(screen && { screened: screen.of }),
    // Made when asked for: a long list of chosen pairs need not pay for a square of columns.
    get mi() {
      return square("mi");
    },
    get standardError() {
      return square("standardError");
    },
    get p() {
      return square("p");
    },
    get q() {
      return square("q");
    },
    get pFamily() {
      return square("pFamily");
    },
  };
}

type Square = "mi" | "standardError" | "p" | "q" | "pFamily";

/** Each pair once, though several chunks have it. */
function strongestFirst(chunks: readonly MatrixChunk[]): PairRecord[] {
  const records = new Map(chunks.flatMap(({ pairs }) => pairs.map((record) => [pairKey(record), record])));
  return [...records.values()].sort((a, b) => (a.raw === b.raw ? 0 : b.raw > a.raw ? 1 : -1) || a.x - b.x || a.y - b.y);
}

/** @param of how many pairs there are, of which these were chosen */
function tested(
  columns: readonly string[],
  records: readonly PairRecord[],
  largest: readonly number[],
  of: number | undefined,
): MatrixPair[] {
  const permutations = largest.length;
  const chance = (count: number) => (1 + count) / (1 + permutations);
  const p = records.map(({ exceed }) => chance(exceed));
  const q = benjaminiHochberg(p, of);
  return records.map(({ x, y, exceed: _, ...record }, i): MatrixPair => {
    const family = largest.filter((value) => reaches(value, record.raw)).length;
    return {
      ...{ x: columns[x]!, y: columns[y]!, mi: Math.max(0, record.raw), ...record },
      ...(permutations > 0 && { p: p[i]!, q: q[i]!, pFamily: chance(family) }),
    };
  });
}

function squareOf(
  size: number,
  records: readonly PairRecord[],
  valueAt: (i: number) => number | undefined,
): Float64Array {
  const values = new Float64Array(size ** 2).fill(Number.NaN);
  for (const [i, { x, y }] of records.entries()) {
    const value = valueAt(i) ?? Number.NaN;
    values[x * size + y] = value;
    values[y * size + x] = value;
  }
  return values;
}
